/** Before and after: the original on the left of a line to be dragged, for this viewer alone. */

import { byId } from "./dom.js";
import { toastError } from "./toast.js";

const STEP = 0.02;
const PAUSE_MS = 60; // between two PATCHes while dragging

export class Compare {
  on = false;
  #player;
  #position = 0.5;
  #sending = false;
  #handle = byId("split");
  #tool = byId("tool-compare");

  /** @param {import("./player.js").Player} player */
  constructor(player) {
    this.#player = player;
    this.#tool.addEventListener("click", () => this.toggle());
    this.#handle.addEventListener("pointerdown", (/** @type {PointerEvent} */ e) => this.#grab(e));
    this.#handle.addEventListener("pointermove", (/** @type {PointerEvent} */ e) => this.#drag(e));
    this.#handle.addEventListener("keydown", (/** @type {KeyboardEvent} */ e) => this.#key(e));
    this.#draw();
  }

  /** @param {boolean} allowed Whether this service may show the original. */
  allow(allowed) {
    this.#tool.hidden = !allowed;
    if (!allowed && this.on) this.toggle();
  }

  /** @param {boolean} live The line stands only on a picture that is there. */
  setLive(live) {
    this.#handle.hidden = !(this.on && live);
  }

  toggle() {
    if (this.#tool.hidden && !this.on) return;
    this.on = !this.on;
    this.#tool.setAttribute("aria-pressed", String(this.on));
    this.setLive(this.#player.state === "live");
    this.#draw();
    this.#send();
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    this.#handle.setPointerCapture(event.pointerId);
    this.#handle.focus({ preventScroll: true });
    event.preventDefault();
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    if (!this.#handle.hasPointerCapture(event.pointerId)) return;
    const { left, width } = byId("picture").getBoundingClientRect();
    this.#move((event.clientX - left) / width);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const moves = {
      ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP,
      PageDown: -5 * STEP, PageUp: 5 * STEP, Home: -1, End: 1,
    };
    const by = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (by === undefined) return;
    event.preventDefault();
    this.#move(this.#position + by);
  }

  /** @param {number} position */
  #move(position) {
    this.#position = Math.min(1, Math.max(0, position));
    this.#draw();
    this.#send();
  }

  #draw() {
    const percent = Math.round(100 * this.#position);
    this.#handle.style.setProperty("--split", String(this.#position));
    this.#handle.setAttribute("aria-valuenow", String(percent));
    this.#handle.setAttribute("aria-valuetext", `${percent} percent original`);
  }

  /** Send the newest position, one request at a time. */
  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    /** @type {string | undefined} */
    let sent;
    try {
      while (sent !== this.#wanted()) {
        sent = this.#wanted();
        const view = this.on ? "split" : "composite";
        await this.#player.setView({ view, position: this.#position });
        await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });
      }
    } catch (error) {
      toastError(error);
    } finally {
      this.#sending = false;
    }
  }

  #wanted() {
    return `${this.on} ${this.#position}`;
  }
}
