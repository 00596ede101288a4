// Quick create: a dialog on any page. Ctrl Enter saves, the page stays, and the toast leads to the record or takes it back.
import { fragment } from "./fragments.js";
import { toast } from "./frame.js";

const main = document.getElementById("content");
let dialog, opener, timer;

const from = () => (main.dataset.record ? `${main.dataset.object}/${main.dataset.record}` : "");

// What one creates on a record's page is mostly what belongs to it.
const FROM = { companies: "deals", people: "deals", deals: "tasks" };
const likely = () => (main.dataset.record && FROM[main.dataset.object]) || main.dataset.object || "companies";

export async function openCreate(object) {
  opener = document.activeElement;
  dialog ??= make();
  await load(object ?? likely());
}

function make() {
  const made = document.createElement("dialog");
  made.className = "dialog create";
  made.setAttribute("aria-label", document.getElementById("words").dataset.createWord);
  made.addEventListener("click", (event) => { if (event.target === made && !isFilled()) made.close(); });
  made.addEventListener("close", () => opener?.isConnected && opener.focus());
  made.addEventListener("change", (event) => { if (event.target.name === "_kind") load(event.target.value, true); });
  made.addEventListener("input", (event) => { if (/^(name|email)$/.test(event.target.name)) { clearTimeout(timer); timer = setTimeout(compare, 300); } });
  made.addEventListener("submit", save, true);
  document.body.append(made);
  return made;
}

const isFilled = () => [...dialog.querySelectorAll("input:not([type=hidden], [type=radio]), textarea")].some((item) => item.value !== item.defaultValue);

async function load(object, onKind) {
  const name = dialog.querySelector("[name=name]")?.value ?? "";
  const { ok, text } = await fragment(`/create?object=${object}&from=${from()}&name=${encodeURIComponent(onKind ? name : "")}`);
  if (!ok) { location.href = `/${object}/new`; return; }
  await show(text, onKind);
}

async function show(text, onKind) {
  dialog.innerHTML = text;
  if (!dialog.open) dialog.showModal();
  const { pickers } = await import("./pickers.js");
  pickers(dialog);
  const problem = dialog.querySelector("[aria-invalid=true]");
  if (onKind) dialog.querySelector("[name=_kind]:checked").focus();
  else (problem ?? dialog.querySelector(".create-fields :is(input:not([type=hidden]), textarea)"))?.focus();
}

async function compare() {
  const form = dialog.querySelector("form");
  const value = (name) => encodeURIComponent(form.elements[name]?.value ?? "");
  const { ok, text } = await fragment(`/create/twins?object=${form.elements._kind.value}&name=${value("name")}&email=${value("email")}`);
  const place = form.querySelector("[data-alike]");
  if (ok && place && place.innerHTML.trim() !== text.trim()) place.innerHTML = text;
}

async function save(event) {
  event.preventDefault();
  event.stopPropagation();
  const form = event.target;
  if (form.dataset.sent) return;
  form.dataset.sent = "1";
  clearTimeout(timer);
  const another = event.submitter?.name === "_another";
  const data = new FormData(form);
  data.delete("_kind");
  const { ok, text } = await fragment(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(data) });
  delete form.dataset.sent;
  if (!ok && text.includes("data-create-form")) { await show(text); return; }
  if (!ok) { toast(text.includes("data-toast") ? text : ""); return; }
  const object = form.elements._kind.value;
  if (!another) dialog.close();
  toast(text);
  if (another) await load(object);
}
