// SlideFilter2D.
//
// Three things rule the picture: the output cell (row, col), the geometry (stride, padding, dilation)
// and the arrays. Every gesture changes the model; draw() paints what the model says.

import { shade } from "../shared/colour.js";
import { colourScale, foot, hintLine, keys, legend, stepper, toggle } from "../shared/controls.js";
import { boxIn, differs, html, say } from "../shared/dom.js";
import { numberEditor } from "../shared/edit.js";
import { byFinger } from "../shared/hand.js";
import { fitScale } from "../shared/grid.js";
import { live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { cellIn, fly, flyStep } from "../shared/motion.js";
import { formatNumber } from "../shared/numbers.js";
import { following, playButtons, playClock } from "../shared/player.js";
import { writtenSum } from "../shared/sum.js";
import { inWords, t, told } from "../shared/words.js";
import { gestures } from "./gestures.js";
import { buildGrids } from "./grids.js";
import { formulas, geometry, numbers, sentence } from "./model.js";

/** @typedef {import("../shared/life.js").Context} Context */
/** @typedef {import("./model.js").Numbers} Numbers */
/** @typedef {ReturnType<typeof import("./model.js").beats>[number]} Beat */

const STEP_MS = 850;
const TRAITS = ["image", "kernel", "stride", "padding", "dilation", "row", "col", "reveal", "playing"];

/** @param {Context} context */
const initialize = ({ model }) => playClock(model, STEP_MS, () => following(geometry(model)));

/** @param {Context} context */
function render({ model, el }) {
  const paint = oncePerFrame(() => draw());
  const hint = hintLine(told(byFinger() ? "slide_filter_2d.hint_touch" : "slide_filter_2d.hint", { arrows: keys("←", "→", "↑", "↓"), key: keys("N") }));
  const editor = numberEditor(hint, paint);
  /** @type {ReturnType<typeof buildGrids>} */
  let grids; // made anew when a size changes
  const hand = gestures(model, { paint, hint, editor, parts: () => grids });
  const player = playButtons(model, hand.change, { next: () => following(hand.now()), go: hand.goTo, restart: hand.restart });
  const bar = controlBar(player.elements, (reveal) => hand.change({ reveal }), hand.setStep);

  // What it consists of
  const words = headline();
  const stage = html("div", { class: "cnn-stage" });
  const scale = colourScale();
  const sum = writtenSum(hand.point);
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const root = html("div", { class: "cnn cnn-slide-2d", role: "group", "aria-label": t("slide_filter_2d.label") },
    bar.element, words.element, stage, legend(scale.element), sum.element, ...foot(says, hint.element));
  el.append(root);

  function draw() {
    const now = numbers(hand.now());
    const { image, kernel, options, cols, row, col, output, ends } = now;
    const [theme, here, { beat }, step] = [themeOf(root), row * cols + col, hand.story, hand.story.stepped()];
    const state = { ...now, theme, hot: hand.hot,
      known: (/** @type {number} */ i) => (beat && i === here ? beat.lands || model.get("reveal") : hand.knows(i)) };
    const width = roomIn(root);
    root.classList.toggle("cnn-narrow", width < 560);
    const sizes = [image.length, image[0].length, kernel.length, kernel[0].length, ...Object.values(options), width].join();
    if (differs(root, "sizes", sizes)) {
      editor.close();
      grids = buildGrids(state, width, hand);
      stage.replaceChildren(...grids.elements);
    }
    grids.show(state);
    bar.show(model.get("reveal"), options);
    player.show();
    words.show(state);
    scale.show("output", ends.output, { of: t("shared.the_output"), theme, before: "I ⋆ K", signed: output.flat().some((value) => value < 0) });
    say(says, beat?.says ?? sentence(state));
    const shown = beat?.sum ?? state.sum;
    const color = shade(shown, ends.output, "output", theme);
    sum.show({ sum: shown, color, theme, arrived: beat?.arrived, terms: terms(state, beat), perRow: kernel[0].length,
      room: () => width - 30 - (width < 560 ? 0 : sum.total.offsetWidth + 28) }, sizes);
    // What became what: products fly into the sum, and the sum flies from the window into its cell.
    if (step) flyStep(root, step.by, flights(root, state, step.beat, grids, sum));
    if (hand.isNew(here) && !beat && !model.get("reveal") && !root.classList.contains("cnn-dragging")) {
      fly(root, grids.image.handle, grids.output.grid, row, col, { label: formatNumber(state.sum), color, theme, scale: fitScale(output) });
    }
  }

  return live(model, root, TRAITS, paint, { changed: hand.changed, closed: editor.close, story: hand.story });
}

/**
 * What the step to a beat moves: products from the window into the sum, or the sum into the output.
 * @param {HTMLElement} root
 * @param {Numbers & { theme: string }} now
 * @param {Beat} beat
 * @param {ReturnType<typeof buildGrids>} grids
 * @param {ReturnType<typeof writtenSum>} sum
 * @returns {import("../shared/motion.js").Flight[]}
 */
function flights(root, { taps, kernel, options: { padding }, row, col, ends, theme }, beat, { image, output }, sum) {
  if (beat.lands) {
    const look = { label: formatNumber(beat.sum), color: shade(beat.sum, ends.output, "output", theme), theme };
    return [[boxIn(root, sum.total), cellIn(root, output.grid, row, col), look]];
  }
  return taps.slice(Math.max(0, beat.arrived - kernel[0].length), beat.arrived).map(({ r, c, value, weight }, i, { length }) => [
    cellIn(root, image.grid, r + padding, c + padding), boxIn(root, sum.term(beat.arrived - length + i)),
    { label: `${formatNumber(value)}·${formatNumber(weight)}`, color: shade(weight, ends.weight, "weight", theme), theme }]);
}

/**
 * The products of the window as the terms of a sum.
 * @param {Numbers & { theme: string, hot: number | null }} now
 * @param {Beat | null} beat whose products are pointed at
 */
function terms({ kernel, taps, ends, theme, hot }, beat) {
  return taps.map(({ value, weight }, i) => {
    const focus = value * weight !== 0;
    return { value, weight, pointed: beat && !beat.lands ? i < beat.arrived && i >= beat.arrived - kernel[0].length : hot === i, valueColor: shade(value, ends.input, "input", theme, focus),
      weightColor: shade(weight, ends.weight, "weight", theme, focus) };
  });
}

/**
 * @param {Element[]} buttons
 * @param {(all: boolean) => void} reveal
 * @param {(name: "stride" | "padding" | "dilation", value: number) => void} setStep
 */
function controlBar(buttons, reveal, setStep) {
  const all = toggle(html("span", { title: t("slide_filter_2d.show_all_outputs") }, t("shared.show_all")), reveal);
  const steppers = {
    stride: stepper(t("shared.step_stride"), 1, 3, (value) => setStep("stride", value)),
    padding: stepper(t("shared.step_padding"), 0, 2, (value) => setStep("padding", value)),
    dilation: stepper(t("shared.step_dilation"), 1, 2, (value) => setStep("dilation", value)),
  };
  return {
    element: html("div", { class: "cnn-bar" },
      html("div", { class: "cnn-buttons" }, ...buttons, all.element),
      html("div", { class: "cnn-buttons" }, ...Object.values(steppers).map((one) => one.element))),
    /** @param {boolean} revealed @param {{ stride: number, padding: number, dilation: number }} options */
    show(revealed, options) {
      all.show(revealed);
      steppers.stride.show(options.stride);
      steppers.padding.show(options.padding);
      steppers.dilation.show(options.dilation);
    },
  };
}

/** The output's size as a formula. */
function headline() {
  const formula = html("div", { class: "formula" });
  return {
    element: formula,
    /** @param {Numbers} now */
    show(now) {
      const lines = formulas(now);
      if (differs(formula, "text", lines)) {
        formula.replaceChildren(...lines.map(([name, text]) => html("span", {}, `${name} `, html("b", {}, text))));
      }
    },
  };
}

export default { initialize, render: inWords(render) };
