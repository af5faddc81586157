/** A small graph of the last minute, as SVG: it takes its colours from the style sheet. */

import { svg } from "./dom.js";

const WIDTH = 100;
const HEIGHT = 28;
const SECONDS = 60;

export class Sparkline {
  element = svg("svg", {
    class: "spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  #area = svg("path", { class: "spark-area" });
  #line = svg("path", { class: "spark-line" });
  #least;
  /** @type {(number | null)[]} */
  #values = [];

  /** @param {number} least The top of the scale is at least this, so that noise stays small. */
  constructor(least) {
    this.#least = least;
    this.element.append(this.#area, this.#line);
  }

  /** @param {number | null} value The newest; null leaves a gap. */
  add(value) {
    this.#values.push(value);
    if (this.#values.length > SECONDS) this.#values.shift();
    const top = 1.15 * Math.max(this.#least, ...this.#values.map((one) => one ?? 0));
    const first = SECONDS - this.#values.length;
    const points = this.#values.map((one, i) => (one === null ? null : [
      ((first + i) * WIDTH) / (SECONDS - 1),
      HEIGHT - 1 - ((HEIGHT - 2) * one) / top,
    ]));
    const runs = withoutGaps(points);
    this.#line.setAttribute("d", runs.map((run) => `M${run.join("L")}`).join(""));
    this.#area.setAttribute("d", runs.map((run) => (
      `M${run[0][0]},${HEIGHT}L${run.join("L")}L${run[run.length - 1][0]},${HEIGHT}Z`
    )).join(""));
  }
}

/**
 * @param {(number[] | null)[]} points
 * @returns {number[][][]} Stretches without a null in between.
 */
function withoutGaps(points) {
  /** @type {number[][][]} */
  const runs = [];
  let open = false;
  for (const point of points) {
    if (!point) open = false;
    else if (open) runs[runs.length - 1].push(point);
    else {
      runs.push([point]);
      open = true;
    }
  }
  return runs;
}
