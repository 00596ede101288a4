// Fields that search as one types: a record by its name, or several tags in one field, separated by commas.
import { fragment } from "./fragments.js";

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
  const isMany = holder.hasAttribute("data-many"); // what is typed after the last comma is the one that is looked for
  const typed = () => (isMany ? field.value.slice(field.value.lastIndexOf(",") + 1) : field.value).trim();
  let asked = 0, timer, filled = Promise.resolve(), moving = 0;

  async function fill() {
    const mine = ++asked;
    const { ok, text } = await fragment(`${holder.dataset.picker}${holder.dataset.picker.includes("?") ? "&" : "?"}q=${encodeURIComponent(typed())}`);
    if (!ok || mine !== asked || document.activeElement !== field) return;
    list.innerHTML = text;
    field.removeAttribute("aria-activedescendant");
    if (isMany) for (const item of options()) if (chosen().includes(item.dataset.label.toLowerCase())) item.remove();
    options().forEach((item, place) => { item.id = `${list.id}-${place}`; });
    field.setAttribute("aria-expanded", "true");
    if (typed() && (!isMany || options()[0]?.hasAttribute("data-new"))) choose(0); // an empty field means nothing; of tags what was typed comes first, as a new one
  }
  function chosen() { return field.value.split(",").slice(0, -1).map((name) => name.trim().toLowerCase()); }
  function options() { return [...list.querySelectorAll("[data-id]")]; }
  function suggested() { return list.querySelector("[aria-selected=true]:not([data-new])"); }
  function choose(index) {
    const all = options();
    const at = all.length ? (index + all.length) % all.length : -1;
    all.forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
    if (at >= 0) { field.setAttribute("aria-activedescendant", all[at].id); all[at].scrollIntoView({ block: "nearest" }); }
  }
  function take(item) {
    if (isMany) {
      const before = field.value.slice(0, field.value.lastIndexOf(",") + 1).trimEnd();
      field.value = `${before}${before && " "}${item.dataset.label}, `;
      close();
      return;
    }
    field.value = item.dataset.label;
    id.value = item.dataset.id;
    if (label) label.value = item.dataset.label;
    close();
    holder.dispatchEvent(new CustomEvent("picked", { bubbles: true }));
  }
  function close() { asked++; list.replaceChildren(); field.setAttribute("aria-expanded", "false"); field.removeAttribute("aria-activedescendant"); }

  field.addEventListener("input", () => {
    delete holder.dataset.quiet;
    if (id) id.value = "";
    clearTimeout(timer);
    filled = new Promise((resolve) => { timer = setTimeout(() => fill().then(resolve, resolve), 100); });
  });
  field.addEventListener("focus", () => { if (!typed() && !holder.dataset.quiet) fill(); });
  field.addEventListener("blur", () => { delete holder.dataset.quiet; setTimeout(close, 150); });
  // A key that comes before the answer to what was typed waits for it: it never takes from the list before.
  field.addEventListener("keydown", async (event) => {
    const isOpen = list.childElementCount > 0;
    if (event.key === "Escape" && isOpen) { event.preventDefault(); event.stopPropagation(); close(); return; }
    if (event.key === "Enter" && (isMany ? !moving && !suggested() : !isOpen && id.value)) return; // chosen or typed whole already: the form is sent
    if (!["ArrowDown", "ArrowUp", "Enter"].includes(event.key) || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" && !field.value.trim() && !field.hasAttribute("aria-activedescendant")) return; // emptied
    event.preventDefault();
    moving++;
    if (!isOpen && event.key === "ArrowDown") await fill();
    else await filled;
    moving--;
    const all = options(), at = all.findIndex((item) => item.getAttribute("aria-selected") === "true");
    if (event.key === "Enter") { if (at >= 0) take(all[at]); } else if (isOpen) choose(at + (event.key === "ArrowDown" ? 1 : -1));
  });
  list.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("[data-id]");
    if (item) { event.preventDefault(); take(item); }
  });
}
// A day that is written in words has the browser's calendar beside it; on touch the system's own chooser is better.
export function days(within) {
  for (const holder of within.querySelectorAll("[data-day]")) {
    const [written, native] = holder.querySelectorAll("input");
    if (matchMedia("(pointer: coarse)").matches) {
      Object.assign(native, { className: written.className, id: written.id, name: written.name, tabIndex: 0 });
      native.removeAttribute("aria-hidden");
      holder.replaceChildren(native);
      continue;
    }
    holder.querySelector("button").addEventListener("click", () => native.showPicker());
    native.addEventListener("change", () => {
      if (native.value) written.value = native.value;
      holder.dispatchEvent(new CustomEvent("picked", { bubbles: true }));
    });
  }
}

pickers(document);
document.addEventListener("parley:content", (event) => pickers(event.target));
