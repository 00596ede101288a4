// What the sections of the assistant's settings share: a state with its facts, a job with its bar, sizes and spans.
import { el, icon as take } from "./assistant-dom.js";

export const icon = (name) => take(document, name);
const numbers = new Intl.NumberFormat(document.documentElement.lang || "en", { maximumFractionDigits: 1 });
export const number = (value) => numbers.format(value);

export function bytes(value) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  for (; value >= 999.5 && at < units.length - 1; at += 1) value /= 1000;
  return `${number(value)} ${units[at]}`;
}

function time(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${number(seconds / 3600)} h`;
}

// A dot with a sentence, then what can be done, then facts as pairs.
export function state(kind, sentence, { todo = null, facts = [], actions = [] } = {}) {
  return [
    el("div.state-head", {}, el("span.state-dot", { "data-state": kind, "aria-hidden": "true" }), el("strong", {}, sentence), ...actions),
    todo ? el("p.state-todo", {}, todo) : null,
    el("dl.state-facts", {}, facts.filter(([, value]) => value !== null && value !== "").flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
  ].filter(Boolean);
}

export function button(text, onclick, { quiet = false, danger = false, disabled = false, about = "" } = {}) {
  const kind = `button.button.button-small${quiet ? ".button-quiet" : ""}${danger ? ".button-danger" : ""}`;
  return el(kind, { type: "button", onclick, disabled }, text, about ? el("span.sr-only", {}, ` ${about}`) : null);
}

// A job: its name, bar, how far, how fast, how long yet, and Stop; once ended, how.
export function work(job, { title, unit = number, onstop }) {
  const active = job.state === "running" || job.state === "queued";
  const head = el("div.work-head", {}, el("strong", {}, title), active ? button("Stop", onstop, { about: title }) : null);
  if (!active) return el("div.card.work", { "data-state": job.state }, head, ...ended(job));
  const bar = el("progress.progress", { "aria-label": title, ...(job.total ? { max: job.total, value: job.done } : {}) });
  return el("div.card.work", { "data-state": job.state }, head, bar, el("p", {}, pace(job, unit)));
}

function ended(job) {
  if (job.state === "failed") return [el("div.notice.notice-bad", {}, icon("circle-alert"), el("span", {}, job.error))];
  return [el("p", {}, job.state === "done" ? "Done." : "Stopped.")];
}

function pace(job, unit) {
  if (!job.total) return job.what || "Beginning …";
  const passed = (Date.now() - Date.parse(job.started_at)) / 1000;
  const far = `${unit(job.done)} of ${unit(job.total)}`;
  if (!job.done || passed < 3) return far;
  const rate = job.done / passed;
  return `${far} · ${unit(rate)} a second · ${time((job.total - job.done) / rate)} left`;
}

// Put fresh nodes where something else stood; nothing moves, and no focus is lost, where they say the same.
export function put(place, nodes) {
  const made = document.createElement(place.tagName);
  made.append(...nodes);
  if (made.innerHTML === place.innerHTML || place.querySelector(":focus:is(select, input)")) return;
  const focused = place.contains(document.activeElement) ? document.activeElement.textContent : null;
  place.replaceChildren(...made.childNodes);
  if (focused) [...place.querySelectorAll("button, a")].find((one) => one.textContent === focused)?.focus();
}
