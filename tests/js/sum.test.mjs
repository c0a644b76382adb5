// A sum, written out: its chips, and how they are broken into lines.

import assert from "node:assert/strict";
import test from "node:test";

import { readable } from "../../cnnlib/widgets/shared/colour.js";
import { chipOf, chipWidth, writtenSum } from "../../cnnlib/widgets/shared/sum.js";
import { page } from "./element.mjs";

page();

test("a chip has room for its number", () => {
  assert.deepEqual([1, 5].map(chipWidth), [26, 51]);
  const chip = chipOf(-0.5, "#000000", "light", " mine");
  assert.deepEqual([chip.textContent, chip.style.background, chip.style.color, chip.attributes.class],
    ["−0.5", "#000000", readable("#000000", "light"), "cnn-chip mine"]);
});

const term = (value, weight, pointed = false) => ({ value, weight, pointed, valueColor: "#ffffff", weightColor: "#000000" });
const TERMS = [term(1, 2), term(0, 3), term(4, 0, true), term(1.25, -1)];
/** A sum of these, with so much room for its terms. */
function shown(room, change = {}, key = "") {
  const [pointed, asked] = [[], []];
  const sum = writtenSum((i) => pointed.push(i));
  const show = (more = {}, again = key) => sum.show({ sum: 0.75, color: "#ffffff", theme: "light", terms: TERMS, perRow: 3,
    room: () => { asked.push(room); return room; }, ...change, ...more }, again);
  show();
  return { sum, show, pointed, asked, terms: sum.element.children[1] };
}

test("each product has its chips and its state; a plus stands between two", () => {
  const { sum, terms, pointed } = shown(900, { label: "y", arrived: 3 });
  assert.equal(sum.element.textContent, "y0.75=1·2+0·3+4·0+1.25·−1");
  assert.deepEqual(terms.children.map((one) => one.attributes.class),
    ["cnn-term", "cnn-term cnn-zero", "cnn-term cnn-zero cnn-pointed", "cnn-term cnn-later"]);
  const colours = (i) => [0, 2].map((k) => terms.children[i].children[k].style).map(({ background, color }) => [background, color]);
  assert.deepEqual(colours(0), ["#ffffff", "#000000"].map((color) => [color, readable(color)]));
  assert.deepEqual(colours(3), [["", ""], ["", ""]], "it is no part of the sum yet");
  assert.equal(sum.term(2), terms.children[2]);
  terms.children[1].fire("pointerenter");
  terms.children[1].fire("pointerleave");
  assert.deepEqual(pointed, [1, null]);
});

test("a line has as many terms as fit: those that belong together, if they do", () => {
  const columns = (room, change) => shown(room, change).terms.style.gridTemplateColumns;
  // The longest number has four signs: a chip of 43, and a term of 2 · 43 + 28 = 114.
  assert.deepEqual([900, 456, 455, 342, 341, 228, 227, 10].map((room) => columns(room)),
    [3, 3, 3, 3, 2, 2, 1, 1].map((count) => `repeat(${count}, max-content)`));
  assert.equal(columns(900, { perRow: 2 }), "repeat(4, max-content)");
  assert.equal(shown(900).terms.style["--chip"], "43px");
});

test("the room is asked for only where it may have changed", () => {
  const { show, asked, terms } = shown(900);
  const [first] = terms.children;
  show({ sum: 1, terms: TERMS.map((one) => ({ ...one, pointed: true })) });
  assert.deepEqual([asked.length, terms.children[0]], [1, first]);
  show({}, "another width");
  show({ perRow: 2 }, "another width");
  show({ perRow: 2, terms: [...TERMS.slice(0, 3), term(1.125, 2)] }, "another width"); // still four signs: it is rounded
  assert.equal(asked.length, 3);
  show({ perRow: 2, terms: [...TERMS.slice(0, 3), term(-1.25, 2)] }, "another width");
  show({ perRow: 2, terms: TERMS.slice(0, 3) }, "another width");
  assert.deepEqual([asked.length, terms.children.length, terms.textContent], [5, 3, "1·2+0·3+4·0"]);
});
