// The assistant on every page: the panel (Ctrl J) or the page /assistant. The rest is loaded when it is first opened.
const panel = document.querySelector("[data-assistant]");
const page = document.querySelector("[data-assistant-page]");
const toggles = document.querySelectorAll("[data-assistant-toggle]");
const OPEN = "parley.assistant.open";

let chat = null;
let opener = null;

async function load(root, options) {
  chat ??= import("./assistant-chat.js").then(({ Chat }) => new Chat(root, options));
  return chat;
}

function remembered() {
  try {
    return localStorage.getItem(OPEN) === "yes";
  } catch {
    return false;
  }
}

function remember(open) {
  try {
    localStorage.setItem(OPEN, open ? "yes" : "no");
  } catch {
    // without storage the panel starts closed on each page
  }
}

async function open({ focus = true } = {}) {
  opener = document.activeElement;
  panel.hidden = false;
  document.documentElement.classList.add("assistant-open");
  toggles.forEach((toggle) => toggle.setAttribute("aria-expanded", "true"));
  remember(true);
  const opened = await load(panel, { where: "panel" });
  if (focus) opened.focus();
  return opened;
}

function close() {
  panel.hidden = true;
  document.documentElement.classList.remove("assistant-open");
  toggles.forEach((toggle) => toggle.setAttribute("aria-expanded", "false"));
  remember(false);
  if (opener?.isConnected && opener !== document.body) opener.focus();
  else toggles[0]?.focus();
}

function isTyping(event) {
  return event.target.closest?.("input, textarea, select, [contenteditable]");
}

function onKey(event) {
  if (page && event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event)) {
    event.preventDefault();
    chat?.then((opened) => opened.focus());
    return;
  }
  const isToggle = event.key.toLowerCase() === "j" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (isToggle) {
    event.preventDefault();
    if (page) chat?.then((opened) => opened.focus());
    else if (panel.hidden) open();
    else close();
  } else if (event.key === "Escape" && panel && !panel.hidden && panel.contains(event.target) && !event.defaultPrevented) {
    close();
  }
}

if (panel || page) {
  document.addEventListener("keydown", onKey);
  // Other parts of a page (the palette, a record) ask by this event: {question}.
  document.addEventListener("parley:ask", async (event) => {
    const opened = page ? await chat : await open();
    if (event.detail?.question) opened.ask(event.detail.question);
  });
}

if (page) {
  load(page, { where: "page" });
} else if (panel) {
  toggles.forEach((toggle) => {
    toggle.hidden = false;
    toggle.setAttribute("aria-controls", panel.id);
    toggle.setAttribute("aria-expanded", "false");
    toggle.addEventListener("click", () => (panel.hidden ? open() : close()));
  });
  panel.querySelector("[data-assistant-close]").addEventListener("click", close);
  // On a phone the panel covers the page, so it never opens by itself there.
  if (remembered() && matchMedia("(min-width: 768px)").matches) open({ focus: false });
}
