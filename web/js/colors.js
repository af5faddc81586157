/** Which colour: those the service offers, some more, and any. */

import { el } from "./dom.js";

/** @type {[string, string][]} Six hexadecimal digits, name. */
const MORE = [
  ["0047bb", "Key blue"], ["7b8794", "Grey"], ["101418", "Black"], ["c9b79c", "Sand"],
];

export class ColorOptions {
  element;
  #onPick;
  #swatches = el("div", { class: "swatches-ready", role: "group", "aria-label": "Ready colours" });
  #input;
  #drawn = "";

  /** @param {(hex: string) => void} onPick Six hexadecimal digits. */
  constructor(onPick) {
    this.#onPick = onPick;
    this.#input = el("input", {
      class: "color-input", type: "color", "aria-label": "Any colour", title: "Any colour",
      on: { input: () => onPick(this.#input.value.slice(1)) },
    });
    this.element = el("div", { class: "swatches" }, this.#swatches, this.#input);
  }

  /**
   * @param {string} hex
   * @param {{id: string, label: string}[]} offered
   */
  show(hex, offered) {
    const ready = [...offered.map(({ id, label }) => [id.split(":")[1], label]), ...MORE];
    const outline = JSON.stringify(ready);
    if (outline !== this.#drawn) this.#draw(ready);
    this.#drawn = outline;
    if (document.activeElement !== this.#input) this.#input.value = `#${hex.toLowerCase()}`;
    for (const swatch of this.#swatches.children) {
      swatch.setAttribute("aria-pressed", String(swatch.dataset.hex === hex.toLowerCase()));
    }
  }

  /** @param {string[][]} ready Six hexadecimal digits and a name, each. */
  #draw(ready) {
    this.#swatches.replaceChildren(...ready.map(([hex, name]) => {
      const swatch = el("button", { class: "swatch", type: "button", "aria-label": name,
        title: name, "data-hex": hex, on: { click: () => this.#onPick(hex) } });
      swatch.style.backgroundColor = `#${hex}`;
      return swatch;
    }));
  }
}
