// Settings of the assistant: asks the assistant how its parts are, again while something is on its way.
import { fetchJson } from "./assistant-dom.js";
import { Index } from "./settings-index.js";
import { Models } from "./settings-models.js";
import "./settings-try.js";

const QUIET = 10_000; // milliseconds between two looks
const BUSY = 1000; // while a model is fetched or the index is built
const error = document.querySelector("[data-models-error]");
const models = new Models(look);
const index = new Index(look);
let timer = null;

async function look() {
  clearTimeout(timer);
  try {
    const [server, state] = await Promise.all([fetchJson("/chat/server"), fetchJson("/chat/index")]);
    models.draw(server);
    index.draw(state, server);
    error.hidden = true;
  } catch (problem) {
    error.hidden = false;
    error.querySelector("span").textContent = `${problem.message} What stands below may be old.`;
  }
  if (!document.hidden) timer = setTimeout(look, models.busy || index.busy ? BUSY : QUIET);
}

document.addEventListener("visibilitychange", () => !document.hidden && look());
look();
