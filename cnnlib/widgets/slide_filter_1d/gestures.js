// What a hand does to SlideFilter1D's model.

import { batched, quietly } from "../shared/life.js";
import { clamp } from "../shared/numbers.js";
import { story } from "../shared/story.js";
import { visits } from "../shared/visits.js";
import { t } from "../shared/words.js";
import { beats, complaint, geometry, nextPosition, numbers, previousPosition, sizesOf } from "./model.js";

/** @typedef {ReturnType<typeof gestures>} Hand */
/** @typedef {"signal" | "kernel"} Which */

/**
 * @param {import("../shared/life.js").Model} model
 * @param {{ paint: () => void, hint: { show: (alert: string) => void }, editor: ReturnType<typeof import("../shared/edit.js").numberEditor>,
 *   parts: () => ReturnType<typeof import("./grids.js").buildGrids> }} view
 */
export function gestures(model, { paint, hint, editor, parts }) {
  const [change, onward] = [batched(model), quietly(model)];
  const seen = visits();
  const now = () => geometry(model);
  const visit = () => seen.at(now().at, String(now().count));
  /** @param {Partial<import("./model.js").Sizes>} sizes @param {() => Record<string, any>} values */
  function attempt(sizes, values) {
    const why = complaint({ ...sizesOf(now()), ...sizes });
    hint.show(why);
    if (!why) change(values());
    paint();
  }
  const hand = {
    cursor: { r: 0, c: 0 }, // the weight that keys are about
    hot: /** @type {number | null} */ (null), // the weight pointed at
    now, change, paint,
    story: story({
      place() {
        const { signal, kernel, options, rule, flip, at } = now();
        return [signal, kernel, ...Object.values(options), rule, flip, at];
      },
      beats: () => beats(numbers(now())),
      move(by, first) {
        const to = (by > 0 ? nextPosition : previousPosition)(model);
        if (to) (first ? change : onward)(to);
        visit();
        return to !== null;
      },
    }),
    /** Whether an output is shown. @param {number} index */
    knows: (index) => model.get("reveal") || seen.has(index),
    isNew: seen.isNew,
    /** @param {number} position */
    goTo(position) {
      const { at, count } = now();
      const to = clamp(position, 0, count - 1);
      hint.show("");
      change(model.get("playing") ? { position: to, playing: false } : { position: to });
      visit();
      paint();
      return to !== at;
    },
    restart() {
      seen.restart();
      hand.goTo(0);
    },
    /** @param {"padding" | "stride" | "dilation"} option @param {any} value */
    setOption: (option, value) => attempt({ [option]: value }, () => ({ [option]: value })),
    /** @param {number | null} weight */
    point(weight) {
      if (hand.hot === weight) return;
      hand.hot = weight;
      paint();
    },
    /** @param {Which} which @param {number} index */
    edit(which, index, typed = "") {
      change({ playing: false });
      if (which === "kernel") hand.cursor.c = index;
      editor.entry(parts()[which], () => [model.get(which)], 0, index, { typed,
        label: which === "signal" ? `x[${index}]` : t("slide_filter_1d.weight", { index }),
        place: (_, c) => [0, c + (which === "signal" ? now().sides[0] : 0)],
        commit([line]) {
          hint.show("");
          change({ [which]: line });
        },
        again: (_, c) => hand.edit(which, c) });
    },
    /** @param {Which} which @param {number} length */
    resize(which, length) {
      editor.close();
      /** @type {number[]} */
      const values = model.get(which);
      attempt({ [which === "signal" ? "n" : "m"]: length },
        () => ({ playing: false, [which]: Array.from({ length }, (_, i) => values[i] ?? 0) }));
    },
    /** A filter of `m` weights may have lost the one that was meant. @param {number} m */
    keepHot(m) {
      if (hand.hot !== null && hand.hot >= m) hand.hot = null;
    },
    /** Something else than this hand may have moved the window. */
    changed() {
      queueMicrotask(visit); // several traits may change, one after the other
      paint();
    },
  };
  visit();
  return hand;
}
