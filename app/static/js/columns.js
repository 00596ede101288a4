// Columns: drawn wider and narrower by pointer and keyboard, and put in order by dragging or by their buttons.
const STEP = 16, NARROWEST = 64, WIDEST = 900;
const found = () => document.querySelector("table.list-table[data-widths]");
let table = found();
const said = document.querySelector("[data-said]");

// --- widths ---------------------------------------------------------------------------------------------------------------
const sheet = new CSSStyleSheet();
const widths = table ? JSON.parse(table.dataset.widths) : {};
let saving;

function draw() {
  const rules = Object.entries(widths).map(([path, width]) => {
    const head = table.querySelector(`th[data-column="${CSS.escape(path)}"]`);
    const name = head?.classList.contains("first") ? "first" : CSS.escape(`col-${path.replaceAll(".", "-")}`);
    return `.list-${table.dataset.object} .${name} { width: ${width}px; min-width: ${width}px; max-width: ${width}px; }`;
  });
  sheet.replaceSync(`@media (min-width: 768px) { ${rules.join("\n")} }`);
}

function resize(path, width) {
  widths[path] = Math.round(Math.min(Math.max(width, NARROWEST), WIDEST));
  draw();
  clearTimeout(saving);
  saving = setTimeout(save, 400);
}

function reset(path) {
  delete widths[path];
  draw();
  save();
}

function save() {
  const body = new URLSearchParams({ widths: JSON.stringify(widths), view: table.dataset.view });
  fetch(`/list-settings/${table.dataset.object}/widths`, { method: "POST", body, keepalive: true });
}

function grip(head) {
  const made = document.createElement("span");
  made.className = "col-resize";
  made.tabIndex = 0;
  made.setAttribute("role", "slider");
  made.setAttribute("aria-orientation", "horizontal");
  made.setAttribute("aria-label", table.dataset.widthOf.replace("%(what)s", head.dataset.label));
  made.setAttribute("aria-valuemin", NARROWEST);
  made.setAttribute("aria-valuemax", WIDEST);
  const path = head.dataset.column;
  const tell = () => made.setAttribute("aria-valuenow", Math.round(head.offsetWidth));
  tell();
  made.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    const start = event.clientX, width = head.offsetWidth;
    made.setPointerCapture(event.pointerId);
    made.onpointermove = (move) => { resize(path, width + move.clientX - start); tell(); };
    made.onpointerup = made.onpointercancel = () => { made.onpointermove = made.onpointerup = made.onpointercancel = null; };
  });
  made.addEventListener("keydown", (event) => {
    const step = { ArrowRight: STEP, ArrowUp: STEP, ArrowLeft: -STEP, ArrowDown: -STEP }[event.key];
    if (step) resize(path, head.offsetWidth + step);
    else if (event.key === "Home") resize(path, NARROWEST);
    else if (event.key === "Enter" || event.key === "Delete" || event.key === "Backspace") reset(path);
    else return;
    event.preventDefault();
    event.stopPropagation();
    tell();
  });
  made.addEventListener("dblclick", () => { reset(path); tell(); });
  made.addEventListener("click", (event) => event.stopPropagation());
  head.append(made);
}

function heads() {
  if (table && matchMedia("(min-width: 768px)").matches)
    for (const head of document.querySelectorAll("th[data-column]:not(:has(.col-resize))")) grip(head);
}
if (table) {
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  draw();
  document.querySelector("style[data-widths]")?.remove(); // the sheet here says the same, and follows
  heads();
  // A live page puts a fresh table in the place of this one.
  const region = table.closest("[data-live]");
  if (region) new MutationObserver(() => { table = found() ?? table; heads(); }).observe(region, { childList: true });
}

// --- order ----------------------------------------------------------------------------------------------------------------
const list = document.querySelector("[data-columns] [data-sortable]");

function tellPlace(item) {
  const form = list.closest("form"), name = item.querySelector("label").textContent.trim();
  const place = [...list.children].indexOf(item) + 1;
  said.textContent = form.dataset.moved.replace("%(what)s", name).replace("%(place)s", place);
}

list?.addEventListener("click", (event) => {
  const button = event.target.closest("button.step");
  if (!button) return;
  event.preventDefault();
  const item = button.closest("li");
  const other = button.name === "_up" ? item.previousElementSibling : item.nextElementSibling;
  if (!other || other.hasAttribute("data-fixed")) return;
  if (button.name === "_up") other.before(item);
  else other.after(item);
  button.focus();
  tellPlace(item);
});

// Dragging comes with the menu's first opening: lists that are only read don't load it.
list?.closest("details").addEventListener("toggle", () => {
  const script = document.createElement("script");
  script.src = list.dataset.sortable;
  script.addEventListener("load", drag);
  document.head.append(script);
}, { once: true });

function drag() {
  window.Sortable.create(list, {
    draggable: "li:not([data-fixed])",
    handle: "[data-grip]",
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
    onMove: ({ related }) => !related.hasAttribute("data-fixed"),
    onEnd: ({ item }) => tellPlace(item),
  });
}
