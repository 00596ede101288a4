// Pieces of pages: "show more" that adds in place, a tick and a move that send their form and show the toast.
import { refuse, toast, words } from "./frame.js";

export async function fragment(url, options = {}) {
  const asked = fetch(url, { ...options, headers: { "X-Fragment": "1", ...options.headers } });
  const response = await asked.catch(() => null); // no connection
  if (!response) return { ok: false, text: "" };
  const text = await response.text();
  if (response.redirected && new URL(response.url).pathname === "/sign-in") location.href = "/sign-in";
  return { ok: response.ok, text };
}

// Whether it went through, and what came beside the toast.
export async function sent(form, submitter) {
  const data = new FormData(form, submitter);
  return show(await fragment(form.getAttribute("action") || location.href, { method: "POST", body: new URLSearchParams(data) }));
}

// Shows the toast of an answer, and gives what came beside it. An answer that asks something back has none.
export function show(answer) {
  const made = document.createElement("template");
  made.innerHTML = answer.text;
  const shown = made.content.querySelector("[data-toast]");
  if (shown) toast(shown.outerHTML);
  else if (!answer.ok && !made.content.querySelector("[data-ask]")) refuse(navigator.onLine ? words.failed : words.offline);
  return { ok: answer.ok, content: made.content };
}

export async function send(form, submitter) {
  return (await sent(form, submitter)).ok;
}

// --- more of a list ---------------------------------------------------------------------------------------------------
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-more]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  link.setAttribute("aria-disabled", "true");
  const { ok, text } = await fragment(link.href);
  if (!ok) { location.href = link.href; return; }
  const place = link.closest(".load-more");
  const made = document.createElement("template");
  made.innerHTML = text;
  mergeDay(place, made.content);
  const first = made.content.querySelector("a[href]");
  place.replaceWith(made.content);
  first?.focus({ preventScroll: true });
});

// A day that goes on from the page before keeps one head.
function mergeDay(place, content) {
  const heads = place.parentElement.querySelectorAll("h3.day");
  const last = heads[heads.length - 1];
  const next = content.querySelector("h3.day");
  if (!last || !next || last.textContent !== next.textContent) return;
  const more = next.nextElementSibling;
  last.nextElementSibling.append(...more.children);
  next.remove();
  more.remove();
}

// --- a task's tick -----------------------------------------------------------------------------------------------------
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-tick]");
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  delete form.dataset.sent;
  const button = form.querySelector("button");
  const done = form.elements.done.value === "true";
  button.setAttribute("aria-pressed", String(done));
  const row = form.closest("tr, li");
  row?.classList.toggle("is-done", done);
  if (await send(form)) { form.elements.done.value = String(!done); form.dispatchEvent(new CustomEvent("parley:ticked", { bubbles: true })); }
  else { button.setAttribute("aria-pressed", String(!done)); row?.classList.toggle("is-done", !done); }
}, true);
