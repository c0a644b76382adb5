// What a hand does to Channels' model.

import { batched } from "../shared/life.js";
import { clamp } from "../shared/numbers.js";
import { geometry } from "./model.js";

/** @typedef {ReturnType<typeof gestures>} Hand */
/** @typedef {import("./pictures.js").Spot} Spot */

/**
 * @param {import("../shared/life.js").Model} model
 * @param {() => void} paint
 */
export function gestures(model, paint) {
  const change = batched(model);
  const hand = {
    hot: /** @type {Spot | null} */ (null), // the product pointed at in a patch or a slice
    now: () => geometry(model),
    /** @param {number} row @param {number} col */
    goTo(row, col) {
      const { rows, cols } = geometry(model);
      change({ row: clamp(row, 0, rows - 1), col: clamp(col, 0, cols - 1) });
      paint();
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
