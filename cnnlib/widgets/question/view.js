// Question: commit, then see.
//
// The model's `answer` is null until one commits. What has been committed is kept by the browser too, so
// that it is there when a notebook is opened again, and on a page without a kernel.

import { button, hintLine, ICONS } from "../shared/controls.js";
import { html, put } from "../shared/dom.js";
import { textField } from "../shared/edit.js";
import { KEEP_KEYS } from "../shared/hand.js";
import { live, oncePerFrame } from "../shared/life.js";
import { inWords, t, told } from "../shared/words.js";
import { gestures } from "./gestures.js";
import { heard, isRight, readAnswer, write } from "./model.js";

Object.assign(ICONS, { commit: "M6.4 12.6 2 8.2l1.5-1.5 2.9 2.9 6.1-6.1L14 5z" });

/** Words with their marks, as nodes. */
function words(parts) {
  return parts.map(([mark, text]) => (mark ? html(mark, {}, text) : text));
}

/** The choices: a radio group, a row for each. */
function choicesOf(asked, changed) {
  const group = `cnn-question-${Math.random()}`;
  const rows = asked.choices.map(([choice, parts]) => {
    const input = html("input", { type: "radio", name: group, ...KEEP_KEYS, onchange: changed });
    const mark = html("span", { class: "tick", "aria-hidden": "true" });
    const verdict = html("span", { class: "cnn-hidden" });
    return { choice, input, mark, verdict, element: html("label", { class: "option" }, input, mark, html("span", {}, words(parts)), verdict) };
  });
  return {
    element: html("div", { class: "choices", role: "radiogroup", "aria-label": t("question.your_answer") }, rows.map((row) => row.element)),
    read: () => rows.find(({ input }) => input.checked)?.choice ?? null,
    show(answer) {
      for (const { choice, input, mark, verdict, element } of rows) {
        const chosen = choice === answer;
        const state = answer === null ? null : choice === asked.right ? "right" : chosen ? "wrong" : "other";
        if (answer !== null) input.checked = chosen;
        input.disabled = answer !== null;
        put(element, "data-state", state);
        mark.textContent = { right: "✓", wrong: "✗" }[state] ?? "";
        verdict.textContent = state === null || state === "other" ? "" : t(`question.verdict_${chosen ? "yours_" : ""}${state}`);
      }
    },
    clear() { for (const { input } of rows) input.checked = false; },
  };
}

/** The boxes: a field for each number. */
function boxesOf(asked, changed, commit) {
  const fields = asked.boxes.map((name) => {
    const field = textField({ class: "number", "aria-label": name || t("question.your_answer"), oninput: changed }, { Enter: commit });
    return { field, element: html("label", { class: "box" }, name ? html("span", {}, name) : null, field) };
  });
  return {
    element: html("div", { class: "boxes" }, fields.map(({ element }) => element)),
    read() {
      const numbers = fields.map(({ field }) => readAnswer(field.value));
      fields.forEach(({ field }, i) => put(field, "aria-invalid", field.value.trim() && numbers[i] === null ? "true" : null));
      return numbers.includes(null) ? null : numbers;
    },
    show(answer) {
      fields.forEach(({ field }, i) => {
        field.disabled = answer !== null;
        if (answer !== null) field.value = write(answer[i]);
      });
    },
    clear() { for (const { field } of fields) field.value = ""; },
  };
}

function render({ model, el }) {
  const asked = model.get("asked");
  const hand = gestures(model, { asked, paint: () => paint(), reply: () => reply });
  const reply = asked.choices.length ? choicesOf(asked, () => paint()) : boxesOf(asked, () => paint(), hand.commit);
  const reveal = html("div", { class: "opened", role: "status" });
  const go = button("commit", t("question.commit"), hand.commit);
  const again = button("reset", t("question.again"), hand.forget);
  const hint = hintLine(t(asked.choices.length ? "question.choose" : "question.type"));
  const root = html("div", { class: "cnn cnn-question", role: "group", "aria-label": t("question.prediction") },
    html("p", { class: "asks" }, html("b", { class: "word" }, t("question.predict")), words(asked.text)),
    reply.element, html("div", { class: "cnn-bar act" }, go.element, again.element, hint.element), reveal);
  el.append(root);

  function opened(answer) {
    const right = isRight(asked, answer);
    const said = asked.choices.length ? answer : answer.map(write).join("; ");
    const truth = html("p", {}, html("b", {}, asked.said), ". ", words(asked.why));
    if (right) return [html("p", { class: "verdict" }, html("span", { class: "good" }, "✓ "), t("question.said_right", { said })), truth];
    return [html("p", { class: "verdict" }, html("span", { class: "bad" }, "✗ "),
      told("question.said_wrong", { said: html("b", {}, said), why: words(heard(asked, answer)) })), truth];
  }

  let shown = "null";
  function draw() {
    const answer = model.get("answer");
    const hadFocus = root.contains(document.activeElement); // what is hidden or disabled loses it
    go.element.disabled = answer !== null || reply.read() === null;
    go.element.hidden = hint.element.hidden = answer !== null;
    again.element.hidden = answer === null;
    reply.show(answer);
    if (shown === JSON.stringify(answer)) return;
    shown = JSON.stringify(answer);
    reveal.replaceChildren(...(answer === null ? [] : opened(answer)));
    if (hadFocus) (answer === null ? root.querySelector("input") : again.element).focus({ preventScroll: true });
  }
  const paint = oncePerFrame(draw);
  return live(model, root, ["answer"], paint, { themed: () => {} });
}

export default { render: inWords(render) };
