// The board by the keyboard: arrows go from card to card; Space picks a card up, arrows carry it, Space drops it.
import { board, cardsOf, laneOf, lanes, nameOf } from "./board-lanes.js";

let carried = null; // the card, where it came from, and the card that stood after it
let does;

export function begin(actions) {
  does = actions;
  board.addEventListener("keydown", (event) => {
    const link = event.target.closest(".board-name");
    if (!link || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = carried ? carry(event.key) : walk(event.key, link.closest(".board-card"));
    if (act) { event.preventDefault(); event.stopPropagation(); act(); }
  });
  board.addEventListener("focusout", ({ relatedTarget }) => { if (carried && !carried.moving && !carried.card.contains(relatedTarget)) putBack(); });
}

const open = () => lanes().filter((lane) => !lane.classList.contains("is-folded") && getComputedStyle(lane).display !== "none");

// --- from card to card ----------------------------------------------------------------------------------------------------
function walk(key, card) {
  if (key === " ") return () => pickUp(card);
  const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key];
  return step && (() => go(card, ...step));
}

function go(card, across, down) {
  const cards = (lane) => [...lane.querySelectorAll(".board-card")];
  const lane = laneOf(card), at = cards(lane).indexOf(card);
  const full = open().filter((one) => cards(one).length);
  const next = across ? full[full.indexOf(lane) + across] : lane;
  const target = next && cards(next)[across ? Math.min(at, cards(next).length - 1) : at + down];
  focus(target);
}

function focus(card) {
  card?.querySelector(".board-name").focus({ preventScroll: true });
  card?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// --- carrying -------------------------------------------------------------------------------------------------------------
function pickUp(card) {
  carried = { card, from: laneOf(card), next: card.nextElementSibling, moving: false };
  card.classList.add("is-carried");
  board.classList.add("is-dragging");
  does.say(board.dataset.lifted, { card: nameOf(card), lane: nameOf(carried.from) });
}

function carry(key) {
  if (key === " " || key === "Enter") return drop;
  if (key === "Escape") return () => { const { card } = carried; putBack(); focus(card); };
  if (key === "ArrowUp" || key === "ArrowDown") return () => does.say(board.dataset.stays, {});
  const all = lanes(), at = all.indexOf(laneOf(carried.card));
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 }[key];
  return to === undefined ? null : () => over(all[Math.max(0, Math.min(to, all.length - 1))], all);
}

function over(lane, all) {
  const { card, from, next } = carried;
  carried.moving = true; // its focus goes with it
  cardsOf(lane).insertBefore(card, lane === from ? next : cardsOf(lane).firstElementChild);
  focus(card);
  carried.moving = false;
  does.say(board.dataset.over, { card: nameOf(card), lane: nameOf(lane), at: all.indexOf(lane) + 1, of: all.length });
}

function release() {
  const was = carried;
  carried = null;
  was.card.classList.remove("is-carried");
  board.classList.remove("is-dragging");
  return was;
}

function putBack() {
  const { card, from, next } = release();
  cardsOf(from).insertBefore(card, next);
  does.say(board.dataset.back, { card: nameOf(card), lane: nameOf(from) });
}

async function drop() {
  const { card, from, next } = release();
  const to = laneOf(card);
  if (to === from) { does.say(board.dataset.back, { card: nameOf(card), lane: nameOf(from) }); return; }
  await does.move(card, from, to, () => cardsOf(from).insertBefore(card, next));
  focus(board.querySelector(`.board-card[data-id="${card.dataset.id}"]`));
}
