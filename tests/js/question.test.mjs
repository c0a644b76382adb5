import assert from "node:assert/strict";
import { test } from "node:test";

import "./words.mjs";

import { speak } from "../../cnnlib/widgets/shared/words.js";
import { heard, isClose, isRight, readAnswer, write } from "../../cnnlib/widgets/question/model.js";

test("large numbers are read as people type them", () => {
  for (const text of ["16,000,000,000", "16 000 000 000", "16 billion", "1.6e10", "16000 million", "16000000000"]) {
    assert.equal(readAnswer(text), 16e9, text);
  }
  assert.equal(readAnswer("4/9"), 4 / 9);
  assert.equal(readAnswer("−0,5"), -0.5);
  assert.equal(readAnswer("1,792"), 1792);
  assert.equal(readAnswer("0,125"), 0.125, "no number begins with a zero and has thousands");
  for (const text of ["", "many", "1 2", "billion", "1,2,3"]) assert.equal(readAnswer(text), null, text);
});

test("an estimate may be off by its factor, an exact number may not", () => {
  assert.ok(isClose(30, 10, 3.1) && isClose(10 / 3, 10, 3.1));
  assert.ok(!isClose(32, 10, 3.1) && !isClose(-10, 10, 3.1));
  assert.ok(isClose(0, 0, 3) && !isClose(13, 14, 1));
});

const asked = { choices: [], boxes: ["rows", "columns"], right: [4, 3], factor: 1, hears: [[[3, 4], "turned round"]], otherwise: "no" };
const chosen = { choices: [["yes", []], ["no", []]], right: "no", hears: [["yes", "flips"]], otherwise: "" };

test("each answer gets to hear its own sentence", () => {
  assert.ok(isRight(asked, [4, 3]) && !isRight(asked, [3, 4]) && isRight(chosen, "no"));
  assert.equal(heard(asked, [3, 4]), "turned round");
  assert.equal(heard(asked, [5, 4]), "no");
  assert.equal(heard(chosen, "yes"), "flips");
});

test("numbers are written with thousands apart and a true minus sign", () => {
  assert.deepEqual([1792, -1792, 0.25, 16e9, 7168.4444444].map(write), ["1,792", "−1,792", "0.25", "16,000,000,000", "7,168.444444"]);
  assert.equal(write(-0.5), "−0.5");
  speak("de"); // a comma is a decimal one there
  try {
    assert.equal(write(-1792.5), "−1\u202f792.5");
    assert.equal(readAnswer(write(-1792.5)), -1792.5, "what stands in a field is read as it was meant");
  } finally {
    speak("en");
  }
});
