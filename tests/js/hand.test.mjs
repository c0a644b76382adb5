// What a key means, when two taps are one gesture, and what a pointer does.

import assert from "node:assert/strict";
import test from "node:test";

import "./words.mjs";

import { arrow, doubleTap, onDrag, onFollow, onKey, onPoint, onWindow, opening, roving, TAKES_KEYS, walked } from "../../cnnlib/widgets/shared/hand.js";
import { element } from "./element.mjs";

const walk = { row: 1, col: 2, rows: 3, cols: 4 };
const at = (key, options = {}) => walked({ key, ...options }, walk, options.step);

test("arrows step, and stop at the edge", () => {
  assert.deepEqual(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((key) => at(key)),
    [{ row: 1, col: 1 }, { row: 1, col: 3 }, { row: 0, col: 2 }, { row: 2, col: 2 }]);
  assert.deepEqual(at("ArrowDown", { step: 10 }), { row: 2, col: 2 });
  assert.deepEqual(at("ArrowLeft", { step: 10 }), { row: 1, col: 0 });
  assert.deepEqual(at("ArrowRight", { step: 10 }), { row: 1, col: 3 });
  assert.deepEqual(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map(arrow), [[0, -1], [0, 1], [-1, 0], [1, 0]]);
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
  const first = doubleTap();
  assert.deepEqual([0, 400].map((timeStamp) => first({ timeStamp }, { r: 0, c: 0 })), [false, false]);
  const again = doubleTap();
  const taps = [[0, 1, 1], [399, 1, 1], [700, 1, 2], [800, 1, 2], [1300, 1, 2]];
  assert.deepEqual(taps.map(([timeStamp, r, c]) => again({ timeStamp }, { r, c })), [false, true, false, true, false]);
});

// Pointers ------------------------------------------------------------------------------------------

/** What a drag has been told, as words. */
function dragged(grip) {
  const [paper, told] = [element(), []];
  onDrag(paper, { start: () => { told.push("start"); return grip; }, move: () => told.push("move"), end: ({ type }) => told.push(type) });
  return { paper, told };
}

test("a finger on a picture counts when it goes sideways or is lifted, a mouse from where it is pressed", () => {
  const [paper, seen] = [element(), []];
  onFollow(paper, ({ type, clientX }) => seen.push(`${type} ${clientX}`));
  const finger = (type, clientX, clientY) => paper.fire(type, { pointerType: "touch", clientX, clientY });
  finger("pointerdown", 50, 50);
  finger("pointermove", 55, 80);
  finger("pointermove", 45, 20);
  assert.deepEqual(seen, [], "the page scrolls");
  finger("pointercancel", 45, 20);
  finger("pointerdown", 50, 50);
  finger("pointermove", 20, 60);
  finger("pointermove", 20, 160);
  finger("pointerup", 21, 160);
  assert.deepEqual(seen, ["pointermove 20", "pointermove 20", "pointerup 21"], "what has begun sideways goes on");
  seen.length = 0;
  paper.fire("pointerdown", { clientX: 1, clientY: 1 });
  paper.fire("pointermove", { clientX: 1, clientY: 9 });
  paper.fire("pointerup", { clientX: 1, clientY: 9 });
  assert.deepEqual(seen, ["pointerdown 1", "pointermove 1"]);
});

test("one of many is in the order of Tab, and arrows lead to the next without a jump of the page", () => {
  globalThis.HTMLInputElement ??= class {};
  const rows = [[element(), element()], [element(), element()]];
  const [root, all] = [element(), rows.flat()];
  for (const one of all) Object.assign(one, { setAttribute(name, value) { this[name] = value; } });
  const settle = roving(root, () => rows);
  settle();
  assert.deepEqual(all.map((one) => one.tabindex), ["0", "-1", "-1", "-1"]);
  root.fire("focusin", { target: all[3] });
  assert.deepEqual(all.map((one) => one.tabindex), ["-1", "-1", "-1", "0"]);
  const press = (key, at, more = {}) => {
    for (const one of all) one.focused.length = 0;
    const { prevented, stopped } = root.fire("keydown", { key, target: all[at], ctrlKey: false, ...more });
    const to = all.findIndex((one) => one.focused.length);
    assert.deepEqual([prevented, stopped], [to >= 0, to >= 0], key);
    if (to >= 0) assert.deepEqual(all[to].focused, [{ preventScroll: true }]);
    return to;
  };
  assert.deepEqual([press("ArrowRight", 0), press("ArrowLeft", 0), press("ArrowDown", 1), press("ArrowUp", 3), press("ArrowUp", 1)], [1, 3, 3, 1, -1]);
  assert.deepEqual([press("Home", 3), press("End", 0), press("Home", 3, { ctrlKey: true }), press("End", 0, { ctrlKey: true })], [2, 1, 0, 3]);
  assert.deepEqual([press("x", 1), press("ArrowRight", 0, { ctrlKey: true }), press("ArrowDown", 0, { shiftKey: true })], [-1, -1, -1]);
  assert.equal(root.options.keydown, true, "before the field in which the key is pressed");
});

test("a drag begins, moves and ends with the one pointer that has taken it", () => {
  const { paper, told } = dragged();
  paper.fire("pointermove");
  paper.fire("pointerdown", { button: 1 });
  assert.deepEqual(told, [], "nothing is taken yet");
  paper.fire("pointerdown");
  assert.ok(paper.classes.has("cnn-dragging"));
  paper.fire("pointerdown", { pointerId: 2 });
  paper.fire("pointermove", { pointerId: 2 });
  paper.fire("pointerup", { pointerId: 2 });
  paper.fire("pointermove");
  paper.fire("pointerup");
  paper.fire("pointermove");
  assert.deepEqual(told, ["start", "move", "pointerup"]);
  assert.deepEqual(paper.captured, [1]);
  paper.fire("pointerdown", { pointerId: 2 });
  paper.fire("pointercancel", { pointerId: 2 });
  assert.equal(paper.classes.has("cnn-dragging"), false);
  assert.deepEqual(told.slice(3), ["start", "pointercancel"], "and another may follow");
});

test("where there is nothing to take, nothing is dragged and the page scrolls", () => {
  const { paper, told } = dragged(false);
  paper.fire("pointerdown");
  assert.equal(paper.fire("touchstart").prevented, false);
  paper.fire("pointermove");
  paper.fire("pointerup");
  assert.deepEqual([told, paper.captured, paper.classes.size], [["start"], [], 0]);
});

test("a firm grip keeps the page from scrolling, a loose one lets it", () => {
  for (const [grip, prevented] of [[true, true], [undefined, true], ["loose", false]]) {
    const { paper } = dragged(grip);
    assert.equal(paper.options.touchstart.passive, false, "else it could not keep the page");
    assert.equal(paper.fire("touchstart").prevented, false, "nothing is taken yet");
    paper.fire("pointerdown");
    assert.equal(paper.fire("touchstart").prevented, prevented);
    assert.equal(paper.fire("touchstart", { cancelable: false }).prevented, false, "the page scrolls already");
    paper.fire("pointerup");
    assert.equal(paper.fire("touchstart").prevented, false, "it is let go");
  }
});

/** A window of 2×3 cells over 6×8, driven by cells. */
function windowed({ free } = {}) {
  const [frame, calls, taps] = [element(), [], []];
  const place = { r: 1, c: 2 };
  onWindow({ frame, at: ({ at: [r, c] }) => ({ r, c, inside: r >= 0 && c >= 0 && r < 6 && c < 8 }) }, {
    high: 2, wide: 3, corner: () => place,
    moveTo(r, c) {
      calls.push([r, c]);
      const to = { r: Math.round(r), c: Math.round(c) };
      const moved = to.r !== place.r || to.c !== place.c;
      Object.assign(place, to);
      return moved;
    },
    twice(at) { taps.push([at.r, at.c]); return true; },
    ...(free ? { free } : {}),
  });
  return { frame, calls, taps,
    press: (at, more) => frame.fire("pointerdown", { at, ...more }),
    go: (at, more) => frame.fire("pointermove", { at, ...more }),
    lift: (at, more) => frame.fire("pointerup", { at, ...more }) };
}

test("the window is carried by the cell where it was taken", () => {
  const { frame, calls, press, go, lift } = windowed();
  press([2, 4]); // its last cell
  assert.ok(frame.classes.has("cnn-dragging") && frame.focused.length === 1 && frame.focused[0].preventScroll);
  go([3, 6]);
  lift([3, 6]);
  assert.deepEqual(calls, [[2, 4]]);
  assert.equal(frame.classes.has("cnn-dragging"), false);
});

test("a press beside the window calls its middle; a finger's counts when it is lifted", () => {
  for (const [r, c] of [[0, 2], [3, 2], [1, 1], [1, 5]]) {
    const mouse = windowed();
    mouse.press([r, c]);
    mouse.lift([r, c]);
    assert.deepEqual(mouse.calls, [[r - 0.5, c - 1]], `beside it is (${r}, ${c})`);
    const finger = windowed();
    finger.press([r, c], { pointerType: "touch" });
    assert.deepEqual(finger.calls, []);
    finger.lift([r, c], { pointerType: "touch" });
    assert.deepEqual(finger.calls, [[r - 0.5, c - 1]]);
  }
  const inside = windowed();
  for (const at of [[1, 2], [2, 4]]) { inside.press(at); inside.lift(at); }
  assert.deepEqual(inside.calls, [], "a press on the window only takes it");
});

test("no press counts outside the grid, nor where it is not free", () => {
  const outside = windowed();
  outside.press([6, 0]);
  outside.go([3, 3]);
  assert.deepEqual([outside.calls, outside.frame.captured], [[], []]);
  const taken = windowed({ free: () => false });
  taken.press([5, 5]);
  assert.deepEqual([taken.calls, taken.frame.captured], [[], []]);
  taken.press([1, 2]);
  assert.deepEqual(taken.frame.captured, [1], "the window itself can be taken");
});

test("two taps on a cell are another gesture, unless the window has moved or the second ends elsewhere", () => {
  const tap = (one, at, timeStamp) => { one.press(at, { timeStamp }); one.lift(at, { timeStamp }); };
  const twice = windowed();
  tap(twice, [1, 2], 0);
  tap(twice, [1, 2], 100);
  assert.deepEqual(twice.taps, [[1, 2]]);
  const moved = windowed();
  tap(moved, [1, 2], 0);
  moved.press([1, 2], { timeStamp: 50 });
  moved.go([2, 2]);
  moved.go([2, 2]); // it has moved before, and does not now
  moved.lift([1, 2], { timeStamp: 60 });
  assert.deepEqual(moved.taps, []);
  for (const [type, at] of [["pointercancel", [1, 2]], ["pointerup", [9, 9]]]) {
    const gone = windowed();
    tap(gone, [1, 2], 0);
    gone.press([1, 2], { timeStamp: 50 });
    gone.frame.fire(type, { at, timeStamp: 60 });
    assert.deepEqual(gone.taps, [], type);
  }
  const finger = windowed();
  for (const timeStamp of [0, 100]) {
    finger.press([1, 2], { timeStamp, pointerType: "touch" });
    finger.lift([1, 2], { timeStamp, pointerType: "touch" });
  }
  assert.deepEqual([finger.taps, finger.calls], [[[1, 2]], [[1, 2]]], "the second tap calls nothing");
});

test("a pointer visits each cell that it passes, also between two frames", () => {
  const [frame, seen] = [element(), []];
  onPoint({ frame, at: ({ at }) => ({ at, inside: at >= 0 }) }, ({ at }, { type }) => seen.push(`${type} ${at}`), () => seen.push("leave"));
  frame.fire("pointermove", { at: 3, getCoalescedEvents: () => [{ at: 1 }, { at: 2 }, { at: -1 }, { at: 3 }] });
  frame.fire("pointermove", { at: 4, getCoalescedEvents: () => [] });
  frame.fire("pointermove", { at: 5 });
  frame.fire("pointerdown", { at: 6, getCoalescedEvents: () => [{ at: 7 }] });
  frame.fire("pointerleave");
  assert.deepEqual(seen, ["pointermove 1", "pointermove 2", "leave", "pointermove 3", "pointermove 4", "pointermove 5", "pointerdown 6", "leave"]);
});

test("who takes keys is reached with Tab, in its place, and Jupyter leaves them to it", () => {
  assert.deepEqual(TAKES_KEYS, { tabindex: 0, role: "application", "data-lm-suppress-shortcuts": "true" });
});

test("a key goes no further than who takes it, and quick ones hurry the widget", () => {
  const field = element();
  onKey(field, (key) => key !== "x" && undefined);
  const press = (key, timeStamp, more) => field.fire("keydown", { key, timeStamp, ...more });
  const taken = press("ArrowLeft", 1000);
  assert.deepEqual([taken.prevented, taken.stopped, field.classes.has("cnn-hurried")], [true, true, false]);
  press("ArrowLeft", 1199);
  assert.ok(field.classes.has("cnn-hurried"));
  press("ArrowLeft", 1399);
  assert.equal(field.classes.has("cnn-hurried"), false, "0.2 s later it is a new one");
  for (const other of [press("x", 5000), press("ArrowLeft", 6000, { altKey: true }), press("ArrowLeft", 7000, { metaKey: true })]) {
    assert.deepEqual([other.prevented, other.stopped], [false, false]);
  }
});
