// What a hand does to Channels' model.

import { batched, quietly } from "../shared/life.js";
import { clamp } from "../shared/numbers.js";
import { following, preceding } from "../shared/player.js";
import { story } from "../shared/story.js";
import { beats, geometry } from "./model.js";

/** @typedef {ReturnType<typeof gestures>} Hand */
/** @typedef {import("./pictures.js").Spot} Spot */

/**
 * @param {import("../shared/life.js").Model} model
 * @param {() => void} paint
 */
export function gestures(model, paint) {
  const [change, onward] = [batched(model), quietly(model)];
  const hand = {
    hot: /** @type {Spot | null} */ (null), // the product pointed at in a patch or a slice
    now: () => geometry(model),
    story: story({
      place() {
        const { image, filters, bias, chosen, row, col } = geometry(model);
        return [image, filters, bias, chosen, row, col];
      },
      beats: () => beats(geometry(model)),
      move(by, first) {
        const to = (by > 0 ? following : preceding)(geometry(model));
        if (to) (first ? change : onward)(to);
        return to !== null;
      },
    }),
    /** Whether the window has moved. @param {number} row @param {number} col */
    goTo(row, col) {
      const { rows, cols, row: oldRow, col: oldCol } = geometry(model);
      const to = { row: clamp(row, 0, rows - 1), col: clamp(col, 0, cols - 1) };
      if (to.row === oldRow && to.col === oldCol) return false;
      change(to);
      paint();
      return true;
    },
    /** @param {number} chosen */
    choose(chosen) {
      change({ chosen: clamp(chosen, 0, geometry(model).count - 1) });
      paint();
    },
    /** @param {Spot | null} spot */
    point(spot) {
      if (hand.hot?.join() === spot?.join()) return;
      hand.hot = spot;
      paint();
    },
  };
  return hand;
}
