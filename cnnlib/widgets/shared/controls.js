// What stands around a picture: buttons, sliders, choices, hints and scales.

import { html, put, say, svg } from "./dom.js";
import { KEEP_KEYS } from "./hand.js";
import { formatNumber } from "./numbers.js";
import { PALETTE } from "./palette.js";

/** A labelled slider with its value: slider("stride", 1, 3, (value) => …). */
export function slider(label, min, max, changed) {
  const value = html("output", { class: "cnn-value" });
  const input = html("input", { type: "range", min, max, step: 1, "aria-label": label, ...KEEP_KEYS,
    oninput: () => changed(Number(input.value)) });
  return {
    element: html("label", { class: "cnn-slider" }, html("span", {}, label), input, value),
    show(number) {
      put(input, "max", Math.max(max, number));
      input.value = number;
      say(value, String(number));
    },
  };
}

/**
 * One of several values, a word each: choice("padding", ["valid", "same", "full"], (value) => …).
 * An option is the value itself or [value, what it is called].
 */
export function choice(label, options, changed) {
  const name = `cnn-choice-${Math.random()}`; // each widget loads this module anew: a counter would repeat
  const entries = options.map((option) => [option].flat());
  const inputs = entries.map(([value]) => html("input", { type: "radio", name, value, ...KEEP_KEYS, onchange: () => changed(value) }));
  return {
    inputs,
    element: html("div", { class: "cnn-choice", role: "radiogroup", "aria-label": label },
      entries.map(([value, word = value], i) => html("label", {}, inputs[i], html("span", {}, `${word}`)))),
    show(now) { inputs.forEach((input, i) => { input.checked = entries[i][0] === now; }); },
  };
}

export const ICONS = { play: "M4 2.5v11l9-5.5z", pause: "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z",
  step: "M3 2.5v11l7.5-5.5zM11 2.5h2.5v11H11z", reset: "M8 3V.5L3.8 4 8 7.5V5a4 4 0 1 1-4 4H2a6 6 0 1 0 6-6z" };

export function button(icon, label, pressed) {
  const path = svg("path", { d: ICONS[icon] });
  const text = html("span", {}, label);
  const element = html("button", { type: "button", class: "cnn-button", ...KEEP_KEYS, onclick: pressed },
    svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, path), text);
  return { element, show(newIcon, newLabel) { put(path, "d", ICONS[newIcon]); say(text, newLabel); } };
}

/** Keys as they look on a keyboard: keys("←", "→"). */
export const keys = (...names) => names.map((name) => html("kbd", {}, name));

/** A line that says what a hand can do, until show(alert) has something more urgent to say. */
export function hintLine(...usual) {
  const element = html("div", { class: "cnn-hint" }, ...usual);
  const nodes = [...element.childNodes];
  let shown = "";
  return { element, show(alert) {
    if (shown === alert) return;
    shown = alert;
    put(element, "class", alert ? "cnn-hint cnn-alert" : "cnn-hint");
    put(element, "role", alert ? "alert" : null);
    element.replaceChildren(...(alert ? [`⚠ ${alert}`] : nodes));
  } };
}

/**
 * Fill `element` with the colours of a role from −end, or from 0, to end: the scale `of` something.
 * `before` stands in front of it; `ends` says its two ends otherwise than as numbers.
 */
export function showScale(element, role, end, { of, theme, signed = true, before = "", ends = [formatNumber(signed ? -end : 0), formatNumber(end)] }) {
  const key = [role, signed, before, theme, ...ends].join();
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  const colors = PALETTE[theme];
  const stops = [...(signed ? [colors.negative] : []), colors[`${role}_zero`], colors[role]];
  element.replaceChildren(`${before}${ends[0]}`, html("i", { role: "img", style: `background:linear-gradient(90deg, ${stops.join()})`,
    "aria-label": `colour scale of ${of}, from ${ends[0]}${signed ? " over 0" : ""} to ${ends[1]}` }), ends[1]);
}
