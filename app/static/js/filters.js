// The filter's editor as a popover, and fields that search as one types.
import { fragment } from "./fragments.js";

// --- popover ----------------------------------------------------------------------------------------------------------
let popover, anchor;

async function openPopover(link) {
  closePopover();
  anchor = link;
  const { ok, text } = await fragment(link.href);
  if (!ok) { location.href = link.href; return; }
  popover = document.createElement("div");
  popover.className = "popover filter-popover";
  popover.setAttribute("role", "dialog");
  popover.setAttribute("aria-label", link.textContent.trim());
  popover.innerHTML = text;
  document.body.append(popover);
  place();
  pickers(popover);
  (popover.querySelector("[data-refresh] ~ *, select:not([data-refresh]), input:not([type=hidden])") ?? popover.querySelector("select"))?.focus();
  if (!popover.querySelector("[name=_apply]")) popover.querySelector("select").focus();
}

function place() {
  const box = anchor.getBoundingClientRect();
  const left = Math.max(8, Math.min(box.left, innerWidth - popover.offsetWidth - 8));
  const below = innerHeight - box.bottom > popover.offsetHeight + 12;
  popover.style.left = `${left}px`;
  popover.style.top = `${below ? box.bottom + 6 : Math.max(8, innerHeight - popover.offsetHeight - 8)}px`;
}

function closePopover() {
  popover?.remove();
  popover = undefined;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-popover]");
  if (link && !event.ctrlKey && !event.metaKey) { event.preventDefault(); openPopover(link); return; }
  if (popover && !popover.contains(event.target) && document.contains(event.target)) closePopover();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && popover) { const back = anchor; closePopover(); back.focus(); }
});

// Another field or operator wants other inputs: the server makes them.
document.addEventListener("change", async (event) => {
  const control = event.target.closest("[data-refresh]");
  const form = control?.closest("form[data-filter]");
  if (!form) return;
  const data = new URLSearchParams(new FormData(form));
  if (control.name === "_field") for (const name of ["_op", "_value", "_text"]) data.delete(name);
  const { ok, text } = await fragment(`${form.getAttribute("action")}?${data}`);
  if (!ok) return;
  const holder = form.parentElement;
  form.outerHTML = text;
  pickers(holder);
  holder.querySelector(`[name="${control.name}"]`)?.focus();
  if (popover) place();
});

// --- pickers ----------------------------------------------------------------------------------------------------------
let count = 0;

export function pickers(within) { for (const item of within.querySelectorAll("[data-picker]:not([data-ready])")) picker(item); }

function picker(holder) {
  holder.dataset.ready = "1";
  const [field, id, label] = [holder.querySelector("input:not([type=hidden])"), ...holder.querySelectorAll("input[type=hidden]")];
  const list = document.createElement("div");
  list.className = "picker-list";
  list.id = `picker-${++count}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels?.[0]?.textContent ?? "");
  holder.append(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");
  let asked = 0, timer, filled = Promise.resolve();

  async function fill() {
    const mine = ++asked;
    const { ok, text } = await fragment(`${holder.dataset.picker}?q=${encodeURIComponent(field.value.trim())}`);
    if (!ok || mine !== asked || document.activeElement !== field) return;
    list.innerHTML = text;
    options().forEach((item, place) => { item.id = `${list.id}-${place}`; });
    field.setAttribute("aria-expanded", "true");
    choose(0);
  }
  function options() { return [...list.querySelectorAll("[data-id]")]; }
  function choose(index) {
    const all = options();
    const at = all.length ? (index + all.length) % all.length : -1;
    all.forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
    if (at >= 0) { field.setAttribute("aria-activedescendant", all[at].id); all[at].scrollIntoView({ block: "nearest" }); }
  }
  function take(item) {
    field.value = item.dataset.label;
    id.value = item.dataset.id;
    if (label) label.value = item.dataset.label;
    close();
  }
  function close() { asked++; list.replaceChildren(); field.setAttribute("aria-expanded", "false"); field.removeAttribute("aria-activedescendant"); }

  field.addEventListener("input", () => {
    id.value = "";
    clearTimeout(timer);
    filled = new Promise((resolve) => { timer = setTimeout(() => fill().then(resolve, resolve), 100); });
  });
  field.addEventListener("focus", () => { if (!field.value) fill(); });
  field.addEventListener("blur", () => setTimeout(close, 150));
  // A key that comes before the answer to what was typed waits for it: it never takes from the list before.
  field.addEventListener("keydown", async (event) => {
    const isOpen = list.childElementCount > 0;
    if (event.key === "Escape" && isOpen) { event.preventDefault(); event.stopPropagation(); close(); return; }
    if (event.key === "Enter" && !isOpen && id.value) return; // chosen already: the form is sent
    if (!["ArrowDown", "ArrowUp", "Enter"].includes(event.key) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (!isOpen && event.key === "ArrowDown") await fill();
    else await filled;
    const all = options(), at = all.findIndex((item) => item.getAttribute("aria-selected") === "true");
    if (event.key === "Enter") { if (at >= 0) take(all[at]); } else if (isOpen) choose(at + (event.key === "ArrowDown" ? 1 : -1));
  });
  list.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("[data-id]");
    if (item) { event.preventDefault(); take(item); }
  });
}
pickers(document);
document.addEventListener("parley:content", (event) => pickers(event.target));
