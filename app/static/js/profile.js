// The profile's example follows the time zone and the way of writing that are being chosen.
import { fragment } from "./fragments.js";

const form = document.querySelector("[data-profile]");
const place = form.querySelector("[data-example]");

form.addEventListener("change", async () => {
  const chosen = new URLSearchParams({ timezone: form.elements.timezone.value, locale: form.elements.locale.value });
  const { ok, text } = await fragment(`${place.dataset.example}?${chosen}`);
  if (ok) place.innerHTML = text;
});
