// An answer on the clipboard: as text, as Markdown, or its table as CSV.
import { el, icon } from "./assistant-dom.js";
import { cellText } from "./assistant-values.js";

export function copyMenu(root, answer, values, text) {
  const label = el("span", {}, "Copy");
  const summary = el("summary.button.button-quiet.button-small", {}, icon(root, "copy"), label);
  const ways = [["As text", () => plain(answer, values, text())], ["As Markdown", () => markdown(answer, values, text())]];
  if (hasTable(answer)) ways.push(["Table as CSV", () => csv(answer)]);
  const menu = el("details.menu.copy-menu", { "data-menu": true }, summary, el("div.menu-body", {}, ways.map(([name, make]) => el("button.menu-item", { type: "button", onclick: () => copy(menu, label, make()) }, name))));
  return menu;
}

async function copy(menu, label, text) {
  menu.open = false;
  menu.querySelector("summary").focus();
  try {
    await navigator.clipboard.writeText(text);
    label.textContent = "Copied";
  } catch {
    label.textContent = "Not allowed here";
  }
  setTimeout(() => (label.textContent = "Copy"), 1600);
}

function hasTable(answer) {
  return Boolean(answer.rows?.length && answer.columns?.length);
}

function link(answer) {
  return answer.url ? new URL(answer.url, location.origin).href : "";
}

function cells(answer, values) {
  return answer.rows.map((row) => answer.columns.map((column) => cellText(answer, values, row, column)));
}

// Its words, its rows as tab-separated lines, its quotes with their sources, the link to all of it.
export function plain(answer, values, text) {
  const lines = hasTable(answer) ? [answer.columns.map((column) => column.label), ...cells(answer, values)].map((row) => row.join("\t")) : [];
  const quotes = (answer.passages ?? []).map((item, index) => `[${index + 1}] “${item.text}” (${item.label})`);
  return [text, lines.join("\n"), quotes.join("\n"), link(answer)].filter(Boolean).join("\n\n");
}

export function markdown(answer, values, text) {
  const safe = (value) => String(value).replaceAll("\\", "\\\\").replaceAll("|", "\\|").replaceAll("\n", " ");
  const line = (row) => `| ${row.map(safe).join(" | ")} |`;
  const table = hasTable(answer) ? [line(answer.columns.map((column) => column.label)), line(answer.columns.map(() => "---")), ...cells(answer, values).map(line)] : [];
  const quotes = (answer.passages ?? []).map((item, index) => `> ${item.text.replaceAll("\n", "\n> ")}\n>\n> [${index + 1}] [${item.label}](${new URL(item.url, location.origin).href})`);
  const all = link(answer) ? `[Open as list](${link(answer)})` : "";
  return [text, table.join("\n"), quotes.join("\n\n"), all].filter(Boolean).join("\n\n");
}

// Plain values for other programs; a text that a spreadsheet could take for a formula has an apostrophe before it.
export function csv(answer) {
  const cell = (value) => {
    const raw = value === null || value === undefined ? "" : Array.isArray(value) ? value.map((one) => one?.label ?? (one?.currency ? `${one.amount} ${one.currency}` : one)).join(", ") : typeof value === "object" ? (value.label ?? "") : value;
    const text = typeof raw === "string" && /^[=+\-@\t\r]/.test(raw) ? `'${raw}` : String(raw);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const money = answer.columns.some((column) => column.type === "money") && answer.rows.some((row) => row.currency);
  const columns = money && !answer.columns.some((column) => column.name === "currency") ? [...answer.columns, { name: "currency", label: "Currency" }] : answer.columns;
  return [columns.map((column) => cell(column.label)), ...answer.rows.map((row) => columns.map((column) => cell(row[column.name])))].map((row) => row.join(",")).join("\r\n");
}
