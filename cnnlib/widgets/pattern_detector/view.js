// PatternDetector.
//
// A filter slides along one row of a photograph; the hand moves the window, or chooses another row.

import { choice, foot, hintLine, keys, slider, toggle } from "../shared/controls.js";
import { html, pointIn, say } from "../shared/dom.js";
import { byFinger, onDrag, onKey } from "../shared/hand.js";
import { live, oncePerFrame, roomIn } from "../shared/life.js";
import { playButtons, playClock } from "../shared/player.js";
import { inWords, t, told } from "../shared/words.js";
import { gestures } from "./gestures.js";
import { pictureLanes } from "./lanes.js";
import { filterName, geometry, nextPlace, responses, sentence } from "./model.js";

const STEP_MS = 40;
const NAMES = ["pixels", "shape", "kernels", "selected", "row", "position", "reveal", "playing"];

/** @param {import("../shared/life.js").Context} context */
const initialize = ({ model }) => playClock(model, STEP_MS, () => nextPlace(model));

/** @param {import("../shared/life.js").Context} context */
function render({ model, el }) {
  const paint = oncePerFrame(() => draw());
  const hand = gestures(model, paint);
  const player = playButtons(model, hand.change, { next: () => nextPlace(model), go: hand.change, restart: hand.restart });
  const all = toggle(t("shared.show_all"), (reveal) => hand.change({ reveal }));
  const filters = choice(t("pattern_detector.filter"), Object.keys(model.get("kernels")).map((name) => [name, filterName(name)]), (selected) => hand.change({ selected, playing: false }));
  const rows = slider(t("pattern_detector.row"), 0, model.get("shape")[0] - 1, (row) => hand.change({ row }));
  const lanes = pictureLanes(model);
  const hint = hintLine(told(byFinger() ? "pattern_detector.hint_touch" : "pattern_detector.hint", { across: keys("←", "→"), down: keys("↑", "↓") }));
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const root = html("div", { class: "cnn cnn-detector", role: "group", "aria-label": t("pattern_detector.label") },
    html("div", { class: "cnn-bar" },
      html("div", { class: "cnn-buttons" }, player.play.element, player.reset.element, all.element),
      html("div", { class: "sliders" }, rows.element, filters.element)),
    lanes.element, ...foot(says, hint.element));
  el.append(root);
  listen(lanes, hand);

  function draw() {
    const now = geometry(model);
    const [reveal, wide] = [model.get("reveal"), roomIn(root)];
    hand.visit(now);
    const state = responses(now, (index) => reveal || hand.has(index));
    lanes.show(state, wide);
    player.show();
    all.show(reveal);
    filters.show(now.selected);
    rows.show(now.row);
    root.classList.toggle("cnn-narrow", wide < 560);
    say(says, sentence(state, reveal));
  }

  return live(model, root, NAMES, paint);
}

/** Drag the window along the signal, or over the photograph to another row; keys. */
function listen({ element, canvas }, { now, goTo }) {
  let grip = null; // where in the window the hand holds it, and whether it is in the photograph
  const at = (event) => {
    const { width, height } = now();
    const { x, y } = pointIn(element, event);
    return { x: x / element.offsetWidth * width, row: Math.floor(y / canvas.clientHeight * height) };
  };
  const follow = (event) => {
    const { x, row } = at(event);
    if (grip.photo) goTo(x - grip.offset, row);
    else goTo(x - grip.offset);
  };
  onDrag(element, {
    start(event) {
      const { x, row } = at(event);
      const { at: left, kernel, height } = now();
      const held = x >= left && x < left + kernel.length;
      grip = { photo: row < height, offset: held ? x - left : kernel.length / 2 };
      element.focus({ preventScroll: true });
      // A finger beside the window may be scrolling the page: only what is dragged counts.
      if (held || event.pointerType !== "touch") follow(event);
      return held || grip.photo || "loose";
    },
    move: follow,
  });
  onKey(element, (key, event) => {
    const { at: left, count, row } = now();
    const to = { ArrowLeft: left - 1, ArrowRight: left + 1, PageUp: left - 10, PageDown: left + 10, Home: 0, End: count - 1 }[key];
    if (event.ctrlKey || event.shiftKey) return false;
    if (to !== undefined) goTo(to);
    else if (key === "ArrowUp" || key === "ArrowDown") goTo(left, row + (key === "ArrowUp" ? -1 : 1));
    else return false;
    return true;
  });
}

export default { initialize, render: inWords(render) };
