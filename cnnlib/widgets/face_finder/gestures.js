// What a hand does to FaceFinder's model: another window, another threshold.

import { arrow } from "../shared/hand.js";
import { batched } from "../shared/life.js";
import { clamp } from "../shared/numbers.js";
import { afterThis, around, stateOf } from "./model.js";

const FAR = 5; // windows that an arrow key moves with Shift

export function gestures(model, scanned, paint) {
  const tell = batched(model);
  const now = () => stateOf(model, scanned);
  const hand = {
    now,
    change(values) {
      tell(values);
      paint();
    },
    resize(level) {
      const { one, row, col } = now();
      const middle = one.side / 2;
      hand.change(around(scanned, clamp(level, 0, scanned.length - 1), row * one.step + middle, col * one.step + middle));
    },
    next() {
      const place = afterThis(scanned, now());
      if (place) hand.change(place);
    },
    follow(y, x) { hand.change(around(scanned, now().level, y, x)); },
    byKey(key, event) {
      if (event.ctrlKey) return false;
      const { level, one, row, col } = now();
      const [step, far] = [arrow(key), event.shiftKey ? FAR : 1];
      if (step) hand.change({ row: clamp(row + far * step[0], 0, one.rows - 1), col: clamp(col + far * step[1], 0, one.cols - 1) });
      else if (key === "+" || key === "PageUp") hand.resize(level + 1);
      else if (key === "-" || key === "−" || key === "PageDown") hand.resize(level - 1);
      else if (key === "n" || key === "N") hand.next();
      else return false;
      return true;
    },
  };
  return hand;
}
