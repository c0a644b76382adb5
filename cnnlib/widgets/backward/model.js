// What Backward shows, as numbers and as words.

import { clamp, correlate2dBackward, formatNumber, largest, windowTaps } from "../shared/numbers.js";
import { t } from "../shared/words.js";

/** @typedef {import("../shared/life.js").Model} Model */
/** @typedef {ReturnType<typeof geometry>} Geometry */
/** @typedef {ReturnType<ReturnType<typeof backwardPass>>} Numbers */

/**
 * The arrays, the position reached, and the weight and the pixel whose sums are written out.
 * @param {Model} model
 */
export function geometry(model) {
  /** @type {number[][][]} */
  const [image, kernel, grad] = ["image", "kernel", "grad_output"].map((name) => model.get(name));
  const [rows, cols] = [grad.length, grad[0].length];
  /** @type {number} */
  const row = clamp(model.get("row"), 0, rows - 1);
  /** @type {number} */
  const col = clamp(model.get("col"), 0, cols - 1);
  /** @param {number[]} place @param {number[][]} values */
  const inside = ([r, c], values) => [clamp(r, 0, values.length - 1), clamp(c, 0, values[0].length - 1)];
  /** @type {{ stride: number }} */
  const options = { stride: model.get("stride") };
  return { image, kernel, grad, rows, cols, row, col, all: rows * cols, count: row * cols + col + 1, options,
    top: row * options.stride, left: col * options.stride,
    weight: inside(model.get("weight"), kernel), pixel: inside(model.get("pixel"), image) };
}

/**
 * Computes what follows from a geometry; what does not change with the position is kept from call to call.
 * No sum on the way goes beyond the ends of its scale, so a colour means the same at each step.
 */
export function backwardPass() {
  /** @type {{ given: string, total: { image: number[][], kernel: number[][] }, end: Record<"x" | "k" | "g" | "input" | "weight", number> } | undefined} */
  let walk;
  /** @param {Geometry} now */
  return (now) => {
    const { image, kernel, grad, options, all, count, row, col, top, left } = now;
    const given = JSON.stringify([image, kernel, grad, options.stride]);
    if (walk?.given !== given) {
      const steps = Array.from({ length: all }, (_, i) => correlate2dBackward(grad, image, kernel, options, i + 1));
      walk = { given, total: steps[all - 1], end: { x: largest(image), k: largest(kernel), g: largest(grad),
        input: largest(steps.map((sum) => sum.image)), weight: largest(steps.map((sum) => sum.kernel)) } };
    }
    return { ...now, ...walk, g: grad[row][col], sum: correlate2dBackward(grad, image, kernel, options, count),
      patch: kernel.map((line, a) => line.map((_, b) => image[top + a][left + b])) };
  };
}

/**
 * What happens at a position: which products are shown, and into which sums they have come.
 * @param {Geometry} now
 */
export function beats({ grad, row, col }) {
  const g = formatNumber(grad[row][col]);
  const not = { patch: false, kernel: false, weight: false, pixel: false };
  return [
    { ...not, moves: "", says: t("backward.beat_gradient", { row, col, g }) },
    { ...not, patch: true, moves: "patch", says: t("backward.beat_patch", { g }) },
    { ...not, patch: true, weight: true, moves: "weight", says: t("backward.beat_weight") },
    { patch: true, weight: true, kernel: true, pixel: false, moves: "kernel", says: t("backward.beat_kernel", { g }) },
    { patch: true, weight: true, kernel: true, pixel: true, moves: "pixel", says: t("backward.beat_pixel") },
  ];
}

/**
 * What a beat shows of the numbers: what has not come into the sums yet is taken out of them.
 * @param {Numbers} now
 * @param {ReturnType<typeof beats>[number] | null} beat
 */
export function upTo(now, beat) {
  const added = { weight: now.count - Number(beat?.weight === false), pixel: now.count - Number(beat?.pixel === false) };
  if (!beat || (beat.weight && beat.pixel)) return { ...now, beat, added };
  const before = correlate2dBackward(now.grad, now.image, now.kernel, now.options, now.count - 1);
  return { ...now, beat, added, sum: { kernel: beat.weight ? now.sum.kernel : before.kernel, image: before.image } };
}

/** Which pixels the first `count` positions have added to. @param {Geometry} now @param {number} count */
export function reachedBy({ image, kernel, options, cols }, count) {
  const reached = image.map((line) => line.map(() => false));
  for (let i = 0; i < count; i += 1) {
    for (const tap of windowTaps(image, kernel, Math.floor(i / cols), i % cols, options)) reached[tap.r][tap.c] = true;
  }
  return reached;
}

/**
 * Whether the totals agree with the central differences. What both add up, regardless of signs, says how
 * much their rounding may be: it can be far more than the sums themselves.
 * @param {Numbers} now
 * @param {{ image: number[][], kernel: number[][] }} numerical
 */
export function agrees({ image, kernel, grad, options, total }, numerical) {
  const [size, x, k] = [grad, image, kernel].map((values) => values.map((line) => line.map(Math.abs)));
  const added = correlate2dBackward(size, x, k, options);
  return (/** @type {("image" | "kernel")[]} */ (["image", "kernel"])).every((name) => largest(total[name].map((line, r) =>
    line.map((value, c) => value - numerical[name][r][c]))) <= 1e-6 * largest(added[name]));
}

/**
 * What the picture says, as a line of text.
 * @param {Numbers} now
 */
export function sentence({ row, col, count, all, g, kernel, top, left, weight, pixel, sum, total }) {
  const number = formatNumber(g);
  /** @param {number} start @param {number} size */
  const reach = (start, size) => Array.from({ length: size }, (_, i) => start + i).join(", ");
  /** @param {number[]} place @param {number[][]} values */
  const at = ([r, c], values) => formatNumber(values[r][c]);
  return t("backward.says", { row, col, count, all, g: number,
    rows: t("shared.rows_listed", { rows: reach(top, kernel.length), count: kernel.length }),
    columns: t("shared.columns_listed", { columns: reach(left, kernel[0].length), count: kernel[0].length }),
    weight: weight.join(", "), weight_now: at(weight, sum.kernel), weight_all: at(weight, total.kernel),
    pixel: pixel.join(", "), pixel_now: at(pixel, sum.image), pixel_all: at(pixel, total.image) });
}
