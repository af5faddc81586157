/** The page, put together. */

import { getState, setAuthenticator } from "./api.js";
import { BackgroundPane } from "./backgrounds.js";
import { Compare } from "./compare.js";
import { byId } from "./dom.js";
import { setUpDrop } from "./drop.js";
import { EventStream } from "./events.js";
import { GuestCamera } from "./guest.js";
import { setUpKeys } from "./keys.js";
import { MatteControls } from "./matte.js";
import { ModelPicker } from "./models.js";
import { Player } from "./player.js";
import { SavedPane } from "./saved.js";
import { askForToken, signInFromLink } from "./session.js";
import { SourcePane } from "./sources.js";
import { setUpStage, showStatus, toggleFullScreen, togglePictureInPicture, togglePlay }
  from "./stage.js";
import { Store } from "./state.js";
import { setUpStats, showStats } from "./stats.js";
import { setUpTabs } from "./tabs.js";
import { Recording, Snapshots } from "./taken.js";
import { toast, toastError } from "./toast.js";

const store = new Store();
/** @type {import("./stats.js").Stats | null} */
let stats = null;
const events = new EventStream();
const player = new Player(byId("video"));

setUpTabs();
setUpStage(player);
setUpStats();
setUpDrop(store);
const backgrounds = new BackgroundPane(store);
const sources = new SourcePane(store);
const models = new ModelPicker(store);
const matte = new MatteControls((field, value) => {
  store.set(`matte.${field}`, value, { soon: true });
});
byId("pane-matte").append(matte.element);
const compare = new Compare(player);
const guest = new GuestCamera(store);
const saved = new SavedPane();
const snapshots = new Snapshots(() => saved.refresh());
const recording = new Recording(() => saved.refresh());
const mirror = byId("tool-mirror");
mirror.addEventListener("click", toggleMirror);
byId("help-button").addEventListener("click", () => byId("help").showModal());
setUpKeys({
  k: () => togglePlay(player),
  " ": () => togglePlay(player),
  f: toggleFullScreen,
  p: togglePictureInPicture,
  m: toggleMirror,
  s: () => snapshots.take(),
  r: () => recording.toggle(),
  c: () => compare.toggle(),
  "[": () => backgrounds.step(-1),
  "]": () => backgrounds.step(1),
  "?": () => byId("help").showModal(),
  escape: () => { if (compare.on) compare.toggle(); },
});

store.addEventListener("change", showState);
store.addEventListener("refused", (/** @type {any} */ event) => toastError(event.detail));
player.addEventListener("change", showPicture);
events.addEventListener("state", (/** @type {any} */ event) => store.receive(event.detail));
events.addEventListener("stats", (/** @type {any} */ event) => showFigures(event.detail));
events.addEventListener("online", () => {
  player.hurry(); // the service is back: so can the picture be
  showPicture();
});
events.addEventListener("offline", () => {
  showFigures(null);
});
window.addEventListener("online", () => {
  events.hurry();
  player.hurry();
});
window.addEventListener("pagehide", () => player.stop());
window.addEventListener("pageshow", (event) => {
  if (event.persisted) player.play(); // back out of the browser's back-forward cache
});

start();

async function start() {
  setAuthenticator(askForToken);
  await signInFromLink();
  events.run();
  // @ts-expect-error: not in every browser
  if (navigator.connection?.saveData) showPicture();
  else whenLoaded(() => player.play()); // without waiting for the state: the picture comes first
  try {
    store.receive(await getState());
  } catch (error) {
    toastError(error); // events and player go on trying by themselves
  }
}

/**
 * A video that waits for its first picture holds up the page's load event, and with it the
 * browser's own signs that the page is there.
 * @param {() => void} action
 */
function whenLoaded(action) {
  if (document.readyState === "complete") action();
  else window.addEventListener("load", action, { once: true });
}

function showState() {
  const { state } = store;
  if (!state) return;
  backgrounds.show(state);
  sources.show(state);
  models.show(state);
  matte.show(state.choices.matte, state.matte);
  compare.allow(state.allow_original);
  guest.show(state);
  mirror.setAttribute("aria-pressed", String(state.mirror));
  showPicture();
}

/** @param {import("./stats.js").Stats | null} now Null while the service is out of reach. */
function showFigures(now) {
  stats = now;
  showStats(now);
  recording.show(now?.recorder ?? null);
  showPicture();
}

function showPicture() {
  showStatus(player, { online: events.online, stats, state: store.state });
  compare.setLive(player.state === "live");
}

function toggleMirror() {
  if (store.state) store.set("mirror", !store.state.mirror);
  else toast("The device has not answered yet.", "error");
}
