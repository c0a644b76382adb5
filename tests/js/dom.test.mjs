// Elements: made, changed only where they differ, measured however a page scales them.

import assert from "node:assert/strict";
import test from "node:test";

import { announce, boxIn, differs, html, pointIn, put, say, scaleOf, set, svg } from "../../cnnlib/widgets/shared/dom.js";
import { element, page } from "./element.mjs";

page();

test("an element has its attributes, its handlers and what lies in it, but for what is missing", () => {
  const heard = [];
  const one = html("p", { class: "a", hidden: true, title: null, id: undefined, inert: false, onclick: () => heard.push("click") },
    "text", null, undefined, [html("b"), "more"]);
  assert.deepEqual([one.tag, one.attributes, one.childNodes.map((child) => child.tag ?? child)], ["p", { class: "a", hidden: "" }, ["text", "b", "more"]]);
  one.fire("click");
  assert.deepEqual(heard, ["click"]);
  assert.deepEqual([html("i").tag, html("i").attributes, svg("g", { x: 0 }).attributes], ["i", {}, { x: "0" }]);
});

test("what is the same already is not written again", () => {
  const [one, written] = [element(), []];
  const setAttribute = one.setAttribute;
  one.setAttribute = (name, value) => { written.push(name); setAttribute(name, value); };
  set(one, { x: 1, y: "2" });
  set(one, { x: "1", y: 3 });
  assert.deepEqual([one.attributes, written], [{ x: "1", y: "3" }, ["x", "y", "y"]]);
  for (const nothing of [null, undefined, false]) {
    put(one, "x", 1);
    put(one, "x", nothing);
    assert.equal(one.getAttribute("x"), null, String(nothing));
  }
  say(one, "a");
  const [text] = [one.childNodes];
  one.replaceChildren = () => assert.fail("it says so already");
  say(one, "a");
  assert.deepEqual(text, ["a"]);
});

test("a value differs from the last one asked about under its name", () => {
  const one = element();
  assert.deepEqual([differs(one, "a", 1), differs(one, "a", "1"), differs(one, "b", 1), differs(one, "a", 2), differs(one, "a", 1)],
    [true, false, true, true, true]);
});

test("news is told in one place of a card, and nowhere else", () => {
  const [card, cell] = [element(), element()];
  card.querySelector = (what) => { assert.equal(what, ":scope > .cnn-reached"); return card.children[0] ?? null; };
  cell.closest = (what) => (what === ".cnn" ? card : null);
  announce(cell, "first");
  announce(cell, "second");
  assert.deepEqual([card.children.length, card.textContent, card.children[0].attributes],
    [1, "second", { class: "cnn-hidden cnn-reached", role: "status" }]);
  cell.closest = () => null;
  announce(cell, "alone");
  assert.equal(card.textContent, "second");
});

test("places are told in an element's own pixels, however large the page shows it", () => {
  const [outer, inner] = [element(), element()];
  Object.assign(outer, { offsetWidth: 100, rect: { x: 10, y: 20, width: 200, height: 80 } });
  Object.assign(inner, { offsetWidth: 30, rect: { x: 50, y: 30, width: 60, height: 40 } });
  assert.deepEqual([scaleOf(outer), scaleOf(outer, 50), scaleOf(inner)], [2, 4, 2]);
  assert.deepEqual(pointIn(outer, { clientX: 50, clientY: 30 }), { x: 20, y: 5 });
  assert.deepEqual(pointIn(outer, { clientX: 50, clientY: 30 }, 50), { x: 10, y: 2.5 });
  assert.deepEqual(boxIn(outer, inner), { x: 20, y: 5, width: 30, height: 20 });
  outer.rect = { x: 0, y: 0, width: 0, height: 0 };
  assert.equal(scaleOf(outer), 1, "it is hidden");
});
