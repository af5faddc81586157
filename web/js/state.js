/**
 * The service's state as this page shows it: what the service said last, with this page's own
 * changes on top until the service has answered them.
 */

import { patchState } from "./api.js";

const SETTLE_MS = 400; // pushes sent before our change was taken may still be on their way
const SOON_MS = 120;

/**
 * @typedef {{id: string, label: string, kind: string, modes: Mode[]}} SourceChoice
 * @typedef {{width: number, height: number, fps: number | null, pixel_format: string | null}} Mode
 * @typedef {{id: string, label: string, kind: string, thumbnail: string | null,
 *            deletable: boolean}} BackgroundChoice
 * @typedef {{id: string, label: string, installed: boolean, card: Record<string, any>}} ModelChoice
 * @typedef {{
 *   source: {id: string, label: string, status: string, note: string, error: string | null,
 *            granted: Mode | null},
 *   model: {id: string, label: string, status: string, error: string | null},
 *   background: {id: string, label: string},
 *   mirror: boolean, matte: Record<string, any>, allow_original: boolean, remembered: boolean,
 *   choices: {sources: SourceChoice[], models: ModelChoice[], backgrounds: BackgroundChoice[],
 *             matte: Record<string, any>},
 * }} State
 */

/** Fires "change" when `state` is another, and "refused" (detail: the error) for a PATCH refused. */
export class Store extends EventTarget {
  /** @type {State | null} */
  state = null;
  /** @type {State | null} */
  #said = null;
  /** @type {Map<string, unknown>} Own changes on top, by path: "mirror", "matte.threshold". */
  #own = new Map();
  /** @type {Map<string, {timer: number, busy: boolean, waiting: Map<string, unknown>}>} */
  #lanes = new Map();

  /** @param {State} state As the service gave it. */
  receive(state) {
    this.#said = state;
    this.#show();
  }

  /**
   * Change one thing: shown at once, sent at once, or `soon` for what comes in bursts (a slider).
   * @param {string} path "source", "model", "background", "mirror", or "matte.FIELD".
   * @param {unknown} value
   * @param {{soon?: boolean}} [options]
   */
  set(path, value, { soon = false } = {}) {
    this.#own.set(path, value);
    const name = path.split(".")[0];
    const lane = this.#lanes.get(name) ?? { timer: 0, busy: false, waiting: new Map() };
    this.#lanes.set(name, lane);
    lane.waiting.set(path, value);
    if (!soon) clearTimeout(lane.timer);
    if (!soon || !lane.timer) {
      lane.timer = setTimeout(() => this.#flush(lane), soon ? SOON_MS : 0);
    }
    this.#show();
  }

  /**
   * Send what waits in a lane. One request at a time in each, so that they cannot overtake each
   * other, and a model that takes its time holds up no slider.
   * @param {{timer: number, busy: boolean, waiting: Map<string, unknown>}} lane
   */
  async #flush(lane) {
    lane.timer = 0;
    if (lane.busy || !lane.waiting.size) return;
    const sent = lane.waiting;
    lane.waiting = new Map();
    lane.busy = true;
    try {
      this.receive(await patchState(asPatch(sent)));
      setTimeout(() => this.#settle(sent), SETTLE_MS);
    } catch (error) {
      this.#settle(sent);
      this.dispatchEvent(new CustomEvent("refused", { detail: error }));
    } finally {
      lane.busy = false;
    }
    this.#flush(lane);
  }

  /** @param {Map<string, unknown>} sent Answered changes: drop those not changed again since. */
  #settle(sent) {
    for (const [path, value] of sent) {
      if (this.#own.get(path) === value) this.#own.delete(path);
    }
    this.#show();
  }

  #show() {
    if (!this.#said) return;
    this.state = merged(this.#said, this.#own);
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * @param {Map<string, unknown>} changes
 * @returns {Record<string, any>} {"matte.threshold": 0.4} as {matte: {threshold: 0.4}}.
 */
function asPatch(changes) {
  /** @type {Record<string, any>} */
  const patch = {};
  for (const [path, value] of changes) {
    const [name, field] = path.split(".");
    if (field) patch[name] = { ...patch[name], [field]: value };
    else patch[name] = value;
  }
  return patch;
}

/**
 * @param {State} said
 * @param {Map<string, unknown>} own
 * @returns {State}
 */
function merged(said, own) {
  /** @type {any} */
  const state = { ...said, matte: { ...said.matte } };
  for (const [path, value] of own) {
    const [name, field] = path.split(".");
    if (field) state.matte[field] = value;
    else if (name === "mirror") state.mirror = value;
    else if (state[name].id !== value) state[name] = { ...state[name], id: value };
  }
  return state;
}
