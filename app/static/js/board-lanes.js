// The columns as the server has them now: cards that stay keep their place in the page, focus and scroll are kept.
import { fragment } from "./fragments.js";

const PAGE = 20; // cards that a column shows without being asked for more
const markup = new WeakMap(); // of each card, as the server made it

export const board = document.querySelector("[data-board]");
export const cardsOf = (lane) => lane.querySelector("[data-cards]");
export const laneOf = (element) => element.closest("[data-lane]");
export const keyOf = (lane) => (lane.dataset.lane === "-" ? "" : lane.dataset.lane);
export const nameOf = (element) => element.querySelector(element.dataset.lane ? "h2 a" : ".board-name").textContent.trim();
export const lanes = () => [...board.querySelectorAll(":scope > [data-lane]")];

if (board) remember(board);

function remember(within) { for (const card of within.querySelectorAll(".board-card")) if (!markup.has(card)) markup.set(card, card.outerHTML); }

// How many cards each column shows beyond its first page: as many are brought again.
export function counts() {
  const shown = lanes().map((lane) => [lane.dataset.lane, lane.querySelectorAll(".board-card").length]);
  return shown.filter(([, count]) => count > PAGE).map((pair) => pair.join(":")).join(",") || "all";
}

// All columns anew. False: somebody is at work in one, and this waits.
export async function refresh() {
  if (board.querySelector(".is-carried, .is-ghost, [data-sent]")) return false;
  const { ok, text } = await fragment(location.href, { headers: { "X-Board": counts() } });
  if (!ok) throw new Error("away");
  const made = document.createElement("template");
  made.innerHTML = text;
  take(made.content, true);
  return true;
}

// Put these columns in the place of those that are shown; `all`: a column that isn't among them is gone.
export function take(content, all = false) {
  remember(content);
  const focused = place(document.activeElement);
  const fresh = [...content.querySelectorAll("[data-lane]")];
  for (const lane of fresh) takeLane(lane);
  if (all) for (const lane of lanes()) if (!fresh.some((one) => one.dataset.lane === lane.dataset.lane)) lane.remove();
  if (fresh.length) for (const total of document.querySelectorAll("[data-live=total]")) total.textContent = fresh[0].dataset.total;
  restore(focused);
}

function takeLane(fresh) {
  const lane = board.querySelector(`:scope > [data-lane="${CSS.escape(fresh.dataset.lane)}"]`);
  if (!lane) { addLane(fresh); return; }
  const [head, other] = [lane.querySelector("[data-head]"), fresh.querySelector("[data-head]")];
  lane.classList.toggle("is-empty", fresh.classList.contains("is-empty"));
  other.querySelector("[data-fold]").hidden = false;
  if (lane.classList.contains("is-folded")) other.querySelector("[data-fold]").setAttribute("aria-expanded", "false");
  if (head.innerHTML !== other.innerHTML && !head.querySelector("details[open]")) head.replaceChildren(...other.childNodes);
  takeCards(cardsOf(lane), cardsOf(fresh));
}

function addLane(fresh) {
  const after = fresh.previousElementSibling && board.querySelector(`:scope > [data-lane="${CSS.escape(fresh.previousElementSibling.dataset.lane ?? "")}"]`);
  const made = document.importNode(fresh, true);
  remember(made);
  if (after) after.after(made);
  else board.prepend(made);
  board.dispatchEvent(new CustomEvent("lane", { detail: made }));
}

function takeCards(list, other) {
  const top = list.scrollTop;
  const wanted = [...other.children].map((item) => keptCard(item) ?? item);
  for (const item of [...list.children]) if (!wanted.includes(item)) item.remove();
  wanted.forEach((item, at) => { if (list.children[at] !== item) list.insertBefore(item, list.children[at] ?? null); });
  list.scrollTop = top;
}

// The card of the same record wherever it stands now, where nothing of it has changed.
function keptCard(fresh) {
  const card = fresh.dataset.id && board.querySelector(`.board-card[data-id="${CSS.escape(fresh.dataset.id)}"]`);
  if (!card) return null;
  if (markup.get(card) === markup.get(fresh)) return card;
  card.remove();
  return null;
}

// --- where the focus was ------------------------------------------------------------------------------------------------
function place(element) {
  const card = element?.closest?.(".board-card");
  return card && board.contains(card) ? [card.dataset.id, element.matches("[data-move]") ? "[data-move]" : ".board-name"] : null;
}

function restore(focused) {
  if (!focused || board.contains(document.activeElement) && document.activeElement !== board) return;
  board.querySelector(`.board-card[data-id="${CSS.escape(focused[0])}"] ${focused[1]}`)?.focus({ preventScroll: true });
}
