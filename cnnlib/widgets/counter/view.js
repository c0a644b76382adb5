// Counter.
//
// The model holds the input's shape and the list of layers; countLayers() makes every number from
// them. Each gesture changes the list; draw() paints what the model says.

import { hintLine, keys } from "../shared/controls.js";
import { differs, html, pointIn, put, say } from "../shared/dom.js";
import { byFinger, KEEP_KEYS, onDrag, onKey } from "../shared/hand.js";
import { batched, live, oncePerFrame } from "../shared/life.js";
import { stillMotion } from "../shared/motion.js";
import { inWords, knownName, t, told } from "../shared/words.js";
import { countLayers, describe, KINDS, many, times, titleOf } from "./model.js";
import { CROSS, DOWN, sizeField, tableRow, toolButton, UP } from "./table.js";

const MOST_LAYERS = 24;
const SIDES = 3; // channels, rows, columns

/** @param {import("../shared/life.js").Context} context */
function render({ model, el }) {
  const tell = batched(model);
  const paint = oncePerFrame(() => draw());
  const hint = hintLine(told(byFinger() ? "counter.hint_touch" : "counter.hint", { arrows: keys("↑", "↓"), keys: keys("↑", "↓", t("counter.delete")) }));
  const change = (values) => {
    hint.show("");
    tell(values);
    paint();
  };
  const news = html("div", { class: "cnn-hidden", role: "status" });
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const presets = presetButtons(model, change);
  const input = inputRow(hint.show, (place, value) => change({ input_shape: model.get("input_shape").with(place, value) }));
  const wholeTitle = html("small");
  const whole = tableRow("whole", [html("div", { class: "what" }, html("b", {}, t("counter.whole")), wholeTitle)]);
  const layers = layerList(model, { change, refuse: hint.show, news });
  const root = html("div", { class: "cnn cnn-counter", role: "group", "aria-label": t("counter.label") },
    presets.element,
    html("div", { role: "table", "aria-label": t("counter.table"), class: "ledger" }, tableHead(), whole.element, input.element, layers.element),
    layers.adders,
    html("div", { class: "cnn-foot" }, says), html("div", { class: "cnn-foot" }, hint.element), news);
  el.append(root);

  function draw() {
    const [inputShape, list] = [model.get("input_shape"), model.get("layers")];
    const counted = countLayers(inputShape, list);
    const { rows, totals, problem } = counted;
    presets.show(inputShape, list);
    say(wholeTitle, many("counter.layers", list.length));
    whole.show(totals, problem ? "–" : times(rows[rows.length - 1].output_shape));
    input.show(inputShape, rows, problem);
    layers.show(list, rows, problem);
    say(says, describe(inputShape, list, counted));
  }

  return live(model, root, ["input_shape", "layers", "presets"], paint);
}

function tableHead() {
  const axis = (units) => html("span", { class: "axis", "aria-hidden": "true" },
    units.map((unit, i) => html("span", { style: `left:${25 * i}%` }, unit)));
  const memory = html("span", { title: t("counter.memory_title") }, t("counter.memory_float32"));
  return html("div", { role: "row", class: "entry head" },
    html("div", { role: "columnheader" }, t("counter.layer")), html("div", { role: "columnheader" }, t("counter.output")),
    html("div", { role: "columnheader" }, t("counter.parameters_head"), axis(["1", "k", "M", "G", "T"])),
    html("div", { role: "columnheader" }, t("counter.multiply_adds_head"), axis(["1", "k", "M", "G", "T"])),
    html("div", { role: "columnheader" }, memory, axis(["B", "", "M", "", "T"])));
}

/** The row of the input, whose sizes are edited in it. */
function inputRow(refused, changed) {
  const fields = Array.from({ length: SIDES }, (_, place) =>
    sizeField(t(`counter.side_${place}`), { refused, changed: (value) => changed(place, value) }));
  const row = tableRow("in", [html("span", { class: "take fixed", "aria-hidden": "true" }, "x"),
    html("div", { class: "what" }, html("div", { class: "title" }, html("b", {}, t("counter.input"))),
      html("div", { class: "sizes" }, fields.map((field) => field.element)))]);
  return {
    element: row.element,
    show(shape, rows, problem) {
      fields.forEach((field, i) => field.show(shape[i], t(`counter.input_side_${i}`)));
      row.show(rows[0], times(shape), rows.length ? "" : problem);
    },
  };
}

/** Nets to begin with; the one that stands there is pressed. */
function presetButtons(model, change) {
  const element = html("div", { class: "presets", role: "group", "aria-label": t("counter.presets") });
  const sorted = (layer) => Object.entries(layer).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = ({ input_shape: shape, layers }) => JSON.stringify([shape, layers.map(sorted)]);
  let choices = [];
  return {
    element,
    show(shape, layers) {
      const known = model.get("presets");
      const now = text({ input_shape: shape, layers });
      const pressed = known.map((one) => text(one) === now);
      if (!differs(element, "pressed", pressed)) return;
      if (choices.length !== known.length) {
        choices = known.map((one) => html("button", { type: "button", class: "cnn-button", ...KEEP_KEYS,
          onclick: () => change({ input_shape: one.input_shape, layers: one.layers }) }, knownName("counter.preset_", one.name)));
        const image = ({ input_shape: [, rows, columns] }) => t("counter.image", { size: `${rows}×${columns}` });
        element.replaceChildren(...[...new Set(known.map(image))].map((name) => html("div", { class: "cnn-buttons" },
          html("span", {}, name), choices.filter((_, i) => image(known[i]) === name))));
      }
      choices.forEach((button, i) => put(button, "aria-pressed", String(pressed[i])));
    },
  };
}

/** The layers: a card each, in their order, with what moves, adds and removes them. */
function layerList(model, { change, refuse, news }) {
  let cards = [];   // one a layer, in the order of the layers
  let tops = null;  // where the cards stood before they moved
  let held = null;  // the card under the hand
  const element = html("div", { class: "layers", role: "rowgroup" });
  const adders = Object.keys(KINDS).map((kind) => html("button", { type: "button", class: "cnn-button",
    ...KEEP_KEYS, "aria-label": t("counter.add", { kind: titleOf(kind) }), onclick: () => acts.add(kind) }, html("span", { "aria-hidden": "true" }, "+"), titleOf(kind)));
  const arrange = () => cards.forEach((card, i) => {
    if (element.children[i] !== card.element) element.insertBefore(card.element, element.children[i] ?? null);
  });

  const acts = {
    index: (card) => cards.indexOf(card),
    refuse,
    setSize(card, name, value) {
      change({ layers: model.get("layers").map((layer, i) => {
        if (cards[i] !== card) return layer;
        // Pooling windows that lie side by side stay so.
        const beside = layer.layer === "MaxPool2d" && name === "kernel_size" && layer.stride === layer.kernel_size;
        return { ...layer, [name]: value, ...(beside ? { stride: value } : {}) };
      }) });
    },
    move(from, to) {
      const layers = [...model.get("layers")];
      if (from === to || Math.min(from, to) < 0 || Math.max(from, to) >= layers.length) return;
      tops = new Map(cards.map((card) => [card, card.element.offsetTop]));
      layers.splice(to, 0, ...layers.splice(from, 1));
      cards.splice(to, 0, ...cards.splice(from, 1));
      const focused = /** @type {HTMLElement | null} */ (element.contains(document.activeElement) ? document.activeElement : null);
      arrange();
      focused?.focus({ preventScroll: true });
      change({ layers });
      say(news, t("counter.moved", { kind: titleOf(layers[to].layer), number: to + 1, count: layers.length }));
    },
    remove(index) {
      if (!model.get("layers")[index]) return; // the hand was quicker than the frame that shows fewer of them
      const layers = model.get("layers").filter((_, i) => i !== index);
      say(news, t("counter.removed", { number: index + 1, kind: titleOf(model.get("layers")[index].layer) }));
      cards.splice(index, 1)[0].element.remove();
      (cards[Math.min(index, cards.length - 1)]?.handle ?? adders[0]).focus({ preventScroll: true });
      change({ layers });
    },
    /** Layers that look at windows go before the flatten, the others to the end. */
    add(kind) {
      const layers = [...model.get("layers")];
      if (layers.length >= MOST_LAYERS) return refuse(t("counter.too_many", { most: MOST_LAYERS }));
      const flat = layers.findIndex(({ layer }) => layer === "Flatten");
      const place = KINDS[kind].kernel_size && flat >= 0 ? flat : layers.length;
      layers.splice(place, 0, { layer: kind, ...KINDS[kind] });
      cards.splice(place, 0, layerCard(kind, acts));
      say(news, t("counter.added", { kind: titleOf(kind), number: place + 1, count: layers.length }));
      change({ layers });
    },
  };

  /** What became what: each layer glides to its new place. */
  function glide() {
    if (tops && !stillMotion()) {
      for (const card of cards.filter((one) => tops.has(one) && one !== held)) {
        const way = tops.get(card) - card.element.offsetTop;
        if (way) card.element.animate([{ transform: `translateY(${way}px)` }, { transform: "none" }], { duration: 180, easing: "ease-out" });
      }
    }
    tops = null;
  }

  /** A layer is taken by its number and carried to its new place. */
  onDrag(element, {
    start(event) {
      held = cards.find((card) => card.handle.contains(event.target)) ?? null;
      if (!held) return false;
      held.element.classList.add("held");
      return true;
    },
    move(event) {
      const { y } = pointIn(element, event);
      const over = cards.findIndex((card) => y >= card.element.offsetTop && y < card.element.offsetTop + card.element.offsetHeight);
      const from = cards.indexOf(held);
      if (over < 0 || over === from) return;
      // Only once the hand is where the layer will lie: rows of different heights would swap forever.
      const { offsetTop, offsetHeight } = cards[over].element;
      const size = held.element.offsetHeight;
      if (over > from ? y > offsetTop + offsetHeight - size : y < offsetTop + size) acts.move(from, over);
    },
    end() {
      held.element.classList.remove("held");
      held = null;
    },
  });

  return {
    element,
    adders: html("div", { class: "cnn-buttons adders", role: "group", "aria-label": t("counter.add_layer") }, adders),
    show(layers, rows, problem) {
      if (cards.map(({ kind }) => kind).join() !== layers.map(({ layer }) => layer).join()) {
        cards = layers.map(({ layer }, i) => (cards[i]?.kind === layer ? cards[i] : layerCard(layer, acts)));
        for (const child of [...element.children]) if (!cards.some((card) => card.element === child)) child.remove();
      }
      arrange();
      layers.forEach((layer, i) => cards[i].show(layer, i, layers.length, rows[i + 1], i + 1 === rows.length ? problem : ""));
      glide();
    },
  };
}

/** One layer: its number, by which it is taken, its tools and its sizes. */
function layerCard(kind, acts) {
  const title = titleOf(kind);
  const index = () => acts.index(card);
  const handle = html("button", { type: "button", class: "take", title: t("counter.drag"), ...KEEP_KEYS });
  onKey(handle, (key, event) => {
    if (event.ctrlKey || event.shiftKey) return false;
    if (key === "ArrowUp") acts.move(index(), index() - 1);
    else if (key === "ArrowDown") acts.move(index(), index() + 1);
    else if (key === "Delete" || key === "Backspace") acts.remove(index());
    else return false;
    return true;
  });
  const fields = Object.keys(KINDS[kind]).map((name) => ({ name, field: sizeField(t(`counter.size_${name}`), {
    minimum: name === "padding" ? 0 : 1, same: name === "padding",
    changed: (value) => acts.setSize(card, name, value), refused: acts.refuse }) }));
  const tools = [
    { name: "move_up", tool: toolButton(UP, t("counter.move_up"), () => acts.move(index(), index() - 1)) },
    { name: "move_down", tool: toolButton(DOWN, t("counter.move_down"), () => acts.move(index(), index() + 1)) },
    { name: "remove", tool: toolButton(CROSS, t("counter.remove"), () => acts.remove(index())) },
  ];
  const row = tableRow("layer", [handle, html("div", { class: "what" },
    html("div", { class: "title" }, html("b", {}, title), html("span", { class: "tools" }, tools.map(({ tool }) => tool))),
    html("div", { class: "sizes" }, fields.map(({ field }) => field.element)))]);
  const card = {
    kind, handle, element: row.element,
    show(layer, place, length, counts, problem) {
      const called = t("counter.layer_named", { number: place + 1, kind: title });
      say(handle, String(place + 1));
      put(handle, "aria-label", t("counter.handle", { layer: called }));
      for (const { name, field } of fields) field.show(layer[name], t(`counter.field_${name}`, { layer: called }));
      for (const { name, tool } of tools) {
        put(tool, "aria-label", t(`counter.tool_${name}`, { layer: called }));
        put(tool, "disabled", (name === "move_up" && place === 0) || (name === "move_down" && place === length - 1));
      }
      row.show(counts, counts ? times(counts.output_shape) : "–", problem);
    },
  };
  return card;
}

export default { render: inWords(render) };
