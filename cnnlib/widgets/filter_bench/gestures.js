// What a hand does to FilterBench's model.

import { replaced } from "../shared/edit.js";
import { walked } from "../shared/hand.js";
import { batched } from "../shared/life.js";
import { clamp } from "../shared/numbers.js";
import { ownPictures } from "../shared/pictures.js";
import { t } from "../shared/words.js";
import { begun, geometry, isPositive, nameOf, NAMELESS, OWN, OWN_SIDES, resized, withKernel } from "./model.js";

/** tools: paint() draws, hint says what is refused, editor edits numbers, kernelPart() is where they stand, busy(is) while a file is read. */
export function gestures(model, presets, { paint, hint, editor, kernelPart, busy }) {
  const tell = batched(model);
  let mine = null; // the last kernel that has no name
  const change = (values) => {
    hint.show("");
    tell(values);
    paint();
  };
  const setKernel = (kernel, others = {}) => change({ ...withKernel(geometry(model), kernel), ...others });
  const own = ownPictures(OWN_SIDES, { busy, refused: hint.show, done: (picture) => change({ own: picture, ...begun(model, OWN, picture) }) });

  const hand = {
    cursor: { r: 0, c: 0 }, // the weight that keys are about
    brush: 1,               // the weight to paint
    hot: null,              // the product pointed at
    own, change, paint,
    side: () => geometry(model).side,
    goTo(row, col) {
      const { rows, cols } = geometry(model);
      change({ row: clamp(row, 0, rows - 1), col: clamp(col, 0, cols - 1) });
    },
    moveByKey(_, event) {
      const to = walked(event, geometry(model), event.shiftKey ? 10 : 1);
      if (to) hand.goTo(to.row, to.col);
      return to !== null;
    },
    choosePhoto(photo) {
      own.forget();
      change(begun(model, photo));
    },
    chooseKernel(name) {
      const preset = presets.find((one) => one.name === name);
      if (preset) setKernel(preset.kernel, { divide: preset.divide, clip: isPositive(preset.kernel) });
      else setKernel(mine ?? resized([[0]], geometry(model).side), { divide: false });
    },
    resize(side) {
      const { kernel } = geometry(model);
      if (side !== kernel.length) setKernel(resized(kernel, side));
    },
    /** Whatever is shown without a name can be chosen again. */
    keep({ kernel, divide }) { if (nameOf(presets, kernel, divide) === NAMELESS) mine = kernel; },
    takeBrush(weight) {
      hand.brush = weight;
      paint();
    },
    paintAt({ r, c }) {
      const { kernel } = geometry(model);
      Object.assign(hand.cursor, { r, c });
      if (kernel[r][c] !== hand.brush) setKernel(replaced(kernel, r, c, hand.brush));
    },
    edit(r, c, typed = "") {
      Object.assign(hand.cursor, { r, c });
      editor.entry(kernelPart(), () => model.get("kernel"), r, c,
        { label: t("filter_bench.cell", { row: r, col: c }), typed, commit: setKernel, again: hand.edit });
    },
    point(index) {
      if (hand.hot === index) return;
      hand.hot = index;
      paint();
    },
  };
  return hand;
}
