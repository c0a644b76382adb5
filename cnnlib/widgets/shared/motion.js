// Motion that shows what became what, where the system lets things move.

import { readable } from "./colour.js";
import { boxIn, html } from "./dom.js";

export const stillMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Let `label` fly from an element into the cell (r, c) of a grid.
 * @param {HTMLElement} root
 * @param {Element} from
 * @param {import("./grid.js").NumberGrid} grid
 * @param {number} r
 * @param {number} c
 * @param {{ label: string, color: string, theme: string, scale: number }} look the label's size is `scale` of a cell
 */
export function fly(root, from, grid, r, c, { label, color, theme, scale }) {
  if (stillMotion()) return;
  const [start, frame, cell, size] = [boxIn(root, from), boxIn(root, grid.frame), grid.box(r, c), grid.pitch - 2];
  const [left, top] = [frame.x + cell.x + 1, frame.y + cell.y + 1];
  const chip = html("span", { class: "cnn-fly", "aria-hidden": "true",
    style: `left:${left}px;top:${top}px;width:${size}px;height:${size}px` }, label);
  Object.assign(chip.style, { background: color, color: readable(color, theme), fontSize: `${Math.round(grid.pitch * scale)}px` });
  root.append(chip);
  const [x, y] = [start.x + start.width / 2 - left - size / 2, start.y + start.height / 2 - top - size / 2];
  chip.animate([{ transform: `translate(${x}px, ${y}px)`, opacity: 0.3 }, { transform: "none", opacity: 1 }],
    { duration: 240, easing: "cubic-bezier(0.3, 0, 0.2, 1)" }).finished.finally(() => chip.remove());
}
