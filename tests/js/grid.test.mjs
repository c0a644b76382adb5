// Grids of numbers and pictures of many cells: where each cell lies, and what is written there.

import assert from "node:assert/strict";
import test from "node:test";

import { readable } from "../../cnnlib/widgets/shared/colour.js";
import { cellAt, fitScale, fitText, gridFigure, greys, numberGrid, pixelMap, shortIn, visible, writeIn } from "../../cnnlib/widgets/shared/grid.js";
import { element, page } from "./element.mjs";

page();

test("a point lies in the cell whose square holds it", () => {
  assert.deepEqual(cellAt({ x: 0, y: 0 }, 2, 3, 10), { r: 0, c: 0, inside: true });
  assert.deepEqual(cellAt({ x: 29.9, y: 19.9 }, 2, 3, 10), { r: 1, c: 2, inside: true });
  assert.equal(cellAt({ x: 30, y: 5 }, 2, 3, 10).inside, false);
  assert.equal(cellAt({ x: 5, y: -0.1 }, 2, 3, 10).inside, false);
});

test("text shrinks to its cell, but not below 12 px", () => {
  assert.equal(fitText("1", 50), 18);
  assert.equal(fitText("−12.34", 60), 60 * 1.3 / 6);
  assert.equal(fitText("−12.34", 50), 12);
  assert.equal(fitText("", 50, 1), 50, "nothing at all fits");
  assert.equal(fitScale([[1, -12.34]]), 1.3 / 6);
  assert.equal(fitScale([[1], [2]], 0.3), 0.3);
});

test("a number is narrowed where it is tight, and has fewer digits where that is not enough", () => {
  const text = element();
  writeIn(text, "12345678", 40, 12);
  assert.deepEqual([text.attributes, text.style.fontSize, text.textContent], [{ textLength: "38", lengthAdjust: "spacingAndGlyphs" }, "12px", "12345678"]);
  writeIn(text, "1", 40, 14.4);
  assert.deepEqual([text.attributes, text.style.fontSize, text.textContent], [{}, "14.4px", "1"]);
  assert.deepEqual([40, 39, 33, 22].map((pitch) => shortIn(-12.25, pitch)), ["−12.25", "−12.3", "−12", "…"]);
});

const boxOf = ({ x, y, width, height, rx }) => [x, y, width, height, rx].map(Number);

test("the cells of a grid lie side by side inside its margin", () => {
  const grid = numberGrid(2, 3, 40, 5, { role: "img" });
  assert.deepEqual(grid.frame.attributes, { width: "130", height: "90", class: "cnn-grid", role: "img" });
  const [rects, texts] = ["rect", "text"].map((tag) => grid.frame.children.filter((one) => one.tag === tag));
  assert.deepEqual(rects.map(({ attributes }) => boxOf(attributes)),
    [6, 46].flatMap((y) => [6, 46, 86].map((x) => [x, y, 38, 38, 5])));
  assert.deepEqual(texts.map(({ attributes: { x, y } }) => [x, y].map(Number)), [25, 65].flatMap((y) => [25, 65, 105].map((x) => [x, y])));
  assert.deepEqual([grid.corner(1, 2), grid.corner(1, 2, 3), grid.box(1, 2)], [{ x: 85, y: 45 }, { x: 88, y: 48 }, { x: 85, y: 45, size: 40 }]);
  assert.deepEqual(boxOf(grid.outline(1, 2, 1, 0).attributes), [5, 45, 80, 40, 6]);
  assert.deepEqual(boxOf(grid.outline().attributes), [5, 5, 40, 40, 6]);
  assert.equal(grid.outline(1, 1, 0, 0, "mine").attributes.class, "mine");
  const ring = grid.ring(1, 2);
  assert.deepEqual([boxOf(ring.attributes), ring.attributes.visibility], [[88, 48, 34, 34, 4], "hidden"]);
  assert.deepEqual(boxOf(grid.ring(0, 1, 6).attributes), [51, 11, 28, 28, 4]);
  visible(ring, true);
  assert.equal(ring.attributes.visibility, "visible");
  visible(ring, false);
  assert.equal(ring.attributes.visibility, "hidden");
  Object.assign(grid.frame, { rect: { x: 100, y: 200, width: 260, height: 180 } }); // shown twice as large
  const at = (x, y) => grid.at({ clientX: x, clientY: y });
  assert.deepEqual(at(111, 211), { r: 0, c: 0, inside: true });
  assert.deepEqual([at(348, 368), at(109, 211).inside, at(351, 368).inside], [{ r: 1, c: 2, inside: true }, false, false]);
});

test("what moves over a grid moves by whole cells", () => {
  const grid = numberGrid(2, 3, 40);
  const window = grid.outline();
  const layer = grid.layer(window);
  layer.move(2, 1);
  assert.deepEqual([layer.element.style.transform, layer.element.children, grid.frame.children.at(-1)], ["translate(40px, 80px)", [window], layer.element]);
});

test("a cell is written where it differs from what stands there", () => {
  const grid = numberGrid(1, 2, 40);
  const [rect, text] = grid.frame.children.slice(2);
  grid.paint(0, 1, { label: "7", color: "#ff0000", ink: "#ffffff", lift: 0.2 });
  assert.deepEqual([rect.attributes.class, rect.style.fill, text.style.fill, text.style.transform, text.style.fontSize, grid.label(0, 1)],
    [undefined, "#ff0000", "#ffffff", "translateY(-8px)", "14.4px", "7"]);
  rect.style.fill = "as it was";
  grid.paint(0, 1, { label: "7", color: "#ff0000", ink: "#ffffff", lift: 0.2 });
  assert.equal(rect.style.fill, "as it was");
  grid.paint(0, 1, { label: "" });
  assert.deepEqual([rect.attributes.class, rect.style.fill, text.style.fill, text.style.transform, grid.label(0, 1)], ["cnn-blank", "", "", "", ""]);
  assert.equal(grid.label(0, 0), "");
});

test("all cells are written, each with its own colour and an ink that can be read on it", () => {
  const grid = numberGrid(2, 2, 40);
  const colors = [["#ffffff", null], ["#000000", "#ffffff"]];
  grid.fill([[1, 2], [3, 4]], { theme: "dark", color: (value, r, c) => colors[r][c], lift: (r, c) => r * c * 0.5 });
  const [rects, texts] = ["rect", "text"].map((tag) => grid.frame.children.filter((one) => one.tag === tag));
  assert.deepEqual(texts.map((text) => text.textContent), ["1", "2", "3", "4"]);
  assert.deepEqual(rects.map((rect) => rect.style.fill), ["#ffffff", "", "#000000", "#ffffff"]);
  assert.deepEqual(texts.map((text) => text.style.fill), [readable("#ffffff", "dark"), "", readable("#000000", "dark"), readable("#ffffff", "dark")]);
  assert.deepEqual(texts.map((text) => text.style.transform), ["", "", "", "translateY(-20px)"]);
  grid.fill([[1, 2], [3, 4]], { theme: "dark", color: () => null, label: (value, r, c) => `${value}${r}${c}` });
  assert.deepEqual(texts.map((text) => text.textContent), ["100", "201", "310", "411"]);
});

test("a picture has a pixel for each value, and none for nothing", () => {
  const made = [];
  globalThis.document.createElement = (tag) => Object.assign(element(tag), tag === "canvas" ? {
    width: 0, height: 0, getContext: () => ({ createImageData: (width, height) => ({ width, height, data: new Uint8ClampedArray(4 * width * height) }),
      putImageData: ({ width, height, data }, ...place) => made.push([width, height, [...data], place]) }) } : {});
  const map = pixelMap(2, 3, 10, { role: "img" });
  page();
  map.paint((r, c) => (r + c === 3 ? null : [r, c, 9]));
  const [[width, height, data, place]] = made;
  assert.deepEqual([width, height, place, data], [3, 2, [0, 0], [0, 0, 9, 255, 0, 1, 9, 255, 0, 2, 9, 255, 1, 0, 9, 255, 1, 1, 9, 255, 0, 0, 0, 0]]);
  const [canvas, overlay] = map.frame.children;
  assert.deepEqual([canvas.width, canvas.height, map.frame.attributes.role, map.frame.attributes.style], [3, 2, "img", "width:30px;height:20px"]);
  assert.deepEqual([overlay, overlay.attributes.width, overlay.attributes.height], [map.overlay, "30", "20"]);
  map.frame.rect = { x: 100, y: 100, width: 60, height: 40 };
  assert.deepEqual(map.at({ clientX: 159, clientY: 121 }), { r: 1, c: 2, inside: true });
  map.outline(1, 2)(1, 1);
  const [layer] = overlay.children;
  assert.equal(layer.style.transform, "translate(10px, 10px)");
  assert.deepEqual(layer.children.map(({ attributes }) => [attributes.class, ...boxOf(attributes)]), [["cnn-halo", -1, -1, 22, 12, 2], ["cnn-edge", -1, -1, 22, 12, 2]]);
  assert.deepEqual([greys.length, greys[7]], [256, [7, 7, 7]]);
});

test("a grid stands over its title", () => {
  const grid = numberGrid(1, 1, 40);
  const { figure, caption } = gridFigure("kernel", "the filter", grid, { "aria-label": "filter" });
  assert.deepEqual([figure.children, caption.textContent, figure.attributes.class, grid.frame.attributes["aria-label"]],
    [[grid.frame, caption], "the filter", "cnn-part kernel", "filter"]);
});
