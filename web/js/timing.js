/** Waiting, and waiting longer each time. */

/**
 * @param {number} ms
 * @param {AbortSignal} [signal] Ends the wait early, without an error.
 * @returns {Promise<void>}
 */
export function delay(ms, signal) {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}

/**
 * How long to wait before try `attempt` (0, 1, 2 ...): doubling from half a second up to ten,
 * spread by a fifth so that many pages do not come back in the same instant.
 * @param {number} attempt
 * @returns {number} milliseconds
 */
export function backoffMs(attempt) {
  const spread = 0.8 + 0.4 * Math.random();
  return Math.min(10_000, 500 * 2 ** Math.min(attempt, 6)) * spread;
}
