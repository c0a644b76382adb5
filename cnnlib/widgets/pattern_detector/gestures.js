// What a hand does to PatternDetector's model: another place of the window, another row.

import { batched } from "../shared/life.js";
import { clamp } from "../shared/numbers.js";
import { geometry } from "./model.js";

export function gestures(model, paint) {
  const tell = batched(model);
  let visited = [];
  let last = null;
  let subject = "";
  const hand = {
    now: () => geometry(model),
    change(values) {
      tell(values);
      paint();
    },
    goTo(position, row = model.get("row")) {
      const { count, height } = geometry(model);
      hand.change({ position: clamp(Math.round(position), 0, count - 1), row: clamp(row, 0, height - 1),
        ...(model.get("playing") ? { playing: false } : {}) });
    },
    restart() {
      [visited, last] = [[], null];
      hand.goTo(0);
    },
    /** Another row or filter begins anew; what a quick hand jumped over was visited too. */
    visit({ row, selected, count, at }) {
      const now = [row, selected, count].join();
      if (subject !== now) [visited, last] = [[], null];
      for (let i = Math.min(last ?? at, at); i <= Math.max(last ?? at, at); i += 1) visited[i] = true;
      [subject, last] = [now, at];
    },
    has: (index) => visited[index] === true,
  };
  return hand;
}
