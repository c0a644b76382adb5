// Counting, and the words for counts.

import { outputSize } from "../shared/numbers.js";
import { grouped, t } from "../shared/words.js";

const MOST = 10 ** 15;
const BYTES = 4;
/** @type {("weights" | "biases" | "parameters" | "links" | "multiply_adds" | "parameter_bytes" | "activation_bytes")[]} */
const COUNTS = ["weights", "biases", "parameters", "links", "multiply_adds", "parameter_bytes", "activation_bytes"];
/** The sizes that a layer begins with. @type {Record<string, Record<string, number>>} */
export const KINDS = {
  Conv2d: { out_channels: 8, kernel_size: 3, stride: 1, padding: 0 },
  LocallyConnected2d: { out_channels: 8, kernel_size: 3, stride: 1, padding: 0 },
  MaxPool2d: { kernel_size: 2, stride: 2 },
  Flatten: {},
  Linear: { out_features: 100 },
};
/** A kind of layer in words. @param {string} kind */
export const titleOf = (kind) => t(`counter.kind_${kind}`);

/** @typedef {Record<string, any> & { layer: string }} Layer as in Counter.layers */
/** @typedef {ReturnType<typeof countOne>} Row */
/** @typedef {ReturnType<typeof countLayers>} Counted */

/** @param {number[]} numbers */
const product = (numbers) => numbers.reduce((all, one) => all * one, 1);

/** Why a layer cannot take this shape, or "". @param {number[]} shape @param {Layer} layer */
function misfit(shape, layer) {
  const flat = shape.length === 1;
  if (layer.layer === "Linear" && !flat) {
    return t("counter.misfit_flat", { shape: times(shape) });
  }
  if (layer.kernel_size === undefined) return "";
  if (flat) return t("counter.misfit_rows", { size: grouped(shape[0]) });
  const { padding = 0, kernel_size: size, stride } = layer;
  if (padding === "same") return stride > 1 ? t("counter.misfit_same", { stride }) : "";
  const room = shape.slice(1).map((side) => side + 2 * padding);
  return size > Math.min(...room) ? t("counter.misfit_window", { window: `${size}×${size}`, room: times(room) }) : "";
}

/** @param {number[]} shape @param {Layer} layer */
function countOne(shape, layer) {
  const kind = layer.layer;
  let [weights, biases, multiplyAdds] = [0, 0, 0];
  let output = shape;
  if (kind === "Flatten") output = [product(shape)];
  else if (kind === "Linear") {
    output = [layer.out_features];
    weights = multiplyAdds = shape[0] * layer.out_features;
    biases = layer.out_features;
  } else if (kind !== "Input") {
    const { kernel_size: size, stride, padding = 0, out_channels: channels = shape[0] } = layer;
    const sides = shape.slice(1).map((n) => (padding === "same" ? n : outputSize(n, size, { stride, padding })));
    output = [channels, ...sides];
    if (kind !== "MaxPool2d") {
      const filters = shape[0] * size * size * channels;
      const shared = kind === "Conv2d";
      multiplyAdds = filters * product(sides);
      weights = shared ? filters : multiplyAdds;
      biases = shared ? channels : product(output);
    }
  }
  // A bias is one link for each unit that it feeds.
  const links = multiplyAdds + (weights ? product(output) : 0);
  return { layer: kind, output_shape: output, weights, biases, parameters: weights + biases, links,
    multiply_adds: multiplyAdds, parameter_bytes: BYTES * (weights + biases),
    activation_bytes: kind === "Flatten" ? 0 : BYTES * product(output) };
}

/**
 * What the input and each layer cost, their sums, and why there is no more where one does not fit.
 * tests/browser/test_counter.py holds it against count_layers() of widget.py.
 * @param {number[]} inputShape @param {Layer[]} layers
 */
export function countLayers(inputShape, layers) {
  /** @type {Row[]} */
  const rows = [];
  const totals = { weights: 0, biases: 0, parameters: 0, links: 0, multiply_adds: 0, parameter_bytes: 0, activation_bytes: 0 };
  let shape = inputShape;
  for (const [number, layer] of [{ layer: "Input" }, ...layers].entries()) {
    let problem = misfit(shape, layer);
    if (!problem) {
      const row = countOne(shape, layer);
      shape = row.output_shape;
      for (const name of COUNTS) totals[name] += row[name];
      if (COUNTS.some((name) => totals[name] > MOST)) problem = t("counter.misfit_counts");
      else rows.push(row);
    }
    if (problem) {
      const said = number ? t("counter.problem", { number, kind: titleOf(layer.layer), why: problem }) : t("counter.problem_input", { why: problem });
      return { rows, totals: null, problem: said };
    }
  }
  return { rows, totals, problem: "" };
}

/** @param {number[]} shape */
export const times = (shape) => shape.map(grouped).join("×");
/** So many of something. @param {string} key @param {number} count */
export const many = (key, count) => t(key, { count, number: grouped(count) });

/** Bytes in steps of 1000, with one decimal, as format_bytes of widget.py. @param {number} bytes */
export function formatBytes(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB", "PB"];
  const tenths = (/** @type {number} */ power) => Math.floor((bytes + 1000 ** power / 20) / (1000 ** power / 10));
  const power = units.findIndex((_, i) => tenths(i + 1) < 10_000) + 1 || units.length;
  return `${Math.floor(tenths(power) / 10)}.${tenths(power) % 10} ${units[power - 1]}`;
}

/** The same in GiB, where there are any. @param {number} bytes */
export function gibibytes(bytes) {
  const tenths = Math.floor((10 * bytes + 2 ** 29) / 2 ** 30);
  return tenths >= 10 ? `${grouped(Math.floor(tenths / 10))}.${tenths % 10} GiB` : "";
}

/** What the picture says, as a line of text. @param {number[]} inputShape @param {Layer[]} layers @param {Counted} counted */
export function describe(inputShape, layers, { rows, totals, problem }) {
  if (!totals) return t("counter.no_total", { problem });
  const inGiB = gibibytes(totals.parameter_bytes);
  return t("counter.says", { input: times(inputShape), output: times(rows[rows.length - 1].output_shape),
    layers: many("counter.layers", layers.length), parameters: many("counter.parameters", totals.parameters),
    weights: many("counter.weights", totals.weights), biases: many("counter.biases", totals.biases),
    memory: formatBytes(totals.parameter_bytes), gibibytes: inGiB ? ` (${inGiB})` : "", links: many("counter.links", totals.links),
    multiply_adds: many("counter.multiply_adds", totals.multiply_adds), activations: formatBytes(totals.activation_bytes) });
}
