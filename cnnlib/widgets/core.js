// The core that all widgets share. Python puts the constants PALETTE and UNFOCUSED (figures.py)
// before this file and the widget's own script after it: together they are one module.

// Numbers -----------------------------------------------------------------------------------------
// The only arithmetic done in the browser; tests/test_widgets.py holds it against cnnlib.

/** Positions that a window takes along one axis: floor((n + 2p − d(m − 1) − 1) / s) + 1, or 0. */
export function outputSize(n, m, { stride = 1, padding = 0, dilation = 1 } = {}) {
  return Math.max(0, Math.floor((n + 2 * padding - dilation * (m - 1) - 1) / stride) + 1);
}

/** The numbers under the window whose output is (row, col), each with its place in the image. */
export function windowTaps(image, kernel, row, col, { stride = 1, padding = 0, dilation = 1 } = {}) {
  return kernel.flatMap((weights, a) => weights.map((weight, b) => {
    const r = row * stride + a * dilation - padding;
    const c = col * stride + b * dilation - padding;
    return { r, c, a, b, weight, value: image[r]?.[c] ?? 0 };
  }));
}

export function correlate2d(image, kernel, options = {}) {
  const rows = outputSize(image.length, kernel.length, options);
  const cols = outputSize(image[0].length, kernel[0].length, options);
  return Array.from({ length: rows }, (_, i) => Array.from({ length: cols }, (_, j) =>
    windowTaps(image, kernel, i, j, options).reduce((sum, tap) => sum + tap.value * tap.weight, 0)));
}

export function correlate1d(signal, kernel, { stride = 1, padding = 0, dilation = 1 } = {}) {
  return Array.from({ length: outputSize(signal.length, kernel.length, { stride, padding, dilation }) }, (_, i) =>
    kernel.reduce((sum, weight, j) => sum + weight * (signal[i * stride + j * dilation - padding] ?? 0), 0));
}

/** Zeros before and after a signal, as shapes.resolve_padding; a flipped kernel mirrors them. */
export function paddingSides(rule, m, { dilation = 1, flip = false } = {}) {
  const reach = dilation * (m - 1);
  const sides = { valid: [0, 0], same: [Math.floor(reach / 2), Math.ceil(reach / 2)], full: [reach, reach] }[rule];
  return flip ? sides.reverse() : sides;
}

/** Which weight sits on each edge of a 1-D convolution, as matrices.conv1d_index: −1 for no edge. */
export function convIndex1d(n, m, { stride = 1, dilation = 1, sides = [0, 0], flip = false } = {}) {
  return Array.from({ length: outputSize(n + sides[0] + sides[1], m, { stride, dilation }) }, (_, i) =>
    Array.from({ length: n }, (_, c) => {
      const slot = (c + sides[0] - i * stride) / dilation;
      if (!Number.isInteger(slot) || slot < 0 || slot >= m) return -1;
      return flip ? m - 1 - slot : slot;
    }));
}

/** The cells of the pooling window (row, col), windows side by side, in reading order. */
export function poolCells(map, size, row, col) {
  return Array.from({ length: size * size }, (_, i) => {
    const [r, c] = [row * size + Math.floor(i / size), col * size + (i % size)];
    return { r, c, value: map[r][c] };
  });
}

/** The cell that max pooling keeps: the first of the largest. */
export const poolWinner = (cells) => cells.reduce((best, cell) => (cell.value > best.value ? cell : best));

/** "max" or "average" of each window; what the last whole step does not reach is left out. */
export function pool2d(map, size, kind) {
  return Array.from({ length: outputSize(map.length, size, { stride: size }) }, (_, i) =>
    Array.from({ length: outputSize(map[0].length, size, { stride: size }) }, (_, j) => {
      const cells = poolCells(map, size, i, j);
      return kind === "max" ? poolWinner(cells).value : cells.reduce((sum, { value }) => sum + value, 0) / cells.length;
    }));
}

/**
 * The gradients of correlate2d in its image and its kernel, as conv2d_backward; from the first
 * `count` positions only, in reading order, where it is given.
 */
export function correlate2dBackward(gradOutput, image, kernel, options = {}, count = Infinity) {
  const [gradImage, gradKernel] = [image, kernel].map((values) => values.map((line) => line.map(() => 0)));
  gradOutput.forEach((line, i) => line.forEach((g, j) => {
    if (i * line.length + j >= count) return;
    for (const { r, c, a, b, weight, value } of windowTaps(image, kernel, i, j, options)) {
      gradKernel[a][b] += g * value;
      if (gradImage[r]?.[c] !== undefined) gradImage[r][c] += g * weight;
    }
  }));
  return { image: gradImage, kernel: gradKernel };
}

export const largest = (values) => Math.max(...values.flat(Infinity).map(Math.abs));
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** At most two decimals and a true minus sign, as figures.format_number. */
export function formatNumber(value) {
  const text = value.toFixed(2).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text.replace("-", "−");
}

/** The bytes, or the float32 numbers, that Python has sent as bytes. */
export const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
export const floats = (view) => new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));

/** What a person types: 2, −1, 0.5, 0,5 or 1/9. Anything else is null. */
export function parseNumber(text) {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:\/(\d+\.?\d*|\.\d+))?$/.exec(
    text.trim().replace(/\s*\/\s*/, "/").replace("−", "-").replace(",", "."));
  const value = match ? Number(match[1]) / Number(match[2] ?? 1) : NaN;
  return Number.isFinite(value) ? value : null;
}

// Colour ------------------------------------------------------------------------------------------

const channels = (color) => [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));

export function mix(first, second, share) {
  const to = channels(second);
  return "#" + channels(first).map((a, i) =>
    Math.floor(a + (to[i] - a) * share + 0.5).toString(16).padStart(2, "0")).join("");
}

export function contrast(first, second) {
  const [low, high] = [first, second].map((color) => {
    const [r, g, b] = channels(color).map((v) => v / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const inks = new Map();
/** The text colour for a fill: the theme's ink where its contrast is 4.5 or more, else white or black. */
export function readable(fill, theme = "light") {
  const key = theme + fill;
  if (!inks.has(key)) {
    inks.set(key, [PALETTE[theme].ink, "#ffffff"].find((ink) => contrast(ink, fill) >= 4.5) ?? "#000000");
  }
  return inks.get(key);
}

/** The fill of a value on the zero-centred scale of a role ("input", "weight", "output"). */
export function shade(value, end, role, theme = "light", focus = true) {
  const strength = end > 0 ? Math.min(Math.abs(value) / end, 1) : 0;
  return mix(PALETTE[theme][`${role}_zero`], PALETTE[theme][value < 0 ? "negative" : role],
    strength * (focus ? 1 : UNFOCUSED));
}

const tables = new Map();
/** shade() as a table, for pictures of many cells: tints("output", "dark")(value, end) is [r, g, b]. */
export function tints(role, theme) {
  const key = role + theme;
  if (!tables.has(key)) {
    tables.set(key, Array.from({ length: 511 }, (_, i) => channels(shade(i - 255, 255, role, theme))));
  }
  return (value, end) => tables.get(key)[255 + Math.round(255 * clamp(end > 0 ? value / end : 0, -1, 1))];
}

// Theme and motion --------------------------------------------------------------------------------

/** Keep the palette of the page's theme on `root`, now and when it changes. */
export function followTheme(root, changed) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const jupyter = document.body.dataset.jpThemeLight;
    const theme = (jupyter === undefined ? system.matches : jupyter === "false") ? "dark" : "light";
    if (root.dataset.theme === theme) return;
    root.dataset.theme = theme;
    root.style.colorScheme = theme;
    for (const [name, color] of Object.entries(PALETTE[theme])) {
      [color].flat().forEach((c, i) =>
        root.style.setProperty(`--${name.replace("_", "-")}${Array.isArray(color) ? i : ""}`, c));
    }
    changed(theme);
  };
  const observer = new MutationObserver(apply);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  system.addEventListener("change", apply);
  apply();
  return () => { observer.disconnect(); system.removeEventListener("change", apply); };
}

export const stillMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Elements ----------------------------------------------------------------------------------------

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) put(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** An HTML element: html("button", { class: "x", onclick: f }, "text"). */
export const html = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

/** The same for SVG. */
export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

/** Set an attribute (or an on… handler) only where it differs; null takes it away. */
export function put(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value === true ? "" : value);
}

export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * A grid of numbers, `pitch` whole pixels a cell, inside `margin`. paint(r, c, {...}) fills a cell,
 * at(event) tells which one an event hits, box(r, c) where it lies in the svg.
 */
export function numberGrid(rows, cols, pitch, margin = 4) {
  const radius = Math.round(pitch * 0.13);
  const frame = svg("svg", { width: cols * pitch + 2 * margin, height: rows * pitch + 2 * margin, class: "cnn-grid" });
  const cells = Array.from({ length: rows }, (_, r) => Array.from({ length: cols }, (_, c) => {
    const rect = svg("rect", { x: margin + c * pitch + 1, y: margin + r * pitch + 1,
      width: pitch - 2, height: pitch - 2, rx: radius });
    const text = svg("text", { x: margin + (c + 0.5) * pitch, y: margin + (r + 0.5) * pitch });
    frame.append(rect, text);
    return { rect, text };
  }));
  return {
    frame, rows, cols, pitch, margin, radius,
    paint(r, c, { label, color = null, ink, scale = 0.36, lift = 0 }) {
      const { rect, text } = cells[r][c];
      put(rect, "class", color ? null : "cnn-blank");
      rect.style.fill = color ?? "";
      text.style.fill = ink ?? "";
      text.style.fontSize = `${fitText(label, pitch, scale)}px`;
      text.style.transform = lift ? `translateY(${-Math.round(lift * pitch)}px)` : "";
      say(text, label);
    },
    at(event) {
      const box = frame.getBoundingClientRect();
      const c = Math.floor((event.clientX - box.left - margin) / pitch);
      const r = Math.floor((event.clientY - box.top - margin) / pitch);
      return { r, c, inside: r >= 0 && c >= 0 && r < rows && c < cols };
    },
    box: (r, c) => ({ x: margin + c * pitch, y: margin + r * pitch, size: pitch }),
  };
}

/** The font size that lets `label` fit into a box of `pitch`. */
export const fitText = (label, pitch, scale = 0.36) =>
  Math.round(10 * pitch * Math.min(scale, 1.3 / Math.max(label.length, 1))) / 10;

/**
 * A picture of rows × cols values, `pitch` whole pixels each, below an SVG in the same pixels.
 * paint(color) asks color(r, c) for [red, green, blue], or null for nothing.
 */
export function pixelMap(rows, cols, pitch, attributes = {}) {
  const [width, height] = [cols * pitch, rows * pitch];
  const canvas = html("canvas", { width: cols, height: rows });
  const overlay = svg("svg", { width, height, class: "cnn-grid", "aria-hidden": "true" });
  const frame = html("div", { class: "cnn-pixels", style: `width:${width}px;height:${height}px`, ...attributes }, canvas, overlay);
  const context = canvas.getContext("2d");
  const data = context.createImageData(cols, rows);
  return {
    frame, overlay, rows, cols, pitch,
    paint(color) {
      for (let r = 0, i = 0; r < rows; r += 1) {
        for (let c = 0; c < cols; c += 1, i += 4) {
          const rgb = color(r, c);
          data.data[i + 3] = rgb ? 255 : 0;
          if (rgb) [data.data[i], data.data[i + 1], data.data[i + 2]] = rgb;
        }
      }
      context.putImageData(data, 0, 0);
    },
    at(event) {
      const box = frame.getBoundingClientRect();
      const [r, c] = [Math.floor((event.clientY - box.top) / pitch), Math.floor((event.clientX - box.left) / pitch)];
      return { r, c, inside: r >= 0 && c >= 0 && r < rows && c < cols };
    },
    /** An outline of high × wide cells that reads on dark and on bright pixels; place(r, c) moves it. */
    outline(high, wide) {
      const box = { x: -1, y: -1, width: wide * pitch + 2, height: high * pitch + 2, rx: 2 };
      const layer = svg("g", { class: "cnn-moving" }, svg("rect", { class: "cnn-halo", ...box }), svg("rect", { class: "cnn-edge", ...box }));
      overlay.append(layer);
      return (r, c) => { layer.style.transform = `translate(${c * pitch}px, ${r * pitch}px)`; };
    },
  };
}

/** A labelled slider with its value: slider("stride", 1, 3, (value) => …). */
export function slider(label, min, max, changed) {
  const value = html("output", { class: "cnn-value" });
  const input = html("input", { type: "range", min, max, step: 1, "aria-label": label, ...KEEP_KEYS,
    oninput: () => changed(Number(input.value)) });
  return {
    element: html("label", { class: "cnn-slider" }, html("span", {}, label), input, value),
    show(number) {
      put(input, "max", Math.max(max, number));
      input.value = number;
      say(value, String(number));
    },
  };
}

/**
 * One of several values, a word each: choice("padding", ["valid", "same", "full"], (value) => …).
 * An option is the value itself or [value, what it is called].
 */
export function choice(label, options, changed) {
  const name = `cnn-choice-${Math.random()}`; // each widget loads this module anew: a counter would repeat
  const entries = options.map((option) => [option].flat());
  const inputs = entries.map(([value]) => html("input", { type: "radio", name, value, ...KEEP_KEYS, onchange: () => changed(value) }));
  return {
    inputs,
    element: html("div", { class: "cnn-choice", role: "radiogroup", "aria-label": label },
      entries.map(([value, word = value], i) => html("label", {}, inputs[i], html("span", {}, `${word}`)))),
    show(now) { inputs.forEach((input, i) => { input.checked = entries[i][0] === now; }); },
  };
}

const ICONS = { play: "M4 2.5v11l9-5.5z", pause: "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z",
  step: "M3 2.5v11l7.5-5.5zM11 2.5h2.5v11H11z", reset: "M8 3V.5L3.8 4 8 7.5V5a4 4 0 1 1-4 4H2a6 6 0 1 0 6-6z" };

export function button(icon, label, pressed) {
  const path = svg("path", { d: ICONS[icon] });
  const text = html("span", {}, label);
  const element = html("button", { type: "button", class: "cnn-button", ...KEEP_KEYS, onclick: pressed },
    svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, path), text);
  return { element, show(newIcon, newLabel) { put(path, "d", ICONS[newIcon]); say(text, newLabel); } };
}

/** Keys as they look on a keyboard: keys("←", "→"). */
export const keys = (...names) => names.map((name) => html("kbd", {}, name));

/** A line that says what a hand can do, until show(alert) has something more urgent to say. */
export function hintLine(...usual) {
  const element = html("div", { class: "cnn-hint" }, ...usual);
  const nodes = [...element.childNodes];
  let shown = "";
  return { element, show(alert) {
    if (shown === alert) return;
    shown = alert;
    put(element, "class", alert ? "cnn-hint cnn-alert" : "cnn-hint");
    put(element, "role", alert ? "alert" : null);
    element.replaceChildren(...(alert ? [`⚠ ${alert}`] : nodes));
  } };
}

/**
 * Fill `element` with the colours of a role from −end, or from 0, to end: the scale `of` something.
 * `before` stands in front of it; `ends` says its two ends otherwise than as numbers.
 */
export function showScale(element, role, end, { of, theme, signed = true, before = "", ends = [formatNumber(signed ? -end : 0), formatNumber(end)] }) {
  const key = [role, signed, before, theme, ...ends].join();
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  const colors = PALETTE[theme];
  const stops = [...(signed ? [colors.negative] : []), colors[`${role}_zero`], colors[role]];
  element.replaceChildren(`${before}${ends[0]}`, html("i", { role: "img", style: `background:linear-gradient(90deg, ${stops.join()})`,
    "aria-label": `colour scale of ${of}, from ${ends[0]}${signed ? " over 0" : ""} to ${ends[1]}` }), ends[1]);
}

// Hand --------------------------------------------------------------------------------------------

/** Jupyter leaves the keys to an element that carries this itself. */
export const KEEP_KEYS = { "data-lm-suppress-shortcuts": "true" };

/**
 * Drag with mouse, pen or finger. start(event) returns false where there is nothing to take, and
 * "loose" where a finger may scroll the page instead.
 */
export function onDrag(element, { start, move, end = () => {} }) {
  let taken = null;
  let firm = false;
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || taken !== null) return;
    const grip = start(event);
    if (grip === false) return;
    firm = grip !== "loose";
    taken = event.pointerId;
    element.setPointerCapture(taken);
  });
  // Comes after pointerdown; only this keeps every browser from scrolling with the finger.
  element.addEventListener("touchstart", (event) => {
    if (taken !== null && firm && event.cancelable) event.preventDefault();
  }, { passive: false });
  element.addEventListener("pointermove", (event) => { if (event.pointerId === taken) move(event); });
  for (const name of ["pointerup", "pointercancel"]) {
    element.addEventListener(name, (event) => {
      if (event.pointerId !== taken) return;
      taken = null;
      end(event);
    });
  }
}

/**
 * Call handle(key, event) on a key; unless it returns false, the key goes no further. Keys in quick
 * succession, as from one held down, make the widget "cnn-hurried": what slides must not lag behind.
 */
export function onKey(element, handle) {
  let last = -Infinity;
  element.addEventListener("keydown", (event) => {
    element.closest(".cnn")?.classList.toggle("cnn-hurried", event.timeStamp - last < 200);
    last = event.timeStamp;
    if (event.altKey || event.metaKey || handle(event.key, event) === false) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

/**
 * Lay a number field over the cell (r, c) of a numberGrid, inside `host`, a positioned ancestor of it. commit(value) takes the number; leave(key) is called
 * when the field closes, with "Enter", "Escape", "Tab", "BackTab", "ArrowUp", "ArrowDown" or "blur";
 * refuse(text) when what was typed is no number.
 */
export function editNumber(host, grid, r, c, { value, label, typed = null, commit, leave, refuse }) {
  const [outer, inner, box] = [host.getBoundingClientRect(), grid.frame.getBoundingClientRect(), grid.box(r, c)];
  const field = html("input", { type: "text", class: "cnn-field", "aria-label": label, inputmode: "text",
    autocomplete: "off", spellcheck: "false", ...KEEP_KEYS,
    style: `left:${inner.x - outer.x + box.x}px;top:${inner.y - outer.y + box.y}px;width:${box.size}px;height:${box.size}px` });
  let open = true;
  const close = (key) => { open = false; field.remove(); leave(key); };
  const accept = (key) => {
    const number = parseNumber(field.value);
    if (number === null) {
      put(field, "aria-invalid", "true");
      refuse(field.value.trim());
      return;
    }
    commit(number);
    close(key);
  };
  field.value = typed ?? formatEditable(value);
  field.addEventListener("input", () => put(field, "aria-invalid", null));
  field.addEventListener("pointerdown", (event) => event.stopPropagation());
  field.addEventListener("blur", () => {
    if (!open) return;
    const number = parseNumber(field.value);
    if (number !== null) commit(number);
    close("blur");
  });
  onKey(field, (key, event) => {
    if (key === "Escape") close(key);
    else if (key === "Tab") accept(event.shiftKey ? "BackTab" : "Tab");
    else if (["Enter", "ArrowUp", "ArrowDown"].includes(key)) accept(key);
    else { event.stopPropagation(); return false; }
  });
  host.append(field);
  field.focus({ preventScroll: true });
  if (typed === null) field.select();
  return { close: () => open && close("blur") };
}

const formatEditable = (value) => String(Math.round(value * 1e6) / 1e6).replace("-", "−");

/** A number as subscript digits: θ₁₂. */
export const subscript = (index) => String(index).replace(/[-−]/, "₋").replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);

// State -------------------------------------------------------------------------------------------

/** Run `work` once before the next painted frame, however often it is asked for. */
export function oncePerFrame(work) {
  let asked = 0;
  const ask = () => { asked ||= requestAnimationFrame(() => { asked = 0; work(); }); };
  ask.cancel = () => { cancelAnimationFrame(asked); asked = 0; };
  return ask;
}

/**
 * Change the model at once; tell Python after the frame is painted, and ten times a second at most:
 * what Jupyter does about each message takes it about half a frame.
 */
export function batched(model) {
  let waits = false;
  let next = 0;
  const tell = () => { waits = false; next = performance.now() + 100; model.save_changes(); };
  return (values) => {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => setTimeout(tell, next - performance.now()));
  };
}

const rooms = new WeakMap();

/** The width inside `root` in whole pixels: known since it last changed, for to ask could cost a layout. */
export const roomIn = (root) => rooms.get(root) ?? (root.clientWidth > 32 ? root.clientWidth - 32 : 860);

/**
 * The life of a view: paint() now and when one of the model's `names`, the page's theme or the width
 * of `root` changes. Return what ends it; closed() does the rest of the cleaning.
 */
export function live(model, root, names, paint, { changed = paint, themed, closed = () => {} }) {
  const events = names.map((name) => `change:${name}`).join(" ");
  model.on(events, changed);
  const forget = followTheme(root, (theme) => { themed(theme); paint(); });
  const observer = new ResizeObserver(([{ contentRect }]) => {
    const width = Math.floor(contentRect.width) || 860; // 0 while it is hidden
    if (rooms.get(root) === width) return;
    rooms.set(root, width);
    paint();
  });
  observer.observe(root);
  paint();
  return () => {
    model.off(events, changed);
    observer.disconnect();
    forget();
    paint.cancel();
    closed();
  };
}

/** The next position in reading order, or null after the last. */
export function following({ row, col, rows, cols }) {
  if (col + 1 < cols) return { row, col: col + 1 };
  return row + 1 < rows ? { row: row + 1, col: 0 } : null;
}

/**
 * While the model plays, change it every `pause` milliseconds by what next() returns; null ends it.
 * The clock belongs to the model: two views of it do not make it run twice as fast.
 */
export function playClock(model, pause, next) {
  const change = batched(model);
  let timer = 0;
  const tick = () => {
    const step = next();
    change(step ?? { playing: false });
    if (step) timer = setTimeout(tick, pause);
  };
  const run = () => {
    clearTimeout(timer);
    if (model.get("playing")) timer = setTimeout(tick, pause / 2);
  };
  model.on("change:playing", run);
  run();
  return () => { clearTimeout(timer); model.off("change:playing", run); };
}

/** Move `label` from one box to another (client coordinates): shows what became what. */
export function fly(root, label, from, to, style) {
  if (stillMotion()) return;
  const home = root.getBoundingClientRect();
  const chip = html("span", { class: "cnn-fly", "aria-hidden": "true",
    style: `left:${to.x - home.x}px;top:${to.y - home.y}px;width:${to.width}px;height:${to.height}px` }, label);
  Object.assign(chip.style, style);
  root.append(chip);
  const middle = (box, side, size) => box[side] + box[size] / 2;
  const [x, y] = [middle(from, "x", "width") - middle(to, "x", "width"), middle(from, "y", "height") - middle(to, "y", "height")];
  chip.animate([{ transform: `translate(${x}px, ${y}px)`, opacity: 0.3 }, { transform: "none", opacity: 1 }],
    { duration: 240, easing: "cubic-bezier(0.3, 0, 0.2, 1)" }).finished.finally(() => chip.remove());
}
