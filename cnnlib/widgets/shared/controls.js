// What stands around a picture: buttons, sliders, choices, hints and scales.

import { paletteOf } from "./colour.js";
import { differs, html, put, say, svg } from "./dom.js";
import { KEEP_KEYS } from "./hand.js";
import { formatNumber } from "./numbers.js";
import { t } from "./words.js";

/**
 * A labelled slider with its value: slider("stride", 1, 3, (value) => …).
 * @param {string} label
 * @param {number} min
 * @param {number} max
 * @param {(value: number) => void} changed
 */
export function slider(label, min, max, changed) {
  const value = html("output", { class: "cnn-value" });
  const input = html("input", { type: "range", min, max, step: 1, "aria-label": label, ...KEEP_KEYS,
    oninput: () => changed(Number(input.value)) });
  return {
    element: html("label", { class: "cnn-slider" }, html("span", {}, label), input, value),
    /** @param {number} number @param {number} [most] where the slider ends now */
    show(number, most = max) {
      put(input, "max", Math.max(most, number));
      input.value = String(number);
      say(value, String(number));
    },
  };
}

/**
 * A box to tick.
 * @param {string | HTMLElement} label
 * @param {(value: boolean) => void} changed
 */
export function toggle(label, changed) {
  const input = html("input", { type: "checkbox", ...KEEP_KEYS, onchange: () => changed(input.checked) });
  return {
    input,
    element: html("label", { class: "cnn-toggle" }, input, label),
    /** @param {boolean} value */
    show(value) { input.checked = value; },
  };
}

/**
 * One of several values, a word each: choice("padding", ["valid", "same", "full"], (value) => …).
 * An option is the value itself or [value, what it is called].
 * @param {string} label
 * @param {any[]} options
 * @param {(value: any) => void} changed
 */
export function choice(label, options, changed) {
  const name = `cnn-choice-${Math.random()}`; // each widget loads this module anew: a counter would repeat
  const entries = options.map((option) => [option].flat());
  const inputs = entries.map(([value]) => html("input", { type: "radio", name, value, ...KEEP_KEYS, onchange: () => changed(value) }));
  return {
    inputs,
    element: html("div", { class: "cnn-choice", role: "radiogroup", "aria-label": label },
      entries.map(([value, word = value], i) => html("label", {}, inputs[i], html("span", {}, `${word}`)))),
    /** @param {any} now */
    show(now) { inputs.forEach((input, i) => { input.checked = entries[i][0] === now; }); },
  };
}

/** @type {Record<string, string>} */
export const ICONS = {
  play: "M4 2.5v11l9-5.5z",
  pause: "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z",
  step: "M3 2.5v11l7.5-5.5zM11 2.5h2.5v11H11z",
  reset: "M8 3V.5L3.8 4 8 7.5V5a4 4 0 1 1-4 4H2a6 6 0 1 0 6-6z",
};

/**
 * A button with an icon.
 * @param {string} icon
 * @param {string} label
 * @param {() => void} pressed
 */
export function button(icon, label, pressed) {
  const path = svg("path", { d: ICONS[icon] });
  const text = html("span", {}, label);
  const element = html("button", { type: "button", class: "cnn-button", ...KEEP_KEYS, onclick: pressed },
    svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, path), text);
  return {
    element,
    /** @param {string} newIcon @param {string} newLabel */
    show(newIcon, newLabel) { put(path, "d", ICONS[newIcon]); say(text, newLabel); },
  };
}

/** Keys as they look on a keyboard: keys("←", "→"). @param {string[]} names */
export const keys = (...names) => names.map((name) => html("kbd", {}, name));

/**
 * A line that says what a hand can do, until show(alert) has something more urgent to say.
 * @param {(string | Node | Node[])[]} usual
 */
export function hintLine(...usual) {
  const element = html("div", { class: "cnn-hint" }, ...usual);
  const nodes = [...element.childNodes];
  let shown = "";
  return {
    element,
    /** @param {string} alert */
    show(alert) {
      if (shown === alert) return;
      shown = alert;
      put(element, "class", alert ? "cnn-hint cnn-alert" : "cnn-hint");
      put(element, "role", alert ? "alert" : null);
      element.replaceChildren(...(alert ? [`⚠ ${alert}`] : nodes));
    },
  };
}

/** @param {import("./colour.js").Role} role @param {string} theme @param {boolean} signed */
const scaleStops = (role, theme, signed) =>
  [...(signed ? [paletteOf(theme).negative] : []), paletteOf(theme)[`${role}_zero`], paletteOf(theme)[role]];

/**
 * Fill `element` with the colours of a role from −end, or from 0, to end: the scale `of` something.
 * `before` stands in front of it; `ends` says its two ends otherwise than as numbers, `stops` gives it other colours.
 * @param {HTMLElement} element
 * @param {import("./colour.js").Role} role
 * @param {number} end
 * @param {{ of: string, theme: string, signed?: boolean, before?: string, ends?: string[], stops?: string[] }} look
 */
export function showScale(element, role, end, { of, theme, signed = true, before = "",
  ends = [formatNumber(signed ? -end : 0), formatNumber(end)], stops = scaleStops(role, theme, signed) }) {
  if (!differs(element, "key", [signed, before, ...stops, ...ends])) return;
  element.replaceChildren(`${before}${ends[0]}`, html("i", { role: "img", style: `background:linear-gradient(90deg, ${stops.join()})`,
    "aria-label": t(signed ? "shared.scale_signed" : "shared.scale", { of, from: ends[0], to: ends[1] }) }), ends[1]);
}
