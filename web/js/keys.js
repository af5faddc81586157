/** Single-key shortcuts. They can be switched off, for speech input and for those who mistype. */

import { byId } from "./dom.js";

const STORED = "edge-matting.shortcuts";

/** @param {Record<string, () => void>} actions By key, as in KeyboardEvent.key, lower case. */
export function setUpKeys(actions) {
  const box = byId("shortcuts");
  box.checked = localStorage.getItem(STORED) !== "off";
  box.addEventListener("change", () => {
    localStorage.setItem(STORED, box.checked ? "on" : "off");
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    const action = actions[event.key.toLowerCase()];
    const allowed = box.checked || event.key === "Escape";
    if (!action || !allowed || wantsKey(event)) return;
    event.preventDefault();
    action();
  });
}

/**
 * Whether the focused element makes its own use of this key.
 * @param {KeyboardEvent} event
 */
function wantsKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.key === "Escape") return false;
  if (target.closest("input:not([type=radio], [type=range], [type=checkbox]), select, textarea")) {
    return true;
  }
  return event.key === " " && target.closest("button, input, a, summary") !== null;
}
