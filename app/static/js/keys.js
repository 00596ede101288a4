// The keys of the program: one table (on the page, made by the server) that the sheet shows and that drives them.
// A page adds its own by `data-key` and `data-key-label` on the element that a key clicks, or focuses where one types.
const OFF = "parley_keys";
const template = document.getElementById("keys");
const goes = new Map([...(template?.content.querySelectorAll("[data-go]") ?? [])].map((row) => [row.dataset.keys, row.dataset.go]));
const firsts = new Set([...goes.keys()].map((keys) => keys.split(" ")[0]));
const PATIENCE = 1200; // milliseconds between the two keys of a sequence
let sheet, first = "", timer;

export function singleKeys() { return !document.cookie.split("; ").includes(`${OFF}=off`); }

// --- the sheet --------------------------------------------------------------------------------------------------------------
export function showKeys() {
  sheet ??= make();
  own();
  sheet.showModal();
}

function make() {
  const made = template.content.firstElementChild.cloneNode(true);
  const box = made.querySelector("[data-single-keys]");
  box.checked = singleKeys();
  box.addEventListener("change", () => { document.cookie = `${OFF}=${box.checked ? "on" : "off"}; path=/; max-age=31536000; samesite=lax`; });
  made.querySelector("[data-dismiss]").addEventListener("click", () => made.close());
  made.addEventListener("click", (event) => { if (event.target === made) made.close(); });
  document.body.append(made);
  return made;
}

// What the page in view adds, where the table doesn't say it.
function own() {
  sheet.querySelector("[data-own]")?.remove();
  const known = new Set([...sheet.querySelectorAll("[data-keys]")].map((row) => row.dataset.keys));
  const mine = [...document.querySelectorAll("[data-key][data-key-label]")].filter((item) => !known.has(item.dataset.key));
  if (!mine.length) return;
  const section = document.createElement("section");
  section.dataset.own = "";
  const head = document.createElement("h3"), list = document.createElement("dl");
  head.textContent = document.querySelector(".top h1")?.textContent.trim() ?? "";
  for (const item of mine) {
    const row = document.createElement("div"), cap = document.createElement("dt"), label = document.createElement("dd"), kbd = document.createElement("kbd");
    kbd.textContent = item.dataset.key.toUpperCase();
    label.textContent = item.dataset.keyLabel;
    cap.append(kbd);
    row.append(cap, label);
    list.append(row);
  }
  section.append(head, list);
  sheet.querySelector(".keys-body").prepend(section);
}

// --- what they do -------------------------------------------------------------------------------------------------------------
function rowStep(by) {
  const links = [...document.querySelectorAll(".list-table tbody a.open")];
  const at = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  links[Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
  return links.length > 0;
}

async function create() {
  const { openCreate } = await import("./create.js");
  openCreate();
}

const DOES = {
  "?": () => { showKeys(); return true; },
  c: () => { if (!document.body.dataset.writes) return false; create(); return true; },
  j: () => rowStep(1),
  k: () => rowStep(-1),
  "/": () => {
    const field = document.querySelector(".filter-search input, .search-form input");
    field?.select();
    return Boolean(field);
  },
};

function press(key) {
  if (DOES[key]?.()) return true;
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target || target.closest("[hidden]")) return false;
  if (target.matches("input, textarea, select")) target.focus();
  else target.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!template || document.querySelector("dialog[open]") || !singleKeys()) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  clearTimeout(timer);
  const sequence = first && `${first} ${key}`;
  first = "";
  if (goes.has(sequence)) { event.preventDefault(); location.href = goes.get(sequence); return; }
  if (firsts.has(key)) { first = key; timer = setTimeout(() => { first = ""; }, PATIENCE); return; }
  if (press(key)) event.preventDefault();
});
document.addEventListener("click", (event) => { if (event.target.closest("[data-show-keys]")) showKeys(); });
