/** Deleting for good, by two clicks on the same button. */

import { el, icon } from "./dom.js";
import { toast, toastError } from "./toast.js";

const SURE_MS = 4_000;

/**
 * @param {string} label What goes.
 * @param {string} look The button's class.
 * @param {() => Promise<unknown>} remove
 * @returns {HTMLElement}
 */
export function deleteButton(label, look, remove) {
  const ask = () => {
    // A second click deletes: no dialog for a small thing, and no slip of the finger either.
    if (button.classList.toggle("delete-sure")) {
      button.setAttribute("aria-label", `Really delete ${label}?`);
      setTimeout(calm, SURE_MS);
    } else {
      remove().then(() => toast(`${label} was deleted.`, "done"), toastError);
    }
  };
  const calm = () => {
    button.classList.remove("delete-sure");
    button.setAttribute("aria-label", `Delete ${label}`);
  };
  const button = el("button", { class: look, type: "button", title: "Delete",
    "aria-label": `Delete ${label}`, on: { click: ask } }, icon("trash"));
  return button;
}
