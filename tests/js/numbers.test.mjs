// Arithmetic that can be checked by hand, and numbers as words.

import assert from "node:assert/strict";
import test from "node:test";

import "./words.mjs";

import { LIMIT } from "../../cnnlib/widgets/shared/limits.js";
import {
  belief, breadth, convIndex1d, correlate1d, correlate2d, correlate2dBackward, factor, formatEditable, outputSize, paddingSides,
  measured, parseNumber, percent, pool2d, refusal, shortNumber, subscript, windowTaps,
} from "../../cnnlib/widgets/shared/numbers.js";

const RISING = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]];

test("a window takes as many positions as fit, and none where it does not", () => {
  assert.deepEqual([outputSize(5, 3), outputSize(6, 3, { stride: 2 }), outputSize(28, 5, { padding: 2 }), outputSize(5, 3, { dilation: 2 })],
    [3, 2, 28, 1]);
  assert.deepEqual([outputSize(2, 3), outputSize(1, 9)], [0, 0]);
});

test("rows and columns of a window begin where stride, dilation and padding say", () => {
  const taps = windowTaps(RISING, [[1, 2], [3, 4]], 1, 2, { stride: 2, dilation: 3, padding: 1 });
  assert.deepEqual(taps, [
    { r: 1, c: 3, a: 0, b: 0, weight: 1, value: 8 }, { r: 1, c: 6, a: 0, b: 1, weight: 2, value: 0 },
    { r: 4, c: 3, a: 1, b: 0, weight: 3, value: 0 }, { r: 4, c: 6, a: 1, b: 1, weight: 4, value: 0 },
  ]);
  assert.deepEqual(correlate2d(RISING, [[1, 0], [0, 10]]), [[61, 72, 83], [105, 116, 127]]);
  assert.deepEqual(correlate2d([[1, 2], [3, 4]], [[1, 10]], { padding: 1 }), [[0, 0, 0], [10, 21, 2], [30, 43, 4], [0, 0, 0]]);
  assert.deepEqual(correlate1d([1, 2, 3, 4], [1, 10], { stride: 2, padding: 1 }), [10, 32, 4]);
  assert.deepEqual(correlate1d([1, 2, 3, 4], [1, 10], { dilation: 3 }), [41]);
});

test("padding of one rule is the smaller half before, and a flip changes the sides", () => {
  assert.deepEqual([paddingSides("valid", 4), paddingSides("same", 4), paddingSides("full", 4), paddingSides("same", 3, { dilation: 2 })],
    [[0, 0], [1, 2], [3, 3], [2, 2]]);
  assert.deepEqual([paddingSides("same", 4, { flip: true }), paddingSides("same", 2), paddingSides("same", 6)], [[2, 1], [0, 1], [2, 3]]);
});

test("an edge has the weight that meets it there", () => {
  assert.deepEqual(convIndex1d(4, 2), [[0, 1, -1, -1], [-1, 0, 1, -1], [-1, -1, 0, 1]]);
  assert.deepEqual(convIndex1d(3, 2, { sides: [1, 0], flip: true }), [[0, -1, -1], [1, 0, -1], [-1, 1, 0]]);
  assert.deepEqual(convIndex1d(5, 2, { stride: 2, dilation: 2 }), [[0, -1, 1, -1, -1], [-1, -1, 0, -1, 1]]);
});

test("pooling takes windows side by side", () => {
  const map = [[1, 5, 2, 0, 9], [3, 4, 8, 6, 9], [7, 7, 7, 7, 9]];
  assert.deepEqual([pool2d(map, 2, "max"), pool2d(map, 2, "average"), pool2d([[-3, -1], [-2, -4]], 2, "max")],
    [[[5, 8]], [[3.25, 4]], [[-1]]]);
});

test("gradients are added up from the positions that count", () => {
  const [image, kernel, grad] = [[[1, 2, 3]], [[10, 20]], [[1, 100]]];
  assert.deepEqual(correlate2dBackward(grad, image, kernel), { image: [[10, 1020, 2000]], kernel: [[201, 302]] });
  assert.deepEqual(correlate2dBackward(grad, image, kernel, {}, 1), { image: [[10, 20, 0]], kernel: [[1, 2]] });
  const rows = correlate2dBackward([[1, 1], [1, 1]], [[1, 1], [1, 1]], [[1]], {}, 3);
  assert.deepEqual(rows, { image: [[1, 1], [1, 0]], kernel: [[3]] });
  assert.deepEqual(correlate2dBackward([[1, 1]], [[5]], [[3]], { padding: 0, stride: 1 }).image, [[3]], "nothing outside the image");
});

test("what a person types is a number, in whatever way it is written, or nothing", () => {
  const read = (large, ...texts) => texts.map((text) => parseNumber(text, large));
  assert.deepEqual(read(false, "2", " −1 ", "0,5", ".5", "1/4", "1 / 8", "+3", "-1.5/3"), [2, -1, 0.5, 0.5, 0.25, 0.125, 3, -0.5]);
  assert.deepEqual(read(true, "-1,500", "+1,500"), [-1500, 1500]);
  assert.deepEqual(read(false, "", "a", "1/0", "1e3", "1,500", "--1", "1/2/3", "∞"), Array(8).fill(null));
  assert.deepEqual(read(true, "1,500", "16,000,000.5", "999,999", "12,5", "1234,500", "0,500", "1,50"),
    [1500, 16000000.5, 999999, 12.5, 1234.5, 0.5, 1.5]);
});

test("what is edited is written with six places at most", () => {
  assert.deepEqual([1 / 3, -0.25, 2, 1e-7, 123456.5].map(formatEditable), ["0.333333", "−0.25", "2", "0", "123456.5"]);
});

test("a factor below 0 stands in brackets", () => {
  assert.deepEqual([-2, 0, 3].map(factor), ["(−2)", "0", "3"]);
});

test("a share is neither 0 nor 100 per cent where that would not be true", () => {
  const plain = (text) => text.replace(/[\u00a0\u202f]/g, " ");
  assert.deepEqual([0.98765, 0.5, 1].map((share) => plain(measured(share))), ["98.8 %", "50.0 %", "100.0 %"]);
  assert.deepEqual([0, 1e-9, 0.0049, 0.005, 0.145, 0.5, 0.9949, 0.995, 1 - 1e-9, 1, 1.3].map((share) => plain(percent(share))),
    ["0 %", "under 1 %", "under 1 %", "1 %", "15 %", "50 %", "99 %", "over 99 %", "over 99 %", "100 %", "130 %"]);
  assert.deepEqual([0, 0.0049, 0.42, 0.995, 1].map((share) => plain(belief(share, true))), ["< 1 %", "< 1 %", "42 %", "> 99 %", "> 99 %"]);
});

test("a number in a small cell has fewer digits, and never says something else", () => {
  const written = (value, signs) => shortNumber(value, 0.7 * signs);
  assert.equal(shortNumber(-0.25, 4), "−0.25");
  assert.deepEqual([0.25, -0.25, 0.5, -12, 1234.5, -9999.25, 0.04, 0, 10000].map((value) => written(value, 3)),
    [".25", "−.3", "0.5", "…", "1k", "…", ".04", "0", "10k"]);
  assert.deepEqual([0.04, 123456, -0.25].map((value) => written(value, 1)), ["…", "…", "…"]);
  assert.deepEqual([-0.5, -0.75, 0.75, -1.25, -1].map((value) => shortNumber(value, 1.6)), ["…", "…", ".8", "−1", "−1"], "a half is no 1");
  for (const value of [0.26, -7.5, 3, 999.99, -1234]) {
    for (let room = 0.7; room < 6; room += 0.1) {
      const text = shortNumber(value, room);
      assert.ok(text === "…" || breadth(text) <= room);
      const read = Number(text.replace("−", "-").replace("k", "e3"));
      assert.ok(text === "…" || Math.abs(read - value) <= Math.max(0.05 + 1e-9, Math.abs(value) * 0.25, Math.abs(value) < 10 ? 0.5 : 0), `${value} ${text}`);
    }
  }
});

test("numbers are read and written as people do", () => {
  assert.deepEqual(["1/9", "−2", "0,5", "1,5", ".", "1/0", "1e3"].map((text) => parseNumber(text)), [1 / 9, -2, 0.5, 1.5, null, null, null]);
  const large = ["1,500", "−16,000,000.5", "0,125", "1,5", "1,5000", "1,000,00"].map((text) => parseNumber(text, true));
  assert.deepEqual(large, [1500, -16000000.5, 0.125, 1.5, 1.5, null]);
  assert.deepEqual([1 / 3, -0.25, 2].map(formatEditable), ["0.333333", "−0.25", "2"]);
  assert.equal(subscript(-12), "₋₁₂");
});

test("what a cell does not take is refused with the reason", () => {
  assert.deepEqual(["10000", "−10000", "20000/2", "0,125", "3"].map(refusal), ["", "", "", "", ""]);
  assert.equal(LIMIT, 10_000);
  for (const text of ["10000.01", "-100000", "9".repeat(27), "1/0.00001"]) {
    assert.match(refusal(text), /does not fit here\. Type a number from −10,000 to 10,000$/, text);
  }
  assert.ok(refusal("9".repeat(27)).startsWith("“9999999999999999999…” "), "a long number does not fill the card");
  assert.ok(refusal("9".repeat(21)).startsWith(`“${"9".repeat(19)}…” `), "one sign too long is too long");
  assert.ok(refusal("9".repeat(20)).startsWith(`“${"9".repeat(20)}” `), "twenty signs are written out");
  assert.equal(refusal("1,500"), "“1,500” can be read in two ways. Type 1500 or 1.500");
  for (const text of ["", "two", "1e3", "1/0"]) assert.match(refusal(text), /is not a number/, text);
});
