/** The Camera tab: which source, in which mode, and what it really gives. */

import { byId, el, icon, setText } from "./dom.js";
import { Picker } from "./picker.js";

const ICONS = {
  camera: "camera", file: "film", stream: "network", demo: "person", presenter: "person",
};

export class SourcePane {
  #store;
  #picker;
  #modes = el("select", { id: "mode", on: { change: () => this.#pickMode() } });
  #modeField = el("label", { class: "field" }, el("span", { text: "Camera mode" }), this.#modes);
  #granted = el("p", { class: "hint", role: "status" });

  /** @param {import("./state.js").Store} store */
  constructor(store) {
    this.#store = store;
    this.#picker = new Picker({ name: "source", legend: "Source", layout: "rows",
      onPick: (id) => store.set("source", id, { soon: true }) });
    byId("pane-source").append(this.#picker.element, this.#modeField, this.#granted,
      guestCard());
  }

  /** @param {import("./state.js").State} state */
  show({ source, choices }) {
    const listed = choices.sources.filter(({ kind }) => kind !== "browser");
    const now = listed.find(({ id }) => id === source.id)
      ?? listed.find(({ id }) => withoutMode(id) === withoutMode(source.id));
    this.#picker.show(listed.map(asChoice), now?.id ?? source.id);
    this.#showModes(now, source.id);
    setText(this.#granted, source.granted ? `Now: ${modeWords(source.granted)}` : "");
  }

  /**
   * @param {import("./state.js").SourceChoice | undefined} choice
   * @param {string} selected
   */
  #showModes(choice, selected) {
    const modes = choice?.modes ?? [];
    this.#modeField.hidden = modes.length === 0;
    if (!choice || document.activeElement === this.#modes) return;
    const options = [["Automatic", choice.id],
      ...modes.map((mode) => [modeWords(mode), withMode(choice.id, mode)])];
    this.#modes.replaceChildren(...options.map(([text, value]) => el("option", { text, value })));
    this.#modes.value = selected;
    if (this.#modes.selectedIndex < 0) this.#modes.selectedIndex = 0;
  }

  #pickMode() {
    this.#store.set("source", this.#modes.value);
    this.#modes.blur(); // from here on it follows the state again
  }
}

/** The browser's own camera; guest.js gives the button its work. */
function guestCard() {
  return el("section", { class: "group" },
    el("h3", { class: "group-title", text: "Your own camera" }),
    el("p", { class: "hint", text: "Sends the camera of the device you are holding. Every viewer "
      + "sees it, with the background replaced." }),
    el("button", { class: "button button-wide", id: "guest-button", type: "button" },
      icon("camera"), el("span", { text: "Use my camera" })));
}

/**
 * @param {import("./state.js").SourceChoice} source
 * @returns {import("./picker.js").Choice}
 */
function asChoice({ id, label, kind, modes }) {
  const detail = modes.length ? `${modes.length} modes` : "";
  const name = ICONS[/** @type {keyof typeof ICONS} */ (kind)] ?? "auto";
  return { id, label, detail, picture: () => icon(name) };
}

/** @param {import("./state.js").Mode} mode */
function modeWords({ width, height, fps, pixel_format: format }) {
  const rate = fps ? `${Number(fps.toFixed(2))} fps` : "";
  return [`${width} × ${height}`, rate, format].filter(Boolean).join(", ");
}

/**
 * @param {string} id
 * @returns {string} The device it names, in whatever mode.
 */
function withoutMode(id) {
  const [device, query = ""] = id.split("?");
  const options = new URLSearchParams(query);
  for (const name of ["size", "fps", "format"]) options.delete(name);
  const rest = options.toString();
  return rest ? `${device}?${rest}` : device;
}

/**
 * @param {string} id
 * @param {import("./state.js").Mode} mode
 */
function withMode(id, { width, height, fps, pixel_format: format }) {
  const device = withoutMode(id);
  // Six digits, as the service compares them: 30000/1001 has no end.
  const rate = fps && `fps=${Number(fps.toPrecision(6))}`;
  const options = [`size=${width}x${height}`, rate, format && `format=${format}`];
  return `${device}${device.includes("?") ? "&" : "?"}${options.filter(Boolean).join("&")}`;
}
