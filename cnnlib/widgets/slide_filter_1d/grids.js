// SlideFilter1D's grids: the signal with its window stands above the matrix, column over column.

import { mix, paletteOf, readable, shade } from "../shared/colour.js";
import { html, put, say, set, svg } from "../shared/dom.js";
import { editable } from "../shared/edit.js";
import { fitScale, fitText, LEAST_TYPE, movingLayer, numberGrid, shortIn, visible, writeIn } from "../shared/grid.js";
import { onKey, onPoint, onWindow, opening, TAKES_KEYS } from "../shared/hand.js";
import { clamp, convIndex1d, formatNumber, subscript } from "../shared/numbers.js";
import { UNFOCUSED } from "../shared/palette.js";
import { t } from "../shared/words.js";
import { termsOf } from "./model.js";

/** @typedef {import("../shared/grid.js").NumberGrid} NumberGrid */
/** @typedef {import("./model.js").Geometry} Geometry */
/** @typedef {ReturnType<typeof looks>} Looks how numbers are written in cells of a pitch */
/** @typedef {import("./model.js").Numbers & { theme: string, hot: number | null, beat: { arrived: number, sum: number } | null, known: (index: number) => boolean }} Now */
/** @typedef {import("./gestures.js").Hand} Hand */

const BIG = 52;       // pitch of a cell in pixels where there is room
const NAMES = 38;     // from this pitch on the riding weights carry their names
const SIGN = 58;      // width of what stands between matrix and output, and 36 where there is little room
const RULER = 18;     // margin of signal and filter for the indices

/**
 * The pitch of the cells, and whether the filter stands beside the signal.
 * @param {Geometry} now
 * @param {number} width
 */
function layout({ signal, kernel, sides, padded, count }, width) {
  const across = Math.max(padded.length + 1.5, sides[0] + signal.length + 1.2);
  const room = width - 2 * RULER - 56 - SIGN + 36;
  const beside = Math.floor(Math.min((room - 2 * RULER) / (across + kernel.length), (room - 220) / across));
  const inOneRow = beside >= 34 || (beside >= 24 && width >= 700);
  const sign = inOneRow || width >= 420 ? SIGN : 36;
  const below = Math.min((width - 2 * RULER) / (padded.length + 1.5), (width - RULER - 12 - sign) / (sides[0] + signal.length + 1));
  const fitting = inOneRow ? beside : Math.floor(below);
  return { inOneRow, sign, pitch: clamp(Math.min(fitting, Math.max(26, Math.floor(470 / (count + 2.6)))), 11, BIG) };
}

/**
 * How numbers are written in cells of a pitch: small ones give their numbers more of the room, and below 15 px none.
 * @param {Now} now
 * @param {number} pitch
 */
function looks({ signal, kernel, output, theme }, pitch) {
  const { surface, theta } = paletteOf(theme);
  const hues = [UNFOCUSED, 1].map((share) => kernel.map((_, j) => {
    const color = mix(surface, theta[j], share);
    return { color, ink: readable(color, theme) };
  }));
  const most = pitch < 30 ? 0.52 : 0.36;
  return {
    label: (/** @type {number} */ value) => (pitch < 15 ? "" : shortIn(value, pitch)),
    hue: (/** @type {number} */ j, focus = true) => hues[Number(focus)][j],
    input: fitScale([signal], most), weight: fitScale([kernel], most), output: fitScale([output], most),
  };
}

/**
 * @param {string} kind
 * @param {NumberGrid} grid
 * @param {string} label
 */
function gridPart(kind, grid, label) {
  set(grid.frame, { ...TAKES_KEYS, "aria-label": label });
  return { grid, figure: html("div", { class: `cnn-part ${kind}` }, grid.frame) };
}

/**
 * Indices above a grid.
 * @param {NumberGrid} grid
 * @param {(c: number) => string} label
 */
function ruler(grid, label) {
  if (grid.pitch < 16) return;
  grid.frame.append(...Array.from({ length: grid.cols }, (_, c) =>
    svg("text", { class: "index", x: RULER + (c + 0.5) * grid.pitch, y: 9 }, label(c))));
}

/** What stands above a grid. @param {HTMLElement[]} controls */
const head = (controls) => html("div", { class: "head" }, ...controls);

/**
 * The grids, made for these sizes: show() paints them.
 * @param {Geometry} now
 * @param {number} width
 * @param {Hand} hand
 * @param {{ signal: HTMLElement[], kernel: HTMLElement[] }} beside what stands above signal and filter
 */
export function buildGrids(now, width, hand, beside) {
  const { pitch, sign } = layout(now, width);
  const { signal: { length: n }, kernel: { length: m }, sides, count } = now;
  const kernel = kernelPart(m, pitch, hand);
  const signal = signalPart(now, pitch, hand);
  const matrix = matrixPart(now, pitch, hand);
  const output = outputPart(count, pitch, hand);
  const indent = `margin-left:${sides[0] * pitch + RULER - 4}px`;
  return {
    kernel, signal, output,
    elements: [
      html("div", {}, head(beside.kernel), kernel.figure),
      html("div", {}, head(beside.signal), signal.figure,
        html("div", { class: "rows", style: indent }, matrix.figure, html("div", { class: "cnn-sign", style: `width:${sign}px`, "aria-hidden": "true" }, "·", html("i", {}, "x"), "="), output.figure),
        html("div", { class: "under", style: indent },
          html("span", { style: `width:${n * pitch + 8}px` }, n * pitch > 110 ? `Θ · ${count} × ${n}` : "Θ"),
          html("span", { style: `width:${pitch + 8}px;margin-left:${sign}px` }, `y · ${count}`))),
    ],
    /** @param {Now} state */
    show(state) {
      const look = looks(state, pitch);
      for (const part of [kernel, signal, matrix, output]) part.show(state, look);
      return look;
    },
  };
}

/**
 * @param {number} m
 * @param {number} pitch
 * @param {Hand} hand
 */
function kernelPart(m, pitch, hand) {
  const part = gridPart("kernel", numberGrid(1, m, pitch, RULER), t("slide_filter_1d.filter_keys"));
  const { grid } = part;
  ruler(grid, (j) => `θ${subscript(j)}`);
  const chosen = grid.layer(grid.outline());
  put(chosen.element, "class", "cnn-moving cnn-cursor");
  const rings = Array.from({ length: m }, (_, j) => grid.ring(0, j, 4));
  grid.frame.append(...rings);
  editable(grid, hand.cursor, { edit: (_, j, typed) => hand.edit("kernel", j, typed), paint: hand.paint, point: hand.point });
  return { ...part,
    /** @param {Now} now @param {Looks} look */
    show({ kernel, hot }, { label, weight: scale, hue }) {
      kernel.forEach((weight, j) => {
        grid.paint(0, j, { label: label(weight), scale, ...hue(j) });
        visible(rings[j], hot === j);
        rings[j].style.stroke = hue(j).ink;
      });
      chosen.move(0, hand.cursor.c);
    } };
}

/**
 * The signal and the window: its entries, the weights that ride below them, their products.
 * @param {Geometry} now
 * @param {number} pitch
 * @param {Hand} hand
 */
function signalPart({ signal: { length: n }, kernel, sides, padded, options, span }, pitch, hand) {
  const { stride } = options;
  const part = gridPart("signal", numberGrid(1, padded.length, pitch, RULER), t("slide_filter_1d.signal_keys"));
  const { grid } = part;
  ruler(grid, (c) => formatNumber(c - sides[0]));
  const tall = pitch >= 20 ? 2.72 : 2;
  put(grid.frame, "height", Math.round(RULER + tall * pitch + 10));
  const riders = carriedWeights(grid, { kernel, options, span }, tall);
  /** The signal and, below it, the weights and the products. @param {PointerEvent} event */
  const at = (event) => {
    const cell = grid.at(event);
    return { ...cell, inside: cell.c >= 0 && cell.c < grid.cols && cell.r >= 0 && cell.r <= 2 };
  };
  /** @param {number} c */
  const weightOver = (c) => termsOf(hand.now()).find(({ column }) => column === c)?.j ?? null;
  onWindow({ frame: grid.frame, at }, { high: 3, wide: span,
    corner: () => ({ r: 0, c: hand.now().at * stride }),
    moveTo: (_, c) => hand.goTo(Math.round(c / stride)),
    free: ({ r }) => r === 0,
    twice({ r, c }) {
      const [index, j] = [c - sides[0], weightOver(c)];
      if (r === 0 && index >= 0 && index < n) hand.edit("signal", index);
      else if (r === 1 && j !== null) hand.edit("kernel", j);
      else return false;
      return true;
    } });
  onPoint({ frame: grid.frame, at }, ({ c }) => hand.point(weightOver(c)), () => hand.point(null));
  onKey(grid.frame, (key, event) => {
    if (opening(event) !== "") return moveByKey(event, hand);
    hand.edit("signal", clamp(hand.now().at * stride - sides[0], 0, n - 1));
    return true;
  });
  return { ...part, handle: riders.handle,
    /** @param {Now} now @param {Looks} look */
    show(now, look) {
      const under = new Set(now.taps.map(({ column }) => column));
      grid.fill([now.padded], { theme: now.theme, scale: look.input, label: look.label,
        color: (value, _, c) => (c < sides[0] || c >= sides[0] + n ? null : shade(value, now.ends.input, "input", now.theme, under.has(c))) });
      riders.show(now, look);
    } };
}

/**
 * What the window carries along: flipping the filter lets its weights change places.
 * @param {NumberGrid} grid
 * @param {{ kernel: number[], options: { dilation: number }, span: number }} made
 * @param {number} tall rows of the window
 */
function carriedWeights(grid, { kernel, options: { dilation }, span }, tall) {
  const { pitch, radius } = grid;
  const window = grid.layer();
  put(window.element, "class", "cnn-moving window");
  const riding = kernel.map((_, j) => {
    const rect = svg("rect", { ...grid.corner(1, 0, 1), width: pitch - 2, height: pitch - 2, rx: radius });
    const text = svg("text", { x: RULER + pitch / 2, y: RULER + 1.5 * pitch });
    const mark = svg("text", { x: RULER + pitch / 2, y: RULER + 1.81 * pitch, style: `font-size:${Math.max(LEAST_TYPE, Math.round(pitch * 0.24))}px`,
      visibility: pitch >= NAMES ? null : "hidden" }, `θ${subscript(j)}`);
    const ring = grid.ring(1, 0, 4);
    const layer = movingLayer(pitch, rect, text, mark, ring);
    window.element.append(layer.element);
    return { rect, text, mark, ring, layer };
  });
  const middle = RULER + 2.36 * pitch;
  const shown = { visibility: tall > 2 ? null : "hidden" };
  const products = kernel.map((_, slot) => {
    const x = RULER + (slot * dilation + 0.5) * pitch;
    if (pitch >= 30 && slot) window.element.append(svg("text", { class: "plus", x: x - dilation * pitch / 2, y: middle }, "+"));
    return window.element.appendChild(svg("text", { class: "product", x, y: middle, ...shown }));
  });
  const free = pitch >= 30 ? pitch - 10 : pitch; // beside the plus signs
  const equals = svg("text", { class: "equals", x: RULER + span * pitch + 6, y: middle, ...shown });
  const handle = svg("rect", { class: "cnn-handle", x: RULER, y: RULER, width: span * pitch, height: tall * pitch });
  window.element.append(equals, grid.outline(tall, span, 0, 0, dilation > 1 ? "cnn-outline cnn-span" : "cnn-outline"),
    ...(dilation > 1 ? kernel.map((_, slot) => grid.outline(tall, 1, 0, slot * dilation)) : []), handle);
  return { handle,
    /** @param {Now} now @param {Looks} look */
    show({ taps, at, options, output, hot, beat }, { label, hue, weight: scale }) {
      window.move(0, at * options.stride);
      taps.forEach(({ slot, value, j, weight }) => {
        const { rect, text, mark, ring, layer } = riding[j];
        const { color, ink } = hue(j);
        layer.move(0, slot * dilation);
        rect.style.fill = color;
        for (const one of [text, mark]) one.style.fill = ink;
        ring.style.stroke = ink;
        text.style.transform = pitch >= NAMES ? `translateY(${-Math.round(0.08 * pitch)}px)` : "";
        writeIn(text, label(weight), pitch, fitText(label(weight), pitch, scale));
        visible(ring, hot === j);
        const product = shortIn(value * weight, free);
        writeIn(products[slot], slot < (beat?.arrived ?? Infinity) ? product : "", free, fitText(product, pitch * 0.8, 0.42));
      });
      equals.style.fontSize = `${Math.round(clamp(pitch * 0.34, LEAST_TYPE, 16))}px`;
      say(equals, `= ${formatNumber(beat?.sum ?? output[at])}`);
    } };
}

/**
 * The matrix: a row pressed calls the window; an entry pointed at lights up wherever its weight stands.
 * @param {Geometry} now
 * @param {number} pitch
 * @param {Hand} hand
 */
function matrixPart({ signal: { length: n }, count }, pitch, hand) {
  const part = gridPart("matrix", numberGrid(count, n, pitch), t("slide_filter_1d.matrix_keys"));
  const { grid } = part;
  const same = grid.frame.appendChild(svg("path", { class: "cnn-hot" }));
  const lit = grid.layer(grid.outline(1, n));
  onPoint(grid, ({ r, c }, event) => {
    if (event.type === "pointerdown" || (event.buttons && event.pointerType === "mouse")) hand.goTo(r);
    const { signal, kernel, options, sides, flip } = hand.now();
    const j = convIndex1d(signal.length, kernel.length, { ...options, sides, flip })[r]?.[c] ?? -1;
    hand.point(j < 0 ? null : j);
  }, () => hand.point(null));
  onKey(grid.frame, (_, event) => moveByKey(event, hand));
  return { ...part,
    /** @param {Now} now @param {Looks} look */
    show({ index, kernel, at, hot, theme }, { label, hue, weight: scale }) {
      const { panel, muted } = paletteOf(theme);
      const none = { label: pitch < 30 ? "" : "0", scale: 0.28, color: panel, ink: muted };
      index.forEach((line, i) => line.forEach((j, c) => grid.paint(i, c,
        j < 0 ? none : { label: label(kernel[j]), scale, ...hue(j, i === at || j === hot) })));
      put(same, "d", hot === null ? "" : index.flatMap((line, i) => line.map((j, c) => (j === hot
        ? `M${8 + c * pitch} ${8 + i * pitch}h${pitch - 8}v${pitch - 8}h${8 - pitch}z` : ""))).join(""));
      if (hot !== null) same.style.stroke = hue(hot).ink;
      lit.move(at, 0);
    } };
}

/**
 * The output: pointing at an entry calls the window.
 * @param {number} count
 * @param {number} pitch
 * @param {Hand} hand
 */
function outputPart(count, pitch, hand) {
  const part = gridPart("output", numberGrid(count, 1, pitch), t("slide_filter_1d.output_keys"));
  const { grid } = part;
  const here = grid.layer(grid.outline());
  onPoint(grid, ({ r }) => { hand.goTo(r); });
  onKey(grid.frame, (_, event) => moveByKey(event, hand));
  return { ...part,
    /** @param {Now} now @param {Looks} look */
    show({ output, ends, at, theme, known }, { label, output: scale }) {
      grid.fill(output.map((value) => [value]), { theme, scale,
        color: (value, i) => (known(i) ? shade(value, ends.output, "output", theme) : null),
        label: (value, i) => (known(i) ? label(value) : "") });
      here.move(at, 0);
    } };
}

/** @param {KeyboardEvent} event @param {Hand} hand */
function moveByKey({ key, shiftKey, ctrlKey }, hand) {
  const { at, count } = hand.now();
  const to = /** @type {Record<string, number>} */ ({ ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1,
    ArrowDown: at + 1, Home: 0, End: count - 1 })[key];
  if (to === undefined || shiftKey || ctrlKey) return false;
  hand.goTo(to);
  return true;
}
