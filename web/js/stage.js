/** The picture: its state, play and stop, full screen, picture in picture. */

import { byId, setIcon, setText } from "./dom.js";
import { describe } from "./status.js";
import { toastError } from "./toast.js";

/** @param {import("./player.js").Player} player */
export function setUpStage(player) {
  const video = byId("video");
  byId("play").addEventListener("click", () => togglePlay(player));
  byId("tool-play").addEventListener("click", () => togglePlay(player));
  byId("retry").addEventListener("click", () => player.hurry());
  // The picture's shape is the camera's: the frame around it follows.
  video.addEventListener("resize", () => {
    if (!video.videoWidth) return;
    const shape = String(video.videoWidth / video.videoHeight);
    byId("stage").style.setProperty("--shape", shape);
  });
  setUpFullScreen(video);
  setUpPictureInPicture(video);
}

/**
 * Play, stop, or, where the browser wanted a click first, go on.
 * @param {import("./player.js").Player} player
 */
export function togglePlay(player) {
  if (player.state === "blocked") player.unblock().catch(toastError);
  else if (player.playing) player.stop();
  else player.play();
}

/**
 * @param {import("./player.js").Player} player
 * @param {object} service
 * @param {boolean} service.online
 * @param {import("./stats.js").Stats | null} service.stats
 * @param {import("./state.js").State | null} service.state
 */
export function showStatus(player, service) {
  const status = describe({ player, ...service });
  byId("picture").dataset.tone = status.tone;
  setText(byId("status-label"), status.label);
  byId("veil").hidden = !status.title;
  byId("veil-spinner").hidden = status.tone !== "busy";
  byId("play").hidden = status.action !== "play";
  byId("retry").hidden = status.action !== "retry";
  setText(byId("veil-title"), status.title);
  setText(byId("veil-detail"), status.title ? status.detail : "");
  const notice = status.title ? "" : status.detail;
  byId("notice").hidden = !notice;
  byId("notice").dataset.tone = status.tone;
  setText(byId("notice-text"), notice);
  const tool = byId("tool-play");
  const playing = player.playing && player.state !== "blocked";
  setIcon(tool, playing ? "stop" : "play");
  setText(tool.querySelector(".tool-label"), playing ? "Stop" : "Play");
}

/** @param {any} video */
function setUpFullScreen(video) {
  const tool = byId("tool-full");
  const stage = byId("stage");
  // A phone may offer it for the video alone (webkitEnterFullscreen).
  tool.hidden = !document.fullscreenEnabled && !video.webkitEnterFullscreen;
  tool.addEventListener("click", () => toggleFullScreen());
  document.addEventListener("fullscreenchange", () => {
    const on = document.fullscreenElement === stage;
    setIcon(tool, on ? "unfull" : "full");
    setText(tool.querySelector(".tool-label"), on ? "Leave full screen" : "Full screen");
  });
}

export async function toggleFullScreen() {
  const video = byId("video");
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else if (document.fullscreenEnabled) await byId("stage").requestFullscreen();
    else video.webkitEnterFullscreen?.();
  } catch (error) {
    toastError(error);
  }
}

/** @param {any} video */
function setUpPictureInPicture(video) {
  const tool = byId("tool-pip");
  tool.hidden = !document.pictureInPictureEnabled;
  tool.addEventListener("click", () => togglePictureInPicture());
  for (const event of ["enterpictureinpicture", "leavepictureinpicture"]) {
    video.addEventListener(event, () => {
      tool.setAttribute("aria-pressed", String(document.pictureInPictureElement === video));
    });
  }
}

export async function togglePictureInPicture() {
  if (!document.pictureInPictureEnabled) return;
  const video = byId("video");
  try {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else if (video.readyState > 0) await video.requestPictureInPicture();
  } catch (error) {
    toastError(error);
  }
}
