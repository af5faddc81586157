/** Short messages at the edge of the page. */

import { byId, el, icon } from "./dom.js";

const READING_MS = 6_000;
const MOST = 3;

/**
 * Say something. A message with the same words that still stands is not said twice.
 * @param {string} text
 * @param {"info" | "error" | "done"} [tone]
 */
export function toast(text, tone = "info") {
  const list = byId("toasts");
  const standing = [...list.children].some((one) => one.textContent === text);
  if (standing) return;
  const card = show(tone, el("p", { text }));
  let timer = setTimeout(() => card.remove(), READING_MS + 50 * text.length);
  // Whoever is reading it has time for it.
  card.addEventListener("pointerenter", () => clearTimeout(timer));
  card.addEventListener("pointerleave", () => {
    timer = setTimeout(() => card.remove(), READING_MS / 2);
  });
}

/** @param {unknown} error Shown by its message. */
export function toastError(error) {
  toast(error instanceof Error ? error.message : String(error), "error");
}

/**
 * A message with a bar, until `remove` of what is returned is called.
 * @param {string} text
 * @returns {{progress: (share: number) => void, remove: () => void}}
 */
export function toastProgress(text) {
  const bar = el("progress", { max: 1, value: 0, "aria-label": text });
  const card = show("info", el("p", { text }), bar);
  return {
    progress: (share) => { bar.value = share; },
    remove: () => card.remove(),
  };
}

const ICONS = { info: "info", error: "warn", done: "check" };

/**
 * @param {"info" | "error" | "done"} tone
 * @param {...HTMLElement} content
 * @returns {HTMLElement}
 */
function show(tone, ...content) {
  const list = byId("toasts");
  const close = el("button", {
    class: "icon-button toast-close", type: "button", "aria-label": "Dismiss",
    on: { click: () => card.remove() },
  }, icon("close"));
  const card = el("div", { class: `toast toast-${tone}`, role: tone === "error" ? "alert" : null },
    icon(ICONS[tone]), el("div", { class: "toast-text" }, ...content), close);
  list.append(card);
  while (list.children.length > MOST) list.firstElementChild?.remove();
  return card;
}
