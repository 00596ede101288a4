// Hover cards: what a linked record is, fetched when its link is pointed at or focused, shown beside it; and the quote
// that a number in a sentence stands for.
const RECORD = /^\/(companies|people|deals|tasks|notes|activities)\/(\d+)$/;
const MARKER = "a.marker[href^='#']"; // a number in a sentence
const PATIENCE = 300; // milliseconds of hovering
const known = new Map(); // address -> HTML of our own pages, for as long as this page lives

export class Hover {
  constructor(area) {
    this.card = document.createElement("div");
    this.card.className = "hover-card";
    this.card.hidden = true;
    this.card.id = `hover-${Math.random().toString(36).slice(2, 8)}`;
    this.card.setAttribute("role", "tooltip");
    document.body.append(this.card);
    area.addEventListener("pointerover", (event) => event.pointerType === "mouse" && this.#soon(linkOf(event)));
    area.addEventListener("pointerout", (event) => linkOf(event) && this.#leave(event.relatedTarget));
    area.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && this.#soon(linkOf(event)));
    area.addEventListener("focusout", () => this.hide());
    area.addEventListener("scroll", () => this.hide(), { passive: true });
    this.card.addEventListener("pointerleave", (event) => this.#leave(event.relatedTarget));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.card.hidden) return;
      event.stopPropagation();
      this.hide();
    }, true);
  }

  #soon(link) {
    clearTimeout(this.timer);
    if (!link || link === this.link) return;
    this.timer = setTimeout(() => this.#show(link), PATIENCE);
  }

  // On the way from the link to its card nothing goes.
  #leave(to) {
    clearTimeout(this.timer);
    if (to instanceof Node && (this.card.contains(to) || this.link?.contains(to))) return;
    this.timer = setTimeout(() => this.hide(), 120);
  }

  hide() {
    clearTimeout(this.timer);
    this.card.hidden = true;
    this.link?.removeAttribute("aria-describedby");
    this.link = null;
  }

  async #show(link) {
    this.hide();
    this.link = link;
    const content = link.matches(MARKER) ? quoteOf(link) : await recordOf(new URL(link.href).pathname);
    if (!content || this.link !== link || !link.isConnected) return;
    this.card.replaceChildren(content);
    this.card.hidden = false;
    link.setAttribute("aria-describedby", this.card.id);
    this.#place(link.getBoundingClientRect());
  }

  #place(at) {
    const { width, height } = this.card.getBoundingClientRect();
    const below = at.bottom + 6 + height <= innerHeight - 8;
    this.card.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
    this.card.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - 6 - height)}px`;
  }
}

async function recordOf(path) {
  if (!known.has(path)) {
    const response = await fetch(`${path}/card`, { headers: { "X-Fragment": "1" }, credentials: "same-origin" }).catch(() => null);
    if (!response?.ok || response.redirected) return null;
    known.set(path, await response.text());
  }
  return document.createRange().createContextualFragment(known.get(path));
}

// The quote's words and its source, as they stand below the answer.
function quoteOf(link) {
  const quote = document.getElementById(link.hash.slice(1))?.cloneNode(true);
  if (!quote) return null;
  const made = document.createElement("div");
  made.className = "hover-quote";
  made.append(...quote.querySelectorAll("blockquote, .quote-source"));
  return made;
}

function linkOf(event) {
  const link = event.target.closest?.("a[href]");
  if (!link || link.origin !== location.origin) return null;
  return link.matches(MARKER) || RECORD.test(link.pathname) ? link : null;
}
