// "@" names a user, "#" or "[[" links a record: a list under the text, by the keyboard alone.
import { fragment } from "./fragments.js";

const ASKED = /(?:^|[\s(])(@|#|\[\[)([^\s@#[\]()][^@#[\]()\n]{0,40})?$/;
let count = 0;

export function mentions(area, put) {
  const list = document.createElement("div");
  list.className = "mention-list";
  list.id = `mentions-${++count}`;
  list.setAttribute("role", "listbox");
  list.hidden = true;
  area.closest("[data-md]").append(list);
  area.setAttribute("aria-controls", list.id);
  let timer, number = 0, filled = Promise.resolve(), from = 0;

  function close() {
    number++;
    clearTimeout(timer);
    list.hidden = true;
    area.removeAttribute("aria-activedescendant");
  }

  function asked() {
    const found = ASKED.exec(area.value.slice(Math.max(0, area.selectionStart - 60), area.selectionStart));
    if (!found || area.selectionStart !== area.selectionEnd) return null;
    const text = found[2] ?? "";
    return { of: found[1] === "@" ? "users" : "records", text, start: area.selectionStart - text.length - found[1].length };
  }

  async function fill({ of, text, start }) {
    const mine = ++number;
    const { ok, text: html } = await fragment(`/mentions?of=${of}&q=${encodeURIComponent(text.trim())}`);
    if (!ok || mine !== number || document.activeElement !== area) return;
    list.innerHTML = html;
    from = start;
    const words = document.getElementById("md-words")?.dataset ?? {};
    list.setAttribute("aria-label", of === "users" ? words.users ?? "" : words.records ?? "");
    options().forEach((item, place) => { item.id = `${list.id}-${place}`; });
    const nothing = !options().length && (of === "records" ? !text : text.includes(" "));
    list.hidden = nothing;
    if (!nothing) { list.style.insetBlockStart = `${area.offsetTop + area.offsetHeight}px`; choose(0); }
  }

  const options = () => [...list.querySelectorAll("[role=option]")];

  function choose(index) {
    const all = options();
    if (!all.length) { area.removeAttribute("aria-activedescendant"); return; }
    const at = (index + all.length) % all.length;
    all.forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
    all[at].scrollIntoView({ block: "nearest" });
    area.setAttribute("aria-activedescendant", all[at].id);
  }

  const chosen = () => options().findIndex((item) => item.getAttribute("aria-selected") === "true");

  function take(item) {
    const label = item.dataset.label.replace(/[[\]\\]/g, "\\$&");
    const at = item.dataset.url.startsWith("/users/") ? "@" : "";
    const end = area.selectionStart;
    close();
    put(area, `[${at}${label}](${item.dataset.url}) `, from, end);
  }

  function look() {
    clearTimeout(timer);
    const found = asked();
    if (!found) { close(); return; }
    filled = new Promise((resolve) => { timer = setTimeout(() => fill(found).then(resolve, resolve), 90); });
  }

  area.addEventListener("input", look);
  area.addEventListener("blur", () => setTimeout(close, 150));
  // A key that comes before the answer to what was typed waits for it: it never takes from the list before.
  area.addEventListener("keydown", async (event) => {
    if (list.hidden && !(asked() && ["ArrowDown", "Enter", "Tab"].includes(event.key) && asked().text)) return;
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); return; }
    if (!["ArrowDown", "ArrowUp", "Enter", "Tab"].includes(event.key) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (list.hidden && event.key !== "Enter") return;
    event.preventDefault();
    await filled;
    const all = options();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") choose(chosen() + (event.key === "ArrowDown" ? 1 : -1));
    else if (!list.hidden && all[chosen()]) take(all[chosen()]);
    else { close(); if (event.key === "Enter") put(area, "\n"); }
  }, true);
  list.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) { event.preventDefault(); take(item); }
  });
  if (asked()) look(); // typed before this script was here
}
