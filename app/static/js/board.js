// The board: cards are dragged by mouse and touch (SortableJS), carried by the keyboard, or moved by their menu.
import { board, cardsOf, keyOf, laneOf, lanes, nameOf, refresh, take } from "./board-lanes.js";
import { fragment, sent, show } from "./fragments.js";
import { begin } from "./board-keys.js";
import { refreshWith } from "./live.js";

const dialog = document.getElementById("ask");
const says = document.getElementById("board-says");
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

// What drags is fetched when a hand comes near: a mouse over the board, any touch, or a moment's rest on a touch screen.
const drag = new Promise((resolve, reject) => {
  const bring = () => import(board.dataset.drag).then(resolve, reject).then(() => { board.dataset.draggable = ""; });
  board?.addEventListener("pointerover", bring, { once: true });
  if (board && matchMedia("(pointer: coarse)").matches) setTimeout(bring, 1500);
});

// Said to who doesn't see the board; `words` fill the sentence.
export function say(sentence, words) {
  says.textContent = sentence.replace(/%\((\w+)\)s/g, (_all, name) => words[name] ?? "");
}

// --- a move ---------------------------------------------------------------------------------------------------------------
// The card stands in its new column already; where the move is refused or taken back it returns to `from`.
export async function move(card, from, to, back) {
  const body = new URLSearchParams({ by: board.dataset.by, to: keyOf(to), from: keyOf(from) });
  const headers = { "X-Board": counted(from, to) };
  let answer = await show(await fragment(`/${board.dataset.board.split(".")[0]}/${card.dataset.id}/move`, { method: "POST", body, headers }));
  const form = answer.content.querySelector("form[data-ask]");
  if (form) answer = await ask(form, keyOf(from), headers);
  if (!answer?.ok) back();
  const fresh = answer?.content.querySelector("template[data-lanes]");
  if (fresh) take(fresh.content);
  if (answer?.ok) say(board.dataset.dropped, { card: nameOf(card), lane: nameOf(to) });
  else say(board.dataset.back, { card: nameOf(card), lane: nameOf(from) });
  return Boolean(answer?.ok);
}

function counted(...places) {
  return places.map((lane) => `${lane.dataset.lane}:${lane.querySelectorAll(".board-card").length}`).join(",");
}

// The question before a move, in a dialog. Nothing: it was taken back.
function ask(form, from, headers) {
  dialog.replaceChildren(form);
  for (const group of form.querySelectorAll("[data-reasons]")) { group.hidden = false; form.elements.lost_reason.removeAttribute("list"); }
  form.addEventListener("click", ({ target }) => {
    const reason = target.closest("[data-reasons] button");
    if (reason) { form.elements.lost_reason.value = reason.value; form.elements.lost_reason.focus(); }
    if (target.closest("[data-cancel]")) dialog.close();
  });
  return new Promise((resolve) => {
    const closed = () => resolve(null);
    dialog.addEventListener("close", closed, { once: true });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      const body = new URLSearchParams(new FormData(form));
      body.set("from", from);
      const answer = await show(await fragment(form.action, { method: "POST", body, headers }));
      const again = answer.content.querySelector("form[data-ask]");
      dialog.removeEventListener("close", closed);
      if (again) { resolve(ask(again, from, headers)); return; }
      resolve(answer);
      dialog.close();
    });
    if (!dialog.open) dialog.showModal();
    form.querySelector("[autofocus]").focus();
  });
}

// --- the menu of a card ---------------------------------------------------------------------------------------------------
let menu = null;

function openMenu(link) {
  closeMenu();
  const card = link.closest(".board-card");
  menu = document.getElementById("move-menu").content.firstElementChild.cloneNode(true);
  for (const item of menu.querySelectorAll("button")) if (item.value === keyOf(laneOf(card))) item.remove();
  document.body.append(menu);
  const box = link.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(box.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${box.bottom + menu.offsetHeight + 8 < innerHeight ? box.bottom + 4 : Math.max(8, box.top - menu.offsetHeight - 4)}px`;
  Object.assign(menu, { link, at: box }); // it goes when its card is scrolled away
  menu.querySelector("button").focus();
  menu.addEventListener("click", ({ target }) => { const item = target.closest("button"); if (item) { closeMenu(); moveTo(card, item.value); } });
  menu.addEventListener("keydown", (event) => menuKey(event, link));
}

function menuKey(event, link) {
  const items = [...menu.querySelectorAll("button")], at = items.indexOf(document.activeElement);
  if (event.key === "Escape" || event.key === "Tab") { closeMenu(); link.focus(); }
  else if (event.key === "ArrowDown") items[(at + 1) % items.length].focus();
  else if (event.key === "ArrowUp") items[(at - 1 + items.length) % items.length].focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function closeMenu() { menu?.remove(); menu = null; }

async function moveTo(card, key) {
  const from = laneOf(card), next = card.nextElementSibling;
  const to = lanes().find((lane) => keyOf(lane) === key);
  cardsOf(to).prepend(card);
  await move(card, from, to, () => cardsOf(from).insertBefore(card, next));
  card = board.querySelector(`.board-card[data-id="${card.dataset.id}"]`);
  card?.scrollIntoView({ block: "nearest", inline: "nearest" });
  card?.querySelector("[data-move]").focus();
}

// --- folded columns: kept by a cookie, so that the next page has them from the first paint ------------------------------------
async function fold(lane) {
  const on = lane.classList.toggle("is-folded");
  lane.querySelector("[data-fold]").setAttribute("aria-expanded", String(!on));
  const name = `${board.dataset.board}.${keyOf(lane)}`;
  const kept = (document.cookie.match(/(?:^|; )parley_folded=([^;]*)/)?.[1] ?? "").split("~").filter((one) => one && one !== name);
  document.cookie = `parley_folded=${[...kept, ...(on ? [name] : [])].slice(-100).join("~")}; path=/; max-age=31536000; samesite=lax`;
  if (!on && !lane.querySelector(".board-card")) await refresh();
}

// --- a new record at a column's foot --------------------------------------------------------------------------------------
async function add(form) {
  const field = form.querySelector("input:not([type=hidden])");
  const { ok } = await sent(form);
  delete form.dataset.sent;
  if (!ok) { form.submit(); return; } // the whole form says what is wrong
  field.value = "";
  await refresh();
  field.focus();
}

// --- what is on the page --------------------------------------------------------------------------------------------------
function prepare(lane) {
  lane.querySelector("[data-fold]").hidden = false;
  if (!dialog) return; // who may only look
  drag.then(() => window.Sortable.create(cardsOf(lane), {
    group: "cards", draggable: ".board-card", filter: "[data-move]", preventOnFilter: false, sort: false,
    animation: still ? 0 : 120, delay: 180, delayOnTouchOnly: true, touchStartThreshold: 4, ghostClass: "is-ghost",
    scrollSensitivity: 64, bubbleScroll: true,
    onStart: () => board.classList.add("is-dragging"),
    onEnd: ({ item, from, to, oldDraggableIndex }) => {
      board.classList.remove("is-dragging");
      if (from === to) return;
      const back = () => from.insertBefore(item, from.querySelectorAll(":scope > .board-card")[oldDraggableIndex] ?? from.querySelector(".load-more"));
      move(item, laneOf(from), laneOf(to), back);
    },
  }), () => {}); // without it the menu and the keyboard move cards still
}

if (board) {
  lanes().forEach(prepare);
  board.addEventListener("lane", ({ detail }) => prepare(detail));
  if (dialog) begin({ move, say });
  refreshWith(refresh);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-move]");
    if (link && !event.ctrlKey && !event.metaKey) { event.preventDefault(); openMenu(link); }
    else if (menu && !menu.contains(event.target)) closeMenu();
    const lane = event.target.closest("[data-fold], .is-folded .lane-head") && laneOf(event.target);
    if (lane) { event.preventDefault(); fold(lane); }
  });
  board.addEventListener("scroll", () => { if (menu && Math.abs(menu.link.getBoundingClientRect().top - menu.at.top) + Math.abs(menu.link.getBoundingClientRect().left - menu.at.left) > 8) closeMenu(); }, { capture: true, passive: true });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-quick]");
    if (form && !event.defaultPrevented) { event.preventDefault(); add(form); }
  }, true);
  board.addEventListener("toggle", ({ target }) => { if (target.open && target.matches("[data-add]")) target.querySelector("input:not([type=hidden])").focus(); }, true);
}
