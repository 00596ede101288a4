// Undo and redo of what this page has changed: each change says its set in a toast, and Ctrl Z takes back the last one.
import { fragment } from "./fragments.js";
import { toast } from "./frame.js";
import { lookNow, looksItself } from "./live.js";

const done = [], undone = [];
const list = document.getElementById("toasts");
// Whether what was taken back can be shown where it stands: a page of parts that look again, or one with a way of its own.
const isLive = () => document.querySelector("main[data-seq] [data-live]") !== null || looksItself();
let busy = false;

const setOf = (form) => Number(/^\/changes\/(\d+)\/undo$/.exec(form?.getAttribute("action") ?? "")?.[1] ?? 0);

const seen = new Set();
function take() {
  for (const form of list.querySelectorAll("form")) {
    const id = setOf(form);
    if (!id || seen.has(id)) continue;
    seen.add(id);
    if (form.closest("[data-redo]")) continue;
    done.push(id);
    undone.length = 0;
  }
}

// From one pile to the other; what stands in the way is said, and the step is given up.
async function step(id, from, to) {
  if (busy || !id) return;
  busy = true;
  if (from.includes(id)) from.splice(from.indexOf(id), 1);
  const { ok, text } = await fragment(`/changes/${id}/undo`, { method: "POST" }).catch(() => ({ ok: false, text: "" }));
  busy = false;
  const made = document.createElement("template");
  made.innerHTML = text;
  const long = made.content.querySelector("[data-bulk-run]"); // many records: its page shows how far it is
  if (long) { location.assign(`/bulk/${long.dataset.bulkRun}`); return; }
  const shown = made.content.querySelector("[data-toast]");
  const next = setOf(shown?.querySelector("form"));
  if (ok && next) { to.push(next); seen.add(next); }
  const hadFocus = ok && withdraw(id);
  if (ok) await lookNow();
  if (shown) toast(shown.outerHTML);
  if (hadFocus) list.querySelector("[data-toast]:last-child form button")?.focus();
}

// The toast of a change that stands no longer: beside the one that says so it would offer what can't be done.
// Gives whether the focus was in it.
function withdraw(id) {
  const old = [...list.querySelectorAll("form")].find((form) => setOf(form) === id)?.closest("[data-toast]");
  const hadFocus = old?.contains(document.activeElement) ?? false;
  old?.remove();
  return hadFocus;
}

const last = (pile) => pile[pile.length - 1];

if (list) {
  take();
  new MutationObserver(take).observe(list, { childList: true });
  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || !"zy".includes(key)) return;
    const view = list.querySelector("form[action^='/views/']"); // a deleted view, which comes back as a page
    if (!view && !isLive()) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (view && key === "z" && !event.shiftKey && !done.length) view.requestSubmit();
    else if (key === "y" || event.shiftKey) step(last(undone), undone, done);
    else step(last(done), done, undone);
  });
  list.addEventListener("submit", (event) => {
    const id = setOf(event.target);
    if (!id || !isLive()) return;
    event.preventDefault();
    event.stopPropagation();
    const again = event.target.closest("[data-redo]") !== null;
    step(id, again ? undone : done, again ? done : undone);
  });
}
