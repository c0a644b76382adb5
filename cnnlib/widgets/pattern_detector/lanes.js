// The lanes of PatternDetector: photograph, signal, filter, products, response, above one another.
//
// They share one horizontal axis, the pixels of the row. A response stands below the middle of its window.

import { html, put, say, set, svg } from "../shared/dom.js";
import { TAKES_KEYS } from "../shared/hand.js";
import { clamp, formatNumber, largest } from "../shared/numbers.js";
import { t } from "../shared/words.js";
import { weights } from "./model.js";

const SIGNAL = 96;
const FILTER = 64;
const PRODUCTS = 64;
const RESPONSE = 112;
const GAP = 10;

/** Bars from a zero line at `zero`: one path for the positive ones, one for the negative. */
function bars(values, from, step, zero, unit) {
  const path = (sign) => values.map((value, j) => (value * sign > 0
    ? `M${(from + j * step).toFixed(1)} ${zero}v${(-value * unit).toFixed(1)}h${step.toFixed(2)}V${zero}z` : "")).join("");
  return [path(1), path(-1)];
}

/** The shapes of the picture, in the order in which they lie over each other. */
function shapesIn(picture) {
  const mark = (tag, name) => picture.appendChild(svg(tag, { class: name }));
  const marks = (count, tag, name) => Array.from({ length: count }, () => mark(tag, name));
  return {
    backs: marks(4, "rect", "lane"), axes: marks(3, "line", "axis"), rowEdge: mark("line", "row-edge"), rowLine: mark("line", "entry"),
    signal: mark("path", "signal-line"),
    kernel: [mark("path", "weight-up"), mark("path", "weight-down")],
    areas: [mark("path", "up"), mark("path", "down")],
    products: [mark("path", "up"), mark("path", "down")],
    response: mark("path", "response"), drop: mark("line", "drop"), frame: mark("rect", "frame"), rowFrame: mark("rect", "frame"),
    peak: mark("path", "peak"), peakLabel: mark("text", "peak-label"), now: mark("circle", "now"), sum: mark("text", "tag"),
    names: marks(4, "text", "name"),
  };
}

export function pictureLanes(model) {
  const canvas = html("canvas", { "aria-hidden": "true" });
  const picture = svg("svg", { "aria-hidden": "true" });
  const element = html("div", { class: "lanes", ...TAKES_KEYS,
    "aria-label": t("pattern_detector.keys") }, canvas, picture);
  const shapes = shapesIn(picture);

  let photo = null;
  function drawPhoto({ pixels, width, height }) {
    if (photo === model.get("pixels")) return;
    photo = model.get("pixels");
    set(canvas, { width, height });
    const image = new ImageData(width, height);
    pixels.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i));
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  return {
    element, canvas,
    show(now, wide) {
      drawPhoto(now);
      const place = layout(now, wide);
      canvas.style.height = `${place.high}px`;
      element.style.height = `${place.tops[4] - GAP}px`;
      drawGround(shapes, now, place);
      drawWindow(shapes, now, place);
      drawResponse(shapes, now, place);
      nameLanes(shapes.names, now, place);
    },
  };
}

/** Where everything lies, for a picture `wide` pixels across. */
function layout({ width, height, kernel, at }, wide) {
  const step = wide / width;
  const high = Math.round(clamp(height * step, 24, 150));
  const sizes = [SIGNAL, FILTER, PRODUCTS, RESPONSE];
  const tops = sizes.reduce((list, size) => [...list, list[list.length - 1] + size + GAP], [high + GAP]);
  const zeros = [1, 2, 3].map((lane) => tops[lane] + sizes[lane] / 2);
  return { wide, step, high, sizes, tops, zeros, left: at * step, across: kernel.length * step,
    middle: (i) => (i + kernel.length / 2) * step };
}

function drawGround({ backs, axes, rowEdge, rowLine, signal }, { height, row, signal: values }, { wide, step, high, sizes, tops, zeros }) {
  backs.forEach((back, i) => set(back, { x: 0, y: tops[i], width: wide, height: sizes[i], rx: 6 }));
  axes.forEach((axis, i) => set(axis, { x1: 0, x2: wide, y1: zeros[i], y2: zeros[i] }));
  const y = (row + 0.5) * (high / height);
  for (const line of [rowEdge, rowLine]) set(line, { x1: 0, x2: wide, y1: y, y2: y });
  const x = (i) => ((i + 0.5) * step).toFixed(1);
  const brightness = (value) => (tops[0] + SIGNAL - 6 - value * (SIGNAL - 28)).toFixed(1);
  put(signal, "d", values.map((value, i) => `${i ? "L" : "M"}${x(i)} ${brightness(value)}`).join(""));
}

function drawWindow(shapes, { height, row, kernel, signal, at, output }, { wide, step, high, tops, zeros, left, across }) {
  const end = largest(kernel) || 1;
  bars(kernel, left, step, zeros[0], (FILTER / 2 - 6) / end).forEach((d, i) => put(shapes.kernel[i], "d", d));
  const terms = kernel.map((weight, j) => weight * signal[at + j]);
  bars(terms, left, step, zeros[1], (PRODUCTS / 2 - 6) / end).forEach((d, i) => put(shapes.products[i], "d", d));
  set(shapes.frame, { x: left, y: tops[0], width: across, height: tops[1] + FILTER - tops[0], rx: 5 });
  set(shapes.rowFrame, { x: left, y: (row + 0.5) * (high / height) - 5, width: across, height: 10, rx: 4 });
  const room = left + across + 80 < wide;
  set(shapes.sum, { x: room ? left + across + 8 : left - 8, y: zeros[1] + 16, "text-anchor": room ? "start" : "end" });
  say(shapes.sum, t("pattern_detector.sum", { sum: formatNumber(output[at]) }));
}

/** The response, as far as the window has been. */
function drawResponse(shapes, { kernel, known, peak, strongest, at, output, end }, { wide, step, tops, zeros, middle }) {
  const unit = (RESPONSE / 2 - 18) / end;
  const level = (value) => zeros[2] - value * unit;
  put(shapes.response, "d", known.map((value, i) => (value === null ? ""
    : `${i && known[i - 1] !== null ? "L" : "M"}${middle(i).toFixed(1)} ${level(value).toFixed(1)}`)).join(""));
  bars(known, (kernel.length / 2 - 0.5) * step, step, zeros[2], unit).forEach((d, i) => put(shapes.areas[i], "d", d));
  put(shapes.peak, "d", `M${middle(peak) - 7} ${level(strongest) - 13}h14l-7 10z`);
  const side = middle(peak) > wide - 90 ? -1 : 1;
  set(shapes.peakLabel, { x: middle(peak) + 11 * side, y: Math.max(level(strongest) - 4, tops[3] + 12), "text-anchor": side < 0 ? "end" : "start" });
  say(shapes.peakLabel, t("pattern_detector.peak", { value: formatNumber(strongest), place: peak }));
  set(shapes.now, { cx: middle(at), cy: level(output[at]), r: 5 });
  set(shapes.drop, { x1: middle(at), x2: middle(at), y1: tops[1] + FILTER, y2: level(output[at]) });
}

/** A lane's name keeps out of the way of the window, or of the peak. */
function nameLanes(names, { kernel, peak, end }, { wide, tops, left, across, middle }) {
  const words = [t("pattern_detector.lane_row"), t("pattern_detector.lane_filter", { weights: weights(kernel.length) }),
    t("pattern_detector.lane_products"), t("pattern_detector.lane_response", { end: formatNumber(end) })];
  names.forEach((text, i) => {
    const onRight = (i === 3 ? middle(peak) : left + across / 2) < wide / 2;
    set(text, { x: onRight ? wide - 8 : 8, y: tops[i] + 16, "text-anchor": onRight ? "end" : "start" });
    say(text, words[i]);
  });
}
