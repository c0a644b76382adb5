// What stands around a picture: buttons, sliders, choices, hints and scales.

import { paletteOf } from "./colour.js";
import { differs, html, put, say, svg } from "./dom.js";
import { arrow, KEEP_KEYS, onKey } from "./hand.js";
import { clamp, formatNumber } from "./numbers.js";
import { t } from "./words.js";

/**
 * A place between two ends, to be swept through: slider("threshold", 0, 12, (value) => …). `text` says a value otherwise
 * than as its number, `name` names the slider otherwise than it is labelled.
 * @param {string} label
 * @param {number} min
 * @param {number} max
 * @param {(value: number) => void} changed
 * @param {{ text?: (value: number) => string, name?: string }} [look]
 */
export function slider(label, min, max, changed, { text = String, name = label } = {}) {
  const value = html("output", { class: "cnn-value" });
  const input = html("input", { type: "range", min, max, step: 1, "aria-label": name, ...KEEP_KEYS,
    oninput: () => {
      tell(Number(input.value));
      changed(Number(input.value));
    } });
  /** @param {number} number */
  const tell = (number) => {
    say(value, text(number));
    put(input, "aria-valuetext", text(number));
  };
  return {
    input,
    element: html("label", { class: "cnn-slider" }, html("span", {}, label), input, value),
    /** @param {number} number @param {number} [most] where the slider ends now */
    show(number, most = max) {
      put(input, "max", Math.max(most, number));
      input.value = String(number);
      tell(number);
    },
  };
}

/**
 * A small whole number, to be counted up and down: stepper("stride", 1, 3, (value) => …). It goes in steps of `by`;
 * one stop for Tab, where arrows change it. `name` names it otherwise than it is labelled.
 * @param {string | Node} label
 * @param {number} min
 * @param {number} max
 * @param {(value: number) => void} changed
 * @param {{ by?: number, name?: string }} [look]
 */
export function stepper(label, min, max, changed, { by = 1, name = String(label) } = {}) {
  let [now, low, high] = [min, min, max];
  const value = html("span", { class: "cnn-count", role: "spinbutton", tabindex: 0, "aria-label": name, ...KEEP_KEYS });
  /** @param {number} number */
  const show = (number) => {
    now = number;
    say(value, String(now));
    put(value, "aria-valuenow", now);
    put(value, "aria-valuemin", low);
    put(value, "aria-valuemax", high);
    less.disabled = now <= low;
    more.disabled = now >= high;
  };
  /** @param {number} wanted */
  const go = (wanted) => {
    const to = clamp(wanted, low, high);
    if (to === now) return;
    show(to);
    changed(to);
  };
  /** @param {string} sign @param {number} step */
  const make = (sign, step) => html("button", { type: "button", tabindex: -1, ...KEEP_KEYS,
    "aria-label": t(step > 0 ? "shared.more" : "shared.less", { name }), onclick: () => {
      value.focus({ preventScroll: true }); // the button may have nothing more to do
      go(now + step);
    } }, sign);
  const [less, more] = [make("−", -by), make("+", by)];
  onKey(value, (key, { ctrlKey, shiftKey }) => {
    const step = arrow(key);
    if (ctrlKey || shiftKey || !(step || key === "Home" || key === "End")) return false;
    if (step) go(now + by * (step[1] - step[0]));
    else go(key === "Home" ? low : high);
    return true;
  });
  return {
    element: html("span", { class: "cnn-stepper" }, html("span", { "aria-hidden": "true" }, label), html("span", { class: "cnn-steps" }, less, value, more)),
    /** @param {number} number @param {number} [lowest] @param {number} [highest] where it ends now */
    show(number, lowest = min, highest = max) {
      [low, high] = [lowest, highest];
      show(number);
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

/**
 * The foot of a card: what the picture says, as a line of text, and below it what a hand can do.
 * @param {HTMLElement | null} says
 * @param {HTMLElement} hint
 */
export const foot = (says, hint) => [says, hint].map((line) => line && html("div", { class: "cnn-foot" }, line));

/** What explains colours and marks, under the picture where they are. @param {(string | Node | Node[])[]} parts */
export const legend = (...parts) => html("div", { class: "cnn-legend" }, ...parts);

/** @param {import("./colour.js").Role} role @param {string} theme @param {boolean} signed */
const scaleStops = (role, theme, signed) =>
  [...(signed ? [paletteOf(theme).negative] : []), paletteOf(theme)[`${role}_zero`], paletteOf(theme)[role]];

/** A scale of colours, for a legend: show() fills it. */
export function colourScale() {
  const element = html("span", { class: "cnn-scale" });
  return {
    element,
    /**
     * The colours of a role from −end, or from 0, to end: the scale `of` something. `before` stands in front of it;
     * `ends` says its two ends otherwise than as numbers, `stops` gives it other colours.
     * @param {import("./colour.js").Role} role
     * @param {number} end
     * @param {{ of: string, theme: string, signed?: boolean, before?: string, ends?: string[], stops?: string[] }} look
     */
    show(role, end, { of, theme, signed = true, before = "",
      ends = [formatNumber(signed ? -end : 0), formatNumber(end)], stops = scaleStops(role, theme, signed) }) {
      if (!differs(element, "key", [signed, before, ...stops, ...ends])) return;
      element.replaceChildren(...(before ? [html("b", {}, before)] : []), ends[0],
        html("i", { role: "img", style: `background:linear-gradient(90deg, ${stops.join()})`,
          "aria-label": t(signed ? "shared.scale_signed" : "shared.scale", { of, from: ends[0], to: ends[1] }) }), ends[1]);
    },
  };
}
