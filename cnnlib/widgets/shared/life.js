// The life of a view: theme, width, frames, and what Python is told.

import { PALETTE } from "./palette.js";

/**
 * @typedef {{ get: (name: string) => any, set: (name: string, value: any) => void, save_changes: (callbacks?: any) => void,
 *   on: (events: string, handle: (...args: any[]) => void) => void,
 *   off: (events: string, handle: (...args: any[]) => void) => void,
 *   send: (content: any, callbacks?: any, buffers?: any[]) => void }} Model what anywidget hands to a script
 */
/** @typedef {{ model: Model, el: HTMLElement }} Context */
/** @typedef {(() => void) & { cancel: () => void }} Paint */

/** The theme in which `root` is drawn. @param {HTMLElement} root */
export const themeOf = (root) => root.dataset.theme ?? "light";

/**
 * Keep the palette of the page's theme on `root`, now and when it changes.
 * @param {HTMLElement} root
 * @param {(theme: string) => void} changed
 */
function followTheme(root, changed) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const jupyter = document.body.dataset.jpThemeLight;
    const theme = (jupyter === undefined ? system.matches : jupyter === "false") ? "dark" : "light";
    if (root.dataset.theme === theme) return;
    root.dataset.theme = theme;
    root.style.colorScheme = theme;
    for (const [name, color] of Object.entries(PALETTE[theme])) {
      [color].flat().forEach((c, i) =>
        root.style.setProperty(`--${name.replace("_", "-")}${Array.isArray(color) ? i : ""}`, c));
    }
    changed(theme);
  };
  const observer = new MutationObserver(apply);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  system.addEventListener("change", apply);
  apply();
  return () => { observer.disconnect(); system.removeEventListener("change", apply); };
}

/**
 * Run `work` once before the next painted frame, however often it is asked for.
 * @param {() => void} work
 * @returns {Paint}
 */
export function oncePerFrame(work) {
  let asked = 0;
  const ask = () => { asked ||= requestAnimationFrame(() => { asked = 0; work(); }); };
  return Object.assign(ask, { cancel() { cancelAnimationFrame(asked); asked = 0; } });
}

/** @type {WeakMap<object, Map<string, { value: any }>>} */
const unheard = new WeakMap();

/**
 * The hand's changes that Python has not begun to take, by name. Each view is given an object of its
 * own for the one model; the model's layout is the same for all of them.
 * @param {Model} model
 */
function unheardOf(model) {
  const key = model.get("layout") ?? model;
  const changes = unheard.get(key) ?? new Map();
  unheard.set(key, changes);
  return changes;
}

/**
 * Change the model at once; tell Python after the frame is painted, and ten times a second at most:
 * what Jupyter does about each message takes it about half a frame.
 *
 * Python may set the same trait meanwhile. What it has set before it takes the hand's change is the
 * earlier of the two for Python, so it is for the page: the hand's stands. What Python says once it
 * has begun to take the change is an answer to it, and is shown.
 * @param {Model} model
 */
export function batched(model) {
  const changes = unheardOf(model);
  /** @type {Set<string>} */
  const kept = new Set();
  let waits = false;
  let next = 0;
  const tell = () => {
    waits = false;
    next = performance.now() + 100;
    const told = [...changes];
    const status = (/** @type {{ content: { execution_state: string } }} */ { content }) => {
      if (content.execution_state !== "busy") return;
      for (const [name, one] of told) if (changes.get(name) === one) changes.delete(name);
    };
    model.save_changes({ iopub: { status } });
  };
  /** @param {string} name */
  const keep = (name) => {
    kept.add(name);
    model.on(`change:${name}`, () => {
      const hand = changes.get(name);
      if (hand !== undefined && hand.value !== model.get(name)) change({ [name]: hand.value });
    });
  };
  /** @param {Record<string, any>} values */
  const change = (values) => {
    for (const [name, value] of Object.entries(values)) {
      changes.set(name, { value });
      if (!kept.has(name)) keep(name);
      model.set(name, value);
    }
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => setTimeout(tell, next - performance.now()));
  };
  return change;
}

/** @type {WeakMap<HTMLElement, number>} */
const rooms = new WeakMap();

/**
 * The width inside `root` in whole pixels: known since it last changed, for to ask could cost a layout.
 * @param {HTMLElement} root
 */
export const roomIn = (root) => rooms.get(root) ?? (root.clientWidth > 32 ? root.clientWidth - 32 : 860);

/**
 * The life of a view: paint() now and when one of the model's `names`, the page's theme or the width
 * of `root` changes. Return what ends it; closed() does the rest of the cleaning.
 * @param {Model} model
 * @param {HTMLElement} root
 * @param {string[]} names
 * @param {Paint} paint
 * @param {{ changed?: () => void, themed?: (theme: string) => void, closed?: () => void }} [does]
 */
export function live(model, root, names, paint, { changed = paint, themed = () => {}, closed = () => {} } = {}) {
  const events = names.map((name) => `change:${name}`).join(" ");
  model.on(events, changed);
  const forget = followTheme(root, (theme) => { themed(theme); paint(); });
  const observer = new ResizeObserver(([{ contentRect }]) => {
    const width = Math.floor(contentRect.width) || 860; // 0 while it is hidden
    if (rooms.get(root) === width) return;
    rooms.set(root, width);
    paint();
  });
  observer.observe(root);
  paint();
  return () => {
    model.off(events, changed);
    observer.disconnect();
    forget();
    paint.cancel();
    closed();
  };
}
