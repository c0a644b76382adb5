// A position that moves by itself.

import { batched } from "./life.js";

/** The next position in reading order, or null after the last. */
export function following({ row, col, rows, cols }) {
  if (col + 1 < cols) return { row, col: col + 1 };
  return row + 1 < rows ? { row: row + 1, col: 0 } : null;
}

/**
 * While the model plays, change it every `pause` milliseconds by what next() returns; null ends it.
 * The clock belongs to the model: two views of it do not make it run twice as fast.
 */
export function playClock(model, pause, next) {
  const change = batched(model);
  let timer = 0;
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
