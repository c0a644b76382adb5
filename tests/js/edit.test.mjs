// A number in a cell, edited: what is taken, what is refused, and where a key leads.

import assert from "node:assert/strict";
import test from "node:test";

import "./words.mjs";

import { editable, editNumber, nextCell, numberEditor, replaced, textField } from "../../cnnlib/widgets/shared/edit.js";
import { numberGrid } from "../../cnnlib/widgets/shared/grid.js";
import { element, page } from "./element.mjs";

page();

test("Tab goes along the lines, arrows to the next line, and neither beyond the ends", () => {
  const values = [[1, 2, 3], [4, 5, 6]];
  assert.deepEqual(nextCell("Tab", values, 0, 2), [1, 0]);
  assert.deepEqual(nextCell("BackTab", values, 1, 0), [0, 2]);
  assert.deepEqual(nextCell("ArrowDown", values, 0, 1), [1, 1]);
  assert.deepEqual(nextCell("ArrowUp", values, 1, 1), [0, 1]);
  for (const [key, r, c] of [["Tab", 1, 2], ["BackTab", 0, 0], ["ArrowUp", 0, 1], ["ArrowDown", 1, 1], ["Enter", 0, 0], ["blur", 0, 0]]) {
    assert.equal(nextCell(key, values, r, c), null, key);
  }
  assert.deepEqual(replaced(values, 1, 0, 9), [[1, 2, 3], [9, 5, 6]]);
  assert.deepEqual(values[1], [4, 5, 6], "the old values stay");
});

test("a field keeps its keys, and Escape puts back what was there or was accepted", () => {
  const done = [];
  const field = textField({ id: "mine" }, { Tab: () => { done.push("Tab"); }, ArrowUp: () => false });
  assert.deepEqual([field.attributes.id, field.attributes["data-lm-suppress-shortcuts"]], ["mine", "true"]);
  field.addEventListener("input", () => done.push(field.value));
  const press = (key, more) => { const { prevented, stopped } = field.fire("keydown", { key, ...more }); return [prevented, stopped]; };
  const type = (text) => { field.value = text; };
  type("1");
  field.fire("focus");
  type("2");
  assert.deepEqual([press("Escape"), field.value, done.splice(0)], [[true, true], "1", ["1"]]);
  type("3");
  assert.deepEqual(press("Enter"), [false, true], "a form may take it; Jupyter does not hear of it");
  field.setAttribute("aria-invalid", "true");
  type("x");
  press("Enter");
  press("Escape");
  assert.equal(field.value, "3", "what was refused is not what was accepted");
  assert.deepEqual([press("Tab"), press("ArrowUp"), press("q")], [[true, true], [false, true], [false, true]]);
  assert.deepEqual(done, ["3", "Tab"]);
  const plain = textField({}, { Escape: () => false });
  assert.deepEqual(plain.fire("keydown", { key: "Escape" }).prevented, false, "who gives it another meaning has it");
});

/** A field over a cell, and what is heard of it. */
function opened(edit = {}) {
  const [host, frame, heard] = [element(), element(), []];
  host.rect = { x: 100, y: 50, width: 500, height: 500 };
  frame.rect = { x: 120, y: 80, width: 200, height: 200 }; // shown twice as large
  const { close } = editNumber(host, { frame, width: 100, box: (r, c) => ({ x: 4 + r, y: 8 + c, size: 30 }) }, 1, 2, { value: -0.25, label: "weight",
    commit: (value) => heard.push(value), leave: (key) => heard.push(`by ${key}`), refuse: (why) => heard.push(why), ...edit });
  const [field] = host.children;
  return { host, field, heard, close, press: (key, more) => field.fire("keydown", { key, ...more }) };
}

test("a field lies over its cell, with its number to be typed over or what was typed already", () => {
  const { field, host } = opened();
  assert.deepEqual([field.attributes.style, field.attributes["aria-label"]], ["left:15px;top:25px;width:30px;height:30px", "weight"]);
  assert.deepEqual([field.value, field.selected, field.focused], ["−0.25", true, [{ preventScroll: true }]]);
  assert.deepEqual([opened({ typed: "7" }).field.value, opened({ typed: "7" }).field.selected], ["7", undefined]);
  assert.deepEqual([field.fire("pointerdown").stopped, host.children.length], [true, 1], "a press in it is none on the grid");
});

test("a number is taken by the keys that leave the cell, or when the hand goes elsewhere", () => {
  for (const [key, more, way] of [["Enter", {}, "Enter"], ["Tab", {}, "Tab"], ["Tab", { shiftKey: true }, "BackTab"], ["ArrowUp", {}, "ArrowUp"],
    ["ArrowDown", {}, "ArrowDown"], ["Enter", { shiftKey: true }, "Enter"]]) {
    const { field, host, heard, press } = opened();
    field.value = "1/4";
    press(key, more);
    field.fire("blur"); // a field that is taken away loses the focus
    assert.deepEqual([heard, host.children], [[0.25, `by ${way}`], []]);
  }
  const [left, closed, escaped] = [opened(), opened(), opened()];
  for (const { field } of [left, closed, escaped]) field.value = "3";
  left.field.fire("blur");
  closed.close();
  escaped.press("Escape");
  for (const { field, close } of [left, closed, escaped]) {
    field.fire("blur");
    close();
  }
  assert.deepEqual([left, closed, escaped].map(({ heard }) => heard), [[3, "by blur"], ["by blur"], ["by Escape"]], "each once");
  assert.ok([left, closed, escaped].every(({ host }) => host.children.length === 0));
});

test("what is no number is refused, and stays to be mended until the hand goes elsewhere", () => {
  const { field, host, heard, press } = opened();
  field.value = "two";
  press("Enter");
  assert.deepEqual([host.children, field.attributes["aria-invalid"]], [[field], "true"]);
  assert.match(heard.pop(), /two.* is not a number.*; Escape keeps the old one\.$/);
  field.fire("input");
  assert.equal(field.attributes["aria-invalid"], undefined, "it is being mended");
  field.fire("blur");
  assert.deepEqual([heard[0], host.children], ["by blur", []]);
  assert.match(heard[1], /two.* is not a number.*; the old one stays\.$/);
  assert.equal(heard.length, 2);
});

/** An editor of the numbers of a grid, and what is heard of it. */
function editing() {
  const [grid, figure, heard] = [numberGrid(2, 2, 40), element(), []];
  const editor = numberEditor({ show: (alert) => heard.push(`hint ${alert}`) }, () => heard.push("paint"));
  let values = [[1, 2], [3, 4]];
  const go = (r, c, typed) => editor.entry({ figure, grid }, () => values, r, c, { label: "weight", typed,
    commit: (now) => { values = now; heard.push(now.join(" ")); }, again: (...to) => { heard.push(`go ${to}`); go(...to); } });
  return { editor, grid, figure, heard, go, field: () => figure.children.at(-1), set(now) { values = now; } };
}

test("an entry is edited in its cell, and the key leads to the next one", () => {
  const { editor, grid, figure, heard, go, field } = editing();
  assert.equal(editor.busy, false);
  go(0, 1);
  assert.deepEqual([editor.busy, field().value, figure.children.length, heard.splice(0)], [true, "2", 1, ["paint"]]);
  field().value = "5";
  field().fire("keydown", { key: "Tab" });
  assert.deepEqual([heard.splice(0), field().value], [["1,5 3,4", "hint ", "go 1,0", "paint", "paint"], "3"]);
  field().fire("keydown", { key: "Enter" });
  assert.deepEqual([heard.splice(0), editor.busy, figure.children], [["hint ", "paint"], false, []], "the same number is no change");
  assert.deepEqual(grid.frame.focused, [{ preventScroll: true }], "the grid has the keys again");
  go(1, 1, "9");
  assert.equal(field().value, "9");
  field().fire("keydown", { key: "Escape" });
  assert.deepEqual([heard.splice(0), grid.frame.focused.length], [["paint", "hint ", "paint"], 2]);
});

test("one field is open at a time; what is refused is said, and stays said when the hand goes elsewhere", () => {
  const { editor, grid, figure, heard, go, field } = editing();
  go(0, 0);
  go(0, 1);
  assert.deepEqual([figure.children.length, field().value], [1, "2"]);
  field().value = "two";
  field().fire("blur");
  assert.match(heard.find((one) => one.startsWith("hint")), /hint .*; the old one stays\.$/);
  assert.equal(heard.filter((one) => one.startsWith("hint")).length, 1, "nothing wipes it away");
  assert.deepEqual([editor.busy, grid.frame.focused.length], [false, 0], "the focus is where the hand went");
  editor.close();
});

test("a cell that is gone meanwhile is not edited", () => {
  const { editor, heard, go, set } = editing();
  set([[1]]);
  go(1, 0);
  go(0, 1);
  assert.deepEqual([editor.busy, heard], [false, []]);
});

test("a grid is edited by a click on a cell, by arrows and Enter, and by a digit", () => {
  const [grid, cursor, heard] = [numberGrid(2, 3, 10, 0), { r: 5, c: 1 }, []];
  grid.paint(1, 2, { label: "42" });
  Object.assign(grid.frame.rect, { width: 30, height: 20 });
  const does = { edit: (...at) => heard.push(["edit", ...at]), paint: () => heard.push("paint"), point: (index) => heard.push(["point", index]) };
  editable(grid, cursor, does);
  assert.deepEqual(cursor, { r: 1, c: 1 }, "it stays inside");
  const press = (key, more) => {
    heard.length = 0;
    const { prevented } = grid.frame.fire("keydown", { key, ctrlKey: false, ...more });
    return [prevented, ...heard];
  };
  const aim = (type, clientX, clientY) => { heard.length = 0; grid.frame.fire(type, { clientX, clientY }); return [...heard]; };
  assert.deepEqual([aim("click", 25, 15), aim("click", 31, 15)], [[["edit", 1, 2]], []]);
  assert.deepEqual([aim("pointermove", 25, 15), aim("pointermove", 25, 21), aim("pointerleave")], [[["point", 5]], [["point", null]], [["point", null]]]);
  assert.deepEqual([press("ArrowRight"), cursor], [[true, "paint"], { r: 1, c: 2 }]);
  assert.equal(grid.frame.children.at(-1).textContent, "row 1, column 2: 42", "a screen reader is told");
  for (const key of ["ArrowRight", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowLeft"]) press(key);
  assert.deepEqual(cursor, { r: 0, c: 1 });
  assert.deepEqual([press("Enter"), press("7")], [[true, ["edit", 0, 1, ""], "paint"], [true, ["edit", 0, 1, "7"], "paint"]]);
  assert.deepEqual([press("x"), press("ArrowLeft", { ctrlKey: true }), cursor.c], [[false], [false], 1]);
});

test("a grid of one line leaves the keys that lead to others, and other keys to who wants them", () => {
  const [grid, cursor, heard] = [numberGrid(1, 3, 10), { r: 0, c: 0 }, []];
  editable(grid, cursor, { edit: (...at) => heard.push(at), paint: () => heard.push("paint"), click: false, other: (key) => key === "f" });
  const press = (key) => grid.frame.fire("keydown", { key, ctrlKey: false }).prevented;
  assert.deepEqual([press("ArrowUp"), press("ArrowDown"), press("ArrowRight"), press("f"), press("x")], [false, false, true, true, false]);
  assert.deepEqual(heard, ["paint", "paint"]);
  grid.frame.fire("click", { clientX: 5, clientY: 5 });
  grid.frame.fire("pointerleave");
  assert.deepEqual([cursor, heard.length], [{ r: 0, c: 1 }, 2], "a click is another gesture");
});
