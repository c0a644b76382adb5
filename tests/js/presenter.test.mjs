// How large a card is shown that fills the screen, and how it gets there and back.

import assert from "node:assert/strict";
import test from "node:test";

import { besideIn, growth, presenter } from "../../cnnlib/widgets/shared/presenter.js";
import { element, page } from "./element.mjs";

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

// To the screen and back ----------------------------------------------------------------------------

const settled = () => new Promise((done) => { setImmediate(done); });

/** A card of 832 × 600 in an element of its own, in a hall; the browser gives it the screen, or does not. */
function card({ gives = true } = {}) {
  page();
  const [root, room, told, sizes, heard] = [element(), element(), [], [], {}];
  const on = (name, handle) => { (heard[name] ??= new Set()).add(handle); };
  const off = (name, handle) => { assert.ok(heard[name].delete(handle), `${name} was heard`); };
  Object.assign(globalThis, { Element: Object, addEventListener: on, removeEventListener: off, getComputedStyle: () => ({ backgroundColor: "white" }),
    ResizeObserver: class { constructor(handle) { sizes.push(handle); } observe() {} disconnect() { sizes.length = 0; } } });
  Object.assign(globalThis.document, { activeElement: root, fullscreenElement: null, addEventListener: on, removeEventListener: off,
    exitFullscreen() { this.fullscreenElement = null; } });
  const places = [];
  Object.assign(room, { clientWidth: hall.width, clientHeight: hall.height, offsetHeight: 640, after: (place) => { place.remove = () => places.pop(); places.push(place); },
    showPopover() { told.push("popover"); }, hidePopover() { told.push("no popover"); }, popover: null,
    requestFullscreen: async () => { if (!gives) throw new Error("no"); globalThis.document.fullscreenElement = room; } });
  Object.assign(root, { parentElement: room, offsetHeight: 600, contains: () => true, matches: () => false, closest: () => null });
  Object.assign(root.style, { width: "70%", zoom: "" });
  const fire = (name, event = {}) => [...heard[name]].forEach((handle) => handle(event));
  return { root, room, told, places, fire, heard, show: presenter(root, (is) => told.push(is)),
    get zoom() { return Number(root.style.zoom); }, tall(height) { sizes[0]([{ borderBoxSize: [{ blockSize: height }] }]); } };
}

test("a card is shown as large as the room allows, and returns as it was", async () => {
  const one = card();
  one.room.setAttribute("style", "color: red");
  assert.equal(one.show.on, false);
  one.show.toggle();
  assert.deepEqual([one.show.on, one.told, one.zoom, one.root.style.width, one.places.map((place) => place.attributes.style)], [true, [true], 1, "832px", ["height:640px"]]);
  assert.ok(one.root.classes.has("cnn-presenting") && one.room.classes.has("cnn-room"));
  await settled();
  one.fire("fullscreenchange");
  assert.equal(one.show.on, true);
  one.tall(600);
  assert.equal(one.zoom, 1080 / 600);
  one.tall(600.9);
  assert.equal(one.zoom, 1080 / 600, "less than a pixel is no news");
  one.tall(601);
  assert.equal(one.zoom, 1080 / 601, "a pixel is");
  one.tall(720);
  assert.deepEqual([one.root.classes.has("cnn-beside"), one.root.style.width], [true, "1132px"], "its caption has room beside it");
  globalThis.document.fullscreenElement = null;
  one.fire("fullscreenchange"); // the browser's own way out
  assert.deepEqual([one.show.on, one.told, one.root.style.width, one.root.style.zoom, one.places], [false, [true, false], "70%", "", []]);
  assert.deepEqual([one.room.attributes.style, one.room.classes.size, [...one.root.classes]], ["color: red", 0, []]);
  assert.ok(Object.values(one.heard).every((handles) => handles.size === 0), "nothing is heard any more");
});

test("the same key ends it, and so does Escape, but for a field over a cell", async () => {
  const one = card();
  one.show.toggle();
  await settled();
  one.show.toggle();
  assert.deepEqual([one.show.on, globalThis.document.fullscreenElement], [false, null]);
  assert.equal(one.room.attributes.style, undefined, "it had no style");
  one.show.toggle();
  await settled();
  one.fire("keydown", { key: "Escape", target: { matches: (what) => what === ".cnn-field" } });
  one.fire("keydown", { key: "a", target: one.root });
  assert.equal(one.show.on, true);
  one.fire("keydown", { key: "Escape", target: one.root });
  assert.equal(one.show.on, false);
  one.show.leave();
  assert.deepEqual(one.told, [true, false, true, false], "who is not there does not leave");
});

test("without the screen the page is filled; a window that changes is measured anew", async () => {
  const one = card({ gives: false });
  one.show.toggle();
  await settled();
  assert.deepEqual([one.told, one.room.popover, one.zoom], [[true, "popover"], "manual", 1080 / 600]);
  one.room.clientHeight = 1050;
  one.fire("resize");
  assert.equal(one.zoom, 1050 / 600);
  one.fire("fullscreenchange");
  assert.equal(one.show.on, true, "something else has had the screen");
  one.show.leave();
  assert.deepEqual([one.told, one.room.popover], [[true, "popover", "no popover", false], null]);
});

test("who leaves before the browser is ready is not kept there", async () => {
  const one = card();
  const { document } = globalThis;
  one.room.requestFullscreen = async () => { await settled(); document.fullscreenElement = one.room; };
  one.show.toggle();
  one.show.toggle();
  await settled();
  await settled();
  assert.deepEqual([one.show.on, document.fullscreenElement], [false, null]);
});
