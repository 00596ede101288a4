// An answer's words as nodes: paragraphs, the result's numbers in bold, [1] as links to the quotes. Plain text in.
import { el } from "./assistant-dom.js";

const NUMBER = /(?:[$€£¥]\s?)?\d[\d,.’\u00a0\u202f]*\d(?:\s?%)?|(?:[$€£¥]\s?)?\d(?:\s?%)?/g;
const MARKER = /\[(\d{1,2})\]/g;

export function words(text, { figures = [], quotes = 0, quoteId = (number) => `quote-${number}` } = {}) {
  const values = figures.map((figure) => figure.value).filter((value) => typeof value === "number");
  return text
    .split(/\n{2,}/)
    .map((block) => block.trim())
    .filter((block) => block && !(quotes && block.startsWith("“"))) // quotes stand below, with their sources
    .map((block) => paragraph(block, values, quotes, quoteId));
}

function paragraph(block, values, quotes, quoteId) {
  const lines = block.split("\n");
  if (lines.length > 1 && lines.every((line) => /^[-*•]\s/.test(line))) {
    return el("ul.answer-list", {}, lines.map((line) => el("li", {}, inline(line.slice(2), values, quotes, quoteId))));
  }
  const parts = lines.flatMap((line, index) => (index ? [el("br"), ...inline(line, values, quotes, quoteId)] : inline(line, values, quotes, quoteId)));
  return el("p", {}, parts);
}

function inline(line, values, quotes, quoteId) {
  const nodes = [];
  let position = 0;
  for (const match of line.matchAll(MARKER)) {
    nodes.push(...bold(line.slice(position, match.index).trimEnd(), values), "\u2060"); // it never begins a line
    const number = Number(match[1]);
    nodes.push(number >= 1 && number <= quotes ? el("a.marker", { href: `#${quoteId(number)}`, "aria-label": `Quote ${number}` }, match[1]) : match[0]);
    position = match.index + match[0].length;
  }
  nodes.push(...bold(line.slice(position), values));
  return nodes;
}

// Numbers that are figures of the result; years and counts in names stay as they are.
function bold(text, values) {
  const nodes = [];
  let position = 0;
  for (const match of text.matchAll(NUMBER)) {
    const number = Number(match[0].replace(/[^\d.]/g, ""));
    if (!values.some((value) => close(value, number, match[0]))) continue;
    nodes.push(text.slice(position, match.index), el("strong.num", {}, match[0]));
    position = match.index + match[0].length;
  }
  nodes.push(text.slice(position));
  return nodes.filter((node) => node !== "");
}

function close(value, number, written) {
  const decimals = written.match(/\.(\d+)/)?.[1].length ?? 0;
  return Math.abs(Math.abs(value) - number) <= 0.5 * 10 ** -decimals;
}
