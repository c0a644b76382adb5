// What a hand does to Counter's model: the input's sizes, the list of layers, and nets to begin with.

import { say } from "../shared/dom.js";
import { batched } from "../shared/life.js";
import { t } from "../shared/words.js";
import { KINDS, titleOf } from "./model.js";

const MOST_LAYERS = 24;

/** cards() shows the layers, one each: it hears which has moved, come or gone, since two of a kind look alike. */
export function gestures(model, { hint, news, paint, cards }) {
  const tell = batched(model);
  const change = (values) => {
    hint.show("");
    tell(values);
    paint();
  };
  return {
    refuse: hint.show,
    begin: ({ input_shape, layers }) => change({ input_shape, layers }),
    setSide: (place, value) => change({ input_shape: model.get("input_shape").with(place, value) }),
    setSize(index, name, value) {
      const layer = model.get("layers")[index];
      if (!layer) return; // as in remove()
      // Pooling windows that lie side by side stay so.
      const beside = layer.layer === "MaxPool2d" && name === "kernel_size" && layer.stride === layer.kernel_size;
      change({ layers: model.get("layers").with(index, { ...layer, [name]: value, ...(beside ? { stride: value } : {}) }) });
    },
    move(from, to) {
      const layers = [...model.get("layers")];
      if (from === to || Math.min(from, to) < 0 || Math.max(from, to) >= layers.length) return;
      layers.splice(to, 0, ...layers.splice(from, 1));
      cards().moved(from, to);
      change({ layers });
      say(news, t("counter.moved", { kind: titleOf(layers[to].layer), number: to + 1, count: layers.length }));
    },
    remove(index) {
      const layer = model.get("layers")[index];
      if (!layer) return; // the hand was quicker than the frame that shows fewer of them
      say(news, t("counter.removed", { number: index + 1, kind: titleOf(layer.layer) }));
      cards().removed(index);
      change({ layers: model.get("layers").filter((_, i) => i !== index) });
    },
    /** Layers that look at windows go before the flatten, the others to the end. */
    add(kind) {
      const layers = [...model.get("layers")];
      if (layers.length >= MOST_LAYERS) {
        hint.show(t("counter.too_many", { most: MOST_LAYERS }));
        return;
      }
      const flat = layers.findIndex(({ layer }) => layer === "Flatten");
      const place = KINDS[kind].kernel_size && flat >= 0 ? flat : layers.length;
      layers.splice(place, 0, { layer: kind, ...KINDS[kind] });
      cards().added(place, kind);
      change({ layers });
      say(news, t("counter.added", { kind: titleOf(kind), number: place + 1, count: layers.length }));
    },
  };
}
