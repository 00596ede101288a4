// Thumbs: whether an answer was of use, and why not.
import { el, fetchJson, icon } from "./assistant-dom.js";

const REASONS = ["The numbers are wrong", "My question was misread", "Something is missing", "Too long or unclear"];

export class Rating {
  constructor(root, messageId, { rating = null, reason = "" } = {}) {
    this.root = root;
    this.messageId = messageId;
    this.rating = rating;
    this.reason = reason ?? "";
    this.up = this.#thumb("up", "Good answer");
    this.down = this.#thumb("down", "Bad answer");
    this.element = el("span.answer-rating", { role: "group", "aria-label": "Rate this answer" }, this.up, this.down);
    this.why = el("div.rating-why", { hidden: true });
    this.#show();
  }

  #thumb(rating, label) {
    const button = el("button.button.button-quiet.button-small.button-icon", { type: "button", "aria-label": label, title: label }, icon(this.root, `thumbs-${rating}`));
    button.addEventListener("click", () => this.#rate(this.rating === rating ? null : rating));
    return button;
  }

  #show() {
    this.up.setAttribute("aria-pressed", String(this.rating === "up"));
    this.down.setAttribute("aria-pressed", String(this.rating === "down"));
  }

  async #rate(rating, reason = null) {
    const before = [this.rating, this.reason];
    [this.rating, this.reason] = [rating, reason ?? ""];
    this.#show();
    try {
      await fetchJson(`/chat/messages/${this.messageId}/rating`, { method: "PUT", body: JSON.stringify({ rating, reason: reason || null }) });
      if (rating === "down" && reason === null) this.#ask();
      else if (reason !== null) this.#thank();
      else this.why.hidden = true;
    } catch {
      [this.rating, this.reason] = before;
      this.#show();
      this.why.hidden = false;
      this.why.replaceChildren(el("p.small", { role: "status" }, "That could not be kept. Try again."));
    }
  }

  #ask() {
    const field = el("input.input.input-small", { type: "text", maxlength: "500", "aria-label": "What was wrong", placeholder: "What was wrong?" });
    const chips = REASONS.map((reason) => el("button.button.button-small", { type: "button", onclick: () => this.#rate("down", reason) }, reason));
    const form = el("form.rating-form", {}, el("div.rating-reasons", {}, chips), field);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (field.value.trim()) this.#rate("down", field.value.trim());
    });
    this.why.replaceChildren(form);
    this.why.hidden = false;
    chips[0].focus();
  }

  #thank() {
    this.why.replaceChildren(el("p.small.muted", { role: "status" }, "Thank you. It is kept with the answer."));
  }
}
