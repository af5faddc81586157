/**
 * Building and finding elements. Styles are set through the CSSOM only: the page's
 * Content-Security-Policy allows no style attribute.
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * The element with this id, which index.html must have.
 * @param {string} id
 * @returns {any} An HTMLElement of the kind that index.html says.
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found;
}

/**
 * @typedef {{class?: string, text?: string, on?: Record<string, (event: any) => void>,
 *            [attribute: string]: any}} Props
 */

/**
 * Make an HTML element. A true attribute is set empty; false, null and undefined are left out.
 * @param {string} tag
 * @param {Props} [props] `class`, `text`, `on: {event: listener}`; all else become attributes.
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {any}
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "class") element.className = value;
    else if (name === "text") element.textContent = value;
    else if (name === "on") {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, /** @type {EventListener} */ (listener));
      }
    } else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  element.append(.../** @type {(Node | string)[]} */ (children.filter((child) => child)));
  return element;
}

/**
 * An icon from the sprite at the top of index.html; it says nothing to a screen reader.
 * @param {string} name
 */
export function icon(name) {
  const image = svg("svg", { class: "icon", "aria-hidden": "true" });
  image.append(svg("use", { href: `#icon-${name}` }));
  return image;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 */
export function svg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, String(value));
  }
  return element;
}

/**
 * Change which icon a button shows.
 * @param {Element} button
 * @param {string} name
 */
export function setIcon(button, name) {
  button.querySelector("use")?.setAttribute("href", `#icon-${name}`);
}

/**
 * Write text only where it differs: a live region speaks each time it is written.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
