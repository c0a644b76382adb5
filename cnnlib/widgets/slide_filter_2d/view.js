// SlideFilter2D.
//
// Three things rule the picture: the output cell (row, col), the geometry (stride, padding, dilation)
// and the arrays. Every gesture changes the model; draw() paints what the model says.

import { shade } from "../shared/colour.js";
import { hintLine, keys, showScale, slider, toggle } from "../shared/controls.js";
import { differs, html, say } from "../shared/dom.js";
import { numberEditor } from "../shared/edit.js";
import { fitScale } from "../shared/grid.js";
import { batched, live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { fly } from "../shared/motion.js";
import { clamp, formatNumber } from "../shared/numbers.js";
import { following, playButtons, playClock } from "../shared/player.js";
import { writtenSum } from "../shared/sum.js";
import { visits } from "../shared/visits.js";
import { buildGrids } from "./grids.js";
import { formulas, geometry, misfit, numbers, sentence } from "./model.js";

/** @typedef {import("../shared/life.js").Context} Context */
/** @typedef {import("./model.js").Numbers} Numbers */

const STEP_MS = 850;
const TRAITS = ["image", "kernel", "stride", "padding", "dilation", "row", "col", "reveal", "playing"];

/** @param {Context} context */
const initialize = ({ model }) => playClock(model, STEP_MS, () => following(geometry(model)));

/** @param {Context} context */
function render({ model, el }) {
  const change = batched(model);
  const paint = oncePerFrame(() => draw());
  const hint = hintLine("Drag the window or press ", keys("←", "→", "↑", "↓"),
    " · point at an output to see its window · click a weight to edit it, double-click a pixel");
  const editor = numberEditor(hint, paint);
  const seen = visits();
  const cursor = { r: 0, c: 0 };
  /** @type {number | null} */
  let hot = null; // the product pointed at
  /** @type {ReturnType<typeof buildGrids>} */
  let grids;      // made anew when a size changes

  // Gestures
  const now = () => geometry(model);
  const visit = () => {
    const { rows, cols, row, col } = now();
    seen.at(row * cols + col, `${rows},${cols}`);
  };
  /** @param {{ row: number, col: number }} place */
  function goTo({ row, col }) {
    const at = now();
    const to = { row: clamp(row, 0, at.rows - 1), col: clamp(col, 0, at.cols - 1) };
    const moved = to.row !== at.row || to.col !== at.col;
    hint.show("");
    change(model.get("playing") ? { ...to, playing: false } : to);
    visit();
    paint();
    return moved;
  }
  const restart = () => {
    seen.restart();
    goTo({ row: 0, col: 0 });
  };
  const player = playButtons(model, change, { next: () => following(now()), go: goTo, restart });
  const bar = controlBar(player.elements, (reveal) => change({ reveal }), (name, value) => {
    const why = misfit(now(), name, value);
    hint.show(why);
    if (!why) change({ [name]: value });
    paint();
  });
  const hand = {
    now, goTo, paint,
    point(/** @type {number | null} */ index) {
      if (hot === index) return;
      hot = index;
      paint();
    },
    edit(/** @type {"image" | "kernel"} */ which, /** @type {number} */ r, /** @type {number} */ c, /** @type {string} */ typed = "") {
      change({ playing: false });
      if (which === "kernel") Object.assign(cursor, { r, c });
      editor.entry(grids[which], () => model.get(which), r, c, { label: `${which} row ${r}, column ${c}`, typed,
        place: grids[which].place, commit: (values) => change({ [which]: values }), again: (...at) => hand.edit(which, ...at) });
    },
  };

  // What it consists of
  const words = headline();
  const stage = html("div", { class: "cnn-stage" });
  const sum = writtenSum(hand.point);
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const root = html("div", { class: "cnn cnn-slide-2d", role: "group", "aria-label": "Slide a filter over an image" },
    bar.element, words.element, stage, sum.element,
    html("div", { class: "cnn-foot" }, says), html("div", { class: "cnn-foot" }, hint.element));
  el.append(root);

  function draw() {
    const state = { ...numbers(now()), theme: themeOf(root), hot,
      known: (/** @type {number} */ index) => model.get("reveal") || seen.has(index) };
    const { image, kernel, options, cols, row, col, output, ends, theme } = state;
    const width = roomIn(root);
    root.classList.toggle("cnn-narrow", width < 560);
    const sizes = [image.length, image[0].length, kernel.length, kernel[0].length, ...Object.values(options), width].join();
    if (differs(root, "sizes", sizes)) {
      editor.close();
      Object.assign(cursor, { r: Math.min(cursor.r, kernel.length - 1), c: Math.min(cursor.c, kernel[0].length - 1) });
      grids = buildGrids(root, state, width, cursor, hand);
      stage.replaceChildren(...grids.elements);
    }
    grids.show(state);
    bar.show(model.get("reveal"), options);
    player.show();
    words.show(state, theme);
    say(says, sentence(state));
    const color = shade(state.sum, ends.output, "output", theme);
    sum.show({ sum: state.sum, color, theme, terms: terms(state), perRow: kernel[0].length,
      room: () => width - 30 - (width < 560 ? 0 : sum.total.offsetWidth + 28) }, sizes);
    // What became what: the sum flies from the window into its cell.
    if (seen.isNew(row * cols + col) && !model.get("reveal") && !root.classList.contains("cnn-dragging")) {
      fly(root, grids.image.handle, grids.output.grid, row, col, { label: formatNumber(state.sum), color, theme, scale: fitScale(output) });
    }
  }

  visit();
  const changed = () => {
    hint.show("");
    queueMicrotask(visit); // row and column may come one after the other
    paint();
  };
  return live(model, root, TRAITS, paint, { changed, closed: editor.close });
}

/**
 * The products of the window as the terms of a sum.
 * @param {Numbers & { theme: string, hot: number | null }} now
 */
function terms({ taps, ends, theme, hot }) {
  return taps.map(({ value, weight }, i) => {
    const focus = value * weight !== 0;
    return { value, weight, pointed: hot === i, valueColor: shade(value, ends.input, "input", theme, focus),
      weightColor: shade(weight, ends.weight, "weight", theme, focus) };
  });
}

/**
 * @param {Element[]} buttons
 * @param {(all: boolean) => void} reveal
 * @param {(name: "stride" | "padding" | "dilation", value: number) => void} setStep
 */
function controlBar(buttons, reveal, setStep) {
  const all = toggle(html("span", { title: "show all outputs" }, "show all"), reveal);
  const sliders = {
    stride: slider("stride", 1, 3, (value) => setStep("stride", value)),
    padding: slider("padding", 0, 2, (value) => setStep("padding", value)),
    dilation: slider("dilation", 1, 2, (value) => setStep("dilation", value)),
  };
  return {
    element: html("div", { class: "cnn-bar" },
      html("div", { class: "cnn-buttons" }, ...buttons, all.element),
      html("div", { class: "sliders" }, ...Object.values(sliders).map((one) => one.element))),
    /** @param {boolean} revealed @param {{ stride: number, padding: number, dilation: number }} options */
    show(revealed, options) {
      all.show(revealed);
      sliders.stride.show(options.stride);
      sliders.padding.show(options.padding);
      sliders.dilation.show(options.dilation);
    },
  };
}

/** The output's size as a formula, and the scale of its colours where it has negative numbers. */
function headline() {
  const formula = html("div", { class: "formula" });
  const scale = html("div", { class: "cnn-scale" });
  return {
    element: html("div", { class: "line" }, formula, scale),
    /** @param {Numbers} now @param {string} theme */
    show(now, theme) {
      const lines = formulas(now);
      if (differs(formula, "text", lines)) {
        formula.replaceChildren(...lines.map(([name, text]) => html("span", {}, `${name} `, html("b", {}, text))));
      }
      scale.hidden = !now.output.flat().some((value) => value < 0);
      showScale(scale, "output", now.ends.output, { of: "the output", theme });
    },
  };
}

export default { initialize, render };
