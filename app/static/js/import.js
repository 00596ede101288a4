// The import page: reads the file's first lines, asks what its columns are, and watches the run.
import { fragment } from "./fragments.js";

const page = document.querySelector("[data-import]");
const start = page.querySelector("[data-start]");
const columns = page.querySelector("[data-columns]");
const report = page.querySelector("[data-report]");
const HEAD = 65536; // bytes that are read for the columns' names and an example

async function head(file) {
  const bytes = await file.slice(0, HEAD).arrayBuffer();
  try { return new TextDecoder("utf-8", { fatal: file.size <= HEAD }).decode(bytes); }
  catch { return new TextDecoder("windows-1252").decode(bytes); }
}

// The first lines of a delimited file; quotes may hold delimiters and line ends.
function rows(text, most) {
  const line = text.split(/\r?\n/, 1)[0];
  const mark = [",", ";", "\t", "|"].reduce((best, one) => (line.split(one).length > line.split(best).length ? one : best));
  const found = [[""]];
  let quoted = false;
  for (let at = 0; at < text.length && found.length <= most; at++) {
    const letter = text[at], row = found[found.length - 1];
    if (letter === '"') {
      if (quoted && text[at + 1] === '"') { row[row.length - 1] += '"'; at++; } else quoted = !quoted;
    } else if (letter === mark && !quoted) row.push("");
    else if (letter === "\n" && !quoted) found.push([""]);
    else if (letter !== "\r" || quoted) row[row.length - 1] += letter;
  }
  return found.slice(0, most);
}

async function showColumns() {
  const file = start.elements.file.files[0];
  report.replaceChildren();
  if (!file) { columns.replaceChildren(); return; }
  const [names, ...rest] = rows((await head(file)).replace(/^\uFEFF/, ""), 12);
  const body = new URLSearchParams({ object: start.elements.object.value });
  names.forEach((name, at) => {
    body.append("column", name.trim());
    body.append("sample", (rest.find((row) => row[at]?.trim())?.[at] ?? "").slice(0, 60));
  });
  const { text } = await fragment("/import/columns", { method: "POST", body });
  columns.innerHTML = text;
}

function body(dry) {
  const form = columns.querySelector("form");
  const data = new FormData();
  data.append("object", start.elements.object.value);
  const map = {};
  for (const select of form.querySelectorAll("[data-column]")) if (select.value) map[select.dataset.column] = select.value;
  data.append("map", JSON.stringify(map));
  data.append("match", form.elements.match.value);
  for (const box of form.querySelectorAll("[name=create]:checked")) data.append("create", box.value);
  data.append("dry_run", String(dry));
  data.append("file", start.elements.file.files[0]);
  return data;
}

async function run(dry) {
  const key = crypto.randomUUID?.() ?? String(Math.random());
  const response = await fetch("/api/v1/imports", { method: "POST", body: body(dry), headers: { "Idempotency-Key": key } });
  const answer = await response.json();
  if (!response.ok) { refused(answer); return; }
  if (dry) watch(answer.id);
  else location.href = `/import/${answer.id}`;
}

function refused(problem) {
  const box = document.createElement("div");
  box.className = "notice notice-bad";
  box.setAttribute("role", "alert");
  box.textContent = [problem.detail, ...(problem.errors ?? []).map((error) => error.message)].filter((text, at, all) => text && all.indexOf(text) === at).join(" ");
  report.replaceChildren(box);
}

async function watch(id) {
  const { ok, text } = await fragment(`/import/${id}`);
  if (!ok) return;
  report.innerHTML = text;
  const section = report.querySelector("[data-run]");
  if (section.hasAttribute("data-active")) setTimeout(() => watch(id), 400);
  else ended();
}

function ended() {
  const now = report.querySelector("[data-run-now]");
  const instead = report.querySelector("[data-match-by]");
  const choice = columns?.querySelector("[name=match]");
  if (instead && [...(choice?.options ?? [])].some((one) => one.value === instead.dataset.matchBy)) {
    instead.hidden = false;
    instead.addEventListener("click", () => { choice.value = instead.dataset.matchBy; choice.form.requestSubmit(); }, { once: true });
  }
  if (now && start) {
    now.hidden = false;
    now.addEventListener("click", () => { now.setAttribute("aria-disabled", "true"); run(false); }, { once: true });
    now.scrollIntoView({ block: "center" });
  }
}

start?.addEventListener("change", showColumns);
start?.addEventListener("submit", (event) => event.preventDefault());
columns?.addEventListener("submit", (event) => {
  event.preventDefault();
  delete event.target.dataset.sent;
  run(true);
});
columns?.addEventListener("change", () => report.replaceChildren());
const running = report.querySelector("[data-run][data-active]");
if (running) watch(Number(running.dataset.run));
