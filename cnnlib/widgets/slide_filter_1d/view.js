// SlideFilter1D.
//
// The signal stands above the weight matrix, column over column: the window that moves to the
// right and the lit row that moves down are one movement. Every gesture changes the model;
// draw() paints what the model says.

import { shade } from "../shared/colour.js";
import { choice, colourScale, foot, hintLine, keys, legend, stepper, toggle } from "../shared/controls.js";
import { boxIn, differs, html, say } from "../shared/dom.js";
import { numberEditor } from "../shared/edit.js";
import { byFinger } from "../shared/hand.js";
import { live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { cellIn, fly, flyStep } from "../shared/motion.js";
import { formatNumber, subscript } from "../shared/numbers.js";
import { playButtons, playClock } from "../shared/player.js";
import { writtenSum } from "../shared/sum.js";
import { inWords, t, told } from "../shared/words.js";
import { gestures } from "./gestures.js";
import { buildGrids } from "./grids.js";
import { formula, LONGEST, nextPosition, numbers, sentence, termsOf } from "./model.js";

/** @typedef {import("../shared/life.js").Context} Context */
/** @typedef {import("./model.js").Numbers} Numbers */

const STEP_MS = 850;
const TRAITS = ["signal", "kernel", "stride", "padding", "dilation", "flip", "position", "reveal", "playing"];

/** @param {Context} context */
const initialize = ({ model }) => playClock(model, STEP_MS, () => nextPosition(model));

/** @param {Context} context */
function render({ model, el }) {
  const paint = oncePerFrame(() => draw());
  const hint = hintLine(told(byFinger() ? "slide_filter_1d.hint_touch" : "slide_filter_1d.hint", { arrows: keys("←", "→"), key: keys("N") }));
  const editor = numberEditor(hint, paint);
  /** @type {ReturnType<typeof buildGrids>} */
  let grids; // made anew when a size changes
  const hand = gestures(model, { paint, hint, editor, parts: () => grids });
  const player = playButtons(model, hand.change, { next: () => nextPosition(model), go: ({ position }) => hand.goTo(position), restart: hand.restart });
  const bar = controlBar(player.elements, hand);

  // What it consists of
  const words = headline();
  const stage = html("div", { class: "cnn-stage" });
  const [edges, scale] = [html("span"), colourScale()];
  const sum = writtenSum((slot) => hand.point(slot === null ? null : termsOf(hand.now())[slot].j));
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const root = html("div", { class: "cnn cnn-slide-1d", role: "group", "aria-label": t("slide_filter_1d.label") },
    bar.element, words.element, stage, legend(edges, scale.element), sum.element, ...foot(says, hint.element));
  el.append(root);

  function draw() {
    const { kernel, signal, options, sides, at } = hand.now();
    const [m, width] = [kernel.length, roomIn(root)];
    root.classList.toggle("cnn-narrow", width < 560);
    if (differs(root, "sizes", [signal.length, m, ...Object.values(options), ...sides, width])) {
      editor.close();
      hand.keepHot(m);
      const focused = /** @type {HTMLElement | null} */ (stage.contains(document.activeElement) ? document.activeElement : null);
      grids = buildGrids(hand.now(), width, hand, bar.beside);
      stage.replaceChildren(...grids.elements);
      focused?.focus({ preventScroll: true });
    }
    const [{ beat }, step] = [hand.story, hand.story.stepped()];
    const state = { ...numbers(hand.now()), theme: themeOf(root), hot: hand.hot, beat,
      known: (/** @type {number} */ i) => (beat && i === at ? beat.lands || model.get("reveal") : hand.knows(i)) };
    const { output, ends, taps, theme } = state;
    const { hue, output: size } = grids.show(state);
    bar.show(model.get("reveal"), state);
    player.show();
    words.show(state);
    say(edges, t("slide_filter_1d.legend", { weights: t("shared.weights", { count: m }), count: state.index.flat().filter((j) => j >= 0).length }));
    scale.show("output", ends.output, { of: t("shared.the_output"), theme, before: "y", signed: output.some((value) => value < 0) });
    say(says, beat?.says ?? sentence(state));
    const shown = beat?.sum ?? output[at];
    const color = shade(shown, ends.output, "output", theme);
    const head = width < 560 ? 28 : 126 + 9 * formatNumber(output[at]).length;
    sum.show({ label: `y${subscript(at)} = `, sum: shown, color, theme, perRow: 1, room: () => width - head, arrived: beat?.arrived,
      terms: taps.map(({ value, weight, j }, i) => ({ value, weight, pointed: beat && !beat.lands ? beat.arrived === i + 1 : hand.hot === j,
        valueColor: shade(value, ends.input, "input", theme), weightColor: hue(j).color })) }, `${width - head}`);
    // What became what: products fly into the sum, and the sum flies from the window into its cell.
    if (step) flyStep(root, step.by, flights(root, state, step.beat, grids, sum, color, hue));
    if (hand.isNew(at) && !beat && !model.get("reveal") && !root.classList.contains("cnn-dragging")) {
      fly(root, grids.signal.handle, grids.output.grid, at, 0, { label: formatNumber(output[at]), color, theme, scale: size });
    }
  }

  return live(model, root, TRAITS, paint, { changed: hand.changed, closed: editor.close, story: hand.story });
}

/**
 * What the step to a beat moves: a product from the window into the sum, or the sum into the output.
 * @param {HTMLElement} root
 * @param {Numbers & { theme: string }} now
 * @param {ReturnType<typeof import("./model.js").beats>[number]} beat
 * @param {ReturnType<typeof buildGrids>} grids
 * @param {ReturnType<typeof writtenSum>} sum
 * @param {string} color of the sum
 * @param {(j: number) => { color: string }} hue of a weight
 * @returns {import("../shared/motion.js").Flight[]}
 */
function flights(root, { taps, at, theme }, beat, { signal, output }, sum, color, hue) {
  if (beat.lands) return [[boxIn(root, sum.total), cellIn(root, output.grid, at, 0), { label: formatNumber(beat.sum), color, theme }]];
  const i = beat.arrived - 1;
  if (i < 0) return [];
  const { column, value, weight, j } = taps[i];
  const label = `${formatNumber(value)}·${formatNumber(weight)}`;
  return [[cellIn(root, signal.grid, 1, column), boxIn(root, sum.term(i)), { label, color: hue(j).color, theme }]];
}

/**
 * @param {Element[]} buttons
 * @param {import("./gestures.js").Hand} hand
 */
function controlBar(buttons, { change, setOption, resize }) {
  const all = toggle(t("shared.show_all"), (reveal) => change({ reveal }));
  const flip = toggle(t("slide_filter_1d.flip"), (value) => change({ flip: value }));
  const rule = choice(t("shared.step_padding"), ["valid", "same", "full"], (word) => setOption("padding", word));
  const [stride, dilation] = [stepper(t("shared.step_stride"), 1, 3, (value) => setOption("stride", value)),
    stepper(t("shared.step_dilation"), 1, 3, (value) => setOption("dilation", value))];
  const [n, m] = [stepper(t("slide_filter_1d.signal"), 1, LONGEST.signal, (length) => resize("signal", length), { name: t("slide_filter_1d.signal_length") }),
    stepper(t("slide_filter_1d.filter"), 1, LONGEST.kernel, (length) => resize("kernel", length), { name: t("slide_filter_1d.filter_length") })];
  return {
    beside: { kernel: [m.element, flip.element], signal: [n.element] }, // what stands above each
    element: html("div", { class: "cnn-bar" }, html("div", { class: "cnn-buttons" }, ...buttons, all.element),
      html("div", { class: "cnn-buttons" }, rule.element, stride.element, dilation.element)),
    /** @param {boolean} revealed @param {Numbers} now */
    show(revealed, now) {
      all.show(revealed);
      flip.show(now.flip);
      n.show(now.signal.length);
      m.show(now.kernel.length);
      rule.show(now.rule);
      stride.show(now.options.stride);
      dilation.show(now.options.dilation);
    },
  };
}

/** The output's length as a formula. */
function headline() {
  const line = html("div", { class: "formula" });
  return {
    element: line,
    /** @param {Numbers} now */
    show(now) {
      const { text, rest } = formula(now);
      if (differs(line, "text", text + rest)) {
        line.replaceChildren(html("span", {}, told("slide_filter_1d.output_length", { formula: html("b", {}, text) })),
          ...(rest ? [html("span", { class: "tail" }, t("slide_filter_1d.never_read", { count: rest }))] : []));
      }
    },
  };
}

export default { initialize, render: inWords(render) };
