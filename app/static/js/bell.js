// The bell: its number, live; a panel of notifications, by mouse or keyboard; and marking them as read.
import { fragment } from "./fragments.js";
import { words } from "./frame.js";

const bells = document.querySelectorAll("a[data-bell]");
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("parley-bell") : null;
let panel;

// --- the number ---------------------------------------------------------------------------------------------------------
const said = (count) => (count ? words.bellNew.replace("%(count)s", count) : words.bellWord);

function show(count) {
  for (const bell of bells) {
    if (bell.ariaLabel) bell.ariaLabel = said(count);
    for (const dot of bell.querySelectorAll("[data-bell-dot]")) dot.hidden = !count;
    const number = bell.querySelector("[data-bell-count]");
    if (number) number.textContent = count > 99 ? "99+" : count || "";
  }
}

async function refresh() {
  const { ok, text } = await fragment("/notifications/count");
  if (!ok || !/^\d+$/.test(text)) return 0;
  show(Number(text));
  return Number(text);
}

document.addEventListener("parley:notified", async () => {
  document.getElementById("live-news").textContent = said(await refresh());
  if (panel?.open) fill();
});
channel?.addEventListener("message", ({ data }) => show(data));

// --- marking --------------------------------------------------------------------------------------------------------------
async function mark(data) {
  const { ok, text } = await fragment("/notifications/read", { method: "POST", body: new URLSearchParams(data), keepalive: true });
  if (!ok) return false;
  show(Number(text));
  channel?.postMessage(Number(text));
  return true;
}

async function turn(note) {
  const isNew = note.classList.contains("is-new");
  if (!(await mark({ id: note.dataset.note, read: String(isNew) }))) return;
  note.classList.toggle("is-new", !isNew);
  const button = note.querySelector("[data-mark] button");
  const label = isNew ? words.markNew : words.markRead;
  button.title = label;
  button.setAttribute("aria-label", `${label}: ${note.querySelector(".note-title").textContent}`);
}

document.addEventListener("submit", (event) => {
  const note = event.target.matches("form[data-mark]") && event.target.closest("[data-note]");
  if (!note) return;
  event.preventDefault();
  turn(note);
}, true);
document.addEventListener("click", (event) => {
  const note = event.target.closest("a.note-open")?.closest("[data-note].is-new");
  if (note) mark({ id: note.dataset.note }); // goes on while the next page loads
});

// --- moving through the list by the keyboard --------------------------------------------------------------------------------
document.addEventListener("keydown", (event) => {
  const list = event.target.closest?.("[data-notes]") ?? (event.target === document.body ? document.querySelector(".content [data-notes]") : null);
  if (!list || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]:not(.bell-panel)")) return;
  const notes = [...list.querySelectorAll("[data-note]")];
  const at = notes.findIndex((note) => note.contains(document.activeElement));
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (step) {
    event.preventDefault();
    notes[Math.max(0, Math.min(notes.length - 1, at + step))]?.querySelector(".note-open, button").focus();
  } else if (event.key === "x" && at >= 0) { event.preventDefault(); turn(notes[at]); }
});

// --- the panel ------------------------------------------------------------------------------------------------------------
function make() {
  const template = document.getElementById("bell-panel");
  panel = template.content.firstElementChild.cloneNode(true);
  document.body.append(panel);
  panel.querySelector("[data-all]").addEventListener("click", async () => { if (await mark({ all: "true" })) fill(); });
  panel.querySelector("[data-dismiss]").addEventListener("click", () => panel.close());
  panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
}

async function fill() {
  const list = panel.querySelector("[data-notes]");
  const { ok, text } = await fragment("/notifications");
  if (ok) list.innerHTML = text;
  if (panel.contains(document.activeElement) && !list.contains(document.activeElement)) list.querySelector(".note-open")?.focus();
}

for (const bell of bells)
  bell.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || location.pathname === "/notifications") return;
    event.preventDefault();
    if (!panel) make();
    panel.showModal();
    fill();
  });
