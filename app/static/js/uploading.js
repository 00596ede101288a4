// Files on their way to the server: each with its own progress, each can be stopped. `uploads.js` fetches this for the first.
import { toast } from "./frame.js";

const form = document.querySelector("form[data-upload]");
const list = document.querySelector("[data-uploads]");
const words = form?.dataset ?? {};
const AT_ONCE = 2;
const queue = [];
let running = 0;

const named = (text, file) => text.replace("{name}", file.name);

export function add(files, then) {
  for (const file of files) {
    const row = line(file);
    if (file.size > Number(words.upload)) { fail(row, named(words.tooLarge, file)); then?.(null); continue; }
    queue.push({ file, row, then });
  }
  next();
}

function line(file) {
  const row = document.createElement("li");
  row.className = "upload";
  row.innerHTML = '<span class="truncate"></span><span class="num"></span><button type="button" class="link-button"></button><progress max="1" value="0"></progress>';
  row.querySelector("span").textContent = file.name;
  row.querySelector("button").textContent = words.stop;
  row.querySelector("progress").setAttribute("aria-label", file.name);
  list.append(row);
  return row;
}

function fail(row, text) {
  row.classList.add("is-bad");
  row.setAttribute("role", "alert");
  row.querySelector("span").textContent = text;
  row.querySelector("progress")?.remove();
  row.querySelector(".num").textContent = "";
  const button = row.querySelector("button");
  button.textContent = "×";
  button.setAttribute("aria-label", document.getElementById("words")?.dataset.close ?? "");
  button.onclick = () => row.remove();
}

function next() {
  while (running < AT_ONCE && queue.length) { running++; send(queue.shift()); }
}

function send({ file, row, then }) {
  const data = new FormData();
  for (const field of form.querySelectorAll("input[type=hidden]")) if (!field.name.startsWith("_")) data.append(field.name, field.value);
  data.append("file", file, file.name);
  const request = new XMLHttpRequest();
  const bar = row.querySelector("progress");
  request.upload.onprogress = ({ loaded, total }) => {
    bar.value = total ? loaded / total : 0;
    row.querySelector(".num").textContent = total ? `${Math.floor((100 * loaded) / total)}%` : "";
    if (loaded === total) bar.removeAttribute("value"); // its text is being read
  };
  row.querySelector("button").onclick = () => request.abort();
  request.onload = () => done(request, file, row, then);
  request.onerror = () => { fail(row, named(words.failed, file)); then?.(null); };
  request.onabort = () => { row.remove(); then?.(null); };
  request.onloadend = () => { running--; next(); };
  request.open("POST", "/files/new");
  request.setRequestHeader("Accept", "application/json");
  request.send(data);
}

function done(request, file, row, then) {
  let answer = {};
  try { answer = JSON.parse(request.responseText); } catch { /* an answer of something before the server */ }
  if (request.status !== 201) { fail(row, answer.detail || named(words.failed, file)); then?.(null); return; }
  row.remove();
  announce(file, answer.change_set);
  then?.(answer.files[0]);
  if (!queue.length && running <= 1) finished();
}

function announce(file, changeSet) {
  const made = document.createElement("div");
  made.innerHTML = '<div class="toast" data-toast><span></span><form method="post"><button></button></form><button class="close" type="button" data-dismiss hidden>×</button></div>';
  made.querySelector("span").textContent = named(words.done, file);
  made.querySelector("form").action = `/changes/${changeSet}/undo`;
  made.querySelector("form button").textContent = words.undo ?? "";
  if (!words.undo) made.querySelector("form").remove();
  made.querySelector(".close").setAttribute("aria-label", document.getElementById("words")?.dataset.close ?? "");
  toast(made.innerHTML);
}

async function finished() {
  const back = form.elements._next?.value;
  if (!document.getElementById("timeline")) { location.href = back || "/files"; return; }
  const { again } = await import("./composer.js");
  await again();
}

// What was pasted into a text is linked where the text goes on.
export function paste(area, files) { add(files.map(withName), (made) => { if (made) insert(area, made); }); }

// A picture from the clipboard has no name of its own.
function withName(file) {
  if (file.name && file.name !== "image.png") return file;
  const stamp = new Date().toISOString().slice(0, 16).replace("T", " ").replace(":", ".");
  return new File([file], `${words.pasted ?? "Picture"} ${stamp}.${(file.type.split("/")[1] ?? "png").replace("jpeg", "jpg")}`, { type: file.type });
}

function insert(area, made) {
  const label = made.label.replace(/[[\]\\]/g, "\\$&");
  area.setRangeText(`[${label}](${made.url}) `, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

export function refuse() { fail(line({ name: "" }), words.public); }
