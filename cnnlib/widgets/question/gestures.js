// What a hand does to Question's model: commit an answer, and take it back.

import { batched } from "../shared/life.js";

/** reply() is where the answer is given. */
export function gestures(model, { asked, paint, reply }) {
  const kept = memory(model.get("name"));
  const change = batched(model);
  const before = kept.read();
  if (model.get("answer") === null && fits(asked, before)) change({ answer: before });
  return {
    commit() {
      const answer = reply().read();
      if (answer === null || model.get("answer") !== null) return;
      kept.keep(answer);
      change({ answer });
      paint();
    },
    forget() {
      kept.keep(null);
      reply().clear();
      change({ answer: null });
      paint();
    },
  };
}

/** What the browser keeps of an answer; a browser that keeps nothing is no error. */
function memory(name) {
  const key = `cnnlib.question.${name}`;
  return {
    read() {
      try { return JSON.parse(localStorage.getItem(key) ?? "null"); } catch { return null; }
    },
    keep(answer) {
      try {
        if (answer === null) localStorage.removeItem(key);
        else localStorage.setItem(key, JSON.stringify(answer));
      } catch { /* a private window, or a full disk */ }
    },
  };
}

/** Whether something that was kept is an answer to this question, which may have changed since. */
function fits(asked, answer) {
  if (asked.choices.length) return asked.choices.some(([choice]) => choice === answer);
  return Array.isArray(answer) && answer.length === asked.boxes.length && answer.every(Number.isFinite);
}
