// My day: move by the keyboard, choose several, and act with one key. The server's answer replaces the sections.
import { fragment, sent } from "./fragments.js";
import { singleKeys } from "./keys.js";

const day = document.getElementById("day");
const bar = document.getElementById("batch");
const when = document.getElementById("when");
const adding = document.querySelector("[data-task-add]");
const ACTIONS = { x: "done", " ": "done", t: "today", m: "tomorrow", w: "week" };
let current = null; // the id of the task that the keyboard stands on
let inside = false; // whether the focus is in the list, though its rows are made anew

// --- where one stands -----------------------------------------------------------------------------------------------------
const rows = () => [...day.querySelectorAll("[data-task]")];
const row = () => day.querySelector(`[data-task="${current}"]`);
const picks = new Set(); // ids; the sections are made anew around them
const chosen = () => rows().map((item) => item.dataset.task).filter((id) => picks.has(id));

function prepare() {
  for (const item of rows()) {
    const box = item.querySelector(".task-pick");
    if (box) box.checked = picks.has(item.dataset.task);
    item.tabIndex = item.dataset.task === current ? 0 : -1;
    const more = item.querySelector("[data-more-of]");
    if (more) more.hidden = false;
  }
  if (!row() && rows().length) rows()[0].tabIndex = 0;
  if (inside && document.activeElement === document.body) row()?.focus({ preventScroll: true });
  picked();
}

function stand(item) {
  if (!item) return;
  if (row()) row().tabIndex = -1;
  current = item.dataset.task;
  item.tabIndex = 0;
  item.focus();
  item.scrollIntoView({ block: "nearest" });
}

function step(by, choosing) {
  const all = rows(), at = all.findIndex((item) => item === row() && item.contains(document.activeElement));
  const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))];
  if (choosing && at >= 0) for (const item of [all[at], next]) pick(item, true);
  stand(next);
}

document.addEventListener("focusin", (event) => {
  inside = day.contains(event.target);
  const item = inside && event.target.closest("[data-task]");
  if (item) current = item.dataset.task;
});

// --- choosing several -------------------------------------------------------------------------------------------------------
function pick(item, on) {
  const box = item?.querySelector(".task-pick");
  if (!box) return;
  box.checked = on ?? !picks.has(box.value);
  noted(box);
}

function noted(box) {
  if (box.checked) picks.add(box.value);
  else picks.delete(box.value);
  picked();
}

function picked() {
  if (!bar) return;
  const count = chosen().length;
  bar.classList.toggle("is-open", count > 0);
  bar.querySelector("[data-picked]").textContent = count ? String(count) : "";
}

function unpick() {
  picks.clear();
  for (const box of day.querySelectorAll(".task-pick:checked")) box.checked = false;
  picked();
}

day.addEventListener("change", (event) => { if (event.target.matches(".task-pick")) noted(event.target); });
day.addEventListener("click", (event) => {
  const item = event.target.closest("[data-task]");
  if (!item) return;
  if ((event.ctrlKey || event.metaKey) && !event.target.closest("a, button, input")) pick(item);
  if (event.target.closest("[data-more-of]")) { stand(item); ask([item.dataset.task]); }
});

// --- acting -------------------------------------------------------------------------------------------------------------------
const targets = () => (chosen().length ? chosen() : row()?.contains(document.activeElement) ? [current] : []);

async function act(action, ids, more = {}) {
  if (!ids.length) return true;
  const items = ids.map((id) => day.querySelector(`[data-task="${id}"]`)).filter(Boolean);
  if (action === "done" && items.every((item) => item.classList.contains("is-done"))) action = "open";
  for (const item of items) { // at once; the server's answer says the rest
    item.classList.add("is-going");
    if (action === "done" || action === "open") item.classList.toggle("is-done", action === "done");
  }
  const form = document.createElement("form");
  form.action = "/tasks/batch";
  for (const [name, value] of [["action", action], ...Object.entries(more), ...ids.map((id) => ["id", id])]) {
    const field = document.createElement("input");
    [field.type, field.name, field.value] = ["hidden", name, value];
    form.append(field);
  }
  const place = rows().indexOf(items[items.length - 1]);
  const { ok } = await sent(form);
  if (ok) unpick();
  await refresh(place);
  return ok;
}

async function refresh(place) {
  const { ok, text } = await fragment(location.href);
  if (!ok) return;
  day.innerHTML = text;
  prepare();
  if (inside && place !== undefined) stand(row() && !row().classList.contains("is-done") ? row() : rows()[Math.min(place, rows().length - 1)]);
}
// A tick's own form has its say in fragments.js; what it changed is shown here.
document.addEventListener("parley:ticked", (event) => { if (day.contains(event.target)) refresh(); });
new MutationObserver(() => { if (day.querySelector("[data-more-of][hidden]")) prepare(); }).observe(day, { childList: true }); // live

bar?.addEventListener("submit", (event) => { event.preventDefault(); act(event.submitter.value, chosen()); }, true);
bar?.querySelector("[data-unpick]").addEventListener("click", unpick);
bar?.querySelector("[data-when]").addEventListener("click", () => ask(chosen()));
for (const button of bar?.querySelectorAll("[hidden]") ?? []) button.hidden = false;

// --- a date or a reminder ---------------------------------------------------------------------------------------------------------
let asked = [];

function ask(ids, field = "date") {
  if (!ids.length) return;
  asked = ids;
  const name = day.querySelector(`[data-task="${ids[0]}"] .task-name`)?.textContent ?? "";
  document.getElementById("when-title").textContent = ids.length > 1 ? `${name} + ${ids.length - 1}` : name;
  when.querySelector("[data-when-problem]").hidden = true;
  when.showModal();
  (field === "date" ? when.querySelector("#when-date") : when.querySelector("[data-moment]")).focus();
}

when?.addEventListener("click", (event) => { if (event.target === when) when.close(); });
when?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("#when-date, #when-moment")) { event.preventDefault(); event.target.nextElementSibling.click(); }
});
when?.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  event.stopPropagation();
  const { value, dataset } = event.submitter;
  const more = value === "date" ? { date: when.querySelector("#when-date").value } : {};
  if (value === "remind") Object.assign(more, { when: dataset.moment, moment: when.querySelector("#when-moment").value });
  when.close();
  await act(value, asked, more);
}, true);

// --- keys -----------------------------------------------------------------------------------------------------------------------------
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const at = event.target;
  const inRow = at.closest?.("[data-task]");
  if (at !== document.body && !inRow) return;
  if (at.matches("input:not(.task-pick), select, textarea")) return;
  if (at.closest("button, .task-pick") && (event.key === " " || event.key === "Enter")) return;
  const move = { ArrowDown: 1, ArrowUp: -1, ...(singleKeys() ? { j: 1, k: -1, J: 1, K: -1 } : {}) }[event.key];
  if (move) { event.preventDefault(); step(move, event.shiftKey); return; }
  if (event.key === "Escape" && chosen().length) { event.preventDefault(); unpick(); return; }
  if (event.key === "Enter" && at === inRow) { event.preventDefault(); inRow.querySelector(".task-name").click(); return; }
  if (!bar || !singleKeys() || event.shiftKey) return;
  if (event.key === "s" && inRow) { event.preventDefault(); pick(inRow); return; }
  const ids = targets();
  if (!ids.length) return;
  if (ACTIONS[event.key]) { event.preventDefault(); event.stopImmediatePropagation(); act(ACTIONS[event.key], ids); }
  else if (event.key === "d" || event.key === "r") { event.preventDefault(); event.stopImmediatePropagation(); ask(ids, event.key === "d" ? "date" : "remind"); }
}, true);

// --- adding in one line ---------------------------------------------------------------------------------------------------------------------
if (adding) {
  const field = adding.elements.text, said = document.getElementById("task-read");
  let timer, last = 0;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++last;
      const { ok, text } = field.value.trim() ? await fragment(`/tasks/read?text=${encodeURIComponent(field.value)}`) : { ok: true, text: "" };
      if (ok && mine === last) said.innerHTML = text;
    }, 150);
  });
  adding.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (!field.value.trim() || !(await sent(adding)).ok) return;
    clearTimeout(timer);
    last += 1;
    field.value = "";
    said.replaceChildren();
    await refresh();
  }, true);
}
prepare();
