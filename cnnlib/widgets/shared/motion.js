// Motion that shows what became what, where the system lets things move.

import { readable } from "./colour.js";
import { boxIn, html } from "./dom.js";

/** @typedef {import("./dom.js").Box} Box */
/** @typedef {{ label: string, color: string, theme: string }} Look */
/** @typedef {[Box, Box, Look]} Flight from, to, and what flies */

export const stillMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Let `label` fly from the middle of one box in `root` to the middle of another.
 * @param {HTMLElement} root
 * @param {Box} from
 * @param {Box} to
 * @param {Look & { size?: number, font?: number, time?: number }} look `size` is the side of a square, `time` in milliseconds
 */
export function flyBetween(root, from, to, { label, color, theme, size, font = 14, time = 450 }) {
  if (stillMotion()) return;
  const middle = (/** @type {Box} */ box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const [start, end] = [middle(from), middle(to)];
  const [wide, high] = [size ?? 9 * label.length + 12, size ?? 26];
  const chip = html("span", { class: "cnn-fly", "aria-hidden": "true",
    style: `left:${end.x - wide / 2}px;top:${end.y - high / 2}px;width:${wide}px;height:${high}px` }, label);
  Object.assign(chip.style, { background: color, color: readable(color, theme), fontSize: `${font}px` });
  root.append(chip);
  chip.animate([{ transform: `translate(${start.x - end.x}px, ${start.y - end.y}px)`, opacity: 0.3 }, { transform: "none", opacity: 1 }],
    { duration: time, easing: "cubic-bezier(0.3, 0, 0.2, 1)" }).finished.finally(() => chip.remove());
}

/** Where the cell (r, c) of a grid lies in `root`. @param {HTMLElement} root @param {import("./grid.js").NumberGrid} grid @param {number} r @param {number} c @returns {Box} */
export function cellIn(root, grid, r, c) {
  const [frame, { x, y, size }] = [boxIn(root, grid.frame), grid.box(r, c)];
  return { x: frame.x + x, y: frame.y + y, width: size, height: size };
}

/**
 * Let `label` fly from an element into the cell (r, c) of a grid.
 * @param {HTMLElement} root
 * @param {Element} from
 * @param {import("./grid.js").NumberGrid} grid
 * @param {number} r
 * @param {number} c
 * @param {Look & { scale: number }} look the label's size is `scale` of a cell
 */
export function fly(root, from, grid, r, c, { scale, ...look }) {
  flyBetween(root, boxIn(root, from), cellIn(root, grid, r, c),
    { ...look, size: grid.pitch - 2, font: Math.round(grid.pitch * scale), time: 240 });
}

/**
 * Let fly what a step of a story moves, the other way round where the step goes back.
 * @param {HTMLElement} root
 * @param {1 | -1} by
 * @param {Flight[]} flights
 */
export function flyStep(root, by, flights) {
  for (const old of root.querySelectorAll(".cnn-fly")) old.remove();
  for (const [from, to, look] of flights) flyBetween(root, by > 0 ? from : to, by > 0 ? to : from, look);
}
