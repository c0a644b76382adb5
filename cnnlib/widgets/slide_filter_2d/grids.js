// SlideFilter2D's three grids: image with its window, kernel, output.

import { readable, shade } from "../shared/colour.js";
import { html, put, set, svg } from "../shared/dom.js";
import { editable } from "../shared/edit.js";
import { fitScale, gridFigure, LEAST_TYPE, numberGrid, shortIn, visible, writeIn } from "../shared/grid.js";
import { onKey, onPoint, onWindow, opening, TAKES_KEYS, walked } from "../shared/hand.js";
import { breadth, clamp } from "../shared/numbers.js";
import { t } from "../shared/words.js";

/** @typedef {import("../shared/grid.js").NumberGrid} NumberGrid */
/** @typedef {import("./model.js").Geometry} Geometry */
/** @typedef {import("./model.js").Numbers & { theme: string, hot: number | null, known: (index: number) => boolean }} Now */
/** @typedef {import("./gestures.js").Hand} Hand */

const BIG = 56;       // pitch of a cell in pixels where there is room
const SIDE_BY_SIDE = 36; // below this pitch the grids stand in two rows
const CHIPS = 40;     // from this pitch on the weights are written into the window
const RULER = 16;     // margin of the image for the marks where the window stops

/**
 * The pitch of the cells, and whether the grids stand in one row.
 * @param {Geometry} now
 * @param {number} width
 */
function layout({ image, kernel, options: { padding }, cols }, width) {
  const [wide, kw] = [image[0].length + 2 * padding, kernel[0].length];
  const across = Math.floor((width - 2 * RULER - 16 - 2 * 40) / (wide + kw + cols));
  const inOneRow = across >= SIDE_BY_SIDE || (across >= 22 && width >= 700);
  const inTwoRows = Math.floor(Math.min((width - 2 * RULER) / wide, (width - 16 - 2 * 28) / (kw + cols)));
  return { inOneRow, pitch: clamp(inOneRow ? across : inTwoRows, 12, inOneRow ? BIG : 48) };
}

/**
 * The grids, made for these sizes: show() paints them.
 * @param {Geometry} now
 * @param {number} width
 * @param {Hand} hand
 */
export function buildGrids(now, width, hand) {
  const { pitch, inOneRow } = layout(now, width);
  const image = imagePart(now, pitch, hand);
  const kernel = kernelPart(now, pitch, hand);
  const output = outputPart(now, pitch, hand);
  put(image.figure, "style", inOneRow ? null : `margin: 0 calc((100% - ${image.grid.width}px) / 2)`);
  /** @param {string} text */
  const sign = (text) => html("div", { class: "cnn-sign", style: `width:${inOneRow ? 40 : 28}px`, "aria-hidden": "true" }, text);
  return {
    image, kernel, output, pitch,
    elements: [image.figure, sign("⋆"), kernel.figure, sign("="), output.figure],
    /** @param {Now} state */
    show(state) { for (const part of [image, kernel, output]) part.show(state); },
  };
}

/**
 * The image and the window: take it where it is touched, or call it to where the hand points.
 * @param {Geometry} made
 * @param {number} pitch
 * @param {Hand} hand
 */
function imagePart({ image: { length: h, 0: { length: w } }, kernel, options, rows, cols, span }, pitch, hand) {
  const { stride, padding, dilation } = options;
  const [high, wide] = [h + 2 * padding, w + 2 * padding];
  const part = gridFigure("image", t(padding ? "slide_filter_2d.image_padded" : "slide_filter_2d.image", { rows: h, cols: w, high, wide }),
    numberGrid(high, wide, pitch, RULER), { ...TAKES_KEYS, "aria-label": t("slide_filter_2d.image_keys") });
  const { grid } = part;
  const handle = svg("rect", { class: "cnn-handle", ...grid.corner(0, 0), width: span[1] * pitch, height: span[0] * pitch });
  // The window carries the kernel's weights over the image; with dilation it has gaps.
  const carried = grid.layer(handle, grid.outline(span[0], span[1], 0, 0, dilation > 1 ? "cnn-outline cnn-span" : "cnn-outline"));
  put(carried.element, "class", "cnn-moving window");
  const taps = kernel.flatMap((line, a) => line.map((_, b) => carriedWeight(grid, carried.element, a * dilation, b * dilation, dilation > 1)));
  const marks = [stops(grid, rows, span[0], stride, 0), stops(grid, cols, span[1], stride, 1)];

  /** Where a pixel stands in the padded grid. @type {(r: number, c: number) => [number, number]} */
  const place = (r, c) => [r + padding, c + padding];
  onWindow(grid, { high: span[0], wide: span[1],
    corner: () => ({ r: hand.now().row * stride, c: hand.now().col * stride }),
    moveTo: (r, c) => hand.goTo({ row: Math.round(r / stride), col: Math.round(c / stride) }),
    twice(at) {
      const [r, c] = [at.r - padding, at.c - padding];
      const inside = r >= 0 && c >= 0 && r < h && c < w;
      if (inside) hand.edit("image", r, c);
      return inside;
    } });
  onPoint(grid, (at) => {
    const { row, col } = hand.now();
    const [a, b] = [(at.r - row * stride) / dilation, (at.c - col * stride) / dilation];
    const hit = Number.isInteger(a) && Number.isInteger(b) && kernel[a]?.[b] !== undefined;
    hand.point(hit ? a * kernel[0].length + b : null);
  }, () => hand.point(null));
  onKey(grid.frame, (key, event) => {
    const { row, col } = hand.now();
    if (opening(event) !== "") return moveByKey(event, hand);
    hand.edit("image", clamp(row * stride - padding, 0, h - 1), clamp(col * stride - padding, 0, w - 1));
    return true;
  });

  return { ...part, handle, place,
    /** @param {Now} now */
    show({ image, taps: terms, ends, row, col, hot, theme }) {
      const padded = Array.from({ length: high }, (_, r) => Array.from({ length: wide }, (_unused, c) => image[r - padding]?.[c - padding] ?? 0));
      const under = new Set(terms.map(({ r, c }) => `${r + padding},${c + padding}`));
      grid.fill(padded, { theme, scale: fitScale(image),
        color: (value, r, c) => (image[r - padding]?.[c - padding] === undefined ? null
          : shade(value, ends.input, "input", theme, under.has(`${r},${c}`))),
        lift: (r, c) => (pitch >= CHIPS && under.has(`${r},${c}`) ? 0.1 : 0) }); // room for the weight below the number
      carried.move(row * stride, col * stride);
      marks[0](row);
      marks[1](col);
      terms.forEach(({ weight }, i) => taps[i].show(weight, shade(weight, ends.weight, "weight", theme), theme, hot === i));
    } };
}

/**
 * A weight that the window carries: its number in a corner of the cell, and a ring.
 * @param {NumberGrid} grid
 * @param {SVGElement} layer
 * @param {number} r
 * @param {number} c
 * @param {boolean} alone whether its cell has an outline of its own
 */
function carriedWeight(grid, layer, r, c, alone) {
  const { pitch } = grid;
  const corner = grid.corner(r + 1, c + 1, -3);
  const height = Math.max(LEAST_TYPE + 2, Math.round(pitch * 0.29));
  const chip = svg("rect", { class: "weight", height, rx: 3 });
  const text = svg("text");
  const ring = grid.ring(r, c);
  if (alone) layer.append(grid.outline(1, 1, r, c));
  layer.append(svg("g", { visibility: pitch >= CHIPS ? null : "hidden" }, chip, text), ring);
  /** @param {number} weight @param {string} color @param {string} theme @param {boolean} pointed */
  const show = (weight, color, theme, pointed) => {
    const label = `×${shortIn(weight, pitch - 10)}`;
    const length = Math.round(breadth(label) * LEAST_TYPE + 2);
    const [x, y] = [corner.x - length, corner.y - height];
    set(chip, { x, y, width: length });
    set(text, { x: x + length / 2, y: y + height / 2 });
    chip.style.fill = color;
    text.style.fill = readable(color, theme);
    writeIn(text, label, length, LEAST_TYPE);
    visible(ring, pointed);
  };
  return { show };
}

/**
 * Marks where the window stops along an axis, a jump of one stride between them.
 * @param {NumberGrid} grid
 * @param {number} count
 * @param {number} span
 * @param {number} stride
 * @param {number} axis
 */
function stops(grid, count, span, stride, axis) {
  /** @param {number} i */
  const at = (i) => RULER + (i * stride + span / 2) * grid.pitch;
  const group = svg("g", { class: "stops", "aria-hidden": "true", transform: axis ? null : "matrix(0 1 1 0 0 0)" });
  const dots = Array.from({ length: count }, (_, i) => {
    if (i) {
      const [from, to] = [at(i - 1) + 3, at(i) - 3];
      group.append(svg("path", { d: `M${from} 8Q${(from + to) / 2} ${stride > 1 ? -2 : 4} ${to} 8` }));
    }
    return group.appendChild(svg("circle", { cx: at(i), cy: 8, r: 2.5 }));
  });
  grid.frame.append(group);
  return (/** @type {number} */ current) => dots.forEach((dot, i) => put(dot, "class", i === current ? "here" : null));
}

/**
 * @param {Geometry} made
 * @param {number} pitch
 * @param {Hand} hand
 */
function kernelPart({ kernel: { length: kh, 0: { length: kw } } }, pitch, hand) {
  const part = gridFigure("kernel", t("slide_filter_2d.kernel", { rows: kh, cols: kw }), numberGrid(kh, kw, pitch),
    { ...TAKES_KEYS, "aria-label": t("slide_filter_2d.kernel_keys") });
  const { grid } = part;
  const chosen = grid.layer(grid.outline());
  put(chosen.element, "class", "cnn-moving cnn-cursor");
  const rings = Array.from({ length: kh * kw }, (_, i) => grid.ring(Math.floor(i / kw), i % kw));
  grid.frame.append(...rings);
  editable(grid, hand.cursor, { edit: (r, c, typed) => hand.edit("kernel", r, c, typed), paint: hand.paint, point: hand.point });
  return { ...part, place: undefined,
    /** @param {Now} now */
    show({ kernel, ends, hot, theme }) {
      grid.fill(kernel, { theme, color: (value) => shade(value, ends.weight, "weight", theme) });
      rings.forEach((ring, i) => visible(ring, hot === i));
      chosen.move(hand.cursor.r, hand.cursor.c);
    } };
}

/**
 * The output: pointing at a cell calls the window.
 * @param {Geometry} made
 * @param {number} pitch
 * @param {Hand} hand
 */
function outputPart({ rows, cols }, pitch, hand) {
  const part = gridFigure("output", `I ⋆ K · ${rows} × ${cols}`, numberGrid(rows, cols, pitch),
    { ...TAKES_KEYS, "aria-label": t("slide_filter_2d.output_keys") });
  const { grid } = part;
  const here = grid.layer(grid.outline());
  onPoint(grid, ({ r, c }) => hand.goTo({ row: r, col: c }));
  onKey(grid.frame, (_, event) => moveByKey(event, hand));
  return { ...part,
    /** @param {Now} now */
    show({ output, ends, row, col, theme, known }) {
      grid.fill(output, { theme, scale: fitScale(output),
        color: (value, r, c) => (known(r * cols + c) ? shade(value, ends.output, "output", theme) : null),
        label: (value, r, c) => (known(r * cols + c) ? shortIn(value, pitch) : "") });
      here.move(row, col);
    } };
}

/** @param {KeyboardEvent} event @param {Hand} hand */
function moveByKey(event, hand) {
  const to = event.shiftKey ? null : walked(event, hand.now());
  if (to) hand.goTo(to);
  return to !== null;
}
