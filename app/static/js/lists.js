// Lists: a second column to sort by, groups that fold where they stand, and the place that is kept on the way back.
import { fragment } from "./fragments.js";
import { toast, words } from "./frame.js";

const table = () => document.querySelector("table.list-table");
const scroller = () => document.querySelector(".table-wrap");

// --- sorting: Shift and a click adds a column ---------------------------------------------------------------------------
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.sort[data-add]");
  if (!link || !event.shiftKey) return;
  event.preventDefault();
  location.href = link.dataset.add;
});
document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.("a.sort[data-add]");
  if (!link || event.key !== "Enter" || !event.shiftKey) return;
  event.preventDefault();
  location.href = link.dataset.add;
});

// --- groups -------------------------------------------------------------------------------------------------------------
const loaded = new Map(); // how often more of a group's records were fetched: the way back fetches them again

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const head = event.target.closest("a[data-fold]");
  const more = event.target.closest("a[data-more-rows]");
  if (head) { event.preventDefault(); fold(head); }
  else if (more) { event.preventDefault(); moreRows(more); }
});
document.addEventListener("keydown", (event) => {
  const head = event.target.closest?.("a[data-fold]");
  if (!head || ![" ", "ArrowRight", "ArrowLeft"].includes(event.key)) return;
  const isOpen = head.getAttribute("aria-expanded") === "true";
  if ((event.key === "ArrowRight" && isOpen) || (event.key === "ArrowLeft" && !isOpen)) return;
  event.preventDefault();
  fold(head);
});

const rowsOf = (head) => head.closest("tbody").nextElementSibling;

async function fold(head) {
  const body = rowsOf(head), isOpen = head.getAttribute("aria-expanded") === "true";
  head.setAttribute("aria-expanded", String(!isOpen));
  if (isOpen) body.replaceChildren();
  else if (!(await fill(body, head.dataset.source))) head.setAttribute("aria-expanded", "false");
  loaded.delete(head.dataset.fold);
  keepOpen();
}

// The rows at an address, in the place of what stands in the body, or of its last row.
async function fill(body, address, place = null) {
  body.setAttribute("aria-busy", "true");
  const { ok, text } = await fragment(address, { headers: { "X-Group": "1" } }).catch(() => ({ ok: false }));
  body.removeAttribute("aria-busy");
  if (!ok) { failed(); return false; }
  const made = document.createElement("template");
  made.innerHTML = `<table><tbody>${text}</tbody></table>`;
  const rows = made.content.querySelectorAll("tr");
  if (place) place.replaceWith(...rows);
  else body.replaceChildren(...rows);
  return rows[0] ?? true;
}

async function moreRows(link) {
  const row = link.closest("tr"), body = link.closest("tbody");
  link.setAttribute("aria-disabled", "true");
  const first = await fill(body, link.href, row);
  if (!first) { link.removeAttribute("aria-disabled"); return; }
  loaded.set(body.dataset.of, (loaded.get(body.dataset.of) ?? 0) + 1);
  first.querySelector?.("a.open")?.focus({ preventScroll: true });
}

function failed() {
  const made = document.createElement("div");
  made.innerHTML = '<div class="toast toast-bad" data-toast role="alert"><span></span><button class="close" type="button" data-dismiss hidden>×</button></div>';
  made.querySelector("span").textContent = words.failed;
  made.querySelector("button").setAttribute("aria-label", words.close);
  toast(made.innerHTML);
}

// The address says which groups are unfolded, so that a reload and a colleague see the same.
function keepOpen() {
  const open = [...document.querySelectorAll("a[data-fold][aria-expanded=true]")].map((head) => head.dataset.fold.replace(/[\\,]/g, "\\$&"));
  const address = new URL(location.href);
  address.searchParams.set("open", open.join(",") || "~closed");
  history.replaceState(history.state, "", address);
}

// --- the place in the list ----------------------------------------------------------------------------------------------
addEventListener("pagehide", keepPlace);
document.addEventListener("click", (event) => { if (event.target.closest("a[href], tr")) keepPlace(); }, true);

function keepPlace() {
  const box = scroller();
  if (!box) return;
  const focus = document.activeElement?.closest?.("tr[data-id]")?.dataset.id ?? null;
  history.replaceState({ ...history.state, list: { top: box.scrollTop, left: box.scrollLeft, focus, more: [...loaded] } }, "");
}

async function restore({ top, left, focus, more }) {
  for (const [group, times] of more ?? [])
    for (let time = 0; time < times; time += 1) {
      const link = document.querySelector(`tbody[data-of="${CSS.escape(group)}"] a[data-more-rows]`);
      if (link) await moreRows(link);
    }
  const box = scroller();
  if (box) [box.scrollTop, box.scrollLeft] = [top, left];
  if (focus) document.querySelector(`tr[data-id="${CSS.escape(focus)}"] a.open`)?.focus({ preventScroll: true });
}
if (table() && history.state?.list) restore(history.state.list);

// --- loading: a list that is slow to come says so, without moving ---------------------------------------------------------
document.addEventListener("click", (event) => {
  if (event.target.closest("a.sort, .pager a, .list-table tfoot a")) scroller()?.setAttribute("data-waiting", "");
});
addEventListener("pageshow", () => scroller()?.removeAttribute("data-waiting"));
