// LinkedView as a product: the weight matrix, times the inputs, is what the units put out.

import { mix, paletteOf, readable, shade } from "../shared/colour.js";
import { html, pointIn, put, say, set, svg } from "../shared/dom.js";
import { fitText, LEAST_TYPE, shortIn, visible, writeIn } from "../shared/grid.js";
import { KEEP_KEYS, onKey, opening } from "../shared/hand.js";
import { clamp } from "../shared/numbers.js";
import { UNFOCUSED } from "../shared/palette.js";
import { t } from "../shared/words.js";
import { weightName, windowOf } from "./model.js";
import { CAPTION, changed, fade, label, slide, TOP, withSub } from "./parts.js";

/** @typedef {import("./parts.js").State} State */
/** @typedef {import("./parts.js").Hand} Hand */
/** @typedef {ReturnType<typeof productPlaces>} Places */
/** @typedef {{ rect: SVGRectElement, name: SVGTextElement, value: SVGTextElement, key?: string }} Cell */
/** @typedef {{ i?: number, j?: number, input?: number, output?: number }} Hit */

const NAMED = 30;       // pitch from which a cell has room for the weight's name above its number
const LEAST_PITCH = 17; // and below which it has room for neither

/**
 * Where things are in the product: matrix, inputs, outputs from left to right.
 * @param {number} n
 * @param {number} units
 * @param {number} pitch of the matrix
 * @param {number} vector width of the columns of numbers
 * @param {number} sign room for a sign between them
 */
function productPlaces(n, units, pitch, vector, sign) {
  const left = 3;
  const inputsAt = left + n * pitch + sign;
  const outputsAt = inputsAt + vector + sign;
  return { n, units, pitch, vector, sign, left, inputsAt, outputsAt, width: outputsAt + vector + 3,
    down: TOP + Math.round((n - units) * pitch / 2), // the units stand centred beside their inputs
    radius: Math.round(Math.min(Math.max(pitch, 22), 56, pitch) * 0.13) };
}

/**
 * @param {number} n
 * @param {number} units
 * @param {{ pitch: number, vector: number, sign: number }} sizes
 * @param {Hand} hand
 */
export function buildProduct(n, units, { pitch, vector, sign }, hand) {
  const at = productPlaces(n, units, pitch, vector, sign);
  const frame = svg("svg", { class: "cnn-grid product", width: at.width, height: n * pitch + TOP + CAPTION });
  /** @param {string} name @param {string} said */
  const make = (name, said) => svg("g", { class: name, tabindex: 0, role: "application", "aria-label": said, ...KEEP_KEYS });
  const matrix = make("matrix", t("linked_view.matrix_keys"));
  const inputs = make("inputs", t("linked_view.inputs_keys"));
  const outputs = make("outputs", t("linked_view.outputs_keys"));
  const [theta, a, g] = [matrixCells(matrix, at), inputCells(inputs, at), outputCells(outputs, at)];
  const middle = TOP + n * pitch / 2;
  const below = n * pitch + TOP + 19;
  const after = at.inputsAt + vector + sign / 2;
  // The rings of what stands beside a sign reach into its room.
  const signs = { class: "sign", style: `font-size: ${Math.max(LEAST_TYPE, Math.min(22, 0.78 * sign)).toFixed(1)}px` };
  const arrow = label(after, middle, "", signs);
  const activation = label(after, middle - 16, "g", { class: "caption" });
  frame.append(matrix, label(at.inputsAt - sign / 2, middle, "·", signs), inputs, arrow, activation, outputs,
    label(at.left + n * pitch / 2, below, `Θ · ${units} × ${n}`, { class: "caption" }),
    label(at.inputsAt + vector / 2, below, "a", { class: "caption" }), label(at.outputsAt + vector / 2, below, "a′", { class: "caption" }));
  listenPointer(frame, at, hand);
  listenKeys({ matrix, inputs, outputs }, n, hand);
  return {
    element: html("div", { class: "part" }, frame), frame, matrix, inputs, width: at.width,
    /** @param {number} i @param {number} j */
    box: (i, j) => ({ x: at.left + j * pitch, y: at.down + i * pitch, size: pitch }),
    /** @param {number} j */
    inputBox: (j) => ({ x: at.inputsAt + (vector - pitch) / 2, y: TOP + j * pitch, size: pitch }),
    /** @param {State} state */
    show(state) {
      theta.show(state);
      a.show(state);
      g.show(state);
      const plain = state.activation === "identity";
      say(arrow, plain ? "=" : "→");
      visible(activation, !plain);
    },
  };
}

/**
 * A cell with a name and, on large cells, a value below it.
 * @param {SVGElement} group
 * @param {number} x
 * @param {number} y
 * @param {number} wide
 * @param {Places} at
 * @returns {Cell}
 */
function cell(group, x, y, wide, { pitch, radius }) {
  const rect = svg("rect", { x: x + 1, y: y + 1, width: wide - 2, height: pitch - 2, rx: radius });
  const name = svg("text", { x: x + wide / 2, y: y + pitch / 2 });
  const value = svg("text", { x: x + wide / 2, y: y + pitch / 2, class: "weight" });
  group.append(rect, name, value);
  return { rect, name, value };
}

/**
 * Write a weight: its name above its number where both can be read, else the number alone, on the smallest cells nothing.
 * The colour says which weight it is, as in the tray and in the row's equation.
 * @param {Cell} cell
 * @param {string[]} letters
 * @param {number} number
 * @param {Places} at
 */
function writeWeight({ name, value }, [letter, sub], number, { pitch, n }) {
  const longest = letter === "θ" ? sub.length : n > 10 ? 5 : 3; // all cells are written alike
  const size = Math.min(pitch * 0.34, 15, (pitch - 5) / (0.68 + 0.56 * longest));
  const named = pitch >= NAMED && size >= LEAST_TYPE;
  withSub(name, named ? letter : "", named ? sub : "");
  if (named) name.style.fontSize = `${size.toFixed(1)}px`;
  writeIn(value, pitch < LEAST_PITCH ? "" : shortIn(number, pitch), pitch, LEAST_TYPE);
  value.style.transform = named ? `translateY(${Math.round(0.24 * pitch)}px)` : "";
}

/**
 * The weights: the row of the unit is lit, and where the weight pointed at is shared, so are its other cells.
 * @param {SVGElement} group
 * @param {Places} at
 */
function matrixCells(group, at) {
  const { n, units, pitch, radius, left, down } = at;
  const cells = Array.from({ length: units }, (_, i) => Array.from({ length: n }, (_unused, j) =>
    cell(group, left + j * pitch, down + i * pitch, pitch, at)));
  const rings = Array.from({ length: units }, () => svg("rect", { class: "cnn-hot", width: pitch - 6, height: pitch - 6, rx: radius - 1 }));
  const lit = svg("rect", { class: "cnn-outline slide", x: left, width: n * pitch, height: pitch, rx: radius + 1 });
  const pointed = svg("rect", { class: "cnn-outline pointed", width: pitch - 4, height: pitch - 4, rx: radius - 1 });
  group.append(...rings, lit, pointed);
  /** @param {State} state @param {number} i @param {number} j @param {boolean} strong */
  const paint = (state, i, j, strong) => {
    const { theme, morph } = state;
    const [id, palette, { rect, name, value }] = [state.index[i][j], paletteOf(theme), cells[i][j]];
    if (morph) [name, value].forEach(fade);
    const color = id < 0 ? palette.panel : mix(palette.surface, state.color(id), strong ? 1 : UNFOCUSED);
    rect.style.fill = color;
    name.style.fill = value.style.fill = id < 0 ? palette.muted : readable(color, theme);
    if (id < 0) {
      withSub(name, pitch < LEAST_PITCH ? "" : "0", "");
      name.style.fontSize = `${Math.max(LEAST_TYPE, Math.min(15, pitch * 0.34)).toFixed(1)}px`;
      name.style.transform = "";
      say(value, "");
    } else {
      writeWeight(cells[i][j], weightName(state, i, j), state.weight(i, j), at);
      name.style.transform = `translateY(${-Math.round(pitch * (pitch < 40 ? 0.2 : 0.14))}px)`;
    }
  };
  return {
    /** @param {State} state */
    show(state) {
      const { index, row, hot, kind, theme } = state;
      const shared = hot !== null && kind === "shared" ? index[row][hot] : -1;
      index.forEach((line, i) => {
        const ringed = i === row || shared < 0 ? -1 : line.indexOf(shared);
        line.forEach((id, j) => {
          const strong = i === row || (id >= 0 && id === shared);
          if (changed(cells[i][j], id, strong, id >= 0 && kind, state.weight(i, j), theme)) paint(state, i, j, strong);
        });
        visible(rings[i], ringed >= 0);
        if (ringed >= 0) set(rings[i], { x: left + ringed * pitch + 3, y: down + i * pitch + 3 });
      });
      slide(lit, down + row * pitch);
      visible(pointed, hot !== null);
      if (hot === null) return;
      set(pointed, { x: left + hot * pitch + 2, y: down + row * pitch + 2 });
      const id = index[row][hot];
      pointed.style.stroke = readable(id < 0 ? paletteOf(theme).panel : state.color(id), theme);
    },
  };
}

/**
 * Write a number in a cell of a column.
 * @param {Cell} one
 * @param {number} value
 * @param {string} color
 * @param {string} theme
 * @param {Places} at
 */
function writeNumber({ rect, name }, value, color, theme, { pitch, vector }) {
  rect.style.fill = color;
  name.style.fill = readable(color, theme);
  const text = shortIn(value, vector);
  writeIn(name, text, vector, Math.min(fitText(text, vector), Math.max(LEAST_TYPE, pitch * 0.5)));
}

/**
 * The inputs, and the window of the unit on them.
 * @param {SVGElement} group
 * @param {Places} at
 */
function inputCells(group, at) {
  const { n, pitch, vector, radius, inputsAt } = at;
  const cells = Array.from({ length: n }, (_, j) => cell(group, inputsAt, TOP + j * pitch, vector, at));
  const window = svg("rect", { class: "cnn-outline slide", x: inputsAt, width: vector, rx: radius + 1 });
  const pointed = svg("rect", { class: "cnn-outline pointed", x: inputsAt + 2, width: vector - 4, height: pitch - 4, rx: radius - 1 });
  group.append(window, pointed);
  return {
    /** @param {State} state */
    show(state) {
      const { inputs, ends, theme, hot } = state;
      const { first, last } = windowOf(state);
      /** @param {number} j */
      const color = (j) => shade(inputs[j], ends.input, "input", theme, j >= first && j <= last);
      inputs.forEach((value, j) => writeNumber(cells[j], value, color(j), theme, at));
      slide(window, TOP + first * pitch);
      put(window, "height", (last - first + 1) * pitch);
      visible(pointed, hot !== null);
      if (hot === null) return;
      put(pointed, "y", TOP + hot * pitch + 2);
      pointed.style.stroke = readable(color(hot), theme);
    },
  };
}

/**
 * @param {SVGElement} group
 * @param {Places} at
 */
function outputCells(group, at) {
  const { units, pitch, vector, radius, down, outputsAt } = at;
  const cells = Array.from({ length: units }, (_, i) => cell(group, outputsAt, down + i * pitch, vector, at));
  const lit = svg("rect", { class: "cnn-outline slide", x: outputsAt, width: vector, height: pitch, rx: radius + 1 });
  group.append(lit);
  return {
    /** @param {State} state */
    show({ outputs, ends, theme, row }) {
      outputs.forEach((value, i) => writeNumber(cells[i], value, shade(value, ends.output, "output", theme, i === row), theme, at));
      slide(lit, down + row * pitch);
    },
  };
}

/**
 * A mouse that clicks edits; a finger first points, and edits what it points at already.
 * @param {SVGElement} frame
 * @param {Places} at
 * @param {Hand} hand
 */
function listenPointer(frame, { n, units, pitch, vector, left, down, inputsAt, outputsAt, width }, hand) {
  /** @param {MouseEvent} event @returns {Hit} */
  const hit = (event) => {
    const { x, y } = pointIn(frame, event, width);
    const [i, j, a] = [Math.floor((y - down) / pitch), Math.floor((x - left) / pitch), Math.floor((y - TOP) / pitch)];
    if (x >= outputsAt && x < outputsAt + vector && i >= 0 && i < units) return { output: i };
    if (x >= inputsAt && x < inputsAt + vector && a >= 0 && a < n) return { input: a };
    return i >= 0 && i < units && j >= 0 && j < n ? { i, j } : {};
  };
  /** @param {MouseEvent} event */
  const follow = (event) => {
    const { i, j, input, output } = hit(event);
    if (output !== undefined) hand.look(output, null);
    else if (input !== undefined) hand.look(hand.now().row, input);
    else if (i !== undefined && j !== undefined) hand.look(i, j);
    else if (hand.hot() !== null && event.type === "pointermove") hand.look(hand.now().row, null);
  };
  let armed = false;
  frame.addEventListener("pointermove", follow);
  frame.addEventListener("pointerdown", (event) => {
    const { i, j, input } = hit(event);
    armed = event.pointerType === "mouse" || (hand.hot() === (input ?? j) && (input !== undefined || i === hand.now().row));
    follow(event);
  });
  frame.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") hand.look(hand.now().row, null); });
  frame.addEventListener("click", (event) => {
    const { i, j, input } = hit(event);
    if (!armed) return;
    if (input !== undefined) hand.editInput(input);
    else if (i !== undefined && j !== undefined) hand.editWeight(i, j);
  });
}

/**
 * @param {{ matrix: SVGElement, inputs: SVGElement, outputs: SVGElement }} groups
 * @param {number} n
 * @param {Hand} hand
 */
function listenKeys({ matrix, inputs, outputs }, n, hand) {
  onKey(matrix, (key, event) => {
    if (event.ctrlKey) return false;
    const typed = opening(event);
    return typed === null ? hand.walk(key) : hand.editPointed(typed);
  });
  onKey(outputs, (key, event) => (event.ctrlKey ? false : hand.walk(key)));
  onKey(inputs, (key, event) => {
    const step = /** @type {Record<string, number>} */ ({ ArrowUp: -1, ArrowDown: 1, Home: -n, End: n })[key];
    const [hot, typed] = [hand.hot(), opening(event)];
    if (event.ctrlKey) return false;
    if (step) hand.look(hand.now().row, clamp((hot ?? (step > 0 ? -1 : n)) + step, 0, n - 1));
    else if (typed !== null) hand.editInput(hot ?? windowOf(hand.now()).first, typed);
    else return false;
    return true;
  });
}
