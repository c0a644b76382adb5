// Backward's grids, in two lanes: what each position adds to the kernel's gradient, and to the input's.

import { shade } from "../shared/colour.js";
import { html, put, say, svg } from "../shared/dom.js";
import { editable } from "../shared/edit.js";
import { gridFigure, movingLayer, numberGrid, shortIn, visible } from "../shared/grid.js";
import { arrow, doubleTap, onKey, onPoint, onWindow, opening, TAKES_KEYS, walked } from "../shared/hand.js";
import { clamp, subscript } from "../shared/numbers.js";
import { t } from "../shared/words.js";
import { reachedBy } from "./model.js";

/** @typedef {import("./model.js").Geometry} Geometry */
/** @typedef {ReturnType<typeof import("./model.js").upTo> & { theme: string, numerical: { image: number[][], kernel: number[][] } | null, agrees: boolean, hurried: boolean }} Now */
/** @typedef {ReturnType<typeof gridFigure>} Part */
/** @typedef {{ element: HTMLElement, move: (r: number, c: number) => void }} Outline */
/** @typedef {import("./gestures.js").Hand} Hand */

const BIG = 40;      // pitch of a cell in pixels where there is room
const SMALLEST = 20; // below it the two lanes are broken into lines
const GAPS = 150;    // what the signs between the grids take of the width

/**
 * The pitch of the cells, and whether the lanes are broken into lines.
 * @param {Geometry} now
 * @param {number} width
 */
function layout({ image, kernel, cols }, width) {
  const wide = Math.max(image[0].length, kernel[0].length);
  const across = Math.floor((width - GAPS) / (Math.max(cols, 3) + 1 + 3 * wide + kernel[0].length));
  const narrow = across < SMALLEST;
  return { wide, narrow, pitch: narrow ? clamp(Math.floor((width - 70) / (1 + wide + kernel[0].length)), 14, BIG) : Math.min(across, BIG) };
}

/**
 * An outline that glides: it lies above the drawing, since to move a part of that, it is painted anew in each frame.
 * @param {Part} part
 * @param {number} wide
 * @param {number} high
 * @returns {Outline}
 */
function gliding({ figure, grid: { pitch } }, wide, high) {
  const element = figure.appendChild(html("div", { class: "window cnn-moving", style: `width:${wide * pitch + 2}px;height:${high * pitch + 2}px` }));
  return { element, move(r, c) { element.style.transform = `translate(${c * pitch}px, ${r * pitch}px)`; } };
}

/**
 * A mark inside a cell.
 * @param {Part} part
 * @param {string} name
 * @param {number} inset
 */
function mark({ grid }, name, inset) {
  const side = grid.pitch - 2 * inset;
  const layer = movingLayer(grid.pitch, svg("rect", { class: name, rx: grid.radius + 1 - inset / 2, ...grid.corner(0, 0, inset), width: side, height: side }));
  put(layer.element, "class", null);
  grid.frame.append(layer.element);
  return layer;
}

/**
 * The grids, made for these sizes: show() paints them.
 * @param {HTMLElement} root
 * @param {HTMLElement} stage
 * @param {Geometry} now
 * @param {number} width
 * @param {Hand} hand
 */
export function buildGrids(root, stage, now, width, hand) {
  const { pitch, wide, narrow } = layout(now, width);
  root.classList.toggle("lines", narrow);
  const grids = makeGrids(now, pitch);
  const marks = makeMarks(grids, now);
  listen(grids, now, hand);
  /** @param {string} [text] */
  const sign = (text = "") => html("div", { class: "cnn-sign", "aria-hidden": "true" }, text);
  /** @param {(Part | HTMLElement)[]} pieces */
  const lane = (...pieces) => html("div", { class: "lane" }, pieces.map((one) => ("figure" in one ? one.figure : one)));
  const equal = [sign(), sign()];
  stage.style.setProperty("--side", `${wide * pitch + 8}px`);
  stage.replaceChildren(grids.grad_output.figure,
    lane(grids.factors[0], sign("×"), grids.image, sign("="), grids.onKernel, sign("→"), grids.gradKernel, equal[0], grids.numKernel),
    lane(grids.factors[1], sign("×"), grids.kernel, sign("="), grids.onImage, sign("→"), grids.gradImage, equal[1], grids.numImage));
  return { ...grids, pitch,
    /** @param {Now} state */
    show(state) {
      fillGrids(grids, state);
      marks.show(state, hand.cursor);
      for (const one of equal) say(one, state.count === state.all && state.numerical ? (state.agrees ? "≈" : "≠") : "");
    } };
}

/** @param {Geometry} now @param {number} pitch */
function makeGrids({ image, kernel, rows, cols }, pitch) {
  const [h, w, kh, kw] = [image.length, image[0].length, kernel.length, kernel[0].length];
  /** @param {string} name @param {string} title @param {number} high @param {number} wide @param {string} [label] */
  const make = (name, title, high, wide, label) => gridFigure(name, title, numberGrid(high, wide, pitch),
    label ? { ...TAKES_KEYS, "aria-label": label } : { "aria-hidden": "true" });
  return {
    grad_output: make("grad", "G = ∂L/∂y", rows, cols, t("backward.output_keys")),
    image: make("image", t("backward.input", { rows: h, cols: w }), h, w, t("backward.input_keys")),
    kernel: make("kernel", t("backward.kernel", { rows: kh, cols: kw }), kh, kw, t("backward.kernel_keys")),
    onKernel: make("on-kernel", "", kh, kw),
    onImage: make("on-image", "", kh, kw),
    gradKernel: make("grad-kernel", "", kh, kw, t("backward.grad_kernel_keys")),
    gradImage: make("grad-image", "", h, w, t("backward.grad_image_keys")),
    numKernel: make("num-kernel", t("backward.differences"), kh, kw),
    numImage: make("num-image", t("backward.differences"), h, w),
    factors: [0, 1].map(() => make("factor", "", 1, 1)),
  };
}

/** @param {ReturnType<typeof makeGrids>} grids @param {Now} now */
function fillGrids(grids, now) {
  const { image, kernel, grad, cols, row, col, count, all, added, beat, g, patch, sum, end, theme, numerical, top, left } = now;
  /**
   * @param {Part} part @param {number[][]} values @param {import("../shared/colour.js").Role} role @param {number} largest
   * @param {{ later?: (r: number, c: number) => boolean, blank?: (r: number, c: number) => boolean, focus?: (r: number, c: number) => boolean }} [where]
   */
  const fill = ({ grid }, values, role, largest, { later = () => false, blank = () => false, focus = () => true } = {}) => grid.fill(values, { theme,
    color: (value, r, c) => (later(r, c) || blank(r, c) ? null : shade(value, largest, role, theme, focus(r, c))),
    label: (value, r, c) => (blank(r, c) ? "" : shortIn(value, grid.pitch)) });
  const reached = reachedBy(now, added.pixel);
  fill(grids.grad_output, grad, "output", end.g, { later: (r, c) => r * cols + c >= count });
  for (const part of grids.factors) fill(part, [[g]], "output", end.g);
  fill(grids.image, image, "input", end.x, { focus: (r, c) => r >= top && c >= left && r < top + kernel.length && c < left + kernel[0].length });
  fill(grids.kernel, kernel, "weight", end.k);
  fill(grids.onKernel, patch.map((line) => line.map((value) => g * value)), "weight", end.weight, { blank: () => beat?.patch === false });
  fill(grids.onImage, kernel.map((line) => line.map((value) => g * value)), "input", end.input, { blank: () => beat?.kernel === false });
  fill(grids.gradKernel, sum.kernel, "weight", end.weight);
  fill(grids.gradImage, sum.image, "input", end.input, { blank: (r, c) => !reached[r][c] });
  fill(grids.numKernel, numerical?.kernel ?? kernel, "weight", end.weight, { blank: () => !numerical });
  fill(grids.numImage, numerical?.image ?? image, "input", end.input, { blank: () => !numerical });
  const name = `G${subscript(row)}${subscript(col)}`;
  say(grids.onKernel.caption, t("backward.times_patch", { g: name }));
  say(grids.onImage.caption, `${name} · K`);
  say(grids.gradKernel.caption, added.weight === all ? "∂L/∂K" : t("backward.gradient_so_far", { gradient: "∂L/∂K" }));
  say(grids.gradImage.caption, added.pixel === all ? "∂L/∂x" : t("backward.gradient_so_far", { gradient: "∂L/∂x" }));
}

/**
 * The outlines that glide, and the rings around what the two sums below are about.
 * @param {ReturnType<typeof makeGrids>} grids
 * @param {Geometry} made
 */
function makeMarks(grids, { kernel: { length: kh, 0: { length: kw } } }) {
  const here = gliding(grids.grad_output, 1, 1);
  const windows = [gliding(grids.image, kw, kh), gliding(grids.gradImage, kw, kh)];
  const chosen = mark(grids.kernel, "cnn-outline", 0);
  put(chosen.element, "class", "cnn-cursor");
  const weights = [grids.gradKernel, grids.onKernel, grids.image].map((part) => mark(part, "cnn-hot", 3));
  const pixels = [grids.gradImage, grids.onImage, grids.kernel].map((part) => mark(part, "cnn-hot", 3));
  return {
    /** @param {Now} now @param {{ r: number, c: number }} cursor */
    show({ row, col, top, left, weight, pixel, hurried }, cursor) {
      for (const { element } of [here, ...windows]) element.style.transition = hurried ? "none" : "";
      here.move(row, col);
      for (const one of windows) one.move(top, left);
      chosen.move(cursor.r, cursor.c);
      weights.forEach((one, i) => one.move(weight[0] + (i === 2 ? top : 0), weight[1] + (i === 2 ? left : 0)));
      const [r, c] = [pixel[0] - top, pixel[1] - left];
      const under = r >= 0 && c >= 0 && r < kh && c < kw;
      pixels.forEach((one, i) => {
        if (i) one.move(r, c);
        else one.move(pixel[0], pixel[1]);
        visible(one.element, !i || under);
      });
    },
  };
}

/**
 * @param {ReturnType<typeof makeGrids>} grids
 * @param {Geometry} made
 * @param {Hand} hand
 */
function listen({ image: { grid: image }, kernel: { grid: kernel }, grad_output: { grid: grad }, gradKernel, gradImage },
  { kernel: { length: kh, 0: { length: kw } }, options: { stride } }, hand) {
  /** @param {KeyboardEvent} event */
  const moveByKey = (event) => {
    const to = event.shiftKey ? null : walked(event, hand.now());
    if (to) hand.goTo(to.row, to.col);
    return to !== null;
  };
  // The input: take the patch where it is touched, or call it to where the hand points.
  onWindow(image, { high: kh, wide: kw,
    corner: () => ({ r: hand.now().top, c: hand.now().left }),
    moveTo: (r, c) => hand.goTo(Math.round(r / stride), Math.round(c / stride)),
    twice(at) {
      hand.edit("image", at.r, at.c);
      return true;
    } });
  onKey(image.frame, (_, event) => {
    if (opening(event) !== "") return moveByKey(event);
    hand.edit("image", hand.now().top, hand.now().left);
    return true;
  });
  // G: pointing at an entry adds all up to it; twice edits it.
  const again = doubleTap();
  onPoint(grad, ({ r, c }, event) => {
    const { row, col } = hand.now();
    if ((r !== row || c !== col) && (event.type === "pointerdown" || !hand.editing())) hand.goTo(r, c);
  });
  grad.frame.addEventListener("click", (event) => {
    const at = grad.at(event);
    if (at.inside && again(event, at)) hand.edit("grad_output", at.r, at.c);
  });
  onKey(grad.frame, (_, event) => {
    const [{ row, col }, typed] = [hand.now(), opening(event)];
    if (typed === null) return moveByKey(event);
    hand.edit("grad_output", row, col, typed);
    return true;
  });
  editable(kernel, hand.cursor, { edit: (r, c, typed) => hand.edit("kernel", r, c, typed), paint: hand.paint });
  // The two gradients: pointing chooses whose sum is written out.
  for (const which of /** @type {("weight" | "pixel")[]} */ (["weight", "pixel"])) {
    const { grid } = which === "weight" ? gradKernel : gradImage;
    onPoint(grid, ({ r, c }) => hand.follow(which, r, c));
    onKey(grid.frame, (key, event) => {
      const by = arrow(key);
      if (!by || event.ctrlKey || event.shiftKey) return false;
      const [r, c] = hand.now()[which];
      hand.follow(which, r + by[0], c + by[1]);
      return true;
    });
  }
}
