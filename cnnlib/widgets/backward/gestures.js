// What a hand does to Backward's model.

import { batched, quietly } from "../shared/life.js";
import { clamp } from "../shared/numbers.js";
import { following, preceding } from "../shared/player.js";
import { story } from "../shared/story.js";
import { t } from "../shared/words.js";
import { beats, geometry } from "./model.js";

/** @typedef {ReturnType<typeof gestures>} Hand */
/** @typedef {"image" | "kernel" | "grad_output"} Which */

/**
 * @param {import("../shared/life.js").Model} model
 * @param {{ paint: () => void, hint: { show: (alert: string) => void }, editor: ReturnType<typeof import("../shared/edit.js").numberEditor>,
 *   parts: () => ReturnType<typeof import("./grids.js").buildGrids> }} view
 */
export function gestures(model, { paint, hint, editor, parts }) {
  const [change, onward] = [batched(model), quietly(model)];
  const now = () => geometry(model);
  const hand = {
    cursor: { r: 0, c: 0 }, // the weight that keys are about
    now, change, paint,
    story: story({
      place() {
        const { image, kernel, grad, options, row, col } = now();
        return [image, kernel, grad, options.stride, row, col];
      },
      beats: () => beats(now()),
      move(by, first) {
        const to = (by > 0 ? following : preceding)(now());
        if (to) (first ? change : onward)(to);
        return to !== null;
      },
    }),
    editing: () => editor.busy,
    /** @param {number} row @param {number} col */
    goTo(row, col) {
      const at = now();
      const to = { row: clamp(row, 0, at.rows - 1), col: clamp(col, 0, at.cols - 1) };
      hint.show("");
      change(model.get("playing") ? { ...to, playing: false } : to);
      paint();
      return to.row !== at.row || to.col !== at.col;
    },
    /** To where so many positions are added. @param {number} count */
    goToCount: (count) => hand.goTo(Math.floor((count - 1) / now().cols), (count - 1) % now().cols),
    /** Choose the weight or the pixel whose sum is written out. @param {"weight" | "pixel"} which @param {number} r @param {number} c */
    follow(which, r, c) {
      const values = which === "weight" ? now().kernel : now().image;
      const to = [clamp(r, 0, values.length - 1), clamp(c, 0, values[0].length - 1)];
      if (to.join() === now()[which].join()) return;
      change({ [which]: to });
      paint();
    },
    /** @param {Which} which @param {number} r @param {number} c */
    edit(which, r, c, typed = "") {
      change({ playing: false });
      if (which === "kernel") Object.assign(hand.cursor, { r, c });
      editor.entry(parts()[which], () => model.get(which), r, c, { label: t(`backward.cell_${which}`, { row: r, col: c }), typed,
        commit: (values) => change({ [which]: values }), again: (...at) => hand.edit(which, ...at) });
    },
  };
  return hand;
}
