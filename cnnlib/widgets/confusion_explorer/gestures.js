// What a hand does to ConfusionExplorer's model: choose another cell.

import { batched } from "../shared/life.js";
import { clamp } from "../shared/numbers.js";
import { nextMistake } from "./model.js";

/** all: the mistakes, the most frequent first. */
export function gestures(model, counts, all) {
  const change = batched(model);
  const hand = {
    choose(row, col) {
      if (row !== model.get("row") || col !== model.get("col")) change({ row, col });
    },
    step([down, across]) {
      hand.choose(...[model.get("row") + down, model.get("col") + across].map((place) => clamp(place, 0, counts.length - 1)));
    },
    next() {
      const found = nextMistake(all, model.get("row"), model.get("col"));
      if (found) hand.choose(found.r, found.c);
    },
  };
  return hand;
}
