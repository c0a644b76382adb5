// The panels of PoolingShift: input, maps, changes, and the pad of shifts.

import { shade, tints } from "../shared/colour.js";
import { legend } from "../shared/controls.js";
import { html, pointIn, put, say, set, svg } from "../shared/dom.js";
import { numberGrid, pixelMap } from "../shared/grid.js";
import { onDrag, onFollow, onKey, onPoint, TAKES_KEYS } from "../shared/hand.js";
import { clamp, formatNumber, largest, poolCells, poolWinner } from "../shared/numbers.js";
import { t } from "../shared/words.js";
import { FARTHEST, poolName, words } from "./model.js";

const PITCH = 8;     // pixels to a pixel of the image, where there is room
const GAP = 24;      // least space between two pictures
const DOTS = 2 * FARTHEST + 1; // of the pad of shifts, a row
const ROOM = 70;     // space between them from which on the kernel is shown there

/** All panels, laid out for a width: show(state, theme). */
export function panels(state, width, hand) {
  const { image, kernel, size, rows, cols } = state;
  const [map] = state.now;
  const abreast = Math.floor((width - 2 * GAP - 6) / (image[0].length + 2 * map[0].length));
  const wide = abreast >= 5;
  const pitch = clamp(wide ? abreast : Math.floor((width - 20) / (2 * map[0].length)), 2, PITCH);
  const input = inputPanel(image, pitch, hand);
  const [mapView, mapChange] = [0, 1].map(() => pixelMap(map.length, map[0].length, pitch));
  const [poolView, poolChange] = [{ ...TAKES_KEYS, "aria-label": t("pooling_shift.pooled_keys") }, {}]
    .map((attributes) => pixelMap(rows, cols, pitch * size, attributes));
  onKey(poolView.frame, hand.cellByKey);
  for (const [one, cells] of [[mapView, size], [mapChange, size], [poolView, 1], [poolChange, 1]]) {
    onPoint(one, ({ r, c }) => hand.pointAt(Math.floor(r / cells), Math.floor(c / cells)));
  }
  const winners = windowsOver(mapView, state);
  const outlines = [mapView.outline(size, size), mapChange.outline(size, size), poolView.outline(1, 1), poolChange.outline(1, 1)];
  const measures = measuresPanel(size, Math.floor(image[0].length * pitch / DOTS), hand);
  const captions = [0, 1].map(() => html("span", {}));
  const room = Math.floor((width - pitch * (image[0].length + 2 * map[0].length)) / 2);
  const between = room >= ROOM ? kernelBetween(kernel, room) : null;
  const panel = (name, title, child) => html("figure", { class: `panel ${name}` }, html("figcaption", {}, title), child);
  return {
    class: `panels${wide ? "" : " two-across"}`,
    elements: [
      panel("input", t("pooling_shift.input", { size: `${image.length}×${image[0].length}` }), input.frame), gap(between?.filter),
      panel("map", t("pooling_shift.feature_map", { size: `${map.length}×${map[0].length}` }), mapView.frame), gap(between?.pooling),
      panel("pooled", t("pooling_shift.pooled_map", { size: `${rows}×${cols}` }), poolView.frame), measures.pad, measures.key,
      panel("map-change", captions[0], mapChange.frame), panel("pool-change", captions[1], poolChange.frame), ...measures.elements],
    show(now, theme) {
      const [ink, tint] = [tints("input", theme), tints("output", theme)];
      input.paint((r, c) => ink(now.moved[r][c], 1));
      [mapView, poolView].forEach((view, k) => view.paint((r, c) => tint(now.now[k][r][c], now.end)));
      [mapChange, poolChange].forEach((view, k) => view.paint((r, c) => (now.differences[k][r][c] === null ? null : tint(now.differences[k][r][c], now.end))));
      outlines.forEach((place, k) => (k < 2 ? place(now.row * size, now.col * size) : place(now.row, now.col)));
      winners.show(now);
      measures.show(now);
      captions.forEach((caption) => say(caption, words(now).caption));
      between?.show(now, theme);
    },
  };
}

function inputPanel(image, pitch, hand) {
  const input = pixelMap(image.length, image[0].length, pitch, { ...TAKES_KEYS, "aria-label": t("pooling_shift.input_keys") });
  let grip = null;
  onDrag(input.frame, {
    start(event) {
      grip = { ...pointIn(input.frame, event, input.width), ...hand.shift() };
      return "loose";
    },
    move(event) {
      const { x, y } = pointIn(input.frame, event, input.width);
      hand.moveTo(grip.down + Math.round((y - grip.y) / pitch), grip.right + Math.round((x - grip.x) / pitch));
    },
  });
  onKey(input.frame, hand.shiftByKey);
  return input;
}

/** The windows over the feature map, what they leave out, and the cell of each that is kept. */
function windowsOver(view, { size, rows, cols }) {
  const { pitch } = view;
  const [high, across] = [rows * size * pitch, cols * size * pitch];
  const lines = [...Array(rows + 1).keys()].map((r) => `M0 ${r * size * pitch}H${across}`)
    .concat([...Array(cols + 1).keys()].map((c) => `M${c * size * pitch} 0V${high}`)).join("");
  const left = `M${across} 0H${view.cols * pitch}V${view.rows * pitch}H0V${high}H${across}Z`;
  const marks = svg("path", { class: "winners", "stroke-width": Math.max(2, Math.round(pitch * 0.45)) });
  view.overlay.append(svg("path", { class: "left-out", d: left }), svg("path", { class: "lattice", d: lines }), marks);
  const place = view.outline(1, 1);
  const layer = view.overlay.lastChild;
  return {
    show({ now: [map], pool, row, col }) {
      const best = poolWinner(poolCells(map, size, row, col));
      place(best.r, best.c);
      put(layer, "visibility", pool === "max" && best.value > 0 ? "visible" : "hidden");
      const kept = Array.from({ length: pool === "max" ? rows * cols : 0 }, (_, i) =>
        poolWinner(poolCells(map, size, Math.floor(i / cols), i % cols)));
      put(marks, "d", kept.map(({ r, c, value }) => (value > 0 ? `M${(c + 0.5) * pitch} ${(r + 0.5) * pitch}h0` : "")).join(""));
    },
  };
}

/** The pad: a shift a dot, `pitch` apart; the pooled map follows those on its own lattice exactly. */
function padOfShifts(size, pitch, hand) {
  const side = DOTS * pitch;
  const pad = svg("svg", { class: "pad cnn-grid", width: side, height: side, ...TAKES_KEYS,
    "aria-label": t("pooling_shift.pad_keys") });
  const middle = (shift) => (shift + FARTHEST + 0.5) * pitch;
  for (let i = 0; i < DOTS * DOTS; i += 1) {
    const [down, right] = [Math.floor(i / DOTS) - FARTHEST, (i % DOTS) - FARTHEST];
    const off = down % size || right % size;
    pad.append(svg("circle", { cx: middle(right), cy: middle(down), r: off ? 2 : 4, class: off ? "off" : "on" }));
  }
  const here = svg("circle", { class: "here", r: 6.5 });
  pad.append(here);
  onKey(pad, hand.shiftByKey);
  onFollow(pad, (event) => {
    const { x, y } = pointIn(pad, event, side);
    hand.moveTo(Math.floor(y / pitch) - FARTHEST, Math.floor(x / pitch) - FARTHEST);
  });
  return { pad, show(down, right) { set(here, { cx: middle(right), cy: middle(down) }); } };
}

/** The pad and its key; and how much the maps have changed: a question, and a bar below each of the two changes. */
function measuresPanel(size, pitch, hand) {
  const shifts = padOfShifts(size, pitch, hand);
  const bars = [t("pooling_shift.before_pooling"), t("pooling_shift.after_pooling")].map((name, k) => {
    const [bar, value] = [html("i", {}), html("b", {})];
    return { bar, value, element: html("div", { class: `measure ${["before", "after"][k]}` }, html("span", {}, name), value, html("div", {}, bar)) };
  });
  const shiftText = html("figcaption", {});
  const question = html("p", { class: "question" });
  return {
    pad: html("figure", { class: "panel shifts" }, shiftText, shifts.pad),
    key: legend(html("span", {}, html("i", { class: "key" }), t("pooling_shift.key"))),
    elements: [question, ...bars.map(({ element }) => element)],
    show(now) {
      const said = words(now);
      shifts.show(now.down, now.right);
      say(shiftText, t("pooling_shift.shift", { shift: said.shift }));
      say(question, said.question);
      bars.forEach(({ bar, value }, k) => {
        say(value, said.shares[k]);
        bar.style.width = `${Math.min(100, 50 * now.errors[k])}%`;
      });
    },
  };
}

/** What stands between two pictures: what happens there, and an arrow; or nothing, where there is no room. */
const gap = (what) => html("div", { class: "between", "aria-hidden": "true" },
  ...(what ? [what, svg("svg", { class: "arrow", width: 44, height: 12 }, svg("path", { d: "M1 6H42M37 2L42 6L37 10" }))] : []));

function kernelBetween(kernel, room) {
  const weights = numberGrid(kernel.length, kernel[0].length, Math.min(28, Math.floor((room - 14) / kernel[0].length)), 2);
  const name = html("span", {});
  return {
    filter: [t("pooling_shift.filter_relu", { size: `${kernel.length}×${kernel[0].length}` }), weights.frame], pooling: [name],
    show(now, theme) {
      say(name, t("pooling_shift.pool_of", { pool: poolName(now.pool), size: `${now.size}×${now.size}` }));
      const high = largest(now.kernel);
      weights.fill(now.kernel, { theme, scale: 0.36, color: (weight) => shade(weight, high, "weight", theme),
        label: (weight) => (weights.pitch < 20 ? "" : formatNumber(weight)) });
    },
  };
}
