// A proposed change as a card: what would be different, and the buttons that apply, edit, reject or undo it.
import { el, fetchJson, icon, link } from "./assistant-dom.js";

const PATH = "/api/v1/changes";
const SAID = { applied: "Applied", rejected: "Rejected", expired: "Expired", undone: "Undone" };
const EDITED = { text: "text", long_text: "textarea", number: "number", money: "number", date: "date", email: "email", phone: "tel", url: "url", select: "select", stage: "select", boolean: "checkbox" };

export class Proposal {
  constructor(root, values, data) {
    this.root = root;
    this.values = values;
    this.data = data;
    this.state = data.state;
    this.body = el("div.proposal-body");
    this.status = el("p.proposal-status", { role: "status" });
    this.foot = el("div.proposal-foot");
    this.element = el("section.proposal", { "aria-label": data.title }, el("h3.sr-only", {}, data.title), this.body, this.status, this.foot);
    this.#draw();
  }

  // What has become of it since: applied in another tab, expired, undone from a toast.
  async refresh() {
    try {
      this.#take(await fetchJson(`${PATH}/${this.data.id}`));
    } catch (problem) {
      if (problem.status === 404) this.#say("This change is gone.");
    }
  }

  #take(set) {
    this.state = set.state;
    this.records = set.records ?? [];
    for (const [place, operation] of (set.operations ?? []).entries()) this.#revised(this.data.operations[place], operation.values ?? {});
    for (const change of set.changes ?? []) this.#written(change);
    this.#say("");
    this.#draw();
  }

  // Once it is applied, what was written is what the journal says: it may have been edited before.
  #written(change) {
    const own = this.data.operations.filter((operation) => !operation.record || (operation.object === change.object && operation.record.id === change.id));
    const fields = own.flatMap((operation) => operation.fields);
    for (const field of fields) {
      if (!(field.name in change.after) || field.type === "link") continue;
      field.after = plainly(field, change.after[field.name]);
      if (field.name in change.before) field.before = plainly(field, change.before[field.name]);
    }
  }

  #revised(operation, values) {
    for (const field of operation?.fields ?? []) {
      if (!(field.name in values) || same(values[field.name], field.value)) continue;
      field.value = values[field.name];
      field.after = field.value;
    }
  }

  #say(text, bad = false) {
    this.status.textContent = text;
    this.status.classList.toggle("is-bad", bad);
  }

  // --- drawing ---

  #draw() {
    this.element.dataset.state = this.state;
    this.body.replaceChildren(...this.data.operations.map((operation) => this.#operation(operation)));
    this.foot.replaceChildren(...(this.state === "proposed" ? this.#open() : this.#decided()).filter(Boolean));
  }

  #operation(operation) {
    const rows = operation.fields.map((field) => el("div.proposal-row", {}, el("dt", {}, field.label), el("dd", {}, ...this.#change(field))));
    const record = operation.record ? link(operation.record.url, ".proposal-record", {}, operation.record.label) : null;
    const head = operation.action === "trash" ? el("p", {}, record, " goes to the trash. It can be restored.") : record ? el("p", {}, record) : null;
    return el("div", {}, head, rows.length ? el("dl", {}, rows) : null);
  }

  #change(field) {
    const [before, after] = [this.#text(field, field.before), this.#text(field, field.after)];
    const news = after ? el("ins", {}, after) : el("ins.muted", {}, "nothing");
    return before ? [el("del", {}, before), el("span.proposal-arrow", { "aria-label": "becomes" }, "→"), news] : [news];
  }

  #text(field, value) {
    return this.values.text(value, field, {});
  }

  #open() {
    const apply = el("button.button.button-primary.button-small", { type: "button", onclick: () => this.#post("apply") }, "Apply");
    const edit = this.#editable().length ? el("button.button.button-small", { type: "button", onclick: () => this.#edit() }, "Edit") : null;
    const reject = el("button.button.button-quiet.button-small", { type: "button", onclick: () => this.#post("reject") }, "Reject");
    return [apply, edit, reject];
  }

  #decided() {
    const done = el("span.proposal-state", {}, this.state === "applied" ? icon(this.root, "check") : null, SAID[this.state] ?? this.state);
    const undo = this.state === "applied" ? el("button.button.button-quiet.button-small", { type: "button", onclick: () => this.#post("undo") }, "Undo") : null;
    const made = this.state === "applied" && !this.data.operations[0]?.record ? this.records?.[0] : null;
    return [done, made ? link(made.url, ".button.button-quiet.button-small", {}, "Open", el("span.sr-only", {}, ` ${made.label}`)) : null, undo];
  }

  // --- doing ---

  async #post(action, body = {}) {
    this.#busy(true);
    try {
      const done = await fetchJson(`${PATH}/${this.data.id}/${action}`, { method: "POST", body: JSON.stringify(body) });
      this.#take(await fetchJson(`${PATH}/${done.undoes ?? this.data.id}`));
      this.foot.querySelector("button, a")?.focus();
    } catch (problem) {
      this.#busy(false);
      if (problem.status === 409 && action === "apply") return this.#conflict(problem);
      this.#say(problem.message, true);
    }
  }

  #busy(busy) {
    for (const button of this.foot.querySelectorAll("button")) button.disabled = busy;
  }

  // Somebody has changed a field meanwhile: both values are shown, and one of them is chosen.
  #conflict(problem) {
    const fields = (problem.errors ?? []).filter((error) => "theirs" in error);
    this.#say(fields.length ? `${fields.map((error) => `${error.message} It is ${this.#told(error) || "empty"} now.`).join(" ")}` : problem.message, true);
    if (!fields.length) return;
    const resolutions = fields.map((error) => ({ operation: error.operation ?? 0, field: error.field.split(".").pop(), keep: "yours" }));
    const mine = el("button.button.button-small", { type: "button", onclick: () => this.#post("apply", { resolutions }) }, "Apply anyway");
    const theirs = el("button.button.button-quiet.button-small", { type: "button", onclick: () => this.#post("reject") }, "Keep what is there");
    this.foot.replaceChildren(mine, theirs);
  }

  #told(error) {
    const name = error.field.split(".").pop();
    const field = this.data.operations.flatMap((operation) => operation.fields).find((item) => item.name === name) ?? {};
    return this.#text(field, error.theirs);
  }

  // --- editing ---

  #editable() {
    if (this.data.operations.length > 1) return []; // a change to several records is taken or left
    return this.data.operations.flatMap((operation) => operation.fields).filter((field) => field.type in EDITED && !field.follows);
  }

  #edit() {
    const inputs = this.#editable().map((field) => [field, this.#input(field)]);
    const rows = inputs.map(([field, input]) => el("label.field", {}, el("span.field-label", {}, field.label), input));
    const form = el("form.proposal-form", {}, rows);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#revise(inputs);
    });
    const save = el("button.button.button-primary.button-small", { type: "button", onclick: () => form.requestSubmit() }, "Save");
    const cancel = el("button.button.button-quiet.button-small", { type: "button", onclick: () => this.#draw() }, "Cancel");
    this.body.replaceChildren(form);
    this.foot.replaceChildren(save, cancel);
    form.querySelector("input, select, textarea")?.focus();
  }

  #input(field) {
    const kind = EDITED[field.type];
    if (kind === "select") return el("select.select", {}, field.options.map((option) => el("option", { value: option.key, selected: option.key === field.value }, option.label)));
    if (kind === "textarea") return el("textarea.textarea", { rows: "4" }, String(field.value ?? ""));
    if (kind === "checkbox") return el("input", { type: "checkbox", checked: field.value === true });
    return el("input.input", { type: kind, value: field.value ?? "", ...(kind === "number" ? { step: "any" } : {}) });
  }

  async #revise(inputs) {
    const edited = new Map(inputs.map(([field, input]) => [field.name, read(field, input)]));
    this.#busy(true);
    try {
      const kept = await fetchJson(`${PATH}/${this.data.id}`);
      const operations = kept.operations.map((operation) => ({ ...operation, values: Object.fromEntries(Object.entries(operation.values ?? {}).map(([name, value]) => [name, edited.has(name) ? edited.get(name) : value])) }));
      this.#take(await fetchJson(`${PATH}/${this.data.id}`, { method: "PUT", body: JSON.stringify({ operations }) }));
    } catch (problem) {
      this.#busy(false);
      this.#say(problem.message, true);
    }
  }
}

function read(field, input) {
  if (input.type === "checkbox") return input.checked;
  if (input.value === "") return null;
  return input.type === "number" ? Number(input.value) : input.value;
}

// The journal's form of an amount says its currency, too.
function plainly(field, value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  if (value.currency) field.unit = value.currency;
  return value.amount ?? value.label ?? value;
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
