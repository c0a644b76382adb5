// Backward.
//
// Each position of the kernel adds to both gradients: G times its patch to the kernel's, G times the
// kernel to the input's. Every gesture changes the model; draw() paints what the model says.

import { colourScale, foot, hintLine, keys, legend, slider } from "../shared/controls.js";
import { boxIn, differs, html, say } from "../shared/dom.js";
import { numberEditor } from "../shared/edit.js";
import { byFinger } from "../shared/hand.js";
import { live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { stillMotion } from "../shared/motion.js";
import { following, playButtons, playClock } from "../shared/player.js";
import { inWords, t, told } from "../shared/words.js";
import { gestures } from "./gestures.js";
import { buildGrids } from "./grids.js";
import { agrees, backwardPass, geometry, sentence, upTo } from "./model.js";
import { sumPanel } from "./sums.js";

/** @typedef {import("../shared/life.js").Context} Context */
/** @typedef {import("../shared/grid.js").NumberGrid} NumberGrid */

const STEP_MS = 1000;
const GLIDE_MS = 300; // steps that follow faster than this do not wait for one another
const TRAITS = ["image", "kernel", "grad_output", "stride", "row", "col", "weight", "pixel", "playing", "numerical"];

/** @param {Context} context */
const initialize = ({ model }) => playClock(model, STEP_MS, () => following(geometry(model)));

/** @param {Context} context */
function render({ model, el }) {
  const paint = oncePerFrame(() => draw());
  const hint = hintLine(told(byFinger() ? "backward.hint_touch" : "backward.hint", { arrows: keys("←", "→", "↑", "↓"), key: keys("N") }));
  const editor = numberEditor(hint, paint);
  /** @type {ReturnType<typeof buildGrids>} */
  let grids; // made anew when a size changes
  const hand = gestures(model, { paint, hint, editor, parts: () => grids });
  const player = playButtons(model, hand.change, { next: () => following(hand.now()), go: ({ row, col }) => hand.goTo(row, col),
    restart: () => hand.goTo(0, 0) });
  let all = 1; // positions
  const share = slider(t("backward.positions"), 1, 1, hand.goToCount, { text: (count) => t("backward.of", { count, all }) });

  // What it consists of
  const verdict = html("div", { class: "verdict" });
  const scales = { weight: colourScale(), input: colourScale() };
  const stage = html("div", { class: "cnn-stage" });
  const sums = [sumPanel("weight"), sumPanel("pixel")];
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const root = html("div", { class: "cnn cnn-backward", role: "group", "aria-label": t("backward.label") },
    html("div", { class: "cnn-bar" }, html("div", { class: "cnn-buttons" }, ...player.elements), share.element),
    verdict, stage, legend(scales.weight.element, scales.input.element),
    html("div", { class: "sums", "aria-hidden": "true" }, ...sums.map((one) => one.element)),
    ...foot(says, hint.element));
  el.append(root);
  const compute = backwardPass();
  const drop = dropper(root);

  function draw() {
    const [{ beat }, stepped] = [hand.story, hand.story.stepped()];
    const state = upTo(compute(hand.now()), beat);
    const { image, kernel, rows, cols, count } = state;
    const [width, theme] = [roomIn(root), themeOf(root)];
    root.classList.toggle("cnn-narrow", width < 560);
    if (differs(root, "sizes", [image.length, image[0].length, kernel.length, kernel[0].length, rows, cols, state.options.stride, width])) {
      editor.close();
      grids = buildGrids(root, stage, state, width, hand);
    }
    // Without Python the central differences stay behind an edited number.
    const numerical = JSON.stringify(model.get("numerical").of) === state.given ? model.get("numerical") : null;
    const right = numerical !== null && agrees(state, numerical);
    const step = drop.step(count);
    grids.show({ ...state, theme, numerical, agrees: right, hurried: step.hurried });
    say(verdict, !numerical ? t("backward.unknown") : t(right ? "backward.agree" : "backward.differ"));
    scales.weight.show("weight", state.end.weight, { of: "∂L/∂K", theme, before: "∂L/∂K" });
    scales.input.show("input", state.end.input, { of: "∂L/∂x", theme, before: "∂L/∂x" });
    all = state.all;
    share.show(count, all);
    player.show();
    for (const one of sums) one.show(state, theme, width < 560 ? width - 24 : Math.floor((width - 16) / 2) - 114);
    say(says, beat?.says ?? sentence(state));
    // What became what: products come from what they are made of, and drop into their sums.
    if (stepped && !stillMotion()) requestAnimationFrame(() => drop.tell(stepped, grids, state));
    else if (step.forward && !beat && !step.hurried && !root.classList.contains("cnn-dragging") && !stillMotion()) {
      const { onKernel, gradKernel, onImage, gradImage, pitch } = grids;
      // A frame later: the numbers need not wait for what makes them vivid.
      requestAnimationFrame(() => {
        drop.fall(onKernel.grid, gradKernel.grid, 0, 0);
        drop.fall(onImage.grid, gradImage.grid, state.top * pitch, state.left * pitch);
      });
    }
  }

  const changed = () => {
    hint.show("");
    paint();
  };
  return live(model, root, TRAITS, paint, { changed, closed: editor.close, story: hand.story });
}

/** Watches the steps, and lets copies of grids fall into their sums. @param {HTMLElement} root */
function dropper(root) {
  /** @type {number | null} */
  let shown = null; // how many positions the last drawing had added, to see a step
  let stepped = -Infinity; // and when it changed
  /** @type {WeakMap<NumberGrid, { x: number, y: number }>} */
  const places = new WeakMap();
  /** Where a grid lies in the root. It stays there until the grids are made anew. @param {NumberGrid} grid */
  const placeOf = (grid) => {
    const place = places.get(grid) ?? boxIn(root, grid.frame);
    places.set(grid, place);
    return place;
  };
  /**
   * Let a copy of `copied` fly to or from where it stands beside the place of another grid.
   * @param {NumberGrid} copied
   * @param {[NumberGrid, number, number]} start a grid, and how many pixels down and to the right
   * @param {[NumberGrid, number, number]} end
   * @param {number} [time] in milliseconds
   */
  const glide = (copied, start, end, time = 450) => {
    const [from, to] = [start, end].map(([grid, down, right]) => ({ x: placeOf(grid).x - 1 + right, y: placeOf(grid).y - 1 + down }));
    const ghost = html("div", { class: "drop", "aria-hidden": "true", style: `left:${to.x}px;top:${to.y}px` }, copied.frame.cloneNode(true));
    root.append(ghost);
    ghost.animate([{ transform: `translate(${from.x - to.x}px, ${from.y - to.y}px)`, opacity: 1 }, { transform: "none", opacity: 0.5 }],
      { duration: time, easing: "cubic-bezier(0.3, 0, 0.2, 1)" }).finished.finally(() => ghost.remove());
  };
  return {
    /**
     * Show what a step of the story moves: a factor to its product, or a product into its sum.
     * @param {{ beat: { moves: string }, by: 1 | -1 }} step
     * @param {ReturnType<typeof buildGrids>} grids
     * @param {{ top: number, left: number }} now
     */
    tell({ beat: { moves }, by }, { image, kernel, onKernel, onImage, gradKernel, gradImage, pitch }, { top, left }) {
      for (const old of root.querySelectorAll(".drop")) old.remove();
      const [down, right] = [top * pitch, left * pitch];
      const way = /** @type {Record<string, [NumberGrid, [NumberGrid, number, number], [NumberGrid, number, number]]>} */ ({
        patch: [onKernel.grid, [image.grid, down, right], [onKernel.grid, 0, 0]],
        weight: [onKernel.grid, [onKernel.grid, 0, 0], [gradKernel.grid, 0, 0]],
        kernel: [onImage.grid, [kernel.grid, 0, 0], [onImage.grid, 0, 0]],
        pixel: [onImage.grid, [onImage.grid, 0, 0], [gradImage.grid, down, right]],
      })[moves];
      if (way) glide(way[0], by > 0 ? way[1] : way[2], by > 0 ? way[2] : way[1]);
    },
    /** What the step to `count` positions is like. @param {number} count */
    step(count) {
      const moved = shown !== null && count !== shown;
      const step = { forward: shown !== null && count > shown, hurried: performance.now() - stepped < GLIDE_MS };
      if (moved) stepped = performance.now();
      shown = count;
      return step;
    },
    /** @param {NumberGrid} from @param {NumberGrid} to @param {number} down @param {number} right */
    fall: (from, to, down, right) => glide(from, [from, 0, 0], [to, down, right], 240),
  };
}

export default { initialize, render: inWords(render) };
