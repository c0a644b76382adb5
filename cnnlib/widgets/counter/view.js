// Counter.
//
// The model holds the input's shape and the list of layers; countLayers() makes every number from
// them. Each gesture changes the list; draw() paints what the model says.

import { hintLine, keys } from "../shared/controls.js";
import { html, put, say, svg } from "../shared/dom.js";
import { KEEP_KEYS, onDrag, onKey } from "../shared/hand.js";
import { batched, live, oncePerFrame } from "../shared/life.js";
import { stillMotion } from "../shared/motion.js";
import { clamp, outputSize } from "../shared/numbers.js";

const MOST = 10 ** 15;
const MOST_LAYERS = 24;
const BYTES = 4;
const COUNTS = ["weights", "biases", "parameters", "links", "multiply_adds", "parameter_bytes", "activation_bytes"];
const KINDS = {
  Conv2d: { title: "convolution", fresh: { out_channels: 8, kernel_size: 3, stride: 1, padding: 0 } },
  LocallyConnected2d: { title: "locally connected", fresh: { out_channels: 8, kernel_size: 3, stride: 1, padding: 0 } },
  MaxPool2d: { title: "pooling", fresh: { kernel_size: 2, stride: 2 } },
  Flatten: { title: "flatten", fresh: {} },
  Linear: { title: "fully connected", fresh: { out_features: 100 } },
};
const WORDS = { out_channels: "filters", kernel_size: "size", stride: "stride", padding: "pad", out_features: "units" };
const DECADES = 12; // where the bars end: 16 billion is still well inside

// Counting: tests/browser/test_counter.py holds this function against count_layers() of counter.py.

const product = (numbers) => numbers.reduce((all, one) => all * one, 1);

function misfit(shape, layer) {
  const flat = shape.length === 1;
  if (layer.layer === "Linear" && !flat) {
    return `it needs one flat vector, and gets ${times(shape)}; put a flatten before it`;
  }
  if (layer.kernel_size === undefined) return "";
  if (flat) return `it needs rows and columns, and gets a flat vector of ${count(shape[0])}; move it before the flatten`;
  const { padding = 0, kernel_size: size, stride } = layer;
  if (padding === "same") return stride > 1 ? `padding "same" needs stride 1, and the stride is ${stride}` : "";
  const room = shape.slice(1).map((side) => side + 2 * padding);
  return size > Math.min(...room) ? `a window of ${size}×${size} does not fit into ${times(room)}` : "";
}

function countOne(shape, layer) {
  const kind = layer.layer;
  let [weights, biases, multiplyAdds] = [0, 0, 0];
  let output = shape;
  if (kind === "Flatten") output = [product(shape)];
  else if (kind === "Linear") {
    output = [layer.out_features];
    weights = multiplyAdds = shape[0] * layer.out_features;
    biases = layer.out_features;
  } else if (kind !== "Input") {
    const { kernel_size: size, stride, padding = 0, out_channels: channels = shape[0] } = layer;
    const sides = shape.slice(1).map((n) => (padding === "same" ? n : outputSize(n, size, { stride, padding })));
    output = [channels, ...sides];
    if (kind !== "MaxPool2d") {
      const filters = shape[0] * size * size * channels;
      const shared = kind === "Conv2d";
      multiplyAdds = filters * product(sides);
      weights = shared ? filters : multiplyAdds;
      biases = shared ? channels : product(output);
    }
  }
  // A bias is one link for each unit that it feeds.
  const links = multiplyAdds + (weights ? product(output) : 0);
  return { layer: kind, output_shape: output, weights, biases, parameters: weights + biases, links,
    multiply_adds: multiplyAdds, parameter_bytes: BYTES * (weights + biases),
    activation_bytes: kind === "Flatten" ? 0 : BYTES * product(output) };
}

/** What the input and each layer cost, their sums, and why there is no more where one does not fit. */
export function countLayers(inputShape, layers) {
  const rows = [];
  const totals = Object.fromEntries(COUNTS.map((name) => [name, 0]));
  let shape = inputShape;
  for (const [number, layer] of [{ layer: "Input" }, ...layers].entries()) {
    let problem = misfit(shape, layer);
    if (!problem) {
      const row = countOne(shape, layer);
      shape = row.output_shape;
      for (const name of COUNTS) totals[name] += row[name];
      if (COUNTS.some((name) => totals[name] > MOST)) problem = "the counts pass 10¹⁵ here, which no machine holds";
      else rows.push(row);
    }
    if (problem) {
      const place = number ? `layer ${number} (${KINDS[layer.layer].title})` : "the input";
      return { rows, totals: null, problem: `${place}: ${problem}.` };
    }
  }
  return { rows, totals, problem: "" };
}

// Words -------------------------------------------------------------------------------------------

const grouped = new Intl.NumberFormat("en-US"); // made once: toLocaleString makes one each time
const count = (number) => grouped.format(number);
const times = (shape) => shape.map(count).join("×");
const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** Bytes in steps of 1000, with one decimal, as format_bytes of counter.py. */
export function formatBytes(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB", "PB"];
  const tenths = (power) => Math.floor((bytes + 1000 ** power / 20) / (1000 ** power / 10));
  const power = units.findIndex((_, i) => tenths(i + 1) < 10_000) + 1 || units.length;
  return `${Math.floor(tenths(power) / 10)}.${tenths(power) % 10} ${units[power - 1]}`;
}

/** The same in GiB, where there are any. */
function gibibytes(bytes) {
  const tenths = Math.floor((10 * bytes + 2 ** 29) / 2 ** 30);
  return tenths >= 10 ? `${count(Math.floor(tenths / 10))}.${tenths % 10} GiB` : "";
}

function describe(inputShape, layers, { rows, totals, problem }) {
  if (problem) return `No total: ${problem}`;
  const inGiB = gibibytes(totals.parameter_bytes);
  return `From ${times(inputShape)} to ${times(rows.at(-1).output_shape)} in ${plural(layers.length, "layer")}: ` +
    `${plural(totals.parameters, "parameter")} (${plural(totals.weights, "weight")} + ${plural(totals.biases, "bias", "biases")}), ` +
    `${formatBytes(totals.parameter_bytes)} in float32${inGiB ? ` (${inGiB})` : ""}; ` +
    `${plural(totals.links, "link")}, of them ${plural(totals.multiply_adds, "multiply-add")}; ` +
    `activations of one image take ${formatBytes(totals.activation_bytes)}.`;
}

// Pieces ------------------------------------------------------------------------------------------

const CROSS = "M3.5 3.5l9 9M12.5 3.5l-9 9";
const UP = "M8 13V3.5M4 7.5l4-4 4 4";
const DOWN = "M8 3v9.5M4 8.5l4 4 4-4";

const toolButton = (path, label, pressed) => html("button", { type: "button", class: "tool", title: label,
  "aria-label": label, ...KEEP_KEYS, onclick: pressed },
  svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: path })));

/** A whole number that is edited where it stands. */
function sizeField(word, { minimum = 1, same = false, changed, refused }) {
  const input = html("input", { type: "text", inputmode: same ? "text" : "numeric", autocomplete: "off", spellcheck: "false",
    class: "number", ...KEEP_KEYS });
  let value = minimum;
  const fit = () => { input.style.width = `${Math.max(input.value.length, 1) + 1.2}ch`; };
  const write = (size) => { input.value = size === "same" ? size : count(size); put(input, "aria-invalid", null); fit(); };
  const accept = () => {
    const text = input.value.trim();
    const number = /^\d{1,10}$/.test(text.replaceAll(",", "")) ? Number(text.replaceAll(",", "")) : NaN;
    const fine = (number >= minimum && number <= 1e9) || (same && text === "same");
    put(input, "aria-invalid", fine ? null : "true");
    fit();
    if (fine) changed(value = text === "same" ? text : number);
    else refused(`${input.getAttribute("aria-label")} needs a whole number from ${minimum} to 1,000,000,000` +
      `${same ? " or the word same" : ""}; until then it stays ${value}.`);
  };
  const step = (by) => {
    const from = value === "same" ? minimum - 1 : value;
    const to = from + by < minimum && same ? "same" : clamp(from + by, minimum, 1e9);
    write(to);
    changed(value = to);
  };
  input.addEventListener("input", accept);
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => { write(value); refused(""); });
  onKey(input, (key, event) => {
    const steps = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
    if (steps[key] && !event.ctrlKey && !event.shiftKey) { step(steps[key]); return true; }
    if (key === "Escape") write(value);
    else if (key === "Enter") input.select();
    else { event.stopPropagation(); return false; }
    return true;
  });
  return { element: html("label", { class: "size" }, word, input), input,
    show(number, label) {
      put(input, "aria-label", label);
      // What is being typed stays as it is while it means this number.
      if (number !== value || input.value === "" && document.activeElement !== input) write(number);
      value = number;
    } };
}

/** One row of the table: who, output, three measures with their bars. */
function tableRow(className, who) {
  const output = html("div", { role: "cell", class: "shape" });
  const measure = (label, name, role) => {
    const number = html("b");
    const bar = html("i", { class: `fill ${role}` });
    const notes = [html("span"), html("span")];
    const cell = html("div", { role: "cell", class: "measure", "data-label": label }, number,
      html("div", { class: "track", "aria-hidden": "true" }, bar), html("small", {}, notes[0], " ", notes[1]));
    return { cell, show(row, texts) {
      const text = row ? count(row[name]) : "–";
      say(number, text);
      put(number, "class", row && row[name] === 0 ? "none" : null);
      number.style.setProperty("--long", Math.max(text.length, 11));
      stretch(bar, row?.[name]);
      notes.forEach((note, i) => say(note, texts[i] ?? ""));
    } };
  };
  const parameters = measure("parameters", "parameters", "of-weights");
  const multiplyAdds = measure("multiply-adds", "multiply_adds", "of-links");
  const memory = [["Θ", "parameters", "of-weights"], ["a", "activations", "of-outputs"]].map(([symbol, label, role]) => {
    const bar = html("i", { class: `fill ${role}` });
    const number = html("b");
    const element = html("div", { class: "memory-line", title: `memory of the ${label}` },
      html("em", { "aria-hidden": "true" }, symbol), html("span", { class: "cnn-hidden" }, `${label} `),
      html("div", { class: "track", "aria-hidden": "true" }, bar), number);
    return { element, show(bytes) {
      const text = bytes === undefined ? "–" : formatBytes(bytes);
      say(number, text);
      put(number, "class", bytes === 0 ? "none" : null);
      stretch(bar, bytes);
    } };
  });
  const extra = html("small", {}, html("span"));
  const problem = html("div", { class: "problem cnn-alert", role: "cell" });
  const element = html("div", { role: "row", class: `entry ${className}` },
    html("div", { role: "cell", class: "who" }, who), output, parameters.cell, multiplyAdds.cell,
    html("div", { role: "cell", class: "measure", "data-label": "memory" }, memory.map((line) => line.element), extra), problem);
  return { element, show(row, text, why = "") {
    say(output, text);
    // Where there is nothing to learn, there is nothing to explain.
    const learns = row && row.parameters > 0;
    parameters.show(row, learns ? [count(row.weights), `+ ${plural(row.biases, "bias", "biases")}`] : []);
    multiplyAdds.show(row, row && row.links ? [plural(row.links, "link")] : []);
    memory[0].show(row?.parameter_bytes);
    memory[1].show(row?.activation_bytes);
    const inGiB = row && className === "whole" ? gibibytes(row.parameter_bytes) : "";
    say(extra.firstChild, inGiB ? `Θ = ${inGiB}` : "");
    say(problem, why ? `⚠ ${why}` : "");
    element.classList.toggle("misfit", Boolean(why));
    element.classList.toggle("after", !row && !why);
  } };
}

/** As long as the logarithm of its value; a value of 1 is a dot, 0 is nothing. Scaled, not sized: no layout follows. */
function stretch(bar, value) {
  const share = value > 0 ? Math.min(Math.log10(value) / DECADES, 1) : 0;
  bar.style.transform = `scaleX(${value > 0 ? Math.max(share, 0.02).toFixed(4) : 0})`;
  bar.parentElement.classList.toggle("idle", !value);
}

// The widget --------------------------------------------------------------------------------------

function render({ model, el }) {
  const change = batched(model);
  let alertText = "";
  let cards = [];   // one a layer, in the order of the layers
  let tops = null;  // where the cards stood before they moved
  let held = null;  // the card under the hand

  const setLayers = (layers) => { alertText = ""; change({ layers }); paint(); };
  const setSize = (card, name, value) => {
    setLayers(model.get("layers").map((layer, i) => {
      if (cards[i] !== card) return layer;
      // Pooling windows that lie side by side stay so.
      const beside = layer.layer === "MaxPool2d" && name === "kernel_size" && layer.stride === layer.kernel_size;
      return { ...layer, [name]: value, ...(beside ? { stride: value } : {}) };
    }));
  };
  const refuse = (text) => { if (alertText !== text) { alertText = text; paint(); } };

  // Order -----------------------------------------------------------------------------------------
  function move(from, to) {
    const layers = [...model.get("layers")];
    if (from === to || to < 0 || to >= layers.length) return;
    tops = new Map(cards.map((card) => [card, card.element.offsetTop]));
    layers.splice(to, 0, ...layers.splice(from, 1));
    cards.splice(to, 0, ...cards.splice(from, 1));
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    arrange();
    focused?.focus({ preventScroll: true });
    setLayers(layers);
    say(news, `${KINDS[layers[to].layer].title} is now layer ${to + 1} of ${layers.length}`);
  }

  function remove(index) {
    const layers = model.get("layers").filter((_, i) => i !== index);
    say(news, `layer ${index + 1}, ${KINDS[model.get("layers")[index].layer].title}, is removed`);
    cards.splice(index, 1)[0].element.remove();
    (cards[Math.min(index, cards.length - 1)]?.handle ?? adders[0]).focus({ preventScroll: true });
    setLayers(layers);
  }

  /** Layers that look at windows go before the flatten, the others to the end. */
  function add(kind) {
    const layers = [...model.get("layers")];
    if (layers.length >= MOST_LAYERS) return refuse(`A net of more than ${MOST_LAYERS} layers does not fit on this page.`);
    const flat = layers.findIndex(({ layer }) => layer === "Flatten");
    const place = KINDS[kind].fresh.kernel_size && flat >= 0 ? flat : layers.length;
    layers.splice(place, 0, { layer: kind, ...KINDS[kind].fresh });
    cards.splice(place, 0, makeCard(kind));
    say(news, `${KINDS[kind].title} is added as layer ${place + 1} of ${layers.length}`);
    setLayers(layers);
  }

  function arrange() {
    cards.forEach((card, i) => {
      if (list.children[i] !== card.element) list.insertBefore(card.element, list.children[i] ?? null);
    });
  }

  function makeCard(kind) {
    const card = { kind };
    const index = () => cards.indexOf(card);
    card.handle = html("button", { type: "button", class: "take", ...KEEP_KEYS });
    onKey(card.handle, (key, event) => {
      if (event.ctrlKey || event.shiftKey) return false;
      if (key === "ArrowUp") move(index(), index() - 1);
      else if (key === "ArrowDown") move(index(), index() + 1);
      else if (key === "Delete" || key === "Backspace") remove(index());
      else return false;
      return true;
    });
    card.fields = Object.entries(KINDS[kind].fresh).map(([name]) => [name, sizeField(WORDS[name], {
      minimum: name === "padding" ? 0 : 1, same: name === "padding",
      changed: (value) => setSize(card, name, value), refused: refuse })]);
    card.tools = [[UP, "move up", () => move(index(), index() - 1)], [DOWN, "move down", () => move(index(), index() + 1)],
      [CROSS, "remove", () => remove(index())]].map(([path, label, pressed]) => [label, toolButton(path, label, pressed)]);
    card.row = tableRow("layer", [card.handle, html("div", { class: "what" },
      html("div", { class: "title" }, html("b", {}, KINDS[kind].title),
        html("span", { class: "tools" }, card.tools.map(([, element]) => element))),
      html("div", { class: "sizes" }, card.fields.map(([, field]) => field.element)))]);
    card.element = card.row.element;
    return card;
  }

  // What stays ------------------------------------------------------------------------------------
  const presets = html("div", { class: "presets", role: "group", "aria-label": "nets to begin with" });
  const axis = (units) => html("span", { class: "axis", "aria-hidden": "true" },
    units.map((unit, i) => html("span", { style: `left:${25 * i}%` }, unit)));
  const head = html("div", { role: "row", class: "entry head" },
    html("div", { role: "columnheader" }, "layer"), html("div", { role: "columnheader" }, "output"),
    html("div", { role: "columnheader" }, "parameters", axis(["1", "k", "M", "G", "T"])),
    html("div", { role: "columnheader" }, "multiply-adds", axis(["1", "k", "M", "G", "T"])),
    html("div", { role: "columnheader" }, html("span", { title: "Θ: all parameters, a: the activations of one image" }, "memory, float32"),
      axis(["B", "", "M", "", "T"])));
  const wholeTitle = html("small");
  const whole = tableRow("whole", [html("div", { class: "what" }, html("b", {}, "whole net"), wholeTitle)]);
  const inputFields = ["channels", "rows", "columns"].map((word, place) => sizeField(word, { refused: refuse,
    changed: (value) => {
      alertText = "";
      change({ input_shape: model.get("input_shape").map((old, i) => (i === place ? value : old)) });
      paint();
    } }));
  const input = tableRow("in", [html("span", { class: "take fixed", "aria-hidden": "true" }, "x"),
    html("div", { class: "what" }, html("div", { class: "title" }, html("b", {}, "input")),
      html("div", { class: "sizes" }, inputFields.map((field) => field.element)))]);
  const list = html("div", { class: "layers", role: "rowgroup" });
  const adders = Object.entries(KINDS).map(([kind, { title }]) => html("button", { type: "button", class: "cnn-button",
    ...KEEP_KEYS, "aria-label": `add ${title}`, onclick: () => add(kind) }, html("span", { "aria-hidden": "true" }, "+"), title));
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const hint = hintLine("Type into a size, or press ", keys("↑", "↓"), " in it · drag a layer by its number, or on the number press ",
    keys("↑", "↓", "Delete"), " · bars: logarithms, 1 to 10¹²");
  const news = html("div", { class: "cnn-hidden", role: "status" });
  const root = html("div", { class: "cnn cnn-counter", role: "group", "aria-label": "Count what a net costs" },
    presets,
    html("div", { role: "table", "aria-label": "layers and what they cost", class: "ledger" }, head, whole.element, input.element, list),
    html("div", { class: "cnn-buttons adders", role: "group", "aria-label": "add a layer" }, adders),
    html("div", { class: "cnn-foot" }, says), html("div", { class: "cnn-foot" }, hint.element), news);
  el.append(root);

  // A layer is taken by its number and carried to its new place.
  onDrag(list, {
    start(event) {
      const at = cards.findIndex((card) => card.handle.contains(event.target));
      if (at < 0) return false;
      held = cards[at];
      root.classList.add("cnn-dragging");
      held.element.classList.add("held");
      return true;
    },
    move(event) {
      const y = event.clientY - list.getBoundingClientRect().top;
      const over = cards.findIndex(({ element }) => y >= element.offsetTop && y < element.offsetTop + element.offsetHeight);
      const from = cards.indexOf(held);
      if (over < 0 || over === from) return;
      // Only once the hand is where the layer will lie: rows of different heights would swap forever.
      const { offsetTop, offsetHeight } = cards[over].element;
      const size = held.element.offsetHeight;
      if (over > from ? y > offsetTop + offsetHeight - size : y < offsetTop + size) move(from, over);
    },
    end() {
      root.classList.remove("cnn-dragging");
      held.element.classList.remove("held");
      held = null;
    },
  });

  // What changes ------------------------------------------------------------------------------------
  let drawnPresets = "";
  let choices = [];
  function drawPresets(inputShape, layers) {
    const known = model.get("presets");
    const now = JSON.stringify([inputShape, layers.map(sorted)]);
    const pressed = known.map((one) => JSON.stringify([one.input_shape, one.layers.map(sorted)]) === now);
    if (drawnPresets !== pressed.join()) {
      if (choices.length !== known.length) {
        choices = known.map((one) => html("button", { type: "button", class: "cnn-button", ...KEEP_KEYS,
          onclick: () => { alertText = ""; change({ input_shape: one.input_shape, layers: one.layers }); paint(); } }, one.name));
        const image = ({ input_shape: [, rows, columns] }) => `${rows}×${columns} image`;
        presets.replaceChildren(...[...new Set(known.map(image))].map((name) => html("div", { class: "cnn-buttons" },
          html("span", {}, name), choices.filter((_, i) => image(known[i]) === name))));
      }
      choices.forEach((element, i) => put(element, "aria-pressed", String(pressed[i])));
      drawnPresets = pressed.join();
    }
  }
  const sorted = (layer) => Object.entries(layer).sort(([a], [b]) => (a < b ? -1 : 1));

  function draw() {
    const [inputShape, layers] = [model.get("input_shape"), model.get("layers")];
    const counted = countLayers(inputShape, layers);
    const { rows, totals, problem } = counted;
    if (cards.map(({ kind }) => kind).join() !== layers.map(({ layer }) => layer).join()) {
      cards = layers.map(({ layer }, i) => (cards[i]?.kind === layer ? cards[i] : makeCard(layer)));
      [...list.children].forEach((element) => cards.some((card) => card.element === element) || element.remove());
    }
    arrange();

    drawPresets(inputShape, layers);
    say(wholeTitle, plural(layers.length, "layer"));
    whole.show(totals, problem ? "–" : times(rows.at(-1).output_shape));
    inputFields.forEach((field, i) => field.show(inputShape[i], `input ${["channels", "rows", "columns"][i]}`));
    input.show(rows[0], times(inputShape), rows.length ? "" : problem);
    layers.forEach((layer, i) => {
      const { handle, fields, tools, row } = cards[i];
      const { title } = KINDS[layer.layer];
      const name = `layer ${i + 1}, ${title}`;
      say(handle, String(i + 1));
      put(handle, "aria-label", `${name}: up and down arrow move it, Delete removes it`);
      put(handle, "title", "drag to reorder");
      for (const [size, field] of fields) field.show(layer[size], `${WORDS[size] === "pad" ? "padding" : WORDS[size]} of ${name}`);
      for (const [label, element] of tools) {
        put(element, "aria-label", `${label} ${name}`);
        put(element, "disabled", (label === "move up" && i === 0) || (label === "move down" && i === layers.length - 1));
      }
      const counts = rows[i + 1];
      row.show(counts, counts ? times(counts.output_shape) : "–", i + 1 === rows.length ? problem : "");
    });
    say(says, describe(inputShape, layers, counted));
    hint.show(alertText);

    // What became what: each layer glides to its new place.
    if (tops && !stillMotion()) {
      for (const { element } of cards.filter((card) => tops.has(card) && card !== held)) {
        const way = tops.get(cards.find((card) => card.element === element)) - element.offsetTop;
        if (way) element.animate([{ transform: `translateY(${way}px)` }, { transform: "none" }], { duration: 180, easing: "ease-out" });
      }
    }
    tops = null;
  }
  const paint = oncePerFrame(draw);

  // Life ------------------------------------------------------------------------------------------------
  return live(model, root, ["input_shape", "layers", "presets"], paint, { themed: () => {} });
}

export default { render };
