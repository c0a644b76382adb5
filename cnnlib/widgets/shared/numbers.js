// The only arithmetic that widgets share; tests hold it against cnnlib.

import { LIMIT } from "./limits.js";
import { grouped, t } from "./words.js";

/** @typedef {{ stride?: number, padding?: number, dilation?: number }} Steps */
/** @typedef {{ r: number, c: number, value: number }} Cell */

/**
 * Positions that a window takes along one axis: floor((n + 2p − d(m − 1) − 1) / s) + 1, or 0.
 * @param {number} n
 * @param {number} m
 * @param {Steps} [steps]
 */
export function outputSize(n, m, { stride = 1, padding = 0, dilation = 1 } = {}) {
  return Math.max(0, Math.floor((n + 2 * padding - dilation * (m - 1) - 1) / stride) + 1);
}

/**
 * The numbers under the window whose output is (row, col), each with its place in the image.
 * @param {number[][]} image
 * @param {number[][]} kernel
 * @param {number} row
 * @param {number} col
 * @param {Steps} [steps]
 */
export function windowTaps(image, kernel, row, col, { stride = 1, padding = 0, dilation = 1 } = {}) {
  return kernel.flatMap((weights, a) => weights.map((weight, b) => {
    const r = row * stride + a * dilation - padding;
    const c = col * stride + b * dilation - padding;
    return { r, c, a, b, weight, value: image[r]?.[c] ?? 0 };
  }));
}

/**
 * @param {number[][]} image
 * @param {number[][]} kernel
 * @param {Steps} [steps]
 */
export function correlate2d(image, kernel, steps = {}) {
  const rows = outputSize(image.length, kernel.length, steps);
  const cols = outputSize(image[0].length, kernel[0].length, steps);
  return Array.from({ length: rows }, (_, i) => Array.from({ length: cols }, (_unused, j) =>
    windowTaps(image, kernel, i, j, steps).reduce((sum, tap) => sum + tap.value * tap.weight, 0)));
}

/**
 * @param {number[]} signal
 * @param {number[]} kernel
 * @param {Steps} [steps]
 */
export function correlate1d(signal, kernel, { stride = 1, padding = 0, dilation = 1 } = {}) {
  return Array.from({ length: outputSize(signal.length, kernel.length, { stride, padding, dilation }) }, (_, i) =>
    kernel.reduce((sum, weight, j) => sum + weight * (signal[i * stride + j * dilation - padding] ?? 0), 0));
}

/**
 * Zeros before and after a signal, as shapes.resolve_padding; a flipped kernel mirrors them.
 * @param {string} rule "valid", "same" or "full"
 * @param {number} m
 * @returns {number[]}
 */
export function paddingSides(rule, m, { dilation = 1, flip = false } = {}) {
  const reach = dilation * (m - 1);
  const sides = rule === "full" ? [reach, reach] : rule === "same" ? [Math.floor(reach / 2), Math.ceil(reach / 2)] : [0, 0];
  return flip ? sides.reverse() : sides;
}

/**
 * Which weight sits on each edge of a 1-D convolution, as matrices.conv1d_index: −1 for no edge.
 * @param {number} n
 * @param {number} m
 */
export function convIndex1d(n, m, { stride = 1, dilation = 1, sides = [0, 0], flip = false } = {}) {
  return Array.from({ length: outputSize(n + sides[0] + sides[1], m, { stride, dilation }) }, (_, i) =>
    Array.from({ length: n }, (_unused, c) => {
      const slot = (c + sides[0] - i * stride) / dilation;
      if (!Number.isInteger(slot) || slot < 0 || slot >= m) return -1;
      return flip ? m - 1 - slot : slot;
    }));
}

/**
 * The cells of the pooling window (row, col), windows side by side, in reading order.
 * @param {number[][]} map
 * @param {number} size
 * @param {number} row
 * @param {number} col
 * @returns {Cell[]}
 */
export function poolCells(map, size, row, col) {
  return Array.from({ length: size * size }, (_, i) => {
    const [r, c] = [row * size + Math.floor(i / size), col * size + (i % size)];
    return { r, c, value: map[r][c] };
  });
}

/** The cell that max pooling keeps: the first of the largest. @param {Cell[]} cells */
export const poolWinner = (cells) => cells.reduce((best, cell) => (cell.value > best.value ? cell : best));

/**
 * "max" or "average" of each window; what the last whole step does not reach is left out.
 * @param {number[][]} map
 * @param {number} size
 * @param {string} kind
 */
export function pool2d(map, size, kind) {
  return Array.from({ length: outputSize(map.length, size, { stride: size }) }, (_, i) =>
    Array.from({ length: outputSize(map[0].length, size, { stride: size }) }, (_unused, j) => {
      const cells = poolCells(map, size, i, j);
      return kind === "max" ? poolWinner(cells).value : cells.reduce((sum, { value }) => sum + value, 0) / cells.length;
    }));
}

/**
 * The gradients of correlate2d in its image and its kernel, as conv2d_backward; from the first
 * `count` positions only, in reading order, where it is given.
 * @param {number[][]} gradOutput
 * @param {number[][]} image
 * @param {number[][]} kernel
 * @param {Steps} [steps]
 */
export function correlate2dBackward(gradOutput, image, kernel, steps = {}, count = Infinity) {
  const [gradImage, gradKernel] = [image, kernel].map((values) => values.map((line) => line.map(() => 0)));
  gradOutput.forEach((line, i) => line.forEach((g, j) => {
    if (i * line.length + j >= count) return;
    for (const { r, c, a, b, weight, value } of windowTaps(image, kernel, i, j, steps)) {
      gradKernel[a][b] += g * value;
      if (gradImage[r]?.[c] !== undefined) gradImage[r][c] += g * weight;
    }
  }));
  return { image: gradImage, kernel: gradKernel };
}

/** The largest absolute value. @param {any[]} values */
export const largest = (values) => Math.max(...values.flat(Infinity).map(Math.abs));

/** @param {number} value @param {number} low @param {number} high */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** At most two decimals and a true minus sign, as figures.format_number. @param {number} value */
export function formatNumber(value) {
  const text = value.toFixed(2).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text.replace("-", "−");
}

/** How wide a number is written, in sizes of its type: a digit of the widest fonts takes 0.7. @param {string} text */
export const breadth = (text) => [...text].reduce((sum, sign) => sum + (sign === "." ? 0.38 : sign === "−" ? 0.84 : 0.7), 0);

/**
 * A number where there is room for `most` sizes of its type only: without the 0 before the point, with fewer decimals,
 * in thousands (k); "…" where no such number is wide enough to say something.
 * @param {number} value
 * @param {number} most
 */
export function shortNumber(value, most) {
  const full = formatNumber(value);
  if (breadth(full) <= most) return full;
  /** @param {string} text */
  const bare = (text) => text.replace(/^(−?)0\./, "$1.");
  /** @param {number} number @param {number} digits */
  const rounded = (number, digits) => formatNumber(Number(number.toFixed(digits)));
  const whole = Math.abs(value) < 1 ? [] : [rounded(value, 0)]; // a half is no 1
  const ways = [bare(full), rounded(value, 1), bare(rounded(value, 1)), ...whole, `${rounded(value / 1000, 1)}k`, `${rounded(value / 1000, 0)}k`];
  // A number is never written as 0, nor thousands as none.
  return ways.find((text) => breadth(text) <= most && !/^−?0k?$/.test(text)) ?? "…";
}

/** A number as a factor in a product. @param {number} value */
export const factor = (value) => (value < 0 ? `(${formatNumber(value)})` : formatNumber(value));

/**
 * A share in whole per cent: not 0 where there is something, not 100 where something is missing. In words, as a
 * sentence says it, or `brief`, as it stands beside a bar: "under 1 %", "< 1 %".
 * @param {number} share
 */
export function percent(share, brief = false) {
  if (share > 0 && share < 0.005) return brief ? "<\u202f1\u00a0%" : t("shared.under", { share: "1\u00a0%" });
  if (share >= 0.995 && share < 1) return brief ? ">\u202f99\u00a0%" : t("shared.over", { share: "99\u00a0%" });
  return `${Math.floor(1000 * share / 10 + 0.5)}\u00a0%`; // 14.5 % is rounded up as it stands
}

/** A measured share, such as an accuracy, in per cent with one decimal. @param {number} share */
export const measured = (share) => `${(100 * share).toFixed(1)}\u00a0%`;

/** A network's probability in per cent: it is never sure, and a 0 or a 1 is a rounded number. @param {number} probability */
export const belief = (probability, brief = false) => percent(clamp(probability, 1e-9, 1 - 1e-9), brief);

/** The bytes that Python has sent. @param {ArrayBufferView} view */
export const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** The float32 numbers that Python has sent as bytes. @param {DataView} view */
export const floats = (view) => new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));

const WRITTEN = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:\/(\d+\.?\d*|\.\d+))?$/;
const GROUPED = /^[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/; // 1,000 or 16,000,000.5

/** What was typed, in the signs of a program; spaces that do not break, as `grouped` puts them, hold thousands apart. @param {string} text */
const plainly = (text) => text.trim().replace(/[\u00a0\u202f]/g, "").replace(/\s*\/\s*/, "/").replace("−", "-");

/**
 * What a person types: 2, −1, 0.5, 0,5 or 1/9. Anything else is null. 1,500 may mean 1500 or 1.5: it is
 * read only where `large` numbers are expected, and groups of three digits are thousands there.
 * @param {string} text
 */
export function parseNumber(text, large = false) {
  const plain = plainly(text);
  const inGroups = GROUPED.test(plain);
  if (inGroups && !large) return null;
  const match = WRITTEN.exec(inGroups ? plain.replaceAll(",", "") : plain.replace(",", "."));
  const value = match ? Number(match[1]) / Number(match[2] ?? 1) : NaN;
  return Number.isFinite(value) ? value : null;
}

/** Why a cell does not take what was typed, or "". @param {string} text */
export function refusal(text) {
  const typed = text.trim();
  const said = { typed: typed.length > 20 ? `${typed.slice(0, 19)}…` : typed };
  const value = parseNumber(text);
  if (value === null) {
    return GROUPED.test(plainly(text)) ? t("shared.two_ways", { ...said, whole: typed.replaceAll(",", ""), decimal: typed.replace(",", ".") })
      : t("shared.no_number", said);
  }
  return Math.abs(value) > LIMIT ? t("shared.too_large", { ...said, limit: grouped(LIMIT) }) : "";
}

/** A number to be edited: up to six decimals. @param {number} value */
export const formatEditable = (value) => String(Math.round(value * 1e6) / 1e6).replace("-", "−");

/** A number as subscript digits: θ₁₂. @param {number} index */
export const subscript = (index) =>
  String(index).replace(/[-−]/, "₋").replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]);
