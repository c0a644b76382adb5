// What Channels shows, as numbers and as words. The maps come from Python; products and sums are computed here.

import { clamp, factor, floats, formatNumber, largest, outputSize, windowTaps } from "../shared/numbers.js";
import { grouped, knownName, t } from "../shared/words.js";

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
    return { says: t("channels.beat_channel", { channel: CHANNELS[c], count: size * size, sum: formatNumber(value) }), arrived: c + 1, sum, lands: false };
  });
  return [
    { says: t("channels.beat_place", { top: row, bottom: row + size - 1, left: col, right: col + size - 1 }), arrived: 0, sum: 0, lands: false },
    ...parts,
    { says: t("channels.beat_sum", { sums: written, bias: formatNumber(bias[chosen]), total: formatNumber(total), map: chosen, row, col }),
      arrived: 3, sum: total, lands: true },
  ];
}

/** The name of the filter `d`: one of Python's own, or the one that was given. @param {string[]} names @param {number} d */
export const filterName = (names, d) => (names[d] === `filter ${d}` ? t("channels.numbered", { number: d }) : knownName("channels.name_", names[d]));

/**
 * What a bank of filters costs: [what, how large, in other words].
 * @param {Geometry} now
 * @param {number[][]} counts
 */
export function facts({ image, size, rows, cols, count }, counts) {
  const [outputs, weights, parameters] = counts[count - 1];
  const [, one, oneBias] = counts[0];
  /** @param {number} many */
  const numbers = (many) => t("channels.fact_numbers", { count: many, number: grouped(many) });
  return [
    [t("channels.fact_input"), `${image.length}×${image[0].length}×3`, numbers(3 * image.length * image[0].length)],
    [t("channels.fact_filter"), `${size}×${size}×3`, t("channels.fact_cost", { weights: one, count: oneBias - one })],
    [t("channels.fact_filters", { count }), t("channels.fact_parameters", { number: grouped(parameters) }),
      t("channels.fact_cost", { weights: grouped(weights), count: parameters - weights })],
    [t("channels.fact_output"), `${rows}×${cols}×${count}`, numbers(outputs)],
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
  return t("channels.says", { map: chosen, name, row, col, total: formatNumber(total),
    parts: sums.map((value, c) => t("channels.part", { value: formatNumber(value), channel: CHANNELS[c] })).join(", "),
    bias: formatNumber(bias[chosen]), image: `${image.length}×${image[0].length}×3`, count, filter: `${size}×${size}×3`,
    output: `${rows}×${cols}×${count}`, weights: grouped(weights), parameters: grouped(parameters) });
}
