/** Drop a file anywhere on the page, or paste one. */

import { byId } from "./dom.js";
import { useFile } from "./upload.js";

/** @param {import("./state.js").Store} store */
export function setUpDrop(store) {
  const veil = byId("drop");
  let depth = 0; // enter and leave come for each element that is crossed
  const show = (/** @type {number} */ now) => {
    depth = Math.max(0, now);
    veil.hidden = depth === 0;
  };
  document.addEventListener("dragenter", (event) => {
    if (hasFiles(event)) show(depth + 1);
  });
  document.addEventListener("dragleave", (event) => {
    if (hasFiles(event)) show(depth - 1);
  });
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    show(0);
    const file = event.dataTransfer?.files[0];
    if (file) useFile(file, store);
  });
  document.addEventListener("paste", (event) => {
    const file = event.clipboardData?.files[0];
    if (file) useFile(file, store);
  });
}

/** @param {DragEvent} event */
function hasFiles(event) {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
