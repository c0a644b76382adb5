// What a hand does to PoolingShift's model: shift the input, choose a pooled cell.

import { arrow } from "../shared/hand.js";
import { batched } from "../shared/life.js";
import { clamp } from "../shared/numbers.js";
import { FARTHEST } from "./model.js";

/** shown() is the state that is on the screen. */
export function gestures(model, paint, shown) {
  const tell = batched(model);
  const change = (values) => {
    tell(values);
    paint();
  };
  const hand = {
    change,
    shift: () => ({ down: model.get("down"), right: model.get("right") }),
    moveTo(...to) {
      const [down, right] = to.map((one) => clamp(one, -FARTHEST, FARTHEST));
      if (down !== model.get("down") || right !== model.get("right")) change({ down, right });
    },
    shiftByKey(key, event) {
      const { down, right } = hand.shift();
      if (event.ctrlKey) return false;
      if (arrow(key)) hand.moveTo(down + arrow(key)[0], right + arrow(key)[1]);
      else if (key === "Home" || key === "0") hand.moveTo(0, 0);
      else return false;
      return true;
    },
    /** The place is the model's: a second key may come before the frame. */
    cellByKey(key, event) {
      const step = arrow(key);
      if (event.ctrlKey || !step) return false;
      const { rows, cols } = shown();
      change({ row: clamp(model.get("row") + step[0], 0, rows - 1), col: clamp(model.get("col") + step[1], 0, cols - 1) });
      return true;
    },
    pointAt(row, col) {
      const now = shown();
      if (row < now.rows && col < now.cols && (row !== now.row || col !== now.col)) change({ row, col });
    },
  };
  return hand;
}
