// The jobs tray: asks how far long work is while something runs, and goes once all has ended and been seen.
import { fragment } from "./fragments.js";

const EVERY = 1000; // milliseconds
const SEEN = "parley.jobs.seen";
const tray = document.querySelector("[data-jobs]");
const list = document.querySelector("[data-jobs-list]");
const words = document.querySelector("[data-jobs-words]")?.dataset ?? {};
let timer = null;
let ran = false; // whether something ran a moment ago: its end is told

const seen = new Set(stored());

function stored() {
  try { return JSON.parse(sessionStorage.getItem(SEEN) ?? "[]"); } catch { return []; }
}

export async function look() {
  clearTimeout(timer);
  let answer;
  try { answer = await fragment(tray ? "/jobs" : "/jobs?active=1"); } catch { answer = { ok: false }; } // away: it is asked again
  if (answer.ok) draw(answer.text);
  if (!answer.ok || list.querySelector("[data-active]")) timer = setTimeout(look, answer.ok ? EVERY : 4 * EVERY);
}

function draw(html) {
  const made = document.createElement("ul");
  made.innerHTML = html;
  for (const job of made.querySelectorAll("[data-job]:not([data-active])")) if (tray && seen.has(job.dataset.job)) job.remove();
  const focused = document.activeElement?.closest?.("[data-job]")?.dataset.job;
  list.replaceChildren(...made.children);
  if (focused) list.querySelector(`[data-job="${CSS.escape(focused)}"] :is(button, a)`)?.focus();
  const running = list.querySelectorAll("[data-active]").length;
  if (ran && !running) document.dispatchEvent(new CustomEvent("parley:jobs-ended"));
  if (tray) frame(running);
  ran = running > 0;
}

function frame(running) {
  tray.hidden = !list.children.length;
  const text = running > 1 ? words.some.replace("%(count)s", running) : running ? words.one : words.ended;
  tray.querySelector("[data-jobs-sum]").textContent = text;
  tray.querySelector("[data-jobs-close]").hidden = running > 0;
  if (ran && !running) tray.querySelector("[data-jobs-news]").textContent = text;
}

function close() {
  for (const job of list.querySelectorAll("[data-job]:not([data-active])")) seen.add(job.dataset.job);
  try { sessionStorage.setItem(SEEN, JSON.stringify([...seen].slice(-50))); } catch { /* without storage they stay hidden on this page alone */ }
  tray.hidden = true;
}

list?.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-job-stop]");
  if (!form) return;
  event.preventDefault();
  delete form.dataset.sent;
  form.querySelector("button").setAttribute("aria-disabled", "true");
  const { ok, text } = await fragment(form.action, { method: "POST" });
  if (ok) draw(text);
  look();
}, true);
tray?.querySelector("[data-jobs-close]").addEventListener("click", close);
tray?.querySelector("[data-jobs-toggle]").addEventListener("click", ({ currentTarget: button }) => {
  button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true"));
});
document.addEventListener("parley:jobs", look);
if (list) look();
