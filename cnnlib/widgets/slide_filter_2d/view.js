// SlideFilter2D.
//
// Three numbers rule the picture: the output cell (row, col), the geometry (stride, padding,
// dilation) and the arrays. Every gesture changes the model; draw() paints what the model says.

import { readable, shade } from "../shared/colour.js";
import { button, hintLine, keys, showScale, slider } from "../shared/controls.js";
import { html, put, say, svg } from "../shared/dom.js";
import { editNumber, numberGrid } from "../shared/grid.js";
import { KEEP_KEYS, onDrag, onKey } from "../shared/hand.js";
import { batched, live, oncePerFrame, roomIn } from "../shared/life.js";
import { fly } from "../shared/motion.js";
import { clamp, correlate2d, formatNumber, largest, outputSize, windowTaps } from "../shared/numbers.js";
import { following, playClock } from "../shared/player.js";

const STEP_MS = 850;
const BIG = 56;       // pitch of a cell in pixels where there is room
const SIDE_BY_SIDE = 29; // below this pitch the grids stand in two rows
const CHIPS = 34;     // from this pitch on the weights are written into the window
const RULER = 16;     // margin of the image for the marks where the window stops

function geometry(model) {
  const [image, kernel] = [model.get("image"), model.get("kernel")];
  const options = { stride: model.get("stride"), padding: model.get("padding"), dilation: model.get("dilation") };
  const size = (axis) => outputSize(axis ? image[0].length : image.length, axis ? kernel[0].length : kernel.length, options);
  const [rows, cols] = [size(0), size(1)];
  return { image, kernel, options, rows, cols,
    row: clamp(model.get("row"), 0, rows - 1), col: clamp(model.get("col"), 0, cols - 1) };
}

const initialize = ({ model }) => playClock(model, STEP_MS, () => following(geometry(model)));

function render({ model, el }) {
  const change = batched(model);
  let theme = "light";
  let parts = null;       // the three grids and their overlays, made anew when a size changes
  let visited = new Set();
  let shown = null;       // "row,col" of the last drawing, to see a move
  let hot = null;         // the product pointed at
  let cursor = { r: 0, c: 0 };
  let editor = null;
  let alertText = "";

  // What stays ------------------------------------------------------------------------------------
  const play = button("play", "play", togglePlay);
  const step = button("step", "step", () => advance());
  const reset = button("reset", "reset", restart);
  const reveal = html("input", { type: "checkbox", ...KEEP_KEYS, onchange: () => change({ reveal: reveal.checked }) });
  const sliders = {
    stride: slider("stride", 1, 3, (value) => setStep("stride", value)),
    padding: slider("padding", 0, 2, (value) => setStep("padding", value)),
    dilation: slider("dilation", 1, 2, (value) => setStep("dilation", value)),
  };
  const formula = html("div", { class: "formula" });
  const stage = html("div", { class: "cnn-stage" });
  const total = html("span", { class: "cnn-chip cnn-total" });
  const terms = html("div", { class: "cnn-terms" });
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const hint = hintLine("Drag the window or press ", keys("←", "→", "↑", "↓"),
    " · point at an output to see its window · click a weight to edit it, double-click a pixel");
  const scale = html("div", { class: "cnn-scale" });
  const root = html("div", { class: "cnn cnn-slide-2d", role: "group", "aria-label": "Slide a filter over an image" },
    html("div", { class: "cnn-bar" },
      html("div", { class: "cnn-buttons" }, play.element, step.element, reset.element,
        html("label", { class: "cnn-toggle" }, reveal, html("span", { title: "show all outputs" }, "show all"))),
      html("div", { class: "sliders" }, Object.values(sliders).map((one) => one.element))),
    html("div", { class: "line" }, formula, scale), stage,
    html("div", { class: "cnn-equation", "aria-hidden": "true" }, html("span", { class: "cnn-sum" }, total, "="), terms),
    html("div", { class: "cnn-foot" }, says),
    html("div", { class: "cnn-foot" }, hint.element));
  el.append(root);

  // Gestures ----------------------------------------------------------------------------------------
  function goTo(row, col) {
    const { rows, cols } = geometry(model);
    const to = { row: clamp(row, 0, rows - 1), col: clamp(col, 0, cols - 1) };
    alertText = "";
    change(model.get("playing") ? { ...to, playing: false } : to);
    paint();
  }

  function advance() {
    const next = following(geometry(model));
    if (next) goTo(next.row, next.col);
    else restart();
  }

  function restart() {
    visited = new Set();
    shown = null;
    goTo(0, 0);
  }

  function togglePlay() {
    const playing = !model.get("playing");
    if (playing && !following(geometry(model))) restart();
    change({ playing });
  }

  function setStep(name, value) {
    const { image, kernel, options } = geometry(model);
    const wanted = { ...options, [name]: value };
    const fits = [[image.length, kernel.length], [image[0].length, kernel[0].length]]
      .every(([n, m]) => outputSize(n, m, wanted) > 0);
    alertText = "";
    if (fits) change({ [name]: value });
    else {
      const span = (m) => wanted.dilation * (m - 1) + 1;
      const [n, m] = [image, kernel].map((values) => [values.length, values[0].length]);
      alertText = `No output: with dilation ${wanted.dilation} the ${m.join("×")} kernel spans ${m.map(span).join("×")}, ` +
        `and the image with padding ${wanted.padding} has only ${n.map((k) => k + 2 * wanted.padding).join("×")}. ` +
        `So ${name} stays ${options[name]}.`;
    }
    paint();
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

  function edit(which, r, c, typed = null) {
    editor?.close();
    change({ playing: false });
    const values = model.get(which);
    const part = parts[which];
    const shift = which === "image" ? model.get("padding") : 0;
    let place = { r, c };
    const next = { Tab: 1, BackTab: -1, ArrowDown: values[0].length, ArrowUp: -values[0].length };
    if (which === "kernel") cursor = place;
    editor = editNumber(part.figure, part.grid, r + shift, c + shift, {
      value: values[r][c], typed, label: `${which} row ${r}, column ${c}`,
      commit(value) {
        if (value === model.get(which)[r][c]) return;
        change({ [which]: model.get(which).map((line, i) => line.map((old, j) => (i === r && j === c ? value : old))) });
      },
      leave(key) {
        editor = null;
        if (key !== "blur") alertText = "";
        const index = place.r * values[0].length + place.c + (next[key] ?? NaN);
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

  function point(index) {
    if (hot === index) return;
    hot = index;
    paint();
  }

  // What is made anew when a size changes -------------------------------------------------------------
  function build(now, width) {
    editor?.close();
    const { image, kernel, options, rows, cols } = now;
    const high = image.length + 2 * options.padding;
    const wide = image[0].length + 2 * options.padding;
    const [kh, kw] = [kernel.length, kernel[0].length];
    const across = Math.floor((width - 2 * RULER - 16 - 2 * 40) / (wide + kw + cols));
    const inOneRow = across >= SIDE_BY_SIDE || (across >= 22 && width >= 700);
    const pitch = clamp(inOneRow ? across
      : Math.floor(Math.min((width - 2 * RULER) / wide, (width - 16 - 2 * 28) / (kw + cols))), 12, inOneRow ? BIG : 48);

    const make = (name, title, grid, extra) => {
      const caption = html("figcaption", {}, title);
      const frame = grid.frame;
      for (const [key, value] of Object.entries({ tabindex: 0, role: "application", ...KEEP_KEYS, ...extra })) put(frame, key, value);
      return { figure: html("figure", { class: `cnn-part ${name}` }, frame, caption), grid };
    };
    const moving = (grid, width, height) => {
      const layer = svg("g", { class: "cnn-moving" });
      if (width) layer.append(outline(grid, 0, 0, width, height));
      grid.frame.append(layer);
      return layer;
    };
    const outline = (grid, r, c, width, height, extra = {}) => svg("rect", { class: "cnn-outline", rx: grid.radius + 1,
      x: grid.margin + c * pitch, y: grid.margin + r * pitch, width: width * pitch, height: height * pitch, ...extra });

    const span = [options.dilation * (kh - 1) + 1, options.dilation * (kw - 1) + 1];
    const imagePart = make("image", `image I · ${image.length} × ${image[0].length}${options.padding ? ` · padded to ${high} × ${wide}` : ""}`,
      numberGrid(high, wide, pitch, RULER),
      { "aria-label": "image: arrow keys move the window, Enter edits its first cell" });
    const kernelPart = make("kernel", `kernel K · ${kh} × ${kw}`, numberGrid(kh, kw, pitch),
      { "aria-label": "kernel: arrow keys choose a weight, Enter edits it" });
    const outputPart = make("output", `I ⋆ K · ${rows} × ${cols}`, numberGrid(rows, cols, pitch),
      { "aria-label": "output: arrow keys move the window" });

    // The window carries the kernel's weights over the image; with dilation it has gaps.
    const windowLayer = moving(imagePart.grid);
    put(windowLayer, "class", "cnn-moving window");
    windowLayer.append(svg("rect", { class: "cnn-handle", x: RULER, y: RULER, width: span[1] * pitch, height: span[0] * pitch }));
    windowLayer.append(outline(imagePart.grid, 0, 0, span[1], span[0], options.dilation > 1 ? { class: "cnn-outline cnn-span" } : {}));
    const taps = kernel.flatMap((line, a) => line.map((_, b) => {
      const [r, c] = [a * options.dilation, b * options.dilation];
      if (options.dilation > 1) windowLayer.append(outline(imagePart.grid, r, c, 1, 1));
      const ring = svg("rect", { class: "cnn-hot", x: RULER + c * pitch + 3, y: RULER + r * pitch + 3,
        width: pitch - 6, height: pitch - 6, rx: imagePart.grid.radius - 1 });
      const height = Math.round(pitch * 0.29);
      const chip = svg("rect", { class: "weight", height, rx: 3 });
      const text = svg("text", {});
      const group = svg("g", { visibility: pitch >= CHIPS ? null : "hidden" }, chip, text);
      windowLayer.append(group, ring);
      return { ring, write(label, color, ink) {
        const size = Math.round(Math.min(pitch * 0.22, (pitch - 10) / (label.length * 0.62)) * 10) / 10;
        const length = Math.round(label.length * size * 0.64 + 6);
        const [x, y] = [RULER + (c + 1) * pitch - 3 - length, RULER + (r + 1) * pitch - 3 - height];
        for (const [key, value] of Object.entries({ x, y, width: length })) put(chip, key, value);
        put(text, "x", x + length / 2);
        put(text, "y", y + height / 2);
        chip.style.fill = color;
        text.style.fill = ink;
        text.style.fontSize = `${size}px`;
        say(text, label);
      } };
    }));

    // Marks where the window stops, a jump of one stride between them.
    const stops = (count, axis) => {
      const at = (i) => RULER + (i * options.stride + span[axis] / 2) * pitch;
      const group = svg("g", { class: "stops", "aria-hidden": "true", transform: axis ? null : "matrix(0 1 1 0 0 0)" });
      const dots = Array.from({ length: count }, (_, i) => {
        if (i) {
          const [from, to] = [at(i - 1) + 3, at(i) - 3];
          group.append(svg("path", { d: `M${from} 8Q${(from + to) / 2} ${options.stride > 1 ? -2 : 4} ${to} 8` }));
        }
        return group.appendChild(svg("circle", { cx: at(i), cy: 8, r: 2.5 }));
      });
      imagePart.grid.frame.append(group);
      return (current) => dots.forEach((dot, i) => put(dot, "class", i === current ? "here" : null));
    };
    const markRow = stops(rows, 0);
    const markCol = stops(cols, 1);

    const cursorLayer = moving(kernelPart.grid, 1, 1);
    put(cursorLayer, "class", "cnn-moving cnn-cursor");
    const hereLayer = moving(outputPart.grid, 1, 1);
    const kernelRings = kernel.flatMap((line, a) => line.map((_, b) => kernelPart.grid.frame.appendChild(
      svg("rect", { class: "cnn-hot", x: 7 + b * pitch, y: 7 + a * pitch, width: pitch - 6, height: pitch - 6, rx: kernelPart.grid.radius - 1 }))));

    const sign = (text) => html("div", { class: "cnn-sign", style: `width:${inOneRow ? 40 : 28}px`, "aria-hidden": "true" }, text);
    put(imagePart.figure, "style", inOneRow ? null : "margin: 0 calc((100% - " + (wide * pitch + 2 * RULER) + "px) / 2)");
    stage.replaceChildren(imagePart.figure, sign("⋆"), kernelPart.figure, sign("="), outputPart.figure);
    buildTerms(kh, kw);
    listen({ image: imagePart, kernel: kernelPart, output: outputPart }, span);
    return { image: imagePart, kernel: kernelPart, output: outputPart, windowLayer, taps, markRow, markCol,
      cursorLayer, hereLayer, kernelRings, pitch };
  }

  function buildTerms(kh, kw) {
    terms.replaceChildren(...Array.from({ length: kh * kw }, (_, i) => html("span", { class: "cnn-term",
      onpointerenter: () => point(i), onpointerleave: () => point(null) },
      html("span", { class: "cnn-chip" }), html("i", {}, "·"), html("span", { class: "cnn-chip" }), html("i", {}, i + 1 < kh * kw ? "+" : ""))));
  }

  function listen({ image, kernel, output }, span) {
    // The image: take the window where it is touched, or call it to where the hand points.
    let grip = null;
    let moved = false;
    let lastTap = { time: -Infinity };
    const anchor = ({ r, c }) => {
      const { options: { stride } } = geometry(model);
      return [Math.round((r - grip.r) / stride), Math.round((c - grip.c) / stride)];
    };
    onDrag(image.grid.frame, {
      start(event) {
        const at = image.grid.at(event);
        if (!at.inside) return false;
        const { row, col, options: { stride } } = geometry(model);
        const [r, c] = [at.r - row * stride, at.c - col * stride];
        const held = r >= 0 && c >= 0 && r < span[0] && c < span[1];
        // A finger beside the window may be scrolling the page: it counts when it is lifted.
        grip = held ? { r, c } : { r: (span[0] - 1) / 2, c: (span[1] - 1) / 2 };
        moved = false;
        if (!held && event.pointerType !== "touch") goTo(...anchor(at));
        root.classList.add("cnn-dragging");
        image.grid.frame.focus({ preventScroll: true });
        return held || "loose";
      },
      move(event) {
        const at = image.grid.at(event);
        const to = anchor(at);
        const { row, col, rows, cols } = geometry(model);
        const [r, c] = [clamp(to[0], 0, rows - 1), clamp(to[1], 0, cols - 1)];
        if (r === row && c === col) return;
        moved = true;
        goTo(r, c);
      },
      end(event) {
        root.classList.remove("cnn-dragging");
        const at = image.grid.at(event);
        if (event.type === "pointercancel" || moved || !at.inside) return;
        const again = event.timeStamp - lastTap.time < 400 && lastTap.r === at.r && lastTap.c === at.c;
        lastTap = { time: event.timeStamp, r: at.r, c: at.c };
        const p = model.get("padding");
        const [r, c] = [at.r - p, at.c - p];
        const { image: values } = geometry(model);
        if (again && r >= 0 && c >= 0 && r < values.length && c < values[0].length) edit("image", r, c);
        else if (event.pointerType === "touch") goTo(...anchor(at));
      },
    });
    image.grid.frame.addEventListener("pointermove", (event) => {
      const at = image.grid.at(event);
      const { row, col, kernel: weights, options: { stride, dilation } } = geometry(model);
      const [a, b] = [(at.r - row * stride) / dilation, (at.c - col * stride) / dilation];
      const hit = Number.isInteger(a) && Number.isInteger(b) && a >= 0 && b >= 0 && a < weights.length && b < weights[0].length;
      point(hit ? a * weights[0].length + b : null);
    });
    image.grid.frame.addEventListener("pointerleave", () => point(null));
    onKey(image.grid.frame, (key, event) => {
      if (key !== "Enter" && key !== "F2") return moveByKey(key, event);
      const { row, col, image: values, options: { stride, padding } } = geometry(model);
      edit("image", clamp(row * stride - padding, 0, values.length - 1), clamp(col * stride - padding, 0, values[0].length - 1));
      return true;
    });

    // The output: pointing at a cell calls the window.
    const call = (event) => {
      const at = output.grid.at(event);
      const { row, col } = geometry(model);
      if (at.inside && (at.r !== row || at.c !== col)) goTo(at.r, at.c);
    };
    output.grid.frame.addEventListener("pointermove", call);
    output.grid.frame.addEventListener("pointerdown", call);
    onKey(output.grid.frame, moveByKey);

    // The kernel: a click edits.
    kernel.grid.frame.addEventListener("click", (event) => {
      const at = kernel.grid.at(event);
      if (at.inside) edit("kernel", at.r, at.c);
    });
    kernel.grid.frame.addEventListener("pointermove", (event) => {
      const at = kernel.grid.at(event);
      point(at.inside ? at.r * kernel.grid.cols + at.c : null);
    });
    kernel.grid.frame.addEventListener("pointerleave", () => point(null));
    onKey(kernel.grid.frame, (key, event) => {
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key];
      if (event.ctrlKey) return false;
      if (step) cursor = { r: clamp(cursor.r + step[0], 0, kernel.grid.rows - 1), c: clamp(cursor.c + step[1], 0, kernel.grid.cols - 1) };
      else if (key === "Enter" || key === "F2") edit("kernel", cursor.r, cursor.c);
      else if (/^[-−+.\d]$/.test(key)) edit("kernel", cursor.r, cursor.c, key);
      else return false;
      paint();
      return true;
    });
  }

  // What changes ------------------------------------------------------------------------------------
  let built = "";
  function draw() {
    const now = geometry(model);
    const { image, kernel, options, rows, cols, row, col } = now;
    const width = roomIn(root);
    const key = [image.length, image[0].length, kernel.length, kernel[0].length, ...Object.values(options), width].join();
    const rebuilt = key !== built;
    root.classList.toggle("cnn-narrow", width < 560);
    const sizes = [rows, cols].join();
    if (rebuilt) {
      if (parts?.sizes !== sizes) visited = new Set();
      parts = { ...build(now, width), sizes };
      built = key;
      cursor = { r: Math.min(cursor.r, kernel.length - 1), c: Math.min(cursor.c, kernel[0].length - 1) };
    }
    if (!visited.size) for (let i = 0; i < row * cols + col; i += 1) visited.add(i);
    const fresh = !visited.has(row * cols + col);
    visited.add(row * cols + col);

    const output = correlate2d(image, kernel, options);
    const taps = windowTaps(image, kernel, row, col, options);
    const ends = { input: largest(image), weight: largest(kernel), output: largest(output) };
    const color = (value, role, focus) => shade(value, ends[role], role, theme, focus);
    const fit = (values) => Math.min(0.36, 1.3 / Math.max(...values.flat().map((value) => formatNumber(value).length)));
    const under = new Set(taps.map(({ r, c }) => `${r},${c}`));

    // Grids
    const { padding } = options;
    const imageScale = fit(image);
    const lift = parts.pitch >= CHIPS ? 0.1 : 0; // room for the weight below the number
    for (let r = -padding; r < image.length + padding; r += 1) {
      for (let c = -padding; c < image[0].length + padding; c += 1) {
        const value = image[r]?.[c];
        const inside = under.has(`${r},${c}`);
        const fillColor = value === undefined ? null : color(value, "input", inside);
        parts.image.grid.paint(r + padding, c + padding, { label: formatNumber(value ?? 0), scale: imageScale,
          lift: inside ? lift : 0, color: fillColor, ink: fillColor && readable(fillColor, theme) });
      }
    }
    const kernelScale = fit(kernel);
    kernel.forEach((line, r) => line.forEach((value, c) => {
      const fillColor = color(value, "weight");
      parts.kernel.grid.paint(r, c, { label: formatNumber(value), scale: kernelScale, color: fillColor, ink: readable(fillColor, theme) });
    }));
    const outputScale = fit(output);
    const all = model.get("reveal");
    output.forEach((line, r) => line.forEach((value, c) => {
      const known = all || visited.has(r * cols + c);
      const fillColor = known ? color(value, "output") : null;
      parts.output.grid.paint(r, c, { label: known ? formatNumber(value) : "", scale: outputScale, color: fillColor,
        ink: fillColor && readable(fillColor, theme) });
    }));

    // The window, the marks and the outline of the output cell
    const place = (layer, r, c) => { layer.style.transform = `translate(${c * parts.pitch}px, ${r * parts.pitch}px)`; };
    place(parts.windowLayer, row * options.stride, col * options.stride);
    place(parts.hereLayer, row, col);
    place(parts.cursorLayer, cursor.r, cursor.c);
    parts.markRow(row);
    parts.markCol(col);
    taps.forEach(({ value, weight }, i) => {
      const weightColor = color(weight, "weight");
      parts.taps[i].write(`×${formatNumber(weight)}`, weightColor, readable(weightColor, theme));
      put(parts.taps[i].ring, "visibility", hot === i ? "visible" : "hidden");
      put(parts.kernelRings[i], "visibility", hot === i ? "visible" : "hidden");
      // A product of zero steps back, but stays legible.
      const term = terms.children[i];
      const live = value * weight !== 0;
      put(term, "class", `cnn-term${live ? "" : " cnn-zero"}${hot === i ? " cnn-pointed" : ""}`);
      chip(term.children[0], value, color(value, "input", live));
      chip(term.children[2], weight, color(weight, "weight", live));
    });
    const sum = output[row][col];
    chip(total, sum, color(sum, "output"));
    arrangeTerms(kernel[0].length, rebuilt);

    // Controls and words
    play.show(model.get("playing") ? "pause" : "play", model.get("playing") ? "pause" : "play");
    reveal.checked = all;
    for (const [name, one] of Object.entries(sliders)) one.show(options[name]);
    writeFormula(now);
    const unusual = Object.entries(options).filter(([name, value]) => value !== (name === "padding" ? 0 : 1))
      .map(([name, value]) => `${name} ${value}`).join(", ");
    const line = (size, at, p) => Array.from({ length: size }, (_, i) => formatNumber(at * options.stride - p + i * options.dilation)).join(", ");
    say(says, `Output (${row}, ${col}) of ${rows}×${cols} is ${formatNumber(sum)}: the ${kernel.length}×${kernel[0].length} kernel on rows ` +
      `${line(kernel.length, row, padding)} and columns ${line(kernel[0].length, col, padding)} of the ${image.length}×${image[0].length} image` +
      (unusual ? ` with ${unusual}.` : "."));
    scale.hidden = !output.flat().some((value) => value < 0);
    showScale(scale, "output", ends.output, { of: "the output", theme });
    hint.show(alertText);

    // What became what: the sum flies from the window into its cell.
    const moved = shown !== null && shown !== `${row},${col}`;
    shown = `${row},${col}`;
    if (moved && fresh && !all && !root.classList.contains("cnn-dragging")) {
      const from = parts.windowLayer.querySelector(".cnn-handle").getBoundingClientRect();
      const home = parts.output.grid.frame.getBoundingClientRect();
      const box = parts.output.grid.box(row, col);
      const fillColor = color(sum, "output");
      fly(root, formatNumber(sum), from, { x: home.x + box.x + 1, y: home.y + box.y + 1, width: parts.pitch - 2, height: parts.pitch - 2 },
        { background: fillColor, color: readable(fillColor, theme), fontSize: `${Math.round(parts.pitch * outputScale)}px` });
    }
  }
  const paint = oncePerFrame(draw);

  function chip(element, value, color) {
    say(element, formatNumber(value));
    element.style.background = color;
    element.style.color = readable(color, theme);
  }

  /** Whole rows of the kernel on each line, so that the sum reads as the window does. */
  function arrangeTerms(perRow, anew) {
    const longest = Math.max(...[...terms.querySelectorAll(".cnn-chip")].map((one) => one.textContent.length));
    const key = `${longest},${perRow},${terms.children.length}`;
    if (!anew && terms.dataset.key === key) return;
    terms.dataset.key = key;
    const chipWidth = Math.max(26, Math.round(longest * 8.2 + 10));
    terms.style.setProperty("--chip", `${chipWidth}px`);
    const room = roomIn(root) - 30 - (root.classList.contains("cnn-narrow") ? 0 : total.offsetWidth + 28);
    const fitting = Math.max(1, Math.floor(room / (2 * chipWidth + 28)));
    const columns = fitting >= perRow ? Math.floor(fitting / perRow) * perRow : fitting;
    terms.style.gridTemplateColumns = `repeat(${Math.min(columns, terms.children.length)}, max-content)`;
  }

  function writeFormula({ image, kernel, options: { stride, padding, dilation }, rows, cols }) {
    const side = (n, m, size) => `⌊(${n} + 2·${padding} − ${dilation}·(${m} − 1) − 1) / ${stride}⌋ + 1 = ${size}`;
    const [down, across] = [side(image.length, kernel.length, rows), side(image[0].length, kernel[0].length, cols)];
    const lines = down === across ? [["output side", down]] : [["output rows", down], ["columns", across]];
    if (formula.dataset.text === lines.join()) return;
    formula.dataset.text = lines.join();
    formula.replaceChildren(...lines.map(([name, text]) => html("span", {}, `${name} `, html("b", {}, text))));
  }

  // Life ------------------------------------------------------------------------------------------------
  const names = ["image", "kernel", "stride", "padding", "dilation", "row", "col", "reveal", "playing"];
  const changed = () => { alertText = ""; paint(); };
  return live(model, root, names, paint, { changed, themed: (name) => { theme = name; }, closed: () => editor?.close() });
}

export default { initialize, render };
