// The pictures of LookInside: the input and what a unit sees of it, its map, and all maps of the layer.

import { paletteOf, tints } from "../shared/colour.js";
import { colourScale, legend } from "../shared/controls.js";
import { html, pointIn, say, set, svg } from "../shared/dom.js";
import { pixelMap } from "../shared/grid.js";
import { arrow, onFollow, onKey, TAKES_KEYS } from "../shared/hand.js";
import { clamp, formatNumber } from "../shared/numbers.js";
import { UNFOCUSED } from "../shared/palette.js";
import { arrangement, seesAll, strongest } from "../shared/unit.js";
import { t } from "../shared/words.js";
import { marginOf } from "./model.js";

const INPUT_SIDE = 256;  // room for the input with its margin, and for the chosen map
const LEAST_SIDE = 28;   // of it, in the narrowest of pages
const SHEET = [282, 256];
const LARGEST_CELL = 84;

/** The three panels of a layer, for a width. */
export function panelsOf({ one }, data, size, width, narrow, hand) {
  const side = clamp(Math.floor(narrow ? (width - 14) / 2 : (width - 48) / 3), LEAST_SIDE, INPUT_SIDE);
  const [maps, rows, cols] = one.shape;
  const units = rows === 1 && cols === 1;
  const titles = [0, 1, 2].map(() => html("span", {}));
  say(titles[2], t(units ? "look_inside.units_of_layer" : "look_inside.maps_of_layer", { count: maps, place: one.place }));
  const scale = colourScale();
  const input = inputPicture(data, size, side, hand);
  const map = mapPicture(rows, cols, clamp(Math.floor(side / Math.max(rows, cols)), 1, LARGEST_CELL), hand);
  const sheet = mapSheet(one.shape, narrow ? [width, 200] : [width - 2 * side - 48, SHEET[1]], hand);
  const panel = (name, title, ...children) => html("figure", { class: `panel ${name}` }, html("figcaption", {}, title), ...children);
  const centre = html("div", { class: "centre", style: `width:${side}px;height:${narrow ? "auto" : `${side}px`}` }, map.element);
  let shown = "";
  return {
    side,
    elements: [panel("input", titles[0], input.element), panel("map", titles[1], centre), panel("maps", titles[2], sheet.element, legend(scale.element))],
    show(now, theme) {
      input.show(now, theme);
      const key = [now.image, now.map, theme].join();
      if (shown !== key) {  // not again for every unit
        map.paint(now, theme);
        sheet.paint(now, theme);
        shown = key;
      }
      map.place(now.row, now.col);
      sheet.choose(now.map);
      const sees = now.span.map(([first, past]) => past - first).join("×");
      say(titles[0], t(seesAll(now, size) ? "look_inside.sees_all" : "look_inside.sees", { size: size.join("×"), sees }));
      say(titles[1], units ? t("look_inside.unit_value", { map: now.map, value: formatNumber(now.value) })
        : t("look_inside.map_title", { map: now.map, rows, cols, row: now.row, col: now.col }));
      scale.show("output", now.end, { of: t("look_inside.the_maps"), theme });
    },
  };
}

/** Drag on a picture, with its focus. */
const dragging = (element, act) => onFollow(element, (event) => {
  element.focus({ preventScroll: true });
  act(event);
});

const reachable = (label) => ({ class: "cnn-pixels", ...TAKES_KEYS, "aria-label": label });

/** The input, with a margin for fields that reach beyond it; what the unit does not see is pale. */
function inputPicture(data, size, side, hand) {
  const margin = marginOf(data, size);
  const pitch = Math.max(1, Math.floor(side / (Math.max(...size) + 2 * margin)));
  const input = pixelMap(size[0] + 2 * margin, size[1] + 2 * margin, pitch, reachable(t("look_inside.input_keys")));
  onKey(input.frame, hand.unitByKey);
  dragging(input.frame, (event) => {
    const { x, y } = pointIn(input.frame, event, input.width);
    hand.see(y / pitch - margin, x / pitch - margin);
  });
  const field = svg("g", { class: "cnn-moving" }, svg("rect", { class: "cnn-halo" }), svg("rect", { class: "cnn-edge" }));
  input.overlay.append(svg("rect", { class: "border", x: margin * pitch, y: margin * pitch, width: size[1] * pitch, height: size[0] * pitch }), field);
  const pixels = data.entries[0];
  return {
    element: input.frame,
    show({ image, span: [down, across] }, theme) {
      const ink = tints("input", theme);
      const pale = paletteOf(theme).input_zero.match(/\w\w/g).map((hex) => parseInt(hex, 16));
      const brightest = Math.max(1, strongest(data, image, pixels));
      input.paint((y, x) => {
        const [r, c] = [y - margin, x - margin];
        if (r < 0 || c < 0 || r >= size[0] || c >= size[1]) return null;
        const color = ink(data.values[image * data.total + pixels.start + r * size[1] + c], brightest);
        const seen = r >= down[0] && r < down[1] && c >= across[0] && c < across[1];
        return seen ? color : color.map((v, i) => Math.round(pale[i] + (v - pale[i]) * UNFOCUSED));
      });
      for (const rect of field.children) {
        set(rect, { x: -1, y: -1, rx: 2, width: (across[1] - across[0]) * pitch + 2, height: (down[1] - down[0]) * pitch + 2 });
      }
      field.style.transform = `translate(${(across[0] + margin) * pitch}px, ${(down[0] + margin) * pitch}px)`;
    },
  };
}

/** The map of the unit. */
function mapPicture(rows, cols, pitch, hand) {
  const map = pixelMap(rows, cols, pitch, reachable(t("look_inside.map_keys")));
  onKey(map.frame, hand.unitByKey);
  dragging(map.frame, (event) => {
    const { r, c } = map.at(event);
    hand.place(r, c);
  });
  return {
    element: map.frame,
    place: map.outline(1, 1),
    paint({ at, map: channel, end }, theme) {
      const tint = tints("output", theme);
      map.paint((r, c) => tint(at(channel, r, c), end));
    },
  };
}

/** All maps of the layer, side by side. */
function mapSheet(shape, box, hand) {
  const sheet = arrangement(shape, box, 9);
  const all = pixelMap(sheet.rows, sheet.cols, sheet.pitch, reachable(t("look_inside.maps_keys")));
  const outline = all.outline(sheet.high, sheet.wide);
  onKey(all.frame, (key, event) => {
    const step = arrow(key);
    if (!step || event.ctrlKey) return false;
    hand.stepMap(step[0] * sheet.across + step[1]);
    return true;
  });
  dragging(all.frame, (event) => {
    const { r, c } = all.at(event);
    const hit = sheet.at(r, c);
    if (hit) hand.chooseMap(hit.map);
  });
  return {
    element: all.frame,
    choose(map) {
      const [r, c] = sheet.corner(map);
      outline(r, c);
    },
    paint({ at, end }, theme) {
      const tint = tints("output", theme);
      all.paint((r, c) => {
        const hit = sheet.at(r, c);
        return hit && tint(at(hit.map, hit.r, hit.c), end);
      });
    },
  };
}
