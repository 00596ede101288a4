// The palette (Ctrl K): records, places, actions and the assistant, by the keyboard alone.
import { fragment } from "./fragments.js";

const dialog = document.getElementById("palette");
const field = dialog?.querySelector("input");
const list = dialog?.querySelector("[role=listbox]");
let asked = 0;

export function open() {
  if (dialog.open) return;
  dialog.showModal();
  field.select();
  if (!list.childElementCount) fill();
}

async function fill() {
  const mine = ++asked;
  const { ok, text } = await fragment(`${list.dataset.source}?q=${encodeURIComponent(field.value.trim())}`);
  if (!ok || mine !== asked) return;
  list.innerHTML = text;
  choose(0);
}

function options() { return [...list.querySelectorAll("[role=option]")]; }

function choose(index) {
  const all = options();
  if (!all.length) return;
  const at = (index + all.length) % all.length;
  all.forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
  all[at].scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", all[at].id);
}

function chosen() { return options().findIndex((item) => item.getAttribute("aria-selected") === "true"); }

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
    filled = new Promise((resolve) => { timer = setTimeout(() => fill().then(resolve, resolve), 80); });
  });
  field.addEventListener("keydown", async (event) => {
    const act = { ArrowDown: () => choose(chosen() + 1), ArrowUp: () => choose(chosen() - 1), Enter: () => options()[chosen()]?.click() }[event.key];
    if (event.key === "Escape") { event.preventDefault(); dialog.close(); } // else the field would only be emptied
    if (!act) return;
    event.preventDefault();
    await filled;
    act();
  });
  list.addEventListener("click", (event) => {
    const ask = event.target.closest("[data-ask]");
    if (!ask) return;
    // The assistant's panel takes the question where the page has one; else the link leads to its own page.
    if (!document.querySelector("[data-assistant], [data-assistant-page]")) return;
    event.preventDefault();
    dialog.close();
    document.dispatchEvent(new CustomEvent("parley:ask", { detail: { question: ask.dataset.ask } }));
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}
