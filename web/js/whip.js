/** Sending: this browser's camera into the service by WHIP. */

import { ended, exchange, leave } from "./webrtc.js";

const WISH = {
  video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } },
  audio: false,
};

/** What getUserMedia's refusals mean for people. */
const REFUSALS = {
  NotAllowedError: "The browser did not allow the camera. Allow it in the address bar's camera or "
    + "lock symbol, then try again.",
  NotFoundError: "This device has no camera that the browser can see.",
  NotReadableError: "The camera is in use by another program, or is switched off. Close the other "
    + "program and try again.",
  OverconstrainedError: "The camera cannot give a picture of a usable size.",
  AbortError: "The camera stopped while it was starting. Try again.",
};

/**
 * Ask for the camera.
 * @returns {Promise<MediaStream>}
 * @throws {Error} With words for people.
 */
export async function openCamera() {
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) {
    throw new Error("Browsers give a camera to secure pages only. Open this page by https://, or on "
      + "the device itself as http://localhost.");
  }
  try {
    return await navigator.mediaDevices.getUserMedia(WISH);
  } catch (error) {
    const { name, message } = /** @type {DOMException} */ (error);
    const words = REFUSALS[/** @type {keyof typeof REFUSALS} */ (name)];
    throw new Error(words ?? `The camera could not be opened: ${message}`, { cause: error });
  }
}

/** One camera on its way to the service. Fires "ended" (detail: why, "" if asked for) once. */
export class CameraPublisher extends EventTarget {
  #peer = new RTCPeerConnection();
  #over = new AbortController();
  /** @type {string | null} */
  #location = null;
  #stream;

  /** @param {MediaStream} stream From openCamera. Its tracks are stopped at the end. */
  constructor(stream) {
    super();
    this.#stream = stream;
  }

  /**
   * Begin sending.
   * @throws {import("./api.js").ApiError} 409 when another source is chosen or a guest is in.
   */
  async publish() {
    const signal = this.#over.signal;
    const [track] = this.#stream.getVideoTracks();
    track.contentHint = "motion";
    track.addEventListener("ended", () => this.stop("The camera was unplugged or taken away."));
    this.#peer.addTransceiver(track, { direction: "sendonly", streams: [this.#stream] });
    try {
      this.#location = await exchange(this.#peer, "/whip", signal);
    } catch (error) {
      this.stop();
      throw error;
    }
    ended(this.#peer, signal).then((why) => this.stop(why));
  }

  /**
   * End it: the camera's light goes out, and the service takes its source from before.
   * @param {string} [why]
   * @param {boolean} [gone] The service has ended it already, and need not be told.
   */
  stop(why = "", gone = false) {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    for (const track of this.#stream.getTracks()) track.stop();
    leave(this.#peer, gone ? null : this.#location);
    this.dispatchEvent(new CustomEvent("ended", { detail: why }));
  }
}
