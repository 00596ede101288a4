// The list of one's conversations on the page: search, open, rename, delete.
import { el, fetchJson, icon } from "./assistant-dom.js";

export class Conversations {
  constructor(root, chat) {
    this.root = root;
    this.chat = chat;
    this.nav = root.querySelector("[data-conversations]");
    this.list = root.querySelector("[data-conversations-list]");
    this.none = root.querySelector("[data-conversations-none]");
    this.more = root.querySelector("[data-conversations-more]");
    this.search = root.querySelector("[data-conversations-search]");
    this.current = null;
    this.cursor = null;
    this.asked = 0;
    this.search.addEventListener("input", () => this.#soon());
    this.more.addEventListener("click", () => this.load({ further: true }));
    this.#listenToToggle();
    this.load();
  }

  #listenToToggle() {
    this.toggle = document.querySelector("[data-conversations-toggle]");
    this.toggle?.addEventListener("click", () => this.#show(!this.nav.classList.contains("is-open")));
    this.nav.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.nav.classList.contains("is-open")) return;
      this.#show(false);
      this.toggle?.focus();
    });
  }

  #show(open) {
    this.nav.classList.toggle("is-open", open);
    this.toggle?.setAttribute("aria-expanded", String(open));
    if (open) this.search.focus();
  }

  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), 160);
  }

  async load({ further = false } = {}) {
    const words = this.search.value.trim();
    const asked = (this.asked += 1);
    const query = new URLSearchParams({ limit: "30", ...(words ? { q: words } : {}), ...(further && this.cursor ? { cursor: this.cursor } : {}) });
    let page;
    try {
      page = await fetchJson(`/chat/conversations?${query}`);
    } catch (error) {
      this.#say(error.message);
      return;
    }
    if (asked !== this.asked) return; // a later search is on its way
    this.cursor = page.next_cursor;
    const items = page.items.map((item) => this.#item(item));
    if (further) this.list.append(...items);
    else this.list.replaceChildren(...items);
    this.more.hidden = !page.next_cursor;
    this.#say(page.total ? "" : words ? `Nothing found for “${words}”.` : "Your conversations will be kept here.");
    this.mark(this.current);
  }

  #say(text) {
    this.none.hidden = !text;
    this.none.textContent = text;
  }

  changed(id) {
    this.current = id;
    this.load();
  }

  mark(id) {
    this.current = id;
    this.list.querySelectorAll("a").forEach((item) => {
      if (Number(item.dataset.id) === id) item.setAttribute("aria-current", "page");
      else item.removeAttribute("aria-current");
    });
  }

  #item(conversation) {
    const open = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#show(false);
      this.chat.show(conversation.id);
    };
    const title = el("a.conversation", { href: `/assistant/${conversation.id}`, "data-id": String(conversation.id), onclick: open, title: conversation.title }, el("span.truncate", {}, conversation.title));
    const item = el("li", {}, title, this.#action("pencil", `Rename “${conversation.title}”`, () => this.#rename(item, conversation)), this.#action("trash", `Delete “${conversation.title}”`, () => this.#delete(item, conversation)));
    return item;
  }

  #action(name, label, onclick) {
    return el("button.conversation-action", { type: "button", "aria-label": label, title: label.split(" ")[0], onclick }, icon(this.root, name));
  }

  #rename(item, conversation) {
    const input = el("input.input.input-small", { "aria-label": "Title", maxlength: "200", value: conversation.title });
    const done = async (keep) => {
      input.replaceWith();
      const title = input.value.trim();
      if (keep && title && title !== conversation.title) {
        await fetchJson(`/chat/conversations/${conversation.id}`, { method: "PATCH", body: JSON.stringify({ title }) }).catch((error) => this.#say(error.message));
        if (this.chat.conversation === conversation.id) this.chat.part("title").textContent = title;
      }
      await this.load();
    };
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      input.removeEventListener("blur", blurred);
      done(event.key === "Enter");
    });
    const blurred = () => done(true);
    input.addEventListener("blur", blurred);
    item.replaceChildren(input);
    input.select();
  }

  // Asked in place: the second click deletes, anything else leaves it.
  #delete(item, conversation) {
    const before = [...item.childNodes];
    const back = () => {
      item.replaceChildren(...before);
      before[0].focus();
    };
    const sure = el("button.button.button-small.button-danger", { type: "button", onclick: () => this.#deleteForGood(item, conversation) }, "Delete");
    const keep = el("button.button.button-small.button-quiet", { type: "button", onclick: back }, "Keep");
    item.replaceChildren(el("span.truncate.grow.small", {}, "Delete for good?"), sure, keep);
    sure.focus();
  }

  async #deleteForGood(item, conversation) {
    try {
      await fetchJson(`/chat/conversations/${conversation.id}`, { method: "DELETE" });
    } catch (error) {
      this.#say(error.message);
      return;
    }
    item.remove();
    if (this.chat.conversation === conversation.id) this.chat.begin();
    await this.load();
  }
}
