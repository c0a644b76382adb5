// Channels.
//
// From left to right: the colour image, its three channels, the window's patch beside the filter's
// slice, each slice's sum and response, and the stack of maps that the filters make. The maps come
// from Python; the window's products and sums are computed here.

import { readable, shade, tints } from "../shared/colour.js";
import { choice, keys, showScale } from "../shared/controls.js";
import { html, put, say, svg } from "../shared/dom.js";
import { numberGrid, pixelMap } from "../shared/grid.js";
import { KEEP_KEYS, onDrag, onKey } from "../shared/hand.js";
import { batched, live, oncePerFrame, roomIn } from "../shared/life.js";
import { clamp, floats, formatNumber, largest, outputSize, windowTaps } from "../shared/numbers.js";

const NAMES = ["R", "G", "B"];
const INKS = [[255, 97, 87], [92, 219, 112], [107, 158, 255]]; // as INKS in channels.py
const CELL = 32;          // pitch of a patch and of a slice of 3×3
const WIRE = 20;          // width of the three lines that leave the image and meet in the map
const CARD = 9;           // how far one map of the stack stands behind the other

function state(model) {
  const [image, filters, bias] = ["image", "filters", "bias"].map((name) => model.get(name));
  const size = filters[0][0].length;
  const [rows, cols] = [outputSize(image.length, size), outputSize(image[0].length, size)];
  return { image, filters, bias, size, rows, cols, count: filters.length,
    chosen: clamp(model.get("chosen"), 0, filters.length - 1),
    row: clamp(model.get("row"), 0, rows - 1), col: clamp(model.get("col"), 0, cols - 1) };
}

function render({ model, el }) {
  const change = batched(model);
  let theme = "light";
  let parts = null;
  let hot = null;   // the place (a, b) pointed at in a patch or a slice

  // What stays ------------------------------------------------------------------------------------
  const bar = html("div", { class: "cnn-bar" });
  const facts = html("div", { class: "facts" });
  const stage = html("div", { class: "flow" });
  const sum = html("div", { class: "cnn-equation parts", "aria-hidden": "true" });
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const scale = html("div", { class: "cnn-scale" });
  const hint = html("div", { class: "cnn-hint" }, "Drag the window or press ", keys("←", "→", "↑", "↓"),
    " · click a card for its filter · point at a weight");
  const root = html("div", { class: "cnn cnn-channels", role: "group", "aria-label": "A colour image through a bank of filters" },
    bar, facts, stage, sum, html("div", { class: "cnn-foot" }, says), html("div", { class: "cnn-foot" }, hint, scale));
  el.append(root);

  // The numbers -------------------------------------------------------------------------------------
  let known = null;
  /** responses[d][c] is a flat map; maps[d] their sum and the bias. */
  function numbers({ filters, bias, rows, cols }) {
    const bytes = model.get("_responses");
    if (known?.bytes === bytes && known.bias === bias) return known;
    const all = floats(bytes);
    const area = rows * cols;
    const responses = filters.map((_, d) => NAMES.map((__, c) => all.subarray((3 * d + c) * area, (3 * d + c + 1) * area)));
    const maps = responses.map((three, d) => three[0].map((value, i) => value + three[1][i] + three[2][i] + bias[d]));
    const most = (values) => values.reduce((high, value) => Math.max(high, Math.abs(value)), 0);
    const end = { response: responses.map((three) => Math.max(...three.map(most))), map: maps.map(most) };
    known = { bytes, bias, responses, maps, end };
    return known;
  }

  const taps = ({ image, filters, chosen, row, col }) => NAMES.map((_, c) =>
    windowTaps(image.map((line) => line.map((pixel) => pixel[c])), filters[chosen][c], row, col));

  // Gestures ----------------------------------------------------------------------------------------
  function goTo(row, col) {
    const { rows, cols } = state(model);
    change({ row: clamp(row, 0, rows - 1), col: clamp(col, 0, cols - 1) });
    paint();
  }

  function choose(chosen) {
    const { count } = state(model);
    change({ chosen: clamp(chosen, 0, count - 1) });
    paint();
  }

  function moveByKey(key, event) {
    const { row, col, rows, cols } = state(model);
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key];
    if (event.ctrlKey) return false;
    if (move) goTo(row + move[0], col + move[1]);
    else if (key === "Home") goTo(row, 0);
    else if (key === "End") goTo(row, cols - 1);
    else if (key === "PageUp") goTo(0, col);
    else if (key === "PageDown") goTo(rows - 1, col);
    else return false;
    return true;
  }

  /** Hold the window on a picture whose cell (r, c) is where the window's centre, or its output, goes. */
  function lead(map, label, reach) {
    for (const [name, value] of Object.entries({ tabindex: 0, role: "application", "aria-label": label, ...KEEP_KEYS })) put(map.frame, name, value);
    put(map.frame, "class", "cnn-pixels led");
    const follow = (event) => {
      const at = map.at(event);
      goTo(at.r - reach, at.c - reach);
    };
    onDrag(map.frame, {
      start(event) { root.classList.add("cnn-dragging"); follow(event); },
      move: follow,
      end() { root.classList.remove("cnn-dragging"); },
    });
    onKey(map.frame, moveByKey);
  }

  function point(place) {
    if (hot?.join() === place?.join()) return;
    hot = place;
    paint();
  }

  // What is made anew when a size changes -------------------------------------------------------------
  function build(now, width) {
    const { image, size, rows, cols, count } = now;
    const [high, wide] = [image.length, image[0].length];
    const pitchFor = (target, n) => Math.max(1, Math.floor(target / n));
    const cell = Math.max(24, Math.round(3 * CELL / Math.max(size, 2)));
    const grids = 2 * (size * cell + 4);
    // The largest pictures that fit beside one another; else one below the other.
    const need = ([photo, lane, map]) => photo * wide + 2 * WIRE + 18 + 2 * lane * wide + grids + 100 + map * cols + count * CARD + 14;
    const choicesOf = [[128, 96, 120], [96, 96, 120], [96, 96, 90], [96, 64, 90], [64, 64, 90]]
      .map((targets) => targets.map((target) => pitchFor(target, Math.max(high, wide))));
    const fitting = choicesOf.find((one) => need(one) <= width);
    const [photo, lane, map] = fitting ?? [pitchFor(160, Math.max(high, wide)), choicesOf[0][1], pitchFor(140, Math.max(high, wide))];
    const short = !fitting && width < 18 + 2 * lane * wide + grids + 100;

    const figure = (name, caption, ...children) => html("figure", { class: `piece ${name}` }, ...children, caption && html("figcaption", {}, caption));
    const seen = pixelMap(high, wide, photo);
    lead(seen, "image: arrow keys move the window", (size - 1) / 2 | 0);
    const photoPart = figure("photo", `${high}×${wide}×3`, seen.frame);

    const half = (size - 1) / 2 | 0;
    const lanes = NAMES.map((name, c) => {
      const channel = pixelMap(high, wide, lane);
      lead(channel, `channel ${name}: arrow keys move the window`, half);
      const response = pixelMap(rows, cols, lane);
      lead(response, `response to the slice of ${name}: arrow keys move the window`, 0);
      const [patch, slice] = ["input", "weight"].map(() => numberGrid(size, size, cell, 2));
      const rings = [patch, slice].map((grid) => {
        const ring = svg("rect", { class: "cnn-edge", width: cell, height: cell, rx: grid.radius, visibility: "hidden" });
        grid.frame.append(ring);
        grid.frame.addEventListener("pointermove", (event) => {
          const at = grid.at(event);
          point(at.inside ? [c, at.r, at.c] : null);
        });
        grid.frame.addEventListener("pointerleave", () => point(null));
        return (place) => {
          put(ring, "visibility", place ? "visible" : "hidden");
          if (place) { put(ring, "x", grid.box(...place).x); put(ring, "y", grid.box(...place).y); }
        };
      });
      const total = html("span", { class: "cnn-chip" });
      const head = (text) => (c === 0 || short ? html("figcaption", {}, text) : null);
      const piece = (text, ...children) => html("figure", { class: `piece ${text}` }, head(text), ...children);
      const element = html("div", { class: "lane" }, html("b", {}, name),
        piece("channel", channel.frame), piece("patch", patch.frame), html("i", {}, "·"), piece("slice", slice.frame),
        html("i", {}, "="), piece("sum", total), piece("response", response.frame));
      return { element, channel, response, patch, slice, total, rings,
        window: channel.outline(size, size), spot: response.outline(1, 1) };
    });

    const stackHigh = map * rows + count * CARD;
    const stack = html("div", { class: "pile", style: `width:${map * cols + count * CARD + 6}px;height:${stackHigh + 6}px` });
    const cards = now.filters.map((_, d) => {
      const card = pixelMap(rows, cols, map, { role: "img", "aria-label": `map ${d}` });
      const slot = [CARD * (d + 1), CARD * (count - d - 1)];
      const place = html("div", { class: "slot", style: `left:${slot[0]}px;top:${slot[1]}px;width:${map * cols}px;height:${map * rows}px;z-index:${count - d}` });
      const holder = html("div", { class: "sheet cnn-moving", style: `width:${map * cols}px;height:${map * rows}px`, onclick: () => { if (state(model).chosen !== d) choose(d); } },
        card.frame);
      stack.append(place, holder);
      return { card, holder, slot, spot: card.outline(1, 1) };
    });
    const front = [0, CARD * count];
    const handle = pixelMap(rows, cols, map);
    lead(handle, "feature map: arrow keys move the window", 0);
    handle.frame.firstChild.remove();
    handle.frame.classList.add("front");
    handle.frame.style.left = `${front[0]}px`;
    handle.frame.style.top = `${front[1]}px`;
    stack.append(handle.frame);
    const mapCaption = html("figcaption", {});
    const stackPart = figure("stacked", null, html("figcaption", { class: "over" }, "Σ + bias"), stack, mapCaption);

    const laneBox = html("div", { class: "lanes" }, lanes.map(({ element }) => element));
    const wires = [0, 1].map(() => svg("svg", { class: "wires", width: WIRE, "aria-hidden": "true" }));
    stage.replaceChildren(...(fitting ? [photoPart, wires[0], laneBox, wires[1], stackPart] : [photoPart, laneBox, stackPart]));
    put(facts, "class", `facts${fitting ? "" : " pairs"}`);
    put(stage, "class", `flow${fitting ? "" : " tall"}${short ? " short" : ""}`);

    const names = model.get("names");
    const picker = choice("filter", [...names.keys()], choose);
    names.forEach((name, d) => put(picker.inputs[d], "aria-label", `filter ${d}, ${name}`));
    const chosenName = html("span", { class: "name" });
    bar.replaceChildren(html("div", { class: "cnn-buttons" }, html("span", { class: "label" }, "filter"), picker.element, chosenName));

    if (fitting) { // three wires leave the image, three meet in the map
      const home = stage.getBoundingClientRect();
      const middle = (element) => { const box = element.getBoundingClientRect(); return box.y + box.height / 2 - home.y; };
      const [from, to] = [middle(seen.frame), middle(handle.frame)];
      for (const [wire, at] of [[wires[0], from], [wires[1], to]]) {
        put(wire, "height", home.height);
        lanes.forEach(({ channel }) => {
          const y = middle(channel.frame);
          const [left, right] = wire === wires[0] ? [at, y] : [y, at];
          wire.append(svg("path", { d: `M2 ${left}C${WIRE / 2 + 2} ${left} ${WIRE / 2 - 2} ${right} ${WIRE - 2} ${right}` }));
        });
      }
    }
    return { seen, lanes, cards, front, picker, chosenName, mapCaption, photoWindow: seen.outline(size, size), drawn: null };
  }

  // What changes ------------------------------------------------------------------------------------
  let built = "";
  function draw() {
    const now = state(model);
    const { image, filters, bias, size, rows, cols, row, col, chosen, count } = now;
    const width = roomIn(root);
    const key = [image.length, image[0].length, size, count, model.get("names"), width].join();
    if (key !== built) parts = build(now, width);
    built = key;
    const { responses, maps, end } = numbers(now);
    const tint = tints("output", theme);

    // The pictures change with the filter and the theme; the window only moves.
    const wanted = [chosen, theme];
    if (parts.drawn?.bytes !== known || parts.drawn?.image !== image || parts.drawn.wanted.join() !== wanted.join()) {
      parts.drawn = { bytes: known, image, wanted };
      parts.seen.paint((r, c) => image[r][c].map((value) => Math.round(255 * value)));
      parts.lanes.forEach(({ channel, response }, c) => {
        channel.paint((r, k) => INKS[c].map((ink) => Math.round(ink * image[r][k][c])));
        response.paint((r, k) => tint(responses[chosen][c][r * cols + k], end.response[chosen]));
      });
      parts.cards.forEach(({ card, holder, slot }, d) => {
        card.paint((r, k) => tint(maps[d][r * cols + k], end.map[d]));
        const [x, y] = d === chosen ? parts.front : slot;
        holder.style.transform = `translate(${x}px, ${y}px)`;
        holder.style.zIndex = d === chosen ? count + 1 : count - d;
        put(holder, "class", `sheet cnn-moving${d === chosen ? " chosen" : ""}`);
      });
    }
    parts.photoWindow(row, col);
    parts.cards[chosen].spot(row, col);

    const sums = [];
    const weightEnd = largest(filters[chosen]);
    const all = taps(now);
    const text = ["value", "weight"].map((name) => Math.min(0.38, 1.3 / Math.max(...all.flat().map((tap) => formatNumber(tap[name]).length))));
    all.forEach((products, c) => {
      const lane = parts.lanes[c];
      products.forEach(({ a, b, value, weight }) => {
        const cells = [[lane.patch, value, shade(value, 1, "input", theme)], [lane.slice, weight, shade(weight, weightEnd, "weight", theme)]];
        cells.forEach(([grid, number, color], i) =>
          grid.paint(a, b, { label: formatNumber(number), color, ink: readable(color, theme), scale: text[i] }));
      });
      sums.push(products.reduce((sum, { value, weight }) => sum + value * weight, 0));
      chip(lane.total, sums[c], shade(sums[c], end.response[chosen], "output", theme));
      lane.window(row, col);
      lane.spot(row, col);
      lane.rings.forEach((ring) => ring(hot?.[0] === c ? hot.slice(1) : null));
    });
    const total = sums.reduce((a, b) => a + b, 0) + bias[chosen];
    writeSum(now, sums, total, weightEnd, { response: end.response[chosen], map: end.map[chosen] });

    parts.picker.show(chosen);
    say(parts.chosenName, model.get("names")[chosen]);
    say(parts.mapCaption, `map ${chosen} of ${count} · ${rows}×${cols}`);
    writeFacts(now);
    const part = sums.map((value, c) => `${formatNumber(value)} from ${NAMES[c]}`).join(", ");
    const [, weights, parameters] = model.get("counts")[count - 1];
    say(says, `Map ${chosen} (${model.get("names")[chosen]}) at (${row}, ${col}) is ${formatNumber(total)}: ${part} ` +
      `and a bias of ${formatNumber(bias[chosen])}. Input ${image.length}×${image[0].length}×3, ${count} filters of ${size}×${size}×3, ` +
      `output ${rows}×${cols}×${count}; parameters ${group(weights)}, with biases ${group(parameters)}.`);
    showScale(scale, "output", end.map[chosen], { of: "the map", theme, before: `map ${chosen}: ` });
  }
  const paint = oncePerFrame(draw);

  const group = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

  function chip(element, value, color) {
    say(element, formatNumber(value));
    element.style.background = color;
    element.style.color = readable(color, theme);
  }

  /** total = R + G + B + bias, or the product that is pointed at. */
  function writeSum(now, sums, total, weightEnd, end) {
    const colored = (value, color) => {
      const one = html("span", { class: "cnn-chip" });
      chip(one, value, color);
      return one;
    };
    const output = (value, high) => colored(value, shade(value, high, "output", theme));
    if (hot) {
      const [c, a, b] = hot;
      const value = now.image[now.row + a][now.col + b][c];
      const weight = now.filters[now.chosen][c][a][b];
      sum.replaceChildren(html("span", {}, `product in ${NAMES[c]}, row ${a}, column ${b}:`), output(value * weight, end.response), "=",
        colored(value, shade(value, 1, "input", theme)), "·", colored(weight, shade(weight, weightEnd, "weight", theme)));
      return;
    }
    sum.replaceChildren(output(total, end.map), "=", ...sums.flatMap((value, c) => [html("span", { class: "cnn-term" },
      html("b", {}, NAMES[c]), output(value, end.response)), "+"]),
      html("span", { class: "cnn-term" }, "bias", colored(now.bias[now.chosen], shade(now.bias[now.chosen], weightEnd, "weight", theme))));
  }

  function writeFacts({ image, size, rows, cols, count }) {
    const [numbersOut, weights, parameters] = model.get("counts")[count - 1];
    const [, one, oneBias] = model.get("counts")[0];
    const lines = [
      ["input n×n×r", `${image.length}×${image[0].length}×3`, `${group(3 * image.length * image[0].length)} numbers`],
      ["one filter m×m×r", `${size}×${size}×3`, `${one} weights + ${oneBias - one} bias`],
      [`D = ${count} filters, D(m²r + 1)`, `${group(parameters)} parameters`, `${group(weights)} weights + ${parameters - weights} biases`],
      ["output (n+1−m)²×D", `${rows}×${cols}×${count}`, `${group(numbersOut)} numbers`],
    ];
    if (facts.dataset.text === lines.join()) return;
    facts.dataset.text = lines.join();
    facts.replaceChildren(...lines.map(([name, value, note]) => html("div", {}, html("span", {}, name), html("b", {}, value), html("span", {}, note))));
  }

  // Life ------------------------------------------------------------------------------------------------
  return live(model, root, ["image", "filters", "bias", "names", "chosen", "row", "col", "counts", "_responses"], paint, { themed: (name) => { theme = name; } });
}

export default { render };
