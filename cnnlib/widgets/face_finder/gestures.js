// What a hand does to FaceFinder's model: another window, another threshold, another picture.

import { arrow } from "../shared/hand.js";
import { batched, quietly } from "../shared/life.js";
import { clamp } from "../shared/numbers.js";
import { ownPictures } from "../shared/pictures.js";
import { t } from "../shared/words.js";
import { afterThis, around, ownSides, stateOf } from "./model.js";

const FAR = 5; // windows that an arrow key moves with Shift
const PATIENCE_MS = 8000; // a search takes a second or two

/** scannedOf() are the sizes of the window; hint says what is refused. */
export function gestures(model, scannedOf, hint, paint) {
  const tell = batched(model);
  const change = (values) => {
    hint.show("");
    tell(values);
    paint();
  };
  const now = () => stateOf(model, scannedOf());
  const search = searching(model, change, hint, paint);
  let reading = false;
  const own = ownPictures(ownSides(scannedOf()), { refused: hint.show, done: search.ask, busy(is) {
    reading = is;
    paint();
  } });
  const hand = {
    now, change, own,
    /** What is under way with a picture of one's own: "reading", "searching" or "". */
    get waits() { return reading ? "reading" : search.open ? "searching" : ""; },
    end() {
      own.close();
      search.end();
    },
    resize(level) {
      const [scanned, { one, row, col }] = [scannedOf(), now()];
      const middle = one.side / 2;
      hand.change(around(scanned, clamp(level, 0, scanned.length - 1), row * one.step + middle, col * one.step + middle));
    },
    next() {
      const place = afterThis(scannedOf(), now());
      if (place) hand.change(place);
    },
    follow(y, x) { hand.change(around(scannedOf(), now().level, y, x)); },
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

/** Python searches a picture; what it finds is shown from the best window on. What it refuses, it takes back. */
function searching(model, change, hint, paint) {
  const quiet = quietly(model);
  let asked = null; // the picture that it searches
  let timer = 0;
  const over = () => {
    asked = null;
    clearTimeout(timer);
    hint.show("");
    paint();
  };
  const found = () => {
    if (!asked) return;
    over();
    quiet(model.get("_start"));
  };
  const takenBack = () => {
    if (!asked || model.get("own") === asked) return;
    over();
    hint.show(t("face_finder.refused"));
  };
  model.on("change:levels", found);
  model.on("change:own", takenBack);
  return {
    get open() { return asked !== null; },
    ask(picture) {
      clearTimeout(timer);
      asked = picture;
      change({ own: picture });
      timer = setTimeout(() => hint.show(t("face_finder.deaf")), PATIENCE_MS);
    },
    end() {
      clearTimeout(timer);
      model.off("change:levels", found);
      model.off("change:own", takenBack);
    },
  };
}
