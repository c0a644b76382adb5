// Elements: made, changed only where they differ, and measured however a page scales them.

/** @typedef {Record<string, any>} Attributes names and values; on… are handlers */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box */
/** @typedef {(Node | string | null | undefined | (Node | string)[])[]} Children */

/**
 * @template {Element} E
 * @param {E} element
 * @param {Attributes} attributes
 * @param {Children} children
 */
function fill(element, attributes, children) {
  set(element, attributes);
  for (const child of children.flat()) if (child !== null && child !== undefined) element.append(child);
  return element;
}

/**
 * An HTML element: html("button", { class: "x", onclick: f }, "text").
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {Children} children
 */
export const html = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

/**
 * The same for SVG.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {Children} children
 */
export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

/**
 * Set an attribute (or an on… handler) only where it differs; null takes it away.
 * @param {Element} element
 * @param {string} name
 * @param {any} value
 */
export function put(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value === true ? "" : value);
}

/**
 * @param {Element} element
 * @param {Attributes} attributes
 */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) put(element, name, value);
}

/**
 * Write `text` where something else stands.
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Tell a screen reader what a hand has reached in the card that `element` is in: it is not seen.
 * @param {Element} element
 * @param {string} text
 */
export function announce(element, text) {
  const card = element.closest(".cnn");
  if (!card) return;
  const news = card.querySelector(":scope > .cnn-reached") ??
    card.appendChild(html("div", { class: "cnn-hidden cnn-reached", role: "status" }));
  say(news, text);
}

/**
 * Whether `value` differs from the last one asked about for `element` under `name`.
 * @param {HTMLElement | SVGElement} element
 * @param {string} name
 * @param {any} value
 */
export function differs(element, name, value) {
  const text = String(value);
  if (element.dataset[name] === text) return false;
  element.dataset[name] = text;
  return true;
}

/**
 * How much larger than its own pixels the page shows `element`: a slide deck, a zoom, a transform.
 * @param {Element} element
 * @param {number} [width] its width in its own pixels
 */
export function scaleOf(element, width = /** @type {HTMLElement} */ (element).offsetWidth) {
  return element.getBoundingClientRect().width / width || 1;
}

/**
 * Where in `element` the pointer is, in its own pixels.
 * @param {Element} element
 * @param {{ clientX: number, clientY: number }} event
 * @param {number} [width] its width in its own pixels
 */
export function pointIn(element, event, width) {
  const [box, scale] = [element.getBoundingClientRect(), scaleOf(element, width)];
  return { x: (event.clientX - box.left) / scale, y: (event.clientY - box.top) / scale };
}

/**
 * Where `inner` lies in `outer`, in the pixels of `outer`.
 * @param {HTMLElement} outer
 * @param {Element} inner
 * @returns {Box}
 */
export function boxIn(outer, inner) {
  const [home, box, scale] = [outer.getBoundingClientRect(), inner.getBoundingClientRect(), scaleOf(outer)];
  return { x: (box.x - home.x) / scale, y: (box.y - home.y) / scale, width: box.width / scale, height: box.height / scale };
}
