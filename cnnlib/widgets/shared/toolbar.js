// The tools at the foot of each card, and the keys that do the same.

import { html, put, svg } from "./dom.js";
import { KEEP_KEYS } from "./hand.js";
import { presenter } from "./presenter.js";

/** Drawn as lines in a square of 16. @type {Record<string, string>} */
const GLYPHS = {
  present: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
};

/** Whether a key that was pressed there writes. @param {EventTarget | null} target */
const writes = (target) => target instanceof Element &&
  target.closest("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=range])") !== null;

/**
 * A quiet button: what it does is its name, and the key for it stands beside that.
 * @param {string} glyph
 * @param {string} name
 * @param {string} shortcut
 * @param {() => void} pressed
 */
const quiet = (glyph, name, shortcut, pressed) => html("button", { type: "button", class: "cnn-quiet", title: `${name} (${shortcut})`,
  "aria-label": name, ...KEEP_KEYS, onclick: pressed },
  svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: GLYPHS[glyph] })));

/**
 * Give the card `root` its tools; return what takes them away.
 * @param {HTMLElement} root
 */
export function toolbar(root) {
  const fill = quiet("present", "fill the screen", "F", () => show.toggle());
  const show = presenter(root, (is) => put(fill, "aria-pressed", String(is)));
  put(fill, "aria-pressed", "false");
  const element = html("div", { class: "cnn-tools", role: "toolbar", "aria-label": "tools of this card" }, fill);
  /** @param {KeyboardEvent} event */
  const key = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.key.toLowerCase() !== "f" || event.repeat || writes(event.target)) return;
    show.toggle();
    event.preventDefault();
    event.stopPropagation();
  };
  root.addEventListener("keydown", key);
  root.append(element);
  return () => {
    show.leave();
    root.removeEventListener("keydown", key);
    element.remove();
  };
}
