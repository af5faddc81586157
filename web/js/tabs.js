/** The panel: its tabs, and on a phone a sheet that can be put away. */

import { byId } from "./dom.js";

export function setUpTabs() {
  /** @type {HTMLElement[]} */
  const tabs = [...document.querySelectorAll("[role=tab]")].map((tab) => byId(tab.id));
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => select(tabs, index));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: -1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = (to + tabs.length) % tabs.length;
      select(tabs, next);
      tabs[next].focus();
    });
  });
  setUpSheet();
}

/**
 * The pane that is shown hears of it: "show".
 * @param {HTMLElement[]} tabs
 * @param {number} index
 */
function select(tabs, index) {
  tabs.forEach((tab, i) => {
    tab.setAttribute("aria-selected", String(i === index));
    tab.tabIndex = i === index ? 0 : -1;
    byId(tab.getAttribute("aria-controls") ?? "").hidden = i !== index;
  });
  byId(tabs[index].getAttribute("aria-controls") ?? "").dispatchEvent(new Event("show"));
  byId("sheet").scrollTop = 0;
  setSheet(true);
}

function setUpSheet() {
  const handle = byId("sheet-handle");
  handle.addEventListener("click", () => {
    setSheet(handle.getAttribute("aria-expanded") !== "true");
  });
}

/** @param {boolean} open */
function setSheet(open) {
  byId("sheet-handle").setAttribute("aria-expanded", String(open));
  byId("panel").classList.toggle("panel-closed", !open);
}
