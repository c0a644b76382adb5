// What FilterBench shows, as numbers and as words.
//
// The map of a kernel is computed here, on typed arrays, so that it follows the hand. The arrays
// are as Python has them: a picture is {shape: [height, width], bytes: grey levels 0..255}.

import { bytes, clamp, formatNumber, percent } from "../shared/numbers.js";
import { knownName, t } from "../shared/words.js";

/** @typedef {import("../shared/life.js").Model} Model */
/** @typedef {{ shape: number[], start: number[], bytes: DataView }} Picture */
/** @typedef {{ name: string, kernel: number[][], divide: boolean, lecture: boolean, applied: number[][] }} Preset */
/** @typedef {{ rows: number, cols: number, values: Float64Array }} Map */
/** @typedef {ReturnType<typeof geometry>} Geometry */
/** @typedef {ReturnType<typeof compute>} State */

export const OWN = "own picture";
export const NAMELESS = "own kernel";
/** Pixels of a picture: the larger kernel must fit, and what is larger is scaled down. */
export const OWN_SIDES = { least: 5, most: 256 };
const NOTHING = 1e-9;            // a sum of weights below this is 0, but for rounding
const WIDE = 780;                // from this width on, photo, kernel and output stand in one row
const LEAST = 68;                // room of a part in the narrowest of pages: cells of 12 pixels
/** @type {Record<number, number>} pitch of the magnified cells where there is room */
const CELL = { 3: 52, 5: 42 };

// Arithmetic: tests/browser/test_filter_bench.py holds it against cnnlib ---------------------------

/**
 * The map of a kernel over grey levels: one pass over the image for each weight that is not 0.
 * @param {Uint8Array} pixels
 * @param {number} height
 * @param {number} width
 * @param {number[][]} kernel
 * @returns {Map}
 */
export function correlateMap(pixels, height, width, kernel, divisor = 1) {
  const [rows, cols] = [height - kernel.length + 1, width - kernel[0].length + 1];
  const values = new Float64Array(rows * cols);
  kernel.forEach((weights, a) => weights.forEach((weight, b) => {
    if (weight === 0) return;
    for (let i = 0; i < rows; i += 1) {
      for (let to = i * cols, end = to + cols, from = (i + a) * width + b; to < end; to += 1, from += 1) {
        values[to] += weight * pixels[from];
      }
    }
  }));
  if (divisor !== 1) for (let i = 0; i < values.length; i += 1) values[i] /= divisor;
  return { rows, cols, values };
}

/** Where the zero-centred scale ends: see scale_end in figures.py. @param {Float64Array} values */
export function scaleEnd(values) {
  const sizes = new Float64Array(Math.ceil(values.length / 7)).map((_, i) => Math.abs(values[7 * i])).sort();
  const end = sizes[Math.floor(0.99 * (sizes.length - 1))]
    || values.reduce((largestSoFar, value) => Math.max(largestSoFar, Math.abs(value)), 0);
  if (!end) return 1;
  const digit = 10 ** (Math.floor(Math.log10(end)) - 1);
  return Number((Math.ceil(end / digit - 1e-9) * digit).toPrecision(12));
}

/** What an image viewer makes of an output. @param {number} value */
export const greyLevel = (value) => clamp(Math.floor(value + 0.5), 0, 255);

/** @param {number} level */
export const greyColor = (level) => `#${level.toString(16).padStart(2, "0").repeat(3)}`;

// Kernels -------------------------------------------------------------------------------------------

/** @param {number[][]} kernel */
export const weightSum = (kernel) => kernel.flat().reduce((total, weight) => total + weight, 0);

/** Whether the weights sum to more than rounding leaves of 0. @param {number[][]} kernel */
export const isPositive = (kernel) => weightSum(kernel) > NOTHING;

/** What outputs are divided by. @param {number[][]} kernel @param {boolean} divide */
const divisorOf = (kernel, divide) => (divide && Math.abs(weightSum(kernel)) > NOTHING ? weightSum(kernel) : 1);

/** The weights after the division. @param {number[][]} kernel @param {boolean} divide */
function applied(kernel, divide) {
  const divisor = divisorOf(kernel, divide);
  return kernel.map((line) => line.map((weight) => weight / divisor));
}

/** The kernels that have a name, with their weights after the division. @param {Model} model @returns {Preset[]} */
export const presetsOf = (model) =>
  model.get("presets").map((/** @type {Preset} */ one) => ({ ...one, applied: applied(one.kernel, one.divide) }));

/**
 * The name of the kernel whose weights come to these, however they are divided.
 * @param {Preset[]} presets
 * @param {number[][]} kernel
 * @param {boolean} divide
 */
export function nameOf(presets, kernel, divide) {
  const weights = applied(kernel, divide);
  const same = presets.find((one) => one.applied.length === weights.length
    && one.applied.every((line, a) => line.every((weight, b) => Math.abs(weight - weights[a][b]) < NOTHING)));
  return same?.name ?? NAMELESS;
}

/** The same kernel, larger by a frame of zeros or smaller by its frame. @param {number[][]} kernel @param {number} side */
export function resized(kernel, side) {
  const shift = (side - kernel.length) / 2;
  return Array.from({ length: side }, (_, a) => Array.from({ length: side }, (_cell, b) => kernel[a - shift]?.[b - shift] ?? 0));
}

// The state -----------------------------------------------------------------------------------------

/** @param {Model} model @param {string} name @returns {Picture} */
const pictureOf = (model, name) => (name === OWN ? model.get("own") : model.get("photos")[name]);

/**
 * Where the window is in which picture.
 * @param {Model} model
 */
export function geometry(model) {
  /** @type {number[][]} */
  const kernel = model.get("kernel");
  /** @type {string} */
  const photo = model.get("photo");
  const picture = pictureOf(model, photo);
  const side = kernel.length;
  const [height, width] = picture.shape;
  const [rows, cols] = [height - side + 1, width - side + 1];
  return { kernel, side, photo, picture, height, width, rows, cols,
    row: clamp(model.get("row"), 0, rows - 1), col: clamp(model.get("col"), 0, cols - 1) };
}

/**
 * Another picture, and its window.
 * @param {Model} model
 * @param {string} photo
 * @param {Picture} [picture]
 */
export function begun(model, photo, picture = pictureOf(model, photo)) {
  const half = model.get("kernel").length >> 1;
  return { photo, row: picture.start[0] - half, col: picture.start[1] - half };
}

/**
 * Another kernel, and the window that keeps its centre.
 * @param {Geometry} now
 * @param {number[][]} kernel
 */
export function withKernel({ side, height, width, row, col }, kernel) {
  const shift = (side - kernel.length) / 2;
  return { kernel, row: clamp(row + shift, 0, height - kernel.length), col: clamp(col + shift, 0, width - kernel.length) };
}

/** The map of what the model says, computed where something is new; a function that is asked each time. */
export function outputs() {
  /** @type {DataView | null} */
  let of = null;
  let by = "";
  /** @type {Map & { end: number, below: number, above: number }} */
  let map;
  /** @param {Geometry} now @param {number} divisor */
  return ({ picture, kernel, height, width }, divisor) => {
    const key = JSON.stringify([kernel, divisor]);
    if (of === picture.bytes && by === key) return map;
    [of, by] = [picture.bytes, key];
    const made = correlateMap(bytes(picture.bytes), height, width, kernel, divisor);
    let [below, above] = [0, 0];
    for (const value of made.values) { if (value < -0.5) below += 1; else if (value >= 255.5) above += 1; }
    const { length } = made.values;
    map = { ...made, end: scaleEnd(made.values), below: below / length, above: above / length };
    return map;
  };
}

/**
 * What the model says, and all that follows from it.
 * @param {Model} model
 * @param {Preset[]} presets
 * @param {ReturnType<typeof outputs>} mapOf
 */
export function compute(model, presets, mapOf) {
  const now = geometry(model);
  const { kernel, picture, width, cols, row, col } = now;
  /** @type {boolean[]} */
  const [divide, clip] = [model.get("divide"), model.get("clip")];
  const divisor = divisorOf(kernel, divide);
  const map = mapOf(now, divisor);
  const pixels = bytes(picture.bytes);
  const patch = kernel.map((line, a) => line.map((_, b) => pixels[(row + a) * width + col + b]));
  return {
    ...now, pixels, divide, clip, divisor, map, patch,
    total: weightSum(kernel), divisible: Math.abs(weightSum(kernel)) > NOTHING,
    name: nameOf(presets, kernel, divide),
    value: map.values[row * cols + col],
    products: kernel.map((line, a) => line.map((weight, b) => weight * patch[a][b])),
  };
}

/**
 * How large all is in a page of this width: whole pixels of the screen where there is room.
 * @param {Geometry} now
 * @param {number} room
 */
export function layout({ side, height, width }, room) {
  const wide = room >= WIDE;
  const { most } = OWN_SIDES;
  const column = wide ? most : clamp(Math.floor((room - 12) / 2), LEAST, most);
  const unit = column / Math.max(height, width);
  return { wide, pitch: Math.min(CELL[side], Math.floor((column - 8) / side)),
    unit: column < most ? unit : Math.max(1, Math.floor(unit)) };
}

// Words ---------------------------------------------------------------------------------------------

/** The name of a photograph or a kernel, as one reads it. @param {string} name */
export const called = (name) => knownName("filter_bench.name_", name);

/** A number for a small cell: one decimal where two would not fit. @param {number} value */
export const short = (value) => (formatNumber(value).length > 5 ? formatNumber(Number(value.toFixed(1))) : formatNumber(value));

/**
 * The captions, and what the picture says as a line of text.
 * @param {State} state
 */
export function words({ photo, height, width, side, rows, cols, row, col, value, name, total, divisor, divisible, clip, map }) {
  const divided = divisor === 1 ? "" : ` · ÷ ${formatNumber(divisor)}`;
  return {
    photo: t("filter_bench.photo", { photo: called(photo), height, width }),
    kernel: t("filter_bench.kernel", { side, sum: formatNumber(total), divided }),
    output: t("filter_bench.output", { size: `${rows} × ${cols}` }),
    total: t("filter_bench.total", { divided }),
    divide: divisible ? t("filter_bench.divide", { sum: formatNumber(total) }) : t("filter_bench.divide_nothing"),
    lost: clip && (map.below || map.above) ? t("filter_bench.lost", { below: percent(map.below), above: percent(map.above) }) : "",
    says: t("filter_bench.says", { row, col, output: `${rows}×${cols}`, value: formatNumber(value), side, kernel: called(name),
      top: row, bottom: row + side - 1, left: col, right: col + side - 1, photo: called(photo), height, width,
      sum: formatNumber(total / divisor) }),
  };
}
