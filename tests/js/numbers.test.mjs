// Numbers as words.

import assert from "node:assert/strict";
import test from "node:test";

import "./words.mjs";

import { percent } from "../../cnnlib/widgets/shared/numbers.js";

test("a share is neither 0 nor 100 per cent where that would not be true", () => {
  assert.deepEqual([0.004, 0.005, 0.145, 0.5, 0.995, 0.996].map(percent),
    ["under 1 %", "1 %", "15 %", "50 %", "100 %", "over 99 %"].map((text) => text.replace(" %", "\u00a0%")));
});
