// The composer and other Markdown texts: toolbar, keys, lists that go on, preview, drafts, texts edited in place.
import { fragment, sent } from "./fragments.js";
import { toast } from "./frame.js";

const words = document.getElementById("md-words")?.dataset ?? {};

// --- writing into a text, so that the browser's own undo knows of it --------------------------------------------------
function put(area, text, from = area.selectionStart, to = area.selectionEnd) {
  area.focus();
  area.setSelectionRange(from, to);
  if (!(text ? document.execCommand("insertText", false, text) : document.execCommand("delete"))) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function around(area, mark, fallback) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const chosen = value.slice(from, to) || fallback;
  const size = mark.length;
  if (from >= size && value.slice(from - size, from) === mark && value.slice(to, to + size) === mark) {
    put(area, chosen, from - size, to + size);
    area.setSelectionRange(from - size, from - size + chosen.length);
    return;
  }
  put(area, mark + chosen + mark);
  area.setSelectionRange(from + size, from + size + chosen.length);
}

function link(area) {
  const from = area.selectionStart;
  const chosen = area.value.slice(from, area.selectionEnd);
  const isAddress = /^https?:\/\/\S+$/.test(chosen);
  const text = isAddress ? words.link : chosen || words.link;
  put(area, `[${text}](${isAddress ? chosen : "https://"})`);
  if (isAddress) area.setSelectionRange(from + 1, from + 1 + text.length);
  else area.setSelectionRange(from + text.length + 3, from + text.length + 11);
}

function lines(area, prefix) {
  const { value } = area;
  const from = value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const end = value.indexOf("\n", area.selectionEnd);
  const to = end < 0 ? value.length : end;
  const all = value.slice(from, to).split("\n");
  const made = all.map((line, place) => prefix(place) + line).join("\n");
  put(area, made, from, to);
}

const ACTS = {
  bold: (area) => around(area, "**", words.bold),
  italic: (area) => around(area, "*", words.italic),
  link,
  list: (area) => lines(area, () => "- "),
  numbers: (area) => lines(area, (place) => `${place + 1}. `),
  quote: (area) => lines(area, () => "> "),
  user: (area) => put(area, spaced(area, "@")),
  record: (area) => put(area, spaced(area, "#")),
};

function spaced(area, mark) {
  const before = area.value[area.selectionStart - 1];
  return before && !/\s/.test(before) ? ` ${mark}` : mark;
}

// --- a list goes on with the next line, and ends with an empty one ------------------------------------------------------
const POINT = /^(\s*)(?:([-*+])|(\d{1,4})([.)]))(\s+)(\[[ x]\]\s+)?/;

function nextPoint(event) {
  const area = event.target;
  if (area.selectionStart !== area.selectionEnd) return;
  const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const line = area.value.slice(start, area.selectionStart);
  const found = POINT.exec(line);
  if (!found) return;
  event.preventDefault();
  if (line.length === found[0].length) { put(area, "", start, area.selectionStart); area.setSelectionRange(start, start); return; }
  const mark = found[2] ?? `${Number(found[3]) + 1}${found[4]}`;
  put(area, `\n${found[1]}${mark}${found[5]}${found[6] ? "[ ] " : ""}`);
}

const KEYS = { b: "bold", i: "italic", k: "link" };

function onKey(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey) nextPoint(event);
  const act = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && KEYS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation(); // Ctrl K makes a link here, and opens nothing
  ACTS[act](event.target);
}

// --- one editor ---------------------------------------------------------------------------------------------------------
function editor(root) {
  if (root.dataset.ready) return;
  root.dataset.ready = "1";
  const area = root.querySelector("textarea");
  const bar = root.querySelector(".md-bar");
  bar.hidden = false;
  area.addEventListener("keydown", onKey);
  if (document.activeElement === area) naming(area);
  else area.addEventListener("focus", () => naming(area), { once: true });
  bar.addEventListener("click", (event) => {
    const act = event.target.closest("[data-md-act]")?.dataset.mdAct;
    if (act === "preview") preview(root, area);
    else if (act) { if (root.querySelector(".md-preview")) preview(root, area); ACTS[act](area); }
  });
  bar.addEventListener("keydown", (event) => walk(event, bar));
}

// What names users and records is fetched when a text gets the focus. An Enter that may be meant for its list waits for
// it, and then reaches the list; everything else is written meanwhile.
const NAMING = /(?:^|[\s(])(?:@|#|\[\[)[^\s@#[\]()][^@#[\]()\n]{0,40}$/;

async function naming(area) {
  const keys = [];
  const early = (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.shiftKey || !NAMING.test(area.value.slice(0, area.selectionStart))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    keys.push(event.key);
  };
  area.addEventListener("keydown", early, true);
  const found = await import("./mentions.js").catch(() => null);
  area.removeEventListener("keydown", early, true);
  found?.mentions(area, put);
  for (const key of keys) {
    if (found) area.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    else put(area, "\n"); // offline: a line ends as anywhere
  }
}

// The toolbar is one stop of Tab; arrows go along it.
function walk(event, bar) {
  const all = [...bar.querySelectorAll("button")];
  const at = all.indexOf(document.activeElement);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined || at < 0) return;
  event.preventDefault();
  const next = all[(to + all.length) % all.length];
  all.forEach((button) => { button.tabIndex = button === next ? 0 : -1; });
  next.focus();
}

async function preview(root, area) {
  const button = root.querySelector("[data-md-act=preview]");
  const shown = root.querySelector(".md-preview");
  button.setAttribute("aria-pressed", String(!shown));
  area.hidden = !shown;
  if (shown) { shown.remove(); area.focus(); return; }
  const made = document.createElement("div");
  made.className = "md-preview prose";
  made.tabIndex = -1;
  root.append(made);
  const { ok, text } = await fragment("/markdown", { method: "POST", body: new URLSearchParams({ text: area.value }) });
  if (ok) made.innerHTML = text;
}

export function editors(within) { for (const root of within.querySelectorAll("[data-md]")) editor(root); }

// --- drafts: kept in this browser until they are sent -------------------------------------------------------------------
function store(act) {
  try { return act(localStorage); } catch { return null; } // without storage nothing is kept
}

function drafts(composer) {
  for (const form of composer.querySelectorAll("form[data-draft]")) {
    const fields = [...form.querySelectorAll("textarea, input.input:not([type=date], [type=datetime-local])")];
    const key = (field) => `parley.draft.${document.getElementById("content").dataset.me}.${composer.dataset.composer}.${form.dataset.draft}.${field.name}`;
    const sentBefore = store((kept) => kept.getItem("parley.sent"));
    for (const field of fields) {
      const kept = store((place) => place.getItem(key(field)));
      if (kept && !field.value) {
        field.value = kept;
        composer.querySelector(`input[name=composer][value="${form.dataset.draft}"]`).checked = true;
        if (!sentBefore) said(form);
      }
      field.addEventListener("input", () => store((place) => (field.value ? place.setItem(key(field), field.value) : place.removeItem(key(field)))));
    }
    form.addEventListener("submit", () => { for (const field of fields) store((place) => place.removeItem(key(field))); });
  }
}

function said(form) {
  if (form.querySelector(".draft-note")) return;
  const note = document.createElement("p");
  note.className = "draft-note";
  note.setAttribute("role", "status");
  note.textContent = words.draft;
  form.prepend(note);
}

// --- a question goes to the assistant beside the page ---------------------------------------------------------------------
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-question]");
  if (!form || !document.querySelector("[data-assistant], [data-assistant-page]")) return;
  event.preventDefault();
  document.dispatchEvent(new CustomEvent("parley:ask", { detail: { question: form.elements.q.value } }));
  form.reset();
});

// --- a text edited where it stands -----------------------------------------------------------------------------------------
document.addEventListener("click", async (event) => {
  const open = event.target.closest("a[data-text-edit]");
  const cancel = event.target.closest("[data-text-cancel]");
  if (cancel) { cancel.closest("form").dispatchEvent(new CustomEvent("parley:close", { bubbles: true })); return; }
  if (!open || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const place = placeOf(open);
  if (place.querySelector("form[data-text-form]")) return;
  const { ok, text } = await fragment(open.dataset.textEdit);
  if (!ok) { location.href = open.href; return; }
  const before = [...place.childNodes];
  show(place, text);
  place.addEventListener("parley:close", () => { place.replaceChildren(...before); open.focus(); }, { once: true });
});

function placeOf(link) {
  const body = link.closest(".record-body");
  if (body) return body;
  const event = link.closest(".event-body");
  let place = event.querySelector(".event-text");
  if (!place) { place = document.createElement("div"); place.className = "event-text"; event.append(place); }
  return place;
}

function show(place, html) {
  place.innerHTML = html;
  editors(place);
  const area = place.querySelector("textarea");
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
}

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-text-form]");
  if (form && event.key === "Escape" && !event.defaultPrevented) form.querySelector("[data-text-cancel]").click();
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-text-form]");
  if (!form) return;
  event.preventDefault();
  delete form.dataset.sent;
  const place = form.parentElement;
  const answer = await fragment(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  const made = document.createElement("template");
  made.innerHTML = answer.text;
  const shown = made.content.querySelector("[data-toast]");
  if (shown) { toast(shown.outerHTML); shown.remove(); }
  if (answer.ok) place.replaceChildren(made.content);
  else if (made.content.querySelector("form")) show(place, answer.text);
}, true);

// --- Undo and Pin of a line: in place, and the timeline looks again --------------------------------------------------------
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-undo]");
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  delete form.dataset.sent;
  if ((await sent(form)).ok) again();
}, true);

// The timeline, as the server tells it now.
export async function again() {
  const region = document.getElementById("timeline");
  if (!region) return;
  const response = await fetch(location.href, { credentials: "same-origin" });
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("timeline");
  if (fresh && !region.querySelector("form[data-text-form]")) region.replaceChildren(...fresh.childNodes);
}

// After a note, an activity or a task the composer is ready for the next one.
const last = location.hash.startsWith("#c-") && document.getElementById(location.hash.slice(1));
if (last) {
  const name = last.form?.dataset.draft;
  const tab = document.querySelector(`input[name=composer][value="${name}"]`);
  if (tab) tab.checked = true;
  last.focus({ preventScroll: true });
}
editors(document);
for (const composer of document.querySelectorAll("[data-composer]")) drafts(composer);
