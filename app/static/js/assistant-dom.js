// Small helpers. Everything that is shown is built from text nodes: nothing is ever parsed as HTML.

// el("a.chip", {href: "/deals"}, "text", child): an element with classes, attributes and children.
export function el(spec, attributes = {}, ...children) {
  const [name, ...classes] = spec.split(".");
  const element = document.createElement(name || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// A link of ours: only paths of this very site, whatever came over the wire.
export function link(url, spec, attributes, ...children) {
  const own = typeof url === "string" && url.startsWith("/") && !url.startsWith("//") && !url.startsWith("/\\");
  return own ? el(`a${spec}`, { href: url, ...attributes }, ...children) : el(`span${spec}`, {}, ...children);
}

export function icon(root, name) {
  const template = root.querySelector(`template[data-icon="${name}"]`);
  return template ? template.content.firstElementChild.cloneNode(true) : document.createTextNode("");
}

export async function fetchJson(path, options = {}) {
  const response = await fetch(path, {
    headers: { Accept: "application/json", ...(options.body ? { "Content-Type": "application/json" } : {}) },
    credentials: "same-origin",
    ...options,
  });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw Object.assign(new Error(problem.detail ?? "The server could not be reached."), { status: response.status, errors: problem.errors });
  }
  return response.status === 204 ? null : response.json();
}
