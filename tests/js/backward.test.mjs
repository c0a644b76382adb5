// Whether sums and central differences agree, however large the numbers are.

import assert from "node:assert/strict";
import test from "node:test";

import "./words.mjs";

import { agrees, backwardPass } from "../../cnnlib/widgets/backward/model.js";

const compute = (image, kernel, grad) => backwardPass()({ image, kernel, grad, options: { stride: 1 }, all: 4, count: 4,
  row: 1, col: 1, top: 1, left: 1 });

for (const size of [1e-8, 1, 1234.56789, 1e4]) {
  test(`rounding is no fault, and a fault is none of rounding, at ${size}`, () => {
    const grown = (values) => values.map((line) => line.map((value) => size * value));
    const now = compute(grown([[1, 0, 1], [0, -1, 1], [1, 1, 0]]), grown([[1, -1], [0, 1]]), grown([[1, 1], [-1, 1]]));
    const near = (by) => Object.fromEntries(["image", "kernel"].map((name) =>
      [name, now.total[name].map((line) => line.map((value) => value + by * size * size))]));
    assert.ok(agrees(now, near(0)) && agrees(now, near(1e-7)));
    assert.ok(!agrees(now, near(1e-4)));
    assert.ok(!agrees(now, { image: now.total.image.map((line) => [...line].reverse()), kernel: now.total.kernel }));
  });
}

test("where everything is 0, nothing differs", () => {
  const now = compute([[0, 0, 0], [0, 0, 0], [0, 0, 0]], [[0, 0], [0, 0]], [[0, 0], [0, 0]]);
  assert.ok(agrees(now, now.total));
});
