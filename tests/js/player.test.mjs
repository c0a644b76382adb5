// Positions one after the other, and the buttons that lead through them.

import assert from "node:assert/strict";
import test from "node:test";

import "./words.mjs";

import { following, playButtons, preceding } from "../../cnnlib/widgets/shared/player.js";
import { page } from "./element.mjs";

page();

test("positions follow each other in reading order", () => {
  assert.deepEqual(following({ row: 0, col: 0, rows: 2, cols: 2 }), { row: 0, col: 1 });
  assert.deepEqual(following({ row: 0, col: 1, rows: 2, cols: 2 }), { row: 1, col: 0 });
  assert.equal(following({ row: 1, col: 1, rows: 2, cols: 2 }), null);
  assert.deepEqual(preceding({ row: 1, col: 1, rows: 2, cols: 2 }), { row: 1, col: 0 });
  assert.deepEqual(preceding({ row: 1, col: 0, rows: 2, cols: 2 }), { row: 0, col: 1 });
  assert.equal(preceding({ row: 0, col: 0, rows: 2, cols: 2 }), null);
});

test("play begins anew at the end, step goes on or begins anew, and a button does what it says", () => {
  const done = [];
  const state = { playing: false, next: { row: 1 } };
  const buttons = playButtons({ get: (name) => state[name] }, (values) => done.push(values),
    { next: () => state.next, go: (values) => done.push(["go", values]), restart: () => done.push("restart") });
  const press = (name) => { done.length = 0; buttons[name].element.fire("click"); return [...done]; };
  buttons.show();
  assert.deepEqual(buttons.elements.map((one) => one.textContent), ["play", "step", "reset"]);
  assert.deepEqual([press("play"), press("step"), press("reset")], [[{ playing: true }], [["go", { row: 1 }]], ["restart"]]);
  state.next = null;
  assert.deepEqual([press("play"), press("step")], [["restart", { playing: true }], ["restart"]]);
  state.playing = true;
  assert.deepEqual(press("play"), ["restart", { playing: true }], "it still says play");
  buttons.show();
  assert.equal(buttons.play.element.textContent, "pause");
  assert.deepEqual(press("play"), [{ playing: false }], "who pauses at the end stays there");
  state.playing = false;
  buttons.show();
  assert.equal(buttons.play.element.textContent, "play");
});
