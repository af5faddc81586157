/** A file of the viewer's becomes the background. */

import { uploadBackground } from "./api.js";
import { toast, toastError, toastProgress } from "./toast.js";

const MOST_BYTES = 32 * 2 ** 20; // the service's own limit: said before the upload, not after it

/**
 * @param {File} file
 * @param {import("./state.js").Store} store
 */
export async function useFile(file, store) {
  const refusal = whyNot(file);
  if (refusal) return toast(refusal, "error");
  const note = toastProgress(`Uploading ${file.name}`);
  try {
    const { id } = await uploadBackground(file, note.progress);
    store.set("background", id.includes(":") ? id : `gallery:${id}`);
    toast(`${file.name} is the background now.`, "done");
  } catch (error) {
    toastError(error);
  } finally {
    note.remove();
  }
}

/**
 * @param {File} file
 * @returns {string} What is wrong with it; "" if nothing is.
 */
function whyNot(file) {
  if (file.type && !/^(image|video)\//.test(file.type)) {
    return `${file.name} is not a picture or a video.`;
  }
  if (file.size === 0) return `${file.name} is empty.`;
  if (file.size > MOST_BYTES) {
    const size = Math.ceil(file.size / 2 ** 20);
    return `${file.name} has ${size} MB; the service takes up to ${MOST_BYTES / 2 ** 20} MB.`;
  }
  return "";
}
