// What is around the conversation: the page in view, the model in use, questions to begin with, and what a tab remembers.
import { fetchJson } from "./assistant-dom.js";

// The page that the panel stands beside: what "these" and "this" mean. `url` is null where it shows no records.
export function inView() {
  const isView = /^\/[a-z_]+(?:\/\d+|\/board)?$/.test(location.pathname) && !/^\/(settings|search|import|assistant)/.test(location.pathname);
  const name = document.querySelector(".top h1")?.textContent.trim() ?? "";
  return { url: isView && name ? location.pathname + location.search : null, name };
}

export async function suggestions(view) {
  const query = view ? `?url=${encodeURIComponent(view)}` : "";
  try {
    return (await fetchJson(`/chat/suggestions${query}`)).questions;
  } catch {
    return []; // the field to ask in is there all the same
  }
}

export async function modelLine() {
  try {
    const { model } = await fetchJson("/chat/model");
    return model ? `Numbers from your records, words by ${model}` : "Answering without a model: numbers and quotes, no prose";
  } catch {
    return "";
  }
}

export function read(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

export function write(key, value) {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // without storage each page begins anew
  }
}
