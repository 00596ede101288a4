// The palette (Ctrl K): records, what the page offers, places, actions and the assistant, by the keyboard alone.
import { fragment, sent } from "./fragments.js";
import { showKeys } from "./keys.js";

const dialog = document.getElementById("palette");
const field = dialog?.querySelector("input");
const list = dialog?.querySelector("[role=listbox]");
const main = document.getElementById("content");
const known = new Map(); // what was answered for a text, while the dialog is open: going back shows it at once
let asking = null;

export function open() {
  if (dialog.open) return;
  known.clear();
  dialog.showModal();
  field.select();
  fill();
}

function address() {
  const { object, record } = main?.dataset ?? {};
  return `${list.dataset.source}?${new URLSearchParams({ q: field.value.trim(), ...(object ? { object } : {}), ...(record ? { record } : {}) })}`;
}

// The rows for what is typed now. An older request is called off; the rows before stay until the new ones are there.
async function fill() {
  const wanted = address();
  asking?.abort();
  asking = new AbortController();
  if (!known.has(wanted)) {
    try {
      const { ok, text } = await fragment(wanted, { signal: asking.signal });
      if (!ok) return;
      known.set(wanted, text);
    } catch (error) {
      if (error.name === "AbortError") return;
      throw error;
    }
  }
  if (wanted !== address()) return;
  list.innerHTML = known.get(wanted);
  list.scrollTop = 0;
  choose(0);
}

function options() { return [...list.querySelectorAll("[role=option]")]; }

function choose(index) {
  const all = options();
  if (!all.length) { field.removeAttribute("aria-activedescendant"); return; }
  const at = (index + all.length) % all.length;
  all.forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
  all[at].scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", all[at].id);
}

function chosen() { return options().findIndex((item) => item.getAttribute("aria-selected") === "true"); }

// --- what a row does ----------------------------------------------------------------------------------------------------------
const ACTS = {
  copy: async () => { await navigator.clipboard?.writeText(location.href.split("#")[0]); },
  keys: async () => showKeys(),
  create: async (object) => (await import("./create.js")).openCreate(object),
  theme: async (key) => {
    document.documentElement.dataset.theme = key;
    await fragment("/settings/theme", { method: "POST", body: new URLSearchParams({ theme: key }) });
  },
};

async function post(item) {
  const form = document.createElement("form");
  form.action = item.dataset.post;
  for (const [name, value] of Object.entries(JSON.parse(item.dataset.sent))) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
  if (item.dataset.post.endsWith("/trash")) { // its page goes with it: the list says so, with Undo
    form.method = "post";
    document.body.append(form);
    form.submit();
  } else await sent(form);
}

function ask(item) {
  // The assistant's panel takes the question where the page has one; else the link leads to its own page.
  if (!document.querySelector("[data-assistant], [data-assistant-page]")) return false;
  dialog.close();
  document.dispatchEvent(new CustomEvent("parley:ask", { detail: { question: item.dataset.ask } }));
  return true;
}

function act(event, item) {
  if (event.ctrlKey || event.metaKey) return;
  if (item.dataset.ask && ask(item)) event.preventDefault();
  const [name, value] = (item.dataset.act ?? "").split(":");
  if (!ACTS[name] && !item.dataset.post) return;
  event.preventDefault();
  dialog.close();
  if (item.dataset.post) post(item);
  else ACTS[name](value);
}

if (dialog) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); open(); }
  });
  for (const link of document.querySelectorAll("[data-palette]"))
    link.addEventListener("click", (event) => { if (!event.ctrlKey && !event.metaKey) { event.preventDefault(); open(); } });
  // A key that comes before the answer to what was typed waits for it: it never chooses from the list before.
  let timer, filled = Promise.resolve();
  field.addEventListener("input", () => {
    clearTimeout(timer);
    filled = new Promise((resolve) => { timer = setTimeout(() => fill().then(resolve, resolve), known.has(address()) ? 0 : 40); });
  });
  field.addEventListener("keydown", async (event) => {
    if (event.key === "Escape") { event.preventDefault(); dialog.close(); return; } // else the field would only be emptied
    const asks = event.key === "Enter" && (event.ctrlKey || event.metaKey);
    const does = {
      ArrowDown: () => choose(chosen() + 1), ArrowUp: () => choose(chosen() - 1),
      PageDown: () => choose(Math.min(chosen() + 6, options().length - 1)), PageUp: () => choose(Math.max(chosen() - 6, 0)),
      Enter: () => (asks ? list.querySelector("[data-ask]") : options()[chosen()])?.click(),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    await filled;
    does();
  });
  list.addEventListener("click", (event) => { const item = event.target.closest("[role=option]"); if (item) act(event, item); });
  list.addEventListener("pointermove", (event) => { const at = options().indexOf(event.target.closest("[role=option]")); if (at >= 0 && at !== chosen()) choose(at); });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}
