// Which outputs the window has visited: marked where the hand moves.

import assert from "node:assert/strict";
import test from "node:test";

import { visits } from "../../cnnlib/widgets/shared/visits.js";

const all = (seen, count) => Array.from({ length: count }, (_, i) => seen.has(i));

test("what lies before the start counts as visited, and so does the start", () => {
  const seen = visits();
  seen.at(2, "3,3");
  assert.deepEqual(all(seen, 5), [true, true, true, false, false]);
  assert.equal(seen.isNew(2), false, "nothing flies at the start");
});

test("each move counts, also several before a frame is painted", () => {
  const seen = visits();
  seen.at(0, "3,3");
  for (const index of [1, 4, 8]) seen.at(index, "3,3");
  assert.deepEqual([...Array(9).keys()].filter((index) => seen.has(index)), [0, 1, 4, 8]);
  assert.equal(seen.isNew(8), true);
  assert.equal(seen.isNew(8), false, "it flies once");
});

test("a reset and a move before a frame is painted reveal the first output and the new one", () => {
  const seen = visits();
  seen.at(7, "3,3");
  seen.restart();
  seen.at(0, "3,3");
  seen.at(4, "3,3");
  assert.deepEqual([...Array(9).keys()].filter((index) => seen.has(index)), [0, 4]);
});

test("other sizes begin anew", () => {
  const seen = visits();
  seen.at(8, "3,3");
  seen.at(1, "2,2");
  assert.deepEqual(all(seen, 4), [true, true, false, false]);
});

test("nothing is new before the first move, after a reset, or when it has been asked about", () => {
  const seen = visits();
  assert.equal(seen.isNew(1), false);
  seen.at(0, "3,3");
  seen.at(5, "3,3");
  seen.restart();
  assert.equal(seen.isNew(1), false);
  seen.at(2, "3,3");
  assert.equal(seen.isNew(2), true);
  assert.equal(seen.isNew(1), false, "the mark is gone");
});
