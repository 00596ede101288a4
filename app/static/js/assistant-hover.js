// Hover cards: what a linked record is, fetched when its link is pointed at or focused, shown beside it.
const RECORD = /^\/(companies|people|deals|tasks|notes|activities)\/(\d+)$/;
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
    const path = new URL(link.href).pathname;
    if (!known.has(path)) {
      const response = await fetch(`${path}/card`, { headers: { "X-Fragment": "1" }, credentials: "same-origin" }).catch(() => null);
      if (!response?.ok || response.redirected) return;
      known.set(path, await response.text());
    }
    if (this.link !== link || !link.isConnected) return;
    this.card.innerHTML = known.get(path);
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

function linkOf(event) {
  const link = event.target.closest?.("a[href]");
  return link && link.origin === location.origin && RECORD.test(link.pathname) ? link : null;
}
