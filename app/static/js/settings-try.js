// One question by the way of every question, with its times; its conversation is deleted again.
import { el, fetchJson, link } from "./assistant-dom.js";
import { number } from "./settings-parts.js";

const MODES = { exact: "Computed from records", search: "Found in texts", model: "Read by the model, computed from records", none: "Not answered" };
const form = document.querySelector("[data-try]");
const place = document.querySelector("[data-try-answer]");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  delete form.dataset.sent;
  const button = form.querySelector("button");
  button.disabled = true;
  place.hidden = false;
  place.replaceChildren(el("p.muted", {}, "Asking …"));
  try {
    draw(await ask(form.elements.question.value));
  } catch (problem) {
    place.replaceChildren(el("p", {}, problem.message));
  }
  button.disabled = false;
});

async function ask(question) {
  const begun = performance.now();
  const response = await fetch("/chat/ask", { method: "POST", headers: { "Content-Type": "application/json", Accept: "text/event-stream" }, body: JSON.stringify({ question }) });
  if (!response.ok) throw new Error((await response.json().catch(() => ({}))).detail ?? "The server could not be reached.");
  const times = {};
  let last = null;
  for await (const found of events(response)) {
    if (found.type === "result") times.result = performance.now() - begun;
    last = found;
  }
  if (last?.conversation_id) fetchJson(`/chat/conversations/${last.conversation_id}`, { method: "DELETE" }).catch(() => {});
  if (last?.type !== "done") throw new Error(last?.detail ?? "The answer broke off.");
  return { answer: last, times: { ...times, all: performance.now() - begun } };
}

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    const parts = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const type = part.match(/^event: (.*)$/m)?.[1];
      const data = part.match(/^data: (.*)$/m)?.[1];
      if (type && data) yield { ...JSON.parse(data), type };
    }
  }
}

function draw({ answer, times }) {
  const milliseconds = (value) => `${number(Math.round(value))} ms`;
  const facts = [
    ["How", MODES[answer.mode]],
    ["Words by", answer.model ?? "no model"],
    ["Result after", times.result ? milliseconds(times.result) : "–"],
    ["Last word after", milliseconds(times.all)],
    ["Filter", answer.chips.join(" · ")],
    ["Notes", answer.notes.join(" ")],
  ];
  place.replaceChildren(
    el("p.said", {}, answer.answer || "–"),
    el("dl.state-facts", {}, facts.filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    answer.url ? link(answer.url, "", {}, "Open as list") : "",
  );
}
