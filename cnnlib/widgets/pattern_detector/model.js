// What PatternDetector shows, as numbers and as words.

import { bytes, clamp, correlate1d, formatNumber, largest } from "../shared/numbers.js";
import { knownName, t } from "../shared/words.js";

/** @typedef {import("../shared/life.js").Model} Model */
/** @typedef {ReturnType<typeof geometry>} Geometry */
/** @typedef {ReturnType<typeof responses>} Responses */

/**
 * The photograph, the row and the filter that are chosen, and where the window is.
 * @param {Model} model
 */
export function geometry(model) {
  /** @type {[number, number]} */
  const [height, width] = model.get("shape");
  /** @type {string} */
  const selected = model.get("selected");
  /** @type {number[]} */
  const kernel = model.get("kernels")[selected];
  const row = clamp(model.get("row"), 0, height - 1);
  const pixels = bytes(model.get("pixels"));
  const signal = Array.from(pixels.subarray(row * width, (row + 1) * width), (value) => value / 255);
  const count = width - kernel.length + 1;
  return { height, width, pixels, selected, kernel, row, signal, count, at: clamp(model.get("position"), 0, count - 1) };
}

/** Where the window goes next as it plays, about 200 steps in all; null after the last. @param {Model} model */
export function nextPlace(model) {
  const { at, count } = geometry(model);
  return at + 1 < count ? { position: Math.min(at + Math.max(1, Math.round(count / 200)), count - 1) } : null;
}

/**
 * The responses, those that are known, and where they are strongest.
 * @param {Geometry} now @param {(index: number) => boolean} isKnown
 */
export function responses(now, isKnown) {
  const output = correlate1d(now.signal, now.kernel);
  const known = output.map((value, i) => (isKnown(i) ? value : null));
  const peak = known.reduce((/** @type {number} */ best, value, i) =>
    (value !== null && (best < 0 || value > /** @type {number} */ (known[best])) ? i : best), -1);
  return { ...now, output, known, peak, strongest: output[peak], end: largest(output) || 1 };
}

/** @param {string} name */
export const filterName = (name) => knownName("pattern_detector.name_", name);

/** @param {number} count */
export const weights = (count) => t("shared.weights", { count });

/**
 * What the picture says, as a line of text.
 * @param {Responses} now @param {boolean} all whether all responses are shown
 */
export function sentence({ selected, kernel, row, at, output, strongest, peak }, all) {
  const says = t("pattern_detector.says", { name: filterName(selected), weights: weights(kernel.length), row, place: at, value: formatNumber(output[at]) });
  return t(all ? "pattern_detector.strongest" : "pattern_detector.strongest_so_far", { says, value: formatNumber(strongest), place: peak });
}
