// What Channels shows, as numbers and as words. The maps come from Python; products and sums are computed here.

import { clamp, factor, floats, formatNumber, largest, outputSize, windowTaps } from "../shared/numbers.js";

/** @typedef {import("../shared/life.js").Model} Model */
/** @typedef {ReturnType<typeof geometry>} Geometry */
/** @typedef {ReturnType<ReturnType<typeof responsesOf>>} Responses */
/** @typedef {ReturnType<typeof productsAt>} Products */

export const CHANNELS = ["R", "G", "B"];

/**
 * The arrays, the filter chosen, and where the window is.
 * @param {Model} model
 */
export function geometry(model) {
  /** @type {number[][][]} */
  const image = model.get("image");
  /** @type {number[][][][]} */
  const filters = model.get("filters");
  /** @type {number[]} */
  const bias = model.get("bias");
  const size = filters[0][0].length;
  const [rows, cols] = [outputSize(image.length, size), outputSize(image[0].length, size)];
  return { image, filters, bias, size, rows, cols, count: filters.length, chosen: clamp(model.get("chosen"), 0, filters.length - 1),
    row: clamp(model.get("row"), 0, rows - 1), col: clamp(model.get("col"), 0, cols - 1) };
}

/**
 * Reads Python's responses once: responses[d][c] is a flat map, maps[d] the sum of its three and the bias.
 * @param {Model} model
 */
export function responsesOf(model) {
  /** @type {{ sent: DataView, bias: number[], responses: Float32Array[][], maps: Float32Array[], end: { response: number[], map: number[] } } | undefined} */
  let known;
  /** @param {Geometry} now */
  return ({ filters, bias, rows, cols }) => {
    /** @type {DataView} */
    const sent = model.get("_responses");
    if (known?.sent === sent && known.bias === bias) return known;
    const [all, area] = [floats(sent), rows * cols];
    const responses = filters.map((_, d) => CHANNELS.map((_name, c) => all.subarray((3 * d + c) * area, (3 * d + c + 1) * area)));
    const maps = responses.map((three, d) => three[0].map((value, i) => value + three[1][i] + three[2][i] + bias[d]));
    /** @param {Float32Array} values */
    const most = (values) => values.reduce((high, value) => Math.max(high, Math.abs(value)), 0);
    known = { sent, bias, responses, maps, end: { response: responses.map((three) => Math.max(...three.map(most))), map: maps.map(most) } };
    return known;
  };
}

/** The window's products in each channel, their sums, and what all come to. @param {Geometry} now */
export function productsAt({ image, filters, bias, chosen, row, col }) {
  const taps = CHANNELS.map((_, c) => windowTaps(image.map((line) => line.map((pixel) => pixel[c])), filters[chosen][c], row, col));
  const sums = taps.map((products) => products.reduce((sum, { value, weight }) => sum + value * weight, 0));
  return { taps, sums, total: sums.reduce((a, b) => a + b, 0) + bias[chosen], weightEnd: largest(filters[chosen]) };
}

/**
 * What happens at the window, a channel a beat: how many of the three sums have arrived, what they come to, and
 * whether the bias is added and the number stands in the map.
 * @param {Geometry} now
 */
export function beats(now) {
  const { size, row, col, chosen, bias } = now;
  const { sums, total } = productsAt(now);
  const written = sums.map((value, c) => (c ? factor(value) : formatNumber(value))).join(" + ");
  let sum = 0;
  const parts = sums.map((value, c) => {
    sum += value;
    return { says: `${CHANNELS[c]}: the ${size * size} products of patch and slice make ${formatNumber(value)}.`, arrived: c + 1, sum, lands: false };
  });
  return [
    { says: `The window lies on rows ${row} to ${row + size - 1} and columns ${col} to ${col + size - 1} of all three channels.`, arrived: 0, sum: 0, lands: false },
    ...parts,
    { says: `${written}, and a bias of ${formatNumber(bias[chosen])}, make ${formatNumber(total)}: map ${chosen} at (${row}, ${col}).`,
      arrived: 3, sum: total, lands: true },
  ];
}

/** A count with commas. @param {number} number */
const group = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

/**
 * What a bank of filters costs: [what, how large, in other words].
 * @param {Geometry} now
 * @param {number[][]} counts
 */
export function facts({ image, size, rows, cols, count }, counts) {
  const [outputs, weights, parameters] = counts[count - 1];
  const [, one, oneBias] = counts[0];
  return [
    ["input n×n×r", `${image.length}×${image[0].length}×3`, `${group(3 * image.length * image[0].length)} numbers`],
    ["one filter m×m×r", `${size}×${size}×3`, `${one} weights + ${oneBias - one} bias`],
    [`D = ${count} filters, D(m²r + 1)`, `${group(parameters)} parameters`, `${group(weights)} weights + ${parameters - weights} biases`],
    ["output (n+1−m)²×D", `${rows}×${cols}×${count}`, `${group(outputs)} numbers`],
  ];
}

/**
 * What the picture says, as a line of text.
 * @param {Geometry} now
 * @param {Products} products
 * @param {string} name of the filter
 * @param {number[][]} counts
 */
export function sentence({ image, size, rows, cols, row, col, count, chosen, bias }, { sums, total }, name, counts) {
  const [, weights, parameters] = counts[count - 1];
  return `Map ${chosen} (${name}) at (${row}, ${col}) is ${formatNumber(total)}: ` +
    `${sums.map((value, c) => `${formatNumber(value)} from ${CHANNELS[c]}`).join(", ")} ` +
    `and a bias of ${formatNumber(bias[chosen])}. Input ${image.length}×${image[0].length}×3, ${count} filters of ${size}×${size}×3, ` +
    `output ${rows}×${cols}×${count}; parameters ${group(weights)}, with biases ${group(parameters)}.`;
}
