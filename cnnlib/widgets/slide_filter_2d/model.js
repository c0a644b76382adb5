// What SlideFilter2D shows, as numbers and as words.

import { clamp, correlate2d, factor, formatNumber, largest, outputSize, windowTaps } from "../shared/numbers.js";
import { t } from "../shared/words.js";

/** @typedef {import("../shared/life.js").Model} Model */
/** @typedef {{ stride: number, padding: number, dilation: number }} Options */
/** @typedef {ReturnType<typeof geometry>} Geometry */
/** @typedef {ReturnType<typeof numbers>} Numbers */

/**
 * The arrays, the steps, and where the window is.
 * @param {Model} model
 */
export function geometry(model) {
  /** @type {number[][][]} */
  const [image, kernel] = [model.get("image"), model.get("kernel")];
  /** @type {Options} */
  const options = { stride: model.get("stride"), padding: model.get("padding"), dilation: model.get("dilation") };
  const [rows, cols] = [outputSize(image.length, kernel.length, options), outputSize(image[0].length, kernel[0].length, options)];
  return {
    image, kernel, options, rows, cols,
    row: clamp(model.get("row"), 0, rows - 1),
    col: clamp(model.get("col"), 0, cols - 1),
    span: [kernel.length, kernel[0].length].map((m) => options.dilation * (m - 1) + 1),
  };
}

/**
 * What follows from a geometry: the output, the products of the window, and where the scales end.
 * @param {Geometry} now
 */
export function numbers(now) {
  const output = correlate2d(now.image, now.kernel, now.options);
  return {
    ...now, output,
    sum: output[now.row][now.col],
    taps: windowTaps(now.image, now.kernel, now.row, now.col, now.options),
    ends: { input: largest(now.image), weight: largest(now.kernel), output: largest(output) },
  };
}

/**
 * Why there would be no output with another step, or "".
 * @param {Geometry} now
 * @param {keyof Options} name
 * @param {number} value
 */
export function misfit({ image, kernel, options }, name, value) {
  const wanted = { ...options, [name]: value };
  const [n, m] = [image, kernel].map((values) => [values.length, values[0].length]);
  if (n.every((size, axis) => outputSize(size, m[axis], wanted) > 0)) return "";
  const spans = m.map((size) => wanted.dilation * (size - 1) + 1);
  return t("slide_filter_2d.misfit", { dilation: wanted.dilation, kernel: m.join("×"), spans: spans.join("×"), padding: wanted.padding,
    image: n.map((size) => size + 2 * wanted.padding).join("×"), name: t(`shared.step_${name}`), value: options[name] });
}

/**
 * How the output's sizes come about: [what, how] of each that is different.
 * @param {Geometry} now
 */
export function formulas({ image, kernel, options: { stride, padding, dilation }, rows, cols }) {
  /** @param {number} n @param {number} m @param {number} size */
  const side = (n, m, size) => `⌊(${n} + 2·${padding} − ${dilation}·(${m} − 1) − 1) / ${stride}⌋ + 1 = ${size}`;
  const [down, across] = [side(image.length, kernel.length, rows), side(image[0].length, kernel[0].length, cols)];
  return down === across ? [[t("slide_filter_2d.output_side"), down]]
    : [[t("slide_filter_2d.output_rows"), down], [t("slide_filter_2d.output_columns"), across]];
}

/**
 * What happens at the window, a row of the kernel a beat: how many products have arrived in the sum, what that
 * comes to, and whether it stands in the output.
 * @param {Numbers} now
 */
export function beats({ kernel, taps, sum, row, col, rows, cols }) {
  const wide = kernel[0].length;
  let so = 0;
  const lines = kernel.map((_, a) => {
    const part = taps.slice(a * wide, (a + 1) * wide);
    const adds = part.reduce((total, { value, weight }) => total + value * weight, 0);
    so += adds;
    const products = part.map(({ value, weight }) => `${factor(value)}·${factor(weight)}`).join(" + ");
    const says = t(`slide_filter_2d.beat_${a ? "next" : "first"}${wide > 3 ? "_wide" : ""}`,
      { row: a, count: wide, products, adds: formatNumber(adds), so_far: formatNumber(so) });
    return { says, arrived: (a + 1) * wide, sum: so, lands: false };
  });
  return [{ says: t("slide_filter_2d.beat_place", { row, col, rows, cols }), arrived: 0, sum: 0, lands: false },
    ...lines, { says: t("slide_filter_2d.beat_sum", { sum: formatNumber(sum), row, col }), arrived: taps.length, sum, lands: true }];
}

/**
 * What the picture says, as a line of text.
 * @param {Numbers} now
 */
export function sentence({ image, kernel, options, rows, cols, row, col, sum }) {
  const { stride, padding, dilation } = options;
  const settings = Object.entries(options).filter(([name, value]) => value !== (name === "padding" ? 0 : 1))
    .map(([name, value]) => `${t(`shared.step_${name}`)} ${value}`).join(", ");
  /** @param {number} size @param {number} at */
  const reach = (size, at) => Array.from({ length: size }, (_, i) => formatNumber(at * stride - padding + i * dilation)).join(", ");
  return t(settings ? "slide_filter_2d.says_with" : "slide_filter_2d.says", { row, col, output: `${rows}×${cols}`, sum: formatNumber(sum),
    kernel: `${kernel.length}×${kernel[0].length}`,
    rows: t("shared.rows_listed", { rows: reach(kernel.length, row), count: kernel.length }),
    columns: t("shared.columns_listed", { columns: reach(kernel[0].length, col), count: kernel[0].length }),
    image: `${image.length}×${image[0].length}`, settings });
}
