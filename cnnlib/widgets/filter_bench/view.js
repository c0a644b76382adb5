// FilterBench.
//
// The map of a kernel is computed here, on typed arrays, so that it follows the hand. The arrays
// are as Python has them: a picture is {shape: [height, width], bytes: grey levels 0..255}.

import { readable, shade } from "../shared/colour.js";
import { choice, hintLine, keys } from "../shared/controls.js";
import { boxIn, html, put, say, svg } from "../shared/dom.js";
import { editNumber } from "../shared/edit.js";
import { numberGrid } from "../shared/grid.js";
import { KEEP_KEYS, onDrag, onKey } from "../shared/hand.js";
import { batched, live, oncePerFrame, roomIn } from "../shared/life.js";
import { bytes, clamp, formatNumber, largest } from "../shared/numbers.js";
import { PALETTE } from "../shared/palette.js";

const OWN = "own picture";
const LARGEST_SIDE = 256;  // pixels of a picture; larger ones are scaled down
const SMALLEST_SIDE = 5;   // the larger kernel must fit
const HEAVIEST_FILE = 50e6; // bytes
const NOTHING = 1e-9;      // a sum of weights below this is 0, but for rounding
const WIDE = 780;          // from this width on, photo, kernel and output stand in one row
const CELL = { 3: 52, 5: 42 }; // pitch of the magnified cells where there is room

// Numbers -----------------------------------------------------------------------------------------
// tests/browser/test_filter_bench.py holds them against cnnlib.

/** The map of a kernel over grey levels: one pass over the image for each weight that is not 0. */
export function correlateMap(pixels, height, width, kernel, divisor = 1) {
  const [rows, cols] = [height - kernel.length + 1, width - kernel[0].length + 1];
  const values = new Float64Array(rows * cols);
  kernel.forEach((weights, a) => weights.forEach((weight, b) => {
    if (weight === 0) return;
    for (let i = 0; i < rows; i += 1) {
      for (let to = i * cols, end = to + cols, from = (i + a) * width + b; to < end; to += 1, from += 1) {
        values[to] += weight * pixels[from];
      }
    }
  }));
  if (divisor !== 1) for (let i = 0; i < values.length; i += 1) values[i] /= divisor;
  return { rows, cols, values };
}

/** Where the zero-centred scale ends: see scale_end in figures.py. */
export function scaleEnd(values) {
  const sizes = new Float64Array(Math.ceil(values.length / 7)).map((_, i) => Math.abs(values[7 * i])).sort();
  const end = sizes[Math.floor(0.99 * (sizes.length - 1))]
    || values.reduce((largestSoFar, value) => Math.max(largestSoFar, Math.abs(value)), 0);
  if (!end) return 1;
  const digit = 10 ** (Math.floor(Math.log10(end)) - 1);
  return Number((Math.ceil(end / digit - 1e-9) * digit).toPrecision(12));
}

/** RGBA over white as grey levels, with the weights of scikit-image's rgb2gray. */
export function toGrey(rgba) {
  const grey = new Uint8Array(rgba.length / 4);
  for (let i = 0, j = 0; i < grey.length; i += 1, j += 4) {
    const solid = rgba[j + 3] / 255;
    const luma = 0.2125 * rgba[j] + 0.7154 * rgba[j + 1] + 0.0721 * rgba[j + 2];
    grey[i] = Math.floor(luma * solid + 255 * (1 - solid) + 0.5);
  }
  return grey;
}

const sum = (kernel) => kernel.flat().reduce((total, weight) => total + weight, 0);
const divisorOf = (kernel, divide) => (divide && Math.abs(sum(kernel)) > NOTHING ? sum(kernel) : 1);
const sameKernel = (first, second) => first.length === second.length
  && first.every((line, a) => line.every((weight, b) => Math.abs(weight - second[a][b]) < NOTHING));
const applied = (kernel, divide) => kernel.map((line) => line.map((weight) => weight / divisorOf(kernel, divide)));

/** The same kernel, larger by a frame of zeros or smaller by its frame. */
function resized(kernel, side) {
  const shift = (side - kernel.length) / 2;
  return Array.from({ length: side }, (_, a) => Array.from({ length: side }, (_cell, b) => kernel[a - shift]?.[b - shift] ?? 0));
}

/** One little-endian RGBA number for each level of the output's scale, −255 to 255. */
function signedColors(theme) {
  return Uint32Array.from({ length: 511 }, (_, i) => rgba(shade(i - 255, 255, "output", theme)));
}
const rgba = (color) => {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
};
/** A number for a small cell: one decimal where two would not fit. */
const short = (value) => (formatNumber(value).length > 5 ? formatNumber(Number(value.toFixed(1))) : formatNumber(value));
const greyColor = (level) => `#${level.toString(16).padStart(2, "0").repeat(3)}`;
const greyLevel = (value) => clamp(Math.floor(value + 0.5), 0, 255);

// A picture from the student's disk ---------------------------------------------------------------

/** Decode, shrink and grey a PNG or JPEG file; throws an Error whose message is for the reader. */
async function readPicture(file) {
  const name = `“${file.name}”`;
  if (!["image/png", "image/jpeg"].includes(file.type)) throw new Error(`${name} is no PNG or JPEG picture`);
  if (file.size > HEAVIEST_FILE) throw new Error(`${name} has ${Math.round(file.size / 1e6)} MB; 50 MB are the most`);
  const bitmap = await createImageBitmap(file).catch(() => { throw new Error(`${name} cannot be read: it is damaged, or no picture`); });
  if (Math.min(bitmap.width, bitmap.height) < SMALLEST_SIDE) {
    throw new Error(`${name} has ${bitmap.height}×${bitmap.width} pixels; ${SMALLEST_SIDE}×${SMALLEST_SIDE} are the least`);
  }
  const shrink = Math.min(1, LARGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const [height, width] = [bitmap.height, bitmap.width].map((size) => Math.max(Math.round(size * shrink), SMALLEST_SIDE));
  const context = html("canvas", { width, height }).getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return { shape: [height, width], start: [height >> 1, width >> 1],
    bytes: new DataView(toGrey(context.getImageData(0, 0, width, height).data).buffer) };
}

function render({ model, el }) {
  const change = batched(model);
  const presets = model.get("presets").map((one) => ({ ...one, applied: applied(one.kernel, one.divide) }));
  let theme = "light";
  let colors = signedColors(theme);
  let parts = null;     // the three grids, made anew when their size changes
  let map = null;       // the output, with its scale
  let mine = null;      // the last kernel that has no name
  let brush = 1;
  let hot = null;       // the product pointed at
  let cursor = { r: 0, c: 0 };
  let editor = null;
  let alertText = "";

  // The state -----------------------------------------------------------------------------------------
  const pictureOf = (name) => (name === OWN ? model.get("own") : model.get("photos")[name]);

  function state() {
    const kernel = model.get("kernel");
    const picture = pictureOf(model.get("photo"));
    const side = kernel.length;
    const [height, width] = picture.shape;
    const [rows, cols] = [height - side + 1, width - side + 1];
    const divisor = divisorOf(kernel, model.get("divide"));
    const weights = applied(kernel, model.get("divide"));
    return { kernel, side, picture, height, width, rows, cols, divisor, photo: model.get("photo"), clip: model.get("clip"),
      name: presets.find((one) => sameKernel(one.applied, weights))?.name ?? "own kernel",
      row: clamp(model.get("row"), 0, rows - 1), col: clamp(model.get("col"), 0, cols - 1) };
  }

  // What stays ------------------------------------------------------------------------------------
  const option = (value) => html("option", { value }, value);
  const menu = (label, changed, ...children) => html("select", { class: "cnn-button menu", "aria-label": label, ...KEEP_KEYS,
    onchange: (event) => changed(event.target.value) }, ...children);
  const ownPicture = option(OWN);
  const photoMenu = menu("photograph", choosePhoto, Object.keys(model.get("photos")).map(option), ownPicture);
  const named = (lecture) => presets.filter((one) => one.lecture === lecture).map((one) => option(one.name));
  const kernelMenu = menu("kernel", chooseKernel, html("optgroup", { label: "of the lecture" }, named(true)),
    html("optgroup", { label: "more of the field" }, named(false)), html("optgroup", { label: "yours" }, option("own kernel")));
  const file = html("input", { type: "file", accept: "image/png,image/jpeg", hidden: true, "aria-label": "a picture of your own",
    onchange: () => { if (file.files[0]) open(file.files[0]); file.value = ""; } });
  const upload = html("button", { type: "button", class: "cnn-button", ...KEEP_KEYS, onclick: () => file.click() }, "open a picture …");
  const sides = choice("size of the kernel", [[3, "3×3"], [5, "5×5"]], resize);
  const brushes = choice("weight to paint", [[-1, "−1"], [0, "0"], [1, "+1"]], (value) => { brush = value; paint(); });
  const views = choice("how outputs are shown", [[false, "signed"], [true, "as a photo"]], (clip) => change({ clip }));
  const divide = html("input", { type: "checkbox", ...KEEP_KEYS, onchange: () => change({ divide: divide.checked }) });
  const divideLabel = html("span", {}, "÷ sum");
  const photoPart = canvasPart("photo", "the photograph: arrow keys move the window, with Shift by ten");
  const outputPart = canvasPart("output", "the output: arrow keys move its cell, with Shift by ten");
  const kernelPart = html("figure", { class: "cnn-part kernel" });
  const patchPart = html("figure", { class: "cnn-part patch", "aria-hidden": "true" });
  const productPart = html("figure", { class: "cnn-part products", "aria-hidden": "true" });
  const total = html("span", { class: "cnn-chip cnn-total" });
  const totalCaption = html("div", { class: "caption" });
  const scale = html("div", { class: "cnn-scale" });
  const lost = html("div", { class: "lost" });
  const rays = svg("svg", { class: "rays", "aria-hidden": "true" });
  const sign = (text, place) => html("div", { class: `cnn-sign ${place}`, "aria-hidden": "true" }, text);
  const stage = html("div", { class: "bench-stage" },
    photoPart.figure, sign("⋆", "star"),
    html("div", { class: "bench-tools" }, kernelPart,
      html("div", { class: "brush" }, html("span", {}, "paint"), brushes.element),
      html("label", { class: "cnn-toggle" }, divide, divideLabel)),
    sign("=", "bench-equals"), outputPart.figure, patchPart, productPart, sign("Σ", "sigma"),
    html("div", { class: "result" }, html("div", { class: "view" }, scale, views.element, lost),
      html("div", { class: "sum-part", "aria-hidden": "true" }, total, totalCaption)), rays);
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const hint = hintLine("Drag on the photograph or on the output, or press ", keys("←", "→", "↑", "↓"), " (", keys("Shift"), " by ten)",
    " · click a weight to type, drag over weights to paint · drop a PNG or JPEG to use it");
  const root = html("div", { class: "cnn cnn-bench", role: "group", "aria-label": "Filter bench" },
    html("div", { class: "cnn-bar" }, html("div", { class: "cnn-buttons" }, photoMenu, upload, file),
      html("div", { class: "cnn-buttons" }, kernelMenu, sides.element)),
    stage, html("div", { class: "cnn-foot" }, says), html("div", { class: "cnn-foot" }, hint.element));
  el.append(root);

  /** A picture with a movable mark on it; its window and the output's cell are the same gesture. */
  function canvasPart(name, label) {
    const canvas = html("canvas", { class: "canvas" });
    const halo = svg("rect", { class: "bench-halo" });
    const outline = svg("rect", { class: "cnn-outline" });
    const mark = svg("svg", { class: "spot", "aria-hidden": "true" }, halo, outline);
    const frame = html("div", { class: "screen", tabindex: 0, role: "application", "aria-label": label, ...KEEP_KEYS }, canvas, mark);
    const caption = html("figcaption", {});
    return { canvas, frame, caption, figure: html("figure", { class: `${name}` }, caption, frame),
      /** Outline `span` pixels from (row, col), a little outside of them; return the box on the page. */
      place(row, col, span, unit) {
        const gap = 2;
        for (const rect of [halo, outline]) {
          put(rect, "x", Math.round(col * unit) - gap);
          put(rect, "y", Math.round(row * unit) - gap);
          for (const size of ["width", "height"]) put(rect, size, Math.max(Math.round(span * unit), 1) + 2 * gap);
        }
      },
      box: () => boxIn(stage, outline),
    };
  }

  // Gestures ----------------------------------------------------------------------------------------
  function goTo(row, col) {
    const { rows, cols } = state();
    alertText = "";
    change({ row: clamp(row, 0, rows - 1), col: clamp(col, 0, cols - 1) });
    paint();
  }

  function choosePhoto(photo) {
    const { start } = pictureOf(photo);
    const half = state().side >> 1;
    alertText = "";
    change({ photo, row: start[0] - half, col: start[1] - half });
    paint();
  }

  function setKernel(kernel, others = {}) {
    const now = state();
    const shift = (now.side - kernel.length) / 2; // the window keeps its centre
    const [rows, cols] = [now.height, now.width].map((size) => size - kernel.length);
    alertText = "";
    change({ kernel, row: clamp(now.row + shift, 0, rows), col: clamp(now.col + shift, 0, cols), ...others });
    paint();
  }

  function chooseKernel(name) {
    const preset = presets.find((one) => one.name === name);
    if (preset) setKernel(preset.kernel, { divide: preset.divide, clip: sum(preset.kernel) > NOTHING });
    else setKernel(mine ?? resized([[0]], state().side), { divide: false });
  }

  function resize(side) {
    const { kernel } = state();
    if (side !== kernel.length) setKernel(resized(kernel, side));
  }

  const replaced = (kernel, r, c, value) => kernel.map((line, a) => line.map((old, b) => (a === r && b === c ? value : old)));

  async function open(picked) {
    try {
      const own = await readPicture(picked);
      const half = state().side >> 1;
      alertText = "";
      change({ own, photo: OWN, row: own.start[0] - half, col: own.start[1] - half });
    } catch (error) {
      alertText = `${error.message}. The picture stays as it was.`;
    }
    paint();
  }

  function moveByKey(key, event) {
    const { row, col, rows, cols } = state();
    const step = event.shiftKey ? 10 : 1;
    const moves = {
      ArrowLeft: [row, col - step], ArrowRight: [row, col + step], ArrowUp: [row - step, col], ArrowDown: [row + step, col],
      Home: event.ctrlKey ? [0, 0] : [row, 0], End: event.ctrlKey ? [rows - 1, cols - 1] : [row, cols - 1],
      PageUp: [0, col], PageDown: [rows - 1, col],
    };
    if (!moves[key] || (event.ctrlKey && key.startsWith("Arrow"))) return false;
    goTo(...moves[key]);
    return true;
  }

  for (const [part, wide] of [[photoPart, true], [outputPart, false]]) {
    const follow = (event) => {
      const box = part.canvas.getBoundingClientRect();
      const half = wide ? (state().side - 1) / 2 : 0;
      const at = (client, start, length, count) => Math.floor((client - start) / length * count) - half;
      goTo(at(event.clientY, box.top, box.height, part.canvas.height), at(event.clientX, box.left, box.width, part.canvas.width));
    };
    onDrag(part.frame, {
      start(event) { root.classList.add("cnn-dragging"); follow(event); },
      move: follow,
      end() { root.classList.remove("cnn-dragging"); },
    });
    onKey(part.frame, moveByKey);
  }

  root.addEventListener("dragover", (event) => {
    event.preventDefault();
    event.stopPropagation();
    root.classList.add("bench-drop");
  });
  root.addEventListener("dragleave", (event) => { if (!root.contains(event.relatedTarget)) root.classList.remove("bench-drop"); });
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    root.classList.remove("bench-drop");
    if (event.dataTransfer.files[0]) open(event.dataTransfer.files[0]);
  });

  function edit(r, c, typed = null) {
    editor?.close();
    cursor = { r, c };
    const side = state().side;
    const next = { Tab: 1, BackTab: -1, ArrowDown: side, ArrowUp: -side };
    editor = editNumber(parts.kernel.host, parts.kernel, r, c, {
      value: model.get("kernel")[r][c], typed, label: `weight in row ${r}, column ${c}`,
      commit(value) {
        if (value !== model.get("kernel")[r][c]) setKernel(replaced(model.get("kernel"), r, c, value));
      },
      leave(key) {
        editor = null;
        if (key !== "blur") alertText = "";
        const index = r * side + c + (next[key] ?? NaN);
        if (index >= 0 && index < side * side) edit(Math.floor(index / side), index % side);
        else if (key !== "blur") parts.kernel.frame.focus({ preventScroll: true });
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
  function build(side, pitch) {
    editor?.close();
    const grids = {};
    for (const [name, part] of [["kernel", kernelPart], ["patch", patchPart], ["products", productPart]]) {
      const grid = numberGrid(side, side, pitch);
      grid.rings = Array.from({ length: side * side }, (_, i) => grid.frame.appendChild(svg("rect", { class: "cnn-hot",
        x: grid.margin + (i % side) * pitch + 3, y: grid.margin + Math.floor(i / side) * pitch + 3,
        width: pitch - 6, height: pitch - 6, rx: grid.radius - 1 })));
      grid.caption = html("figcaption", {});
      grid.host = html("div", { class: "host" }, grid.frame); // where a number field lies over a cell
      part.replaceChildren(...(name === "kernel" ? [grid.caption, grid.host] : [grid.host, grid.caption]));
      const over = (event) => {
        const at = grid.at(event);
        point(at.inside ? at.r * side + at.c : null);
      };
      grid.frame.addEventListener("pointermove", over);
      grid.frame.addEventListener("pointerleave", () => point(null));
      grids[name] = grid;
    }
    const { patch, kernel } = grids;
    patch.frame.append(svg("rect", { class: "cnn-outline", x: patch.margin - 1, y: patch.margin - 1,
      width: side * pitch + 2, height: side * pitch + 2, rx: patch.radius + 2 }));
    grids.cursor = kernel.frame.appendChild(svg("rect", { class: "cnn-outline cnn-cursor", x: kernel.margin, y: kernel.margin,
      width: pitch, height: pitch, rx: kernel.radius + 1 }));
    for (const [key, value] of Object.entries({ tabindex: 0, role: "application", ...KEEP_KEYS,
      "aria-label": "kernel: arrow keys choose a weight, Enter or a digit edits it, Space paints it" })) put(kernel.frame, key, value);
    listen(kernel);
    return { ...grids, side, pitch };
  }

  /** A click types into a cell; a drag over more than one paints them. */
  function listen(grid) {
    let first = null;
    let painting = false;
    const brushOver = ({ r, c }) => {
      cursor = { r, c };
      if (model.get("kernel")[r][c] !== brush) setKernel(replaced(model.get("kernel"), r, c, brush));
    };
    onDrag(grid.frame, {
      start(event) {
        first = grid.at(event);
        painting = false;
        return first.inside;
      },
      move(event) {
        const at = grid.at(event);
        if (!at.inside || (!painting && at.r === first.r && at.c === first.c)) return;
        if (!painting) brushOver(first);
        painting = true;
        brushOver(at);
      },
      end(event) { if (!painting && event.type === "pointerup") edit(first.r, first.c); },
    });
    onKey(grid.frame, (key, event) => {
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key];
      if (event.ctrlKey) return false;
      if (step) cursor = { r: clamp(cursor.r + step[0], 0, grid.rows - 1), c: clamp(cursor.c + step[1], 0, grid.cols - 1) };
      else if (key === " ") brushOver(cursor);
      else if (key === "Enter" || key === "F2") edit(cursor.r, cursor.c);
      else if (/^[-−+.\d]$/.test(key)) edit(cursor.r, cursor.c, key);
      else return false;
      paint();
      return true;
    });
  }

  // What changes ------------------------------------------------------------------------------------
  let drawnPhoto = null;
  let drawnMap = "";
  function draw() {
    const now = state();
    const { kernel, side, picture, height, width, rows, cols, row, col, divisor } = now;
    if (now.name === "own kernel") mine = kernel;
    const pixels = bytes(picture.bytes);
    const room = roomIn(root) - 2;
    const wide = room >= WIDE;
    put(root, "data-wide", String(wide));
    const column = wide ? LARGEST_SIDE : Math.min(LARGEST_SIDE, Math.floor((room - 12) / 2));
    const pitch = Math.min(CELL[side], Math.floor((column - 8) / side));
    if (!parts || parts.side !== side || parts.pitch !== pitch) {
      parts = build(side, pitch);
      cursor = { r: Math.min(cursor.r, side - 1), c: Math.min(cursor.c, side - 1) };
    }

    // The two pictures: whole pixels of the screen where there is room.
    const unit = column < LARGEST_SIDE ? column / Math.max(height, width) : Math.max(1, Math.floor(column / Math.max(height, width)));
    drawPhoto(pixels, height, width, unit);
    drawOutput(now, pixels, unit);
    photoPart.place(row, col, side, unit);
    outputPart.place(row, col, 1, unit);

    // The window, its products and their sum
    const number = formatNumber;
    const value = map.values[row * cols + col];
    const patch = kernel.map((line, a) => line.map((_, b) => pixels[(row + a) * width + col + b]));
    const products = kernel.map((line, a) => line.map((weight, b) => weight * patch[a][b]));
    const [weightEnd, productEnd] = [largest(kernel), largest(products)];
    const fill = {
      kernel: (weight) => shade(weight, weightEnd, "weight", theme),
      patch: greyColor,
      products: (product) => shade(product, productEnd, "output", theme),
    };
    for (const [name, values] of Object.entries({ kernel, patch, products })) {
      const fit = Math.min(0.36, 1.15 / Math.max(...values.flat().map((one) => short(one).length)));
      values.forEach((line, r) => line.forEach((one, c) => {
        const color = fill[name](one);
        parts[name].paint(r, c, { label: short(one), scale: fit, color, ink: readable(color, theme) });
      }));
      parts[name].rings.forEach((ring, i) => put(ring, "visibility", hot === i ? "visible" : "hidden"));
    }
    parts.cursor.style.transform = `translate(${cursor.c * pitch}px, ${cursor.r * pitch}px)`;
    const color = now.clip ? greyColor(greyLevel(value)) : shade(clamp(value, -map.end, map.end), map.end, "output", theme);
    say(total, number(value));
    Object.assign(total.style, { background: color, color: readable(color, theme) });
    drawRays();

    // Controls and words
    put(ownPicture, "hidden", !model.get("own"));
    photoMenu.value = now.photo;
    kernelMenu.value = now.name;
    sides.show(side);
    brushes.show(brush);
    views.show(now.clip);
    const weightSum = sum(kernel);
    divide.checked = model.get("divide");
    divide.disabled = Math.abs(weightSum) <= NOTHING;
    say(divideLabel, divide.disabled ? "sum 0: nothing to divide by" : `divide by the sum, ${number(weightSum)}`);
    const divided = divisor === 1 ? "" : ` · ÷ ${number(divisor)}`;
    say(photoPart.caption, `${now.photo} · ${height} × ${width}`);
    say(parts.kernel.caption, `kernel · ${side} × ${side} · sum ${number(weightSum)}${divided}`);
    say(outputPart.caption, `output · ${rows} × ${cols}`);
    say(parts.patch.caption, "window, magnified");
    say(parts.products.caption, "pixel · weight");
    say(totalCaption, `sum of the products${divided}`);
    say(says, `Output (${row}, ${col}) of ${rows}×${cols} is ${number(value)}: the ${side}×${side} kernel “${now.name}” on rows ` +
      `${row}–${row + side - 1} and columns ${col}–${col + side - 1} of “${now.photo}”, ${height}×${width} pixels. ` +
      `Its weights sum to ${number(weightSum / divisor)}.`);
    showView(now);
    hint.show(alertText);
  }
  const paint = oncePerFrame(draw);

  function fitCanvas({ canvas, frame }, height, width, unit) {
    for (const [name, value] of [["width", width], ["height", height]]) if (canvas[name] !== value) canvas[name] = value;
    frame.style.width = `${Math.round(width * unit)}px`;
    frame.style.height = `${Math.round(height * unit)}px`;
    put(canvas, "class", unit < 1 ? "canvas smooth" : "canvas");
  }

  function drawPhoto(pixels, height, width, unit) {
    fitCanvas(photoPart, height, width, unit);
    if (drawnPhoto === pixels.buffer && photoPart.canvas.dataset.drawn === `${pixels.byteOffset}`) return;
    drawnPhoto = pixels.buffer;
    photoPart.canvas.dataset.drawn = `${pixels.byteOffset}`;
    const image = new ImageData(width, height);
    const words = new Uint32Array(image.data.buffer);
    pixels.forEach((level, i) => { words[i] = ((255 << 24) | (level * 0x010101)) >>> 0; });
    photoPart.canvas.getContext("2d").putImageData(image, 0, 0);
  }

  function drawOutput({ kernel, divisor, photo, height, width, clip }, pixels, unit) {
    const of = JSON.stringify([kernel, divisor, photo]);
    if (map?.of !== of || map.pixels !== pixels.buffer) {
      map = { ...correlateMap(pixels, height, width, kernel, divisor), of, pixels: pixels.buffer };
      map.end = scaleEnd(map.values);
      let [below, above] = [0, 0];
      for (const value of map.values) { if (value < -0.5) below += 1; else if (value >= 255.5) above += 1; }
      map.lost = [below, above].map((count) => count / map.values.length);
      drawnMap = "";
    }
    fitCanvas(outputPart, map.rows, map.cols, unit);
    if (drawnMap === `${clip},${theme}`) return;
    drawnMap = `${clip},${theme}`;
    const image = new ImageData(map.cols, map.rows);
    const words = new Uint32Array(image.data.buffer);
    for (let i = 0; i < words.length; i += 1) {
      words[i] = clip ? ((255 << 24) | (greyLevel(map.values[i]) * 0x010101)) >>> 0
        : colors[clamp(Math.floor(map.values[i] / map.end * 255 + 0.5), -255, 255) + 255];
    }
    outputPart.canvas.getContext("2d").putImageData(image, 0, 0);
  }

  /** Fine lines from the window to what it holds, and from the sum to where it goes. */
  function drawRays() {
    const [seen, cell, grid, sumChip] = [photoPart.box(), outputPart.box(), boxIn(stage, parts.patch.frame), boxIn(stage, total)];
    const bottom = (box) => box.y + box.height;
    const pairs = [[seen.x, bottom(seen), grid.x + 4, grid.y + 4], [seen.x + seen.width, bottom(seen), grid.x + grid.width - 4, grid.y + 4]];
    if (root.dataset.wide === "true") pairs.push([sumChip.x + sumChip.width / 2, sumChip.y, cell.x + cell.width / 2, bottom(cell)]);
    const path = pairs.map(([x, y, u, v]) => `M${x} ${y}L${u} ${v}`).join("");
    if (rays.dataset.path === path) return;
    rays.dataset.path = path;
    rays.replaceChildren(svg("path", { class: "bench-halo", d: path }), svg("path", { class: "ray", d: path }));
  }

  function showView({ clip }) {
    const palette = PALETTE[theme];
    const key = [clip, map.end, map.lost, theme].join();
    if (scale.dataset.key === key) return;
    scale.dataset.key = key;
    const ends = clip ? ["≤ 0", "≥ 255"] : [`≤ ${formatNumber(-map.end)}`, `≥ ${formatNumber(map.end)}`];
    const stops = clip ? ["#000000", "#ffffff"] : [palette.negative, palette.output_zero, palette.output];
    scale.replaceChildren(ends[0], html("i", { style: `background:linear-gradient(90deg, ${stops.join()})`, role: "img",
      "aria-label": `colour scale of the output, from ${ends[0]}${clip ? "" : " over 0"} to ${ends[1]}` }), ends[1]);
    const percent = (share) => (share > 0 && share < 0.01 ? "under 1\u00a0%" : `${Math.round(100 * share)}\u00a0%`);
    say(lost, clip && (map.lost[0] || map.lost[1])
      ? `Hidden: ${percent(map.lost[0])} of the outputs are below 0, ${percent(map.lost[1])} above 255.` : "");
  }

  // Life ------------------------------------------------------------------------------------------------
  const names = ["kernel", "divide", "photo", "own", "clip", "row", "col"];
  const themed = (name) => { theme = name; colors = signedColors(theme); };
  return live(model, root, names, paint, { themed, closed: () => editor?.close() });
}

export default { render };
