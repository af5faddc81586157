/** Watching: the live picture by WHEP, coming back by itself. */

import { ApiError, request } from "./api.js";
import { backoffMs, delay } from "./timing.js";
import { ended, exchange, leave } from "./webrtc.js";

const FIRST_PICTURE_MS = 10_000;
const SILENT_MS = 6_000; // slates are pictures, too: nothing at all for so long is a dead stream
const LOOK_MS = 1_000;

/**
 * @typedef {"idle" | "blocked" | "connecting" | "live" | "reconnecting"} PlayerState
 * `blocked`: the browser wants a click before it plays.
 */

/** Fires "change" when `state` or `reason` is another. */
export class WhepPlayer extends EventTarget {
  /** @type {PlayerState} */
  state = "idle";
  /** Why the last connection ended, in words. */
  reason = "";
  #video;
  #view = { view: "composite", position: 0.5 };
  /** @type {string | null} */
  #location = null;
  /** @type {RTCPeerConnection | null} */
  #peer = null;
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
    if (this.playing) return this.hurry();
    this.#stop = new AbortController();
    const signal = this.#stop.signal;
    this.#become("connecting", "");
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
    this.#video.srcObject = null;
    this.#become("idle", "");
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
   * @param {"composite" | "split"} view
   * @param {number} position Where the split is, 0 (left) to 1.
   * @throws {ApiError}
   */
  async setView(view, position) {
    this.#view = { view, position };
    if (!this.#location) return;
    await request(this.#location, {
      method: "PATCH",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(this.#view),
    });
  }

  /**
   * The receiving side's counters.
   * @returns {Promise<{packets: number, decoded: number, width: number, height: number}>}
   */
  async counters() {
    const report = await this.#peer?.getStats();
    const inbound = report && [...report.values()].find((entry) => entry.type === "inbound-rtp");
    return {
      packets: inbound?.packetsReceived ?? 0,
      decoded: inbound?.framesDecoded ?? 0,
      width: inbound?.frameWidth ?? 0,
      height: inbound?.frameHeight ?? 0,
    };
  }

  /**
   * One connection, from the offer to its end.
   * @param {AbortSignal} stop
   * @returns {Promise<{reason: string, wasLive: boolean}>}
   */
  async #watch(stop) {
    const peer = new RTCPeerConnection();
    const over = new AbortController();
    const signal = AbortSignal.any([stop, over.signal]);
    let wasLive = false;
    this.#peer = peer;
    try {
      receiveVideo(peer, this.#video);
      const { view } = this.#view;
      this.#location = await exchange(peer, `/whep?view=${view}`, signal);
      if (view === "split") await this.setView(view, this.#view.position);
      const first = this.#firstPicture(signal).then((shown) => { wasLive = shown; });
      const reason = await Promise.race([ended(peer, signal), this.#silent(signal)]);
      over.abort();
      await first;
      return { reason, wasLive };
    } catch (error) {
      if (error instanceof ApiError && error.status === 403) this.#view.view = "composite";
      return { reason: /** @type {Error} */ (error).message, wasLive };
    } finally {
      over.abort();
      leave(peer, this.#location); // still within the event that stopped it: the page may close
      this.#location = null;
    }
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<boolean>} Whether a picture was shown.
   */
  async #firstPicture(signal) {
    const video = this.#video;
    video.play().catch((error) => {
      if (error.name === "NotAllowedError" && !signal.aborted) this.#become("blocked", "");
    });
    await pictureShown(video, signal);
    if (signal.aborted) return false;
    this.#become("live", "");
    return true;
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<string>} Why, once no packet has come for too long.
   */
  async #silent(signal) {
    let packets = 0;
    let heard = performance.now();
    while (!signal.aborted) {
      await delay(LOOK_MS, signal);
      const now = performance.now();
      const count = (await this.counters()).packets;
      if (count > packets) heard = now;
      packets = count;
      const patience = count ? SILENT_MS : FIRST_PICTURE_MS;
      if (now - heard > patience) return "No picture is coming.";
    }
    return "";
  }

  /**
   * @param {PlayerState} state
   * @param {string} reason
   */
  #become(state, reason) {
    if (state === this.state && reason === this.reason) return;
    this.state = state;
    this.reason = reason;
    this.dispatchEvent(new Event("change"));
  }
}

/**
 * @param {RTCPeerConnection} peer
 * @param {HTMLVideoElement} video
 */
function receiveVideo(peer, video) {
  const { receiver } = peer.addTransceiver("video", { direction: "recvonly" });
  // Live before smooth: no buffering beyond what the network's jitter asks for.
  if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
  video.srcObject = new MediaStream([receiver.track]);
}

/**
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pictureShown(video, signal) {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    // "playing" comes for a muted track without data, too; decoded size does not.
    const look = () => {
      if (video.videoWidth && !video.paused && video.readyState >= 2) resolve();
    };
    for (const event of ["loadeddata", "playing", "resize", "timeupdate"]) {
      video.addEventListener(event, look, { signal });
    }
    look();
  });
}
