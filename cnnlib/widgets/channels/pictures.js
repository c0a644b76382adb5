// Channels' pictures: the colour image, a lane for each of its channels, and the stack of maps.

import { readable, shade, tints } from "../shared/colour.js";
import { boxIn, html, put, say, set, svg } from "../shared/dom.js";
import { fitScale, numberGrid, pixelMap, shortIn, visible } from "../shared/grid.js";
import { onKey, onPoint, onWindow, TAKES_KEYS, walked } from "../shared/hand.js";
import { chip } from "../shared/sum.js";
import { t } from "../shared/words.js";
import { CHANNELS } from "./model.js";

/** @typedef {import("./model.js").Geometry} Geometry */
/** @typedef {import("../shared/grid.js").PixelMap} PixelMap */
/** @typedef {[number, number, number]} Spot channel, row and column of a product */
/** @typedef {Geometry & import("./model.js").Responses & import("./model.js").Products & { theme: string, hot: Spot | null,
 *   beat: ReturnType<typeof import("./model.js").beats>[number] | null }} Now */
/** @typedef {import("./gestures.js").Hand} Hand */

const INKS = [[255, 97, 87], [92, 219, 112], [107, 158, 255]]; // as INKS in widget.py
const CELL = 32;          // pitch of a patch and of a slice of 3×3
const WIRE = 20;          // width of the three lines that leave the image and meet in the map
const CARD = 9;           // how far one map of the stack stands behind the other

/**
 * The pitches of photo, lanes and maps: the largest that fit beside one another; else one below the other.
 * @param {Geometry} now
 * @param {number} width
 */
function layout({ image, size, cols, count }, width) {
  const wide = image[0].length;
  const cell = Math.max(24, Math.round(3 * CELL / Math.max(size, 2)));
  const grids = 2 * (size * cell + 4);
  /** @param {number} target */
  const pitchFor = (target) => Math.max(1, Math.floor(target / Math.max(image.length, wide)));
  const sizes = [[128, 96, 120], [96, 96, 120], [96, 96, 90], [96, 64, 90], [64, 64, 90]]
    .map(([photo, lane, map]) => ({ photo: pitchFor(photo), lane: pitchFor(lane), map: pitchFor(map) }));
  const fitting = sizes.find(({ photo, lane, map }) =>
    photo * wide + 2 * WIRE + 18 + 2 * lane * wide + grids + 100 + map * cols + count * CARD + 14 <= width);
  const lane = sizes[0].lane;
  return { cell, fits: fitting !== undefined, short: !fitting && width < 18 + 2 * lane * wide + grids + 100,
    ...(fitting ?? { photo: pitchFor(160), lane, map: pitchFor(140) }) };
}

/**
 * Hold the window on a picture whose cell (r, c) is where the window's centre, or its output, goes.
 * @param {PixelMap} map
 * @param {string} label
 * @param {number} reach
 * @param {Hand} hand
 */
function lead(map, label, reach, hand) {
  set(map.frame, { ...TAKES_KEYS, "aria-label": label, class: "cnn-pixels led" });
  const side = 2 * reach + 1;
  onWindow(map, { high: side, wide: side,
    corner: () => ({ r: hand.now().row, c: hand.now().col }),
    moveTo: (r, c) => hand.goTo(r, c),
    twice: () => false });
  onKey(map.frame, (_, event) => {
    const to = event.ctrlKey ? null : walked(event, hand.now());
    if (to) hand.goTo(to.row, to.col);
    return to !== null;
  });
}

/**
 * The pictures, made for these sizes, in the stage: show() paints them.
 * @param {HTMLElement} stage
 * @param {Geometry} now
 * @param {number} width
 * @param {Hand} hand
 */
export function buildPictures(stage, now, width, hand) {
  const sizes = layout(now, width);
  const { image, size } = now;
  const reach = (size - 1) / 2 | 0;
  const seen = pixelMap(image.length, image[0].length, sizes.photo);
  lead(seen, t("channels.image_keys"), reach, hand);
  const window = seen.outline(size, size);
  const photo = html("figure", { class: "piece photo" }, seen.frame, html("figcaption", {}, `${image.length}×${image[0].length}×3`));
  const lanes = CHANNELS.map((_, c) => buildLane(now, c, sizes, reach, hand));
  const stack = buildStack(now, sizes.map, hand);
  const laneBox = html("div", { class: "lanes" }, lanes.map(({ element }) => element));
  const wires = [0, 1].map(() => svg("svg", { class: "wires", width: WIRE, "aria-hidden": "true" }));
  stage.replaceChildren(...(sizes.fits ? [photo, wires[0], laneBox, wires[1], stack.element] : [photo, laneBox, stack.element]));
  put(stage, "class", `flow${sizes.fits ? "" : " tall"}${sizes.short ? " short" : ""}`);
  if (sizes.fits) connect(stage, wires, [seen.frame, stack.handle], lanes.map(({ channel }) => channel));
  /** @type {any[]} */
  let painted = [];
  return { fits: sizes.fits, lanes, stack, mapCaption: stack.caption,
    /** The pictures change with the filter and the theme; the window only moves. @param {Now} state */
    show(state) {
      const wanted = [state.responses, state.image, state.chosen, state.theme];
      if (wanted.some((one, i) => one !== painted[i])) {
        painted = wanted;
        seen.paint((r, c) => state.image[r][c].map((value) => Math.round(255 * value)));
        for (const part of [...lanes, stack]) part.paint(state);
      }
      window(state.row, state.col);
      stack.spots[state.chosen](state.row, state.col);
      for (const lane of lanes) lane.show(state);
    } };
}

/**
 * A channel, from the window on it to its part in the sum.
 * @param {Geometry} now
 * @param {number} c
 * @param {{ lane: number, cell: number, short: boolean }} sizes
 * @param {number} reach
 * @param {Hand} hand
 */
function buildLane({ image, size, rows, cols }, c, { lane, cell, short }, reach, hand) {
  const name = CHANNELS[c];
  const channel = pixelMap(image.length, image[0].length, lane);
  lead(channel, t("channels.channel_keys", { channel: name }), reach, hand);
  const response = pixelMap(rows, cols, lane);
  lead(response, t("channels.response_keys", { channel: name }), 0, hand);
  const grids = ["input", "weight"].map(() => numberGrid(size, size, cell, 2));
  const rings = grids.map((grid) => {
    const ring = svg("rect", { class: "cnn-edge", width: cell, height: cell, rx: grid.radius, visibility: "hidden" });
    grid.frame.append(ring);
    onPoint(grid, ({ r, c: k }) => hand.point([c, r, k]), () => hand.point(null));
    return ring;
  });
  const total = html("span", { class: "cnn-chip" });
  /** @param {string} kind @param {Element} child */
  const piece = (kind, child) => html("figure", { class: `piece ${kind}` }, c === 0 || short ? html("figcaption", {}, t(`channels.piece_${kind}`)) : null, child);
  const element = html("div", { class: "lane" }, html("b", {}, name),
    piece("channel", channel.frame), piece("patch", grids[0].frame), html("i", {}, "·"), piece("slice", grids[1].frame),
    html("i", {}, "="), piece("sum", total), piece("response", response.frame));
  const [window, spot] = [channel.outline(size, size), response.outline(1, 1)];
  return { element, channel: channel.frame, total, grids,
    /** @param {Now} state */
    paint({ image: pixels, responses, chosen, end, theme }) {
      const tint = tints("output", theme);
      channel.paint((r, k) => INKS[c].map((ink) => Math.round(ink * pixels[r][k][c])));
      response.paint((r, k) => tint(responses[chosen][c][r * cols + k], end.response[chosen]));
    },
    /** @param {Now} state */
    show({ taps, sums, weightEnd, end, chosen, row, col, theme, hot, beat }) {
      const most = [fitScale(taps.map((line) => line.map(({ value }) => value)), 0.38), fitScale(taps.map((line) => line.map(({ weight }) => weight)), 0.38)];
      for (const { a, b, value, weight } of taps[c]) {
        [[value, shade(value, 1, "input", theme)], [weight, shade(weight, weightEnd, "weight", theme)]].forEach(([number, color], i) =>
          grids[i].paint(a, b, { label: shortIn(Number(number), cell), color: `${color}`, ink: readable(`${color}`, theme), scale: most[i] }));
      }
      const arrived = !beat || c < beat.arrived;
      if (arrived) chip(total, sums[c], shade(sums[c], end.response[chosen], "output", theme), theme);
      else {
        say(total, "\u00a0");
        total.style.background = "";
      }
      put(total, "class", `cnn-chip${arrived ? "" : " cnn-later"}`);
      window(row, col);
      spot(row, col);
      rings.forEach((ring, i) => {
        visible(ring, hot?.[0] === c);
        if (hot?.[0] === c) set(ring, grids[i].corner(hot[1], hot[2]));
      });
    } };
}

/**
 * The maps of all filters, one behind the other; the chosen one in front.
 * @param {Geometry} now
 * @param {number} pitch
 * @param {Hand} hand
 */
function buildStack({ rows, cols, count }, pitch, hand) {
  const [high, wide] = [pitch * rows, pitch * cols];
  const pile = html("div", { class: "pile", style: `width:${wide + count * CARD + 6}px;height:${high + count * CARD + 6}px` });
  const sheets = Array.from({ length: count }, (_, d) => {
    const map = pixelMap(rows, cols, pitch, { role: "img", "aria-label": t("channels.map", { map: d }) });
    const slot = [CARD * (d + 1), CARD * (count - d - 1)];
    const place = html("div", { class: "slot", style: `left:${slot[0]}px;top:${slot[1]}px;width:${wide}px;height:${high}px;z-index:${count - d}` });
    const holder = html("div", { class: "sheet cnn-moving", style: `width:${wide}px;height:${high}px`,
      onclick: () => { if (hand.now().chosen !== d) hand.choose(d); } }, map.frame);
    pile.append(place, holder);
    return { map, holder, slot, spot: map.outline(1, 1) };
  });
  const front = [0, CARD * count];
  const handle = pixelMap(rows, cols, pitch);
  lead(handle, t("channels.map_keys"), 0, hand);
  handle.frame.firstChild?.remove();
  handle.frame.classList.add("front");
  Object.assign(handle.frame.style, { left: `${front[0]}px`, top: `${front[1]}px` });
  pile.append(handle.frame);
  const caption = html("figcaption");
  return {
    /** The cell of the chosen map that the window makes, in `root`. @param {HTMLElement} root @param {number} row @param {number} col */
    cell(root, row, col) {
      const { x, y } = boxIn(root, handle.frame);
      return { x: x + col * pitch, y: y + row * pitch, width: pitch, height: pitch };
    },
    caption, handle: handle.frame, spots: sheets.map(({ spot }) => spot),
    element: html("figure", { class: "piece stacked" }, html("figcaption", { class: "over" }, t("channels.sum_bias")), pile, caption),
    /** @param {Now} state */
    paint({ maps, end, chosen, theme }) {
      const tint = tints("output", theme);
      sheets.forEach(({ map, holder, slot }, d) => {
        map.paint((r, k) => tint(maps[d][r * cols + k], end.map[d]));
        const [x, y] = d === chosen ? front : slot;
        holder.style.transform = `translate(${x}px, ${y}px)`;
        holder.style.zIndex = `${d === chosen ? count + 1 : count - d}`;
        put(holder, "class", `sheet cnn-moving${d === chosen ? " chosen" : ""}`);
      });
    },
  };
}

/**
 * Three wires leave the image, three meet in the map.
 * @param {HTMLElement} stage
 * @param {SVGElement[]} wires
 * @param {Element[]} ends
 * @param {Element[]} channels
 */
function connect(stage, wires, ends, channels) {
  /** @param {Element} element */
  const middle = (element) => {
    const box = boxIn(stage, element);
    return box.y + box.height / 2;
  };
  const height = boxIn(stage, stage).height;
  wires.forEach((wire, i) => {
    const at = middle(ends[i]);
    put(wire, "height", height);
    for (const channel of channels) {
      const [left, right] = i === 0 ? [at, middle(channel)] : [middle(channel), at];
      wire.append(svg("path", { d: `M2 ${left}C${WIRE / 2 + 2} ${left} ${WIRE / 2 - 2} ${right} ${WIRE - 2} ${right}` }));
    }
  });
}
