/** What the page says of itself: one honest sentence from all that is known. Pure. */

/**
 * @typedef {object} Status
 * @property {"live" | "busy" | "warn" | "off"} tone
 * @property {string} label A word or two, for the pill on the picture.
 * @property {string} title For the veil over the picture; "" for no veil.
 * @property {string} detail For the veil, or else for the notice below the picture.
 * @property {"play" | "retry" | ""} action
 */

/** What a source may be up to while its slate is shown. */
const SOURCE = {
  opening: ["busy", "Opening camera", ""],
  waiting: ["warn", "Waiting for a camera", "No picture is coming from the source yet."],
  lost: ["warn", "Camera lost", "The picture comes back by itself when the camera does."],
};

/**
 * @param {object} known
 * @param {{state: string, reason: string}} known.player
 * @param {boolean} known.online Whether the service's pushes arrive.
 * @param {import("./stats.js").Stats | null} known.stats
 * @param {import("./state.js").State | null} known.state
 * @returns {Status}
 */
export function describe({ player, online, stats, state }) {
  const veil = behindVeil(player, online);
  if (veil) return veil;
  const notes = online ? [] : ["The controls are reconnecting."];
  const [tone, label, detail] = whatIsShown(state, stats?.slate ?? null);
  if (detail) notes.unshift(detail);
  if (state?.source.note) notes.push(state.source.note);
  if (stats?.recorder?.error) {
    notes.push(`The recording broke off: ${sentence(stats.recorder.error)}`);
  }
  for (const { name, error } of stats?.publishers ?? []) {
    if (error) notes.push(`${name} does not take the picture: ${sentence(error)}`);
  }
  if (state && !state.remembered) notes.push("Choices will be lost at the next start.");
  return { tone, label, title: "", detail: notes.join(" "), action: "" };
}

/**
 * @param {{state: string, reason: string}} player
 * @param {boolean} online
 * @returns {Status | null} Null when there is a live picture.
 */
function behindVeil(player, online) {
  const title = online ? "Connecting" : "Looking for the device";
  switch (player.state) {
    case "idle":
      return { tone: "off", label: "Stopped", title: "Stopped", detail: "", action: "play" };
    case "blocked":
      return { tone: "off", label: "Ready", title: "Press Play to watch", detail: "",
        action: "play" };
    case "connecting":
      return { tone: "busy", label: "Connecting", title, detail: "", action: "" };
    case "reconnecting":
      return { tone: "busy", label: "Reconnecting", title: "Reconnecting",
        detail: `${sentence(player.reason)} Trying again by itself.`.trim(), action: "retry" };
    default:
      return null;
  }
}

/**
 * @param {string} words
 * @returns {string} With a full stop: the service's own words come without.
 */
function sentence(words) {
  return words.replace(/[^.!?]$/, "$&.");
}

/**
 * @param {import("./state.js").State | null} state
 * @param {string | null} slate What a slate in place of the picture says, if one is shown.
 * @returns {["live" | "busy" | "warn", string, string]} tone, label, detail
 */
function whatIsShown(state, slate) {
  const source = SOURCE[/** @type {keyof typeof SOURCE} */ (state?.source.status)];
  if (source) {
    const [tone, label, detail] = source;
    return [/** @type {any} */ (tone), label, state?.source.error || detail];
  }
  if (state?.model.status === "failed") {
    return ["warn", "Cut-out stopped", state.model.error ?? "The model failed."];
  }
  if (slate) return ["warn", ...titled(slate)];
  return ["live", "Live", ""];
}

/**
 * @param {string} slate "No picture: the camera is silent."
 * @returns {[string, string]} Its title, and the rest.
 */
function titled(slate) {
  const [, title, detail] = /^([^:]*):? *(.*)$/s.exec(slate) ?? ["", slate, ""];
  return [title, detail];
}
