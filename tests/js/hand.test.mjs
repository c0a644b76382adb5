// What a key means, and when two taps are one gesture.

import assert from "node:assert/strict";
import test from "node:test";

import { nextCell, replaced } from "../../cnnlib/widgets/shared/edit.js";
import { cellAt, fitScale, fitText } from "../../cnnlib/widgets/shared/grid.js";
import { arrow, doubleTap, opening, walked } from "../../cnnlib/widgets/shared/hand.js";
import { LIMIT } from "../../cnnlib/widgets/shared/limits.js";
import { formatEditable, parseNumber, refusal, subscript } from "../../cnnlib/widgets/shared/numbers.js";
import { following } from "../../cnnlib/widgets/shared/player.js";
import { chipWidth } from "../../cnnlib/widgets/shared/sum.js";

const walk = { row: 1, col: 2, rows: 3, cols: 4 };
const at = (key, options = {}) => walked({ key, ...options }, walk, options.step);

test("arrows step, and stop at the edge", () => {
  assert.deepEqual(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((key) => at(key)),
    [{ row: 1, col: 1 }, { row: 1, col: 3 }, { row: 0, col: 2 }, { row: 2, col: 2 }]);
  assert.deepEqual(at("ArrowDown", { step: 10 }), { row: 2, col: 2 });
  assert.deepEqual(at("ArrowLeft", { step: 10 }), { row: 1, col: 0 });
  assert.deepEqual(arrow("ArrowUp"), [-1, 0]);
  assert.equal(arrow("Enter"), null);
});

test("Home, End and pages go to the ends; with Ctrl to the first place and the last", () => {
  assert.deepEqual(["Home", "End", "PageUp", "PageDown"].map((key) => at(key)),
    [{ row: 1, col: 0 }, { row: 1, col: 3 }, { row: 0, col: 2 }, { row: 2, col: 2 }]);
  assert.deepEqual(at("Home", { ctrlKey: true }), { row: 0, col: 0 });
  assert.deepEqual(at("End", { ctrlKey: true }), { row: 2, col: 3 });
  assert.equal(at("ArrowLeft", { ctrlKey: true }), null, "the browser's own");
  assert.equal(at("x"), null);
});

test("Enter and F2 open a cell, what begins a number opens it with it typed", () => {
  assert.deepEqual(["Enter", "F2", "7", "-", "−", "+", ".", "a", " "].map((key) => opening({ key, ctrlKey: false })),
    ["", "", "7", "-", "−", "+", ".", null, null]);
  assert.equal(opening({ key: "7", ctrlKey: true }), null);
});

test("two taps on one cell within 0.4 s are a double tap", () => {
  const again = doubleTap();
  const taps = [[0, 1, 1], [399, 1, 1], [700, 1, 2], [800, 1, 2], [1300, 1, 2]];
  assert.deepEqual(taps.map(([timeStamp, r, c]) => again({ timeStamp }, { r, c })), [false, true, false, true, false]);
});

test("Tab goes along the lines, arrows to the next line, and neither beyond the ends", () => {
  const values = [[1, 2, 3], [4, 5, 6]];
  assert.deepEqual(nextCell("Tab", values, 0, 2), [1, 0]);
  assert.deepEqual(nextCell("BackTab", values, 1, 0), [0, 2]);
  assert.deepEqual(nextCell("ArrowDown", values, 0, 1), [1, 1]);
  assert.deepEqual(nextCell("ArrowUp", values, 1, 1), [0, 1]);
  for (const [key, r, c] of [["Tab", 1, 2], ["BackTab", 0, 0], ["ArrowUp", 0, 1], ["ArrowDown", 1, 1], ["Enter", 0, 0], ["blur", 0, 0]]) {
    assert.equal(nextCell(key, values, r, c), null, key);
  }
  assert.deepEqual(replaced(values, 1, 0, 9), [[1, 2, 3], [9, 5, 6]]);
  assert.deepEqual(values[1], [4, 5, 6], "the old values stay");
});

test("a point lies in the cell whose square holds it", () => {
  assert.deepEqual(cellAt({ x: 0, y: 0 }, 2, 3, 10), { r: 0, c: 0, inside: true });
  assert.deepEqual(cellAt({ x: 29.9, y: 19.9 }, 2, 3, 10), { r: 1, c: 2, inside: true });
  assert.equal(cellAt({ x: 30, y: 5 }, 2, 3, 10).inside, false);
  assert.equal(cellAt({ x: 5, y: -0.1 }, 2, 3, 10).inside, false);
});

test("positions follow each other in reading order", () => {
  assert.deepEqual(following({ row: 0, col: 0, rows: 2, cols: 2 }), { row: 0, col: 1 });
  assert.deepEqual(following({ row: 0, col: 1, rows: 2, cols: 2 }), { row: 1, col: 0 });
  assert.equal(following({ row: 1, col: 1, rows: 2, cols: 2 }), null);
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
  assert.equal(refusal("1,500"), "“1,500” can be read in two ways. Type 1500 or 1.500");
  for (const text of ["", "two", "1e3", "1/0"]) assert.match(refusal(text), /is not a number/, text);
});

test("text shrinks to its cell", () => {
  assert.equal(fitText("1", 50), 18);
  assert.equal(fitText("−12.34", 50), Math.round(10 * 50 * 1.3 / 6) / 10);
  assert.equal(fitScale([[1, -12.34]]), 1.3 / 6);
  assert.deepEqual([1, 5].map(chipWidth), [26, 51]);
});
