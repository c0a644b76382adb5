// FilterBench.
//
// The model holds a kernel, a picture, and where the window is. Every gesture changes the model; draw()
// paints what the model says.

import { choice, foot, hintLine, keys, toggle } from "../shared/controls.js";
import { differs, html, put, say } from "../shared/dom.js";
import { numberEditor } from "../shared/edit.js";
import { byFinger, KEEP_KEYS } from "../shared/hand.js";
import { live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { inWords, t, told } from "../shared/words.js";
import { gestures } from "./gestures.js";
import { buildGrids } from "./grids.js";
import { called, compute, layout, NAMELESS, outputs, OWN, presetsOf, words } from "./model.js";
import { outputPart, photoPart, raysOf, resultPart } from "./pictures.js";

const NAMES = ["kernel", "divide", "photo", "own", "clip", "row", "col"];

/** @param {import("../shared/life.js").Context} context */
function render({ model, el }) {
  const presets = presetsOf(model);
  const mapOf = outputs();
  const paint = oncePerFrame(() => draw());
  const hint = hintLine(told(byFinger() ? "filter_bench.hint_touch" : "filter_bench.hint", { arrows: keys("←", "→", "↑", "↓"), shift: keys(t("shared.shift")) }));
  const editor = numberEditor(hint, paint);
  let grids; // made anew when their size changes
  let busy = false; // a picture is being read
  const hand = gestures(model, presets, { paint, hint, editor, kernelPart: () => grids.kernel,
    busy(is) {
      busy = is;
      put(root, "aria-busy", is ? "true" : null);
      paint();
    } });

  const bar = controlBar(model, presets, hand);
  const [photo, output] = [photoPart(hand), outputPart(hand)];
  const tools = kernelTools(hand);
  const views = choice(t("filter_bench.views"), [[false, t("filter_bench.signed")], [true, t("filter_bench.as_photo")]], (clip) => hand.change({ clip }));
  const result = resultPart(views.element);
  const rays = raysOf();
  const slots = ["patch", "products"].map((name) => html("figure", { class: name }));
  const sign = (text, place) => html("div", { class: `cnn-sign ${place}`, "aria-hidden": "true" }, text);
  const stage = html("div", { class: "bench-stage" }, photo.element, sign("⋆", "star"), tools.element, sign("=", "bench-equals"),
    output.element, ...slots, sign("Σ", "sigma"), result.element, rays.element);
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const root = html("div", { class: "cnn cnn-bench", role: "group", "aria-label": t("filter_bench.label") },
    bar.element, hand.own.panel, stage, ...foot(says, hint.element));
  el.append(root);
  hand.own.takeFrom(root);

  function draw() {
    const [state, theme] = [compute(model, presets, mapOf), themeOf(root)];
    const { wide, pitch, unit } = layout(state, roomIn(root) - 2);
    hand.keep(state);
    put(root, "data-wide", String(wide));
    if (differs(stage, "built", [state.side, pitch])) {
      editor.close();
      const old = grids;
      grids = buildGrids(state.side, pitch, hand);
      [tools.slot, ...slots].forEach((slot, i) => {
        const name = /** @type {const} */ (["kernel", "patch", "products"])[i];
        (old ? old[name].figure : slot).replaceWith(grids[name].figure);
      });
    }
    photo.show(state, unit, busy);
    output.show(state, unit, theme);
    grids.show(state, theme);
    result.show(state, theme);
    rays.show(stage, { seen: photo.outline, cell: output.outline, patch: grids.patch.grid.frame, sum: result.total, past: result.past }, wide);
    bar.show(state);
    tools.show(state);
    views.show(state.clip);
    say(says, words(state).says);
  }

  return live(model, root, NAMES, paint, { closed() {
    editor.close();
    hand.own.close();
  } });
}

/** The choice of a photograph and of a kernel. */
function controlBar(model, presets, hand) {
  const option = (value) => html("option", { value }, called(value));
  const menu = (label, changed, ...children) => html("select", { class: "cnn-button menu", "aria-label": label, ...KEEP_KEYS,
    onchange: (event) => changed(event.target.value) }, ...children);
  const own = option(OWN);
  const photos = menu(t("filter_bench.photograph"), hand.choosePhoto, Object.keys(model.get("photos")).map(option), own);
  const named = (lecture) => presets.filter((one) => one.lecture === lecture).map((one) => option(one.name));
  const kernels = menu(t("filter_bench.kernel_menu"), hand.chooseKernel, html("optgroup", { label: t("filter_bench.of_lecture") }, named(true)),
    html("optgroup", { label: t("filter_bench.of_field") }, named(false)), html("optgroup", { label: t("filter_bench.yours") }, option(NAMELESS)));
  const sides = choice(t("filter_bench.size"), [[3, "3×3"], [5, "5×5"]], hand.resize);
  return {
    element: html("div", { class: "cnn-bar" }, html("div", { class: "cnn-buttons" }, photos, hand.own.buttons),
      html("div", { class: "cnn-buttons" }, kernels, sides.element)),
    show({ photo, name, side }) {
      put(own, "hidden", !model.get("own"));
      photos.value = photo;
      kernels.value = name;
      sides.show(side);
    },
  };
}

/** The kernel, with the brush and the division below it. */
function kernelTools(hand) {
  const slot = html("figure");
  const brushes = choice(t("filter_bench.brush"), [[-1, "−1"], [0, "0"], [1, "+1"]], hand.takeBrush);
  const label = html("span", {});
  const divide = toggle(label, (is) => hand.change({ divide: is }));
  return {
    slot,
    element: html("div", { class: "bench-tools" }, slot,
      html("div", { class: "brush" }, html("span", {}, t("filter_bench.paint")), brushes.element), divide.element),
    show(state) {
      brushes.show(hand.brush);
      divide.show(state.divide);
      divide.input.disabled = !state.divisible;
      say(label, words(state).divide);
    },
  };
}

export default { render: inWords(render) };
