// What FaceFinder shows, as numbers and as words. Python has scanned the picture.

import { bytes, clamp, floats, formatNumber } from "../shared/numbers.js";
import { t } from "../shared/words.js";

/** @typedef {import("../shared/life.js").Model} Model */
/** @typedef {{ side: number, step: number, stride: number, patch: number, rows: number, cols: number, values: Float32Array,
 *   pixels: Uint8Array, across: number }} Scanned one size of the window: its scores, and the picture that it was slid over */
/** @typedef {ReturnType<typeof stateOf>} State */

const FAINTEST = 0.15; // opacity of a box whose score is 0
const LARGEST_OWN = 512; // pixels of a picture of one's own; larger ones are scaled down

/** How opaque a box of this score is drawn; `end` is the best of all. @param {number} score @param {number} end */
export const strength = (score, end) => FAINTEST + (1 - FAINTEST) * (score / end) ** 2;

/** The sizes of the window, their bytes read once a picture; a function that is asked each time. @param {Model} model */
export function scannedLevels(model) {
  /** @type {any[]} */
  let of = [];
  /** @type {Scanned[]} */
  let scanned = [];
  return () => {
    const levels = model.get("levels");
    if (of !== levels) {
      scanned = levels.map((/** @type {any} */ one) => ({
        ...one, rows: one.scores.shape[0], cols: one.scores.shape[1], values: floats(one.scores.bytes),
        pixels: bytes(one.picture.bytes), across: one.picture.shape[1],
      }));
      of = levels;
    }
    return scanned;
  };
}

/** What a picture of one's own may measure: the smallest window must fit. @param {Scanned[]} scanned */
export const ownSides = (scanned) => ({ least: Math.ceil(Math.min(...scanned.map(({ side }) => side))), most: LARGEST_OWN });

/**
 * The window, its score, and the boxes above the threshold.
 * @param {Model} model @param {Scanned[]} scanned
 */
export function stateOf(model, scanned) {
  const level = clamp(model.get("level"), 0, scanned.length - 1);
  const one = scanned[level];
  const [row, col] = [clamp(model.get("row"), 0, one.rows - 1), clamp(model.get("col"), 0, one.cols - 1)];
  /** @type {number} */
  const limit = model.get("threshold");
  /** @type {number[][]} */
  const boxes = model.get("boxes");
  return { level, one, row, col, limit, boxes, score: one.values[row * one.cols + col], found: boxes.filter((box) => box[3] > limit) };
}

/**
 * The place of a window whose middle is nearest to (y, x), in pixels of the picture.
 * @param {Scanned[]} scanned @param {number} level @param {number} y @param {number} x
 */
export function around(scanned, level, y, x) {
  const one = scanned[level];
  /** @param {number} middle @param {number} count */
  const place = (middle, count) => clamp(Math.round((middle - one.side / 2) / one.step), 0, count - 1);
  return { level, row: place(y, one.rows), col: place(x, one.cols) };
}

/**
 * The best box, or the one after the box that the window is on; null where there is none.
 * @param {Scanned[]} scanned @param {State} state
 */
export function afterThis(scanned, { level, row, col, found }) {
  const places = found.map(([top, left, side]) =>
    around(scanned, scanned.findIndex((one) => one.side === side), top + side / 2, left + side / 2));
  const now = places.findIndex((one) => one.level === level && one.row === row && one.col === col);
  return places.length ? places[(now + 1) % places.length] : null;
}

/** What the picture says, as a line of text. @param {State} state */
export function sentence({ one, row, col, score, limit, found, boxes }) {
  const [y, x, side] = [row * one.step, col * one.step, one.side].map((value) => Math.floor(value + 0.5));
  return t(score > limit ? "face_finder.says_above" : "face_finder.says_below",
    { side, row: y, col: x, score: formatNumber(score), limit, found: found.length, all: boxes.length });
}
