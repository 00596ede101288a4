// The rows of a list as the server has them now: what is shown changes where it stands, what is new is offered, and
// nothing jumps under the reader's eyes. Focus, selection and what is being edited stay.
import { words } from "./frame.js";

let offered = null; // the page with rows that aren't shown yet

// Whether somebody reads further down, works in a row, or has chosen some: then new rows are offered, not put in.
function isBusyWith(body) {
  const scroller = body.closest(".table-wrap");
  const away = (scroller?.scrollTop ?? 0) > 4 || scrollY > 4;
  return away || body.contains(document.activeElement) || body.querySelector("input:checked") !== null;
}

// `changed`: the ids that the news named. Gives whether every row could be looked at.
export function merge(body, fresh, changed, isBusy) {
  const other = fresh.querySelector("tbody[data-rows]");
  if (!other) return false;
  const rows = new Map([...body.rows].map((row) => [row.dataset.id, row]));
  const wanted = [...other.rows];
  const gone = [...rows].filter(([id]) => !wanted.some((row) => row.dataset.id === id));
  const added = wanted.filter((row) => !rows.has(row.dataset.id));
  let done = true;
  for (const row of wanted) if (rows.has(row.dataset.id)) done = replace(rows, row, isBusy) && done;
  if (added.length && isBusyWith(body)) {
    for (const [id, row] of gone) if (changed.has(id)) row.remove();
    offer(body, fresh, added.length);
  } else {
    for (const [, row] of gone) if (!isBusy(row)) row.remove();
    arrange(body, wanted, rows);
    withdraw();
  }
  around(body, other);
  body.dispatchEvent(new CustomEvent("rows", { bubbles: true })); // whoever counts chosen rows counts again
  return done;
}

function replace(rows, fresh, isBusy) {
  const row = rows.get(fresh.dataset.id);
  const chosen = new Set([...row.querySelectorAll("input:checked")].map((item) => item.name + item.value));
  const focused = row.contains(document.activeElement) ? document.activeElement : null;
  if (plain(row) === plain(fresh)) return true;
  if (isBusy(row)) return false;
  const made = document.importNode(fresh, true);
  for (const item of made.querySelectorAll("input")) if (chosen.has(item.name + item.value)) item.checked = true;
  const back = focused && [...made.querySelectorAll("a, button, input, summary")][[...row.querySelectorAll("a, button, input, summary")].indexOf(focused)];
  row.replaceWith(made);
  rows.set(fresh.dataset.id, made);
  back?.focus({ preventScroll: true });
  return true;
}

// What a row says, without what only this page knows of it.
function plain(row) {
  const copy = row.cloneNode(true);
  copy.classList.remove("is-news", "is-chosen", "is-selected");
  for (const name of ["title", "class", "aria-selected"]) if (!copy.getAttribute(name)) copy.removeAttribute(name);
  for (const item of copy.querySelectorAll("[data-sent]")) item.removeAttribute("data-sent");
  return copy.innerHTML;
}

function arrange(body, wanted, rows) {
  wanted.forEach((row, at) => {
    const item = rows.get(row.dataset.id) ?? document.importNode(row, true);
    if (body.rows[at] !== item) body.insertBefore(item, body.rows[at] ?? null);
  });
}

// The totals at the foot, and what the pager says.
function around(body, other) {
  pager(body, other);
  selectionBar(other.getRootNode());
  const [table, fresh] = [body.closest("table"), other.closest("table")];
  for (const name of ["tfoot", "caption"]) {
    const [here, there] = [table.querySelector(name), fresh.querySelector(name)];
    if (here && there && here.innerHTML !== there.innerHTML) here.innerHTML = there.innerHTML;
  }
}

// With fewer rows there may be no pages any more, with more there may be some now. What is open in it stays.
function pager(body, other) {
  const [here, there] = [body, other].map((rows) => rows.closest("[data-live]").querySelector(":scope > .pager"));
  if (here?.innerHTML === there?.innerHTML) return;
  if (here?.querySelector("details[open]") || here?.contains(document.activeElement)) {
    if (there) here.querySelector(".num").replaceWith(there.querySelector(".num"));
  } else if (here && there) here.replaceWith(there);
  else if (here) here.remove();
  else body.closest(".table-wrap").after(there);
}

// How many "all that match" are.
function selectionBar(fresh) {
  const [here, there] = [document, fresh].map((page) => page.querySelector("form[data-bulk]"));
  if (!here || !there) return;
  here.dataset.total = there.dataset.total;
  const [button, newer] = [here, there].map((bar) => bar.querySelector("[data-every-button]"));
  if (button && newer) button.textContent = newer.textContent;
}

// --- new rows -----------------------------------------------------------------------------------------------------------
function offer(body, fresh, count) {
  offered = fresh;
  const wrap = body.closest(".table-wrap") ?? body.closest("table");
  let button = document.querySelector(".new-rows");
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.className = "new-rows";
    button.addEventListener("click", () => showNew(body, wrap));
    wrap.before(button);
  }
  button.textContent = (count === 1 ? words.newOne : words.newSome).replace("%(count)s", count);
}

function showNew(body, wrap) {
  const other = offered.querySelector("tbody[data-rows]");
  const wanted = [...other.rows];
  const rows = new Map([...body.rows].map((row) => [row.dataset.id, row]));
  for (const [id, row] of rows) if (!wanted.some((one) => one.dataset.id === id)) row.remove();
  arrange(body, wanted, rows);
  withdraw();
  wrap.scrollTo?.({ top: 0 });
  wrap.focus({ preventScroll: true });
}

function withdraw() {
  offered = null;
  document.querySelector(".new-rows")?.remove();
}
