// Files: chosen, dropped on the record or pasted into a note. What sends them is fetched with the first.
const form = document.querySelector("form[data-upload]");
// The files are taken from the event at once: what it carries is gone by the time the script is here.
const sending = () => import("./uploading.js");

function add(files) { sending().then((to) => to.add(files)); }

if (form) {
  const field = form.querySelector("input[type=file]");
  const zone = document.querySelector(".record-main") ?? form;
  field.addEventListener("change", () => {
    if (form.hidden) { add([...field.files]); field.value = ""; }
  });
  form.addEventListener("submit", (event) => {
    if (!field.files.length) return;
    event.preventDefault();
    delete form.dataset.sent;
    add([...field.files]);
    field.value = "";
  }, true);
  document.addEventListener("click", (event) => {
    const attach = event.target.closest("a[data-attach]");
    if (!attach || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (!isPrivate()) field.click();
  });
  let depth = 0;
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const mark = () => zone.classList.toggle("is-dropping", depth > 0);
  zone.addEventListener("dragenter", (event) => { if (carries(event)) { event.preventDefault(); depth++; mark(); } });
  zone.addEventListener("dragleave", (event) => { if (carries(event)) { depth = Math.max(0, depth - 1); mark(); } });
  zone.addEventListener("dragover", (event) => { if (carries(event)) event.preventDefault(); });
  zone.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth = 0;
    mark();
    if (!isPrivate()) add([...event.dataTransfer.files].filter((file) => file.size || file.type));
  });
  document.addEventListener("paste", (event) => {
    const area = event.target.closest?.("[data-md] textarea");
    const files = [...(event.clipboardData?.files ?? [])];
    if (!area || !files.length) return;
    event.preventDefault();
    if (!isPrivate()) sending().then((to) => to.paste(area, files));
  });
}

// A private note's file would be seen by all who see the record on which it hangs.
function isPrivate() {
  const box = document.querySelector(".composer-notes input[name=private]");
  const shown = document.querySelector("input[name=composer][value=notes]")?.checked;
  if (!box?.checked || !shown) return false;
  sending().then((to) => to.refuse());
  return true;
}
