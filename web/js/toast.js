/** Short messages at the edge of the page. */

import { byId, el, icon } from "./dom.js";

const READING_MS = 6_000;
const DECIDING_MS = 20_000; // with something to do about it
const MOST = 3;

/**
 * Say something. A message with the same words that still stands is not said twice.
 * @param {string} text
 * @param {"info" | "error" | "done"} [tone]
 * @param {{text: string, href: string, download: string}} [link] A file that it offers.
 */
export function toast(text, tone = "info", link) {
  const list = byId("toasts");
  const standing = [...list.children].some((one) => one.textContent === text);
  if (standing) return;
  const { text: label, ...where } = link ?? {};
  const card = show(tone, el("p", { text }),
    ...(link ? [el("a", { class: "link toast-link", text: label, ...where })] : []));
  let timer = setTimeout(() => card.remove(), (link ? DECIDING_MS : READING_MS) + 50 * text.length);
  // Whoever is reading it, or is about to use what it offers, has time for it.
  for (const event of ["pointerenter", "focusin"]) {
    card.addEventListener(event, () => clearTimeout(timer));
  }
  for (const event of ["pointerleave", "focusout"]) {
    card.addEventListener(event, () => {
      clearTimeout(timer);
      timer = setTimeout(() => card.remove(), READING_MS / 2);
    });
  }
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
