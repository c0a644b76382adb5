// A unit of a network: where the numbers of its layer lie, what it makes of its patch, and what it sees.
//
// Python sends activations and weights. All that is computed here are the products of one unit and their sum.

import { formatNumber } from "./numbers.js";
import { t } from "./words.js";

/**
 * @typedef {{ place: number, name: string, kind: string, shape: number[], start: number, before: number[], field: number[][],
 *   kernel: number[], stride: number[], padding: number[], dilation: number[], fan: number, weight: number, bias: number, after?: string }} Entry
 *   a layer: what Python says of it, and where its activations, weights and biases begin; `after` names
 *   what follows at once, if what is shown is behind that
 */
/** @typedef {{ entries: Entry[], total: number, values: Float32Array, weights: Float32Array }} Data an entry behind the one that it reads */
/** @typedef {ReturnType<typeof compute>} State */

const BLOCK = 3; // a map of 1×1 is drawn so large among its like, with a gap of 1

/**
 * `count` maps side by side, as large as the box [width, height] allows: where each cell of each lies.
 * @param {number[]} shape @param {number[]} box @param {number} most pixels to a cell
 */
export function arrangement([count, rows, cols], [width, height], most) {
  const block = rows === 1 && cols === 1 ? BLOCK : 1;
  const gap = count > 1 ? 1 : 0;
  const [high, across_] = [rows * block + gap, cols * block + gap];
  const fit = (/** @type {number} */ across) => Math.min(most, Math.floor(width / (across * across_ - gap)),
    Math.floor(height / (Math.ceil(count / across) * high - gap)));
  let best = 1;
  for (let across = 2; across <= count; across += 1) if (fit(across) > fit(best)) best = across;
  const pitch = Math.max(1, fit(best));
  const lines = Math.ceil(count / best);
  return {
    across: best, lines, pitch, block, rows: lines * high - gap, cols: best * across_ - gap, high: rows * block, wide: cols * block,
    /** The map and the cell at a place of the whole, or null in a gap. @param {number} r @param {number} c */
    at(r, c) {
      const map = Math.floor(r / high) * best + Math.floor(c / across_);
      const [y, x] = [Math.floor((r % high) / block), Math.floor((c % across_) / block)];
      return r < 0 || c < 0 || c >= best * across_ || map >= count || y >= rows || x >= cols ? null : { map, r: y, c: x };
    },
    corner: (/** @type {number} */ map) => [Math.floor(map / best) * high, (map % best) * across_],
  };
}

/**
 * What the model says, and all that follows from it.
 * @param {{ get: (name: string) => any }} model @param {Data} data
 */
export function compute(model, data) {
  /** @type {number[]} */
  const [image, layer, map, row, col] = ["image", "layer", "map", "row", "col"].map((name) => model.get(name));
  const index = data.entries.findIndex(({ place }) => place === layer);
  const [one, source] = [data.entries[index], data.entries[index - 1]];
  /** @param {Entry} entry @returns {(m: number, r: number, c: number) => number} */
  const read = ({ start, shape: [, rows, cols] }) => (m, r, c) => data.values[image * data.total + start + (m * rows + r) * cols + c];
  const at = read(one);
  const before = read(source);
  const span = one.field.map(([size, jump, start], axis) => {
    const low = start + [row, col][axis] * jump;
    return [low, low + size];
  });
  const whole = one.kind === "conv" || one.kind === "linear";
  const channels = whole ? [...Array(one.before[0]).keys()] : [map];
  const [kh, kw] = one.kernel;
  const patch = channels.map((channel) => Array.from({ length: kh }, (_, a) => Array.from({ length: kw }, (__, b) => {
    const r = row * one.stride[0] + a * one.dilation[0] - one.padding[0];
    const c = col * one.stride[1] + b * one.dilation[1] - one.padding[1];
    return r < 0 || c < 0 || r >= one.before[1] || c >= one.before[2] ? 0 : before(channel, r, c);
  })));
  const now = { source, image, layer, map, row, col, one, index, at, span, patch, end: strongest(data, image, one), before, value: at(map, row, col) };
  if (!whole) return { ...now, sums: null };
  const weight = patch.map((lines, channel) => lines.map((line, a) => line.map((_, b) =>
    data.weights[one.weight + map * one.fan + (channel * kh + a) * kw + b])));
  const products = patch.map((lines, channel) => lines.map((line, a) => line.map((value, b) => value * weight[channel][a][b])));
  return { ...now, sums: { weight, products, bias: data.weights[one.bias + map],
    sum: products.flat(2).reduce((sum, value) => sum + value, 0) } };
}

/** Whether the unit sees all of the input. @param {State} state @param {number[]} size */
export const seesAll = ({ span }, size) => span.every(([first, past], axis) => first <= 0 && past >= size[axis]);

const LAYERS = /^(conv|linear|max|average|normalize|batch)\b(?: norm)?/;

/** A layer's name: its kind in the language spoken; sizes and names of functions stay. @param {string} name */
export const layerName = (name) => name.replace(LAYERS, (_, kind) => t(`shared.layer_${kind}`));

/** What the picture says, as a line of text. @param {State} now @param {number[]} size */
export function describe(now, size) {
  const { layer, one, map, row, col, value, span } = now;
  const unit = t(one.shape[1] === 1 && one.shape[2] === 1 ? "shared.unit" : "shared.unit_at", { row, col, map });
  const said = { layer, name: layerName(one.name), unit, value: formatNumber(value) };
  if (seesAll(now, size)) return t("shared.sees_all", said);
  const outside = span.some(([first, past], axis) => first < 0 || past > size[axis]);
  const [rows, columns] = [["shared.rows", "shared.row"], ["shared.columns", "shared.column"]].map(([several, single], axis) => {
    const [first, past] = span[axis];
    return t(past - first > 1 ? several : single, { first: formatNumber(first), last: formatNumber(past - 1) });
  });
  return t(outside ? "shared.sees_padding" : "shared.sees", { ...said, rows, columns });
}

/**
 * The largest activation of a layer, for one image.
 * @param {Data} data @param {number} image @param {Entry} entry
 */
export function strongest(data, image, { start, shape }) {
  const from = image * data.total + start;
  return data.values.subarray(from, from + shape[0] * shape[1] * shape[2]).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
