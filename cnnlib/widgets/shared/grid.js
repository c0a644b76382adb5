// Grids of numbers and pictures of many cells.

import { readable } from "./colour.js";
import { html, pointIn, put, say, set, svg } from "./dom.js";
import { breadth, formatNumber, shortNumber } from "./numbers.js";

/** @typedef {import("./hand.js").At} At */
/** @typedef {{ label: string, color?: string | null, ink?: string, scale?: number, lift?: number }} Look */
/** @typedef {{ element: SVGGElement, move: (r: number, c: number) => void }} Layer */
/** @typedef {ReturnType<typeof numberGrid>} NumberGrid */
/** @typedef {ReturnType<typeof pixelMap>} PixelMap */

/**
 * The cell of rows × cols at (x, y), `pitch` a cell.
 * @param {{ x: number, y: number }} point
 * @param {number} rows
 * @param {number} cols
 * @param {number} pitch
 * @returns {At}
 */
export function cellAt({ x, y }, rows, cols, pitch) {
  const [r, c] = [Math.floor(y / pitch), Math.floor(x / pitch)];
  return { r, c, inside: r >= 0 && c >= 0 && r < rows && c < cols };
}

/** No type is smaller, in pixels. */
export const LEAST_TYPE = 12;

/**
 * The font size that lets `label` fit into a box of `pitch`, if it fits at all (`shortIn`).
 * @param {string} label
 * @param {number} pitch
 */
export const fitText = (label, pitch, scale = 0.36) =>
  Math.max(LEAST_TYPE, Math.round(10 * pitch * Math.min(scale, 1.3 / Math.max(label.length, 1))) / 10);

/** Letters may be this much narrower before a number is written shorter. */
const NARROWED = 0.78;

/** A number as it can be read in a box of `pitch`: a small one shows fewer digits. @param {number} value @param {number} pitch */
export const shortIn = (value, pitch) => shortNumber(value, (pitch - 2) / LEAST_TYPE / NARROWED);

/**
 * Write `label` into a box of `pitch`, in letters that are narrower rather than smaller where it is tight.
 * @param {SVGTextElement} text
 * @param {string} label
 * @param {number} pitch
 * @param {number} size of the type
 */
export function writeIn(text, label, pitch, size) {
  const tight = breadth(label) * size > pitch - 2;
  set(text, { textLength: tight ? pitch - 2 : null, lengthAdjust: tight ? "spacingAndGlyphs" : null });
  text.style.fontSize = `${size}px`;
  say(text, label);
}

/**
 * The scale at which the longest of these numbers fits, `most` at most.
 * @param {number[][]} values
 */
export const fitScale = (values, most = 0.36) =>
  Math.min(most, 1.3 / Math.max(...values.flat().map((value) => formatNumber(value).length)));

/** A part of an SVG that moves by whole cells. @param {number} pitch @param {(SVGElement)[]} children @returns {Layer} */
export function movingLayer(pitch, ...children) {
  const element = svg("g", { class: "cnn-moving" }, ...children);
  return { element, move(r, c) { element.style.transform = `translate(${c * pitch}px, ${r * pitch}px)`; } };
}

/**
 * A grid of numbers, `pitch` whole pixels a cell, inside `margin`.
 * @param {number} rows
 * @param {number} cols
 * @param {number} pitch
 * @param {Record<string, any>} [attributes] of the frame
 */
export function numberGrid(rows, cols, pitch, margin = 4, attributes = {}) {
  const radius = Math.round(pitch * 0.13);
  const [width, height] = [cols * pitch + 2 * margin, rows * pitch + 2 * margin];
  const frame = svg("svg", { width, height, class: "cnn-grid", ...attributes });
  const cells = Array.from({ length: rows }, (_, r) => Array.from({ length: cols }, (_unused, c) => {
    const rect = svg("rect", { x: margin + c * pitch + 1, y: margin + r * pitch + 1,
      width: pitch - 2, height: pitch - 2, rx: radius });
    const text = svg("text", { x: margin + (c + 0.5) * pitch, y: margin + (r + 0.5) * pitch });
    frame.append(rect, text);
    return { rect, text, look: "" };
  }));
  /** @param {number} r @param {number} c */
  const corner = (r, c, inset = 0) => ({ x: margin + c * pitch + inset, y: margin + r * pitch + inset });
  return {
    frame, rows, cols, pitch, margin, radius, width, corner,
    /**
     * Write a cell, where it differs from what stands there; without a colour it is blank.
     * @param {number} r
     * @param {number} c
     * @param {Look} look
     */
    paint(r, c, { label, color = null, ink = "", scale = 0.36, lift = 0 }) {
      const cell = cells[r][c];
      const look = [label, color, ink, scale, lift].join("|");
      if (cell.look === look) return;
      cell.look = look;
      const { rect, text } = cell;
      put(rect, "class", color ? null : "cnn-blank");
      rect.style.fill = color ?? "";
      text.style.fill = ink;
      text.style.transform = lift ? `translateY(${-Math.round(lift * pitch)}px)` : "";
      writeIn(text, label, pitch, fitText(label, pitch, scale));
    },
    /**
     * Write all cells: color(value, r, c) is the fill, null for a blank cell; label(value, r, c) its text.
     * @param {number[][]} values
     * @param {{ theme: string, color: (value: number, r: number, c: number) => string | null, scale?: number,
     *   label?: (value: number, r: number, c: number) => string, lift?: (r: number, c: number) => number }} look
     */
    fill(values, { theme, color, scale = fitScale(values), label = (value) => shortIn(value, pitch), lift = () => 0 }) {
      values.forEach((line, r) => line.forEach((value, c) => {
        const fill = color(value, r, c);
        this.paint(r, c, { label: label(value, r, c), color: fill, ink: fill ? readable(fill, theme) : "", scale, lift: lift(r, c) });
      }));
    },
    /** The cell under the pointer. @param {{ clientX: number, clientY: number }} event */
    at(event) {
      const { x, y } = pointIn(frame, event, width);
      return cellAt({ x: x - margin, y: y - margin }, rows, cols, pitch);
    },
    /** What is written in a cell. @param {number} r @param {number} c */
    label: (r, c) => cells[r][c].text.textContent ?? "",
    /** Where a cell lies in the frame. @param {number} r @param {number} c */
    box: (r, c) => ({ ...corner(r, c), size: pitch }),
    /** An outline of high × wide cells from (r, c) on, to be put where it belongs. */
    outline: (high = 1, wide = 1, r = 0, c = 0, name = "cnn-outline") => svg("rect", { class: name, rx: radius + 1,
      ...corner(r, c), width: wide * pitch, height: high * pitch }),
    /** The dashed ring inside a cell. @param {number} r @param {number} c */
    ring: (r, c, inset = 3) => svg("rect", { class: "cnn-hot", rx: radius - 1, ...corner(r, c, inset),
      width: pitch - 2 * inset, height: pitch - 2 * inset, visibility: "hidden" }),
    /** Lay what moves by whole cells over the grid. @param {SVGElement[]} children */
    layer(...children) {
      const layer = movingLayer(pitch, ...children);
      frame.append(layer.element);
      return layer;
    },
  };
}

/** The colours of the grey levels 0 to 255. */
export const greys = Array.from({ length: 256 }, (_, level) => [level, level, level]);

/**
 * Paint a canvas of rows × cols pixels: color(r, c) is [red, green, blue], or null for nothing.
 * @param {HTMLCanvasElement} canvas
 * @param {number} rows
 * @param {number} cols
 * @param {(r: number, c: number) => number[] | null} color
 */
export function paintPixels(canvas, rows, cols, color) {
  if (canvas.width !== cols) canvas.width = cols;
  if (canvas.height !== rows) canvas.height = rows;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(cols, rows);
  const { data } = image;
  for (let r = 0, i = 0; r < rows; r += 1) {
    for (let c = 0; c < cols; c += 1, i += 4) {
      const rgb = color(r, c);
      data[i + 3] = rgb ? 255 : 0;
      if (rgb) [data[i], data[i + 1], data[i + 2]] = rgb;
    }
  }
  context.putImageData(image, 0, 0);
}

/**
 * A picture of rows × cols values, `pitch` whole pixels each, below an SVG in the same pixels.
 * @param {number} rows
 * @param {number} cols
 * @param {number} pitch
 * @param {Record<string, any>} [attributes] of the frame
 */
export function pixelMap(rows, cols, pitch, attributes = {}) {
  const [width, height] = [cols * pitch, rows * pitch];
  const canvas = html("canvas", { width: cols, height: rows });
  const overlay = svg("svg", { width, height, class: "cnn-grid", "aria-hidden": "true" });
  const frame = html("div", { class: "cnn-pixels", style: `width:${width}px;height:${height}px`, ...attributes }, canvas, overlay);
  return {
    frame, overlay, rows, cols, pitch, width,
    /** color(r, c) is [red, green, blue], or null for nothing. @param {(r: number, c: number) => number[] | null} color */
    paint: (color) => paintPixels(canvas, rows, cols, color),
    /** The cell under the pointer. @param {{ clientX: number, clientY: number }} event */
    at: (event) => cellAt(pointIn(frame, event, width), rows, cols, pitch),
    /** An outline of high × wide cells that reads on dark and on bright pixels; place(r, c) moves it. */
    outline(/** @type {number} */ high, /** @type {number} */ wide) {
      const box = { x: -1, y: -1, width: wide * pitch + 2, height: high * pitch + 2, rx: 2 };
      const layer = movingLayer(pitch, svg("rect", { class: "cnn-halo", ...box }), svg("rect", { class: "cnn-edge", ...box }));
      overlay.append(layer.element);
      return layer.move;
    },
  };
}

/**
 * Show a ring, or hide it.
 * @param {Element} element
 * @param {boolean} is
 */
export const visible = (element, is) => put(element, "visibility", is ? "visible" : "hidden");

/**
 * A grid under a title, as a figure; `attributes` go to the grid, which takes the keys if it has a label.
 * @param {string} name
 * @param {string} title
 * @param {NumberGrid} grid
 * @param {Record<string, any>} attributes
 */
export function gridFigure(name, title, grid, attributes) {
  set(grid.frame, attributes);
  const caption = html("figcaption", {}, title);
  return { grid, caption, figure: html("figure", { class: `cnn-part ${name}` }, grid.frame, caption) };
}
