// Colours of values: the same scales as in figures.py.

import { clamp } from "./numbers.js";
import { PALETTE, UNFOCUSED } from "./palette.js";

export const channels = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));

export function mix(first, second, share) {
  const to = channels(second);
  return "#" + channels(first).map((a, i) =>
    Math.floor(a + (to[i] - a) * share + 0.5).toString(16).padStart(2, "0")).join("");
}

export function contrast(first, second) {
  const [low, high] = [first, second].map((color) => {
    const [r, g, b] = channels(color).map((v) => v / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const inks = new Map();
/** The text colour for a fill: the theme's ink where its contrast is 4.5 or more, else white or black. */
export function readable(fill, theme = "light") {
  const key = theme + fill;
  if (!inks.has(key)) {
    inks.set(key, [PALETTE[theme].ink, "#ffffff"].find((ink) => contrast(ink, fill) >= 4.5) ?? "#000000");
  }
  return inks.get(key);
}

/** The fill of a value on the zero-centred scale of a role ("input", "weight", "output"). */
export function shade(value, end, role, theme = "light", focus = true) {
  const strength = end > 0 ? Math.min(Math.abs(value) / end, 1) : 0;
  return mix(PALETTE[theme][`${role}_zero`], PALETTE[theme][value < 0 ? "negative" : role],
    strength * (focus ? 1 : UNFOCUSED));
}

const tables = new Map();
/** shade() as a table, for pictures of many cells: tints("output", "dark")(value, end) is [r, g, b]. */
export function tints(role, theme) {
  const key = role + theme;
  if (!tables.has(key)) {
    tables.set(key, Array.from({ length: 511 }, (_, i) => channels(shade(i - 255, 255, role, theme))));
  }
  return (value, end) => tables.get(key)[255 + Math.round(255 * clamp(end > 0 ? value / end : 0, -1, 1))];
}
