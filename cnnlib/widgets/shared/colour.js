// Colours of values: the same scales as in figures.py.

import { clamp } from "./numbers.js";
import { PALETTE, UNFOCUSED } from "./palette.js";

/** @typedef {"light" | "dark"} Theme */
/** @typedef {"input" | "weight" | "output"} Role whose scale it is */

/**
 * The colours of a theme.
 * @param {string} theme
 */
export const paletteOf = (theme) => PALETTE[/** @type {Theme} */ (theme)];

/** Red, green and blue of "#rrggbb". @param {string} color */
export const channels = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));

/**
 * `share` of the way from one colour to another.
 * @param {string} first
 * @param {string} second
 * @param {number} share
 */
export function mix(first, second, share) {
  const to = channels(second);
  return "#" + channels(first).map((a, i) =>
    Math.floor(a + (to[i] - a) * share + 0.5).toString(16).padStart(2, "0")).join("");
}

/**
 * The contrast of two colours after WCAG 2: 1 to 21.
 * @param {string} first
 * @param {string} second
 */
export function contrast(first, second) {
  const [low, high] = [first, second].map((color) => {
    const [r, g, b] = channels(color).map((v) => v / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** @type {Map<string, string>} */
const inks = new Map();
/**
 * The text colour for a fill: the theme's ink where its contrast is 4.5 or more, else white or black.
 * @param {string} fill
 * @returns {string}
 */
export function readable(fill, theme = "light") {
  const key = theme + fill;
  let ink = inks.get(key);
  if (ink === undefined) {
    ink = [paletteOf(theme).ink, "#ffffff"].find((one) => contrast(one, fill) >= 4.5) ?? "#000000";
    inks.set(key, ink);
  }
  return ink;
}

/**
 * The fill of a value on the zero-centred scale of a role.
 * @param {number} value
 * @param {number} end
 * @param {Role} role
 */
export function shade(value, end, role, theme = "light", focus = true) {
  const strength = end > 0 ? Math.min(Math.abs(value) / end, 1) : 0;
  const colors = paletteOf(theme);
  return mix(colors[`${role}_zero`], colors[value < 0 ? "negative" : role], strength * (focus ? 1 : UNFOCUSED));
}

/** @type {Map<string, number[][]>} */
const tables = new Map();
/**
 * shade() as a table, for pictures of many cells: tints("output", "dark")(value, end) is [r, g, b].
 * @param {Role} role
 * @param {string} theme
 */
export function tints(role, theme) {
  const key = role + theme;
  const table = tables.get(key) ?? Array.from({ length: 511 }, (_, i) => channels(shade(i - 255, 255, role, theme)));
  tables.set(key, table);
  return (/** @type {number} */ value, /** @type {number} */ end) => table[255 + Math.round(255 * clamp(end > 0 ? value / end : 0, -1, 1))];
}
