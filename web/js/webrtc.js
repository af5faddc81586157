/** What watching (WHEP) and sending (WHIP) share: one SDP offer over HTTP, one answer. */

import { request } from "./api.js";

const GATHERING_MS = 1_000;
const FLICKER_MS = 3_000; // a "disconnected" often mends itself

/**
 * Offer, and take the answer. Candidates travel inside both; nothing trickles.
 * @param {RTCPeerConnection} peer With its transceivers or tracks.
 * @param {string} url "/whep" or "/whip".
 * @param {AbortSignal} signal
 * @returns {Promise<string>} The session's own URL, to DELETE on leaving.
 * @throws {import("./api.js").ApiError}
 */
export async function exchange(peer, url, signal) {
  await peer.setLocalDescription(await peer.createOffer());
  await gathered(peer);
  const response = await request(url, {
    method: "POST",
    headers: { "Content-Type": "application/sdp", Accept: "application/sdp" },
    body: peer.localDescription?.sdp,
    signal,
  });
  const location = new URL(response.headers.get("Location") ?? "", window.location.href).pathname;
  try {
    await peer.setRemoteDescription({ type: "answer", sdp: await response.text() });
  } catch (error) {
    leave(peer, location);
    throw error;
  }
  return location;
}

/**
 * End a session, and tell the service so. Works while the page is being closed.
 * @param {RTCPeerConnection} peer
 * @param {string | null} location The session's URL, or null where none came about.
 */
export async function leave(peer, location) {
  try {
    if (location) await fetch(location, { method: "DELETE", keepalive: true });
  } catch {
    // The service is gone, and with it the session.
  } finally {
    peer.close(); // not before: the service would hear of it first, and know the session no more
  }
}

/**
 * @param {RTCPeerConnection} peer
 * @param {AbortSignal} signal
 * @returns {Promise<string>} Why the connection ended, in words; "" when `signal` ended it.
 */
export function ended(peer, signal) {
  return new Promise((resolve) => {
    let timer = 0;
    signal.addEventListener("abort", () => resolve(""), { once: true });
    peer.addEventListener("connectionstatechange", () => {
      clearTimeout(timer);
      if (peer.connectionState === "failed") resolve("The connection failed.");
      if (peer.connectionState === "closed") resolve("The connection was closed.");
      if (peer.connectionState === "disconnected") {
        timer = setTimeout(() => resolve("The connection was lost."), FLICKER_MS);
      }
    });
  });
}

/**
 * All local candidates, or as many as come in a second (an unanswered STUN server takes long).
 * @param {RTCPeerConnection} peer
 * @returns {Promise<void>}
 */
function gathered(peer) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHERING_MS);
    const look = () => {
      if (peer.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    };
    peer.addEventListener("icegatheringstatechange", look);
    look();
  });
}
