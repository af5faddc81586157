/** The access token: from the link's fragment, or asked for in a small form. */

import { openSession } from "./api.js";
import { byId } from "./dom.js";

/** @type {Promise<void> | null} */
let asking = null;

/**
 * Take `#token=...` out of the address bar and exchange it for a session cookie.
 * A refused token is no error here: the first 401 asks for another.
 * @returns {Promise<void>}
 */
export async function signInFromLink() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get("token");
  if (!token) return;
  history.replaceState(null, "", location.pathname + location.search);
  try {
    await openSession(token);
  } catch (error) {
    console.info("The link's token was not taken:", /** @type {Error} */ (error).message);
  }
}

/**
 * Ask for the token, once for all who wait.
 * @returns {Promise<void>} Resolves once the service has taken it.
 */
export function askForToken() {
  asking ??= ask().finally(() => { asking = null; });
  return asking;
}

/** @returns {Promise<void>} */
function ask() {
  const dialog = byId("login");
  const field = byId("login-token");
  const failure = byId("login-error");
  failure.textContent = "";
  field.value = "";
  dialog.showModal();
  return new Promise((resolve) => {
    // The page is of no use without a session, so Esc does not close this one.
    dialog.oncancel = (/** @type {Event} */ event) => event.preventDefault();
    byId("login-form").onsubmit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      try {
        await openSession(field.value.trim());
      } catch (error) {
        failure.textContent = /** @type {Error} */ (error).message;
        field.select();
        return;
      }
      dialog.close();
      resolve();
    };
  });
}
