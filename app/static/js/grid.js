// The keys of a list: one stop of the Tab key, arrows between the cells, Enter or F2 edits. Cells and links are the
// server's; the roles and the wandering tabindex are added here, so that without a script it is a plain table.
import { open, prepare } from "./edit.js";

const PAGE = 10; // rows of Page Up and Page Down
const WITHIN = "a[href], button, input:not([type=hidden]), summary, select";
let place = null; // record and field of the cell in use, to find it again in a fresh table

const gridOf = (target) => target.closest?.("[data-grid] tbody");
const rows = (body) => [...body.querySelectorAll(":scope > tr")].filter((row) => row.cells.length);

// What takes the focus in a cell: its only control, where it is no value to edit; the name's link; else the cell.
function target(cell) {
  const isValue = cell.matches("[data-field]") && !cell.matches(".first");
  return isValue ? cell : (cell.querySelector(WITHIN) ?? cell);
}

function ready(table) {
  table.setAttribute("role", "grid");
  table.setAttribute("aria-describedby", "grid-help");
  for (const item of table.querySelectorAll(`tbody :is(${WITHIN}), tbody :is(td, th)`)) {
    if (item.closest(".editor-box")) continue;
    item.tabIndex = -1;
    if (item.matches("td:not([data-field])")) item.setAttribute("aria-readonly", "true");
  }
  const now = found(table) ?? table.querySelector("tbody td.first") ?? table.querySelector("tbody td");
  if (now) target(now).tabIndex = 0;
}

function found(table) {
  const row = place && table.querySelector(`tbody tr[data-id="${CSS.escape(place.id)}"]`);
  return row ? (row.querySelector(`[data-field="${CSS.escape(place.field)}"]`) ?? row.cells[place.at]) : null;
}

function use(cell) {
  const table = cell.closest("[data-grid]");
  for (const item of table.querySelectorAll('tbody [tabindex="0"]')) item.tabIndex = -1;
  target(cell).tabIndex = 0;
  place = { id: cell.parentElement.dataset.id ?? "", field: cell.dataset.field ?? "", at: cell.cellIndex };
}

function go(cell) {
  if (!cell) return;
  use(cell);
  target(cell).focus({ preventScroll: true });
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

const MOVES = {
  ArrowRight: ([row, at]) => [row, at + 1],
  ArrowLeft: ([row, at]) => [row, at - 1],
  ArrowDown: ([row, at]) => [row + 1, at],
  ArrowUp: ([row, at]) => [row - 1, at],
  PageDown: ([row, at]) => [row + PAGE, at],
  PageUp: ([row, at]) => [row - PAGE, at],
  Home: ([row, at], whole) => [whole ? 0 : row, whole ? at : 0],
  End: ([row, at], whole) => [whole ? Infinity : row, whole ? at : Infinity],
};

function step(cell, key, whole) {
  const all = rows(cell.closest("tbody"));
  const [row, at] = MOVES[key]([all.indexOf(cell.parentElement), cell.cellIndex], whole);
  const { cells } = all[Math.max(0, Math.min(row, all.length - 1))];
  return cells[Math.max(0, Math.min(at, cells.length - 1))];
}

document.addEventListener("keydown", (event) => {
  const cell = gridOf(event.target) && event.target.closest("td, th");
  if (!cell || event.target.closest(".editor-box") || event.target.matches("input:not([type=checkbox]), select, textarea")) return;
  const whole = event.ctrlKey || event.metaKey;
  if (event.altKey || event.shiftKey) return;
  if (event.target.matches("a[data-fold]") && ["ArrowLeft", "ArrowRight"].includes(event.key)) return; // a group's head folds by them
  if (MOVES[event.key]) { event.preventDefault(); go(step(cell, event.key, whole)); }
  else if (event.key === "Enter" && whole && event.target === cell) { event.preventDefault(); cell.querySelector("a[href]")?.click(); }
  else if ((event.key === "F2" || (event.key === "Enter" && event.target === cell)) && cell.matches("[data-field]")) {
    event.preventDefault();
    open(cell);
  }
});

let soon;
document.addEventListener("focusin", (event) => {
  const cell = gridOf(event.target) && event.target.closest("td, th");
  if (!cell || event.target.closest(".editor-box")) return;
  use(cell);
  clearTimeout(soon);
  if (cell.matches("[data-field]")) soon = setTimeout(() => prepare(cell), 60);
});

// A live page puts fresh rows in the place of old ones: the keys go on where they were.
function again() {
  for (const table of document.querySelectorAll("[data-grid]")) {
    const lost = place && (document.activeElement === document.body || document.activeElement === null);
    ready(table);
    const cell = lost && found(table);
    if (cell) target(cell).focus({ preventScroll: true });
  }
}

const list = document.querySelector("[data-grid]")?.closest("[data-live]");
if (list) {
  again();
  new MutationObserver((changes) => {
    const rowsChanged = changes.some((one) => one.target.matches("tbody, table, [data-live]") || [...one.addedNodes].some((node) => node.nodeName === "TR"));
    if (rowsChanged) again();
  }).observe(list, { childList: true, subtree: true });
}
