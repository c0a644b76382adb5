// A step told in beats, and what the beats of the widgets say.

import assert from "node:assert/strict";
import test from "node:test";

import "./words.mjs";

import { story } from "../../cnnlib/widgets/shared/story.js";
import { backwardPass, beats as backward, geometry as geometryBackward, upTo } from "../../cnnlib/widgets/backward/model.js";
import { beats as channels, geometry as geometryChannels } from "../../cnnlib/widgets/channels/model.js";
import { beats as slide1d, geometry as geometry1d, numbers as numbers1d } from "../../cnnlib/widgets/slide_filter_1d/model.js";
import { beats as slide2d, geometry as geometry2d, numbers as numbers2d } from "../../cnnlib/widgets/slide_filter_2d/model.js";

/** A story of three places with two beats each; `moves` says which moves were made, and which was the first. */
function told() {
  const state = { at: 0, values: [1] };
  const moves = [];
  const one = story({
    place: () => [state.at, state.values],
    beats: () => [0, 1].map((beat) => ({ says: `${state.at}.${beat}` })),
    move(by, first) {
      if (state.at + by < 0 || state.at + by > 2) return false;
      state.at += by;
      moves.push([by, first]);
      return true;
    },
  });
  return { state, moves, one, says: () => one.beat?.says ?? null };
}

test("beats go forth from place to place, and stay at the last", () => {
  const { one, says, moves } = told();
  assert.equal(says(), null);
  const heard = Array.from({ length: 8 }, () => { one.forth(); return says(); });
  assert.deepEqual(heard, ["0.0", "0.1", "1.0", "1.1", "2.0", "2.1", "2.1", "2.1"]);
  assert.deepEqual(moves, [[1, true], [1, false]], "a story is one gesture");
});

test("each step says which beat it is of, and which way it goes, once", () => {
  const { one } = told();
  const step = (way) => { one[way](); const done = one.stepped(); return done && [done.beat.says, done.by]; };
  assert.deepEqual(["forth", "forth", "forth", "back", "forth", "back"].map(step),
    [["0.0", 1], ["0.1", 1], ["1.0", 1], null, ["1.0", 1], null], "before a place's first beat lies another picture");
  assert.deepEqual([step("back"), one.stepped()], [["0.1", -1], null]);
});

test("beats go back the same way, and out of the story before the first", () => {
  const { one, says, state } = told();
  state.at = 1;
  one.forth();
  one.back();
  assert.equal(says(), "0.1");
  one.back();
  one.back();
  assert.equal(says(), null);
  one.back();
  assert.equal(says(), null);
});

test("what changes otherwise ends it", () => {
  const { one, says, state } = told();
  one.forth();
  state.values = [2];
  assert.deepEqual([one.on, says(), one.stepped()], [false, null, null]);
  one.forth();
  assert.equal(says(), "0.0");
  one.end();
  assert.equal(one.on, false);
});

test("a step is told once, and one that goes back is of the beat that was left", () => {
  const { one } = told();
  one.forth();
  one.forth();
  assert.deepEqual(one.stepped(), { beat: { says: "0.1" }, by: 1 });
  assert.equal(one.stepped(), null);
  one.back();
  assert.deepEqual(one.stepped(), { beat: { says: "0.1" }, by: -1 });
});

/** A model of what it holds. */
const model = (values) => ({ get: (name) => values[name] });

test("SlideFilter2D: a row of the kernel a beat", () => {
  const now = numbers2d(geometry2d(model({ image: [[1, 2], [3, -4]], kernel: [[1, -1], [0, 2]], stride: 1, padding: 0, dilation: 1, row: 0, col: 0 })));
  assert.deepEqual(slide2d(now).map(({ says }) => says), [
    "The kernel lies on the image where output (0, 0) of 1×1 comes from.",
    "Row 0 of the kernel: 1·1 + 2·(−1) = −1.",
    "Row 1 of the kernel: 3·0 + (−4)·2 = −8, so far −9.",
    "The sum, −9, is output (0, 0).",
  ]);
  assert.deepEqual(slide2d(now).map(({ arrived, sum, lands }) => [arrived, sum, lands]), [[0, 0, false], [2, -1, false], [4, -9, false], [4, -9, true]]);
});

test("SlideFilter1D: a product a beat", () => {
  const now = numbers1d(geometry1d(model({ signal: [1, -2, 3], kernel: [2, -1], stride: 1, dilation: 1, padding: "valid", flip: true, position: 1 })));
  assert.deepEqual(slide1d(now).map(({ says }) => says), ["The flipped filter lies on x[1], x[2].", "θ₁·x[1] = (−1)·(−2) = 2.",
    "θ₀·x[2] = 2·3 = 6, so far 8.", "The sum, 8, is y[1]."]);
});

test("Channels: a channel a beat, then the bias", () => {
  const one = (value) => [[[value]]];
  const now = geometryChannels(model({ image: [[[0.5, 1, 0]]], filters: [[one(2)[0], one(-1)[0], one(3)[0]]], bias: [1], chosen: 0, row: 0, col: 0 }));
  assert.deepEqual(channels(now).map(({ says, arrived, sum, lands }) => [says, arrived, sum, lands]), [
    ["The window lies on rows 0 to 0 and columns 0 to 0 of all three channels.", 0, 0, false],
    ["R: the product of patch and slice is 1.", 1, 1, false], ["G: the product of patch and slice is −1.", 2, 0, false],
    ["B: the product of patch and slice is 0.", 3, 0, false],
    ["1 + (−1) + 0, and a bias of 1, make 1: map 0 at (0, 0).", 3, 1, true],
  ]);
});

test("Backward: what has not come into a sum yet is not in it", () => {
  const pass = backwardPass();
  const now = pass(geometryBackward(model({ image: [[1, 2]], kernel: [[3]], grad_output: [[5, 7]], stride: 1, row: 0, col: 1, weight: [0, 0], pixel: [0, 0] })));
  const sums = backward(now).map((beat) => [upTo(now, beat).sum.kernel[0][0], upTo(now, beat).sum.image[0]]);
  assert.deepEqual(sums, [[5, [15, 0]], [5, [15, 0]], [19, [15, 0]], [19, [15, 0]], [19, [15, 21]]]);
  assert.deepEqual(upTo(now, null).sum, now.sum);
  assert.equal(backward(now)[0].says, "G(0, 1) is 7: so much does the loss change with this output.");
});
