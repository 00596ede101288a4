// An answer's rows as a table that sorts where it stands.
import { cellText, compare, plain } from "./assistant-values.js";
import { el, link } from "./assistant-dom.js";

const FIRST = 8; // rows before "Show more"
const RIGHT = new Set(["number", "money"]);

export function table(answer, values) {
  const columns = shown(answer);
  let rows = [...answer.rows];
  let sorted = { name: null, down: false };
  let all = rows.length <= FIRST + 2;

  const head = el("tr", {}, columns.map((column) => header(column, () => sortBy(column))));
  const body = el("tbody");
  const more = el("button.link-button.answer-more", { type: "button", onclick: () => ((all = true), draw()) });
  const element = el("div.answer-table", {}, el("div.scroll-x", { tabindex: "0", role: "region", "aria-label": "Rows of the answer" }, el("table.table", {}, el("thead", {}, head), body)), more);

  function sortBy(column) {
    const numeric = isRight(column, answer.rows);
    sorted = { name: column.name, down: sorted.name === column.name ? !sorted.down : numeric };
    rows = [...answer.rows].sort((one, other) => order(one[column.name], other[column.name]));
    draw();
  }

  function order(one, other) {
    const result = compare(one, other, values.locale);
    const missing = plain(one) === null || plain(other) === null;
    return sorted.down && !missing ? -result : result;
  }

  function draw() {
    head.querySelectorAll("th").forEach((cell, index) => {
      const on = columns[index].name === sorted.name;
      cell.setAttribute("aria-sort", on ? (sorted.down ? "descending" : "ascending") : "none");
    });
    body.replaceChildren(...(all ? rows : rows.slice(0, FIRST)).map((row) => line(row)));
    more.hidden = all;
    more.textContent = `Show all ${rows.length} rows`;
  }

  function header(column, onclick) {
    const right = isRight(column, answer.rows);
    return el(right ? "th.right" : "th", { scope: "col", "aria-sort": "none" }, el("button", { type: "button", onclick }, column.label));
  }

  function line(row) {
    return el("tr", {}, columns.map((column, index) => cell(row, column, index === 0)));
  }

  function cell(row, column, first) {
    const value = row[column.name];
    const text = cellText(answer, values, row, column);
    const right = isRight(column, answer.rows);
    const url = first && row.url ? row.url : value && typeof value === "object" ? value.url : null;
    const content = text === "" ? el("span.none", {}, "–") : url ? link(url, "", {}, text) : text;
    return el(first ? "th" : right ? "td.right" : "td", first ? { scope: "row", class: right ? "right" : "" } : { title: text.length > 24 ? text : null }, content);
  }

  draw();
  return element;
}

// The columns that the answer names, but for those that say the same in every row: the chips say that already.
function shown(answer) {
  if (answer.columns?.length) return isGrouped(answer) ? answer.columns : answer.columns.filter((column, index) => index === 0 || varies(answer.rows, column.name));
  const hidden = new Set(["id", "object", "url", "version", "currency"]);
  return Object.keys(answer.rows[0] ?? {}).filter((name) => !hidden.has(name)).map((name) => ({ name, label: name.replaceAll("_", " ") }));
}

// Groups keep their numbers, though they are all the same: they are what was asked for.
const isGrouped = (answer) => Boolean(answer.query?.group_by?.length) || answer.columns.some((column) => column.name === "value");

function varies(rows, name) {
  return rows.length < 2 || rows.some((row) => plain(row[name] ?? null) !== plain(rows[0][name] ?? null));
}

function isRight(column, rows) {
  if (RIGHT.has(column.type)) return true;
  return !column.type && rows.some((row) => typeof row[column.name] === "number");
}
