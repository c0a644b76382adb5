// What LookInside shows: where Python's numbers lie. It sends all activations and all weights once.

import { clamp, floats } from "../shared/numbers.js";

/** @typedef {import("../shared/life.js").Model} Model */
/** @typedef {import("../shared/unit.js").Entry} Entry */
/** @typedef {import("../shared/unit.js").Data} Data */

/**
 * Where everything of a layer lies in what Python has sent.
 * @param {Model} model
 * @returns {Data}
 */
export function unpack(model) {
  const [high, wide] = model.get("_size");
  /** @type {any[]} */
  const layers = [{ place: -1, name: "input", kind: "input", shape: [1, high, wide] }, ...model.get("_layers")];
  let start = 0;
  let first = 0;
  const size = (/** @type {number[]} */ [count, rows, cols]) => count * rows * cols;
  /** @type {Entry[]} */
  const entries = layers.map((layer, k) => {
    const one = { ...layer, start, before: k ? layers[k - 1].shape : null };
    start += size(layer.shape);
    if (layer.parameters !== null && layer.parameters !== undefined) {
      one.fan = layer.shape[0] ? size([one.before[0], ...layer.kernel]) : 0;
      one.weight = first;
      one.bias = first + layer.shape[0] * one.fan;
      first = one.bias + layer.shape[0];
    }
    return one;
  });
  return { entries, total: start, values: floats(model.get("_values")), weights: floats(model.get("_weights")) };
}

/**
 * The unit of a layer whose field is centred nearest to (y, x) of the input.
 * @param {Entry} one @param {number[]} place
 */
export const unitNear = (one, place) => one.field.map(([length, jump, start], axis) =>
  clamp(Math.round((place[axis] - start - length / 2) / jump), 0, one.shape[axis + 1] - 1));

/** How far the fields of all units reach beyond the input. @param {Data} data @param {number[]} size */
export const marginOf = (data, size) => Math.max(0, ...data.entries.slice(1).flatMap(({ field, shape }) =>
  field.flatMap(([length, jump, start], axis) => [-start, start + (shape[axis + 1] - 1) * jump + length - size[axis]])));
