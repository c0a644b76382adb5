// Ink on DigitPad's pad: an array of SIDE × SIDE bytes.

import { clamp } from "../shared/numbers.js";

/** @typedef {[number, number]} Point x and y in the pad's own pixels */

export const SIDE = 140; // of the pad, in its own pixels: widget.py

/** A pad without ink. */
export const blank = () => new Uint8Array(SIDE * SIDE);

/**
 * Lay a line of ink on the pad: full within the pen's radius, smooth at its edge.
 * @param {Uint8Array} ink @param {number} pen @param {Point} from @param {Point} to
 */
export function lay(ink, pen, [ax, ay], [bx, by]) {
  const [dx, dy, reach] = [bx - ax, by - ay, pen + 1];
  const inside = (/** @type {number} */ v) => clamp(Math.floor(v), 0, SIDE - 1);
  const [top, bottom] = [inside(Math.min(ay, by) - reach), inside(Math.max(ay, by) + reach)];
  const [left, right] = [inside(Math.min(ax, bx) - reach), inside(Math.max(ax, bx) + reach)];
  for (let r = top; r <= bottom; r += 1) {
    for (let c = left; c <= right; c += 1) {
      const [x, y] = [c + 0.5 - ax, r + 0.5 - ay];
      const share = clamp((x * dx + y * dy) / (dx * dx + dy * dy || 1), 0, 1);
      const distance = Math.hypot(x - share * dx, y - share * dy);
      const value = Math.floor(255 * clamp(pen + 0.5 - distance, 0, 1) + 0.5);
      ink[r * SIDE + c] = Math.max(ink[r * SIDE + c], value);
    }
  }
}

/**
 * A drawing that consists of lines.
 * @param {Point[][]} lines @param {number} pen
 */
export function drawn(lines, pen) {
  const ink = blank();
  for (const line of lines) line.slice(1).forEach((to, i) => lay(ink, pen, line[i], to));
  return ink;
}

/**
 * The drawing moved, or null where not all of its ink would stay on the pad.
 * @param {Uint8Array} ink @param {number} down @param {number} right
 */
export function shifted(ink, down, right) {
  const moved = blank();
  for (let i = 0; i < ink.length; i += 1) {
    if (!ink[i]) continue;
    const [r, c] = [Math.floor(i / SIDE) + down, (i % SIDE) + right];
    if (r < 0 || c < 0 || r >= SIDE || c >= SIDE) return null;
    moved[r * SIDE + c] = ink[i];
  }
  return moved;
}
