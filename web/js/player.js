/** The live picture: WHEP sessions one after another, coming back by itself. */

import { ApiError } from "./api.js";
import { backoffMs, delay } from "./timing.js";
import { WhepSession } from "./whep.js";

/**
 * @typedef {"idle" | "blocked" | "connecting" | "live" | "reconnecting"} PlayerState
 * `blocked`: the browser wants a click before it plays.
 */

/** Fires "change" when `state` or `reason` is another. */
export class Player extends EventTarget {
  /** @type {PlayerState} */
  state = "idle";
  /** Why the last session ended, in words. */
  reason = "";
  #video;
  /** @type {import("./whep.js").View} */
  #view = { view: "composite", position: 0.5 };
  /** @type {WhepSession | null} */
  #session = null;
  #stop = new AbortController();
  #wake = new AbortController();

  /** @param {HTMLVideoElement} video */
  constructor(video) {
    super();
    this.#video = video;
    this.#stop.abort();
  }

  get playing() {
    return !this.#stop.signal.aborted;
  }

  /** Connect, and stay connected until `stop`. */
  async play() {
    if (this.playing) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#become("connecting");
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const { reason, wasLive } = await this.#watch(signal);
      if (signal.aborted) return;
      if (wasLive) attempt = 0;
      this.#become("reconnecting", reason);
      this.#wake = new AbortController();
      await delay(backoffMs(attempt), AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  /** Leave, and tell the service so. The last picture goes. */
  stop() {
    this.#stop.abort();
    this.#session?.close();
    this.#video.srcObject = null;
    this.#become("idle");
  }

  /** The browser allowed no autoplay; this is called in a click. */
  async unblock() {
    await this.#video.play();
  }

  /** Do not wait for the next try. */
  hurry() {
    this.#wake.abort();
  }

  /**
   * What this viewer, and nobody else, is shown. Kept over reconnections.
   * @param {import("./whep.js").View} view
   * @throws {ApiError}
   */
  async setView(view) {
    this.#view = view;
    await this.#session?.setView(view);
  }

  /**
   * One session.
   * @param {AbortSignal} stop
   * @returns {Promise<{reason: string, wasLive: boolean}>}
   */
  async #watch(stop) {
    const session = new WhepSession(this.#video);
    this.#session = session;
    let wasLive = false;
    try {
      await session.open(this.#view);
      this.#firstPicture(session.signal).then((shown) => { wasLive = shown; });
      return { reason: await session.ended(), wasLive };
    } catch (error) {
      const refused = error instanceof ApiError && error.status === 403;
      if (refused) this.#view = { ...this.#view, view: "composite" };
      if (!(error instanceof ApiError) && !stop.aborted) console.warn(error);
      return { reason: /** @type {Error} */ (error).message, wasLive };
    } finally {
      session.close();
    }
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<boolean>} Whether a picture was shown.
   */
  async #firstPicture(signal) {
    const video = this.#video;
    video.play().catch((error) => {
      if (error.name === "NotAllowedError" && !signal.aborted) this.#become("blocked");
    });
    await pictureShown(video, signal);
    if (signal.aborted) return false;
    this.#become("live");
    return true;
  }

  /**
   * @param {PlayerState} state
   * @param {string} [reason]
   */
  #become(state, reason = "") {
    if (state === this.state && reason === this.reason) return;
    this.state = state;
    this.reason = reason;
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pictureShown(video, signal) {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    // "playing" comes for a track without data, too; a decoded size does not.
    const look = () => {
      if (video.videoWidth && !video.paused && video.readyState >= 2) resolve();
    };
    for (const event of ["loadeddata", "playing", "resize", "timeupdate"]) {
      video.addEventListener(event, look, { signal });
    }
    look();
  });
}
