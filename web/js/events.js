/** The service's pushes: every change of state, and the measurements once a second. */

import { getState } from "./api.js";
import { backoffMs, delay } from "./timing.js";

const SILENT_MS = 8_000; // stats come every second: this much silence is a dead connection

/**
 * A WebSocket that comes back by itself.
 *
 * Fires "state" and "stats" (CustomEvent with the message's content), "online" and "offline".
 */
export class EventStream extends EventTarget {
  online = false;
  #wake = new AbortController();

  /** Connect, and stay connected for the life of the page. */
  async run() {
    for (let attempt = 0; ; attempt += 1) {
      if (await this.#listen()) attempt = 0;
      this.#setOnline(false);
      this.#wake = new AbortController();
      await delay(backoffMs(attempt), this.#wake.signal);
      await this.#reachable();
    }
  }

  /** Do not wait for the next try. */
  hurry() {
    this.#wake.abort();
  }

  /** @returns {Promise<boolean>} When the connection is over: whether there ever was one. */
  #listen() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/events`);
    let opened = false;
    let timer = setTimeout(() => socket.close(), SILENT_MS);
    return new Promise((resolve) => {
      socket.addEventListener("message", (event) => {
        clearTimeout(timer);
        timer = setTimeout(() => socket.close(), SILENT_MS);
        opened = true;
        this.#setOnline(true);
        const message = JSON.parse(event.data);
        this.dispatchEvent(new CustomEvent(message.type, { detail: message[message.type] }));
      });
      socket.addEventListener("close", () => {
        clearTimeout(timer);
        resolve(opened);
      });
    });
  }

  /** A refused WebSocket does not say why; a plain request does, and asks for a token on 401. */
  async #reachable() {
    try {
      const state = await getState();
      this.dispatchEvent(new CustomEvent("state", { detail: state }));
    } catch {
      // Unreachable still: the loop goes on and the page shows it as offline.
    }
  }

  /** @param {boolean} online */
  #setOnline(online) {
    if (online === this.online) return;
    this.online = online;
    this.dispatchEvent(new Event(online ? "online" : "offline"));
  }
}
