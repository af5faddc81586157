/** Snapshots and recordings: they are made and kept on the device, and offered here. */

import { startRecording, stopRecording, takeSnapshot } from "./api.js";
import { byId, setText } from "./dom.js";
import { toast, toastError } from "./toast.js";

const SETTLE_MS = 400; // pushes sent before our change was taken may still be on their way

/**
 * @typedef {{recording: string | null, running_s: number | null, error: string | null}} Recorder
 * `error`: why the last recording broke off.
 */

export class Snapshots {
  #onTaken;
  #busy = false;

  /** @param {() => void} onTaken */
  constructor(onTaken) {
    this.#onTaken = onTaken;
    byId("tool-snapshot").addEventListener("click", () => this.take());
  }

  async take() {
    if (this.#busy) return; // a disabled button would lose the keyboard's focus
    this.#busy = true;
    try {
      const { id } = await takeSnapshot();
      const href = `/api/snapshots/${id}`;
      toast("Snapshot taken.", "done", { text: "Download", href, download: `snapshot-${id}.png` });
      this.#onTaken();
    } catch (error) {
      toastError(error);
    } finally {
      this.#busy = false;
    }
  }
}

export class Recording {
  #onChange;
  #tool = byId("tool-record");
  #busy = false;
  #on = false;
  #changedMs = -Infinity;

  /** @param {() => void} onChange It began or ended, by whomever. */
  constructor(onChange) {
    this.#onChange = onChange;
    this.#tool.addEventListener("click", () => this.toggle());
  }

  /** @param {Recorder | null} recorder As the service told; null while it is out of reach. */
  show(recorder) {
    if (this.#busy || performance.now() - this.#changedMs < SETTLE_MS) return;
    this.#draw(Boolean(recorder?.recording), recorder?.running_s ?? 0);
  }

  async toggle() {
    if (this.#busy) return;
    this.#busy = true;
    try {
      if (this.#on) await this.#stop();
      else await this.#start();
    } catch (error) {
      toastError(error);
    } finally {
      this.#busy = false;
    }
  }

  async #start() {
    await startRecording();
    this.#change(true);
  }

  async #stop() {
    const { id, bytes } = await stopRecording();
    this.#change(false);
    const href = `/api/recordings/${id}`;
    toast(`Recording kept, ${size(bytes)}.`, "done",
      { text: "Download", href, download: `recording-${id}.mp4` });
  }

  /** @param {boolean} on */
  #change(on) {
    this.#changedMs = performance.now();
    this.#draw(on, 0);
  }

  /**
   * @param {boolean} on
   * @param {number} seconds
   */
  #draw(on, seconds) {
    if (on !== this.#on) this.#onChange();
    this.#on = on;
    this.#tool.setAttribute("aria-pressed", String(on));
    this.#tool.classList.toggle("is-on-air", on);
    byId("recording").hidden = !on;
    setText(byId("recording-time"), clock(seconds));
  }
}

/**
 * @param {number} seconds
 * @returns {string} "0:07", "12:34", "1:02:03".
 */
function clock(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const head = hours ? `${hours}:${two(minutes)}` : String(minutes);
  return `${head}:${two(whole % 60)}`;
}

/**
 * @param {number} bytes
 * @returns {string} "850 kB", "12.3 MB".
 */
export function size(bytes) {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
