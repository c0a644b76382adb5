// PoolingShift.
//
// The hand moves the image by whole pixels; everything to the right of it and below follows:
// filter and ReLU, pooling, and what has changed in both maps. All of it is computed here, with
// the functions of numbers.js, so that it follows the hand.

import { readable, shade, tints } from "../shared/colour.js";
import { button, choice, keys, showScale } from "../shared/controls.js";
import { html, put, say, svg } from "../shared/dom.js";
import { numberGrid, pixelMap } from "../shared/grid.js";
import { KEEP_KEYS, onDrag, onKey } from "../shared/hand.js";
import { batched, live, oncePerFrame, roomIn } from "../shared/life.js";
import { clamp, correlate2d, formatNumber, largest, pool2d, poolCells, poolWinner } from "../shared/numbers.js";

const FARTHEST = 4;
const PITCH = 8;     // pixels to a pixel of the image, where there is room
const GAP = 24;      // least space between two pictures
const ROOM = 70;     // space between them from which on the kernel is shown there
const DOT = 15;      // pitch of the pad of shifts

function shifted(values, down, right) {
  return values.map((line, r) => line.map((_, c) => values[r - down]?.[c - right] ?? 0));
}

/** As shifted(), but null where it is not known what moved in. */
function movedAlong(values, down, right) {
  return values.map((line, r) => line.map((_, c) => values[r - down]?.[c - right] ?? null));
}

/** What the model says, and all that follows from it. */
function compute(model) {
  const [image, kernel, down, right, pool, size, compare] =
    ["image", "kernel", "down", "right", "pool", "size", "compare"].map((name) => model.get(name));
  const maps = (values) => {
    const map = correlate2d(values, kernel).map((line) => line.map((value) => Math.max(value, 0)));
    return [map, pool2d(map, size, pool)];
  };
  const moved = shifted(image, down, right);
  const [before, now] = [maps(image), maps(moved)];
  // The nearest whole cell of the pooled map; a half goes outward, as in pooling_shift.py.
  const step = [down, right].map((one) => Math.sign(one) * Math.floor(Math.abs(one) / size + 0.5) || 0);
  const expected = compare === "stay" ? before : [movedAlong(before[0], down, right), movedAlong(before[1], ...step)];
  const differences = now.map((map, k) => map.map((line, r) => line.map((value, c) =>
    (expected[k][r][c] === null ? null : value - expected[k][r][c]))));
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
  const errors = differences.map((map, k) => {
    const size = mean(before[k].flat());
    return size ? mean(map.flat().filter((value) => value !== null).map(Math.abs)) / size : 0;
  });
  const [rows, cols] = [now[1].length, now[1][0].length];
  return { image, kernel, down, right, pool, size, compare, moved, now, step, differences, errors, rows, cols,
    end: Math.max(largest(before), largest(now)),
    row: clamp(model.get("row"), 0, rows - 1), col: clamp(model.get("col"), 0, cols - 1) };
}

function render({ model, el }) {
  const change = batched(model);
  let theme = "light";
  let parts = null;

  // What stays ------------------------------------------------------------------------------------
  const pick = {
    pool: choice("kind of pooling", ["max", "average"], (pool) => set({ pool })),
    size: choice("side of the pooling window", [2, 3, 4].map((size) => [size, `${size}×${size}`]), (size) => set({ size })),
    compare: choice("what to compare with", [["stay", "now − before"], ["follow", "now − moved along"]], (compare) => set({ compare })),
  };
  const reset = button("reset", "no shift", () => set({ down: 0, right: 0 }));
  const stage = html("div", { class: "panels" });
  const window_ = html("div", { class: "cnn-equation window-sum", "aria-hidden": "true" });
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const scale = html("div", { class: "cnn-scale" });
  const hint = html("div", { class: "cnn-hint" }, "Drag the input or press ", keys("←", "→", "↑", "↓"),
    " · point at a pooled cell to see its window");
  const root = html("div", { class: "cnn cnn-pooling-shift", role: "group", "aria-label": "Shift an input before and after pooling" },
    html("div", { class: "cnn-bar" }, html("div", { class: "cnn-buttons" }, pick.pool.element, pick.size.element, reset.element), pick.compare.element),
    stage, window_, html("div", { class: "cnn-foot" }, says), html("div", { class: "cnn-foot" }, hint, scale));
  el.append(root);

  // Gestures ----------------------------------------------------------------------------------------
  function set(values) {
    change(values);
    paint();
  }

  const moveTo = (down, right) => set({ down: clamp(down, -FARTHEST, FARTHEST), right: clamp(right, -FARTHEST, FARTHEST) });

  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

  function shiftByKey(key, event) {
    if (event.ctrlKey) return false;
    if (STEPS[key]) moveTo(model.get("down") + STEPS[key][0], model.get("right") + STEPS[key][1]);
    else if (key === "Home" || key === "0") moveTo(0, 0);
    else return false;
    return true;
  }

  function cellByKey(key, event) {
    if (event.ctrlKey || !STEPS[key]) return false;
    const { rows, cols } = parts.shown; // the place is the model's: a second key may come before the frame
    set({ row: clamp(model.get("row") + STEPS[key][0], 0, rows - 1), col: clamp(model.get("col") + STEPS[key][1], 0, cols - 1) });
    return true;
  }

  /** Pointing at cell (r, c) of a map chooses the pooled cell it belongs to. */
  function pointing(map, size) {
    const call = (event) => {
      const at = map.at(event);
      const { rows, cols, row, col } = parts.shown;
      const [r, c] = [Math.floor(at.r / size), Math.floor(at.c / size)];
      if (at.inside && r < rows && c < cols && (r !== row || c !== col)) set({ row: r, col: c });
    };
    map.frame.addEventListener("pointermove", call);
    map.frame.addEventListener("pointerdown", call);
  }

  // What is made anew when a size changes -------------------------------------------------------------
  function build(now, width) {
    const { image, kernel, size, rows, cols } = now;
    const [map] = now.now;
    const abreast = Math.floor((width - 2 * GAP - 6) / (image[0].length + 2 * map[0].length));
    const wide = abreast >= 5;
    const pitch = clamp(wide ? abreast : Math.floor((width - 20) / (2 * map[0].length)), 2, PITCH);
    const panel = (name, title, child) => html("figure", { class: `panel ${name}` }, html("figcaption", {}, title), child);
    const reachable = (one, label) => {
      for (const [name, value] of Object.entries({ tabindex: 0, role: "application", "aria-label": label, ...KEEP_KEYS })) put(one, name, value);
    };

    const input = pixelMap(image.length, image[0].length, pitch);
    reachable(input.frame, "input: arrow keys shift it, Home takes it back");
    let grip = null;
    onDrag(input.frame, {
      start(event) {
        grip = { x: event.clientX, y: event.clientY, down: model.get("down"), right: model.get("right") };
        root.classList.add("cnn-dragging");
      },
      move(event) {
        const [down, right] = [grip.down + Math.round((event.clientY - grip.y) / pitch), grip.right + Math.round((event.clientX - grip.x) / pitch)];
        if (down !== model.get("down") || right !== model.get("right")) moveTo(down, right);
      },
      end() { root.classList.remove("cnn-dragging"); },
    });
    onKey(input.frame, shiftByKey);

    const [mapView, mapChange] = [0, 1].map(() => pixelMap(map.length, map[0].length, pitch));
    const [poolView, poolChange] = [0, 1].map(() => pixelMap(rows, cols, pitch * size));
    reachable(poolView.frame, "pooled map: arrow keys choose a cell");
    onKey(poolView.frame, cellByKey);
    for (const [one, step] of [[mapView, size], [mapChange, size], [poolView, 1], [poolChange, 1]]) pointing(one, step);

    // The windows, what they leave out, and the cell of each that is kept.
    const [high, across] = [rows * size * pitch, cols * size * pitch];
    const lines = [...Array(rows + 1).keys()].map((r) => `M0 ${r * size * pitch}H${across}`)
      .concat([...Array(cols + 1).keys()].map((c) => `M${c * size * pitch} 0V${high}`)).join("");
    const left = `M${across} 0H${map[0].length * pitch}V${map.length * pitch}H0V${high}H${across}Z`;
    const winners = svg("path", { class: "winners", "stroke-width": Math.max(2, Math.round(pitch * 0.45)) });
    mapView.overlay.append(svg("path", { class: "left-out", d: left }), svg("path", { class: "lattice", d: lines }), winners);
    const outlines = [mapView.outline(size, size), mapChange.outline(size, size), poolView.outline(1, 1), poolChange.outline(1, 1)];
    const winner = mapView.outline(1, 1);
    const winnerLayer = mapView.overlay.lastChild;

    // The pad: a shift a dot; the pooled map follows those on its own lattice exactly.
    const n = 2 * FARTHEST + 1;
    const pad = svg("svg", { class: "pad cnn-grid", width: n * DOT, height: n * DOT });
    const dots = Array.from({ length: n * n }, (_, i) => {
      const [down, right] = [Math.floor(i / n) - FARTHEST, (i % n) - FARTHEST];
      const dot = svg("circle", { cx: (right + FARTHEST + 0.5) * DOT, cy: (down + FARTHEST + 0.5) * DOT, r: 2,
        class: down % size || right % size ? "off" : "on" });
      if (!(down % size || right % size)) put(dot, "r", 4);
      return dot;
    });
    const here = svg("circle", { class: "here", r: 6.5 });
    pad.append(...dots, here);
    reachable(pad, "shift: arrow keys change it, Home takes it back");
    onKey(pad, shiftByKey);
    const aim = (event) => {
      const box = pad.getBoundingClientRect();
      moveTo(Math.floor((event.clientY - box.top) / DOT) - FARTHEST, Math.floor((event.clientX - box.left) / DOT) - FARTHEST);
    };
    onDrag(pad, { start: aim, move: aim });

    const bars = ["before pooling", "after pooling"].map((name) => {
      const [bar, value] = [html("i", {}), html("b", {})];
      return { bar, value, element: html("div", { class: "measure" }, html("span", {}, name), value, html("div", {}, bar)) };
    });
    const shiftText = html("figcaption", {});
    const question = html("p", { class: "question" });
    const measures = html("figure", { class: "panel measures" }, shiftText,
      html("div", { class: "beside" }, pad, html("div", {}, html("p", {}, html("span", { class: "key" }), "steps that the pooled map follows exactly"))),
      question, bars.map(({ element }) => element));

    const captions = [0, 1].map(() => html("span", {}));

    // What happens between two pictures stands between them.
    const room = Math.floor((width - pitch * (image[0].length + 2 * map[0].length)) / 2);
    const weights = room >= ROOM && numberGrid(kernel.length, kernel[0].length, Math.min(28, Math.floor((room - 14) / kernel[0].length)), 2);
    const poolName = html("span", {});
    const between = (...what) => html("div", { class: "between", "aria-hidden": "true" }, ...(what.length && room >= ROOM
      ? [what.filter(Boolean), svg("svg", { class: "arrow", width: 44, height: 12 }, svg("path", { d: "M1 6H42M37 2L42 6L37 10" }))] : []));
    stage.replaceChildren(
      panel("input", `input ${image.length}×${image[0].length}`, input.frame),
      between(`${kernel.length}×${kernel[0].length} filter, ReLU`, weights?.frame),
      panel("map", `feature map ${map.length}×${map[0].length}`, mapView.frame),
      between(poolName),
      panel("pooled", `pooled map ${rows}×${cols}`, poolView.frame),
      measures, between(), panel("map-change", captions[0], mapChange.frame),
      between(), panel("pool-change", captions[1], poolChange.frame));
    put(stage, "class", `panels${wide ? "" : " two-across"}`);
    stage.style.setProperty("--side", `${image[0].length * pitch}px`);
    return { input, views: [mapView, poolView], changes: [mapChange, poolChange], winners, winner, winnerLayer, outlines, pitch, here, bars, shiftText, question, captions, weights, poolName };
  }

  // What changes ------------------------------------------------------------------------------------
  let built = "";
  function draw() {
    const now = compute(model);
    const { image, kernel, down, right, pool, size, compare, moved, step, differences, errors, row, col, rows, cols, end } = now;
    const width = roomIn(root);
    const key = [image.length, image[0].length, kernel.length, kernel[0].length, size, width].join();
    if (key !== built) {
      parts = build(now, width);
      built = key;
    }
    parts.shown = now;
    const [ink, tint] = [tints("input", theme), tints("output", theme)];
    parts.input.paint((r, c) => ink(moved[r][c], 1));
    parts.views.forEach((view, k) => view.paint((r, c) => tint(now.now[k][r][c], end)));
    parts.changes.forEach((view, k) => view.paint((r, c) => differences[k][r][c] === null ? null : tint(differences[k][r][c], end)));

    const [map, pooled] = now.now;
    const cells = poolCells(map, size, row, col);
    const best = poolWinner(cells);
    parts.outlines.forEach((place, k) => place(...(k < 2 ? [row * size, col * size] : [row, col])));
    parts.winner(best.r, best.c);
    put(parts.winnerLayer, "visibility", pool === "max" && best.value > 0 ? "visible" : "hidden");
    let marks = "";
    for (let r = 0; pool === "max" && r < rows; r += 1) {
      for (let c = 0; c < cols; c += 1) {
        const one = poolWinner(poolCells(map, size, r, c));
        if (one.value > 0) marks += `M${(one.c + 0.5) * parts.pitch} ${(one.r + 0.5) * parts.pitch}h0`;
      }
    }
    put(parts.winners, "d", marks);

    put(parts.here, "cx", (right + FARTHEST + 0.5) * DOT);
    put(parts.here, "cy", (down + FARTHEST + 0.5) * DOT);
    say(parts.shiftText, `shift: ${formatNumber(down)} down, ${formatNumber(right)} right`);
    const percent = errors.map((error) => `${Math.round(100 * error)}\u00a0%`);
    const moves = `${step.map(formatNumber).join(", ")} of its cells`;
    say(parts.question, compare === "stay" ? "Mean change, in per cent of the map's mean:" : `Mean difference from the map moved along (pooled: by ${moves}), in per cent of its mean:`);
    parts.bars.forEach(({ bar, value }, k) => {
      say(value, percent[k]);
      bar.style.width = `${Math.min(100, 50 * errors[k])}%`;
    });
    const words = compare === "stay" ? "now − before" : "now − moved along";
    parts.captions.forEach((caption) => say(caption, words));

    say(parts.poolName, `${pool} of ${size}×${size}`);
    if (parts.weights) {
      const high = largest(kernel);
      kernel.forEach((line, r) => line.forEach((weight, c) => {
        const color = shade(weight, high, "weight", theme);
        parts.weights.paint(r, c, { label: parts.weights.pitch < 20 ? "" : formatNumber(weight), color, ink: readable(color, theme) });
      }));
    }
    pick.pool.show(pool);
    pick.size.show(size);
    pick.compare.show(compare);
    const said = `Shifted ${formatNumber(down)} down, ${formatNumber(right)} right. `;
    const kind = `${pool} ${size}×${size}`;
    say(says, said + (compare === "stay"
      ? `Against the maps before the shift, the feature map changes by ${percent[0]} of its mean, the pooled map (${kind}) by ${percent[1]}.`
      : `Against the maps moved along, the feature map differs by ${percent[0]} of its mean, the pooled map (${kind}, moved by ${moves}) by ${percent[1]}.`));
    writeWindow(now, cells, best, pooled[row][col]);
    showScale(scale, "output", end, { of: "maps and differences", theme });
  }
  const paint = oncePerFrame(draw);

  function writeWindow({ pool, row, col, end }, cells, best, value) {
    const chip = (number, won) => {
      const color = shade(number, end, "output", theme);
      return html("span", { class: `cnn-chip${won ? " won" : ""}`, style: `background:${color};color:${readable(color, theme)}` }, formatNumber(number));
    };
    window_.replaceChildren(html("span", {}, `pooled (${row}, ${col})`), chip(value, false), html("span", {}, `= ${pool === "max" ? "largest" : "mean"} of`),
      ...cells.map((cell) => chip(cell.value, pool === "max" && cell === best)));
  }

  // Life ------------------------------------------------------------------------------------------------
  const names = ["image", "kernel", "down", "right", "pool", "size", "compare", "row", "col"];
  return live(model, root, names, paint, { themed: (name) => { theme = name; } });
}

export default { render };
