// PoolingShift.
//
// The hand moves the image by whole pixels; everything to the right of it and below follows:
// filter and ReLU, pooling, and what has changed in both maps. All of it is computed here, so that it
// follows the hand.

import { shade } from "../shared/colour.js";
import { button, choice, colourScale, foot, hintLine, keys, legend } from "../shared/controls.js";
import { differs, html, put, say } from "../shared/dom.js";
import { byFinger } from "../shared/hand.js";
import { live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { poolCells, poolWinner } from "../shared/numbers.js";
import { chipOf } from "../shared/sum.js";
import { inWords, t, told } from "../shared/words.js";
import { gestures } from "./gestures.js";
import { compute, poolName, words } from "./model.js";
import { panels } from "./panels.js";

const NAMES = ["image", "kernel", "down", "right", "pool", "size", "compare", "row", "col"];

/** @param {import("../shared/life.js").Context} context */
function render({ model, el }) {
  const paint = oncePerFrame(() => draw());
  let shown;  // the state that is on the screen
  let parts;  // made anew when a size changes
  const hand = gestures(model, paint, () => shown);

  const pick = {
    pool: choice(t("pooling_shift.kind"), ["max", "average"].map((pool) => [pool, poolName(pool)]), (pool) => hand.change({ pool })),
    size: choice(t("pooling_shift.side"), [2, 3, 4].map((size) => [size, `${size}×${size}`]), (size) => hand.change({ size })),
    compare: choice(t("pooling_shift.compare"), [["stay", t("pooling_shift.stay")], ["follow", t("pooling_shift.follow")]], (compare) => hand.change({ compare })),
  };
  const reset = button("reset", t("pooling_shift.no_shift"), () => hand.change({ down: 0, right: 0 }));
  const stage = html("div", { class: "panels" });
  const sum = windowSum();
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const cell = html("div", { class: "cnn-hidden", "aria-live": "polite" }); // what the sum shows
  const scale = colourScale();
  const hint = hintLine(told(byFinger() ? "pooling_shift.hint_touch" : "pooling_shift.hint", { arrows: keys("←", "→", "↑", "↓") }));
  const root = html("div", { class: "cnn cnn-pooling-shift", role: "group", "aria-label": t("pooling_shift.label") },
    html("div", { class: "cnn-bar" }, html("div", { class: "cnn-buttons" }, pick.pool.element, pick.size.element, reset.element), pick.compare.element),
    stage, legend(scale.element), sum.element, ...foot(says, hint.element), cell);
  el.append(root);

  function draw() {
    shown = compute(model);
    const { image, kernel, size, pool, end } = shown;
    const [width, theme] = [roomIn(root), themeOf(root)];
    if (differs(stage, "built", [image.length, image[0].length, kernel.length, kernel[0].length, size, width])) {
      parts = panels(shown, width, hand);
      stage.replaceChildren(...parts.elements);
      put(stage, "class", parts.class);
    }
    parts.show(shown, theme);
    pick.pool.show(pool);
    pick.size.show(size);
    pick.compare.show(model.get("compare"));
    say(says, words(shown).says);
    say(cell, words(shown).cell);
    sum.show(shown, theme);
    scale.show("output", end, { of: t("pooling_shift.scale"), theme });
  }

  return live(model, root, NAMES, paint);
}

/** The pooled cell, and the numbers of its window. */
function windowSum() {
  const element = html("div", { class: "cnn-equation window-sum", "aria-hidden": "true" });
  return {
    element,
    show({ now: [map, pooled], pool, size, row, col, end }, theme) {
      const cells = poolCells(map, size, row, col);
      const best = poolWinner(cells);
      const on = (number, won) => chipOf(number, shade(number, end, "output", theme), theme, won ? " won" : "");
      element.replaceChildren(html("span", {}, t("pooling_shift.pooled_at", { row, col })), on(pooled[row][col], false),
        html("span", {}, t(pool === "max" ? "pooling_shift.largest_of" : "pooling_shift.mean_of")), ...cells.map((cell) => on(cell.value, pool === "max" && cell === best)));
    },
  };
}

export default { render: inWords(render) };
