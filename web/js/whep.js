/** Watching: one WHEP session, from the offer to its end. */

import { request } from "./api.js";
import { delay } from "./timing.js";
import { ended, exchange, leave } from "./webrtc.js";

const FIRST_PICTURE_MS = 10_000;
const SILENT_MS = 6_000; // slates are pictures, too: nothing at all for so long is a dead stream
const LOOK_MS = 1_000;

/** @typedef {{view: "composite" | "split", position: number}} View */

export class WhepSession {
  #peer = new RTCPeerConnection();
  #over = new AbortController();
  /** @type {string | null} */
  #location = null;

  /** @param {HTMLVideoElement} video Shows what comes. */
  constructor(video) {
    const { receiver } = this.#peer.addTransceiver("video", { direction: "recvonly" });
    // Live before smooth: no buffering beyond what the network's jitter asks for.
    if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
    video.srcObject = new MediaStream([receiver.track]);
  }

  /** Aborted when the session is over. */
  get signal() {
    return this.#over.signal;
  }

  /**
   * @param {View} view
   * @throws {import("./api.js").ApiError} 403 for a split view where it is not allowed, 503 when
   *   all places are taken.
   */
  async open(view) {
    this.#location = await exchange(this.#peer, `/whep?view=${view.view}`, this.signal);
    if (view.view === "split") await this.setView(view);
  }

  /**
   * What this viewer, and nobody else, is shown.
   * @param {View} view
   * @throws {import("./api.js").ApiError}
   */
  async setView(view) {
    if (!this.#location) return;
    await request(this.#location, {
      method: "PATCH",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(view),
    });
  }

  /** @returns {Promise<string>} Why it ended, in words; "" after `close`. */
  ended() {
    return Promise.race([ended(this.#peer, this.signal), this.#silent()]);
  }

  /** Leave. At once, so that it works while the page is being closed. */
  close() {
    if (this.signal.aborted) return;
    this.#over.abort();
    leave(this.#peer, this.#location);
    this.#location = null;
  }

  /** @returns {Promise<string>} Why, once no packet has come for too long. */
  async #silent() {
    let packets = 0;
    let heard = performance.now();
    while (!this.signal.aborted) {
      await delay(LOOK_MS, this.signal);
      const now = performance.now();
      const count = await this.#received();
      if (count > packets) heard = now;
      packets = count;
      const patience = count ? SILENT_MS : FIRST_PICTURE_MS;
      if (now - heard > patience) return "No picture is coming.";
    }
    return "";
  }

  /** @returns {Promise<number>} Packets of video so far. */
  async #received() {
    const report = [...(await this.#peer.getStats()).values()];
    return report.find((entry) => entry.type === "inbound-rtp")?.packetsReceived ?? 0;
  }
}
