/** "Use my camera": this browser's camera becomes the source that everyone sees, matted. */

import { patchState } from "./api.js";
import { byId, setText } from "./dom.js";
import { toast, toastError } from "./toast.js";
import { CameraPublisher, openCamera } from "./whip.js";

const WORDS = {
  on: { "tool-camera": "Stop camera", "guest-button": "Stop my camera" },
  off: { "tool-camera": "My camera", "guest-button": "Use my camera" },
};
const GUEST = "browser:";
const GRACE_MS = 2_000; // pushes sent before we came may still be on their way

export class GuestCamera {
  #store;
  /** @type {CameraPublisher | null} */
  #publisher = null;
  #busy = false;
  #since = 0;

  /** @param {import("./state.js").Store} store */
  constructor(store) {
    this.#store = store;
    for (const id of Object.keys(WORDS.on)) {
      byId(id).addEventListener("click", () => this.toggle());
    }
    window.addEventListener("pagehide", () => this.stop());
  }

  /** @param {import("./state.js").State} state */
  show(state) {
    const chosen = state.source.id === GUEST;
    // Whoever takes another source turns this camera off: it must not run on unseen.
    if (this.#publisher && !chosen && performance.now() - this.#since > GRACE_MS) {
      this.#publisher.stop("Another source was chosen.", true);
    }
  }

  async toggle() {
    if (this.#publisher) return this.stop();
    if (this.#busy || !(await confirmed())) return undefined;
    this.#busy = true;
    this.#draw();
    try {
      await this.#start();
    } catch (error) {
      toastError(error);
    } finally {
      this.#busy = false;
      this.#draw();
    }
    return undefined;
  }

  stop() {
    this.#publisher?.stop();
  }

  async #start() {
    const before = this.#store.state?.source.id;
    const stream = await openCamera(); // first: a refusal changes nothing for the others
    const publisher = new CameraPublisher(stream);
    publisher.addEventListener("ended", (/** @type {any} */ event) => this.#ended(event.detail));
    try {
      this.#store.receive(await patchState({ source: GUEST }));
      await publisher.publish();
    } catch (error) {
      publisher.stop();
      if (before && before !== GUEST) this.#store.set("source", before);
      throw error;
    }
    this.#publisher = publisher;
    this.#since = performance.now();
    toast("Your camera is on: every viewer sees it.", "done");
  }

  /** @param {string} why */
  #ended(why) {
    if (!this.#publisher) return;
    this.#publisher = null;
    this.#draw();
    toast(`${why} Your camera is off.`.trim(), why ? "error" : "info");
  }

  #draw() {
    const on = this.#publisher !== null;
    const words = on ? WORDS.on : WORDS.off;
    for (const [id, text] of Object.entries(words)) {
      const button = byId(id);
      button.disabled = this.#busy;
      button.classList.toggle("is-on-air", on);
      setText(button.querySelector("span"), this.#busy ? "Starting…" : text);
    }
  }
}

/** @returns {Promise<boolean>} */
function confirmed() {
  const dialog = byId("camera-dialog");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "confirm"),
      { once: true });
  });
}
