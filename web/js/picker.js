/** One of many, as cards: radio buttons underneath, so keyboard and screen reader know them. */

import { el } from "./dom.js";

/**
 * @typedef {object} Choice
 * @property {string} id
 * @property {string} label
 * @property {string} [detail] A second line.
 * @property {boolean} [disabled]
 * @property {() => (Node | null)} picture Drawn anew when the choices change.
 * @property {() => Node} [aside] What stands on the card beside the choice, such as a delete button.
 */

export class Picker {
  element;
  #grid;
  #name;
  #onPick;
  #drawn = "";

  /**
   * @param {object} options
   * @param {string} options.name Pickers of the same name are one group.
   * @param {string} options.legend
   * @param {"small" | "tiles" | "rows"} options.layout
   * @param {(id: string) => void} options.onPick
   */
  constructor({ name, legend, layout, onPick }) {
    this.#name = name;
    this.#onPick = onPick;
    this.#grid = el("div", { class: `picker-${layout}` });
    this.element = el("fieldset", { class: "picker" },
      el("legend", { class: "group-title", text: legend }), this.#grid);
  }

  /**
   * @param {Choice[]} choices
   * @param {string} selected The id of the one in use; it may be none of them.
   * @param {Node} [last] A card of another kind, after the choices.
   */
  show(choices, selected, last) {
    const outline = JSON.stringify(choices);
    if (outline !== this.#drawn) this.#draw(choices, last);
    this.#drawn = outline;
    for (const input of this.#inputs()) input.checked = input.value === selected;
  }

  /** @returns {HTMLInputElement[]} */
  #inputs() {
    return [...this.#grid.querySelectorAll("input[type=radio]")];
  }

  /**
   * @param {Choice[]} choices
   * @param {Node} [last]
   */
  #draw(choices, last) {
    const focused = this.#inputs().find((input) => input === document.activeElement)?.value;
    const cards = choices.map((choice) => this.#card(choice));
    this.#grid.replaceChildren(...cards, ...(last ? [last] : []));
    this.#inputs().find((input) => input.value === focused)?.focus();
  }

  /** @param {Choice} choice */
  #card(choice) {
    const input = el("input", {
      class: "card-input", type: "radio", name: this.#name, value: choice.id,
      disabled: choice.disabled,
      on: { change: () => this.#onPick(choice.id) },
    });
    const words = el("span", { class: "card-words" },
      el("span", { class: "card-label", text: choice.label, title: choice.label }),
      choice.detail && el("span", { class: "card-detail", text: choice.detail }));
    const picture = el("span", { class: "card-picture", "aria-hidden": "true" }, choice.picture());
    return el("div", { class: "card" },
      el("label", { class: "card-face" }, input, picture, words), choice.aside?.());
  }
}
