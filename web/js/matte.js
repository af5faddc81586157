/** The matte's controls, generated from the schema that the service gives. */

import { el } from "./dom.js";
import { Slider } from "./slider.js";

/** @typedef {{element: HTMLElement, show: (value: any) => void}} Control */

export class MatteControls {
  element = el("section", { class: "group" });
  #onChange;
  /** @type {Map<string, Control>} */
  #controls = new Map();
  /** @type {Record<string, any>} */
  #schema = {};
  #drawn = "";

  /** @param {(field: string, value: any) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /**
   * @param {Record<string, any>} schema By field: the JSON schema of its value.
   * @param {Record<string, any>} values
   */
  show(schema, values) {
    const outline = JSON.stringify(schema);
    if (outline !== this.#drawn) this.#draw(schema);
    this.#drawn = outline;
    for (const [field, control] of this.#controls) control.show(values[field]);
  }

  /** @param {Record<string, any>} schema */
  #draw(schema) {
    this.#schema = schema;
    this.#controls = new Map(Object.entries(schema).flatMap(([field, property]) => {
      const control = controlFor(property, (value) => this.#onChange(field, value));
      return control ? [[field, control]] : [];
    }));
    const title = el("div", { class: "group-head" },
      el("h3", { class: "group-title", text: "Fine tuning" }),
      el("button", {
        class: "link", type: "button", text: "Reset all", on: { click: () => this.#reset() },
      }));
    const rows = [...this.#controls.values()].map((control) => control.element);
    this.element.replaceChildren(title, ...rows);
  }

  #reset() {
    for (const field of this.#controls.keys()) {
      if ("default" in this.#schema[field]) this.#onChange(field, this.#schema[field].default);
    }
  }
}

/**
 * @param {Record<string, any>} property
 * @param {(value: any) => void} onInput
 * @returns {Control | null} Null for a type this page cannot show.
 */
function controlFor(property, onInput) {
  if (property.enum) return choice(property, onInput);
  if (property.type === "boolean") return toggle(property, onInput);
  if (property.type !== "number" && property.type !== "integer") return null;
  return new Slider({
    label: label(property),
    hint: property.description,
    min: property.minimum ?? property.exclusiveMinimum ?? 0,
    max: property.maximum ?? property.exclusiveMaximum ?? 1,
    step: property.step ?? (property.type === "integer" ? 1 : 0.01),
    standard: property.default,
  }, onInput);
}

/**
 * @param {Record<string, any>} property
 * @param {(value: boolean) => void} onInput
 * @returns {Control}
 */
function toggle(property, onInput) {
  const input = el("input", {
    class: "switch", type: "checkbox", role: "switch",
    on: { change: () => onInput(input.checked) },
  });
  const element = el("div", { class: "row" },
    el("label", { class: "switch-row" }, el("span", { text: label(property) }), input),
    hint(property));
  return { element, show: (value) => { input.checked = value; } };
}

/**
 * @param {Record<string, any>} property
 * @param {(value: string) => void} onInput
 * @returns {Control}
 */
function choice(property, onInput) {
  const name = `choice-${label(property)}`;
  const inputs = property.enum.map((/** @type {string} */ value) => el("input", {
    class: "segment-input", type: "radio", name, value, on: { change: () => onInput(value) },
  }));
  const segments = inputs.map((/** @type {HTMLInputElement} */ input) => el("label",
    { class: "segment" }, input, el("span", { text: capital(input.value) })));
  const element = el("fieldset", { class: "row" },
    el("legend", { class: "row-label", text: label(property) }),
    el("div", { class: "segments" }, ...segments), hint(property));
  return {
    element,
    show: (value) => { for (const input of inputs) input.checked = input.value === value; },
  };
}

/** @param {Record<string, any>} property */
function hint(property) {
  return property.description && el("p", { class: "hint", text: property.description });
}

/** @param {Record<string, any>} property */
function label(property) {
  return property.label ?? property.title ?? "";
}

/** @param {string} word */
function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
