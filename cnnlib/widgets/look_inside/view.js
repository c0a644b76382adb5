// LookInside.
//
// Python sends all activations and all weights once; the page follows the hand with them. All that
// is computed here is what a unit makes of its patch: the products and their sum.

import { readable, shade, tints } from "../shared/colour.js";
import { choice, showScale } from "../shared/controls.js";
import { html, put, say, svg } from "../shared/dom.js";
import { numberGrid, pixelMap } from "../shared/grid.js";
import { KEEP_KEYS, onDrag, onKey } from "../shared/hand.js";
import { batched, live, oncePerFrame, roomIn } from "../shared/life.js";
import { clamp, floats, formatNumber, largest } from "../shared/numbers.js";
import { PALETTE, UNFOCUSED } from "../shared/palette.js";

const INPUT_SIDE = 256;  // room for the input with its margin, and for the chosen map
const SHEET = [282, 256];
const LEDGER_HEIGHT = 66;
const TITLE = 156;       // beside a strip of the ledger
const RESULT = 200;      // and what it comes to, on its right
const CONTEXT = 196;     // side of the map that a window or a single number is taken from
const LARGEST_CELL = 84;
const STOP = 66;         // the least width of a layer's button, with the gap
const BLOCK = 3;         // a map of 1×1 is drawn so large among its like, with a gap of 1


/** Where everything of a layer lies in what Python has sent. */
function unpack(model) {
  const [high, wide] = model.get("_size");
  const layers = [{ place: -1, name: "input", kind: "input", shape: [1, high, wide] }, ...model.get("_layers")];
  let start = 0;
  let first = 0;
  const size = ([count, rows, cols]) => count * rows * cols;
  const entries = layers.map((layer, k) => {
    const one = { ...layer, start, before: k ? layers[k - 1].shape : null };
    start += size(layer.shape);
    if (layer.parameters !== null && layer.parameters !== undefined) {
      one.fan = layer.shape[0] ? size([one.before[0], ...layer.kernel]) : 0;
      one.weight = first;
      one.bias = first + layer.shape[0] * one.fan;
      first = one.bias + layer.shape[0];
    }
    return one;
  });
  return { entries, total: start, values: floats(model.get("_values")), weights: floats(model.get("_weights")) };
}

/** `count` maps side by side, as large as the box [width, height] allows: where each cell of each lies. */
function arrangement([count, rows, cols], [width, height], most) {
  const block = rows === 1 && cols === 1 ? BLOCK : 1;
  const gap = count > 1 ? 1 : 0;
  const [high, across_] = [rows * block + gap, cols * block + gap];
  const fit = (across) => Math.min(most, Math.floor(width / (across * across_ - gap)),
    Math.floor(height / (Math.ceil(count / across) * high - gap)));
  let best = 1;
  for (let across = 2; across <= count; across += 1) if (fit(across) > fit(best)) best = across;
  const pitch = Math.max(1, fit(best));
  const lines = Math.ceil(count / best);
  return {
    across: best, lines, pitch, block, rows: lines * high - gap, cols: best * across_ - gap, high: rows * block, wide: cols * block,
    /** The map and the cell at a place of the whole, or null in a gap. */
    at(r, c) {
      const map = Math.floor(r / high) * best + Math.floor(c / across_);
      const [y, x] = [Math.floor((r % high) / block), Math.floor((c % across_) / block)];
      return r < 0 || c < 0 || c >= best * across_ || map >= count || y >= rows || x >= cols ? null : { map, r: y, c: x };
    },
    corner: (map) => [Math.floor(map / best) * high, (map % best) * across_],
  };
}

/** What the model says, and all that follows from it. */
function compute(model, data) {
  const [image, layer, map, row, col] = ["image", "layer", "map", "row", "col"].map((name) => model.get(name));
  const index = data.entries.findIndex(({ place }) => place === layer);
  const [one, source] = [data.entries[index], data.entries[index - 1]];
  const read = ({ start, shape: [, rows, cols] }) => (m, r, c) => data.values[image * data.total + start + (m * rows + r) * cols + c];
  const at = read(one);
  const before = read(source);
  const end = (entry) => {
    const from = image * data.total + entry.start;
    return data.values.subarray(from, from + entry.shape[0] * entry.shape[1] * entry.shape[2]).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  };
  const span = one.field.map(([size, jump, start], axis) => {
    const low = start + [row, col][axis] * jump;
    return [low, low + size];
  });
  const whole = one.kind === "conv" || one.kind === "linear";
  const channels = whole ? [...Array(one.before[0]).keys()] : [map];
  const [kh, kw] = one.kernel;
  const patch = channels.map((channel) => Array.from({ length: kh }, (_, a) => Array.from({ length: kw }, (__, b) => {
    const r = row * one.stride[0] + a * one.dilation[0] - one.padding[0];
    const c = col * one.stride[1] + b * one.dilation[1] - one.padding[1];
    return r < 0 || c < 0 || r >= one.before[1] || c >= one.before[2] ? 0 : before(channel, r, c);
  })));
  const now = { image, layer, map, row, col, one, index, at, span, patch, end: end(one), value: at(map, row, col) };
  if (whole) {
    now.weight = patch.map((lines, channel) => lines.map((line, a) => line.map((_, b) =>
      data.weights[one.weight + map * one.fan + (channel * kh + a) * kw + b])));
    now.bias = data.weights[one.bias + map];
    now.products = patch.map((lines, channel) => lines.map((line, a) => line.map((value, b) => value * now.weight[channel][a][b])));
    now.sum = now.products.flat(2).reduce((sum, value) => sum + value, 0);
  }
  return now;
}

const seesAll = ({ span }, size) => span.every(([first, past], axis) => first <= 0 && past >= size[axis]);

function describe(now, size) {
  const { layer, one, map, row, col, value, span } = now;
  const unit = one.shape[1] === 1 && one.shape[2] === 1 ? `unit ${map}` : `unit (${row}, ${col}) of map ${map}`;
  const said = `Layer ${layer}, ${one.name}: ${unit} is ${formatNumber(value)}. It sees `;
  if (seesAll(now, size)) return `${said}the whole input.`;
  const outside = span.some(([first, past], axis) => first < 0 || past > size[axis]);
  const spans = ["rows", "columns"].map((name, axis) => {
    const [first, past] = span[axis];
    return past - first > 1 ? `${name} ${formatNumber(first)} to ${formatNumber(past - 1)}` : `${name.slice(0, -1)} ${formatNumber(first)}`;
  });
  return `${said}${spans.join(" and ")} of the input${outside ? ", partly padding." : "."}`;
}

function render({ model, el }) {
  const data = unpack(model);
  const size = model.get("_size");
  const set = batched(model);
  let theme = "light";
  let parts = null;

  // What stays ------------------------------------------------------------------------------------
  const count = data.values.length / data.total;
  const picks = choice("image", [...Array(count).keys()], (image) => set({ image }));
  const name = `cnn-layer-${Math.random()}`;
  const stops = data.entries.slice(1).map((one) => {
    const radio = html("input", { type: "radio", name, ...KEEP_KEYS, onchange: () => choose(one) });
    return { one, radio, element: html("label", { class: `stop cnn-is-${one.kind}` }, radio,
      html("span", {}, html("b", {}, one.name), html("small", {}, one.shape[1] * one.shape[2] === 1 ? String(one.shape[0]) : one.shape.join("×")))) };
  });
  const rail = html("div", { class: "rail", role: "radiogroup", "aria-label": "layer" }, stops.map(({ element }) => element));
  const stage = html("div", { class: "panels" });
  const ledger = html("div", { class: "ledger" });
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const keys = (...names) => names.map((key) => html("kbd", {}, key));
  const root = html("div", { class: "cnn cnn-look-inside", role: "group", "aria-label": "Look inside the network" },
    html("div", { class: "images" }, html("span", {}, "image"), picks.element), rail, stage, ledger,
    html("div", { class: "cnn-foot" }, says),
    html("div", { class: "cnn-foot" }, html("div", {}, "Drag on the input or on the map to choose a unit, click a small map to choose it · ",
      keys("←", "→", "↑", "↓"), " on each of them")));
  el.append(root);

  // The unit ----------------------------------------------------------------------------------------
  const entry = () => data.entries.find(({ place }) => place === model.get("layer"));
  const unitNear = (one, y, x) => one.field.map(([length, jump, start], axis) =>
    clamp(Math.round(([y, x][axis] - start - length / 2) / jump), 0, one.shape[axis + 1] - 1));

  /** Another layer: the unit whose field is centred where the last one's was. */
  function choose(one) {
    const { span } = compute(model, data);
    const [row, col] = unitNear(one, ...span.map(([first, past]) => (first + past) / 2));
    set({ layer: one.place, map: Math.min(model.get("map"), one.shape[0] - 1), row, col });
  }

  function place(row, col) {
    const [, rows, cols] = entry().shape;
    [row, col] = [clamp(row, 0, rows - 1), clamp(col, 0, cols - 1)];
    if (row !== model.get("row") || col !== model.get("col")) set({ row, col });
  }

  const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  function unitByKey(key, event) {
    const move = ARROWS[key];
    if (!move || event.ctrlKey) return false;
    place(model.get("row") + move[0], model.get("col") + move[1]);
    return true;
  }

  const reachable = (element, label, handle) => {
    for (const [attribute, value] of Object.entries({ tabindex: 0, role: "application", "aria-label": label, ...KEEP_KEYS })) put(element, attribute, value);
    onKey(element, handle);
  };
  const dragging = (element, act) => onDrag(element, {
    start(event) { root.classList.add("cnn-dragging"); element.focus({ preventScroll: true }); act(event); },
    move: act,
    end() { root.classList.remove("cnn-dragging"); },
  });

  // What is made anew when the layer or the width changes -----------------------------------------------
  function build(now, width) {
    const { one } = now;
    const narrow = width < 620;
    const side = narrow ? Math.min(INPUT_SIDE, Math.floor((width - 14) / 2)) : Math.min(INPUT_SIDE, Math.floor((width - 48) / 3));
    const margin = Math.max(0, ...data.entries.slice(1).flatMap(({ field, shape }) => field.flatMap(([length, jump, start], axis) =>
      [-start, start + (shape[axis + 1] - 1) * jump + length - size[axis]])));
    const panel = (name_, title, ...children) => html("figure", { class: `panel ${name_}` }, html("figcaption", {}, title), ...children);

    const inputPitch = Math.max(1, Math.floor(side / (Math.max(...size) + 2 * margin)));
    const input = pixelMap(size[0] + 2 * margin, size[1] + 2 * margin, inputPitch);
    reachable(input.frame, "input: arrow keys move the unit, and with it what it sees", unitByKey);
    dragging(input.frame, (event) => {
      const box = input.frame.getBoundingClientRect();
      place(...unitNear(entry(), (event.clientY - box.top) / inputPitch - margin, (event.clientX - box.left) / inputPitch - margin));
    });
    input.overlay.append(svg("rect", { class: "border", x: margin * inputPitch, y: margin * inputPitch,
      width: size[1] * inputPitch, height: size[0] * inputPitch }));
    const field = svg("g", { class: "cnn-moving" }, svg("rect", { class: "cnn-halo" }), svg("rect", { class: "cnn-edge" }));
    input.overlay.append(field);

    const [maps, rows, cols] = one.shape;
    const mapPitch = Math.min(LARGEST_CELL, Math.floor(side / Math.max(rows, cols)));
    const map = pixelMap(rows, cols, mapPitch);
    const unit = map.outline(1, 1);
    reachable(map.frame, "map: arrow keys move the unit", unitByKey);
    dragging(map.frame, (event) => { const { r, c } = map.at(event); place(r, c); });

    const box = narrow ? [width, 200] : [width - 2 * side - 48, SHEET[1]];
    const sheet = arrangement(one.shape, box, 9);
    const all = pixelMap(sheet.rows, sheet.cols, sheet.pitch);
    const chosen = all.outline(sheet.high, sheet.wide);
    reachable(all.frame, "maps: arrow keys choose one", (key, event) => {
      const move = ARROWS[key];
      if (!move || event.ctrlKey) return false;
      const next = model.get("map") + move[0] * sheet.across + move[1];
      if (next >= 0 && next < maps) set({ map: next });
      return true;
    });
    dragging(all.frame, (event) => {
      const { r, c } = all.at(event);
      const hit = sheet.at(r, c);
      if (hit && hit.map !== model.get("map")) set({ map: hit.map });
    });

    const titles = [0, 1, 2].map(() => html("span", {}));
    const scale = html("span", { class: "cnn-scale" });
    const units = rows === 1 && cols === 1;
    const centre = (child) => html("div", { class: "centre", style: `width:${side}px;height:${narrow ? "auto" : `${side}px`}` }, child);
    stage.replaceChildren(
      panel("input", titles[0], input.frame), panel("map", titles[1], centre(map.frame)), panel("maps", titles[2], all.frame, scale));
    say(titles[2], `${maps} ${units ? "units" : maps === 1 ? "map" : "maps"} of layer ${one.place}`);
    put(stage, "class", `panels${narrow ? " stacked" : ""}`);
    stage.style.setProperty("--side", `${side}px`);
    root.classList.toggle("cnn-narrow", narrow);
    const lines = Math.ceil(stops.length / Math.floor((width + 4) / STOP)); // equally long ones
    rail.style.gridTemplateColumns = `repeat(${Math.ceil(stops.length / lines)}, minmax(0, 1fr))`;
    return { input, inputPitch, margin, field, map, unit, all, sheet, chosen, titles, scale, ledger: buildLedger(now, width) };
  }

  const bar = (role) => html("span", { class: "cnn-scale", "data-role": role });

  /** Below: numbers where they fit, otherwise the maps of the patch side by side as pictures. */
  function buildLedger({ one, patch, weight }, width) {
    const [channels, rows, cols] = [patch.length, patch[0].length, patch[0][0].length];
    const numbers = channels === 1 && Math.max(rows, cols) <= 7;
    const roles = weight ? [["patch", "input"], ["weights", "weight"], ["products", "output"]] : [["patch", "input"]];
    const inner = width - 30;
    const views = roles.map(([what, role]) => {
      const scale = bar(role);
      const title = html("span", {});
      if (numbers) {
        const pitch = clamp(Math.floor((inner - RESULT - 90) / (3 * cols)), 30, 36);
        const grid = numberGrid(rows, cols, pitch, 2);
        return { what, role, grid, scale, title, element: html("figure", { class: `piece ${what}` }, grid.frame, html("figcaption", {}, title, scale)) };
      }
      const wide = inner >= 560;
      const sheet = arrangement([channels, rows, cols], [wide ? inner - TITLE - RESULT : inner, wide ? LEDGER_HEIGHT : 90], 14);
      const map = pixelMap(sheet.rows, sheet.cols, sheet.pitch, { class: "cnn-pixels", role: "img" });
      return { what, role, map, sheet, scale, title, element: html("figure", { class: `piece strip ${what}` },
        html("figcaption", {}, title, scale), map.frame) };
    });
    const source = data.entries[data.entries.indexOf(one) - 1];
    let context = null;
    if (!weight && source.shape[1] * source.shape[2] > 1) {
      context = pixelMap(source.shape[1], source.shape[2], Math.max(1, Math.floor(CONTEXT / Math.max(source.shape[1], source.shape[2]))), { class: "cnn-pixels", "aria-hidden": "true" });
      context.window = context.outline(...one.kernel.map((length, axis) => (length - 1) * one.dilation[axis] + 1));
      context.title = html("figcaption", {});
    }
    const line = html("div", { class: "line" });
    const signs = numbers && weight ? ["·", "="] : [];
    const body = html("div", { class: numbers ? "numbers" : "strips" },
      context && html("figure", { class: "piece" }, context.frame, context.title),
      views.flatMap(({ element }, k) => [k && signs[k - 1] ? html("span", { class: "cnn-sign", "aria-hidden": "true" }, signs[k - 1]) : null, element]));
    const story = html("p", { class: "story" });
    ledger.replaceChildren(body, html("div", { class: "result" }, line, story));
    return { views, context, line, story };
  }

  // What changes ------------------------------------------------------------------------------------
  let built = "";
  function draw() {
    const now = compute(model, data);
    const { one, image, map, row, col, at, span, end } = now;
    const width = roomIn(root);
    const key = [now.layer, width].join();
    if (key !== built) parts = build(now, width);
    built = key;
    const { input, inputPitch, margin, field, sheet } = parts;

    const pixels = data.entries[0];
    const ink = tints("input", theme);
    const pale = PALETTE[theme].input_zero.match(/\w\w/g).map((hex) => parseInt(hex, 16));
    const brightest = Math.max(1, data.values.subarray(image * data.total, image * data.total + size[0] * size[1]).reduce((most, v) => Math.max(most, Math.abs(v)), 0));
    input.paint((y, x) => {
      const [r, c] = [y - margin, x - margin];
      if (r < 0 || c < 0 || r >= size[0] || c >= size[1]) return null;
      const color = ink(data.values[image * data.total + pixels.start + r * size[1] + c], brightest);
      const seen = r >= span[0][0] && r < span[0][1] && c >= span[1][0] && c < span[1][1];
      return seen ? color : color.map((v, i) => Math.round(pale[i] + (v - pale[i]) * UNFOCUSED));
    });
    for (const rect of field.children) {
      put(rect, "x", -1);
      put(rect, "y", -1);
      put(rect, "rx", 2);
      put(rect, "width", (span[1][1] - span[1][0]) * inputPitch + 2);
      put(rect, "height", (span[0][1] - span[0][0]) * inputPitch + 2);
    }
    field.style.transform = `translate(${(span[1][0] + margin) * inputPitch}px, ${(span[0][0] + margin) * inputPitch}px)`;

    const shown = [image, map, theme].join();
    if (parts.shown !== shown) {  // not again for every unit
      const tint = tints("output", theme);
      parts.map.paint((r, c) => tint(at(map, r, c), end));
      parts.all.paint((r, c) => {
        const hit = sheet.at(r, c);
        return hit && tint(at(hit.map, hit.r, hit.c), end);
      });
      parts.shown = shown;
    }
    parts.unit(row, col);
    parts.chosen(...sheet.corner(map));

    const units = one.shape[1] === 1 && one.shape[2] === 1;
    const all = seesAll(now, size);
    say(parts.titles[0], `input ${size.join("×")}: it sees ${all ? "all of it" : span.map(([first, past]) => past - first).join("×")}`);
    say(parts.titles[1], units ? `unit ${map}: ${formatNumber(now.value)}` : `map ${map}, ${one.shape.slice(1).join("×")}: unit (${row}, ${col})`);
    showScale(parts.scale, "output", end, { of: "the maps", theme });
    showLedger(now);

    picks.show(image);
    stops.forEach(({ one: stop, radio }) => { radio.checked = stop === one; });
    say(says, describe(now, size));
  }
  const paint = oncePerFrame(draw);

  function showLedger(now) {
    const { one, map, row, col, patch, weight, products, sum, bias, value } = now;
    const source = data.entries[now.index - 1];
    const titles = { patch: source.place < 0 ? "patch of the input" : `patch of layer ${source.place}`, weights: one.kind === "linear" ? `weights of unit ${map}` : `weights of filter ${map}`, products: "products" };
    parts.ledger.views.forEach(({ what, role, grid, map: picture, sheet, scale, title }) => {
      const values = { patch, weights: weight, products }[what];
      const end = largest(values);
      say(title, titles[what]);
      showScale(scale, role, end, { of: titles[what], theme });
      if (grid) {
        const best = one.kind === "pool" && one.name.startsWith("max") ? Math.max(...values[0].flat()) : null;
        let marked = false;
        values[0].forEach((line, r) => line.forEach((number, c) => {
          const color = shade(number, end, role, theme);
          grid.paint(r, c, { label: formatNumber(number), color, ink: readable(color, theme), scale: 0.34 });
          const won = number === best && !marked;
          marked ||= won;
          put(grid.frame.querySelectorAll("rect")[r * line.length + c], "data-won", won);
        }));
      } else {
        const tint = tints(role, theme);
        picture.paint((r, c) => {
          const hit = sheet.at(r, c);
          return hit && tint(values[hit.map][hit.r][hit.c], end);
        });
        put(picture.frame, "aria-label", `${titles[what]}: ${values.length} of ${values[0].length}×${values[0][0].length}, largest ${formatNumber(end)}`);
      }
    });
    const { context } = parts.ledger;
    if (context) {
      const tint = tints("input", theme);
      const [, rows, cols] = source.shape;
      const at = (r, c) => data.values[now.image * data.total + source.start + (map * rows + r) * cols + c];
      let end = 0;
      for (let r = 0; r < rows; r += 1) for (let c = 0; c < cols; c += 1) end = Math.max(end, Math.abs(at(r, c)));
      context.paint((r, c) => tint(at(r, c), end));
      context.window(row * one.stride[0] - one.padding[0], col * one.stride[1] - one.padding[1]);
      say(context.title, source.place < 0 ? "the input" : `map ${map} of layer ${source.place}`);
    }
    const chip = (number, role, end) => {
      const color = shade(number, end, role, theme);
      return html("span", { class: "cnn-chip", style: `background:${color};color:${readable(color, theme)}` }, formatNumber(number));
    };
    const word = (text) => html("span", {}, text);
    const first = patch[0][0][0];
    const { line, story } = parts.ledger;
    if (weight) {
      const number = patch.length * patch[0].length * patch[0][0].length;
      line.replaceChildren(word(""), chip(sum, "output", now.end), word(`sum of ${number} products`),
        word("+"), chip(bias, "weight", largest([bias, ...weight.flat(2)])), word("bias"),
        word("="), chip(value, "output", now.end), word("this unit"));
    } else if (one.kind === "pool") {
      line.replaceChildren(word("="), chip(value, "output", now.end), word(one.name.startsWith("max") ? "the largest" : "the mean"));
    } else {
      line.replaceChildren(word(""), chip(first, "input", largest(patch)), word("before"), word("→"), chip(value, "output", now.end), word(`after ${one.name}`));
    }
    say(story, one.kind === "pointwise" ? "One number in, one number out: its receptive field is that of the unit before it."
      : one.kind === "linear" ? "It has a weight for every unit of the layer before: no patch of its own, and no place in a map."
        : one.kind === "pool" ? "No weights: there is nothing to learn here."
          : `Filter ${map} uses the same weights at each of its ${(one.shape[1] * one.shape[2]).toLocaleString("en")} units.`);
  }

  // Life ------------------------------------------------------------------------------------------------
  return live(model, root, ["image", "layer", "map", "row", "col"], paint, { themed: (name) => { theme = name; } });
}

export default { render };
