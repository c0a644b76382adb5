// What SlideFilter1D shows, as numbers and as words.

import { clamp, convIndex1d, correlate1d, factor, formatNumber, largest, outputSize, paddingSides, subscript } from "../shared/numbers.js";
import { t } from "../shared/words.js";

/** @typedef {import("../shared/life.js").Model} Model */
/** @typedef {ReturnType<typeof geometry>} Geometry */
/** @typedef {ReturnType<typeof numbers>} Numbers */
/** @typedef {{ n: number, m: number, stride: number, dilation: number, padding: string }} Sizes */

/** The most numbers that a hand may add: LONGEST in widget.py. */
export const LONGEST = { signal: 16, kernel: 7 };

/**
 * The signal with its zeros, the filter, the steps, and where the window is.
 * @param {Model} model
 */
export function geometry(model) {
  /** @type {number[][]} */
  const [signal, kernel] = [model.get("signal"), model.get("kernel")];
  /** @type {{ stride: number, dilation: number }} */
  const options = { stride: model.get("stride"), dilation: model.get("dilation") };
  /** @type {boolean} */
  const flip = model.get("flip");
  /** @type {string} */
  const rule = model.get("padding");
  const sides = paddingSides(rule, kernel.length, { ...options, flip });
  const padded = [...Array(sides[0]).fill(0), ...signal, ...Array(sides[1]).fill(0)];
  const count = outputSize(padded.length, kernel.length, options);
  return { signal, kernel, flip, options, rule, sides, padded, count, at: clamp(model.get("position"), 0, count - 1),
    span: options.dilation * (kernel.length - 1) + 1 };
}

/** The next position, or null after the last. @param {Model} model */
export function nextPosition(model) {
  const { at, count } = geometry(model);
  return at + 1 < count ? { position: at + 1 } : null;
}

/** The position before, or null before the first. @param {Model} model */
export function previousPosition(model) {
  const { at } = geometry(model);
  return at > 0 ? { position: at - 1 } : null;
}

/** @param {Geometry} now */
export const sizesOf = ({ signal, kernel, options, rule }) => ({ n: signal.length, m: kernel.length, ...options, padding: rule });

/**
 * The terms of the window from left to right: place in the signal, value, index of the weight.
 * @param {Geometry} now
 */
export function termsOf({ padded, kernel, flip, options, sides, at }) {
  return kernel.map((_, slot) => {
    const column = at * options.stride + slot * options.dilation;
    const j = flip ? kernel.length - 1 - slot : slot;
    return { slot, column, place: column - sides[0], value: padded[column], j, weight: kernel[j] };
  });
}

/**
 * What follows from a geometry: the output, the matrix, the products, and where the scales end.
 * @param {Geometry} now
 */
export function numbers(now) {
  const { signal, kernel, padded, options, sides, flip } = now;
  const output = correlate1d(padded, flip ? [...kernel].reverse() : kernel, options);
  return { ...now, output, taps: termsOf(now), index: convIndex1d(signal.length, kernel.length, { ...options, sides, flip }),
    ends: { input: largest(signal), output: largest(output) } };
}

/**
 * Why these sizes would leave no output, or "" where they give one.
 * @param {Sizes} sizes
 */
export function complaint({ n, m, stride, dilation, padding }) {
  if (padding === "same" && stride > 1) {
    return t("slide_filter_1d.same_stride", { stride });
  }
  const span = dilation * (m - 1) + 1;
  const [before, after] = paddingSides(padding, m, { dilation });
  const room = n + before + after;
  return span > room ? t("slide_filter_1d.misfit", { weights: t("shared.weights", { count: m }), dilation, span, room }) : "";
}

/**
 * How the output's length comes about, and how many entries the last step does not reach.
 * @param {Geometry} now
 */
export function formula({ signal, kernel, options: { stride, dilation }, sides, padded, count, span }) {
  const [n, m, zeros] = [signal.length, kernel.length, sides[0] + sides[1]];
  const text = stride === 1 && dilation === 1 && !zeros ? `n − m + 1 = ${n} − ${m} + 1 = ${count}`
    : `⌊(${n} + ${zeros} − ${dilation}·(${m} − 1) − 1) / ${stride}⌋ + 1 = ${count}`;
  return { text, rest: padded.length - ((count - 1) * stride + span) };
}

/**
 * What happens at the window, a product a beat: how many have arrived in the sum, what that comes to, and whether
 * it stands in the output.
 * @param {Numbers} now
 */
export function beats({ taps, at, output, flip }) {
  /** @param {number} place */
  const x = (place) => `x[${formatNumber(place)}]`;
  let sum = 0;
  const products = taps.map(({ place, value, j, weight }, i) => {
    sum += value * weight;
    const product = `θ${subscript(j)}·${x(place)} = ${factor(weight)}·${factor(value)} = ${formatNumber(value * weight)}`;
    const says = i ? t("slide_filter_1d.beat_next", { product, so_far: formatNumber(sum) }) : `${product}.`;
    return { says, arrived: i + 1, sum, lands: false };
  });
  const lies = t(flip ? "slide_filter_1d.beat_place_flipped" : "slide_filter_1d.beat_place", { places: taps.map(({ place }) => x(place)).join(", ") });
  return [{ says: lies, arrived: 0, sum: 0, lands: false }, ...products,
    { says: t("slide_filter_1d.beat_sum", { sum: formatNumber(output[at]), place: at }), arrived: taps.length, sum: output[at], lands: true }];
}

/**
 * What the picture says, as a line of text.
 * @param {Numbers} now
 */
export function sentence({ rule, options, flip, count, at, output, taps }) {
  const settings = [rule !== "valid" && t("slide_filter_1d.rule", { rule }),
    ...Object.entries(options).map(([option, value]) => value !== 1 && `${t(`shared.step_${option}`)} ${value}`)].filter(Boolean).join(", ");
  /** @param {number[]} values */
  const list = (values) => values.map(formatNumber).join(", ");
  return t(`slide_filter_1d.says${flip ? "_flipped" : ""}${settings && "_with"}`, { place: at, count, value: formatNumber(output[at]),
    weights: list(taps.map(({ weight }) => weight)), places: taps.map(({ place }) => `x[${formatNumber(place)}]`).join(", "),
    values: list(taps.map(({ value }) => value)), settings });
}
