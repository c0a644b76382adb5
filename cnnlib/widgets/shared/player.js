// A position that moves by itself: the clock, and the buttons play, step and reset.

import { button } from "./controls.js";
import { batched } from "./life.js";
import { t } from "./words.js";

/** @typedef {import("./life.js").Model} Model */

/**
 * The next position in reading order, or null after the last.
 * @param {import("./hand.js").Walk} walk
 */
export function following({ row, col, rows, cols }) {
  if (col + 1 < cols) return { row, col: col + 1 };
  return row + 1 < rows ? { row: row + 1, col: 0 } : null;
}

/**
 * The position before that, or null before the first.
 * @param {import("./hand.js").Walk} walk
 */
export function preceding({ row, col, cols }) {
  if (col > 0) return { row, col: col - 1 };
  return row > 0 ? { row: row - 1, col: cols - 1 } : null;
}

/**
 * While the model plays, change it every `pause` milliseconds by what next() returns; null ends it.
 * The clock belongs to the model: two views of it do not make it run twice as fast.
 * @param {Model} model
 * @param {number} pause
 * @param {() => Record<string, any> | null} next
 */
export function playClock(model, pause, next) {
  const change = batched(model);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const tick = () => {
    const step = next();
    change(step ?? { playing: false });
    if (step) timer = setTimeout(tick, pause);
  };
  const run = () => {
    clearTimeout(timer);
    if (model.get("playing")) timer = setTimeout(tick, pause / 2);
  };
  model.on("change:playing", run);
  run();
  return () => { clearTimeout(timer); model.off("change:playing", run); };
}

/**
 * The buttons of a model that plays. next() is what playClock asks, go(values) makes a step of it, and
 * restart() goes to the first position.
 * @param {Model} model
 * @param {(values: Record<string, any>) => void} change
 * @param {{ next: () => Record<string, any> | null, go: (values: any) => void, restart: () => void }} does
 */
export function playButtons(model, change, { next, go, restart }) {
  const advance = () => {
    const values = next();
    if (values) go(values);
    else restart();
  };
  let shown = false; // the button does what it says, also when the next frame is to say something else
  const toggle = () => {
    const playing = !shown;
    if (playing && !next()) restart();
    change({ playing });
  };
  const [play, step, reset] = [button("play", t("shared.play"), toggle), button("step", t("shared.step"), advance),
    button("reset", t("shared.reset"), restart)];
  return {
    play, step, reset,
    elements: [play, step, reset].map((one) => one.element),
    show() {
      shown = model.get("playing");
      if (shown) play.show("pause", t("shared.pause"));
      else play.show("play", t("shared.play"));
    },
  };
}
