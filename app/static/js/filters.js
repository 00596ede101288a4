// The filter's editors as a popover and a dialog.
import { fragment } from "./fragments.js";
import { pickers } from "./pickers.js";

// --- popover: one condition -------------------------------------------------------------------------------------------
let popover, anchor, whole;

async function openPopover(link) {
  closePopover();
  const menu = link.closest("details[data-menu]"); // a menu's item gives its place to the popover
  if (menu) menu.open = false;
  anchor = menu?.querySelector("summary") ?? link;
  const { ok, text } = await fragment(link.href);
  if (!ok) { location.href = link.href; return; }
  popover = document.createElement("div");
  popover.className = "popover filter-popover";
  popover.setAttribute("role", "dialog");
  popover.setAttribute("aria-label", link.textContent.trim());
  document.body.append(popover);
  fill(popover, text);
}

// What the server sent, in the popover: the list of fields, or the form of one.
function fill(holder, html) {
  holder.innerHTML = html;
  pickers(holder);
  searches(holder);
  if (popover) place();
  const first = holder.querySelector("[aria-invalid=true]") ?? holder.querySelector("[data-fields-search]") ?? holder.querySelector("[data-first] :is(input:not([type=hidden], [hidden]), select, textarea)") ?? holder.querySelector("select");
  first?.focus();
}

function place() {
  const box = anchor.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.left, innerWidth - popover.offsetWidth - 8));
  const below = innerHeight - box.bottom > popover.offsetHeight + 12;
  popover.style.left = `${left}px`;
  popover.style.top = `${below ? box.bottom + 6 : Math.max(8, innerHeight - popover.offsetHeight - 8)}px`;
}

function closePopover() {
  popover?.remove();
  popover = undefined;
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("a[data-popover], a[data-whole], .filter-popover .field-list a");
  if (link?.matches("[data-whole]")) { event.preventDefault(); openWhole(link); return; }
  if (link?.matches("[data-popover]")) { event.preventDefault(); openPopover(link); return; }
  if (link) { event.preventDefault(); fragment(link.href).then(({ ok, text }) => (ok ? fill(popover, text) : (location.href = link.href))); return; }
  if (popover && !popover.contains(event.target) && document.contains(event.target)) closePopover();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && popover) { const back = anchor; event.preventDefault(); closePopover(); back.focus(); }
  else if (event.key === "Tab" && popover?.contains(document.activeElement)) stay(event);
  else if (["Delete", "Backspace"].includes(event.key) && event.target.matches?.(".chip-text")) event.target.parentElement.querySelector(".chip-remove")?.click();
});

// Tab goes round in the popover.
function stay(event) {
  const all = [...popover.querySelectorAll("input:not([type=hidden], [hidden]), select, textarea, button, a[href]")].filter((one) => one.offsetParent && !one.matches("[role=option]"));
  const at = all.indexOf(document.activeElement);
  const next = event.shiftKey ? (at <= 0 ? all.length - 1 : -1) : at === all.length - 1 ? 0 : -1;
  if (next >= 0) { event.preventDefault(); all[next].focus(); }
}

// Who chooses by typing a word, or by the arrow keys, goes past others: the last one counts.
const PAUSE = 250; // milliseconds
let waiting;

function later(step) {
  clearTimeout(waiting);
  waiting = setTimeout(step, PAUSE);
}

// Another field or operator wants other inputs: the server makes them.
document.addEventListener("change", (event) => {
  const control = event.target.closest("[data-refresh]");
  const form = control?.closest("form[data-filter]");
  if (form) later(() => another(form, control));
});

// What is typed while the server answers stands in the new form, with the focus where it has gone meanwhile.
const texts = (form) => [...form.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=radio]), textarea")];
const called = (form, name) => [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];

function since(form, before, control) {
  const placed = (item) => [item.name, called(form, item.name).indexOf(item)];
  const typed = texts(form).filter((item, at) => item.value !== before[at]).map((item) => [...placed(item), item.value]);
  const active = form.contains(document.activeElement) && document.activeElement.name ? document.activeElement : control;
  const [name, place] = placed(active);
  const caret = texts(form).includes(active) ? active.selectionStart : null;
  return (fresh) => {
    for (const [one, at, value] of typed) { const item = called(fresh, one)[at]; if (item && texts(fresh).includes(item)) item.value = value; }
    const target = called(fresh, name)[place] ?? called(fresh, control.name)[0];
    target?.focus();
    if (caret !== null && texts(fresh).includes(target)) try { target.setSelectionRange(caret, caret); } catch { /* a date has no caret */ }
  };
}

async function another(form, control) {
  const before = texts(form).map((item) => item.value);
  const data = new URLSearchParams(new FormData(form));
  if (control.name === "_field") for (const name of ["_op", "_value", "_text"]) data.delete(name);
  const { ok, text } = await fragment(`${form.getAttribute("action")}?${data}`);
  if (!ok) return;
  const holder = form.parentElement, keep = since(form, before, control);
  holder.innerHTML = text;
  pickers(holder);
  searches(holder);
  keep(holder);
  if (popover) place();
}

// The popover's form answers with what is missing, or where to go.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest(".filter-popover form[data-filter]");
  if (!form) return;
  event.preventDefault();
  clearTimeout(waiting);
  const data = new URLSearchParams(new FormData(form));
  data.set("_apply", "1");
  await go(`${form.getAttribute("action")}?${data}`, (text) => fill(popover, text));
});

async function go(address, otherwise) {
  const response = await fetch(address, { headers: { "X-Fragment": "1" } });
  const target = response.headers.get("X-Leads-To");
  if (target) { location.href = target; return; }
  if (response.ok) otherwise(await response.text());
  else location.href = address;
}

// --- lists that narrow as one types: the fields, and the values of one ------------------------------------------------
function searches(holder) {
  const fields = holder.querySelector("[data-fields-search]");
  if (fields) fieldList(fields, holder);
  for (const input of holder.querySelectorAll("[data-values-search]")) {
    input.hidden = false;
    const list = input.parentElement.querySelector("[data-option-list]");
    input.addEventListener("input", () => narrow([...list.children], input.value));
    input.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      list.querySelector(".choice:not([hidden]) input")?.focus();
    });
  }
}

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

// Every word that was typed begins a word; what begins with it stands first in mind, not in place.
function narrow(items, typed) {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  for (const item of items) {
    const text = ` ${fold(item.textContent).replace(/[^\p{L}\p{N}]+/gu, " ")}`;
    item.hidden = !words.every((word) => text.includes(` ${word}`));
  }
  return items.filter((item) => !item.hidden);
}

function fieldList(input, holder) {
  const list = holder.querySelector("#filter-fields");
  const all = [...list.querySelectorAll("[role=option]")];
  const found = holder.querySelector("[data-fields-found]");
  all.forEach((item, at) => { item.id = `filter-field-${at}`; item.tabIndex = -1; });
  input.hidden = false;
  let shown = all;
  const choose = (at) => {
    const one = shown.length ? shown[(at + shown.length) % shown.length] : null;
    for (const item of all) item.setAttribute("aria-selected", String(item === one));
    if (one) { input.setAttribute("aria-activedescendant", one.id); one.scrollIntoView({ block: "nearest" }); } else input.removeAttribute("aria-activedescendant");
  };
  const at = () => shown.findIndex((item) => item.getAttribute("aria-selected") === "true");
  input.addEventListener("input", () => {
    shown = narrow(all, input.value);
    for (const group of list.children) group.hidden = !group.querySelector("[role=option]:not([hidden])");
    const exact = shown.findIndex((item) => fold(item.textContent).startsWith(fold(input.value)));
    choose(Math.max(exact, 0));
    found.textContent = found.dataset.words.replace("%(num)s", shown.length);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); choose(at() + (event.key === "ArrowDown" ? 1 : -1)); }
    else if (event.key === "Enter") { event.preventDefault(); shown[Math.max(at(), 0)]?.click(); }
  });
  choose(0);
}

// --- the whole filter: a dialog ---------------------------------------------------------------------------------------
async function openWhole(link) {
  const back = anchor && popover ? anchor : link;
  const { ok, text } = await fragment(link.href);
  if (!ok) { location.href = link.href; return; }
  closePopover();
  whole = document.createElement("dialog");
  whole.className = "dialog builder-dialog";
  whole.setAttribute("aria-labelledby", "builder-title");
  whole.addEventListener("close", () => { whole.remove(); back.focus(); });
  document.body.append(whole);
  whole.showModal();
  build(whole, text);
}

function build(holder, html) {
  holder.innerHTML = html;
  pickers(holder);
  searches(holder);
  const form = holder.querySelector("form");
  const name = form.dataset.goOn;
  const part = name.endsWith(".part") && form.querySelector(`[data-part="${CSS.escape(name.slice(0, -5))}"] :is(select, input:not([type=hidden]))`);
  const wanted = part ? part : name.endsWith(".add") ? form.querySelector(`[data-focus="${CSS.escape(name)}"]`) : form.querySelector(`[name="${CSS.escape(name)}"]`);
  (form.querySelector("[aria-invalid=true]") ?? wanted ?? form.querySelector(".builder-row select, .builder-row input:not([type=hidden]), .builder-match select"))?.focus();
}

async function rebuild(form, data, control = null) {
  const holder = form.closest("dialog, [data-builder-holder]");
  const before = texts(form).map((item) => item.value);
  form.setAttribute("aria-busy", "true");
  await go(`${form.getAttribute("action")}?${data}`, (text) => {
    const scroll = holder.scrollTop, keep = control && since(form, before, control);
    build(holder, text);
    keep?.(holder);
    holder.scrollTop = scroll;
  });
  form.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-builder]");
  if (!form) return;
  clearTimeout(waiting);
  event.preventDefault();
  rebuild(form, new URLSearchParams(new FormData(form, event.submitter)));
});
document.addEventListener("change", (event) => {
  const control = event.target.closest("form[data-builder] [data-refresh]");
  if (!control) return;
  later(() => {
    const data = new URLSearchParams(new FormData(control.form));
    const node = control.name.replace(/\.(field|op|match|relation)$/, "");
    if (control.name.endsWith(".field")) for (const part of ["op", "value", "text", "was"]) data.delete(`${node}.${part}`);
    data.set("_do", "refresh");
    rebuild(control.form, data, control);
  });
});
let counting;

// How many match is of what was asked last: while something else is typed it says so, and then is counted anew.
for (const changed of ["input", "change"])
  document.addEventListener(changed, (event) => {
    const form = event.target.closest?.("form[data-builder]");
    const count = form?.querySelector(".builder-count");
    if (!count || event.target.matches("[data-refresh], [data-values-search]")) return;
    count.dataset.stale = "";
    count.textContent = count.dataset.counting;
    clearTimeout(counting); // by itself: what another operator wants is still made
    counting = setTimeout(() => recount(form, count), PAUSE);
  });

async function recount(form, count) {
  const asked = new URLSearchParams(new FormData(form));
  const { ok, text } = await fragment(`${form.getAttribute("action")}?${asked}&_do=refresh`);
  if (!ok || !form.isConnected || String(asked) !== String(new URLSearchParams(new FormData(form)))) return;
  const made = document.createElement("template");
  made.innerHTML = text;
  count.textContent = made.content.querySelector(".builder-count")?.textContent ?? "";
  delete count.dataset.stale;
}

document.addEventListener("click", (event) => {
  if (whole?.open && event.target.closest?.("[data-builder-close]")) { event.preventDefault(); whole.close(); }
});
searches(document);
