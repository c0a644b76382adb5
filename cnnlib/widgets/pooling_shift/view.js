// PoolingShift.
//
// The hand moves the image by whole pixels; everything to the right of it and below follows:
// filter and ReLU, pooling, and what has changed in both maps. All of it is computed here, so that it
// follows the hand.

import { readable, shade } from "../shared/colour.js";
import { button, choice, keys, showScale } from "../shared/controls.js";
import { differs, html, put, say } from "../shared/dom.js";
import { arrow } from "../shared/hand.js";
import { batched, live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { clamp, formatNumber, poolCells, poolWinner } from "../shared/numbers.js";
import { compute, FARTHEST, words } from "./model.js";
import { panels } from "./panels.js";

const NAMES = ["image", "kernel", "down", "right", "pool", "size", "compare", "row", "col"];

/** @param {import("../shared/life.js").Context} context */
function render({ model, el }) {
  const tell = batched(model);
  const paint = oncePerFrame(() => draw());
  let shown;  // the state that is on the screen
  let parts;  // made anew when a size changes
  const change = (values) => {
    tell(values);
    paint();
  };
  const hand = gestures(model, change, () => shown);

  const pick = {
    pool: choice("kind of pooling", ["max", "average"], (pool) => change({ pool })),
    size: choice("side of the pooling window", [2, 3, 4].map((size) => [size, `${size}×${size}`]), (size) => change({ size })),
    compare: choice("what to compare with", [["stay", "now − before"], ["follow", "now − moved along"]], (compare) => change({ compare })),
  };
  const reset = button("reset", "no shift", () => change({ down: 0, right: 0 }));
  const stage = html("div", { class: "panels" });
  const sum = windowSum();
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const scale = html("div", { class: "cnn-scale" });
  const hint = html("div", { class: "cnn-hint" }, "Drag the input or press ", keys("←", "→", "↑", "↓"),
    " · point at a pooled cell to see its window");
  const root = html("div", { class: "cnn cnn-pooling-shift", role: "group", "aria-label": "Shift an input before and after pooling" },
    html("div", { class: "cnn-bar" }, html("div", { class: "cnn-buttons" }, pick.pool.element, pick.size.element, reset.element), pick.compare.element),
    stage, sum.element, html("div", { class: "cnn-foot" }, says), html("div", { class: "cnn-foot" }, hint, scale));
  el.append(root);

  function draw() {
    shown = compute(model);
    const { image, kernel, size, pool, end } = shown;
    const [width, theme] = [roomIn(root), themeOf(root)];
    if (differs(stage, "built", [image.length, image[0].length, kernel.length, kernel[0].length, size, width])) {
      parts = panels(root, shown, width, hand);
      stage.replaceChildren(...parts.elements);
      put(stage, "class", parts.class);
      stage.style.setProperty("--side", parts.side);
    }
    parts.show(shown, theme);
    pick.pool.show(pool);
    pick.size.show(size);
    pick.compare.show(model.get("compare"));
    say(says, words(shown).says);
    sum.show(shown, theme);
    showScale(scale, "output", end, { of: "maps and differences", theme });
  }

  return live(model, root, NAMES, paint);
}

/** What hand and keys do: shift the input, choose a pooled cell. */
function gestures(model, change, shown) {
  const hand = {
    shift: () => ({ down: model.get("down"), right: model.get("right") }),
    moveTo(...to) {
      const [down, right] = to.map((one) => clamp(one, -FARTHEST, FARTHEST));
      if (down !== model.get("down") || right !== model.get("right")) change({ down, right });
    },
    shiftByKey(key, event) {
      const { down, right } = hand.shift();
      if (event.ctrlKey) return false;
      if (arrow(key)) hand.moveTo(down + arrow(key)[0], right + arrow(key)[1]);
      else if (key === "Home" || key === "0") hand.moveTo(0, 0);
      else return false;
      return true;
    },
    /** The place is the model's: a second key may come before the frame. */
    cellByKey(key, event) {
      const step = arrow(key);
      if (event.ctrlKey || !step) return false;
      const { rows, cols } = shown();
      change({ row: clamp(model.get("row") + step[0], 0, rows - 1), col: clamp(model.get("col") + step[1], 0, cols - 1) });
      return true;
    },
    pointAt(row, col) {
      const now = shown();
      if (row < now.rows && col < now.cols && (row !== now.row || col !== now.col)) change({ row, col });
    },
  };
  return hand;
}

/** The pooled cell, and the numbers of its window. */
function windowSum() {
  const element = html("div", { class: "cnn-equation window-sum", "aria-hidden": "true" });
  return {
    element,
    show({ now: [map, pooled], pool, size, row, col, end }, theme) {
      const cells = poolCells(map, size, row, col);
      const best = poolWinner(cells);
      const chip = (number, won) => {
        const color = shade(number, end, "output", theme);
        return html("span", { class: `cnn-chip${won ? " won" : ""}`, style: `background:${color};color:${readable(color, theme)}` }, formatNumber(number));
      };
      element.replaceChildren(html("span", {}, `pooled (${row}, ${col})`), chip(pooled[row][col], false),
        html("span", {}, `= ${pool === "max" ? "largest" : "mean"} of`), ...cells.map((cell) => chip(cell.value, pool === "max" && cell === best)));
    },
  };
}

export default { render };
