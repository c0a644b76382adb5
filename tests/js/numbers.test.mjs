// Numbers as words.

import assert from "node:assert/strict";
import test from "node:test";

import "./words.mjs";

import { belief, breadth, percent, shortNumber } from "../../cnnlib/widgets/shared/numbers.js";

test("a share is neither 0 nor 100 per cent where that would not be true", () => {
  const plain = (text) => text.replace(/[\u00a0\u202f]/g, " ");
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
  for (const value of [0.26, -7.5, 3, 999.99, -1234]) {
    for (let room = 0.7; room < 6; room += 0.1) {
      const text = shortNumber(value, room);
      assert.ok(text === "…" || breadth(text) <= room);
      const read = Number(text.replace("−", "-").replace("k", "e3"));
      assert.ok(text === "…" || Math.abs(read - value) <= Math.max(0.05 + 1e-9, Math.abs(value) * 0.25, Math.abs(value) < 10 ? 0.5 : 0), `${value} ${text}`);
    }
  }
});
