// SlideFilter1D.
//
// The signal stands above the weight matrix, column over column: the window that moves to the
// right and the lit row that moves down are one movement. Every gesture changes the model;
// draw() paints what the model says.

import { mix, readable, shade } from "../shared/colour.js";
import { button, choice, hintLine, keys, showScale, slider } from "../shared/controls.js";
import { html, put, say, svg } from "../shared/dom.js";
import { editNumber } from "../shared/edit.js";
import { fitText, numberGrid } from "../shared/grid.js";
import { KEEP_KEYS, onDrag, onKey } from "../shared/hand.js";
import { batched, live, oncePerFrame, roomIn } from "../shared/life.js";
import { fly } from "../shared/motion.js";
import {
  clamp, convIndex1d, correlate1d, formatNumber, largest, outputSize, paddingSides, subscript,
} from "../shared/numbers.js";
import { PALETTE, UNFOCUSED } from "../shared/palette.js";
import { playClock } from "../shared/player.js";

const STEP_MS = 850;
const BIG = 52;       // pitch of a cell in pixels where there is room
const NAMES = 34;     // from this pitch on the riding weights carry their names
const RULER = 18;     // margin of signal and filter for the indices
const LONGEST = { signal: 16, kernel: 7 };
const RULES = ["valid", "same", "full"];

function geometry(model) {
  const [signal, kernel, flip] = ["signal", "kernel", "flip"].map((name) => model.get(name));
  const options = { stride: model.get("stride"), dilation: model.get("dilation") };
  const rule = model.get("padding");
  const sides = paddingSides(rule, kernel.length, { ...options, flip });
  const zeros = (size) => Array(size).fill(0);
  const padded = [...zeros(sides[0]), ...signal, ...zeros(sides[1])];
  const count = outputSize(padded.length, kernel.length, options);
  return { signal, kernel, flip, options, rule, sides, padded, count, at: clamp(model.get("position"), 0, count - 1) };
}

/** The terms of the window from left to right: place in the signal, value, index of the weight. */
function termsOf({ padded, kernel, flip, options, sides, at }) {
  return kernel.map((_, slot) => {
    const column = at * options.stride + slot * options.dilation;
    const j = flip ? kernel.length - 1 - slot : slot;
    return { slot, column, place: column - sides[0], value: padded[column], j, weight: kernel[j] };
  });
}

function initialize({ model }) {
  return playClock(model, STEP_MS, () => {
    const { at, count } = geometry(model);
    return at + 1 < count ? { position: at + 1 } : null;
  });
}

function render({ model, el }) {
  const change = batched(model);
  let theme = "light";
  let parts = null;       // the grids and their overlays, made anew when a size changes
  let visited = new Set();
  let shown = null;       // the position of the last drawing, to see a move
  let hot = null;         // the weight pointed at
  let cursor = 0;
  let editor = null;
  let alertText = "";

  // What stays ------------------------------------------------------------------------------------
  const play = button("play", "play", togglePlay);
  const step = button("step", "step", () => advance());
  const reset = button("reset", "reset", restart);
  const reveal = html("input", { type: "checkbox", ...KEEP_KEYS, onchange: () => change({ reveal: reveal.checked }) });
  const flip = html("input", { type: "checkbox", ...KEEP_KEYS, onchange: () => change({ flip: flip.checked }) });
  const flipper = html("label", { class: "cnn-toggle" }, flip, "flip");
  const rule = choice("padding", RULES, (word) => setOption("padding", word));
  const sliders = {
    stride: slider("stride", 1, 3, (value) => setOption("stride", value)),
    dilation: slider("dilation", 1, 3, (value) => setOption("dilation", value)),
  };
  const formula = html("div", { class: "formula" });
  const scale = html("div", { class: "cnn-scale" });
  const stage = html("div", { class: "cnn-stage" });
  const name = html("span", {});
  const total = html("span", { class: "cnn-chip cnn-total" });
  const terms = html("div", { class: "cnn-terms" });
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const hint = hintLine("Drag the window or press ", keys("←", "→"),
    " · point at a weight to see where it is used · click a weight to edit it, double-click a value");
  const root = html("div", { class: "cnn cnn-slide-1d", role: "group", "aria-label": "Slide a filter along a signal" },
    html("div", { class: "cnn-bar" },
      html("div", { class: "cnn-buttons" }, play.element, step.element, reset.element,
        html("label", { class: "cnn-toggle" }, reveal, "show all")),
      html("div", { class: "sliders" }, rule.element, Object.values(sliders).map((one) => one.element))),
    html("div", { class: "line" }, formula, scale), stage,
    html("div", { class: "cnn-equation", "aria-hidden": "true" }, html("span", { class: "cnn-sum" }, name, total, "="), terms),
    html("div", { class: "cnn-foot" }, says),
    html("div", { class: "cnn-foot" }, hint.element));
  el.append(root);

  // Gestures ----------------------------------------------------------------------------------------
  function goTo(position) {
    const { count } = geometry(model);
    const to = { position: clamp(position, 0, count - 1) };
    alertText = "";
    change(model.get("playing") ? { ...to, playing: false } : to);
    paint();
  }

  function advance() {
    const { at, count } = geometry(model);
    if (at + 1 < count) goTo(at + 1);
    else restart();
  }

  function restart() {
    visited = new Set();
    shown = null;
    goTo(0);
  }

  function togglePlay() {
    const playing = !model.get("playing");
    const { at, count } = geometry(model);
    if (playing && at + 1 >= count) restart();
    change({ playing });
  }

  /** Why these values would leave no output, or "" where they give one. */
  function complaint({ n, m, stride, dilation, padding }) {
    if (padding === "same" && stride > 1) return `“same” promises as many outputs as inputs, and a stride of ${stride} skips some. Set stride to 1 for “same”.`;
    const span = dilation * (m - 1) + 1;
    const [before, after] = paddingSides(padding, m, { dilation });
    const room = n + before + after;
    return span > room ? `No output: ${m} weights with dilation ${dilation} span ${span} entries, and there are only ${room}.` : "";
  }

  function current() {
    const { signal, kernel, options, rule: padding } = geometry(model);
    return { n: signal.length, m: kernel.length, ...options, padding };
  }

  function setOption(option, value) {
    alertText = complaint({ ...current(), [option]: value });
    if (!alertText) change({ [option]: value });
    paint();
  }

  function resize(which, more) {
    editor?.close();
    const values = model.get(which);
    const size = values.length + more;
    if (size < 1 || size > LONGEST[which]) return;
    alertText = complaint({ ...current(), [which === "signal" ? "n" : "m"]: size });
    if (!alertText) change({ playing: false, [which]: more > 0 ? [...values, 0] : values.slice(0, -1) });
    paint();
  }

  function moveByKey(key, event) {
    const { at, count } = geometry(model);
    const to = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0, End: count - 1 }[key];
    if (to === undefined || event.shiftKey || event.ctrlKey) return false;
    goTo(to);
    return true;
  }

  function edit(which, index, typed = null) {
    editor?.close();
    change({ playing: false });
    const values = model.get(which);
    const part = parts[which];
    if (which === "kernel") cursor = index;
    editor = editNumber(part.host, part.grid, 0, index + (which === "signal" ? geometry(model).sides[0] : 0), {
      value: values[index], typed, label: which === "signal" ? `x[${index}]` : `weight ${index}`,
      commit(value) {
        alertText = "";
        if (value === model.get(which)[index]) return;
        change({ [which]: model.get(which).map((old, i) => (i === index ? value : old)) });
      },
      leave(key) {
        editor = null;
        if (key !== "blur") alertText = "";
        const next = index + ({ Tab: 1, BackTab: -1 }[key] ?? NaN);
        if (next >= 0 && next < values.length) edit(which, next);
        else if (key !== "blur") part.grid.frame.focus({ preventScroll: true });
        paint();
      },
      refuse(text) {
        alertText = `“${text}” is not a number. Type one such as 2, −1, 0.5 or 1/9; Escape keeps the old one.`;
        paint();
      },
    });
    paint();
  }

  function point(weight) {
    if (hot === weight) return;
    hot = weight;
    paint();
  }

  // What is made anew when a size changes -------------------------------------------------------------
  function build(now, width) {
    editor?.close();
    const { signal, kernel, options, sides, padded, count } = now;
    const [n, m] = [signal.length, kernel.length];
    const span = options.dilation * (m - 1) + 1;
    const across = Math.max(padded.length + 1.5, sides[0] + n + 1.2);
    const room = width - 2 * RULER - 56;
    const beside = Math.floor(Math.min((room - 2 * RULER) / (across + m), (room - 220) / across));
    const inOneRow = beside >= NAMES || (beside >= 24 && width >= 700);
    const pitch = clamp(Math.min(inOneRow ? beside : Math.floor((width - 2 * RULER - 20) / across),
      Math.max(26, Math.floor(470 / (count + 2.6)))), 11, BIG);

    const part = (kind, grid, extra) => {
      for (const [key, value] of Object.entries({ tabindex: 0, role: "application", ...KEEP_KEYS, ...extra })) put(grid.frame, key, value);
      return { host: html("div", { class: `cnn-part ${kind}` }, grid.frame), grid };
    };
    const outline = (grid, r, c, wide, high, extra = {}) => svg("rect", { class: "cnn-outline", rx: grid.radius + 1,
      x: grid.margin + c * pitch, y: grid.margin + r * pitch, width: wide * pitch, height: high * pitch, ...extra });
    const moving = (grid, wide, high) => grid.frame.appendChild(svg("g", { class: "cnn-moving" }, outline(grid, 0, 0, wide, high)));
    const ruler = (grid, size, label) => {
      if (pitch >= 16) grid.frame.append(...Array.from({ length: size }, (_, c) =>
        svg("text", { class: "index", x: RULER + (c + 0.5) * pitch, y: 9 }, label(c))));
    };
    const head = (which, text, values) => html("div", { class: "head" }, html("span", {}, text, html("b", {}, String(values.length))),
      ...[["−", -1], ["+", 1]].map(([sign, more]) => html("button", { type: "button", class: "cnn-button", ...KEEP_KEYS,
        "aria-label": `${more > 0 ? "one more" : "one less"} number in ${which === "signal" ? "x" : "the filter"}`,
        disabled: values.length + more < 1 || values.length + more > LONGEST[which],
        onclick: () => resize(which, more) }, sign)), which === "kernel" ? flipper : null);

    const kernelPart = part("kernel", numberGrid(1, m, pitch, RULER), { "aria-label": "filter: arrow keys choose a weight, Enter edits it" });
    const signalPart = part("signal", numberGrid(1, padded.length, pitch, RULER), { "aria-label": "signal: arrow keys move the window, Enter edits its first value" });
    const matrixPart = part("matrix", numberGrid(count, n, pitch), { "aria-label": "matrix: arrow keys move the lit row" });
    const outputPart = part("output", numberGrid(count, 1, pitch), { "aria-label": "output: arrow keys move the window" });
    ruler(kernelPart.grid, m, (j) => `θ${subscript(j)}`);
    ruler(signalPart.grid, padded.length, (c) => formatNumber(c - sides[0]));

    // The window: the signal's entries, the weights that ride below them, their products.
    const tall = pitch >= 20 ? 2.72 : 2;
    put(signalPart.grid.frame, "height", Math.round(RULER + tall * pitch + 10));
    put(signalPart.grid.frame, "width", Math.round(2 * RULER + padded.length * pitch));
    const windowLayer = svg("g", { class: "cnn-moving window" });
    signalPart.grid.frame.append(windowLayer);
    const riding = kernel.map((_, j) => {
      const rect = svg("rect", { x: RULER + 1, y: RULER + pitch + 1, width: pitch - 2, height: pitch - 2, rx: signalPart.grid.radius });
      const text = svg("text", { x: RULER + pitch / 2, y: RULER + 1.5 * pitch });
      const mark = svg("text", { x: RULER + pitch / 2, y: RULER + 1.81 * pitch, style: `font-size:${Math.round(pitch * 0.24)}px`,
        visibility: pitch >= NAMES ? null : "hidden" }, `θ${subscript(j)}`);
      const ring = svg("rect", { class: "cnn-hot", x: RULER + 4, y: RULER + pitch + 4, width: pitch - 8, height: pitch - 8, rx: signalPart.grid.radius - 1 });
      return { rect, text, mark, ring, group: windowLayer.appendChild(svg("g", { class: "cnn-moving" }, rect, text, mark, ring)) };
    });
    const middle = RULER + 2.36 * pitch;
    const products = kernel.map((_, slot) => {
      const x = RULER + (slot * options.dilation + 0.5) * pitch;
      if (pitch >= 30 && slot) windowLayer.append(svg("text", { class: "plus", x: x - options.dilation * pitch / 2, y: middle }, "+"));
      return windowLayer.appendChild(svg("text", { class: "product", x, y: middle, visibility: tall > 2 ? null : "hidden" }));
    });
    const equals = windowLayer.appendChild(svg("text", { class: "equals", x: RULER + span * pitch + 6, y: middle, visibility: tall > 2 ? null : "hidden" }));
    windowLayer.append(outline(signalPart.grid, 0, 0, span, tall, options.dilation > 1 ? { class: "cnn-outline cnn-span" } : {}));
    if (options.dilation > 1) kernel.forEach((_, slot) => windowLayer.append(outline(signalPart.grid, 0, slot * options.dilation, 1, tall)));
    const handle = windowLayer.appendChild(svg("rect", { class: "cnn-handle", x: RULER, y: RULER, width: span * pitch, height: tall * pitch }));

    const same = matrixPart.grid.frame.appendChild(svg("path", { class: "cnn-hot" }));
    const rowLayer = moving(matrixPart.grid, n, 1);
    const hereLayer = moving(outputPart.grid, 1, 1);
    const cursorLayer = moving(kernelPart.grid, 1, 1);
    put(cursorLayer, "class", "cnn-moving cnn-cursor");
    const rings = kernel.map((_, j) => kernelPart.grid.frame.appendChild(svg("rect", { class: "cnn-hot",
      x: RULER + j * pitch + 4, y: RULER + 4, width: pitch - 8, height: pitch - 8, rx: kernelPart.grid.radius - 1 })));

    const indent = `margin-left:${sides[0] * pitch + RULER - 4}px`;
    const legend = html("ul", { class: "legend", style: inOneRow ? `max-width:${Math.max(m * pitch + 24, 150)}px` : "margin-bottom:6px" },
      html("li", {}, html("b", {}, `${m} weight${m > 1 ? "s" : ""}`), ` on ${convIndex1d(n, m, { ...options, sides }).flat().filter((j) => j >= 0).length} edges; grey: no edge`));
    stage.replaceChildren(
      html("div", {}, head("kernel", "filter θ · ", kernel), kernelPart.host, legend),
      html("div", {}, head("signal", "signal x · ", signal), signalPart.host,
        html("div", { class: "rows", style: indent }, matrixPart.host, html("div", { class: "cnn-sign", "aria-hidden": "true" }, "="), outputPart.host),
        html("div", { class: "under", style: indent },
          html("span", { style: `width:${n * pitch + 8}px` }, n * pitch > 110 ? `Θ · ${count} × ${n}` : "Θ"),
          html("span", { style: `width:${pitch + 8 + 72}px` }, `${pitch < 26 ? "y" : "y = Θx"} · ${count}`))));
    terms.replaceChildren(...kernel.map((_, slot) => html("span", { class: "cnn-term",
      onpointerenter: () => point(termsOf(geometry(model))[slot].j), onpointerleave: () => point(null) },
      html("span", { class: "cnn-chip" }), html("i", {}, "·"), html("span", { class: "cnn-chip" }), html("i", {}, slot + 1 < m ? "+" : ""))));
    const made = { signal: signalPart, kernel: kernelPart, matrix: matrixPart, output: outputPart, windowLayer, handle, riding,
      products, equals, same, rowLayer, hereLayer, cursorLayer, rings, pitch };
    listen(made, span);
    return made;
  }

  function listen({ signal, kernel, matrix, output }, span) {
    // The signal: take the window where it is touched, or call it to where the hand points.
    let grip = null;
    let moved = false;
    let lastTap = { time: -Infinity };
    const frame = signal.grid.frame;
    const anchor = ({ c }) => Math.round((c - grip) / geometry(model).options.stride);
    const onSignal = (event) => {
      const at = signal.grid.at(event);
      return { ...at, inside: at.c >= 0 && at.c < signal.grid.cols && at.r >= 0 && at.r <= 2 };
    };
    onDrag(frame, {
      start(event) {
        const at = onSignal(event);
        if (!at.inside) return false;
        const { at: position, options: { stride } } = geometry(model);
        const c = at.c - position * stride;
        const held = c >= 0 && c < span;
        if (!held && at.r > 0) return false;
        // A finger beside the window may be scrolling the page: it counts when it is lifted.
        grip = held ? c : (span - 1) / 2;
        moved = false;
        if (!held && event.pointerType !== "touch") goTo(anchor(at));
        root.classList.add("cnn-dragging");
        frame.focus({ preventScroll: true });
        return held || "loose";
      },
      move(event) {
        const { at, count } = geometry(model);
        const to = clamp(anchor(signal.grid.at(event)), 0, count - 1);
        if (to === at) return;
        moved = true;
        goTo(to);
      },
      end(event) {
        root.classList.remove("cnn-dragging");
        const at = onSignal(event);
        if (event.type === "pointercancel" || moved || !at.inside) return;
        const again = event.timeStamp - lastTap.time < 400 && lastTap.c === at.c && lastTap.r === at.r;
        lastTap = { time: event.timeStamp, c: at.c, r: at.r };
        const now = geometry(model);
        const index = at.c - now.sides[0];
        const tap = termsOf(now).find(({ column }) => column === at.c);
        if (again && at.r === 0 && index >= 0 && index < now.signal.length) edit("signal", index);
        else if (again && at.r === 1 && tap) edit("kernel", tap.j);
        else if (event.pointerType === "touch") goTo(anchor(at));
      },
    });
    frame.addEventListener("pointermove", (event) => {
      const at = onSignal(event);
      point(at.inside ? termsOf(geometry(model)).find(({ column }) => column === at.c)?.j ?? null : null);
    });
    frame.addEventListener("pointerleave", () => point(null));
    onKey(frame, (key, event) => {
      if (key !== "Enter" && key !== "F2") return moveByKey(key, event);
      const now = geometry(model);
      edit("signal", clamp(now.at * now.options.stride - now.sides[0], 0, now.signal.length - 1));
      return true;
    });

    // Matrix and output: a row pressed, or an output pointed at, calls the window.
    const call = (grid) => (event) => {
      const at = grid.at(event);
      if (at.inside && at.r !== geometry(model).at) goTo(at.r);
    };
    matrix.grid.frame.addEventListener("pointerdown", call(matrix.grid));
    matrix.grid.frame.addEventListener("pointermove", (event) => {
      const at = matrix.grid.at(event);
      if (event.buttons && event.pointerType === "mouse") call(matrix.grid)(event);
      const now = geometry(model);
      const j = at.inside ? convIndex1d(now.signal.length, now.kernel.length, { ...now.options, sides: now.sides, flip: now.flip })[at.r][at.c] : -1;
      point(j < 0 ? null : j);
    });
    matrix.grid.frame.addEventListener("pointerleave", () => point(null));
    for (const kind of ["pointermove", "pointerdown"]) output.grid.frame.addEventListener(kind, call(output.grid));
    onKey(matrix.grid.frame, moveByKey);
    onKey(output.grid.frame, moveByKey);

    // The filter: a click edits.
    kernel.grid.frame.addEventListener("click", (event) => {
      const at = kernel.grid.at(event);
      if (at.inside) edit("kernel", at.c);
    });
    kernel.grid.frame.addEventListener("pointermove", (event) => {
      const at = kernel.grid.at(event);
      point(at.inside ? at.c : null);
    });
    kernel.grid.frame.addEventListener("pointerleave", () => point(null));
    onKey(kernel.grid.frame, (key, event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
      if (event.ctrlKey) return false;
      if (by) cursor = clamp(cursor + by, 0, kernel.grid.cols - 1);
      else if (key === "Enter" || key === "F2") edit("kernel", cursor);
      else if (/^[-−+.\d]$/.test(key)) edit("kernel", cursor, key);
      else return false;
      paint();
      return true;
    });
  }

  // What changes ------------------------------------------------------------------------------------
  let built = "";
  let sizes = "";
  function draw() {
    const now = geometry(model);
    const { signal, kernel, options, sides, padded, count, at } = now;
    const [n, m] = [signal.length, kernel.length];
    const width = roomIn(root);
    const key = [n, m, ...Object.values(options), ...sides, width].join();
    if (key !== built) {
      parts = build(now, width);
      built = key;
      cursor = Math.min(cursor, m - 1);
      if (hot >= m) hot = null;
    }
    if (sizes !== String(count)) visited = new Set();
    sizes = String(count);
    if (!visited.size) for (let i = 0; i < at; i += 1) visited.add(i);
    const fresh = !visited.has(at);
    visited.add(at);

    const used = now.flip ? [...kernel].reverse() : kernel;
    const output = correlate1d(padded, used, options);
    const index = convIndex1d(n, m, { ...options, sides, flip: now.flip });
    const taps = termsOf(now);
    const { pitch } = parts;
    const ends = { input: largest(signal), output: largest(output) };
    const color = (value, role, focus) => shade(value, ends[role], role, theme, focus);
    const hues = [UNFOCUSED, 1].map((share) => kernel.map((_, j) => {
      const fillColor = mix(PALETTE[theme].surface, PALETTE[theme].theta[j], share);
      return { color: fillColor, ink: readable(fillColor, theme) };
    }));
    const hue = (j, focus = true) => hues[Number(focus)][j];
    // Small cells give their numbers more of the room, and below 15 px none.
    const fit = (values) => Math.min(pitch < 30 ? 0.52 : 0.36, 1.3 / Math.max(...values.map((value) => formatNumber(value).length)));
    const label = (value) => (pitch < 15 ? "" : formatNumber(value));
    const under = new Set(taps.map(({ column }) => column));
    const fits = { input: fit(signal), weight: fit(kernel), output: fit(output) };

    // Signal and filter
    padded.forEach((value, c) => {
      const inside = c >= sides[0] && c < sides[0] + n;
      const fillColor = inside ? color(value, "input", under.has(c)) : null;
      parts.signal.grid.paint(0, c, { label: label(value), scale: fits.input, color: fillColor, ink: fillColor && readable(fillColor, theme) });
    });
    kernel.forEach((weight, j) => {
      parts.kernel.grid.paint(0, j, { label: label(weight), scale: fits.weight, ...hue(j) });
      put(parts.rings[j], "visibility", hot === j ? "visible" : "hidden");
      parts.rings[j].style.stroke = hue(j).ink;
    });

    // The window: flipping the filter lets its weights change places
    place(parts.windowLayer, at * options.stride, 0);
    taps.forEach(({ slot, value, j, weight }) => {
      const { rect, text, mark, ring, group } = parts.riding[j];
      const { color: fillColor, ink } = hue(j);
      place(group, slot * options.dilation, 0);
      rect.style.fill = fillColor;
      for (const one of [text, mark]) one.style.fill = ink;
      ring.style.stroke = ink;
      text.style.fontSize = `${fitText(label(weight), pitch, fits.weight)}px`;
      text.style.transform = pitch >= NAMES ? `translateY(${-Math.round(0.08 * pitch)}px)` : "";
      say(text, label(weight));
      put(ring, "visibility", hot === j ? "visible" : "hidden");
      const product = formatNumber(value * weight);
      parts.products[slot].style.fontSize = `${fitText(product, pitch * 0.8, 0.42)}px`;
      say(parts.products[slot], product);
    });
    parts.equals.style.fontSize = `${Math.round(clamp(pitch * 0.34, 10, 16))}px`;
    say(parts.equals, `= ${formatNumber(output[at])}`);

    // Matrix and output
    const none = PALETTE[theme].panel;
    const lit = (i, j) => i === at || j === hot;
    // A step of the window changes two rows; all else of the matrix stays as it was painted.
    const look = [built, theme, hot, now.flip, ...kernel].join();
    for (const i of look === parts.look ? new Set([parts.litRow, at]) : index.keys()) {
      index[i].forEach((j, c) => parts.matrix.grid.paint(i, c, j < 0
        ? { label: pitch < 30 ? "" : "0", scale: 0.28, color: none, ink: PALETTE[theme].muted }
        : { label: label(kernel[j]), scale: fits.weight, ...hue(j, lit(i, j)) }));
    }
    if (look !== parts.look) {
      put(parts.same, "d", index.flatMap((line, i) => line.map((j, c) => (j === hot
        ? `M${8 + c * pitch} ${8 + i * pitch}h${pitch - 8}v${pitch - 8}h${8 - pitch}z` : ""))).join(""));
      if (hot !== null) parts.same.style.stroke = hue(hot).ink;
    }
    Object.assign(parts, { look, litRow: at });
    place(parts.rowLayer, 0, at);
    place(parts.hereLayer, 0, at);
    place(parts.cursorLayer, cursor, 0);
    const all = model.get("reveal");
    output.forEach((value, i) => {
      const known = all || visited.has(i);
      const fillColor = known ? color(value, "output") : null;
      parts.output.grid.paint(i, 0, { label: known ? label(value) : "", scale: fits.output, color: fillColor, ink: fillColor && readable(fillColor, theme) });
    });

    // The sum
    say(name, `y${subscript(at)} = `);
    taps.forEach(({ slot, value, j, weight }) => {
      const term = terms.children[slot];
      put(term, "class", `cnn-term${value * weight ? "" : " cnn-zero"}${hot === j ? " cnn-pointed" : ""}`);
      chip(term.children[0], value, color(value, "input"));
      chip(term.children[2], weight, hue(j).color);
    });
    chip(total, output[at], color(output[at], "output"));
    const longest = Math.max(...[...terms.querySelectorAll(".cnn-chip")].map((one) => one.textContent.length));
    const chipWidth = Math.max(26, Math.round(longest * 8.2 + 10));
    terms.style.setProperty("--chip", `${chipWidth}px`);
    const narrow = width < 560;
    root.classList.toggle("cnn-narrow", narrow);
    const columns = clamp(Math.floor((width - (narrow ? 28 : 126 + 9 * formatNumber(output[at]).length)) / (2 * chipWidth + 28)), 1, m);
    terms.style.gridTemplateColumns = `repeat(${columns}, max-content)`;

    // Controls and words
    play.show(model.get("playing") ? "pause" : "play", model.get("playing") ? "pause" : "play");
    reveal.checked = all;
    flip.checked = now.flip;
    rule.show(now.rule);
    for (const [option, one] of Object.entries(sliders)) one.show(options[option]);
    writeFormula(now);
    const unusual = [now.rule !== "valid" && `“${now.rule}” padding`,
      ...Object.entries(options).map(([option, value]) => value !== 1 && `${option} ${value}`)].filter(Boolean).join(", ");
    const list = (values) => values.map(formatNumber).join(", ");
    say(says, `Output y[${at}] of length ${count} is ${formatNumber(output[at])}: the ${now.flip ? "flipped " : ""}filter ` +
      `(${list(taps.map(({ weight }) => weight))}) on ${taps.map(({ place: p }) => `x[${formatNumber(p)}]`).join(", ")} = ` +
      `(${list(taps.map(({ value }) => value))})${unusual && ` with ${unusual}`}.`);
    scale.hidden = !output.some((value) => value < 0);
    showScale(scale, "output", ends.output, { of: "the output", theme });
    hint.show(alertText);

    // What became what: the sum flies from the window into its cell.
    const moved = shown !== null && shown !== at;
    shown = at;
    if (moved && fresh && !all && !root.classList.contains("cnn-dragging")) {
      fly(root, parts.handle, parts.output.grid, at, 0,
        { label: formatNumber(output[at]), color: color(output[at], "output"), theme, scale: fits.output });
    }
  }
  const paint = oncePerFrame(draw);

  function place(layer, c, r) {
    layer.style.transform = `translate(${c * parts.pitch}px, ${r * parts.pitch}px)`;
  }

  function chip(element, value, color) {
    say(element, formatNumber(value));
    element.style.background = color;
    element.style.color = readable(color, theme);
  }

  function writeFormula({ signal, kernel, options: { stride, dilation }, sides, padded, count }) {
    const [n, m, zeros] = [signal.length, kernel.length, sides[0] + sides[1]];
    const plain = stride === 1 && dilation === 1 && !zeros;
    const text = plain ? `n − m + 1 = ${n} − ${m} + 1 = ${count}`
      : `⌊(${n} + ${zeros} − ${dilation}·(${m} − 1) − 1) / ${stride}⌋ + 1 = ${count}`;
    const rest = padded.length - ((count - 1) * stride + dilation * (m - 1) + 1);
    if (formula.dataset.text === text + rest) return;
    formula.dataset.text = text + rest;
    formula.replaceChildren(html("span", {}, "output length ", html("b", {}, text)),
      ...(rest ? [html("span", { class: "tail" }, `⚠ the last ${rest === 1 ? "entry is" : `${rest} entries are`} never read`)] : []));
  }

  // Life ------------------------------------------------------------------------------------------------
  const names = ["signal", "kernel", "stride", "padding", "dilation", "flip", "position", "reveal", "playing"];
  return live(model, root, names, paint, { themed: (name) => { theme = name; }, closed: () => editor?.close() });
}

export default { initialize, render };
