// The first run's guide: whether a model is connected is known to the assistant alone.
const step = document.querySelector("[data-guide-model]");

async function look() {
  const response = await fetch("/chat/model", { credentials: "same-origin" }).catch(() => null);
  const { model } = response?.ok ? await response.json() : {};
  if (!model) return;
  step.classList.add("is-done");
  step.querySelector(".icon").replaceWith(step.querySelector("[data-guide-done]").content.firstElementChild);
  step.querySelector("p").textContent = `${model} answers.`;
}

if (step) look();
