// FilterBench's two pictures, each with a movable mark on it, and the lines between them and what is magnified.

import { readable, shade, tints } from "../shared/colour.js";
import { colourScale, legend } from "../shared/controls.js";
import { boxIn, differs, html, pointIn, put, say, set, svg } from "../shared/dom.js";
import { greys, paintPixels } from "../shared/grid.js";
import { onFollow, onKey, TAKES_KEYS } from "../shared/hand.js";
import { clamp, formatNumber } from "../shared/numbers.js";
import { t } from "../shared/words.js";
import { greyColor, greyLevel, words } from "./model.js";

const LANE = 12; // pixels between a line and what it passes
const GAP = 2; // pixels between a window and its outline

/** The photograph, whose window a hand moves by its middle. */
export function photoPart(hand) {
  const part = screen("photo", t("filter_bench.photo_keys"), hand, (side) => (side - 1) / 2);
  let drawn = null;
  return { ...part,
    show(state, unit, busy) {
      const { picture, pixels, height, width, row, col, side } = state;
      part.fit(height, width, unit);
      if (drawn !== picture.bytes) paintPixels(part.canvas, height, width, (r, c) => greys[pixels[r * width + c]]);
      drawn = picture.bytes;
      part.place(row, col, side, unit);
      say(part.caption, busy ? t("shared.picture_loading") : words(state).photo);
    } };
}

/** The map of all outputs, on the zero-centred scale or as an image viewer shows it. */
export function outputPart(hand) {
  const part = screen("output", t("filter_bench.output_keys"), hand, () => 0);
  let [drawn, look] = [null, ""];
  return { ...part,
    show(state, unit, theme) {
      const { map, map: { rows, cols, values, end }, clip, row, col } = state;
      part.fit(rows, cols, unit);
      if (drawn !== map || look !== `${clip},${theme}`) {
        const tint = tints("output", theme);
        const color = clip ? (value) => greys[greyLevel(value)] : (value) => tint(value, end);
        paintPixels(part.canvas, rows, cols, (r, c) => color(values[r * cols + c]));
      }
      [drawn, look] = [map, `${clip},${theme}`];
      part.place(row, col, 1, unit);
      say(part.caption, words(state).output);
    } };
}

/** A picture under a mark; a press calls the window, which lies half(side of the kernel) before the pixel. */
function screen(name, label, hand, half) {
  const canvas = html("canvas", { class: "canvas" });
  const halo = svg("rect", { class: "bench-halo" });
  const outline = svg("rect", { class: "cnn-outline" });
  const frame = html("div", { class: "screen", ...TAKES_KEYS, "aria-label": label }, canvas,
    svg("svg", { class: "spot", "aria-hidden": "true" }, halo, outline));
  const caption = html("figcaption", {});
  const follow = (event) => {
    const [{ x, y }, before] = [pointIn(frame, event), half(hand.side())];
    hand.goTo(Math.floor(y / frame.offsetHeight * canvas.height) - before, Math.floor(x / frame.offsetWidth * canvas.width) - before);
  };
  onFollow(frame, follow);
  onKey(frame, hand.moveByKey);
  return { canvas, caption, outline, element: html("figure", { class: name }, caption, frame),
    fit(height, width, unit) {
      frame.style.width = `${Math.round(width * unit)}px`;
      frame.style.height = `${Math.round(height * unit)}px`;
      put(canvas, "class", unit < 1 ? "canvas smooth" : "canvas");
    },
    /** Outline `span` pixels from (row, col), a little outside of them. */
    place(row, col, span, unit) {
      const size = Math.max(Math.round(span * unit), 1) + 2 * GAP;
      for (const rect of [halo, outline]) {
        set(rect, { x: Math.round(col * unit) - GAP, y: Math.round(row * unit) - GAP, width: size, height: size });
      }
    } };
}

/** What the window's products come to, and how outputs are coloured. */
export function resultPart(views) {
  const [scale, lost] = [colourScale(), html("div", { class: "lost" })];
  const [total, caption] = [html("span", { class: "cnn-chip cnn-total" }), html("div", { class: "caption" })];
  return {
    total,
    past: [scale.element, views], // what stands between the sum and the output
    element: html("div", { class: "result" }, html("div", { class: "view" }, legend(scale.element), views, lost),
      html("div", { class: "sum-part", "aria-hidden": "true" }, total, caption)),
    show(state, theme) {
      const { value, clip, map: { end } } = state;
      const color = clip ? greyColor(greyLevel(value)) : shade(clamp(value, -end, end), end, "output", theme);
      say(total, formatNumber(value));
      Object.assign(total.style, { background: color, color: readable(color, theme) });
      say(caption, words(state).total);
      say(lost, words(state).lost);
      scale.show("output", end, { of: t("shared.the_output"), theme, ...(clip
        ? { signed: false, ends: ["≤ 0", "≥ 255"], stops: ["#000000", "#ffffff"] }
        : { ends: [`≤ ${formatNumber(-end)}`, `≥ ${formatNumber(end)}`] }) });
    },
  };
}

/** Fine lines from the window to what it holds, and from the sum to where it goes: past the scale and the choice between them. */
export function raysOf() {
  const element = svg("svg", { class: "rays", "aria-hidden": "true" });
  return {
    element,
    show(stage, { seen, patch, sum, cell, past }, wide) {
      const [from, grid, chip, to, ...passed] = [seen, patch, sum, cell, ...past].map((one) => boxIn(stage, one));
      const [bottom, right, middle] = [(box) => box.y + box.height, (box) => box.x + box.width, (box) => box.x + box.width / 2];
      const pairs = [[from.x, bottom(from), grid.x + 4, grid.y + 4], [from.x + from.width, bottom(from), grid.x + grid.width - 4, grid.y + 4]];
      let path = pairs.map(([x, y, u, v]) => `M${x} ${y}L${u} ${v}`).join("");
      if (wide) {
        const after = middle(to) > middle(chip); // the side that the cell is on
        const lane = after ? Math.max(...passed.map(right)) + LANE : Math.min(...passed.map((box) => box.x)) - LANE;
        path += `M${after ? right(chip) : chip.x} ${chip.y + chip.height / 2}H${lane}V${passed[0].y - LANE}L${middle(to)} ${bottom(to)}`;
      }
      if (differs(element, "path", path)) {
        element.replaceChildren(svg("path", { class: "bench-halo", d: path }), svg("path", { class: "ray", d: path }));
      }
    },
  };
}
