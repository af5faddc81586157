/** Which model cuts out. */

import { byId, icon } from "./dom.js";
import { Picker } from "./picker.js";

export class ModelPicker {
  #picker;

  /** @param {import("./state.js").Store} store */
  constructor(store) {
    this.#picker = new Picker({ name: "model", legend: "Model", layout: "rows",
      onPick: (id) => store.set("model", id, { soon: true }) });
    byId("pane-matte").append(this.#picker.element);
  }

  /** @param {import("./state.js").State} state */
  show({ model, choices }) {
    const listed = choices.models.map(asChoice);
    const used = listed.find(({ id }) => id === model.id);
    if (used && model.note) used.detail = model.note; // how it runs, and what keeps it from better
    this.#picker.show(listed, model.id);
  }
}

/**
 * @param {import("./state.js").ModelChoice} model
 * @returns {import("./picker.js").Choice}
 */
function asChoice({ id, label, installed, card }) {
  const name = id.slice(id.indexOf(":") + 1);
  const facts = [
    card.input && `${card.input.width} × ${card.input.height}`, card.precision, card.licence?.spdx,
  ];
  const about = installed
    ? facts.filter(Boolean).join(" · ")
    : `Not on this device yet. Run: python -m edge models fetch ${name}`;
  const detail = [about, card.licence?.notice].filter(Boolean).join(". "); // before it is used
  return { id, label, detail, disabled: !installed, picture: () => icon("chip") };
}
