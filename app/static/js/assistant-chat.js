// The conversation in view: asking, following, stopping, and coming back to it on the next page.
import { Card } from "./assistant-card.js";
import { Connection } from "./assistant-connection.js";
import { Conversations } from "./assistant-conversations.js";
import { el, fetchJson } from "./assistant-dom.js";
import { inView, modelLine, read, suggestions, write } from "./assistant-surroundings.js";
import { Hover } from "./assistant-hover.js";
import { Values } from "./assistant-values.js";

const CURRENT = "parley.assistant.conversation";
const LOST = {
  lost: "The connection is lost. The answer goes on at the server; trying to reach it …",
  offline: "You are offline. What was asked goes on at the server and will be here when you are back.",
  "signed-out": "You are signed out. Open the page again to sign in.",
};

export class Chat {
  constructor(root, { where }) {
    this.root = root;
    this.where = where;
    this.chat = root.querySelector("[data-chat]");
    this.part = (name) => root.querySelector(`[data-chat-${name}]`) ?? document.querySelector(`[data-chat-${name}]`);
    this.input = this.part("input");
    this.scroll = this.part("scroll");
    this.thread = this.part("thread");
    this.values = new Values(this.chat.dataset.locale, this.chat.dataset.timezone);
    this.conversation = null;
    this.opening = null; // while a conversation is being fetched
    this.cards = new Map(); // message id, or reference before it is known -> card
    this.references = 0;
    this.atEnd = true;
    this.connection = new Connection("/chat/ws", {
      onEvent: (event) => this.#take(event),
      onState: (state) => this.#state(state),
      onLost: (refs) => this.#lost(refs),
      onBack: () => this.#catchUp(),
    });
    this.hover = new Hover(this.scroll);
    this.conversations = where === "page" ? new Conversations(root, this) : null;
    this.#listen();
    this.#useView();
    this.#showModel();
    this.#openFirst();
    this.#takeWritten();
  }

  focus() {
    this.input.focus();
    this.#showModel();
  }

  // --- asking ---

  ask(question, options = {}) {
    const text = question.trim();
    if (this.opening) return void this.opening.then(() => this.ask(question, options));
    if (!text || this.running()) return;
    const ref = `r${(this.references += 1)}`;
    this.#add(ref, this.#card(text));
    const context = this.view && !this.part("context").hidden ? { url: this.view } : undefined;
    this.connection.send({ type: "ask", question: text, ref, ...(this.conversation ? { conversation_id: this.conversation } : {}), ...(context ? { context } : {}), ...options });
    this.#changed();
  }

  running() {
    return [...this.cards.values()].find((card) => !card.over) ?? null;
  }

  stop() {
    const card = this.running();
    if (!card) return;
    if (card.messageId) this.connection.send({ type: "stop", message_id: card.messageId });
    else card.stopWanted = true;
  }

  #card(question) {
    return new Card(this.chat, question, { values: this.values, ask: (text) => this.ask(text), retry: (text, options) => this.ask(text, options) });
  }

  #add(key, card) {
    this.cards.set(key, card);
    this.thread.append(card.element);
    this.part("empty").hidden = true;
    this.atEnd = true;
    this.#toEnd();
  }

  #take(event) {
    const card = this.cards.get(event.message_id) ?? this.cards.get(event.ref) ?? this.#fromElsewhere(event);
    if (!card) return;
    if (event.type === "started") this.#started(event, card);
    card.take(event);
    if (card.over) this.#over(event, card);
    this.#toEnd();
  }

  // What is asked in another tab stands here too.
  #fromElsewhere(event) {
    if (event.type !== "started" || event.ref || !this.conversation || event.conversation_id !== this.conversation) return null;
    const card = this.#card(event.question);
    this.#add(event.message_id, card);
    this.#changed();
    return card;
  }

  // After a lost connection: turns that were asked elsewhere meanwhile.
  async #catchUp() {
    const id = this.conversation;
    if (!id || this.opening) return;
    const found = await fetchJson(`/chat/conversations/${id}`).catch(() => null);
    if (!found || this.conversation !== id) return;
    found.messages.filter((turn) => !this.cards.has(turn.message_id)).forEach((turn) => this.#restore(turn));
    this.#changed();
    this.#toEnd();
  }

  #started(event, card) {
    if (event.ref && this.cards.delete(event.ref)) this.cards.set(event.message_id, card);
    this.connection.follow(event.message_id, () => card.seq);
    if (this.conversation !== event.conversation_id) {
      this.#use(event.conversation_id, card.question);
      this.conversations?.changed(event.conversation_id);
    }
    if (card.stopWanted) this.connection.send({ type: "stop", message_id: event.message_id });
  }

  #over(event, card) {
    if (event.message_id) this.connection.unfollow(event.message_id);
    this.part("live").textContent = event.type === "error" ? event.detail : event.answer.split("\n\n")[0];
    this.#changed();
    this.#showModel();
    this.conversations?.changed(this.conversation);
    if (document.activeElement === document.body) this.input.focus();
    card.element.querySelector(".answer").tabIndex = -1;
  }

  // A question that a link brought along is put into the field; asking is left to the person.
  #takeWritten() {
    const written = this.where === "page" ? new URLSearchParams(location.search).get("q") : "";
    if (!written) return;
    this.input.value = written.slice(0, this.input.maxLength);
    this.#changed();
    this.input.focus();
  }

  // --- the conversation in view ---

  #openFirst() {
    const wanted = this.where === "page" ? Number(this.root.dataset.conversation) : Number(read(CURRENT));
    if (wanted) this.show(wanted, { replace: true });
    else this.begin({ replace: true });
  }

  begin({ replace = false } = {}) {
    this.#clear();
    this.#use(null, "", { replace });
    this.part("empty").hidden = false;
    this.#suggest();
    this.#changed();
    if (!replace) this.input.focus();
  }

  // A question that is asked meanwhile waits, and becomes part of it.
  show(id, { replace = false } = {}) {
    const opening = this.#load(id, replace).finally(() => {
      if (this.opening === opening) this.opening = null;
    });
    this.opening = opening;
    return opening;
  }

  async #load(id, replace) {
    let found;
    try {
      found = await fetchJson(`/chat/conversations/${id}`);
    } catch (error) {
      if (error.status === 404 || this.where === "panel") this.begin({ replace: true });
      if (error.status !== 404 || this.where === "page") this.#bar(error.status === 404 ? "This conversation doesn't exist any more." : error.message);
      return;
    }
    this.#clear();
    this.#use(found.id, found.title, { replace });
    this.#bar("");
    found.messages.forEach((turn) => this.#restore(turn));
    this.part("empty").hidden = found.messages.length > 0;
    this.#changed();
    this.atEnd = true;
    this.#toEnd();
  }

  #restore(turn) {
    const card = this.#card(turn.question);
    card.messageId = turn.message_id;
    card.rated = { rating: turn.rating, reason: turn.rating_reason };
    this.cards.set(turn.message_id, card);
    this.thread.append(card.element);
    if (turn.answer) card.finish(turn.answer);
    else if (turn.state === "failed") card.fail("This question was not answered: the server stopped, or something went wrong.");
    else this.connection.resume(turn.message_id, () => card.seq);
  }

  #clear() {
    for (const key of this.cards.keys()) this.connection.unfollow(key);
    this.cards.clear();
    this.thread.replaceChildren();
  }

  #use(id, title, { replace = false } = {}) {
    this.conversation = id;
    this.connection.watch(id);
    this.part("title").textContent = title || "Assistant";
    write(CURRENT, id ?? "");
    if (this.where === "page") {
      const path = id ? `/assistant/${id}` : "/assistant";
      if (location.pathname !== path) history[replace ? "replaceState" : "pushState"]({ conversation: id }, "", path);
    } else {
      this.part("page").href = id ? `/assistant/${id}` : "/assistant";
    }
    this.conversations?.mark(id);
  }

  // --- what is around it ---

  #listen() {
    this.part("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.input.value;
      if (!text.trim() || this.running()) return;
      this.input.value = "";
      this.ask(text);
    });
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("input", () => this.#changed());
    this.part("stop").addEventListener("click", () => this.stop());
    this.part("new").addEventListener("click", () => this.begin());
    this.part("context-drop").addEventListener("click", () => {
      this.part("context").hidden = true;
      this.input.focus();
    });
    this.scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.part("latest").addEventListener("click", () => {
      this.atEnd = true;
      this.#toEnd();
    });
    if (this.where === "page") addEventListener("popstate", () => this.#back());
  }

  #key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.part("form").requestSubmit();
    } else if (event.key === "Escape" && this.running()) {
      event.preventDefault();
      this.stop();
    } else if (event.key === "ArrowUp" && !this.input.value) {
      const last = [...this.cards.values()].at(-1);
      if (last) {
        event.preventDefault();
        this.input.value = last.question;
        this.#changed();
      }
    }
  }

  #back() {
    const id = Number(location.pathname.split("/")[2]);
    if (id) this.show(id, { replace: true });
    else this.begin({ replace: true });
  }

  #useView() {
    const view = this.where === "page" ? { url: null } : inView();
    this.view = view.url;
    this.part("context").hidden = !view.url;
    this.part("context-label").textContent = `In view: ${view.name}`;
  }

  async #suggest() {
    const questions = await suggestions(this.view);
    const buttons = questions.map((text) => el("li", {}, el("button.suggestion", { type: "button", onclick: () => this.ask(text) }, text)));
    this.part("suggestions").replaceChildren(...buttons);
  }

  async #showModel() {
    this.part("model").textContent = await modelLine();
  }

  #state(state) {
    this.#bar(LOST[state] ?? "");
  }

  #lost(refs) {
    for (const ref of refs) this.cards.get(ref)?.fail("The connection was lost before the question arrived.");
    this.#changed();
  }

  #bar(text) {
    const bar = this.part("offline");
    bar.hidden = !text;
    bar.textContent = text;
  }

  #changed() {
    const running = Boolean(this.running());
    this.part("stop").hidden = !running;
    this.part("send").hidden = running;
    this.part("send").disabled = !this.input.value.trim();
    this.input.rows = Math.min(6, Math.max(1, this.input.value.split("\n").length));
  }

  #scrolled() {
    this.atEnd = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 48;
    this.part("latest").hidden = this.atEnd;
  }

  // Follow the words down, unless the reader has scrolled up.
  #toEnd() {
    if (!this.atEnd) return;
    requestAnimationFrame(() => requestAnimationFrame(() => (this.scroll.scrollTop = this.scroll.scrollHeight)));
  }
}
