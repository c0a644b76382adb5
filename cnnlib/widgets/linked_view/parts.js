// What LinkedView's drawings share: labels with subscripts, what slides, what fades, what has changed.

import { differs, svg } from "../shared/dom.js";
import { stillMotion } from "../shared/motion.js";

/**
 * @typedef {import("./model.js").Layer & { theme: string, hot: number | null, morph: boolean, color: (id: number) => string }} State
 *   the layer as it is drawn: the input whose edge into the unit is pointed at, whether it has just become another kind
 */
/** @typedef {ReturnType<typeof import("./gestures.js").gestures>} Hand */

export const MORPH_MS = 230;
export const TOP = 10;         // room above the first row for outlines
export const CAPTION = 30;     // and below the last one for captions

/** @param {SVGElement} one @param {number} y */
export const slide = (one, y) => { one.style.transform = `translateY(${y}px)`; };

/** @param {Element} element */
export const fade = (element) => { if (!stillMotion()) element.animate([{ opacity: 0 }, { opacity: 1 }], { duration: MORPH_MS }); };

/** @param {number} x @param {number} y @param {string} text @param {Record<string, any>} [extra] */
export const label = (x, y, text, extra = {}) => svg("text", { x, y, ...extra }, text);

/** Write a letter with its subscript. @param {SVGElement} target @param {string} base @param {string} sub */
export function withSub(target, base, sub) {
  if (!differs(target, "key", `${base}_${sub}`)) return;
  target.replaceChildren(base, ...(sub ? [svg("tspan", { dy: "0.28em", dx: "0.06em" }, sub)] : []));
}

/**
 * Whether something has to be painted again: most of 144 cells and edges stay as they are.
 * @param {{ key?: string }} one
 * @param {any[]} now
 */
export function changed(one, ...now) {
  const key = now.join();
  if (one.key === key) return false;
  one.key = key;
  return true;
}
