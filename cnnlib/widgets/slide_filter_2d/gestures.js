// What a hand does to SlideFilter2D's model.

import { batched, quietly } from "../shared/life.js";
import { clamp } from "../shared/numbers.js";
import { following, preceding } from "../shared/player.js";
import { story } from "../shared/story.js";
import { visits } from "../shared/visits.js";
import { t } from "../shared/words.js";
import { beats, geometry, misfit, numbers } from "./model.js";

/** @typedef {ReturnType<typeof gestures>} Hand */
/** @typedef {"image" | "kernel"} Which */

/**
 * @param {import("../shared/life.js").Model} model
 * @param {{ paint: () => void, hint: { show: (alert: string) => void }, editor: ReturnType<typeof import("../shared/edit.js").numberEditor>,
 *   parts: () => ReturnType<typeof import("./grids.js").buildGrids> }} view
 */
export function gestures(model, { paint, hint, editor, parts }) {
  const [change, onward] = [batched(model), quietly(model)];
  const seen = visits();
  const now = () => geometry(model);
  const visit = () => {
    const { rows, cols, row, col } = now();
    seen.at(row * cols + col, `${rows},${cols}`);
  };
  const hand = {
    cursor: { r: 0, c: 0 }, // the weight that keys are about
    hot: /** @type {number | null} */ (null), // the product pointed at
    now, change, paint,
    story: story({
      place() {
        const { image, kernel, options, row, col } = now();
        return [image, kernel, ...Object.values(options), row, col];
      },
      beats: () => beats(numbers(now())),
      move(by, first) {
        const to = (by > 0 ? following : preceding)(now());
        if (to) (first ? change : onward)(to);
        visit();
        return to !== null;
      },
    }),
    /** Whether an output is shown. @param {number} index */
    knows: (index) => model.get("reveal") || seen.has(index),
    isNew: seen.isNew,
    /** @param {{ row: number, col: number }} place */
    goTo({ row, col }) {
      const at = now();
      const to = { row: clamp(row, 0, at.rows - 1), col: clamp(col, 0, at.cols - 1) };
      const moved = to.row !== at.row || to.col !== at.col;
      hint.show("");
      change(model.get("playing") ? { ...to, playing: false } : to);
      visit();
      paint();
      return moved;
    },
    restart() {
      seen.restart();
      hand.goTo({ row: 0, col: 0 });
    },
    /** @param {"stride" | "padding" | "dilation"} name @param {number} value */
    setStep(name, value) {
      const why = misfit(now(), name, value);
      hint.show(why);
      if (!why) change({ [name]: value });
      paint();
    },
    /** @param {number | null} index */
    point(index) {
      if (hand.hot === index) return;
      hand.hot = index;
      paint();
    },
    /** @param {Which} which @param {number} r @param {number} c */
    edit(which, r, c, typed = "") {
      change({ playing: false });
      const part = parts()[which];
      if (which === "kernel") Object.assign(hand.cursor, { r, c });
      editor.entry(part, () => model.get(which), r, c, { label: t(`slide_filter_2d.cell_${which}`, { row: r, col: c }), typed, place: part.place,
        commit: (values) => change({ [which]: values }), again: (...at) => hand.edit(which, ...at) });
    },
    /** Something else than this hand may have moved the window. */
    changed() {
      hint.show("");
      queueMicrotask(visit); // row and column may come one after the other
      paint();
    },
  };
  visit();
  return hand;
}
