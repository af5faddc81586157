/** Talking to the service: every request of the page goes through here. */

/** The service said no, or could not be reached (`status` 0). `message` is fit for people. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   */
  constructor(status, code, message) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
  }
}

/** @type {(() => Promise<void>) | null} */
let authenticate = null;

/**
 * What to do on 401: the promise resolves once there is a session, and the request is sent again.
 * @param {() => Promise<void>} ask
 */
export function setAuthenticator(ask) {
  authenticate = ask;
}

/**
 * @param {string} url
 * @param {RequestInit} [options]
 * @returns {Promise<Response>} A response with a good status.
 * @throws {ApiError}
 */
export async function request(url, options = {}) {
  const response = await send(url, options);
  if (response.status === 401 && authenticate) {
    await authenticate();
    return checked(await send(url, options));
  }
  return checked(response);
}

/**
 * @param {string} method
 * @param {string} url
 * @param {unknown} [body] Sent as JSON.
 * @returns {Promise<any>} The JSON of the answer, or null where it has none.
 */
export async function requestJson(method, url, body) {
  const options = body === undefined ? { method } : {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const response = await request(url, options);
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

export const getState = () => requestJson("GET", "/api/state");

/** @param {Record<string, unknown>} patch */
export const patchState = (patch) => requestJson("PATCH", "/api/state", patch);

/** @param {string} id As in the state: "gallery:ID". */
export const removeBackground = (id) =>
  requestJson("DELETE", `/api/backgrounds/${encodeURIComponent(id.replace(/^gallery:/, ""))}`);

/** @returns {Promise<{id: string, parts: string[], bytes: number, made: number}>} */
export const takeSnapshot = () => requestJson("POST", "/api/snapshot");

/** @returns {Promise<{id: string, bytes: number, made: number}>} */
export const startRecording = () => requestJson("POST", "/api/record");

/** @returns {Promise<{id: string, bytes: number, made: number}>} Its last file, whole. */
export const stopRecording = () => requestJson("DELETE", "/api/record");

/**
 * Exchange the access token for a session cookie. Never asks for a token itself.
 * @param {string} token
 */
export async function openSession(token) {
  await checked(await send("/api/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  }));
}

/**
 * Upload a picture or video; fetch() tells nothing of progress, so this is an XMLHttpRequest.
 * @param {File} file
 * @param {(share: number) => void} onProgress 0 to 1.
 * @returns {Promise<{id: string, label: string}>} The new gallery item.
 */
export function uploadBackground(file, onProgress) {
  const form = new FormData();
  form.append("file", file, file.name);
  return new Promise((resolve, reject) => {
    const upload = new XMLHttpRequest();
    upload.open("POST", "/api/backgrounds");
    upload.responseType = "json";
    upload.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    upload.addEventListener("error", () => reject(unreachable()));
    upload.addEventListener("load", () => {
      if (upload.status < 300) resolve(upload.response);
      else reject(refusal(upload.status, upload.response));
    });
    upload.send(form);
  });
}

/**
 * @param {string} url
 * @param {RequestInit} options
 */
async function send(url, options) {
  try {
    return await fetch(url, { credentials: "same-origin", cache: "no-store", ...options });
  } catch (error) {
    if (/** @type {Error} */ (error).name === "AbortError") throw error;
    throw unreachable();
  }
}

/** @param {Response} response */
async function checked(response) {
  if (response.ok) return response;
  throw refusal(response.status, await response.json().catch(() => null));
}

function unreachable() {
  return new ApiError(0, "unreachable", "The device cannot be reached.");
}

/**
 * @param {number} status
 * @param {any} body The contract's `{"error": {"code", "message"}}`, or something else.
 */
function refusal(status, body) {
  const message = body?.error?.message ?? `The device answered with status ${status}.`;
  return new ApiError(status, body?.error?.code ?? "error", message);
}
