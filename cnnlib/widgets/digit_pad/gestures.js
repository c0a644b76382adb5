// What a hand does to DigitPad's model: ink, and the questions to Python that follow from it.

import { arrow } from "../shared/hand.js";
import { leading } from "../shared/life.js";
import { bytes } from "../shared/numbers.js";
import { blank, drawn, lay, shifted } from "./ink.js";

const STEP = 4; // an arrow key moves the drawing so far
const PATIENCE_MS = 2500;

export function gestures(model, paint) {
  let ink = new Uint8Array(bytes(model.get("_drawing")));
  let lastExample = 7;
  let last = null; // where the pen was
  const question = questions(model, () => ink, paint);
  const putDown = (drawing) => {
    ink = drawing;
    question.ask();
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
      question.ask();
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
    ink = new Uint8Array(bytes(model.get("_drawing")));
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
function questions(model, ink, paint) {
  const mind = leading(model, ["_drawing", "_asked"]);
  let own = null;      // the drawing that this page has put into the model
  let waiting = false;
  let newer = false;   // drawn since the question on its way
  let silent = false;  // no answer came in time
  let timer = 0;
  function send() {
    if (waiting || !newer) return;
    [waiting, newer] = [true, false];
    own = new DataView(ink().slice().buffer);
    mind.change({ _drawing: own, _asked: model.get("_asked") + 1 });
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
  return {
    ask() {
      newer = true;
      paint();
      send();
    },
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
