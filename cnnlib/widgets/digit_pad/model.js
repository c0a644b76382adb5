// What DigitPad says of the network's answer, and how its maps are arranged. Knows no page.

import { belief, clamp, floats } from "../shared/numbers.js";
import { t } from "../shared/words.js";

/** @typedef {import("../shared/life.js").Model} Model */
/** @typedef {{ stage: number, map: number, row: number, col: number }} Unit a unit of a map that is shown */

/** The digits, the most likely first. @param {Float32Array} shares */
export const ranked = (shares) => [...shares.keys()].sort((a, b) => shares[b] - shares[a] || a - b);

/**
 * The answer as a line of text.
 * @param {Float32Array} shares @param {boolean} empty whether nothing is drawn
 */
export function sentence(shares, empty) {
  const [first, second] = ranked(shares);
  return t(empty ? "digit_pad.says_empty" : "digit_pad.says", { first, share: belief(shares[first]), second, other: belief(shares[second]) });
}

/** What Python calls a stage, such as "convolution and ReLU", in the language spoken. @param {string} name */
export const stageName = (name) => name.replace("convolution", t("digit_pad.convolution")).replaceAll("batch norm", t("digit_pad.batch_norm"))
  .replace(/^(.*) and (.*)$/, (_, one, other) => t("shared.and", { one, other }));

/**
 * The fewest lines in which the maps of a stage are large enough to read.
 * @param {number[]} shape @param {number} width
 */
export function arrange([count, , columns], width) {
  for (let lines = 1; ; lines += 1) {
    const across = Math.ceil(count / lines);
    const pitch = Math.floor(((width + 8) / across - 8) / columns);
    if (pitch * columns >= 56 || across === 1) {
      return { across, pitch: clamp(pitch, 1, Math.min(Math.floor(112 / columns), 7) || 1) };
    }
  }
}

/**
 * What a unit is computed from, where shared/unit.js looks for it: the input of each convolution, and its maps.
 * @param {Model} model
 * @returns {import("../shared/unit.js").Data | null} null where the network has layers without a ledger
 */
export function insideOf(model) {
  /** @type {any[]} */
  const inside = model.get("_inside");
  const [sources, maps] = [floats(model.get("_sources")), floats(model.get("_maps"))];
  if (!inside.length) return null;
  const values = new Float32Array(sources.length + maps.length);
  values.set(sources);
  values.set(maps, sources.length);
  const size = (/** @type {number[]} */ [count, rows, cols]) => count * rows * cols;
  let [from, to, first] = [0, sources.length, 0];
  const entries = inside.flatMap(({ source, ...one }) => {
    const fan = size([source.shape[0], ...one.kernel]);
    const pair = [{ ...source, start: from }, { ...one, after: stageName(one.after), before: source.shape, start: to, fan, weight: first, bias: first + one.shape[0] * fan }];
    from += size(source.shape);
    to += size(one.shape);
    first = pair[1].bias + one.shape[0];
    return pair;
  });
  return { entries, total: values.length, values, weights: floats(model.get("_weights")) };
}

/** What shared/unit.js asks of a model, for a unit. @param {import("../shared/unit.js").Data} data @param {Unit} unit */
export function asked({ entries }, { stage, map, row, col }) {
  /** @type {Record<string, number>} */
  const values = { image: 0, layer: entries[2 * stage + 1].place, map, row, col };
  return { get: (/** @type {string} */ name) => values[name] };
}

/** Where a stage's map is strongest: the unit that a ledger opens with. @param {import("../shared/unit.js").Data} data @param {number} stage @returns {Unit} */
export function strongestUnit({ entries, values }, stage) {
  const { start, shape: [count, rows, cols] } = entries[2 * stage + 1];
  const all = values.subarray(start, start + count * rows * cols);
  const at = all.reduce((best, value, i) => (Math.abs(value) > Math.abs(all[best]) ? i : best), 0);
  return { stage, map: Math.floor(at / (rows * cols)), row: Math.floor(at / cols) % rows, col: at % cols };
}

/** Where a key leads from a unit, or null: arrows to its neighbours, Page Up and Page Down to the next map. @param {string} key @param {Unit} unit @param {number[]} shape */
export function unitAfter(key, unit, [count, rows, cols]) {
  /** @type {Record<string, Partial<Unit>>} */
  const ways = { ArrowLeft: { col: unit.col - 1 }, ArrowRight: { col: unit.col + 1 }, ArrowUp: { row: unit.row - 1 }, ArrowDown: { row: unit.row + 1 },
    PageUp: { map: unit.map - 1 }, PageDown: { map: unit.map + 1 } };
  if (!ways[key]) return null;
  const to = { ...unit, ...ways[key] };
  return { ...to, map: clamp(to.map, 0, count - 1), row: clamp(to.row, 0, rows - 1), col: clamp(to.col, 0, cols - 1) };
}
