/** Live measurements: frame rate, latency and how much of the picture is kept. */

import { byId, el, setText } from "./dom.js";
import { Sparkline } from "./sparkline.js";

/**
 * @typedef {object} Stats
 * @property {number} fps
 * @property {number} captured
 * @property {string | null} slate What stands in place of the picture, and why.
 * @property {number} uptime_s
 * @property {{p50: number | null, p95: number | null}} latency_ms
 * @property {number} viewers
 * @property {import("./taken.js").Recorder | null} [recorder]
 * @property {{name: string, status: string, error: string | null}[]} [publishers]
 * @property {{coverage: number, count: number}} [foreground]
 */

/** @typedef {{value: number | null, shown: string, unit: string, note: string}} Reading */

const CARDS = [
  { name: "Frame rate", least: 30, read: frameRate },
  { name: "Latency", least: 50, read: latency },
  { name: "Coverage", least: 0.5, read: coverage },
].map((card) => ({ ...card, graph: new Sparkline(card.least) }));

export function setUpStats() {
  byId("stats").replaceChildren(...CARDS.map(({ name, graph }) => el("dl", { class: "stat" },
    el("dt", { class: "stat-name", text: name }),
    el("dd", { class: "stat-value" }, el("b", { text: "–" }), el("span", { class: "stat-unit" })),
    el("dd", { class: "stat-note" }),
    el("dd", { class: "stat-graph" }, graph.element))));
}

/** @param {Stats | null} stats Null while the service is out of reach. */
export function showStats(stats) {
  const elements = byId("stats").children;
  CARDS.forEach(({ graph, read }, i) => {
    const { value, shown, unit, note } = stats ? read(stats) : none();
    const [number, word] = elements[i].querySelector(".stat-value").children;
    setText(number, value === null ? "–" : shown);
    setText(word, value === null ? "" : unit);
    setText(elements[i].querySelector(".stat-note"), note);
    graph.add(value);
  });
  const viewers = byId("viewers");
  viewers.hidden = !stats;
  if (!stats) return;
  const published = stats.publishers?.filter(({ status }) => status === "live") ?? [];
  setText(viewers, `${stats.viewers} watching${published.length ? ", published" : ""}`);
  viewers.title = published.map(({ name }) => name).join(", ");
}

/** @returns {Reading} */
function none() {
  return { value: null, shown: "", unit: "", note: "" };
}

/** What was captured up to the message before. */
let before = { captured: 0, uptime_s: Infinity };

/**
 * @param {Stats} stats
 * @returns {Reading}
 */
function frameRate({ fps, captured, uptime_s }) {
  const coming = (captured - before.captured) / (uptime_s - before.uptime_s);
  before = { captured, uptime_s };
  const note = coming > 0 ? `of ${Math.round(coming)} captured` : "";
  return { value: fps, shown: fps.toFixed(fps < 10 ? 1 : 0), unit: "fps", note };
}

/**
 * Inside the service: from the frame's arrival to the picture that is sent.
 * @param {Stats} stats
 * @returns {Reading}
 */
function latency({ latency_ms: { p50, p95 } }) {
  if (p50 == null) return none();
  const note = p95 == null ? "" : `95 % under ${Math.round(p95)} ms`;
  return { value: p50, shown: String(Math.round(p50)), unit: "ms", note };
}

/**
 * @param {Stats} stats
 * @returns {Reading}
 */
function coverage({ foreground }) {
  if (foreground?.coverage == null) return none();
  const { coverage: share, count } = foreground;
  const note = { 0: "nobody", 1: "1 person" }[count] ?? `${count} people`;
  return { value: share, shown: String(Math.round(100 * share)), unit: "%", note };
}
