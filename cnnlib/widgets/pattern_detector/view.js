// PatternDetector.
//
// Lanes above one another share one horizontal axis, the pixels of the row: photograph, signal,
// filter, products, response. A response stands below the middle of its window.

import { button, choice, slider } from "../shared/controls.js";
import { html, put, say, svg } from "../shared/dom.js";
import { KEEP_KEYS, onDrag, onKey } from "../shared/hand.js";
import { batched, live, oncePerFrame, roomIn } from "../shared/life.js";
import { bytes, clamp, correlate1d, formatNumber, largest } from "../shared/numbers.js";
import { playClock } from "../shared/player.js";

const STEP_MS = 40;
const SIGNAL = 96;
const FILTER = 64;
const PRODUCTS = 64;
const RESPONSE = 112;
const GAP = 10;

function geometry(model) {
  const [height, width] = model.get("shape");
  const kernels = model.get("kernels");
  const kernel = kernels[model.get("selected")];
  const row = clamp(model.get("row"), 0, height - 1);
  const pixels = bytes(model.get("pixels"));
  const signal = Array.from(pixels.subarray(row * width, (row + 1) * width), (value) => value / 255);
  const count = width - kernel.length + 1;
  return { height, width, pixels, kernels, kernel, row, signal, count, at: clamp(model.get("position"), 0, count - 1) };
}

function initialize({ model }) {
  return playClock(model, STEP_MS, () => {
    const { at, count } = geometry(model);
    const stride = Math.max(1, Math.round(count / 200));
    return at + 1 < count ? { position: Math.min(at + stride, count - 1) } : null;
  });
}

function render({ model, el }) {
  const change = batched(model);
  let visited = [];
  let subject = null;   // row and filter of what was visited
  let last = null;

  const play = button("play", "play", togglePlay);
  const reset = button("reset", "reset", restart);
  const reveal = html("input", { type: "checkbox", ...KEEP_KEYS, onchange: () => change({ reveal: reveal.checked }) });
  const filters = choice("filter", Object.keys(model.get("kernels")), (word) => { change({ selected: word, playing: false }); paint(); });
  const rows = slider("row", 0, model.get("shape")[0] - 1, (value) => { change({ row: value }); paint(); });
  const canvas = html("canvas", { "aria-hidden": "true" });
  const picture = svg("svg", { "aria-hidden": "true" });
  const lanes = html("div", { class: "lanes", tabindex: 0, role: "application", ...KEEP_KEYS,
    "aria-label": "signal: left and right move the window, Page Up and Page Down by ten, up and down choose the row" }, canvas, picture);
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const root = html("div", { class: "cnn cnn-detector", role: "group", "aria-label": "A filter as a pattern detector" },
    html("div", { class: "cnn-bar" },
      html("div", { class: "cnn-buttons" }, play.element, reset.element, html("label", { class: "cnn-toggle" }, reveal, "show all")),
      html("div", { class: "sliders" }, rows.element, filters.element)),
    lanes, html("div", { class: "cnn-foot" }, says),
    html("div", { class: "cnn-foot" }, html("div", {}, "Drag along the signal or press ", html("kbd", {}, "←"), html("kbd", {}, "→"),
      " · drag in the photograph to choose another row, or ", html("kbd", {}, "↑"), html("kbd", {}, "↓"))));
  el.append(root);

  // Gestures ----------------------------------------------------------------------------------------
  function goTo(position, row = model.get("row")) {
    const { count, height } = geometry(model);
    change({ position: clamp(Math.round(position), 0, count - 1), row: clamp(row, 0, height - 1),
      ...(model.get("playing") ? { playing: false } : {}) });
    paint();
  }

  function restart() {
    visited = [];
    last = null;
    goTo(0);
  }

  function togglePlay() {
    const playing = !model.get("playing");
    const { at, count } = geometry(model);
    if (playing && at + 1 >= count) restart();
    change({ playing });
  }

  let grip = null; // where in the window the hand holds it, and whether it is in the photograph
  const hand = (event) => {
    const box = lanes.getBoundingClientRect();
    const { width, height } = geometry(model);
    return { x: ((event.clientX - box.left) / box.width) * width, row: Math.floor(((event.clientY - box.top) / canvas.clientHeight) * height) };
  };
  const follow = (event) => {
    const { x, row } = hand(event);
    if (grip.photo) goTo(x - grip.offset, row);
    else goTo(x - grip.offset);
  };
  onDrag(lanes, {
    start(event) {
      const { x, row } = hand(event);
      const { at, kernel, height } = geometry(model);
      const held = x >= at && x < at + kernel.length;
      grip = { photo: row < height, offset: held ? x - at : kernel.length / 2 };
      root.classList.add("cnn-dragging");
      lanes.focus({ preventScroll: true });
      // A finger beside the window may be scrolling the page: only what is dragged counts.
      if (held || event.pointerType !== "touch") follow(event);
      return held || grip.photo || "loose";
    },
    move: follow,
    end: () => root.classList.remove("cnn-dragging"),
  });
  onKey(lanes, (key, event) => {
    const { at, count, row } = geometry(model);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, PageUp: at - 10, PageDown: at + 10, Home: 0, End: count - 1 }[key];
    if (event.ctrlKey || event.shiftKey) return false;
    if (to !== undefined) goTo(to);
    else if (key === "ArrowUp" || key === "ArrowDown") goTo(at, row + (key === "ArrowUp" ? -1 : 1));
    else return false;
    return true;
  });

  // Drawing -----------------------------------------------------------------------------------------
  const mark = (tag, name, parent = picture) => parent.appendChild(svg(tag, { class: name }));
  const set = (element, attributes) => { for (const [name, value] of Object.entries(attributes)) put(element, name, value); };
  const backs = [0, 1, 2, 3].map(() => mark("rect", "lane"));
  const axes = [0, 1, 2].map(() => mark("line", "axis"));
  const [rowEdge, rowLine] = [mark("line", "row-edge"), mark("line", "entry")];
  const signalLine = mark("path", "signal-line");
  const areas = Object.fromEntries(["weight-up", "weight-down", "up", "down"].map((name) => [name, mark("path", `${name}`)]));
  const products = { up: mark("path", "up"), down: mark("path", "down") };
  const response = mark("path", "response");
  const drop = mark("line", "drop");
  const frame = mark("rect", "frame");
  const rowFrame = mark("rect", "frame");
  const peakMark = mark("path", "peak");
  const peakLabel = mark("text", "peak-label");
  const now = mark("circle", "now");
  const sum = mark("text", "tag");
  const names = [0, 1, 2, 3].map(() => mark("text", "name"));

  let photo = null;
  function drawPhoto({ pixels, width, height }) {
    if (photo === model.get("pixels")) return;
    photo = model.get("pixels");
    set(canvas, { width, height });
    const image = new ImageData(width, height);
    pixels.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i));
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  /** Bars from a zero line at `zero`: one path for the positive ones, one for the negative. */
  function bars(values, from, step, zero, unit) {
    const path = (sign) => values.map((value, j) => (value * sign > 0
      ? `M${(from + j * step).toFixed(1)} ${zero}v${(-value * unit).toFixed(1)}h${step.toFixed(2)}V${zero}z` : "")).join("");
    return [path(1), path(-1)];
  }

  function draw() {
    const state = geometry(model);
    const { width, height, kernel, signal, count, at, row } = state;
    const m = kernel.length;
    const wide = roomIn(root);
    const step = wide / width;
    const high = Math.round(clamp(height * step, 24, 150));
    const key = `${row},${model.get("selected")},${count}`;
    if (key !== subject) { visited = []; last = null; subject = key; }
    // What a quick hand jumped over was visited too.
    for (let i = Math.min(last ?? at, at); i <= Math.max(last ?? at, at); i += 1) visited[i] = true;
    last = at;
    const all = model.get("reveal");
    const output = correlate1d(signal, kernel);

    drawPhoto(state);
    canvas.style.height = `${high}px`;
    const tops = [SIGNAL, FILTER, PRODUCTS, RESPONSE].reduce((list, size) => [...list, list.at(-1) + size + GAP], [high + GAP]);
    lanes.style.height = `${tops[4] - GAP}px`;
    const [top, filterTop, productTop, responseTop] = tops;
    [SIGNAL, FILTER, PRODUCTS, RESPONSE].forEach((size, i) =>
      set(backs[i], { x: 0, y: tops[i], width: wide, height: size, rx: 6 }));
    const zeros = [filterTop + FILTER / 2, productTop + PRODUCTS / 2, responseTop + RESPONSE / 2];
    zeros.forEach((y, i) => set(axes[i], { x1: 0, x2: wide, y1: y, y2: y }));
    const y = (row + 0.5) * (high / height);
    for (const line of [rowEdge, rowLine]) set(line, { x1: 0, x2: wide, y1: y, y2: y });

    const x = (i) => ((i + 0.5) * step).toFixed(1);
    const brightness = (value) => (top + SIGNAL - 6 - value * (SIGNAL - 28)).toFixed(1);
    put(signalLine, "d", signal.map((value, i) => `${i ? "L" : "M"}${x(i)} ${brightness(value)}`).join(""));
    const left = at * step;
    const [weightUp, weightDown] = bars(kernel, left, step, zeros[0], (FILTER / 2 - 6) / (largest(kernel) || 1));
    put(areas["weight-up"], "d", weightUp);
    put(areas["weight-down"], "d", weightDown);
    const terms = kernel.map((weight, j) => weight * signal[at + j]);
    const [up, down] = bars(terms, left, step, zeros[1], (PRODUCTS / 2 - 6) / (largest(kernel) || 1));
    put(products.up, "d", up);
    put(products.down, "d", down);
    set(frame, { x: left, y: top, width: m * step, height: filterTop + FILTER - top, rx: 5 });
    set(rowFrame, { x: left, y: y - 5, width: m * step, height: 10, rx: 4 });

    // The response, as far as the window has been
    const end = largest(output) || 1;
    const unit = (RESPONSE / 2 - 18) / end;
    const level = (value) => zeros[2] - value * unit;
    const known = output.map((value, i) => (all || visited[i] ? value : null));
    const middle = (i) => (i + m / 2) * step;
    put(response, "d", known.map((value, i) => (value === null ? ""
      : `${i && known[i - 1] !== null ? "L" : "M"}${middle(i).toFixed(1)} ${level(value).toFixed(1)}`)).join(""));
    const [above, below] = bars(known, (m / 2 - 0.5) * step, step, zeros[2], unit);
    put(areas.up, "d", above);
    put(areas.down, "d", below);
    const peak = known.reduce((best, value, i) => (value !== null && (best < 0 || value > known[best]) ? i : best), -1);
    set(peakMark, { d: `M${middle(peak) - 7} ${level(known[peak]) - 13}h14l-7 10z` });
    const label = `${formatNumber(known[peak])} at ${peak}`;
    const side = middle(peak) > wide - 90 ? -1 : 1;
    set(peakLabel, { x: middle(peak) + 11 * side, y: Math.max(level(known[peak]) - 4, responseTop + 12), "text-anchor": side < 0 ? "end" : "start" });
    say(peakLabel, label);
    set(now, { cx: middle(at), cy: level(output[at]), r: 5 });
    set(drop, { x1: middle(at), x2: middle(at), y1: filterTop + FILTER, y2: level(output[at]) });
    const right = left + m * step;
    const room = right + 80 < wide;
    set(sum, { x: room ? right + 8 : left - 8, y: zeros[1] + 16, "text-anchor": room ? "start" : "end" });
    say(sum, `sum ${formatNumber(output[at])}`);

    // A lane's name keeps out of the way of the window, or of the peak.
    const words = ["one row of pixels x", `filter θ · ${m} weight${m === 1 ? "" : "s"}`, "products θⱼ · x", `response y · ±${formatNumber(end)}`];
    names.forEach((text, i) => {
      const onRight = (i === 3 ? middle(peak) : left + (m * step) / 2) < wide / 2;
      set(text, { x: onRight ? wide - 8 : 8, y: tops[i] + 16, "text-anchor": onRight ? "end" : "start" });
      say(text, words[i]);
    });

    play.show(model.get("playing") ? "pause" : "play", model.get("playing") ? "pause" : "play");
    reveal.checked = all;
    filters.show(model.get("selected"));
    rows.show(row);
    root.classList.toggle("cnn-narrow", wide < 560);
    say(says, `Filter “${model.get("selected")}”, ${m} weight${m === 1 ? "" : "s"}, on row ${row}: the window at ${at} gives ${formatNumber(output[at])}. ` +
      `Strongest${all ? "" : " so far"}: ${formatNumber(known[peak])} at ${peak}.`);
  }
  const paint = oncePerFrame(draw);

  // Life ------------------------------------------------------------------------------------------------
  const traits = ["pixels", "shape", "kernels", "selected", "row", "position", "reveal", "playing"];
  return live(model, root, traits, paint, { themed: () => {} });
}

export default { initialize, render };
