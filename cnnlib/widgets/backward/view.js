// Backward.
//
// The position (row, col) says how many entries of G have been added, in reading order. Every
// gesture changes the model; draw() paints what the model says. Central differences come from Python.

import { readable, shade } from "../shared/colour.js";
import { button, hintLine, keys, showScale } from "../shared/controls.js";
import { html, put, say, svg } from "../shared/dom.js";
import { editNumber } from "../shared/edit.js";
import { numberGrid } from "../shared/grid.js";
import { KEEP_KEYS, onDrag, onKey } from "../shared/hand.js";
import { batched, live, oncePerFrame, roomIn } from "../shared/life.js";
import { stillMotion } from "../shared/motion.js";
import { clamp, correlate2dBackward, formatNumber, largest, subscript, windowTaps } from "../shared/numbers.js";
import { following, playClock } from "../shared/player.js";

const STEP_MS = 1000;
const BIG = 40;      // pitch of a cell in pixels where there is room
const SMALLEST = 20; // below it the two lanes are broken into lines
const GLIDE_MS = 300; // steps that follow faster than this do not wait for one another
const GAPS = 150;    // what the signs between the grids take of the width

function geometry(model) {
  const [image, kernel, grad] = ["image", "kernel", "grad_output"].map((name) => model.get(name));
  const [rows, cols] = [grad.length, grad[0].length];
  const [row, col] = [clamp(model.get("row"), 0, rows - 1), clamp(model.get("col"), 0, cols - 1)];
  const inside = ([r, c], values) => [clamp(r, 0, values.length - 1), clamp(c, 0, values[0].length - 1)];
  return { image, kernel, grad, rows, cols, row, col, count: row * cols + col + 1, options: { stride: model.get("stride") },
    weight: inside(model.get("weight"), kernel), pixel: inside(model.get("pixel"), image) };
}

const initialize = ({ model }) => playClock(model, STEP_MS, () => following(geometry(model)));

function render({ model, el }) {
  const change = batched(model);
  let theme = "light";
  let parts = null;   // the grids, made anew when a size changes
  let walk = null;    // what changes with the arrays only: totals and the ends of the scales
  let shown = null;   // how many positions the last drawing had added, to see a step
  let stepped = -Infinity; // and when it changed
  let cursor = { r: 0, c: 0 };
  let editor = null;
  let alertText = "";

  // What stays ------------------------------------------------------------------------------------
  const play = button("play", "play", togglePlay);
  const step = button("step", "step", advance);
  const reset = button("reset", "reset", () => goTo(0, 0));
  const share = html("input", { type: "range", min: 1, step: 1, "aria-label": "positions added", ...KEEP_KEYS,
    oninput: () => goToCount(Number(share.value)) });
  const added = html("output", { class: "cnn-value" });
  const verdict = html("div", { class: "verdict" });
  const scales = { weight: html("span", { class: "cnn-scale" }), input: html("span", { class: "cnn-scale" }) };
  const stage = html("div", { class: "cnn-stage" });
  const sums = { weight: sumPanel(), pixel: sumPanel() };
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const hint = hintLine("Point at G, drag the patch or press ", keys("←", "→", "↑", "↓"),
    " · point at a gradient to see its sum · click a weight to edit it, double-click an input or an entry of G");
  const root = html("div", { class: "cnn cnn-backward", role: "group", "aria-label": "The backward pass of a convolution" },
    html("div", { class: "cnn-bar" },
      html("div", { class: "cnn-buttons" }, play.element, step.element, reset.element),
      html("label", { class: "cnn-slider" }, html("span", {}, "positions added"), share, added)),
    html("div", { class: "line" }, verdict, html("div", { class: "scales" }, scales.weight, scales.input)), stage,
    html("div", { class: "sums", "aria-hidden": "true" }, sums.weight.element, sums.pixel.element),
    html("div", { class: "cnn-foot" }, says),
    html("div", { class: "cnn-foot" }, hint.element));
  el.append(root);

  function sumPanel() {
    const [name, total, rest] = [html("b"), html("span", { class: "cnn-chip cnn-total" }), html("span", { class: "rest" })];
    const terms = html("div", { class: "cnn-terms" });
    return { name, total, rest, terms, element: html("div", { class: "cnn-equation" },
      html("div", { class: "cnn-sum" }, name, html("div", {}, total, html("span", {}, "so far")), rest), terms) };
  }

  // Gestures ----------------------------------------------------------------------------------------
  function goTo(row, col) {
    const { rows, cols } = geometry(model);
    const to = { row: clamp(row, 0, rows - 1), col: clamp(col, 0, cols - 1) };
    alertText = "";
    change(model.get("playing") ? { ...to, playing: false } : to);
    paint();
  }

  function goToCount(count) {
    const { cols } = geometry(model);
    goTo(Math.floor((count - 1) / cols), (count - 1) % cols);
  }

  function advance() {
    const next = following(geometry(model)) ?? { row: 0, col: 0 };
    goTo(next.row, next.col);
  }

  function togglePlay() {
    const playing = !model.get("playing");
    if (playing && !following(geometry(model))) goTo(0, 0);
    change({ playing });
  }

  function moveByKey(key, event) {
    const { row, col, rows, cols } = geometry(model);
    const moves = {
      ArrowLeft: [row, col - 1], ArrowRight: [row, col + 1], ArrowUp: [row - 1, col], ArrowDown: [row + 1, col],
      Home: event.ctrlKey ? [0, 0] : [row, 0], End: event.ctrlKey ? [rows - 1, cols - 1] : [row, cols - 1],
      PageUp: [0, col], PageDown: [rows - 1, col],
    };
    if (!moves[key] || event.shiftKey || (event.ctrlKey && key.startsWith("Arrow"))) return false;
    goTo(...moves[key]);
    return true;
  }

  const arrow = (key) => ({ ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] })[key];
  const digit = (key, event) => !event.ctrlKey && /^[-−+.\d]$/.test(key);

  /** Choose the weight or the pixel whose sum is written out. */
  function follow(which, r, c) {
    const now = geometry(model);
    const values = which === "weight" ? now.kernel : now.image;
    const to = [clamp(r, 0, values.length - 1), clamp(c, 0, values[0].length - 1)];
    if (to.join() === now[which].join()) return;
    change({ [which]: to });
    paint();
  }

  const NAMES = { image: "input", kernel: "kernel", grad_output: "gradient" };
  function edit(which, r, c, typed = null) {
    editor?.close();
    change({ playing: false });
    const values = model.get(which);
    const part = parts[which];
    const next = { Tab: 1, BackTab: -1, ArrowDown: values[0].length, ArrowUp: -values[0].length };
    if (which === "kernel") cursor = { r, c };
    editor = editNumber(part.figure, part.grid, r, c, {
      value: values[r][c], typed, label: `${NAMES[which]} row ${r}, column ${c}`,
      commit(value) {
        if (value === model.get(which)[r][c]) return;
        change({ [which]: model.get(which).map((line, i) => line.map((old, j) => (i === r && j === c ? value : old))) });
      },
      leave(key) {
        editor = null;
        if (key !== "blur") alertText = "";
        const index = r * values[0].length + c + (next[key] ?? NaN);
        if (index >= 0 && index < values.length * values[0].length) {
          edit(which, Math.floor(index / values[0].length), index % values[0].length);
        } else if (key !== "blur") part.grid.frame.focus({ preventScroll: true });
        paint();
      },
      refuse(text) {
        alertText = `“${text}” is not a number. Type one such as 2, −1, 0.5 or 1/9; Escape keeps the old one.`;
        paint();
      },
    });
    paint();
  }

  // What is made anew when a size changes -------------------------------------------------------------
  function build({ image, kernel, rows, cols }, width) {
    editor?.close();
    const [kh, kw, wide] = [kernel.length, kernel[0].length, Math.max(image[0].length, kernel[0].length)];
    const across = Math.floor((width - GAPS) / (Math.max(cols, 3) + 1 + 3 * wide + kw));
    const narrow = across < SMALLEST;
    const pitch = narrow ? clamp(Math.floor((width - 70) / (1 + wide + kw)), 14, BIG) : Math.min(across, BIG);
    root.classList.toggle("lines", narrow);

    const make = (name, title, rows, cols, label = null) => {
      const grid = numberGrid(rows, cols, pitch);
      const said = label ? { tabindex: 0, role: "application", ...KEEP_KEYS, "aria-label": label } : { "aria-hidden": "true" };
      for (const [key, value] of Object.entries(said)) put(grid.frame, key, value);
      const caption = html("figcaption", {}, title);
      return { figure: html("figure", { class: `cnn-part ${name}` }, grid.frame, caption), grid, caption, looks: {} };
    };
    const layer = ({ grid }, name, inset) => {
      const side = pitch - 2 * inset;
      const mark = svg("g", {}, svg("rect", { class: name, rx: grid.radius + 1 - inset / 2, x: grid.margin + inset, y: grid.margin + inset,
        width: side, height: side }));
      grid.frame.append(mark);
      return mark;
    };
    // The outlines that glide lie above the drawing: to move a part of it, it is painted anew in each frame.
    const outline = ({ figure }, width, height) => figure.appendChild(html("div", { class: "window cnn-moving",
      style: `width:${width * pitch + 2}px;height:${height * pitch + 2}px` }));
    const size = (values) => `${values.length} × ${values[0].length}`;
    const all = {
      grad_output: make("grad", "G = ∂L/∂y", rows, cols,
        "gradient in the output: arrow keys move the position, Enter edits its number"),
      image: make("image", `input x · ${size(image)}`, image.length, image[0].length,
        "input: arrow keys move the patch, Enter edits its first number"),
      kernel: make("kernel", `kernel K · ${size(kernel)}`, kh, kw, "kernel: arrow keys choose a weight, Enter edits it"),
      onKernel: make("on-kernel", "", kh, kw),
      onImage: make("on-image", "", kh, kw),
      gradKernel: make("grad-kernel", "", kh, kw, "gradient in the kernel: arrow keys choose the weight whose sum is written out"),
      gradImage: make("grad-image", "", image.length, image[0].length,
        "gradient in the input: arrow keys choose the number whose sum is written out"),
      numKernel: make("num-kernel", "central differences", kh, kw),
      numImage: make("num-image", "central differences", image.length, image[0].length),
      factors: [0, 1].map(() => make("factor", "", 1, 1)),
    };
    all.layers = {
      here: outline(all.grad_output, 1, 1),
      patch: outline(all.image, kw, kh),
      spread: outline(all.gradImage, kw, kh),
      cursor: layer(all.kernel, "cnn-outline", 0),
      // What the two sums below are about: the chosen weight, and the chosen pixel.
      weights: [all.gradKernel, all.onKernel, all.image].map((part) => layer(part, "cnn-hot", 3)),
      pixels: [all.gradImage, all.onImage, all.kernel].map((part) => layer(part, "cnn-hot", 3)),
    };
    put(all.layers.cursor, "class", "cnn-cursor");
    all.equal = [0, 1].map(() => html("div", { class: "cnn-sign", "aria-hidden": "true" }));
    const sign = (text) => html("div", { class: "cnn-sign", "aria-hidden": "true" }, text);
    const lane = (...pieces) => html("div", { class: "lane" }, pieces);
    const figure = (name) => all[name].figure;
    stage.style.setProperty("--side", `${wide * pitch + 8}px`);
    stage.replaceChildren(figure("grad_output"),
      lane(all.factors[0].figure, sign("×"), figure("image"), sign("="), figure("onKernel"), sign("→"), figure("gradKernel"),
        all.equal[0], figure("numKernel")),
      lane(all.factors[1].figure, sign("×"), figure("kernel"), sign("="), figure("onImage"), sign("→"), figure("gradImage"),
        all.equal[1], figure("numImage")));
    listen(all, [kh, kw]);
    return { ...all, pitch };
  }

  /** A second tap or click on the same cell within 0.4 s. */
  function twice() {
    let last = { time: -Infinity };
    return (event, { r, c }) => {
      const again = event.timeStamp - last.time < 400 && last.r === r && last.c === c;
      last = { time: event.timeStamp, r, c };
      return again;
    };
  }

  function listen({ image, kernel, grad_output: grad, gradKernel, gradImage }, span) {
    // The input: take the patch where it is touched, or call it to where the hand points.
    let grip = null;
    let moved = false;
    const imageTwice = twice();
    const call = ({ r, c }) => {
      const { options: { stride }, row, col, rows, cols } = geometry(model);
      const to = [r - grip.r, c - grip.c].map((n, axis) => clamp(Math.round(n / stride), 0, (axis ? cols : rows) - 1));
      if (to[0] === row && to[1] === col) return;
      moved = true;
      goTo(...to);
    };
    onDrag(image.grid.frame, {
      start(event) {
        const at = image.grid.at(event);
        if (!at.inside) return false;
        const { row, col, options: { stride } } = geometry(model);
        const [r, c] = [at.r - row * stride, at.c - col * stride];
        const held = r >= 0 && c >= 0 && r < span[0] && c < span[1];
        grip = held ? { r, c } : { r: (span[0] - 1) / 2, c: (span[1] - 1) / 2 };
        if (!held && event.pointerType !== "touch") call(at);
        moved = false;
        root.classList.add("cnn-dragging");
        image.grid.frame.focus({ preventScroll: true });
        return held || "loose";
      },
      move(event) { call(image.grid.at(event)); },
      end(event) {
        root.classList.remove("cnn-dragging");
        const at = image.grid.at(event);
        if (event.type === "pointercancel" || moved || !at.inside) return;
        if (imageTwice(event, at)) edit("image", at.r, at.c);
        else if (event.pointerType === "touch") call(at);
      },
    });
    onKey(image.grid.frame, (key, event) => {
      if (key !== "Enter" && key !== "F2") return moveByKey(key, event);
      const { row, col, options: { stride } } = geometry(model);
      edit("image", row * stride, col * stride);
      return true;
    });

    // G: pointing at an entry adds all up to it; twice edits it.
    const gradTwice = twice();
    const point = (event) => {
      const at = grad.grid.at(event);
      const { row, col } = geometry(model);
      if (at.inside && (at.r !== row || at.c !== col)) goTo(at.r, at.c);
      return at;
    };
    grad.grid.frame.addEventListener("pointermove", (event) => { if (!editor) point(event); });
    grad.grid.frame.addEventListener("pointerdown", point);
    grad.grid.frame.addEventListener("click", (event) => {
      const at = grad.grid.at(event);
      if (at.inside && gradTwice(event, at)) edit("grad_output", at.r, at.c);
    });
    onKey(grad.grid.frame, (key, event) => {
      const { row, col } = geometry(model);
      if (key === "Enter" || key === "F2") edit("grad_output", row, col);
      else if (digit(key, event)) edit("grad_output", row, col, key);
      else return moveByKey(key, event);
      return true;
    });

    // The kernel: a click edits.
    kernel.grid.frame.addEventListener("click", (event) => {
      const at = kernel.grid.at(event);
      if (at.inside) edit("kernel", at.r, at.c);
    });
    onKey(kernel.grid.frame, (key, event) => {
      const to = arrow(key);
      if (event.ctrlKey) return false;
      if (to) cursor = { r: clamp(cursor.r + to[0], 0, span[0] - 1), c: clamp(cursor.c + to[1], 0, span[1] - 1) };
      else if (key === "Enter" || key === "F2") edit("kernel", cursor.r, cursor.c);
      else if (digit(key, event)) edit("kernel", cursor.r, cursor.c, key);
      else return false;
      paint();
      return true;
    });

    // The two gradients: pointing chooses whose sum is written out.
    for (const [which, part] of [["weight", gradKernel], ["pixel", gradImage]]) {
      const choose = (event) => {
        const at = part.grid.at(event);
        if (at.inside) follow(which, at.r, at.c);
      };
      part.grid.frame.addEventListener("pointermove", choose);
      part.grid.frame.addEventListener("pointerdown", choose);
      onKey(part.grid.frame, (key, event) => {
        const to = arrow(key);
        if (!to || event.ctrlKey || event.shiftKey) return false;
        const [r, c] = geometry(model)[which];
        follow(which, r + to[0], c + to[1]);
        return true;
      });
    }
  }

  // What changes ------------------------------------------------------------------------------------
  let built = "";
  function draw() {
    const now = geometry(model);
    const { image, kernel, grad, options, rows, cols, row, col, count, weight, pixel } = now;
    const all = rows * cols;
    const width = roomIn(root);
    const key = [image.length, image[0].length, kernel.length, kernel[0].length, rows, cols, width].join();
    root.classList.toggle("cnn-narrow", width < 560);
    if (key !== built) {
      parts = build(now, width);
      built = key;
      cursor = { r: Math.min(cursor.r, kernel.length - 1), c: Math.min(cursor.c, kernel[0].length - 1) };
    }

    // No sum on the way goes beyond the ends of its scale, so a colour means the same at each step.
    const given = JSON.stringify([image, kernel, grad, options.stride]);
    if (walk?.given !== given) {
      const steps = Array.from({ length: all }, (_, i) => correlate2dBackward(grad, image, kernel, options, i + 1));
      walk = { given, total: steps.at(-1), end: {
        x: largest(image), k: largest(kernel), g: largest(grad),
        input: largest(steps.map((sum) => sum.image)), weight: largest(steps.map((sum) => sum.kernel)) } };
    }
    const { end, total } = walk;
    const numerical = model.get("numerical");
    const known = JSON.stringify(numerical.of) === given; // without Python it stays behind an edited number
    const sum = correlate2dBackward(grad, image, kernel, options, count);
    const g = grad[row][col];
    const [top, left] = [row * options.stride, col * options.stride];

    // Grids
    const fill = (part, values, role, largest, { later = () => false, blank = () => false, focus = () => true } = {}) => {
      const size = Math.min(0.36, 1.3 / Math.max(...values.flat().map((value) => formatNumber(value).length)));
      values.forEach((line, r) => line.forEach((value, c) => {
        const color = later(r, c) || blank(r, c) ? null : shade(value, largest, role, theme, focus(r, c));
        const label = blank(r, c) ? "" : formatNumber(value);
        const look = [label, color, size, theme].join();
        if (part.looks[[r, c]] === look) return; // most cells stay as they are
        part.looks[[r, c]] = look;
        part.grid.paint(r, c, { label, scale: size, color, ink: color && readable(color, theme) });
      }));
    };
    const under = (r, c) => r >= top && c >= left && r < top + kernel.length && c < left + kernel[0].length;
    const patch = kernel.map((line, a) => line.map((_, b) => image[top + a][left + b]));
    const reached = image.map((line) => line.map(() => false));
    for (let i = 0; i < count; i += 1) {
      for (const tap of windowTaps(image, kernel, Math.floor(i / cols), i % cols, options)) reached[tap.r][tap.c] = true;
    }
    fill(parts.grad_output, grad, "output", end.g, { later: (r, c) => r * cols + c >= count });
    parts.factors.forEach((part) => fill(part, [[g]], "output", end.g));
    fill(parts.image, image, "input", end.x, { focus: under });
    fill(parts.kernel, kernel, "weight", end.k);
    fill(parts.onKernel, patch.map((line) => line.map((value) => g * value)), "weight", end.weight);
    fill(parts.onImage, kernel.map((line) => line.map((value) => g * value)), "input", end.input);
    fill(parts.gradKernel, sum.kernel, "weight", end.weight);
    fill(parts.gradImage, sum.image, "input", end.input, { blank: (r, c) => !reached[r][c] });
    fill(parts.numKernel, known ? numerical.kernel : kernel, "weight", end.weight, { blank: () => !known });
    fill(parts.numImage, known ? numerical.image : image, "input", end.input, { blank: () => !known });

    const place = (layer, r, c) => { layer.style.transform = `translate(${c * parts.pitch}px, ${r * parts.pitch}px)`; };
    const { layers } = parts;
    const steps = shown !== null && count !== shown;
    const hurried = performance.now() - stepped < GLIDE_MS;
    if (steps) stepped = performance.now();
    for (const one of [layers.here, layers.patch, layers.spread]) one.style.transition = hurried ? "none" : "";
    place(layers.here, row, col);
    place(layers.patch, top, left);
    place(layers.spread, top, left);
    place(layers.cursor, cursor.r, cursor.c);
    layers.weights.forEach((layer, i) => place(layer, weight[0] + (i === 2 ? top : 0), weight[1] + (i === 2 ? left : 0)));
    layers.pixels.forEach((layer, i) => {
      place(layer, pixel[0] - (i ? top : 0), pixel[1] - (i ? left : 0));
      put(layer, "visibility", !i || under(...pixel) ? null : "hidden");
    });

    // Words
    const name = `G${subscript(row)}${subscript(col)}`;
    say(parts.onKernel.caption, `${name} · patch`);
    say(parts.onImage.caption, `${name} · K`);
    const done = count === all;
    say(parts.gradKernel.caption, done ? "∂L/∂K" : "∂L/∂K so far");
    say(parts.gradImage.caption, done ? "∂L/∂x" : "∂L/∂x so far");
    const error = known ? Math.max(...["image", "kernel"].map((one) =>
      largest(total[one].map((line, r) => line.map((value, c) => value - numerical[one][r][c]))) / Math.max(1, largest(numerical[one])))) : NaN;
    const agrees = error <= 1e-6;
    for (const sign of parts.equal) say(sign, done && known ? (agrees ? "≈" : "≠") : "");
    say(verdict, !known ? "central differences: Python computes them in a notebook that runs"
      : agrees ? "✓ the totals agree with central differences" : "✗ the totals differ from central differences");
    put(share, "max", all);
    share.value = count;
    say(added, `${count} of ${all}`);
    play.show(model.get("playing") ? "pause" : "play", model.get("playing") ? "pause" : "play");
    writeSums(now, sum, total, end, width);
    const number = formatNumber;
    const reach = (start, size) => Array.from({ length: size }, (_, i) => start + i).join(", ");
    const at = ([r, c], values) => number(values[r][c]);
    say(says, `Position (${row}, ${col}), ${count} of ${all}: G is ${number(g)}. It adds ${number(g)} × its patch to ∂L/∂K, and ` +
      `${number(g)} × K to rows ${reach(top, kernel.length)} and columns ${reach(left, kernel[0].length)} of ∂L/∂x. ` +
      `Of ∂L/∂K(${weight.join(", ")}) this makes ${at(weight, sum.kernel)}, in all ${at(weight, total.kernel)}; ` +
      `of ∂L/∂x(${pixel.join(", ")}) ${at(pixel, sum.image)}, in all ${at(pixel, total.image)}.`);
    showScale(scales.weight, "weight", end.weight, { of: "∂L/∂K", theme, before: "∂L/∂K " });
    showScale(scales.input, "input", end.input, { of: "∂L/∂x", theme, before: "∂L/∂x " });
    hint.show(alertText);

    // What became what: both contributions drop into their sums.
    const forward = steps && count > shown;
    shown = count;
    if (forward && !hurried && !root.classList.contains("cnn-dragging") && !stillMotion()) {
      // A frame later: the numbers need not wait for what makes them vivid.
      requestAnimationFrame(() => {
        drop(parts.onKernel, parts.gradKernel, 0, 0);
        drop(parts.onImage, parts.gradImage, top * parts.pitch, left * parts.pitch);
      });
    }
  }
  const paint = oncePerFrame(draw);

  /** Where a grid lies in the root. It stays there until the grids are made anew. */
  function placeOf(part) {
    if (!part.place) {
      const [home, box] = [root, part.grid.frame].map((one) => one.getBoundingClientRect());
      part.place = { x: box.x - home.x - 1, y: box.y - home.y - 1 };
    }
    return part.place;
  }

  function drop(from, to, down, right) {
    const [start, end] = [placeOf(from), placeOf(to)];
    const [x, y] = [end.x + right, end.y + down];
    const ghost = html("div", { class: "drop", "aria-hidden": "true", style: `left:${x}px;top:${y}px` }, from.grid.frame.cloneNode(true));
    root.append(ghost);
    ghost.animate([{ transform: `translate(${start.x - x}px, ${start.y - y}px)`, opacity: 1 }, { transform: "none", opacity: 0.5 }],
      { duration: 240, easing: "cubic-bezier(0.3, 0, 0.2, 1)" }).finished.finally(() => ghost.remove());
  }

  function writeSums({ image, kernel, grad, options: { stride }, cols, count, weight, pixel }, sum, total, end, width) {
    const room = width < 560 ? width - 24 : Math.floor((width - 16) / 2) - 114;
    const index = (r, c) => subscript(r) + (Math.max(r, c) > 9 ? "," : "") + subscript(c);
    const places = grad.flatMap((line, i) => line.map((_, j) => [i, j]));
    const write = (panel, name, [r, c], now, all, role, met, values, letter, largestOne) => {
      say(panel.name, `${name}${index(r, c)}`);
      chip(panel.total, now[r][c], shade(now[r][c], end[role], role, theme));
      say(panel.rest, `${formatNumber(all[r][c])} in all`);
      const terms = places.map(([i, j]) => ({ i, j, at: met(i, j) })).filter(({ at: [a, b] }) => values[a]?.[b] !== undefined);
      while (panel.terms.children.length > terms.length) panel.terms.lastChild.remove();
      while (panel.terms.children.length < terms.length) {
        panel.terms.append(html("span", { class: "cnn-term" }, html("span", { class: "cnn-chip" }), html("i", {}, "·"),
          html("span", { class: "cnn-chip" }), html("i")));
      }
      terms.forEach(({ i, j, at: [a, b] }, k) => {
        const element = panel.terms.children[k];
        const order = i * cols + j;
        put(element, "class", `cnn-term${order >= count ? " later" : ""}${order === count - 1 ? " cnn-pointed" : ""}`);
        const [g, value] = [grad[i][j], values[a][b]];
        const [first, , second, plus] = element.children;
        put(first, "data-name", `G${index(i, j)}`);
        put(second, "data-name", `${letter}${index(a, b)}`);
        chip(first, g, order < count ? shade(g, end.g, "output", theme) : null);
        chip(second, value, order < count ? shade(value, largestOne, letter === "x" ? "input" : "weight", theme) : null);
        say(plus, k + 1 < terms.length ? "+" : "");
      });
      const longest = Math.max(...terms.flatMap(({ i, j, at: [a, b] }) => [grad[i][j], values[a][b]].map((value) => formatNumber(value).length)));
      const chipWidth = Math.max(26, Math.round(longest * 8.2 + 8));
      const perRow = terms.filter(({ i }) => i === terms[0].i).length;
      const gap = perRow * (2 * chipWidth + 36) - 22 <= room ? 22 : 14;
      const fitting = Math.max(1, Math.floor((room + gap) / (2 * chipWidth + 10 + gap)));
      put(panel.terms, "style", `--chip: ${chipWidth}px; --gap: ${gap}px; grid-template-columns: repeat(${Math.min(fitting, perRow)}, max-content)`);
    };
    write(sums.weight, "∂L/∂K", weight, sum.kernel, total.kernel, "weight",
      (i, j) => [i * stride + weight[0], j * stride + weight[1]], image, "x", end.x);
    write(sums.pixel, "∂L/∂x", pixel, sum.image, total.image, "input",
      (i, j) => [pixel[0] - i * stride, pixel[1] - j * stride], kernel, "K", end.k);
  }

  function chip(element, value, color) {
    say(element, formatNumber(value));
    element.style.background = color ?? "";
    element.style.color = color ? readable(color, theme) : "";
  }

  // Life ------------------------------------------------------------------------------------------------
  const names = ["image", "kernel", "grad_output", "stride", "row", "col", "weight", "pixel", "playing", "numerical"];
  const changed = () => { alertText = ""; paint(); };
  return live(model, root, names, paint, { changed, themed: (name) => { theme = name; }, closed: () => editor?.close() });
}

export default { initialize, render };
