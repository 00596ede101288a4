// A record's page: its small forms work in place, it knows its neighbours in the list one came from, its link is copied.
import { sent } from "./fragments.js";
import { pickers } from "./pickers.js";
import { toast, words } from "./frame.js";

// --- forms in place ---------------------------------------------------------------------------------------------------
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-in-place]");
  if (!form) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.dataset.sent) return;
  form.dataset.sent = "1";
  const { content } = await sent(form, event.submitter).catch(() => ({ content: null }));
  delete form.dataset.sent;
  const fresh = content?.querySelector("template[data-section]")?.content.firstElementChild;
  const old = fresh && document.getElementById(fresh.id);
  if (!old) return;
  const inForm = form.matches(".join-form");
  const place = inForm ? [...old.querySelectorAll("form")].indexOf(form) - old.querySelectorAll(".join-remove").length : -1;
  const details = inForm && fresh.querySelector("details.join-add");
  if (details) Object.assign(details, { open: true }).dataset.again = "1"; // opened by the script: it gives the focus itself
  old.replaceWith(fresh);
  document.dispatchEvent(new CustomEvent("parley:own"));
  pickers(fresh);
  focusAfter(fresh, inForm ? fresh.querySelectorAll(".join-form")[Math.max(place, 0)] : null);
}, true);

// On to the next one to add, to what is wrong, or to the list's head.
function focusAfter(section, form) {
  const wrong = section.querySelector("[aria-invalid=true]");
  const picker = form?.querySelector(".picker");
  if (picker && !wrong) picker.dataset.quiet = "1"; // its list would drop over what was added: it comes with the typing
  (wrong ?? form?.querySelector("input:not([type=hidden]), select") ?? section.querySelector("h2 a, summary"))?.focus();
}

document.addEventListener("toggle", (event) => {
  if (event.target.dataset?.again) { delete event.target.dataset.again; return; }
  if (event.target.matches?.("details.join-add[open]")) event.target.querySelector("select, input:not([type=hidden])")?.focus();
}, true);

document.addEventListener("keydown", (event) => {
  const details = event.key === "Escape" && event.target.closest?.("details.join-add[open]");
  if (!details) return;
  details.open = false;
  details.querySelector("summary").focus();
});

// --- the list one came from ---------------------------------------------------------------------------------------------
const main = document.getElementById("content");
const way = read();
const ids = way?.object === main.dataset.object ? way.ids : [];
const at = ids.indexOf(main.dataset.record);
const ways = document.querySelector("[data-neighbours]");
if (ways && at >= 0) {
  for (const [name, id] of [["previous", ids[at - 1]], ["next", ids[at + 1]]]) {
    const link = ways.querySelector(`[data-way=${name}]`);
    if (id) link.href = `/${way.object}/${id}`;
    else link.setAttribute("aria-disabled", "true");
  }
  ways.querySelector("[data-place]").textContent = `${at + way.first} / ${way.total}`;
  ways.hidden = false;
}
const crumb = document.querySelector("a.crumb");
if (crumb && at >= 0) crumb.href = way.url;

function read() {
  try { return JSON.parse(sessionStorage.getItem("parley-list")); } catch { return null; }
}

// --- copy and print -----------------------------------------------------------------------------------------------------
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-link], [data-print]");
  if (!button) return;
  button.closest("details")?.removeAttribute("open");
  if (button.matches("[data-print]")) { print(); return; }
  try {
    await navigator.clipboard.writeText(location.origin + location.pathname);
    say(button.dataset.done);
  } catch { say(words.failed); }
});
for (const button of document.querySelectorAll("[data-copy-link], [data-print]")) button.hidden = false;
addEventListener("beforeprint", () => { for (const item of document.querySelectorAll(".record details:not(.join-add)")) item.open = true; });

function say(text) {
  const made = document.createElement("div");
  made.innerHTML = '<div class="toast" data-toast><span></span><button class="close" type="button" data-dismiss hidden>×</button></div>';
  made.querySelector("span").textContent = text;
  made.querySelector("button").setAttribute("aria-label", words.close);
  toast(made.innerHTML);
}
