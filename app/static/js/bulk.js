// The selection of a list: rows, ranges, a page, all that match; and the dialog that changes what is selected.
// "All" is kept as the list's query and what is left out of it, never as ids.
import { refuse, toast, words } from "./frame.js";
import { fragment } from "./fragments.js";

const bar = document.querySelector("form[data-bulk]");
const LONG_PRESS = 500; // milliseconds
const RUN = "parley-bulk-run";

// --- what is selected -------------------------------------------------------------------------------------------------
// The same list on another page, in another order or with other columns has the same selection. It is one list's at a
// time, and only while one stays in it: rows chosen long ago would be changed unseen.
const KEPT = "parley-selection";
const place = bar && `${bar.dataset.object}?${bar.elements._query.value}#${bar.dataset.grouped}`;
const state = { all: false, ids: new Set(), anchor: null };

function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (kept?.place !== place || !stayed()) sessionStorage.removeItem(KEPT);
  else { state.all = kept.all; state.ids = new Set(kept.ids); }
}

// Whether this page was come to from within its list, or by a reload or the way back.
function stayed() {
  if (performance.getEntriesByType("navigation")[0]?.type !== "navigate") return true;
  return URL.canParse(document.referrer) && new URL(document.referrer).pathname === location.pathname;
}

function keep() {
  if (count()) sessionStorage.setItem(KEPT, JSON.stringify({ place, all: state.all, ids: [...state.ids] }));
  else sessionStorage.removeItem(KEPT);
}

const isSelected = (id) => state.all !== state.ids.has(id);
const total = () => Number(bar.dataset.total);
const count = () => (state.all ? Math.max(total() - state.ids.size, 0) : state.ids.size);
const boxes = () => [...document.querySelectorAll(".row-check")];

function set(id, on) {
  if (on === state.all) state.ids.delete(id);
  else state.ids.add(id);
}

function everything() { state.all = true; state.ids.clear(); changed(); }
function nothing() { state.all = false; state.ids.clear(); state.anchor = null; changed(); }

function changed() {
  keep();
  show();
}

// What the page shows of the selection: the rows' boxes, the head's, the bar.
function show() {
  const rows = boxes();
  for (const box of rows) box.checked = isSelected(box.value);
  const head = document.querySelector("[data-check-all]");
  if (head) {
    const on = rows.filter((box) => box.checked).length;
    head.checked = on > 0 && on === rows.length;
    head.indeterminate = on > 0 && on < rows.length;
  }
  const number = count();
  document.body.toggleAttribute("data-selected", number > 0);
  const label = bar.querySelector("[data-count]");
  const text = (state.all && !state.ids.size ? label.dataset.every : label.dataset.some).replace("%(num)s", number.toLocaleString(document.documentElement.lang));
  if (label.textContent !== text) label.textContent = text;
  const unseen = state.all ? 0 : number - rows.filter((box) => box.checked).length;
  let away = bar.querySelector("[data-out-of-sight]");
  if (unseen && !away) {
    away = Object.assign(document.createElement("span"), { className: "muted small" });
    away.dataset.outOfSight = "";
    label.after(away);
  }
  if (away && !unseen) away.remove();
  else if (away) away.textContent = label.dataset.away.replace("%(num)s", unseen.toLocaleString(document.documentElement.lang));
  bar.querySelector("[data-clear]").hidden = false;
  const every = bar.querySelector("[data-every-button]");
  if (every) every.hidden = state.all || !rows.length || rows.some((box) => !box.checked);
  if (!number) document.body.removeAttribute("data-selecting");
  const mode = document.querySelector("[data-select-mode]");
  mode.hidden = !rows.length;
  mode.setAttribute("aria-pressed", String(document.body.hasAttribute("data-selecting")));
}

// A range from the last row that was touched to this one gets what this one gets.
function touch(box, on, isRange) {
  const rows = boxes();
  const [from, to] = [rows.findIndex((one) => one.value === state.anchor), rows.indexOf(box)].sort((a, b) => a - b);
  const range = isRange && from >= 0 ? rows.slice(from, to + 1) : [box];
  for (const one of range) set(one.value, on);
  state.anchor = box.value;
  changed();
}

// --- by mouse, by touch, by key ---------------------------------------------------------------------------------------
function listen() {
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.(".row-check");
    if (box) touch(box, box.checked, event.shiftKey);
    else if (event.target.matches?.("[data-check-all]")) { for (const one of boxes()) set(one.value, event.target.checked); changed(); }
    else if (event.target.closest?.("[data-clear]")) { nothing(); boxes()[0]?.focus(); }
    else if (event.target.closest?.("[data-every-button]")) { everything(); bar.querySelector("[data-clear]").focus(); }
    else if (event.target.closest?.("[data-select-mode]")) selectMode(event.target.closest("[data-select-mode]"));
  });
  document.addEventListener("keydown", keys);
  longPress();
  // Rows that a live page has put in the place of others are selected as those were, and keep the focus.
  new MutationObserver(() => {
    show();
    if (document.activeElement === document.body && state.focused) boxes().find((box) => box.value === state.focused)?.focus({ preventScroll: true });
  }).observe(document.querySelector("[data-live=list]") ?? document.body, { childList: true, subtree: true });
  document.addEventListener("focusin", ({ target }) => { state.focused = target.matches?.(".row-check") ? target.value : null; });
}

// On a phone the boxes stand at the rows once one asks for them.
function selectMode(button) {
  const on = document.body.toggleAttribute("data-selecting");
  button.closest("details").open = false;
  button.setAttribute("aria-pressed", String(on));
  if (!on) nothing();
}

function keys(event) {
  if (document.querySelector("dialog[open], .popover") || event.defaultPrevented || event.altKey) return;
  const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (typing) return;
  const row = event.target.closest?.("tr[data-id]");
  const box = row?.querySelector(".row-check");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a" && boxes().length) {
    event.preventDefault();
    if (boxes().every((one) => one.checked) && bar.querySelector("[data-every-button]")) everything();
    else { for (const one of boxes()) set(one.value, true); changed(); }
  } else if (event.ctrlKey || event.metaKey) return;
  else if (event.key === "Escape" && count() && !event.target.closest?.("details[open]")) nothing();
  else if (box && (event.key.toLowerCase() === "x" || (event.key === " " && event.target.matches("a, tr, td")))) {
    event.preventDefault();
    touch(box, !box.checked, event.shiftKey);
  } else if (event.target.matches?.(".row-check") && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    const rows = boxes();
    rows[rows.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  }
}

// On a touch screen a long press selects a row; then a tap selects another.
function longPress() {
  let timer, held = false;
  document.addEventListener("pointerdown", (event) => {
    const row = event.pointerType === "touch" && event.target.closest?.(".list-table tbody tr[data-id]");
    held = false;
    if (!row) return;
    timer = setTimeout(() => { held = true; document.body.setAttribute("data-selecting", ""); touch(row.querySelector(".row-check"), true, false); }, LONG_PRESS);
  });
  for (const name of ["pointerup", "pointercancel", "pointermove", "scroll"])
    document.addEventListener(name, (event) => { if (name !== "pointermove" || Math.hypot(event.movementX, event.movementY) > 6) clearTimeout(timer); }, { capture: true, passive: true });
  document.addEventListener("contextmenu", (event) => { if (held) event.preventDefault(); });
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.(".list-table tbody tr[data-id]");
    if (!row || event.target.closest("label, .check") || !(held || document.body.hasAttribute("data-selecting"))) return;
    event.preventDefault();
    event.stopPropagation();
    const box = row.querySelector(".row-check");
    if (!held) touch(box, !box.checked, false);
    held = false;
  }, true);
}

// --- the dialog -------------------------------------------------------------------------------------------------------
let dialog, opener;

function selection(form, submitter) {
  const data = new URLSearchParams(new FormData(form, submitter));
  for (const name of ["_id", "_ids", "_all"]) data.delete(name);
  if (state.all) data.set("_all", "1");
  data.set("_ids", [...state.ids].join(","));
  return data;
}

function open(html) {
  if (!dialog) {
    dialog = document.createElement("dialog");
    dialog.className = "dialog bulk-dialog";
    dialog.setAttribute("aria-labelledby", "bulk-title");
    dialog.addEventListener("close", () => { opener?.focus(); });
    document.body.append(dialog);
  }
  dialog.innerHTML = html;
  if (!dialog.open) dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("parley:content", { bubbles: true })); // fields that search as one types
  (dialog.querySelector("[aria-invalid=true], [autofocus]") ?? dialog.querySelector(".bulk-form :is(input:not([type=hidden]), select, textarea)") ?? dialog.querySelector("button"))?.focus({ preventScroll: true });
  dialog.scrollTop = 0;
}

async function step(form, data) {
  form.setAttribute("aria-busy", "true");
  const { ok, text } = await fragment(form.getAttribute("action"), { method: "POST", body: data });
  form.removeAttribute("aria-busy");
  const made = document.createElement("template");
  made.innerHTML = text;
  const content = made.content;
  if (content.querySelector("form.bulk-form")) open(text);
  else if (content.querySelector("[data-bulk-run]")) { dialog?.close(); watch(content); }
  else if (content.querySelector("[data-toast]")) { dialog?.close(); finished(content.querySelector("[data-toast]").outerHTML); }
  else { dialog?.close(); refuse(ok ? text : new DOMParser().parseFromString(text, "text/html").querySelector(".error-page p, main p")?.textContent ?? words.failed); }
}

function finished(html) {
  if (html) toast(html);
  if (!bar) return;
  nothing();
  document.getElementById("content").focus({ preventScroll: true }); // where the page begins, without a mark
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form === bar && event.submitter?.hasAttribute("data-export")) {
    event.preventDefault();
    location.href = `/${bar.dataset.object}/bulk/export?${selection(bar)}`;
  } else if (form === bar) {
    event.preventDefault();
    opener = event.submitter;
    step(form, selection(form, event.submitter));
  } else if (form.matches("dialog [data-bulk-step]")) {
    event.preventDefault();
    step(form, new URLSearchParams(new FormData(form, event.submitter)));
  } else if (form.matches("[data-bulk-cancel]")) {
    event.preventDefault();
    fragment(form.getAttribute("action"), { method: "POST" });
  }
}, true);
document.addEventListener("click", (event) => {
  if (dialog?.open && event.target.closest?.("dialog [data-bulk-close]")) { event.preventDefault(); dialog.close(); }
});
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("dialog [data-bulk-step]");
  if (!form || !event.target.matches("[data-bulk-more]") || !event.target.value) return;
  const data = new URLSearchParams(new FormData(form));
  data.set("_more", "1");
  const name = event.target.value;
  step(form, data).then(() => dialog.querySelector(`#bulk-${CSS.escape(name)}, #bulk-${CSS.escape(name)} input`)?.focus());
});

// --- a run that takes longer ------------------------------------------------------------------------------------------
function tray() {
  let found = document.querySelector(".bulk-tray");
  if (!found) {
    found = document.createElement("div");
    found.className = "bulk-tray";
    found.setAttribute("role", "status");
    document.body.append(found);
  }
  return found;
}

function watch(content) {
  const run = content.querySelector("[data-bulk-run]");
  const shown = document.querySelector("main [data-bulk-run]")?.parentElement ?? tray();
  const done = content.querySelector("[data-toast]")?.outerHTML;
  if (run.hasAttribute("data-active")) {
    sessionStorage.setItem(RUN, run.dataset.bulkRun);
    const bar = shown.querySelector("progress"), next = run.querySelector("progress");
    if (bar && next.hasAttribute("max") === bar.hasAttribute("max")) bar.value = next.value; // its Cancel keeps the focus
    else shown.replaceChildren(run);
    setTimeout(() => look(next.closest("[data-bulk-run]")?.dataset.bulkRun ?? run.dataset.bulkRun), 500);
    return;
  }
  sessionStorage.removeItem(RUN);
  const isPlain = run.dataset.state === "done" && !run.querySelector(".bulk-refused");
  if (isPlain && shown.matches(".bulk-tray")) shown.remove();
  else { shown.replaceChildren(run); dismissable(shown); }
  finished(done);
}

function dismissable(shown) {
  if (!shown.matches(".bulk-tray")) return;
  const close = document.createElement("button");
  close.className = "button button-quiet button-icon button-small bulk-tray-close";
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", words.close);
  close.addEventListener("click", () => shown.remove());
  shown.append(close);
}

async function look(id) {
  const { ok, text } = await fragment(`/bulk/${id}`);
  if (!ok) { sessionStorage.removeItem(RUN); return; }
  const made = document.createElement("template");
  made.innerHTML = text;
  watch(made.content);
}

if (bar) {
  restore();
  listen();
  show();
}
const going = document.querySelector("main [data-bulk-run][data-active]")?.dataset.bulkRun ?? sessionStorage.getItem(RUN);
if (going) look(going);
