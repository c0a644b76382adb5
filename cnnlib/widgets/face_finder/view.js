// FaceFinder.
//
// Python has scanned the picture; here the hand only chooses a window and a threshold. What the net
// saw and said of it is looked up, and of the boxes those above the threshold are drawn.

import { readable, shade, tints } from "../shared/colour.js";
import { button, keys, showScale, slider } from "../shared/controls.js";
import { html, put, say, svg } from "../shared/dom.js";
import { pixelMap } from "../shared/grid.js";
import { KEEP_KEYS, onDrag, onKey } from "../shared/hand.js";
import { batched, live, oncePerFrame, roomIn } from "../shared/life.js";
import { bytes, clamp, floats, formatNumber } from "../shared/numbers.js";

const HIGHEST = 12; // of the thresholds
const LARGEST = 460; // pixels of the screen for the picture
const WIDE = 760; // from here on, what the net sees stands beside the picture

/** Draw grey pixels, all or those of a square patch, into a canvas of as many pixels. */
function drawGrey(canvas, pixels, width, { x = 0, y = 0, columns = width, rows = pixels.length / width } = {}) {
  if (canvas.width !== columns) canvas.width = columns;
  if (canvas.height !== rows) canvas.height = rows;
  const context = canvas.getContext("2d");
  const data = context.createImageData(columns, rows);
  for (let r = 0, i = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1, i += 4) {
      data.data.fill(pixels[(y + r) * width + x + c], i, i + 3);
      data.data[i + 3] = 255;
    }
  }
  context.putImageData(data, 0, 0);
}

function render({ model, el }) {
  const change = batched(model);
  const [photo, levels, boxes, end] = ["photo", "levels", "boxes", "end"].map((name) => model.get(name));
  const [height, width] = photo.shape;
  const scanned = levels.map((one) => ({ ...one, rows: one.scores.shape[0], cols: one.scores.shape[1],
    values: floats(one.scores.bytes), pixels: bytes(one.picture.bytes), across: one.picture.shape[1] }));
  let theme = "light";

  // What stays ------------------------------------------------------------------------------------
  const threshold = slider("threshold", 0, HIGHEST, (value) => set({ threshold: value }));
  const size = slider("size of the window", 0, levels.length - 1, (value) => resize(value));
  const next = button("step", "next box", () => nextBox());
  const canvas = html("canvas", { class: "canvas" });
  const marks = svg("svg", { class: "marks", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  const screen = html("div", { class: "screen", tabindex: 0, role: "application", ...KEEP_KEYS,
    "aria-label": "picture: arrow keys move the window, plus and minus change its size, N goes to the next box" }, canvas, marks);
  const patch = html("canvas", { class: "canvas" });
  const total = html("output", { class: "cnn-total" });
  const verdict = html("div", { class: "verdict" });
  const mapCaption = html("figcaption", {});
  const mapHost = html("div", { class: "map-host" });
  const scale = html("div", { class: "cnn-scale" });
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const patchSide = levels[0].patch;
  const root = html("div", { class: "cnn cnn-face-finder", role: "group", "aria-label": "Drag a window over a picture to find faces" },
    html("div", { class: "cnn-bar" }, html("div", { class: "cnn-buttons" }, size.element, threshold.element), next.element),
    html("div", { class: "finder" },
      html("figure", { class: "photo" }, html("figcaption", {}, `${height} × ${width} pixels`), screen),
      html("figure", { class: "patch" }, html("figcaption", {}, `what the net sees: ${patchSide} × ${patchSide}`),
        html("div", { class: "beside" }, html("div", { class: "screen seen" }, patch), html("div", { class: "answer" }, total, verdict))),
      html("figure", { class: "map" }, mapCaption, mapHost, scale)),
    html("div", { class: "cnn-foot" }, says),
    html("div", { class: "cnn-foot" }, html("div", { class: "cnn-hint" }, "Drag on the picture or press ",
      keys("←", "→", "↑", "↓"), " (", html("kbd", {}, "Shift"), " by five) · ",
      html("kbd", {}, "+"), html("kbd", {}, "−"), " size · ", html("kbd", {}, "N"), " next box")));
  el.append(root);
  drawGrey(canvas, bytes(photo.bytes), width);

  // Gestures ----------------------------------------------------------------------------------------
  function state() {
    const level = clamp(model.get("level"), 0, levels.length - 1);
    const one = scanned[level];
    const [row, col] = [clamp(model.get("row"), 0, one.rows - 1), clamp(model.get("col"), 0, one.cols - 1)];
    const limit = model.get("threshold");
    return { level, one, row, col, limit, score: one.values[row * one.cols + col], found: boxes.filter((box) => box[3] > limit) };
  }

  function set(values) {
    change(values);
    paint();
  }

  /** The place of a window whose middle is nearest to (y, x), in pixels of the picture. */
  function around(level, y, x) {
    const one = scanned[level];
    const place = (middle, count) => clamp(Math.round((middle - one.side / 2) / one.step), 0, count - 1);
    return { level, row: place(y, one.rows), col: place(x, one.cols) };
  }

  function resize(level) {
    const { one, row, col } = state();
    set(around(clamp(level, 0, levels.length - 1), row * one.step + one.side / 2, col * one.step + one.side / 2));
  }

  /** The best box, or the one after the box that the window is on. */
  function nextBox() {
    const { level, row, col, found } = state();
    const places = found.map(([top, left, side]) => around(levels.findIndex((one) => one.side === side), top + side / 2, left + side / 2));
    const now = places.findIndex((one) => one.level === level && one.row === row && one.col === col);
    if (places.length) set(places[(now + 1) % places.length]);
  }

  function byKey(key, event) {
    if (event.ctrlKey) return false;
    const { level, one, row, col } = state();
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key];
    const far = event.shiftKey ? 5 : 1;
    if (step) set({ row: clamp(row + far * step[0], 0, one.rows - 1), col: clamp(col + far * step[1], 0, one.cols - 1) });
    else if (key === "+" || key === "PageUp") resize(level + 1);
    else if (key === "-" || key === "−" || key === "PageDown") resize(level - 1);
    else if (key === "n" || key === "N") nextBox();
    else return false;
    return true;
  }

  const follow = (event) => {
    const box = screen.getBoundingClientRect();
    set(around(state().level, (event.clientY - box.top) / box.height * height, (event.clientX - box.left) / box.width * width));
  };
  onDrag(screen, { start: follow, move: follow });
  onKey(screen, byKey);

  // What is made anew when a size changes -------------------------------------------------------------
  let built = "";
  let map = null;
  function build({ level, one }, room) {
    const pitch = Math.max(1, Math.floor(Math.min(room / one.cols, 230 / one.rows)));
    const key = [level, pitch, theme].join();
    if (key === built) return;
    built = key;
    map = pixelMap(one.rows, one.cols, pitch);
    map.place = map.outline(1, 1);
    const choose = (event) => {
      const at = map.at(event);
      if (at.inside) set({ row: at.r, col: at.c });
    };
    onDrag(map.frame, { start: choose, move: choose });
    mapHost.replaceChildren(map.frame);
    const tint = tints("output", theme);
    map.paint((r, c) => tint(one.values[r * one.cols + c], end));
    say(mapCaption, `${one.rows} × ${one.cols} places, windows of ${Math.floor(one.side + 0.5)} pixels`);
    showScale(scale, "output", end, { of: "the scores", theme, ends: [`≤ ${formatNumber(-end)}`, `≥ ${formatNumber(end)}`] });
  }

  // What changes ------------------------------------------------------------------------------------
  let drawn = "";
  function draw() {
    const now = state();
    const { level, one, row, col, limit, score, found } = now;
    const room = roomIn(root) - 2;
    const wide = room >= WIDE;
    put(root, "data-wide", String(wide));
    const side = Math.min(LARGEST, room);
    const unit = side / Math.max(height, width);
    screen.style.width = `${Math.round(width * unit)}px`;
    screen.style.height = `${Math.round(height * unit)}px`;
    build(now, Math.min(320, wide ? room - side - 28 : room));
    map.place(row, col);

    const square = ([top, left, side], name) => svg("rect", { class: name, x: left, y: top, width: side, height: side });
    const key = `${limit},${unit}`;
    if (key !== drawn) {
      drawn = key;
      marks.style.setProperty("--pixel", `${1 / unit}px`);
      marks.replaceChildren(...found.flatMap((box) => [square(box, "box-halo"), square(box, "box")]),
        svg("rect", { class: "window-halo" }), svg("rect", { class: "window" }));
    }
    for (const rect of [...marks.children].slice(-2)) {
      for (const [name, value] of Object.entries({ x: col * one.step, y: row * one.step, width: one.side, height: one.side })) put(rect, name, value);
    }
    const size_ = one.patch;
    drawGrey(patch, one.pixels, one.across, { x: one.stride * col, y: one.stride * row, columns: size_, rows: size_ });
    const color = shade(score, end, "output", theme);
    say(total, formatNumber(score));
    total.style.background = color;
    total.style.color = readable(color, theme);
    const above = score > limit;
    say(verdict, above ? `above ${limit}: a face, it says` : `not above ${limit}: no face, it says`);

    threshold.show(limit);
    size.show(level);
    say(size.element.querySelector("output"), `${Math.floor(one.side + 0.5)} px`);
    const [y, x, wideness] = [row * one.step, col * one.step, one.side].map((value) => Math.floor(value + 0.5));
    say(says, `Window of ${wideness} pixels at row ${y}, column ${x}: score ${formatNumber(score)}, `
      + `${above ? "above" : "not above"} the threshold ${limit}. Boxes above the threshold: ${found.length}.`);
  }
  const paint = oncePerFrame(draw);

  // Life ------------------------------------------------------------------------------------------------
  return live(model, root, ["threshold", "level", "row", "col"], paint, { themed: (name) => { theme = name; } });
}

export default { render };
