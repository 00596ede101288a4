// Editing a value where it stands. An element with data-field, inside one with data-edit (the record's address), opens
// the field's control over itself; nothing on the page moves. docs/editable-values.md says how to make a value editable.
import { fragment } from "./fragments.js";
import { days, pickers } from "./pickers.js";
import { refuse, toast, words } from "./frame.js";
import { lookNow } from "./live.js";

const FOCUSABLE = "input:not([type=hidden]), select, textarea, button";
const editors = new Map(); // the open ones, by the element whose value they edit
const saving = new Map(); // what is on its way, by the field's address: it is never edited or sent twice at a time
const fetched = new Map(); // editors that were asked for before they were needed

// --- which value ------------------------------------------------------------------------------------------------------
export const editable = (target) => target.closest?.("[data-edit] [data-field], [data-edit][data-field]") ?? null;
const record = (element) => element.closest("[data-edit]").dataset.edit;
const address = (element) => `${record(element)}/field/${element.dataset.field}`;
const holderOf = (element) => element.querySelector("[data-value]") ?? element;
const kind = (element) => element.dataset.as ?? "cell";

// Every place of the page that shows this field of this record.
function places(at) {
  const [, object, id, , name] = at.split("/");
  return [...document.querySelectorAll(`[data-field="${CSS.escape(name)}"]`)].filter((item) => record(item) === `/${object}/${id}`);
}

function around(element) {
  const scope = element.closest("[data-grid], [data-edit-scope], .record") ?? document;
  return [...scope.querySelectorAll("[data-field]")].filter((item) => item.checkVisibility());
}

// The next value that can be edited, or the one before.
export function beside(element, step) {
  const all = around(element);
  return all[all.indexOf(element) + step] ?? null;
}

export function focusOn(element) {
  const mark = element.querySelector(":scope > .edit-mark") ?? (element.matches("[tabindex]:not(.first)") ? element : element.querySelector("a[href]") ?? element);
  mark.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// --- opening ----------------------------------------------------------------------------------------------------------
// Ask for the control ahead: when a cell is chosen, its editor is there by the second click.
export function prepare(element) {
  const at = address(element);
  if (fetched.has(at) || editors.has(element) || saving.has(at)) return;
  fetched.set(at, fragment(at));
  setTimeout(() => fetched.delete(at), 10_000);
}

export async function open(element) {
  if (editors.has(element)) { editors.get(element).focus(); return; }
  const at = address(element);
  await saving.get(at);
  const asked = fetched.get(at) ?? fragment(at);
  fetched.delete(at);
  const { ok, text } = await asked.catch(() => ({ ok: false, text: "" }));
  const home = element.isConnected ? element : places(at)[0]; // a live page may have put another in its place
  if (!home || editors.has(home)) return;
  if (!ok) { refuse(words.failed); return; }
  new Editor(home, at, text).focus();
}

// --- one open editor --------------------------------------------------------------------------------------------------
class Editor {
  constructor(element, at, html) {
    Object.assign(this, { element, at, former: holderOf(element).innerHTML });
    this.box = document.createElement("div");
    this.box.className = "editor-box";
    this.box.popover = "manual"; // the top layer: no cell cuts it off, and no column grows
    this.show(html);
  }

  show(html) {
    const made = document.createElement("template");
    made.innerHTML = numbered(html);
    this.fresh = made.content;
    this.box.replaceChildren(made.content.querySelector("form"));
    this.form = this.box.firstElementChild;
    this.shape();
    editors.set(this.element, this);
    this.element.append(this.box);
    this.element.classList.add("is-edited");
    this.box.showPopover();
    pickers(this.box);
    days(this.box);
    this.place();
    this.before = this.state();
  }

  // A choice shows all it offers at once, as a list; on touch the system's own chooser is better.
  shape() {
    const choice = this.form.querySelector("select");
    if (choice && !coarse()) choice.size = Math.min(Math.max(choice.options.length, 2), 8);
  }

  place() {
    const box = this.element.getBoundingClientRect();
    const narrow = innerWidth < 768;
    const isRight = this.element.matches("td.right") && !narrow; // numbers stay under each other
    this.box.classList.toggle("is-right", isRight);
    const width = isRight ? Math.max(box.width, 132) : narrow ? Math.min(innerWidth - 16, Math.max(box.width, 280)) : Math.max(box.width, this.form.querySelector("textarea") ? 360 : 200);
    this.box.style.width = `${width}px`;
    const left = Math.max(8, Math.min(isRight ? box.right - width : box.left, innerWidth - width - 8));
    const first = this.form.querySelector(".input, .select:not([size]), .field-check");
    const top = first ? box.top + (Math.min(box.height, 44) - first.offsetHeight) / 2 - 1 : box.top - 1;
    this.box.style.left = `${left}px`;
    this.box.style.top = `${Math.max(8, Math.min(top, innerHeight - this.box.offsetHeight - 8))}px`;
  }

  get controls() { return [...this.form.querySelectorAll(FOCUSABLE)].filter((item) => item.checkVisibility() && item.tabIndex >= 0); }
  get disputed() { return this.form.querySelector("[data-dispute]") !== null; }
  get wrong() { return this.form.querySelector("[aria-invalid=true]") !== null; }
  state() { return new URLSearchParams(new FormData(this.form)).toString(); }

  focus() {
    const [first] = this.controls;
    first?.focus({ preventScroll: true });
    if (first?.matches("input:not([type=checkbox])")) first.select();
    else if (first?.matches("textarea")) first.setSelectionRange(first.value.length, first.value.length);
  }

  close() {
    editors.delete(this.element);
    this.box.remove();
    this.element.classList.remove("is-edited");
    document.dispatchEvent(new CustomEvent("parley:edited", { detail: this.element }));
  }

  cancel() {
    if (this.wrong || this.disputed) paint(this.at, this.fresh);
    this.close();
    focusOn(this.element);
  }

  // Whatever comes of it, the page goes on at once; `then` is where to.
  save(submitter, then) {
    if (!editors.has(this.element)) return; // sent already
    if (this.disputed && !submitter) { this.form.querySelector("[data-dispute] button").focus(); return; }
    if (!submitter && !this.wrong && this.state() === this.before) { this.close(); then?.(); return; }
    const data = new URLSearchParams(new FormData(this.form, submitter?.name ? submitter : undefined));
    const guess = said(this.form, this.element);
    this.close();
    if (submitter?.value !== "theirs" && guess !== null) for (const item of places(this.at)) write(item, guess);
    this.element.setAttribute("aria-busy", "true");
    fetched.delete(this.at); // it shows what was there before
    const done = this.send(data);
    saving.set(this.at, done);
    done.finally(() => {
      saving.delete(this.at);
      for (const item of places(this.at)) item.removeAttribute("aria-busy");
      if (this.element.closest("[data-section]")) lookNow(); // what is counted there
    });
    then?.();
  }

  async send(data) {
    const answer = await post(this.at, data);
    const made = document.createElement("template");
    made.innerHTML = answer.text;
    const shown = made.content.querySelector("[data-toast]");
    if (answer.ok) {
      paint(this.at, made.content);
      if (shown) toast(shown.outerHTML);
      return;
    }
    const home = this.element.isConnected ? this.element : places(this.at)[0];
    if (!home) return;
    this.element = home;
    const had = document.activeElement;
    const free = !had || had === document.body || home.contains(had) || had === home;
    if (made.content.querySelector("form.editor")) { holderOf(home).innerHTML = this.former; this.show(answer.text); paint(this.at, this.fresh, home); }
    else this.again(answer.offline ? words.offline : words.failed);
    if (free) this.focus();
  }

  // The server didn't answer: what was typed stands in the editor as before.
  again(why) {
    holderOf(this.element).innerHTML = this.former;
    editors.set(this.element, this);
    this.element.append(this.box);
    this.element.classList.add("is-edited");
    this.box.showPopover();
    this.place();
    this.box.querySelector(".editor-fault")?.remove();
    const fault = document.createElement("p");
    fault.className = "error editor-fault";
    fault.setAttribute("role", "alert");
    fault.textContent = why;
    this.form.append(fault);
    this.before = ""; // to be sent again as it is
  }

  // Somebody else has changed the very field meanwhile: both values, and buttons to choose.
  async meanwhile(who) {
    const { ok, text } = await fragment(`${this.at}?by=${encodeURIComponent(who)}`);
    if (!ok || editors.get(this.element) !== this) return;
    const made = document.createElement("template");
    made.innerHTML = text;
    const other = made.content.querySelector("form");
    for (const name of ["_was", "_version"]) this.form.elements[name].value = other.elements[name].value;
    this.form.querySelectorAll("[data-dispute], .editor-foot").forEach((item) => item.remove());
    this.form.append(other.querySelector("[data-dispute]"));
    this.fresh = made.content;
    this.place();
  }
}

// Two editors may be open at a time, one with an error: their controls don't share an id.
let count = 0;
function numbered(html) {
  const prefix = `edit-${++count}-`;
  return html.replace(/ (id|for|aria-describedby)="[^"]*"/g, (found) => found.replace(/\bedit-/g, prefix));
}

const coarse = () => matchMedia("(pointer: coarse)").matches;

async function post(at, data) {
  if (!navigator.onLine) return { ok: false, text: "", offline: true };
  try {
    return await fragment(at, { method: "POST", body: data, keepalive: true }); // a save goes on while the page is left
  } catch {
    return { ok: false, text: "", offline: !navigator.onLine };
  }
}

// --- painting ---------------------------------------------------------------------------------------------------------
// The value as the server writes it, wherever the page shows it (but where it is still edited).
function paint(at, content, edited = null) {
  for (const item of places(at)) {
    if (item === edited) continue;
    const made = content.querySelector(`template[data-as="${kind(item)}"]`);
    const box = editors.get(item)?.box;
    if (made) holderOf(item).innerHTML = made.innerHTML;
    if (box && !item.contains(box)) item.append(box);
  }
}

function write(element, text) {
  const home = holderOf(element);
  const name = home.querySelector("a.open .truncate");
  if (name) name.textContent = text;
  else home.textContent = text || "–";
}

// What was typed, as near to the server's writing as can be told here. null: it can't.
function said(form, element) {
  const [first] = form.querySelectorAll("select, textarea, input:not([type=hidden])");
  if (first.type === "checkbox") return form.matches(".editor-boolean") ? form.dataset[first.checked ? "yes" : "no"] : null;
  if (first.tagName === "SELECT") return first.value ? first.selectedOptions[0].textContent : "";
  const text = first.value.trim();
  const language = document.documentElement.lang;
  if (form.matches(".editor-date") && /^\d{4}-\d\d-\d\d$/.test(text)) return new Date(`${text}T00:00`).toLocaleDateString(language, { dateStyle: "medium" });
  if (first.type === "datetime-local" && text) return new Date(text).toLocaleDateString(language, { dateStyle: "medium" });
  const [whole, part = "", ...more] = text.split(form.dataset.point); // with groups it is shown as it was typed
  if (form.dataset.currency && !more.length && /^\d+ \d*$/.test(`${whole} ${part}`)) return amount(Number(`${whole}.${part}`), kind(element) === "cell" ? null : form.dataset.currency, language);
  return text;
}

function amount(number, currency, language) {
  const digits = Number.isInteger(number) ? 0 : 2;
  const style = currency ? { style: "currency", currency } : {};
  return new Intl.NumberFormat(language, { ...style, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(number);
}

// --- keys and clicks --------------------------------------------------------------------------------------------------
const editorOf = (target) => [...editors.values()].find((one) => one.box.contains(target));

function move(editor, step) {
  const next = beside(editor.element, step);
  editor.save(null, () => (next ? open(next) : focusOn(editor.element)));
}

document.addEventListener("keydown", (event) => {
  const editor = editorOf(event.target);
  if (!editor) return;
  event.stopPropagation();
  const { key, target } = event;
  if (key === "Tab") {
    const all = editor.controls.filter((item) => !item.closest(".editor-foot"));
    const last = event.shiftKey ? all[0] : all[all.length - 1];
    if (target !== last && all.includes(target)) return;
    event.preventDefault();
    if (editor.disputed) (event.shiftKey ? all[all.length - 1] : all[0]).focus();
    else move(editor, event.shiftKey ? -1 : 1);
  } else if (key === "Enter" && !event.defaultPrevented && target.tagName !== "BUTTON") {
    if (target.tagName === "TEXTAREA" && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    editor.save(null, () => focusOn(editor.element));
  }
});

document.addEventListener("keydown", (event) => {
  const editor = event.key === "Escape" && editorOf(event.target);
  if (!editor) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  editor.cancel();
}, true);

document.addEventListener("submit", (event) => {
  const editor = editorOf(event.target);
  if (!editor) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  editor.save(event.submitter, () => focusOn(editor.element));
}, true);

document.addEventListener("picked", (event) => { const editor = editorOf(event.target); editor?.save(null, () => focusOn(editor.element)); });
document.addEventListener("change", (event) => {
  const editor = editorOf(event.target);
  const single = event.target.matches("select:not([size])") || (event.target.type === "checkbox" && editor?.form.matches(".editor-boolean"));
  if (editor && single && !editor.disputed) editor.save(null, () => focusOn(editor.element));
});

document.addEventListener("click", (event) => {
  const editor = editorOf(event.target);
  if (editor && event.target.closest("[data-cancel]")) editor.cancel();
  else if (editor && event.target.tagName === "OPTION" && !editor.disputed) editor.save(null, () => focusOn(editor.element));
  if (editor || event.ctrlKey || event.metaKey || String(getSelection())) return;
  const mark = event.target.closest(".edit-mark");
  const value = editable(event.target);
  if (!value || (!mark && (isTwice(value) || event.target.closest("a, button, summary")))) return;
  event.preventDefault();
  open(value);
});

// In a list, and where it is asked for, a first click chooses and a second one edits.
const isTwice = (value) => value.closest("[data-grid], [data-edit-on=dblclick]") !== null;
document.addEventListener("dblclick", (event) => {
  const value = editable(event.target);
  if (!value || !isTwice(value) || event.target.closest("a, button, input, .editor-box")) return;
  getSelection()?.removeAllRanges();
  open(value);
});

// A press elsewhere saves what was typed; one with something wrong or in dispute stays.
document.addEventListener("pointerdown", (event) => {
  for (const editor of [...editors.values()])
    if (!editor.box.contains(event.target) && !editor.wrong && !editor.disputed) editor.save(null);
}, true);

document.addEventListener("pointerover", (event) => {
  const value = event.target.closest?.(".edit-mark, [data-as=fact]") && editable(event.target);
  if (value) prepare(value);
});
for (const moved of ["scroll", "resize"]) addEventListener(moved, () => { for (const one of editors.values()) one.place(); }, { capture: true, passive: true });

// --- what others change -----------------------------------------------------------------------------------------------
document.addEventListener("parley:change", ({ detail: { object, id, fields, by } }) => {
  for (const name of fields) {
    const at = `/${object}/${id}/field/${name}`;
    fetched.delete(at);
    if (!saving.has(at)) for (const editor of editors.values()) if (editor.at === at) editor.meanwhile(by.name);
  }
});
addEventListener("beforeunload", (event) => {
  if ([...editors.values()].some((one) => one.state() !== one.before && one.before !== undefined)) event.preventDefault();
});
