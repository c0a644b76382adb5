// Motion that shows what became what, where the system lets things move.

import { html } from "./dom.js";

export const stillMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Move `label` from one box to another (client coordinates): shows what became what. */
export function fly(root, label, from, to, style) {
  if (stillMotion()) return;
  const home = root.getBoundingClientRect();
  const chip = html("span", { class: "cnn-fly", "aria-hidden": "true",
    style: `left:${to.x - home.x}px;top:${to.y - home.y}px;width:${to.width}px;height:${to.height}px` }, label);
  Object.assign(chip.style, style);
  root.append(chip);
  const middle = (box, side, size) => box[side] + box[size] / 2;
  const [x, y] = [middle(from, "x", "width") - middle(to, "x", "width"), middle(from, "y", "height") - middle(to, "y", "height")];
  chip.animate([{ transform: `translate(${x}px, ${y}px)`, opacity: 0.3 }, { transform: "none", opacity: 1 }],
    { duration: 240, easing: "cubic-bezier(0.3, 0, 0.2, 1)" }).finished.finally(() => chip.remove());
}
