// One turn: the question, and the answer's card as it comes: sentence, chips, rows, quotes, readings, notes, foot.
import { chart } from "./assistant-chart.js";
import { el, icon, link } from "./assistant-dom.js";
import { copyMenu } from "./assistant-copy.js";
import { Proposal } from "./assistant-proposal.js";
import { Rating } from "./assistant-rating.js";
import { table } from "./assistant-table.js";
import { words } from "./assistant-text.js";

// All records of an object, whatever view its list opens with otherwise.
const listed = (url) => (/^\/\w+$/.test(url) ? `${url}?view=all` : url);

export class Card {
  constructor(root, question, { values, ask, retry }) {
    this.root = root;
    this.values = values;
    this.ask = ask;
    this.retry = retry;
    this.question = question;
    this.answer = null; // the computed part, from `result` or `done`
    this.text = "";
    this.seq = 0;
    this.messageId = null;
    this.over = false;
    this.status = el("p.answer-status", {}, el("span.answer-pulse", { "aria-hidden": "true" }), el("span", {}, "Reading the question …"));
    this.sentence = el("div.answer-text");
    this.details = el("div.answer-details");
    this.foot = el("footer.answer-foot");
    this.element = el("li.turn", {}, el("p.question", {}, question), el("article.answer", { "aria-busy": "true" }, this.sentence, this.details, this.status, this.foot));
  }

  // --- events ---

  take(event) {
    if (event.seq && event.seq <= this.seq) return; // seen already: resuming doubles nothing
    this.seq = event.seq ?? this.seq;
    if (event.type === "started") this.messageId = event.message_id;
    else if (event.type === "status" && event.code === "thinking") this.#think(event.text);
    else if (event.type === "status") this.#say(event.text, event.code === "model_failed");
    else if (event.type === "delta") this.#write(event.text);
    else if (event.type === "result") this.#result(event);
    else if (event.type === "done") this.finish(event);
    else if (event.type === "error") this.fail(event.detail);
  }

  #say(text, failed = false) {
    this.status.hidden = false;
    this.status.classList.toggle("answer-status-bad", failed);
    this.status.lastElementChild.textContent = text;
  }

  // What the model thinks before it writes: folded, and no part of the answer.
  #think(text) {
    this.thoughts ??= el("details.answer-thoughts", {}, el("summary", {}, "Thinking"), el("p.prose"));
    if (!this.thoughts.isConnected) this.sentence.before(this.thoughts);
    this.thoughts.lastElementChild.append(text);
  }

  #write(text) {
    this.text += text;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.#drawText();
    });
  }

  #result(event) {
    this.answer = event;
    this.#drawDetails();
    this.#drawText();
    if (event.mode !== "none") this.status.lastElementChild.textContent = "Writing …";
  }

  finish(answer) {
    this.over = true;
    this.answer = answer;
    this.text = answer.answer;
    if (answer.thoughts && !this.thoughts) this.#think(answer.thoughts);
    this.messageId = answer.message_id;
    this.status.hidden = true;
    this.#drawText();
    this.#drawDetails();
    this.#drawFoot();
    this.#settle();
  }

  fail(detail) {
    this.over = true;
    this.status.hidden = true;
    const again = el("button.button.button-small", { type: "button", onclick: () => this.retry(this.question) }, icon(this.root, "rotate-cw"), "Ask again");
    const notice = el("div.notice.notice-bad.answer-error", {}, icon(this.root, "triangle-alert"), el("div", {}, el("p", {}, detail), again));
    this.foot.replaceChildren(notice);
    this.#settle();
  }

  #settle() {
    this.element.querySelector(".answer").setAttribute("aria-busy", "false");
  }

  // --- drawing ---

  #drawText() {
    const answer = this.answer ?? {};
    const quoteId = (number) => `quote-${this.messageId}-${number}`;
    this.sentence.replaceChildren(...words(this.text, { figures: answer.figures, quotes: answer.passages?.length ?? 0, quoteId }));
  }

  #drawDetails() {
    const answer = this.answer;
    this.details.replaceChildren(
      ...[
        ...this.#proposals(answer),
        answer.chips?.length ? this.#chips(answer) : null,
        chart(answer, this.values),
        answer.rows?.length ? table(answer, this.values) : null,
        answer.passages?.length ? this.#quotes(answer) : null,
        answer.readings?.length ? this.#readings(answer) : null,
        this.#sources(answer),
      ].filter(Boolean),
    );
  }

  // Proposed changes keep their cards while the answer is drawn again: one may be in the middle of an edit.
  #proposals(answer) {
    this.proposals ??= (answer.proposals ?? []).map((data) => new Proposal(this.root, this.values, data));
    if (this.over) for (const proposal of this.proposals) proposal.refresh();
    return this.proposals.map((proposal) => proposal.element);
  }

  #chips(answer) {
    return el("ul.chips", { "aria-label": "Filter of this answer" }, answer.chips.map((chip) => el("li.chip", {}, link(listed(answer.url), ".chip-text", { title: chip }, el("span", {}, chip)))));
  }

  #quotes(answer) {
    return el("ol.quotes", {}, answer.passages.map((passage, index) => this.#quote(passage, index + 1)));
  }

  #quote(passage, number) {
    const about = (passage.links ?? []).map((item) => item.label);
    const facts = [passage.author, passage.date ? this.values.date(passage.date) : null, ...about].filter(Boolean).join(" · ");
    const text = el("blockquote", {}, passage.text);
    const source = el("p.quote-source", {}, el("span.marker", { "aria-hidden": "true" }, String(number)), link(passage.url, ".quote-link.truncate", {}, name(passage)), facts ? el("span.quote-facts", {}, facts) : null);
    const item = el("li.quote", { id: `quote-${this.messageId}-${number}` }, text, source);
    if (passage.text.length > 240) requestAnimationFrame(() => this.#fold(item, text));
    return item;
  }

  #fold(item, text) {
    item.classList.add("is-folded");
    if (text.scrollHeight <= text.clientHeight + 2) return item.classList.remove("is-folded"); // it fits
    const button = el("button.link-button", { type: "button", "aria-expanded": "false" }, "Show all");
    button.addEventListener("click", () => {
      const folded = item.classList.toggle("is-folded");
      button.textContent = folded ? "Show all" : "Show less";
      button.setAttribute("aria-expanded", String(!folded));
    });
    return text.after(button);
  }

  #readings(answer) {
    const buttons = answer.readings.map((reading) => el("li", {}, el("button.button.reading", { type: "button", onclick: () => this.ask(reading.question) }, el("span", {}, reading.question))));
    return el("div.readings", {}, el("p.small.muted", {}, "You could ask"), el("ul.reading-list", {}, buttons));
  }

  // Records that the answer rests on, where neither its rows nor its quotes link to them already.
  #sources(answer) {
    if (!answer.citations?.length || answer.rows?.length || answer.passages?.length) return null;
    return el("ul.sources", { "aria-label": "Sources" }, answer.citations.slice(0, 6).map((ref, index) => el("li", {}, link(ref.url, ".chip", {}, el("span.marker", { "aria-hidden": "true" }, String(index + 1)), el("span.truncate", {}, ref.label)))));
  }

  #drawFoot() {
    const answer = this.answer;
    const notes = (answer.notes ?? []).map((note) => el("li", {}, note));
    const copy = copyMenu(this.root, answer, this.values, () => this.text);
    const again = this.#again(answer);
    this.rating ??= new Rating(this.root, this.messageId, this.rated);
    const opens = answer.url ? link(listed(answer.url), ".button.button-quiet.button-small", {}, icon(this.root, "list"), "Open as list") : null;
    this.foot.replaceChildren(
      ...(notes.length ? [el("ul.answer-notes", {}, notes)] : []),
      el("div.answer-actions", {}, el("span.answer-mode", { title: modeTitle(answer) }, mode(answer)), opens, this.text ? copy : null, answer.proposals?.length ? null : again, this.rating.element),
      this.rating.why,
    );
  }

  // The same question once more; where a model had a part in the answer, without it too.
  #again(answer) {
    const ask = (options) => () => this.retry(this.question, options);
    const name = el("span.sr-only", {}, "Ask again");
    if (!answer.model) return el("button.button.button-quiet.button-small.button-icon", { type: "button", title: "Ask again", onclick: ask({}) }, icon(this.root, "rotate-cw"), name);
    const summary = el("summary.button.button-quiet.button-small.button-icon", { title: "Ask again" }, icon(this.root, "rotate-cw"), name);
    const item = (text, options) => el("button.menu-item", { type: "button", onclick: ask(options) }, text);
    return el("details.menu", { "data-menu": true }, summary, el("div.menu-body", {}, item(`Again, with ${answer.model}`, {}), item("Again, without a model", { model: false })));
  }
}

// A record without a name is called by its first words, which the quote has already: then its kind says more.
function name(passage) {
  if (passage.label && !passage.text.startsWith(passage.label.slice(0, 24))) return passage.label;
  const kind = passage.object.replace(/ies$/, "y").replace(/s$/, "");
  return kind[0].toUpperCase() + kind.slice(1);
}

function mode(answer) {
  if (answer.proposals?.length) return "Proposed change";
  const base = { exact: "Exact", search: "From your notes", model: `Read by ${answer.model}`, none: "Not answered" }[answer.mode] ?? "";
  return answer.model && answer.mode !== "model" && answer.mode !== "none" ? `${base} · words by ${answer.model}` : base;
}

function modeTitle(answer) {
  if (answer.proposals?.length) return "Nothing is written before you apply it";
  return {
    exact: "Computed from the records",
    search: "Quoted from the records' texts",
    model: "A model read the question; the numbers are computed from the records",
    none: "The question could not be read",
  }[answer.mode];
}
