// LinkedView.
//
// The graph, the matrix, the tray of parameters and the equation all read the one integer matrix of
// model.js; a morph from one kind to another is the way from one such matrix to the next.

import { choice, colourScale, foot, hintLine, keys, legend, stepper } from "../shared/controls.js";
import { differs, html, put, say } from "../shared/dom.js";
import { numberEditor } from "../shared/edit.js";
import { byFinger } from "../shared/hand.js";
import { live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { clamp } from "../shared/numbers.js";
import { inWords, t, told } from "../shared/words.js";
import { gestures } from "./gestures.js";
import { buildGraph } from "./graph.js";
import { MOST, sentence } from "./model.js";
import { MORPH_MS } from "./parts.js";
import { buildProduct } from "./product.js";
import { buildEquation, buildTray, counter } from "./words.js";

/** @typedef {import("../shared/life.js").Context} Context */
/** @typedef {import("./parts.js").State} State */
/** @typedef {import("./gestures.js").Hand} Hand */
/** @typedef {{ graph: ReturnType<typeof buildGraph>, product: ReturnType<typeof buildProduct> }} Drawings */

const TRAITS = ["n", "kernel_size", "kind", "inputs", "theta", "weights", "row", "padding", "stride", "activation"];

/** @param {Context} context */
function render({ model, el }) {
  const paint = oncePerFrame(() => draw());
  const hint = hintLine(told(byFinger() ? "linked_view.hint_touch" : "linked_view.hint", { units: keys("↑", "↓"), edges: keys("←", "→") }));
  /** @type {Drawings} */
  let parts; // made anew when a size changes
  /** @type {State | null} */
  let before = null; // the layer as it was drawn last
  const editor = numberEditor(hint, paint);
  const hand = gestures(model, { hint, paint, editor, parts: () => parts, tray: () => tray });
  const bar = controlBar(hand.change, hand.resize);

  // What it consists of
  const tray = buildTray(hand, () => root);
  const equation = buildEquation(hand);
  const stage = html("div", { class: "stage" });
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const scales = { input: colourScale(), output: colourScale() };
  const root = html("div", { class: "cnn cnn-linked", role: "group", "aria-label": t("linked_view.label") },
    html("div", { class: "views" }, ...bar.elements, tray.element, stage, legend(scales.input.element, scales.output.element)),
    equation.element, ...foot(says, hint.element));
  el.append(root);
  const motion = calmness(root);

  function draw() {
    const [state, width, theme] = [hand.now(), roomIn(root), themeOf(root)];
    const rebuilt = differs(root, "sizes", [state.n, state.units, state.stride, width]);
    root.classList.toggle("narrow", width < 620);
    const hot = hand.keepHot(state.n);
    if (rebuilt) {
      editor.close();
      parts = build(stage, state, width, hand);
    }
    const morph = before !== null && !rebuilt && (before.kind !== state.kind || before.m !== state.m);
    motion.show(morph, state.n);
    /** @type {string[]} */
    const colors = model.get("_colors")[theme][state.kind === "shared" ? "shared" : "free"];
    const drawn = { ...state, theme, hot, morph, color: (/** @type {number} */ id) => colors[id] };
    for (const part of [parts.graph, parts.product, equation, bar]) part.show(drawn);
    tray.show(drawn, rebuilt);
    say(says, sentence(state, hot));
    for (const role of /** @type {("input" | "output")[]} */ (["input", "output"])) {
      const [name, values] = role === "input" ? ["a", state.inputs] : ["a′", state.outputs];
      scales[role].show(role, state.ends[role], { of: t(role === "input" ? "linked_view.the_inputs" : "linked_view.the_outputs"), theme,
        before: name, signed: values.some((value) => value < 0) });
    }
    before = drawn;
  }

  return live(model, root, TRAITS, paint, { closed() { bar.stop(); editor.close(); } });
}

/**
 * The drawings for these sizes, in the stage; the focus stays where it was.
 * @param {HTMLElement} stage
 * @param {import("./model.js").Layer} state
 * @param {number} width
 * @param {Hand} hand
 */
function build(stage, { n, units }, width, hand) {
  const wide = width >= Math.max(620, n * 26 + 370);   // the graph needs 200 beside the matrix
  const room = wide ? width - 260 - 24 - 56 : width - 54;
  const pitch = 2 * Math.floor(clamp(room / (n + 2), wide ? 26 : 16, wide ? 56 : 52) / 2);
  const vector = Math.max(pitch, width < 420 ? 30 : 38); // the columns of numbers stay legible
  const sign = wide ? 28 : width < 420 ? 16 : 24;
  const fitting = wide ? pitch : 2 * Math.floor((width - 6 - 2 * vector - 2 * sign) / n / 2);
  const product = buildProduct(n, units, { pitch: Math.min(pitch, Math.max(fitting, 14)), vector, sign }, hand);
  const graph = buildGraph(n, units, wide ? width - product.width - 24 : Math.min(width, 420), wide ? pitch : clamp(pitch, 30, 46), hand);
  const focused = [".graph", ".matrix", ".inputs", ".outputs"].find((name) => stage.querySelector(name) === document.activeElement);
  put(stage, "class", wide ? "stage" : "stage stacked");
  stage.replaceChildren(graph.element, product.element);
  if (focused && document.activeElement !== null) /** @type {SVGElement} */ (stage.querySelector(focused)).focus({ preventScroll: true });
  return { graph, product };
}

/**
 * Colours glide only when one kind of layer becomes another. While the hand leads, and where dozens of
 * edges would glide with each step, only windows do.
 * @param {HTMLElement} root
 */
function calmness(root) {
  let [calmAfter, led] = [0, false];
  root.addEventListener("pointermove", () => { led = true; }, true);
  root.addEventListener("keydown", () => { led = false; }, true);
  return {
    /** @param {boolean} morph @param {number} n */
    show(morph, n) {
      if (morph) calmAfter = performance.now() + MORPH_MS;
      const calm = performance.now() > calmAfter;
      root.classList.toggle("morph", !calm);
      root.classList.toggle("calm", calm && (led || n > 8));
    },
  };
}

/**
 * @param {(values: Record<string, any>) => void} change
 * @param {(wanted: (old: { n: number, m: number }) => { n?: number, m?: number, padding?: string }) => void} resize
 */
function controlBar(change, resize) {
  const count = counter();
  const kinds = choice(t("linked_view.kind"), ["full", "local", "shared"].map((kind) => [kind, t(`linked_view.button_${kind}`)]),
    (kind) => change({ kind }));
  const paddings = choice(t("shared.step_padding"), ["same", "valid"], (padding) => resize(() => ({ padding })));
  const activations = choice(t("linked_view.activation"), [["identity", "z"], "sigmoid"], (activation) => change({ activation }));
  const inputs = stepper(html("i", {}, "n"), 1, MOST, (n) => resize(() => ({ n })), { name: t("linked_view.inputs_n") });
  const filter = stepper(html("i", {}, "m"), 1, MOST, (m) => resize(() => ({ m })), { name: t("linked_view.kernel_m"), by: 2 });
  /** @param {string} text @param {HTMLElement} element */
  const control = (text, element) => html("span", { class: "control" }, html("span", { "aria-hidden": "true" }, text), element);
  return {
    elements: [html("div", { class: "head" }, kinds.element, count.element),
      html("div", { class: "choices" }, inputs.element, filter.element, control(t("shared.step_padding"), paddings.element), control("g(z) =", activations.element))],
    stop: count.stop,
    /** @param {State} state */
    show(state) {
      const { n, m, kind, padding, activation } = state;
      kinds.show(kind);
      paddings.show(padding);
      activations.show(activation);
      inputs.show(n);
      filter.show(m, 1, n - 1 + (n % 2));
      count.show(state);
    },
  };
}

export default { render: inWords(render) };
