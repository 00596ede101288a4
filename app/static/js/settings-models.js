// The model server: how it is, which model is used, what is installed, fetching, loading and deleting.
import { el, fetchJson } from "./assistant-dom.js";
import { bytes, button, icon, number, put, state, work } from "./settings-parts.js";

const PATH = "/chat/server";
const NAMES = { ollama: "Ollama", openai: "The OpenAI-compatible server" };

export class Models {
  constructor(again) {
    this.again = again;
    this.busy = false;
    this.asking = null; // the model whose deletion is being asked about
    this.problem = ""; // the last step's, until the next one
    this.loading = null;
    this.part = (name) => document.querySelector(`[data-${name}]`);
    this.part("pull").addEventListener("submit", (event) => this.#pull(event));
  }

  draw(server) {
    this.server = server;
    this.busy = server.pull?.state === "running" || this.loading !== null;
    put(this.part("server"), this.#state(server));
    this.part("shelf").hidden = server.kind !== "ollama" && !server.models.length;
    this.part("pull").hidden = server.kind !== "ollama" || !server.answers;
    put(this.part("shelf-list"), server.models.length ? server.models.map((model) => this.#row(model)) : [this.#none(server)]);
    const job = server.pull;
    put(this.part("pull-job"), job ? [work(job, { title: `Fetching ${job.title}`, unit: bytes, onstop: () => this.#send("DELETE", "/pull") })] : []);
  }

  // --- how it is ---

  #state(server) {
    const [kind, sentence, todo] = this.#found(server);
    const facts = [
      ["Address", server.url],
      ["Last look", server.latency_ms === null ? "no answer" : `answered in ${number(server.latency_ms)} ms`],
      ["Context", server.context ? `${number(server.context)} tokens for question, results and answer together` : ""],
      ["Chosen by", server.named ? `the environment: ${server.named}. A choice made here would count without it.` : server.chosen ? `this page: ${server.chosen}` : "nobody: the first that can chat"],
    ];
    const look = button("Look again", () => this.#send("POST", "/probe"), { quiet: true });
    return state(kind, sentence, { todo, facts: server.kind === "none" ? [] : facts, actions: server.kind === "none" ? [] : [look] }).concat(this.problem ? [el("div.notice.notice-bad", { role: "alert" }, icon("circle-alert"), el("span", {}, this.problem))] : []);
  }

  #found(server) {
    const name = NAMES[server.kind];
    if (server.kind === "none") return ["off", "No model server is set up. Answers are computed, without prose.", ["Start Parley with ", el("code", {}, "PARLEY_OLLAMA_URL=http://127.0.0.1:11434"), ", or with ", el("code", {}, "PARLEY_OPENAI_URL"), " for any server that speaks OpenAI's protocol."]];
    if (server.model) {
      const missing = server.chosen && !server.named && !called(server.model, server.chosen);
      return [missing ? "warning" : "ok", `${name} answers. ${server.model} is used.`, missing ? `${server.chosen}, which was chosen, isn't there any more.` : null];
    }
    if (!server.answers && server.kind === "ollama") return ["bad", server.reason, ["Start Ollama on that machine (", el("code", {}, "ollama serve"), "), or say where it is by ", el("code", {}, "PARLEY_OLLAMA_URL"), ". Parley looks for it every five seconds; until then answers come without a model."]];
    if (!server.answers) return ["bad", server.reason, ["Start it, or correct ", el("code", {}, "PARLEY_OPENAI_URL"), " and ", el("code", {}, "PARLEY_OPENAI_KEY"), ". Until then answers come without a model."]];
    return ["warning", server.reason, server.models.length ? null : "Fetch a model below: 4 to 8 billion parameters are enough for this work."];
  }

  #none(server) {
    return el("li.muted", {}, server.models_error ? `They can't be listed: ${server.models_error}.` : server.answers ? "None yet. Fetch one below." : "They are listed once the server answers.");
  }

  // --- what is installed ---

  #row(model) {
    const inUse = this.server.model && called(this.server.model, model.name);
    const facts = [model.parameters, model.quantization, model.size ? bytes(model.size) : "", model.context ? `${number(model.context)} tokens of context${model.longest > model.context ? ` (made for ${number(model.longest)})` : ""}` : "", model.memory ? `${bytes(model.memory)} in memory` : ""];
    const tags = [inUse ? el("span.tag.tag-good", {}, "In use") : null, this.server.chosen && !this.server.named && called(this.server.chosen, model.name) ? el("span.tag", {}, "Chosen") : null, model.embeds && !model.chats ? el("span.tag", {}, "Embedding") : null];
    return el("li", { "data-model": model.name }, el("div.row-text", {}, el("span.row-name", {}, model.name), " ", ...tags.filter(Boolean), el("p", {}, facts.filter(Boolean).join(" · "))), el("div.model-actions", {}, ...this.#actions(model, inUse)));
  }

  #actions(model, inUse) {
    if (this.asking === model.name) return this.#ask(model);
    const chosen = this.server.chosen && called(this.server.chosen, model.name);
    const use = model.chats !== false && !chosen && !(inUse && this.server.named) ? button(inUse ? "Use always" : "Use", () => this.#send("PUT", "/model", { name: model.name }), { disabled: Boolean(this.server.named), about: model.name }) : null;
    const free = chosen && !this.server.named ? button("Use any", () => this.#send("PUT", "/model", { name: null }), { quiet: true, about: model.name }) : null;
    if (this.server.kind !== "ollama") return [use, free].filter(Boolean);
    const held = this.loading === model.name;
    const memory = model.memory === null ? button(held ? "Loading …" : "Load", () => this.#load(model, "/load"), { quiet: true, disabled: held, about: model.name }) : button("Unload", () => this.#load(model, "/unload"), { quiet: true, disabled: held, about: model.name });
    const remove = button("Delete", () => this.#asking(model.name), { quiet: true, about: model.name });
    return [use, free, memory, remove].filter(Boolean);
  }

  #ask(model) {
    const sure = button(`Delete ${bytes(model.size)}`, () => this.#delete(model), { danger: true, about: model.name });
    return [el("span.small", {}, "From the server's disk, for everybody?"), sure, button("Keep", () => this.#asking(null), { quiet: true, about: model.name })];
  }

  #asking(name) {
    this.asking = name;
    this.draw(this.server);
    const row = name && document.querySelector(`[data-model="${CSS.escape(name)}"]`);
    row?.querySelector(".button-danger")?.focus();
  }

  #delete(model) {
    this.asking = null;
    return this.#send("DELETE", `/models?name=${encodeURIComponent(model.name)}`);
  }

  async #load(model, path) {
    this.loading = model.name;
    this.draw(this.server);
    await this.#send("POST", path, { name: model.name }, () => (this.loading = null));
  }

  async #pull(event) {
    event.preventDefault();
    const form = event.target;
    delete form.dataset.sent;
    const name = form.elements.name.value.trim();
    if (name && (await this.#send("POST", "/pull", { name }))) form.reset();
  }

  async #send(method, path, body, after = () => {}) {
    this.problem = "";
    try {
      await fetchJson(PATH + path, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    } catch (problem) {
      this.problem = problem.message;
    }
    after();
    await this.again();
    return !this.problem;
  }
}

function called(one, other) {
  return one.replace(/:latest$/, "") === other.replace(/:latest$/, "");
}
