// Undo and redo, a gesture an entry; and the line of Python that makes a state.

import assert from "node:assert/strict";
import test from "node:test";

import { alike, history } from "../../cnnlib/widgets/shared/history.js";
import { lineOf, literal } from "../../cnnlib/widgets/shared/python.js";

/** A model with a history: one gesture is a list of changes. */
function played(first) {
  let now = first;
  const past = history(first, 3);
  const go = (values) => { now = { ...now, ...values }; };
  return {
    past,
    get now() { return now; },
    gesture(...changes) {
      for (const values of changes) { past.note(now); go(values); }
      past.close(now);
    },
    undo() { go(past.undo(now) ?? {}); },
    redo() { go(past.redo(now) ?? {}); },
    reset() { go(past.reset(now) ?? {}); },
  };
}

test("a gesture of many changes is one entry", () => {
  const game = played({ row: 0, kernel: [[1]] });
  game.gesture({ row: 1 }, { row: 2 }, { row: 3 });
  game.gesture({ kernel: [[2]] });
  game.undo();
  assert.deepEqual(game.now, { row: 3, kernel: [[1]] });
  game.undo();
  game.undo();
  assert.deepEqual(game.now, { row: 0, kernel: [[1]] }, "and there is nothing before the first");
  game.redo();
  game.redo();
  game.redo();
  assert.deepEqual(game.now, { row: 3, kernel: [[2]] });
});

test("a gesture that has changed nothing is none, and leaves what can be redone", () => {
  const game = played({ row: 0 });
  game.gesture({ row: 1 }, { row: 0 });
  assert.deepEqual(game.past.steps, { back: 0, forth: 0 });
  game.gesture({ row: 1 });
  game.undo();
  game.gesture({ row: 2 }, { row: 0 });
  game.redo();
  assert.equal(game.now.row, 1);
  game.undo();
  game.gesture({ row: 5 });
  assert.equal(game.past.steps.forth, 0, "a new way ends the old one");
});

test("values are alike by what is in them, down to their bytes", () => {
  const bytes = new Uint8Array([1, 2]);
  const part = new DataView(new Uint8Array([0, 1, 2]).buffer, 1);
  const picture = (...levels) => ({ shape: [1, 2], bytes: new DataView(Uint8Array.from(levels).buffer) });
  assert.deepEqual([alike([[1]], [[1]]), alike([1], [2]), alike(null, null), alike(1, 2), alike({ a: 1 }, { a: 1 })], [true, false, true, false, true]);
  assert.deepEqual([alike(bytes, part), alike(part, new Uint8Array([1, 3])), alike(bytes, new Uint8Array([1])), alike(bytes, { 0: 1, 1: 2 }), alike([1, 2], bytes)],
    [true, false, false, false, false]);
  assert.deepEqual([alike(picture(1, 2), picture(1, 2)), alike(picture(1, 2), picture(1, 3)), alike(picture(1, 2), null), alike({}, []), alike({ a: 1 }, { b: 1 })],
    [true, false, false, false, false]);
});

test("only the first change of a gesture begins it", () => {
  const past = history({ row: 0 });
  assert.deepEqual([past.note({ row: 0 }), past.note({ row: 1 })], [true, false]);
  assert.deepEqual([past.close({ row: 2 }), past.close({ row: 2 })], [true, false]);
  assert.equal(past.note({ row: 2 }), true);
});

test("start over is a step that can be taken back", () => {
  const game = played({ row: 0, col: 0 });
  game.gesture({ row: 1 });
  game.gesture({ col: 4 });
  game.reset();
  assert.deepEqual(game.now, { row: 0, col: 0 });
  game.undo();
  assert.deepEqual(game.now, { row: 1, col: 4 });
  game.reset();
  assert.equal(game.past.reset(game.now), null, "there already");
});

test("only what differs is set; as many steps are kept as were asked for", () => {
  const past = history({ row: 0, col: 0 }, 2);
  for (let row = 0; row < 5; row += 1) {
    past.note({ row, col: 0 });
    past.close({ row: row + 1, col: 0 });
  }
  assert.deepEqual(past.undo({ row: 5, col: 0 }), { row: 4 });
  assert.deepEqual([past.undo({ row: 4, col: 0 }), past.undo({ row: 3, col: 0 })], [{ row: 3 }, null]);
});

test("values are written as Python writes them", () => {
  assert.deepEqual([true, null, -0.5, "a\"b", [[1, 2], []], { layer: "Flatten" }, new DataView(new ArrayBuffer(1))].map(literal),
    ["True", "None", "-0.5", "\"a\\\"b\"", "[[1, 2], []]", "{\"layer\": \"Flatten\"}", null]);
});

test("a line holds what differs from its default, and what depends on that", () => {
  const call = { name: "Filter", given: [["model", "model"]], written: ["stride"], traits: ["clip", "kernel", "own", "stride"],
    follows: { clip: ["kernel"] }, stands: {}, pictures: {} };
  const first = { clip: true, kernel: [[1]], own: null, stride: 2 };
  assert.deepEqual(lineOf(call, first, first), { line: "Filter(model=model, stride=2)", lost: [] });
  assert.equal(lineOf(call, first, { ...first, kernel: [[-1]] }).line, "Filter(model=model, clip=True, kernel=[[-1]], stride=2)");
  assert.deepEqual(lineOf(call, first, { ...first, own: { bytes: new DataView(new ArrayBuffer(1)) } }).lost, ["own"]);
});

test("what no line can hold is written as the argument that stands for it", () => {
  const call = { name: "Finder", given: [["picture", "photo"], ["levels", "levels"]], written: [], traits: ["own", "row"], follows: {},
    stands: { own: { picture: "picture", levels: null, search: "search" } }, pictures: {} };
  const first = { own: null, row: 1 };
  assert.deepEqual(lineOf(call, first, first), { line: "Finder(picture=photo, levels=levels)", lost: [] });
  assert.deepEqual(lineOf(call, first, { own: { bytes: new DataView(new ArrayBuffer(1)) }, row: 2 }),
    { line: "Finder(picture=picture, row=2, search=search)", lost: ["picture", "search"] });
});

test("a picture is written as the bytes of a file, whatever its pixels are", () => {
  const call = { name: "Pad", given: [], written: [], traits: ["_ink"], follows: {}, stands: {}, pictures: { _ink: ["drawing", 4] } };
  const ink = (...levels) => ({ _ink: new DataView(Uint8Array.from(levels).buffer) });
  const first = ink(0, 0, 0, 0, 9, 8, 7, 7);
  assert.equal(lineOf(call, first, ink(0, 0, 0, 0, 9, 8, 7, 7)).line, "Pad()", "equal bytes are the same picture");
  const { line, lost } = lineOf(call, first, ink(0, 0, 0, 0, 9, 8, 7, 7, 1, 1, 2, 3));
  assert.deepEqual([line.startsWith("Pad(drawing=bytes.fromhex(\"49492a00"), line.endsWith("fd00" + "010908" + "ff07" + "ff01" + "010203\"))"), lost], [true, true, []]);
});
