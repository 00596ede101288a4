// The board: cards are dragged by mouse and touch (SortableJS), or moved by their menu with the keyboard.
import { sent } from "./fragments.js";

const board = document.querySelector("[data-board]");

async function move(form, submitter) {
  const { ok, content } = await sent(form, submitter);
  if (ok) for (const fresh of content.querySelectorAll("template[data-head]")) refresh(fresh);
  return ok;
}

// Counts and sums are the server's: it knows the cards that aren't shown, and what others have moved meanwhile.
function refresh(fresh) {
  const lane = board.querySelector(`[data-stage="${CSS.escape(fresh.dataset.head)}"]`);
  lane?.querySelector("[data-head]").replaceChildren(fresh.content);
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
    if (await move(form, event.submitter)) {
      for (const button of form.querySelectorAll("button")) button.hidden = button.value === lane.dataset.stage;
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
        to.prepend(item);
        if (!(await move(form, button))) from.insertBefore(item, from.children[oldIndex]);
      },
    });
  }
}
