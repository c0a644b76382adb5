// FaceFinder.
//
// Python has scanned the picture; here the hand only chooses a window and a threshold. What the net
// saw and said of it is looked up, and of the boxes those above the threshold are drawn.

import { readable, shade, tints } from "../shared/colour.js";
import { button, keys, showScale, slider } from "../shared/controls.js";
import { differs, html, pointIn, put, say, set, svg } from "../shared/dom.js";
import { greys, paintPixels, pixelMap } from "../shared/grid.js";
import { onDrag, onKey, TAKES_KEYS } from "../shared/hand.js";
import { live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { bytes, formatNumber } from "../shared/numbers.js";
import { inWords } from "../shared/words.js";
import { gestures } from "./gestures.js";
import { scannedLevels, sentence } from "./model.js";

const HIGHEST = 12; // of the thresholds
const LARGEST = 460; // pixels of the screen for the picture
const WIDE = 760; // from here on, what the net sees stands beside the picture

/** @param {import("../shared/life.js").Context} context */
function render({ model, el }) {
  const paint = oncePerFrame(() => draw());
  const scanned = scannedLevels(model);
  const hand = gestures(model, scanned, paint);

  const threshold = slider("threshold", 0, HIGHEST, (value) => hand.change({ threshold: value }));
  const size = slider("size of the window", 0, scanned.length - 1, hand.resize);
  const next = button("step", "next box", hand.next);
  const [height, width] = model.get("photo").shape;
  const photo = photograph(model, hand);
  const seen = whatTheNetSees(model.get("end"));
  const map = scoreMap(model.get("end"), hand);
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const patch = scanned[0].patch;
  const root = html("div", { class: "cnn cnn-face-finder", role: "group", "aria-label": "Drag a window over a picture to find faces" },
    html("div", { class: "cnn-bar" }, html("div", { class: "cnn-buttons" }, size.element, threshold.element), next.element),
    html("div", { class: "finder" },
      html("figure", { class: "photo" }, html("figcaption", {}, `${height} × ${width} pixels`), photo.element),
      html("figure", { class: "patch" }, html("figcaption", {}, `what the net sees: ${patch} × ${patch}`), seen.element),
      map.element),
    html("div", { class: "cnn-foot" }, says),
    html("div", { class: "cnn-foot" }, html("div", { class: "cnn-hint" }, "Drag on the picture or press ",
      keys("←", "→", "↑", "↓"), " (", html("kbd", {}, "Shift"), " by five) · ",
      html("kbd", {}, "+"), html("kbd", {}, "−"), " size · ", html("kbd", {}, "N"), " next box")));
  el.append(root);

  function draw() {
    const [state, theme, room] = [hand.now(), themeOf(root), roomIn(root) - 2];
    const wide = room >= WIDE;
    put(root, "data-wide", String(wide));
    const side = Math.min(LARGEST, room);
    photo.show(state, side / Math.max(height, width));
    map.show(state, theme, Math.min(320, wide ? room - side - 28 : room));
    seen.show(state, theme);
    threshold.show(state.limit);
    size.show(state.level);
    say(size.element.querySelector("output"), `${Math.floor(state.one.side + 0.5)} px`);
    say(says, sentence(state));
  }

  return live(model, root, ["threshold", "level", "row", "col"], paint);
}

/** The picture with its boxes and the window; drag and keys. */
function photograph(model, hand) {
  const { shape: [height, width], bytes: pixels } = model.get("photo");
  const canvas = html("canvas", { class: "canvas" });
  const marks = svg("svg", { class: "marks", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  const element = html("div", { class: "screen", ...TAKES_KEYS,
    "aria-label": "picture: arrow keys move the window, plus and minus change its size, N goes to the next box" }, canvas, marks);
  const levels = bytes(pixels);
  paintPixels(canvas, height, width, (r, c) => greys[levels[r * width + c]]);

  const follow = (event) => {
    const { x, y } = pointIn(element, event);
    hand.follow(y / element.offsetHeight * height, x / element.offsetWidth * width);
  };
  onDrag(element, { start: follow, move: follow });
  onKey(element, hand.byKey);

  const square = ([top, left, side], name) => svg("rect", { class: name, x: left, y: top, width: side, height: side });
  const windows = ["window-halo", "window"].map((name) => svg("rect", { class: name }));
  return {
    element,
    show({ one, row, col, limit, found }, unit) {
      element.style.width = `${Math.round(width * unit)}px`;
      element.style.height = `${Math.round(height * unit)}px`;
      if (differs(element, "drawn", [limit, unit])) {
        marks.style.setProperty("--pixel", `${1 / unit}px`);
        marks.replaceChildren(...found.flatMap((box) => [square(box, "box-halo"), square(box, "box")]), ...windows);
      }
      for (const rect of windows) set(rect, { x: col * one.step, y: row * one.step, width: one.side, height: one.side });
    },
  };
}

/** The patch under the window, and what the net says of it. */
function whatTheNetSees(end) {
  const patch = html("canvas", { class: "canvas" });
  const total = html("output", { class: "cnn-total" });
  const verdict = html("div", { class: "verdict" });
  return {
    element: html("div", { class: "beside" }, html("div", { class: "screen seen" }, patch), html("div", { class: "answer" }, total, verdict)),
    show({ one, row, col, limit, score }, theme) {
      paintPixels(patch, one.patch, one.patch, (r, c) => greys[one.pixels[(one.stride * row + r) * one.across + one.stride * col + c]]);
      const color = shade(score, end, "output", theme);
      say(total, formatNumber(score));
      total.style.background = color;
      total.style.color = readable(color, theme);
      say(verdict, score > limit ? `above ${limit}: a face, it says` : `not above ${limit}: no face, it says`);
    },
  };
}

/** The scores of all windows of one size, as a picture; made anew when the size changes. */
function scoreMap(end, hand) {
  const caption = html("figcaption", {});
  const host = html("div", { class: "map-host" });
  const scale = html("div", { class: "cnn-scale" });
  let place;
  function build(one, pitch, theme) {
    const map = pixelMap(one.rows, one.cols, pitch);
    place = map.outline(1, 1);
    const choose = (event) => {
      const at = map.at(event);
      if (at.inside) hand.change({ row: at.r, col: at.c });
    };
    onDrag(map.frame, { start: choose, move: choose });
    host.replaceChildren(map.frame);
    const tint = tints("output", theme);
    map.paint((r, c) => tint(one.values[r * one.cols + c], end));
    say(caption, `${one.rows} × ${one.cols} places, windows of ${Math.floor(one.side + 0.5)} pixels`);
    showScale(scale, "output", end, { of: "the scores", theme, ends: [`≤ ${formatNumber(-end)}`, `≥ ${formatNumber(end)}`] });
  }
  return {
    element: html("figure", { class: "map" }, caption, host, scale),
    show({ level, one, row, col }, theme, room) {
      const pitch = Math.max(1, Math.floor(Math.min(room / one.cols, 230 / one.rows)));
      if (differs(host, "built", [level, pitch, theme])) build(one, pitch, theme);
      place(row, col);
    },
  };
}

export default { render: inWords(render) };
