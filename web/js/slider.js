/** One number under the finger. */

import { el, icon, setText } from "./dom.js";

let count = 0;

/**
 * @typedef {object} Range
 * @property {string} label
 * @property {string} [hint]
 * @property {number} min
 * @property {number} max
 * @property {number} step
 * @property {number} [standard] The default, for a reset button.
 * @property {string} [unit]
 */

export class Slider {
  element;
  #range;
  #input;
  #output = el("output", { class: "row-value" });
  #reset;
  #held = false;

  /**
   * @param {Range} range
   * @param {(value: number) => void} onInput Called for each step of a drag.
   */
  constructor(range, onInput) {
    const id = `slider-${count += 1}`;
    this.#range = range;
    this.#input = el("input", {
      class: "slider", id, type: "range", min: range.min, max: range.max, step: range.step,
      "aria-describedby": range.hint ? `${id}-hint` : null,
      on: {
        input: () => { this.#draw(); onInput(this.#input.valueAsNumber); },
        pointerdown: () => { this.#held = true; },
        pointerup: () => { this.#held = false; },
        pointercancel: () => { this.#held = false; },
      },
    });
    this.#reset = el("button", {
      class: "icon-button row-reset", type: "button", title: "Reset",
      "aria-label": `Reset ${range.label}`,
      on: { click: () => onInput(/** @type {number} */ (range.standard)) },
    }, icon("reset"));
    this.element = el("div", { class: "row" },
      el("div", { class: "row-head" },
        el("label", { class: "row-label", for: id, text: range.label }), this.#reset, this.#output),
      this.#input,
      range.hint && el("p", { class: "hint", id: `${id}-hint`, text: range.hint }));
  }

  /** @param {number} value From the service; it waits while a finger is on the slider. */
  show(value) {
    if (this.#held) return;
    this.#input.value = String(value);
    this.#draw();
  }

  #draw() {
    const { min, max, step, standard, unit = "" } = this.#range;
    const value = this.#input.valueAsNumber;
    const share = (/** @type {number} */ one) => `${(100 * (one - min)) / (max - min)}%`;
    const zero = min < 0 && max > 0 ? 0 : min;
    this.#input.style.setProperty("--from", share(Math.min(zero, value)));
    this.#input.style.setProperty("--to", share(Math.max(zero, value)));
    const text = value.toFixed(decimals(step)) + unit;
    setText(this.#output, text);
    this.#input.setAttribute("aria-valuetext", text);
    this.#reset.classList.toggle("row-reset-off",
      standard === undefined || Math.abs(value - standard) < step / 2);
  }
}

/**
 * @param {number} step
 * @returns {number} How many digits after the point a number of this step needs.
 */
function decimals(step) {
  return (String(step).split(".")[1] ?? "").length;
}
