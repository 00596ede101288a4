// What every page has: toasts, menus that close, forms that are sent once and guarded, keys, the sidebar's width.
const root = document.documentElement;
root.dataset.script = "on";
export const words = document.getElementById("words")?.dataset ?? {}; // the page's, in the user's language

// --- toasts ---------------------------------------------------------------------------------------------------------
const LINGER = 8000;

const MOST_TOASTS = 3; // that stand above each other; the oldest goes

export function toast(html) {
  const list = document.getElementById("toasts");
  list.insertAdjacentHTML("beforeend", html);
  const all = [...list.querySelectorAll("[data-toast]")];
  for (const item of all.slice(0, -MOST_TOASTS)) item.remove();
  ready(list);
}

function ready(list) {
  for (const item of list.querySelectorAll("[data-toast]:not([data-ready])")) {
    item.dataset.ready = "1";
    const close = item.querySelector("[data-dismiss]");
    close.hidden = false;
    close.addEventListener("click", () => item.remove());
    let timer = setTimeout(() => item.remove(), LINGER);
    item.addEventListener("pointerenter", () => clearTimeout(timer));
    item.addEventListener("focusin", () => clearTimeout(timer));
    item.addEventListener("pointerleave", () => { timer = setTimeout(() => item.remove(), LINGER / 2); });
  }
}
const toasts = document.getElementById("toasts");
if (toasts) ready(toasts);

// --- menus: <details data-menu> close on Escape, on a click elsewhere, and one at a time -----------------------------
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]"))
    if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (!menu) return;
  if (event.target.matches("select, textarea") && event.key !== "Escape") return; // their own keys
  const items = [...menu.querySelectorAll(".menu-body :is(a, button, summary, select, input:not([type=hidden]))")].filter((item) => item.checkVisibility());
  const at = items.indexOf(document.activeElement);
  if (event.key === "Escape") { menu.open = false; menu.querySelector("summary").focus(); event.stopPropagation(); }
  else if (event.key === "ArrowDown") { items[(at + 1) % items.length]?.focus(); event.preventDefault(); }
  else if (event.key === "ArrowUp") { items[(at - 1 + items.length) % items.length]?.focus(); event.preventDefault(); }
});

// What opens only to be given a name takes the typing at once: it would be the page's single keys otherwise.
document.addEventListener("toggle", ({ target }) => {
  if (target.open && target.matches("details[data-named]")) target.querySelector("form.view-name input:not([type=hidden])")?.focus();
}, true);

// --- rows: a click anywhere opens the record, as its name's link does ------------------------------------------------
document.addEventListener("click", (event) => {
  const row = event.target.closest(".list-table tbody tr");
  const link = row?.querySelector("a.open");
  // A value that can be edited is chosen by the first click and opened by the second; a finger opens the record.
  if (event.target.closest("[data-grid] td[data-field]:not(.first)") && !matchMedia("(pointer: coarse)").matches) return;
  if (!link || event.target.closest("a, button, input, label, summary, form") || String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) open(link.href, "_blank");
  else link.click();
});

// A list is remembered when a record is opened from it: the record's page knows the next one and the way back.
document.addEventListener("click", (event) => {
  const table = event.target.closest("a.open")?.closest(".list-table[data-total]");
  const main = document.getElementById("content");
  if (!table || !main.dataset.list) return;
  const ids = [...table.querySelectorAll("tbody tr[data-id]")].map((row) => row.dataset.id);
  const { first, total } = table.dataset;
  const list = { object: main.dataset.object, url: location.pathname + location.search, ids, first: Number(first), total };
  try { sessionStorage.setItem("parley-list", JSON.stringify(list)); } catch { /* a full or forbidden store: no neighbours */ }
});

// --- forms: sent once, and not left with unsaved text ----------------------------------------------------------------
let sending = false;
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "get" || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (!navigator.onLine) { event.preventDefault(); refuse(words.offline); return; } // what was typed stays
  form.dataset.sent = "1";
  sending = true;
  const button = event.submitter ?? form.querySelector("[data-submit]");
  // After the browser has taken the form's data: a disabled button would not be in it.
  setTimeout(() => { button?.setAttribute("aria-disabled", "true"); busy(); });
});
addEventListener("pageshow", (event) => {
  sending = false;
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-disabled=true][data-submit]")) button.removeAttribute("aria-disabled");
  document.querySelector(".busy-bar")?.remove();
});
addEventListener("beforeunload", (event) => {
  if (!sending && [...document.querySelectorAll("form[data-guard]")].some(isDirty)) event.preventDefault();
});

function isDirty(form) {
  return [...form.elements].some((item) => {
    if (item.type === "hidden" || item.type === "submit" || !item.name) return false;
    if (item.type === "checkbox" || item.type === "radio") return item.checked !== item.defaultChecked;
    if (item.tagName === "SELECT") return [...item.options].some((option) => option.selected !== option.defaultSelected) && item.selectedIndex > 0;
    return item.value !== item.defaultValue;
  });
}

function busy() {
  if (document.querySelector(".busy-bar")) return;
  const bar = document.createElement("div");
  bar.className = "busy-bar";
  document.body.append(bar);
}

document.querySelector("[data-summary]")?.focus();

// --- Ctrl Enter sends the form that one types in (other keys: keys.js) -----------------------------------------------------------------------------------------------------------
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (typing && event.key === "Enter" && (event.ctrlKey || event.metaKey)) typing.form?.requestSubmit();
});

// --- the sidebar's width, kept by a cookie so that the next page has it from the first paint --------------------------
const collapse = document.querySelector("[data-collapse]");
const isNarrow = () => getComputedStyle(root).getPropertyValue("--sidebar").trim() !== "224px";
function nameIcons() { // where the sidebar shows icons alone, pointing at one says its name
  for (const link of document.querySelectorAll(".sidebar .nav-link")) link.title = isNarrow() ? link.querySelector(".nav-label")?.textContent ?? "" : "";
}
if (collapse) {
  collapse.hidden = false;
  nameIcons();
  addEventListener("resize", nameIcons);
  collapse.addEventListener("click", () => {
    root.dataset.sidebar = isNarrow() ? "large" : "small";
    nameIcons();
    document.cookie = `parley_sidebar=${root.dataset.sidebar}; path=/; max-age=31536000; samesite=lax`;
  });
}

// --- the way back: a record's breadcrumb leads to the list that one came from, with its filters and order --------------
const content = document.getElementById("content");
try {
  const { object, record, list } = content?.dataset ?? {};
  if (object && list) sessionStorage.setItem(`parley.list.${object}`, list.replace(/\?$/, ""));
  const from = object && record && sessionStorage.getItem(`parley.list.${object}`);
  const crumb = from && document.querySelector(`.top a.crumb[href="/${object}"]`);
  if (crumb && from.startsWith(`/${object}`)) crumb.href = from;
} catch {
  // without storage it leads to the whole list
}

// --- offline ----------------------------------------------------------------------------------------------------------
let isAway = false; // the server, though the line is there

export function setAway(away) { isAway = away; offline(); }

// A toast that says why something wasn't done.
export function refuse(why) {
  const made = document.createElement("div");
  made.innerHTML = '<div class="toast toast-bad" data-toast><span></span><button class="close" type="button" data-dismiss hidden>×</button></div>';
  made.querySelector("span").textContent = why;
  made.querySelector("button").setAttribute("aria-label", words.close);
  toast(made.innerHTML);
}

function offline() {
  const bar = document.querySelector(".offline");
  if (navigator.onLine && !isAway) bar?.remove();
  else if (!bar) {
    const made = document.createElement("div");
    made.className = "offline";
    made.setAttribute("role", "status");
    made.textContent = words.offline;
    document.body.prepend(made);
  }
}
addEventListener("online", offline);
addEventListener("offline", offline);
