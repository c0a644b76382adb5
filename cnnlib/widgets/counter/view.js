// Counter.
//
// The model holds the input's shape and the list of layers; countLayers() makes every number from
// them. Each gesture changes the list; draw() paints what the model says.

import { foot, hintLine, keys, legend } from "../shared/controls.js";
import { differs, html, pointIn, put, say } from "../shared/dom.js";
import { byFinger, KEEP_KEYS, onDrag, onKey, roving } from "../shared/hand.js";
import { live, oncePerFrame } from "../shared/life.js";
import { stillMotion } from "../shared/motion.js";
import { inWords, knownName, t, told } from "../shared/words.js";
import { gestures } from "./gestures.js";
import { countLayers, describe, KINDS, many, times, titleOf } from "./model.js";
import { CROSS, DOWN, sizeField, tableRow, toolButton, UP } from "./table.js";

const SIDES = 3; // channels, rows, columns

/** @param {import("../shared/life.js").Context} context */
function render({ model, el }) {
  const paint = oncePerFrame(() => draw());
  const hint = hintLine(told(byFinger() ? "counter.hint_touch" : "counter.hint", { arrows: keys("↑", "↓"), keys: keys("Alt", "↑", "↓"), across: keys("←", "→") }));
  const news = html("div", { class: "cnn-hidden", role: "status" });
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const hand = gestures(model, { hint, news, paint, cards: () => layers });
  const presets = presetButtons(model, hand);
  const input = inputRow(hand);
  const wholeTitle = html("small");
  const whole = tableRow("whole", [html("div", { class: "what" }, html("b", {}, t("counter.whole")), wholeTitle)]);
  const layers = layerList(hand);
  const ledger = html("div", { role: "grid", "aria-label": t("counter.table"), class: "ledger" },
    tableHead(), whole.element, input.element, layers.element);
  const root = html("div", { class: "cnn cnn-counter", role: "group", "aria-label": t("counter.label") },
    presets.element, ledger, legend(t("counter.legend")), layers.adders, ...foot(says, hint.element), news);
  const settle = roving(ledger, () => [input.controls, ...layers.controls()]);
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
    settle();
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
function inputRow(hand) {
  const fields = Array.from({ length: SIDES }, (_, place) =>
    sizeField(t(`counter.side_${place}`), { refused: hand.refuse, changed: (value) => hand.setSide(place, value) }));
  const row = tableRow("in", [html("span", { class: "take fixed", "aria-hidden": "true" }, "x"),
    html("div", { class: "what" }, html("div", { class: "title" }, html("b", {}, t("counter.input"))),
      html("div", { class: "sizes" }, fields.map((field) => field.element)))]);
  return {
    element: row.element,
    controls: fields.map(({ input }) => input),
    show(shape, rows, problem) {
      fields.forEach((field, i) => field.show(shape[i], t(`counter.input_side_${i}`)));
      row.show(rows[0], times(shape), rows.length ? "" : problem);
    },
  };
}

/** Nets to begin with; the one that stands there is pressed. */
function presetButtons(model, hand) {
  const element = html("div", { class: "presets", role: "toolbar", "aria-label": t("counter.presets") });
  const settle = roving(element, () => [choices]);
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
          onclick: () => hand.begin(one) }, knownName("counter.preset_", one.name)));
        const image = ({ input_shape: [, rows, columns] }) => t("counter.image", { size: `${rows}×${columns}` });
        element.replaceChildren(...[...new Set(known.map(image))].map((name) => html("div", { class: "cnn-buttons" },
          html("span", {}, name), choices.filter((_, i) => image(known[i]) === name))));
        settle();
      }
      choices.forEach((button, i) => put(button, "aria-pressed", String(pressed[i])));
    },
  };
}

/** The layers: a card each, in their order, with what moves, adds and removes them. */
function layerList(hand) {
  let cards = [];   // one a layer, in the order of the layers
  let tops = null;  // where the cards stood before they moved
  let held = null;  // the card under the hand
  const element = html("div", { class: "layers", role: "rowgroup" });
  const adders = Object.keys(KINDS).map((kind) => html("button", { type: "button", class: "cnn-button",
    ...KEEP_KEYS, "aria-label": t("counter.add", { kind: titleOf(kind) }), onclick: () => hand.add(kind) }, html("span", { "aria-hidden": "true" }, "+"), titleOf(kind)));
  const adding = html("div", { class: "cnn-buttons adders", role: "toolbar", "aria-label": t("counter.add_layer") }, adders);
  roving(adding, () => [adders])();
  const place = (card) => cards.indexOf(card);
  const arrange = () => cards.forEach((card, i) => {
    if (element.children[i] !== card.element) element.insertBefore(card.element, element.children[i] ?? null);
  });

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
      if (over > from ? y > offsetTop + offsetHeight - size : y < offsetTop + size) hand.move(from, over);
    },
    end() {
      held.element.classList.remove("held");
      held = null;
    },
  });

  return {
    element,
    adders: adding,
    controls: () => cards.map((card) => card.controls),
    moved(from, to) {
      tops = new Map(cards.map((card) => [card, card.element.offsetTop]));
      cards.splice(to, 0, ...cards.splice(from, 1));
      const focused = /** @type {HTMLElement | null} */ (element.contains(document.activeElement) ? document.activeElement : null);
      arrange();
      focused?.focus({ preventScroll: true });
    },
    removed(index) {
      cards.splice(index, 1)[0].element.remove();
      (cards[Math.min(index, cards.length - 1)]?.handle ?? adders[0]).focus({ preventScroll: true });
    },
    added(index, kind) { cards.splice(index, 0, layerCard(kind, hand, place)); },
    show(layers, rows, problem) {
      if (cards.map(({ kind }) => kind).join() !== layers.map(({ layer }) => layer).join()) {
        cards = layers.map(({ layer }, i) => (cards[i]?.kind === layer ? cards[i] : layerCard(layer, hand, place)));
        for (const child of [...element.children]) if (!cards.some((card) => card.element === child)) child.remove();
      }
      arrange();
      layers.forEach((layer, i) => cards[i].show(layer, i, layers.length, rows[i + 1], i + 1 === rows.length ? problem : ""));
      glide();
    },
  };
}

/** One layer: its number, by which it is taken, its tools and its sizes. */
function layerCard(kind, hand, place) {
  const title = titleOf(kind);
  const index = () => place(card);
  const handle = html("button", { type: "button", class: "take", title: t("counter.drag"), ...KEEP_KEYS });
  onKey(handle, (key, event) => {
    if (event.ctrlKey || event.shiftKey || !["Delete", "Backspace"].includes(key)) return false;
    hand.remove(index());
    return true;
  });
  const fields = Object.keys(KINDS[kind]).map((name) => ({ name, field: sizeField(t(`counter.size_${name}`), {
    minimum: name === "padding" ? 0 : 1, same: name === "padding",
    changed: (value) => hand.setSize(index(), name, value), refused: hand.refuse }) }));
  const tools = [
    { name: "move_up", tool: toolButton(UP, t("counter.move_up"), () => hand.move(index(), index() - 1)) },
    { name: "move_down", tool: toolButton(DOWN, t("counter.move_down"), () => hand.move(index(), index() + 1)) },
    { name: "remove", tool: toolButton(CROSS, t("counter.remove"), () => hand.remove(index())) },
  ];
  const row = tableRow("layer", [handle, html("div", { class: "what" },
    html("div", { class: "title" }, html("b", {}, title), html("span", { class: "tools" }, tools.map(({ tool }) => tool))),
    html("div", { class: "sizes" }, fields.map(({ field }) => field.element)))]);
  onKey(row.element, (key, event) => {
    if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(key)) return false;
    hand.move(index(), index() + (key === "ArrowUp" ? -1 : 1));
    return true;
  }, { alt: true });
  const card = {
    kind, handle, element: row.element,
    controls: [handle, ...tools.map(({ tool }) => tool), ...fields.map(({ field }) => field.input)],
    show(layer, at, length, counts, problem) {
      const called = t("counter.layer_named", { number: at + 1, kind: title });
      say(handle, String(at + 1));
      put(handle, "aria-label", t("counter.handle", { layer: called }));
      for (const { name, field } of fields) field.show(layer[name], t(`counter.field_${name}`, { layer: called }));
      for (const { name, tool } of tools) {
        put(tool, "aria-label", t(`counter.tool_${name}`, { layer: called }));
        const idle = (name === "move_up" && at === 0) || (name === "move_down" && at === length - 1);
        put(tool, "aria-disabled", idle ? "true" : null); // it keeps the focus that it has
      }
      row.show(counts, counts ? times(counts.output_shape) : "–", problem);
    },
  };
  return card;
}

export default { render: inWords(render) };
