/** The Background tab: effects with their options, and the gallery with its uploads. */

import { removeBackground } from "./api.js";
import { ColorOptions } from "./colors.js";
import { deleteButton } from "./delete.js";
import { byId, el, icon } from "./dom.js";
import { Picker } from "./picker.js";
import { Slider } from "./slider.js";
import { useFile } from "./upload.js";

const BLUR = { label: "Strength", min: 21, max: 121, step: 2 }; // the service takes 21 to 255
const EFFECTS = ["blur", "color", "none", "original"]; // in this order

export class BackgroundPane {
  #store;
  #effects;
  #gallery;
  #blur;
  #colors;
  #upload;
  /** The last id used of blur and color: choosing the effect again comes back to it. */
  /** @type {Record<string, string>} */
  #last = {};

  /** @param {import("./state.js").Store} store */
  constructor(store) {
    this.#store = store;
    const pick = (/** @type {string} */ id) => store.set("background", id, { soon: true });
    this.#effects = new Picker({ name: "background", legend: "Effects", layout: "small",
      onPick: pick });
    this.#gallery = new Picker({ name: "background", legend: "Pictures and videos",
      layout: "tiles", onPick: pick });
    this.#blur = new Slider(BLUR, (value) => pick(`blur:${value}`));
    this.#colors = new ColorOptions((hex) => pick(`color:${hex}`));
    this.#upload = uploadTile(store);
    byId("pane-background").append(
      this.#effects.element, this.#blur.element, this.#colors.element, this.#gallery.element);
  }

  /** @param {import("./state.js").State} state */
  show({ background, choices }) {
    const [scheme, argument] = background.id.split(":");
    this.#last[scheme] = background.id;
    const effects = EFFECTS.flatMap((kind) => {
      const found = choices.backgrounds.find((choice) => choice.kind === kind);
      return found ? [effect(kind, found, this.#last[kind] ?? found.id)] : [];
    });
    this.#effects.show(effects, background.id);
    this.#blur.element.hidden = scheme !== "blur";
    if (scheme === "blur") this.#blur.show(Number(argument) || BLUR.min);
    this.#colors.element.hidden = scheme !== "color";
    if (scheme === "color") {
      this.#colors.show(argument, choices.backgrounds.filter(({ kind }) => kind === "color"));
    }
    const items = choices.backgrounds.filter(({ kind }) => kind === "image" || kind === "video");
    this.#gallery.show(items.map((item) => this.#item(item)), background.id, this.#upload);
  }

  /**
   * The background before or after the one in use, around the end.
   * @param {1 | -1} by
   */
  step(by) {
    const inputs = [...byId("pane-background").querySelectorAll(".card-input")];
    const ids = inputs.map((input) => /** @type {HTMLInputElement} */ (input).value)
      .filter((id) => !id.startsWith("original"));
    const now = ids.indexOf(this.#store.state?.background.id ?? "");
    if (ids.length) this.#store.set("background", ids[(now + by + ids.length) % ids.length]);
  }

  /**
   * @param {import("./state.js").BackgroundChoice} item
   * @returns {import("./picker.js").Choice}
   */
  #item(item) {
    const { id, label, kind, thumbnail, deletable } = item;
    return {
      id,
      label,
      picture: () => (thumbnail ? thumb(thumbnail, kind) : icon(kind === "video" ? "film" : "picture")),
      // Part of the outline that tells the picker when to draw anew.
      ...{ thumbnail },
      aside: deletable
        ? () => deleteButton(label, "card-delete", () => removeBackground(id)) : undefined,
    };
  }
}

/**
 * @param {string} kind
 * @param {import("./state.js").BackgroundChoice} choice
 * @param {string} id
 * @returns {import("./picker.js").Choice}
 */
function effect(kind, choice, id) {
  const words = { blur: "Blur", color: "Colour", none: "Transparent", original: "Original" };
  const picture = () => {
    const face = el("span", { class: `effect effect-${kind}` }, kind !== "color" && icon("person"));
    if (kind === "color") face.style.setProperty("--swatch", `#${id.split(":")[1]}`);
    return face;
  };
  return { id, label: words[/** @type {keyof typeof words} */ (kind)] ?? choice.label, picture };
}

/**
 * @param {string} url
 * @param {string} kind
 */
function thumb(url, kind) {
  const image = el("img", { class: "thumb", src: url, alt: "", loading: "lazy", decoding: "async" });
  return kind === "video"
    ? el("span", { class: "thumb-video" }, image, icon("play")) : image;
}

/** @param {import("./state.js").Store} store */
function uploadTile(store) {
  const input = el("input", {
    class: "visually-hidden", type: "file", accept: "image/*,video/*",
    on: { change: () => {
      const [file] = input.files;
      input.value = "";
      if (file) useFile(file, store);
    } },
  });
  return el("label", { class: "card card-upload" }, input,
    el("span", { class: "card-picture" }, icon("upload")),
    el("span", { class: "card-words" }, el("span", { class: "card-label", text: "Upload" })));
}
