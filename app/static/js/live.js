// Live pages: what somebody else changes shows here within a moment, with who did it. One WebSocket a page.
import { setAway, words } from "./frame.js";

const main = document.getElementById("content");
const news = document.getElementById("live-news");
const GATHER = 60; // milliseconds: changes that come together are fetched together
const [LEAST, MOST] = [250, 3000]; // between two looks at a page whose changes don't end: the longer the looks take, the rarer
const LATER = 2000; // until somebody has stopped typing where a change would land
const MOST_ROWS = 30;

const state = { seq: main?.dataset.seq, pending: new Map(), all: false, timer: null, last: 0, pause: LEAST, wait: 1000, socket: null };
let ownRefresh = null; // of a page that knows better how to look again

// A page's own way of looking again: gives false while somebody is at work on it.
export function refreshWith(look) { ownRefresh = look; }

const isLive = state.seq !== undefined;
const listens = isLive || document.querySelector("a[data-bell]") !== null;
if (listens) connect();

// --- the connection -----------------------------------------------------------------------------------------------------
function connect() {
  const address = new URL(isLive ? `/live?after=${state.seq}` : "/live", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  state.socket = new WebSocket(address);
  state.socket.addEventListener("message", ({ data }) => take(JSON.parse(data)));
  state.socket.addEventListener("close", again);
}

function again({ code }) {
  if (code === 1008) return; // signed out: the next click says so
  clearTimeout(state.again);
  state.again = setTimeout(connect, state.wait * (0.5 + Math.random()));
  state.wait = Math.min(state.wait * 2, 30000);
  if (state.wait > 4000) setAway(true); // three times in a row
}

addEventListener("online", () => { // at once, not when the wait is over
  if (!listens || state.socket?.readyState < WebSocket.CLOSING) return;
  clearTimeout(state.again);
  state.wait = 1000;
  connect();
});

addEventListener("pagehide", () => state.socket?.close());
addEventListener("pageshow", (event) => { if (event.persisted && listens) connect(); }); // back from the cache: what was missed is told

document.addEventListener("parley:own", () => { state.own = Date.now(); });

function take(message) {
  if (message.type === "hello") { state.wait = 1000; setAway(false); if (!isLive) return; }
  else if (message.type === "notified") { document.dispatchEvent(new CustomEvent("parley:notified")); return; }
  else if (!isLive) return; // a page without records: it listens for the bell alone
  else if (message.type === "reset") state.all = true;
  else for (const change of message.changes) {
    document.dispatchEvent(new CustomEvent("parley:change", { detail: change })); // an open editor hears it at once
    if (concerns(change)) state.pending.set(`${change.object} ${change.id}`, change);
  }
  state.seq = Math.max(state.seq, message.seq ?? 0);
  if (state.all || state.pending.size) soon(GATHER);
}

// --- which changes this page shows --------------------------------------------------------------------------------------
function concerns(change) {
  const { object, record } = main.dataset;
  if (!object) return true; // a dashboard shows everything
  if (!record) return change.object === object;
  const here = ([name, id]) => name === object && String(id) === record;
  return here([change.object, change.id]) || change.about.some(here);
}

// At once after a quiet second, else when that second is over.
function soon(delay) {
  clearTimeout(state.timer);
  state.timer = setTimeout(refresh, Math.max(delay, state.last + state.pause - Date.now()));
}

document.addEventListener("visibilitychange", () => { if (!document.hidden && (state.all || state.pending.size)) soon(0); });

export const looksItself = () => ownRefresh !== null;

// At once: for what the user has done here, and waits for.
export async function lookNow() {
  if (state.seq === undefined) return;
  clearTimeout(state.timer);
  state.all = true;
  await refresh();
}

// --- looking again ------------------------------------------------------------------------------------------------------
async function refresh() {
  if (document.hidden) return;
  const changes = [...state.pending.values()];
  const whole = state.all;
  const names = new Map(changes.map((change) => [change, nameOf(change)])); // of what may be gone afterwards
  state.pending.clear();
  state.all = false;
  state.last = Date.now();
  try {
    const done = await look(changes, whole);
    state.pause = Math.min(MOST, Math.max(LEAST, 4 * (Date.now() - state.last)));
    if (!done) { for (const change of changes) state.pending.set(`${change.object} ${change.id}`, change); soon(LATER); return; }
    tell(changes, names);
  } catch {
    state.all = true; // the server is away: the page is looked at again once it is back
    soon(LATER);
  }
}

async function look(changes, whole) {
  if (ownRefresh) return ownRefresh(changes);
  if (!whole && rowsOf(changes)) return refreshRows(changes);
  return refreshRegions(changes);
}

// The rows of a list, where nothing but rows that are shown has changed.
function rowsOf(changes) {
  const body = main.querySelector("tbody[data-rows]");
  if (!body || changes.length > MOST_ROWS || main.querySelector("tfoot [data-figure]")) return null;
  const shown = changes.every((change) => change.action === "update" && body.querySelector(`tr[data-id="${change.id}"]`));
  return shown ? body : null;
}

async function get(headers) {
  const response = await fetch(location.href, { headers, credentials: "same-origin" });
  if (!response.ok || (response.redirected && new URL(response.url).pathname === "/sign-in")) throw new Error("away");
  return response.text();
}

async function refreshRows(changes) {
  const made = document.createElement("template");
  made.innerHTML = `<table><tbody>${await get({ "X-Rows": changes.map((change) => change.id).join(",") })}</tbody></table>`;
  let done = true;
  for (const { id } of changes) {
    const old = main.querySelector(`tbody[data-rows] tr[data-id="${id}"]`);
    const fresh = made.content.querySelector(`tr[data-id="${id}"]`);
    if (old && isBusy(old)) done = false;
    if (!old || isBusy(old)) continue;
    if (!fresh) return refreshRegions(changes); // it has left this list
    if (old.outerHTML !== fresh.outerHTML) old.replaceWith(fresh);
  }
  return done;
}

// A page's content in a template: in a document of its own its style, whose nonce isn't this page's, would be refused aloud.
function parsed(text) {
  const made = document.createElement("template");
  made.innerHTML = text;
  return made.content;
}

// The parts of the page that are marked as live, each replaced where it differs. False: somebody is at work in one.
async function refreshRegions(changes) {
  const began = Date.now(), text = await get({});
  if (state.own >= began) return false; // what the user has done since isn't in it
  const fresh = parsed(text);
  let done = true;
  for (const region of document.querySelectorAll("[data-live]")) {
    const other = fresh.querySelector(`[data-live="${CSS.escape(region.dataset.live)}"]`);
    if (!other || other.innerHTML === region.innerHTML) continue;
    const bodies = region.querySelectorAll("tbody[data-rows]");
    if (bodies.length === 1 && other.querySelectorAll("tbody[data-rows]").length === 1) done = (await merged(bodies[0], other, changes)) && done;
    else if (isBusy(region)) done = false;
    else swap(region, other);
  }
  return done;
}

async function merged(body, fresh, changes) {
  const { merge } = await import("./live-rows.js");
  return merge(body, fresh, new Set(changes.map((change) => String(change.id))), isBusy);
}

function isBusy(element) {
  const active = document.activeElement;
  const typing = element.contains(active) && active.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
  const typed = [...element.querySelectorAll(".join-form input:not([type=hidden])")].some((item) => item.value !== item.defaultValue);
  return typing || typed || element.querySelector("details[open]:not([data-keep]), .is-ghost, [data-sent], .editor-box, [data-edit] [aria-busy]") !== null;
}

function swap(region, other) {
  const scroller = region.querySelector(".table-wrap");
  const place = scroller && [scroller.scrollTop, scroller.scrollLeft];
  const focused = region.contains(document.activeElement) ? sign(document.activeElement) : null;
  for (const kept of region.querySelectorAll("details[data-keep][open]")) {
    const again = other.querySelector(`[data-keep="${CSS.escape(kept.dataset.keep)}"]`);
    if (again) Object.assign(again, { open: true }).dataset.again = "1"; // not opened by the user: it takes no focus
  }
  region.replaceChildren(...other.childNodes);
  const now = region.querySelector(".table-wrap");
  if (place && now) [now.scrollTop, now.scrollLeft] = place;
  region.dispatchEvent(new CustomEvent("parley:content", { bubbles: true })); // fields that search as one types
  if (focused) region.querySelector(focused)?.focus({ preventScroll: true });
}

// What finds a link or a button again in a fresh copy: its address, what it is called, or the form that it sends.
function sign(element) {
  const name = ["href", "id", "aria-label"].find((one) => element.getAttribute(one));
  if (name) return `[${name}="${CSS.escape(element.getAttribute(name))}"]`;
  const form = element.closest("form[action]")?.getAttribute("action");
  if (form) return `form[action="${CSS.escape(form)}"] ${element.localName}`;
  const kept = element.localName === "summary" && element.parentElement.dataset.keep;
  return kept ? `[data-keep="${CSS.escape(kept)}"] > summary` : null;
}

// --- who did it ---------------------------------------------------------------------------------------------------------
function tell(changes, names) {
  const here = changes.find((change) => isGone(change) && change.object === main.dataset.object && String(change.id) === main.dataset.record);
  if (here) sayGone(here); // from another tab of one's own, too
  const others = changes.filter((change) => String(change.by.id) !== main.dataset.me);
  for (const change of others) mark(change);
  if (!others.length || !news) return;
  const who = [...new Set(others.map((change) => change.by.name))].join(", ");
  const what = others.length === 1 ? nameOf(others[0]) || names.get(others[0]) : "";
  const text = what ? (isGone(others[0]) ? words.deleted : words.changed).replace("%(what)s", what) : words.changedSome.replace("%(count)s", others.length);
  news.textContent = text.replace("%(who)s", who);
}

function isGone({ action }) { return action === "trash" || action === "purge"; }

// The record of this page is gone: what stands here can be read on, not changed.
async function sayGone(change) {
  if (document.querySelector(".gone-notice")) return;
  const note = document.createElement("p");
  note.className = "notice notice-warning gone-notice";
  note.setAttribute("role", "status");
  note.textContent = words.deleted.replace("%(who)s", change.by.name).replace("%(what)s", main.dataset.label ?? "");
  main.prepend(note);
  await onlyWhatIsLeft().catch(() => {});
}

// Nothing is offered that would be refused: the actions are those of the record in the trash, of one gone for good none.
async function onlyWhatIsLeft() {
  const [actions, composer] = [document.querySelector(".top-actions"), document.querySelector(".composer")];
  const text = await get({}).catch(() => "");
  const fresh = parsed(text).querySelector(".top-actions");
  if (fresh) actions.replaceChildren(...fresh.childNodes);
  else actions.querySelectorAll("a, form, details").forEach((item) => item.remove());
  composer?.remove();
}

function elementOf({ object, id }) {
  if (object === main.dataset.object && String(id) === main.dataset.record) return document.querySelector("[data-live=facts]");
  return main.querySelector(`[data-id="${id}"]`);
}

function nameOf(change) {
  const element = elementOf(change);
  if (element?.dataset.live) return main.dataset.label ?? "";
  const name = element?.querySelector("a.open .truncate, a.board-name") ?? element?.querySelector("a");
  return name?.textContent.trim() ?? "";
}

function mark(change) {
  const element = elementOf(change);
  if (!element) return;
  element.classList.add("is-news");
  element.title = words.changed.replace("%(who)s", change.by.name).replace("%(what)s", nameOf(change));
  setTimeout(() => element.classList.remove("is-news"), 2400);
}
