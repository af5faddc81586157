/** The Saved tab: what the device keeps of snapshots and recordings, the newest first. */

import { requestJson } from "./api.js";
import { deleteButton } from "./delete.js";
import { byId, el, icon } from "./dom.js";
import { size } from "./taken.js";
import { toastError } from "./toast.js";

const MOST = 30; // the picture in a row is the whole snapshot

/**
 * @typedef {{id: string, bytes: number, made: number}} Kept
 * @typedef {Kept & {kind: "snapshot" | "recording", growing: boolean}} Row
 */

export class SavedPane {
  #pane = byId("pane-saved");
  #list = el("ul", { class: "saved" });
  #hint = el("p", { class: "hint" });
  #asked = 0;

  constructor() {
    this.#pane.append(this.#list, this.#hint);
    this.#pane.addEventListener("show", () => this.refresh());
  }

  /** Ask for the list and show it, if it is looked at. */
  async refresh() {
    if (this.#pane.hidden) return;
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const [snapshots, recordings, { recording }] = await Promise.all(
        ["/api/snapshots", "/api/recordings", "/api/record"].map((url) => requestJson("GET", url)));
      if (asked !== this.#asked) return; // a later answer is on its way, or came first
      this.#show([
        ...snapshots.map((/** @type {Kept} */ one) => ({ ...one, kind: "snapshot" })),
        ...recordings.map((/** @type {Kept} */ one) => (
          { ...one, kind: "recording", growing: one.id === recording })),
      ]);
    } catch (error) {
      toastError(error);
    }
  }

  /** @param {Row[]} rows */
  #show(rows) {
    const newest = rows.sort((a, b) => b.made - a.made).slice(0, MOST);
    const older = rows.length - newest.length;
    this.#list.replaceChildren(...newest.map((row) => this.#row(row)));
    if (older) this.#hint.textContent = `${older} older are kept on the device, too.`;
    else this.#hint.textContent = rows.length ? "" : "No snapshot or recording is kept yet.";
  }

  /** @param {Row} row */
  #row({ kind, id, bytes, made, growing }) {
    const href = `/api/${kind}s/${id}`;
    const word = kind === "snapshot" ? "Snapshot" : "Recording";
    const time = new Date(1000 * made).toLocaleString([], { dateStyle: "short", timeStyle: "short" });
    const label = `${word} of ${time}`;
    const remove = async () => {
      await requestJson("DELETE", href);
      this.#pane.focus(); // the focused button goes
      await this.refresh();
    };
    return el("li", { class: "saved-row" },
      el("span", { class: "saved-picture", "aria-hidden": "true" }, kind === "snapshot"
        ? el("img", { class: "thumb", src: href, alt: "", loading: "lazy", decoding: "async" })
        : icon("film")),
      el("span", { class: "card-words" },
        el("span", { class: "saved-label", text: time }),
        el("span", { class: "card-detail",
          text: growing ? "Being recorded" : `${word} · ${size(bytes)}` })),
      !growing && deleteButton(label, "icon-button", remove),
      el("a", { class: "icon-button", href, title: "Download", "aria-label": `Download ${label}`,
        download: `${kind}-${id}.${kind === "snapshot" ? "png" : "mp4"}` }, icon("download")));
  }
}
