// LookInside.
//
// Python sends all activations and all weights once; the page follows the hand with them.

import { choice, foot, hintLine, keys } from "../shared/controls.js";
import { differs, html, put, say } from "../shared/dom.js";
import { byFinger, KEEP_KEYS } from "../shared/hand.js";
import { live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { gestures } from "./gestures.js";
import { ledgerOf } from "../shared/ledger.js";
import { compute, describe, layerName } from "../shared/unit.js";
import { inWords, t, told } from "../shared/words.js";
import { unpack } from "./model.js";
import { panelsOf } from "./panels.js";

const STOP = 72;         // the least width of a layer's button, with the gap
const NARROW = 620;
const NAMES = ["image", "layer", "map", "row", "col"];

/** @param {import("../shared/life.js").Context} context */
function render({ model, el }) {
  const data = unpack(model);
  const size = model.get("_size");
  const paint = oncePerFrame(() => draw());
  const hand = gestures(model, data);
  const images = choice(t("look_inside.image"), [...Array(data.values.length / data.total).keys()], hand.chooseImage);
  const rail = layerRail(data.entries.slice(1), hand.chooseLayer);
  const stage = html("div", { class: "panels" });
  const ledger = html("div", {});
  const hint = hintLine(told(byFinger() ? "look_inside.hint_touch" : "look_inside.hint", { keys: keys("←", "→", "↑", "↓") }));
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const root = html("div", { class: "cnn cnn-look-inside", role: "group", "aria-label": t("look_inside.label") },
    html("div", { class: "images" }, html("span", {}, t("look_inside.image")), images.element), rail.element, stage, ledger,
    ...foot(says, hint.element));
  el.append(root);
  let parts; // made anew when the layer or the width changes

  function build(now, width) {
    const narrow = width < NARROW;
    parts = { panels: panelsOf(now, data, size, width, narrow, hand), ledger: ledgerOf(now, width) };
    stage.replaceChildren(...parts.panels.elements);
    put(stage, "class", `panels${narrow ? " stacked" : ""}`);
    stage.style.setProperty("--side", `${parts.panels.side}px`);
    ledger.replaceChildren(parts.ledger.element);
    root.classList.toggle("cnn-narrow", narrow);
    rail.arrange(width);
  }

  function draw() {
    const [now, width, theme] = [compute(model, data), roomIn(root), themeOf(root)];
    if (differs(root, "built", [now.layer, width])) build(now, width);
    parts.panels.show(now, theme);
    parts.ledger.show(now, data, theme);
    images.show(now.image);
    rail.show(now.one);
    say(says, describe(now, size));
  }

  return live(model, root, NAMES, paint);
}

/** The layers, to be chosen from. */
function layerRail(entries, chosen) {
  const name = `cnn-layer-${Math.random()}`;
  const stops = entries.map((one) => {
    const radio = html("input", { type: "radio", name, ...KEEP_KEYS, onchange: () => chosen(one) });
    const shape = one.shape[1] * one.shape[2] === 1 ? String(one.shape[0]) : one.shape.join("×");
    return { one, radio, element: html("label", { class: `stop is-${one.kind}` }, radio,
      html("span", {}, html("b", {}, layerName(one.name)), html("small", {}, shape))) };
  });
  const element = html("div", { class: "rail", role: "radiogroup", "aria-label": t("look_inside.layer") }, stops.map((stop) => stop.element));
  return {
    element,
    arrange(width) {
      const lines = Math.ceil(stops.length / Math.floor((width + 4) / STOP)); // equally long ones
      element.style.gridTemplateColumns = `repeat(${Math.ceil(stops.length / lines)}, minmax(0, 1fr))`;
    },
    show(layer) { for (const { one, radio } of stops) radio.checked = one === layer; },
  };
}

export default { render: inWords(render) };
