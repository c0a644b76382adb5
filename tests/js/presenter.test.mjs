// How large a card is shown that fills the screen.

import assert from "node:assert/strict";
import test from "node:test";

import { besideIn, growth } from "../../cnnlib/widgets/shared/presenter.js";

const hall = { width: 1920, height: 1080 };

test("a card grows until its width or its height fills the room", () => {
  assert.equal(growth({ width: 900, height: 300 }, hall), 1920 / 900);
  assert.equal(growth({ width: 900, height: 720 }, hall), 1.5);
});

test("what is a little too tall shrinks, what is far too tall scrolls", () => {
  assert.equal(growth({ width: 900, height: 1200 }, hall), 0.9);
  assert.equal(growth({ width: 900, height: 2000 }, hall), 1);
  assert.equal(growth({ width: 390, height: 2000 }, { width: 390, height: 844 }), 1);
});

test("what grows taller shrinks at once, what gets lower by a line does not jump", () => {
  assert.equal(growth({ width: 900, height: 900 }, hall, 1.5), 1.2);
  assert.equal(growth({ width: 900, height: 700 }, hall, 1.5), 1.5);
  assert.equal(growth({ width: 900, height: 540 }, hall, 1.5), 2);
});

test("a tall card has its caption beside it where the room is wide", () => {
  assert.equal(besideIn(720, hall), true);
  assert.equal(besideIn(636, hall), false); // it fills the room as it is
  assert.equal(besideIn(720, { width: 1280, height: 720 }), true);
  assert.equal(besideIn(720, { width: 1024, height: 768 }), false);
  assert.equal(besideIn(3000, { width: 1100, height: 768 }), false); // no room for both
});
