// The search index: how it stands, its embedding model, and building it anew.
import { el, fetchJson } from "./assistant-dom.js";
import { button, icon, number, put, state, work } from "./settings-parts.js";

const BUILT_IN = "all-minilm-l6-v2-int8";
const PATH = "/chat/index";

export class Index {
  constructor(again) {
    this.again = again;
    this.busy = false;
    this.problem = "";
    this.place = document.querySelector("[data-index]");
    this.job = document.querySelector("[data-index-job]");
  }

  draw(index, server) {
    this.busy = index.rebuild.state === "running";
    put(this.place, [...this.#state(index, server), ...this.#notices(index, server), this.#choice(index, server)].filter(Boolean));
    const job = index.rebuild;
    const title = job.state === "running" ? "Building the index anew" : "The last rebuild";
    put(this.job, job.state === "none" ? [] : [work(job, { title, unit: (value) => number(Math.round(value)), onstop: () => this.#send("DELETE", "/rebuild") })]);
  }

  #state(index, server) {
    const behind = index.pending > 0;
    const kind = index.status !== "ok" ? "warning" : "ok";
    const sentence = index.status !== "ok" ? "Full text serves alone." : behind ? `${number(index.pending)} records wait for their vectors.` : "Up to date.";
    const facts = [
      ["Passages", index.passages === null ? "not opened yet" : number(index.passages)],
      ["Embedding model", shown(index.model)],
      ["Vectors kept by", index.engine === "embedded" ? "the embedded engine, in this instance's folder" : `Qdrant at ${index.engine}`],
      ["Behind by", behind ? `${number(index.lag_seconds)} s` : "nothing"],
      ["Last fault", index.why ?? "none"],
      ["Qdrant", server.qdrant?.why ?? ""],
    ];
    const rebuild = button("Build anew", () => this.#send("POST", "/rebuild"), { quiet: true, disabled: this.busy });
    return state(kind, sentence, { facts, actions: [rebuild] });
  }

  #notices(index, server) {
    const found = [];
    if (this.problem) found.push(notice("bad", this.problem));
    if (index.next_model && !this.busy) found.push(notice("info", `${shown(index.next_model)} is chosen, and ${shown(index.model)} serves until the index is built anew with it.`, button("Build anew now", () => this.#send("POST", "/rebuild"))));
    if (server.qdrant?.why?.includes("PARLEY_QDRANT_URL")) found.push(notice("info", "To keep the vectors in that Qdrant, start Parley with PARLEY_QDRANT_URL=http://127.0.0.1:6333. They are built there anew."));
    return found;
  }

  #choice(index, server) {
    const names = server.models.filter((model) => model.embeds).map((model) => model.name);
    const chosen = plain(index.next_model ?? index.model);
    if (!names.length && !chosen) return null;
    const options = ["", ...new Set([...names, ...(chosen ? [chosen] : [])])].map((name) => el("option", { value: name, selected: name === chosen }, name || "all-MiniLM, built in"));
    const select = el("select.select", { id: "embedding" }, options);
    select.addEventListener("change", () => { const name = select.value; select.blur(); this.#send("PUT", "/model", { name }); });
    return el("div.state-choice", {}, el("label", { for: "embedding" }, "Embedding model for the next rebuild"), select);
  }

  async #send(method, path, body) {
    this.problem = "";
    try {
      await fetchJson(PATH + path, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    } catch (problem) {
      this.problem = problem.message;
    }
    await this.again();
  }
}

function notice(kind, text, ...more) {
  return el(`div.notice${kind === "bad" ? ".notice-bad" : ""}`, {}, icon(kind === "bad" ? "circle-alert" : "info"), el("span.grow", {}, text), ...more);
}

function plain(name) {
  return name === BUILT_IN ? "" : name.replace(/^ollama-/, "");
}

function shown(name) {
  return name === BUILT_IN ? "all-MiniLM (built in)" : `${plain(name)} (Ollama)`;
}
