// The board: cards are dragged by mouse and touch (SortableJS), or moved by their menu with the keyboard.
import { send } from "./fragments.js";

const board = document.querySelector("[data-board]");

async function move(card, lane, form, submitter) {
  const from = card.closest("[data-stage]");
  if (!(await send(form, submitter))) return false;
  count(from, -1);
  count(lane, 1);
  for (const button of form.querySelectorAll("button")) button.hidden = button.value === lane.dataset.stage;
  return true;
}

function count(lane, by) {
  const place = lane.querySelector("[data-count]");
  const now = Number(place.textContent.replace(/\D/g, "")) + by;
  place.textContent = now.toLocaleString(document.documentElement.lang);
  lane.querySelector("[data-sum]").classList.add("is-old");
}

function formFor(card, stage) {
  const form = card.querySelector("form[data-move]");
  let button = form.querySelector(`button[value="${CSS.escape(stage)}"]`);
  if (!button) {
    button = document.createElement("button");
    Object.assign(button, { name: "stage", value: stage, hidden: true });
    form.append(button);
  }
  return [form, button];
}

if (board) {
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-move]");
    if (!form || event.defaultPrevented) return;
    event.preventDefault();
    const card = form.closest(".deal-card");
    const lane = board.querySelector(`[data-stage="${CSS.escape(event.submitter.value)}"]`);
    form.closest("details").open = false;
    if (await move(card, lane, form, event.submitter)) {
      lane.querySelector("[data-cards]").prepend(card);
      card.querySelector("summary").focus();
    }
    delete form.dataset.sent;
  }, true);

  for (const cards of board.querySelectorAll("[data-cards]")) {
    window.Sortable?.create(cards, {
      group: "deals",
      draggable: ".deal-card",
      filter: "details",
      preventOnFilter: false,
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      delay: 180,
      delayOnTouchOnly: true,
      touchStartThreshold: 4,
      ghostClass: "is-ghost",
      sort: false,
      onEnd: async ({ item, from, to, oldIndex }) => {
        if (from === to) return;
        const [form, button] = formFor(item, to.closest("[data-stage]").dataset.stage);
        from.insertBefore(item, from.children[oldIndex]);
        const lane = to.closest("[data-stage]");
        to.prepend(item);
        const kept = from.closest("[data-stage]");
        if (await send(form, button)) {
          count(kept, -1);
          count(lane, 1);
        } else from.insertBefore(item, from.children[oldIndex]);
      },
    });
  }
}
