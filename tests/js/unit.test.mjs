// A unit of a network: its patch, its sum, what it sees, and how maps are laid side by side.

import assert from "node:assert/strict";
import test from "node:test";

import "./words.mjs";

import { arrangement, compute, describe, layerName, seesAll, strongest } from "../../cnnlib/widgets/shared/unit.js";
import { speak } from "../../cnnlib/widgets/shared/words.js";

const ONE = { stride: [1, 1], padding: [0, 0], dilation: [1, 1] };
// 2 channels of 4×4 → 3 maps of 3×2 (2×2 taps, two columns apart; every second row; a row of padding) → a pool over each → 2 units.
const entries = [
  { place: -1, name: "input", kind: "input", shape: [2, 4, 4], start: 0 },
  { place: 0, name: "conv 2×2", kind: "conv", shape: [3, 3, 2], start: 32, before: [2, 4, 4], field: [[2, 2, -1], [3, 1, 0]],
    kernel: [2, 2], stride: [2, 1], padding: [1, 0], dilation: [1, 2], fan: 8, weight: 0, bias: 24 },
  { place: 2, name: "max 3×2", kind: "pool", shape: [3, 1, 1], start: 50, before: [3, 3, 2], field: [[6, 6, -1], [4, 2, 0]],
    ...ONE, kernel: [3, 2] },
  { place: 3, name: "linear", kind: "linear", shape: [2, 1, 1], start: 53, before: [3, 1, 1], field: [[6, 6, -1], [4, 2, 0]],
    ...ONE, kernel: [1, 1], fan: 3, weight: 27, bias: 33 },
];
const total = 55;
const data = { entries, total, values: Float32Array.from({ length: 2 * total }, (_, i) => ((i * 37) % 101) - 50),
  weights: Float32Array.from({ length: 35 }, (_, i) => ((i * 17) % 23) - 11) };
const unit = (traits) => compute({ get: (name) => ({ image: 1, row: 0, col: 0, map: 0, ...traits })[name] }, data);
/** A value of the second image. */
const value = (start, [rows, cols], m, r, c) => data.values[total + start + (m * rows + r) * cols + c];
const input = (m, r, c) => value(0, [4, 4], m, r, c);

test("a unit of a convolution has its taps of each channel, 0 in the padding, and their weighed sum", () => {
  const now = unit({ layer: 0, map: 1, row: 0, col: 1 });
  assert.deepEqual(now.patch, [0, 1].map((m) => [[0, 0], [input(m, 0, 1), input(m, 0, 3)]]));
  const weights = [...data.weights.subarray(8, 16)];
  assert.deepEqual(now.sums.weight.flat(2), weights);
  assert.deepEqual(now.sums.products.flat(2), now.patch.flat(2).map((one, i) => one * weights[i]));
  assert.deepEqual([now.sums.sum, now.sums.bias], [now.patch.flat(2).reduce((sum, one, i) => sum + one * weights[i], 0), data.weights[25]]);
  assert.deepEqual([now.value, now.span, now.source], [value(32, [3, 2], 1, 0, 1), [[-1, 1], [1, 4]], entries[0]]);
  assert.deepEqual(unit({ layer: 0, map: 2, row: 2 }).patch, [0, 1].map((m) => [[input(m, 3, 0), input(m, 3, 2)], [0, 0]]), "below the last row");
  assert.deepEqual(unit({ layer: 0, map: 2, row: 1 }).patch, [0, 1].map((m) => [1, 2].map((r) => [input(m, r, 0), input(m, r, 2)])));
});

test("what lies beside the input is 0, too, and columns have a stride of their own", () => {
  const wide = { ...data, entries: [entries[0], { ...entries[1], padding: [0, 1], stride: [1, 2], dilation: [1, 1] }] };
  const at = (col) => compute({ get: (name) => ({ image: 1, layer: 0, map: 0, row: 1, col })[name] }, wide).patch[1];
  assert.deepEqual(at(0), [[0, input(1, 1, 0)], [0, input(1, 2, 0)]]);
  assert.deepEqual(at(1), [1, 2].map((r) => [input(1, r, 1), input(1, r, 2)]));
  assert.deepEqual(at(2), [[input(1, 1, 3), 0], [input(1, 2, 3), 0]]);
});

test("a unit that only chooses has its own map before it, and no sum", () => {
  const now = unit({ layer: 2, map: 2 });
  assert.deepEqual(now.patch, [[0, 1, 2].map((r) => [0, 1].map((c) => value(32, [3, 2], 2, r, c)))]);
  assert.deepEqual([now.sums, now.value], [null, value(50, [1, 1], 2, 0, 0)]);
});

test("a unit that is fully connected has all of the layer before it", () => {
  const now = unit({ layer: 3, map: 1 });
  assert.deepEqual(now.patch, [0, 1, 2].map((m) => [[value(50, [1, 1], m, 0, 0)]]));
  assert.deepEqual([now.sums.weight.flat(2), now.sums.bias], [[...data.weights.subarray(30, 33)], data.weights[34]]);
});

test("the scale of a layer ends at its strongest unit, of either sign, in this image", () => {
  const values = new Float32Array(2 * total).fill(-99);
  values.fill(1, total + 32, total + 50);
  values[total + 49] = -7;
  assert.equal(strongest({ ...data, values }, 1, entries[1]), 7);
  values[total + 32] = 8;
  assert.equal(strongest({ ...data, values }, 1, entries[1]), 8);
});

test("a line of text says what the unit is and sees", () => {
  const said = (traits, change = {}) => describe({ ...unit(traits), value: 0.5, ...change }, [4, 4]);
  assert.equal(said({ layer: 0, map: 1, row: 1, col: 1 }), "Layer 0, conv 2×2: unit (1, 1) of map 1 is 0.5. It sees rows 1 to 2 and columns 1 to 3 of the input.");
  assert.equal(said({ layer: 0, map: 1 }), "Layer 0, conv 2×2: unit (0, 0) of map 1 is 0.5. It sees rows −1 to 0 and columns 0 to 2 of the input, partly padding.");
  assert.match(said({ layer: 0 }, { span: [[0, 2], [3, 5]] }), /rows 0 to 1 and columns 3 to 4 of the input, partly padding\.$/);
  assert.match(said({ layer: 0 }, { span: [[2, 3], [3, 4]] }), /It sees row 2 and column 3 of the input\.$/);
  assert.equal(said({ layer: 3, map: 1 }), "Layer 3, linear: unit 1 is 0.5. It sees the whole input.");
  assert.match(said({ layer: 3 }, { one: { ...entries[3], shape: [2, 1, 5] } }), /unit \(0, 0\) of map 0/);
  assert.match(said({ layer: 3 }, { one: { ...entries[3], shape: [2, 5, 1] } }), /unit \(0, 0\) of map 0/);
  assert.deepEqual([[[0, 4], [0, 4]], [[-1, 5], [-2, 4]], [[1, 4], [0, 4]], [[0, 4], [0, 3]]].map((span) => seesAll({ span }, [4, 4])), [true, true, false, false]);
});

test("a layer's kind is said in the language spoken; sizes and names of functions stay", () => {
  speak("de");
  try {
    assert.deepEqual(["max 2×2", "average 2×2", "batch norm", "normalize", "conv 5×5", "ReLU", "maximal", "a max"].map(layerName),
      ["Max 2×2", "Mittel 2×2", "Batch-Norm", "Norm", "conv 5×5", "ReLU", "maximal", "a max"]);
  } finally {
    speak("en");
  }
});

test("maps stand side by side as large as their box allows, in as few columns as that takes", () => {
  const laid = ({ across, lines, pitch, block, rows, cols, high, wide }) => [across, lines, pitch, block, rows, cols, high, wide];
  assert.deepEqual(laid(arrangement([1, 4, 6], [60, 100], 14)), [1, 1, 10, 1, 4, 6, 4, 6]);
  assert.deepEqual(laid(arrangement([1, 4, 6], [600, 1000], 14)), [1, 1, 14, 1, 4, 6, 4, 6]);
  assert.deepEqual(laid(arrangement([6, 5, 4], [200, 66], 14)), [3, 2, 6, 1, 11, 14, 5, 4]);
  assert.deepEqual(laid(arrangement([10, 1, 1], [100, 20], 9)), [5, 2, 2, 3, 7, 19, 3, 3], "a single unit is drawn three cells large");
  assert.deepEqual(laid(arrangement([4, 1, 3], [8, 70], 14)), [1, 4, 2, 1, 7, 3, 1, 3]);
  assert.equal(arrangement([9, 9, 9], [5, 5], 14).pitch, 1, "a cell is a pixel at least");
});

test("each place of the whole is a cell of a map, or in a gap, or outside", () => {
  for (const shape of [[6, 5, 4], [1, 3, 2], [7, 1, 1], [5, 1, 3]]) {
    const sheet = arrangement(shape, [90, 66], 14);
    const [count, rows, cols] = shape;
    const found = [];
    for (let r = -1; r <= sheet.rows + 1; r += 1) {
      for (let c = -1; c <= sheet.cols + 1; c += 1) {
        const hit = sheet.at(r, c);
        if (hit) found.push([[r, c], hit]);
      }
    }
    const expected = Array.from({ length: count }, (_, map) => Array.from({ length: rows * cols * sheet.block ** 2 }, (__, i) => {
      const [y, x] = [Math.floor(i / (cols * sheet.block)), i % (cols * sheet.block)];
      const [top, left] = sheet.corner(map);
      assert.ok(top + sheet.high <= sheet.rows && left + sheet.wide <= sheet.cols);
      return [[top + y, left + x], { map, r: Math.floor(y / sheet.block), c: Math.floor(x / sheet.block) }];
    })).flat();
    const inOrder = (all) => all.map((one) => JSON.stringify(one)).sort();
    assert.deepEqual(inOrder(found), inOrder(expected), `${shape}`);
  }
});
