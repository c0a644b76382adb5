// What a hand does to LookInside's model: another image, another layer, another map, another unit.

import { arrow } from "../shared/hand.js";
import { batched } from "../shared/life.js";
import { clamp } from "../shared/numbers.js";
import { compute } from "../shared/unit.js";
import { unitNear } from "./model.js";

/** @param {import("../shared/life.js").Model} model @param {import("../shared/unit.js").Data} data */
export function gestures(model, data) {
  const change = batched(model);
  const entry = () => data.entries.find(({ place }) => place === model.get("layer"));
  const hand = {
    chooseImage: (image) => change({ image }),
    /** Another layer: the unit whose field is centred where the last one's was. */
    chooseLayer(one) {
      const { span } = compute(model, data);
      const [row, col] = unitNear(one, span.map(([first, past]) => (first + past) / 2));
      change({ layer: one.place, map: Math.min(model.get("map"), one.shape[0] - 1), row, col });
    },
    chooseMap(map) {
      if (map !== model.get("map")) change({ map });
    },
    stepMap(by) {
      const map = model.get("map") + by;
      if (map >= 0 && map < entry().shape[0]) change({ map });
    },
    place(r, c) {
      const [, rows, cols] = entry().shape;
      const [row, col] = [clamp(r, 0, rows - 1), clamp(c, 0, cols - 1)];
      if (row !== model.get("row") || col !== model.get("col")) change({ row, col });
    },
    /** The unit that sees a place of the input in its middle. */
    see(y, x) {
      const [row, col] = unitNear(entry(), [y, x]);
      hand.place(row, col);
    },
    unitByKey(key, event) {
      const step = arrow(key);
      if (!step || event.ctrlKey) return false;
      hand.place(model.get("row") + step[0], model.get("col") + step[1]);
      return true;
    },
  };
  return hand;
}
