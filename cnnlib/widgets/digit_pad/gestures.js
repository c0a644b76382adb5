// What a hand does to DigitPad's model: ink, which undo takes back, and the questions to Python that follow from it.

import { arrow } from "../shared/hand.js";
import { leading, quietly } from "../shared/life.js";
import { bytes } from "../shared/numbers.js";
import { blank, drawn, lay, shifted } from "./ink.js";

const STEP = 4; // an arrow key moves the drawing so far
const PATIENCE_MS = 2500;

export function gestures(model, paint) {
  let ink = bytes(model.get("_drawing")).slice();
  let lastExample = 7;
  let last = null; // where the pen was
  const question = questions(model, paint);
  /** What lies on the pad is the model's from now on; what is drawn later must not change what undo keeps. */
  const tell = () => question.ask(new DataView(ink.slice().buffer));
  const putDown = (drawing) => {
    ink = drawing;
    tell();
  };
  const hand = {
    unit: /** @type {import("./model.js").Unit | null} */ (null), // the unit of a map that a ledger is open on
    /** @param {import("./model.js").Unit | null} unit */
    look(unit) {
      if (JSON.stringify(hand.unit) === JSON.stringify(unit)) return;
      hand.unit = unit;
      paint();
    },
    ink: () => ink,
    waits: question.open,
    unheard: question.silent,
    clear: () => putDown(blank()),
    example(digit) {
      lastExample = digit;
      putDown(drawn(model.get("_examples")[digit], model.get("_pen")));
    },
    nextExample: () => hand.example((lastExample + 1) % 10),
    begin(at) {
      last = at;
      hand.draw([at]);
    },
    draw(path) {
      for (const to of path) {
        lay(ink, model.get("_pen"), last, to);
        last = to;
      }
      tell();
    },
    /** Back to a drawing of before. @param {import("../shared/history.js").State} state */
    restore({ _drawing }) {
      ink = bytes(_drawing).slice();
      question.askAgain(_drawing);
    },
    byKey(key, event) {
      if (event.ctrlKey) return false;
      if (/^\d$/.test(key)) hand.example(Number(key));
      else if (arrow(key)) {
        const [down, right] = arrow(key);
        const moved = shifted(ink, STEP * down, STEP * right);
        if (moved) putDown(moved);
      } else if (key === "Backspace" || key === "Delete") hand.clear();
      else return false;
      return true;
    },
    end() {
      model.off("change:_drawing", adopt);
      question.end();
    },
  };
  /** What Python draws is taken, unless it is what this page has said. */
  const adopt = () => {
    if (question.isOwn(model.get("_drawing"))) return;
    ink = bytes(model.get("_drawing")).slice();
    question.drop();
    paint();
  };
  model.on("change:_drawing", adopt);
  return hand;
}

/**
 * One question is on its way at a time, and what was drawn meanwhile goes with the next: the latest
 * drawing wins, and a slow kernel makes no queue.
 */
function questions(model, paint) {
  const mind = leading(model, ["_drawing", "_asked"]);
  const quiet = quietly(model, mind.change);
  let own = null;      // the drawing that this page has put into the model
  let waiting = false;
  let newer = false;   // drawn since the question on its way
  let silent = false;  // no answer came in time
  let timer = 0;
  function send() {
    if (waiting || !newer) return;
    [waiting, newer] = [true, false];
    quiet({ _asked: model.get("_asked") + 1 });
    mind.tell();
    clearTimeout(timer);
    timer = setTimeout(() => {
      [silent, waiting] = [true, false]; // the next stroke asks again
      paint();
    }, PATIENCE_MS);
  }
  const answered = () => {
    if (model.get("_answered") < model.get("_asked")) return;
    clearTimeout(timer);
    [silent, waiting] = [false, false];
    paint();
    send();
  };
  model.on("change:_answered", answered);
  const asking = (change) => (drawing) => {
    [own, newer] = [drawing, true];
    change({ _drawing: drawing });
    paint();
    send();
  };
  return {
    ask: asking(mind.change),
    askAgain: asking(quiet), // of a drawing that the history has
    drop() { newer = false; },
    isOwn: (drawing) => drawing === own,
    open: () => waiting || newer,
    silent: () => silent,
    end() {
      model.off("change:_answered", answered);
      clearTimeout(timer);
    },
  };
}
