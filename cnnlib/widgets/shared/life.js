// The life of a view: theme, width, frames, and what Python is told.

import { history } from "./history.js";
import { PALETTE } from "./palette.js";
import { focusOn } from "./presenter.js";
import { toolbar } from "./toolbar.js";
import { language } from "./words.js";

/**
 * @typedef {{ get: (name: string) => any, set: (name: string, value: any) => void, save_changes: (callbacks?: any) => void,
 *   on: (events: string, handle: (...args: any[]) => void) => void,
 *   off: (events: string, handle: (...args: any[]) => void) => void,
 *   send: (content: any, callbacks?: any, buffers?: any[]) => void }} Model what anywidget hands to a script
 */
/** @typedef {{ model: Model, el: HTMLElement }} Context */
/** @typedef {(() => void) & { cancel: () => void }} Paint */
/** @typedef {{ on: boolean, forth: () => void, back: () => void }} Story */

/** The theme in which `root` is drawn. @param {HTMLElement} root */
export const themeOf = (root) => root.dataset.theme ?? "light";

/**
 * The theme that the page has chosen: Jupyter says it in an attribute, Visual Studio Code in a class.
 * @param {HTMLElement} body
 * @returns {"dark" | "light" | undefined}
 */
function pageTheme(body) {
  const jupyter = body.dataset.jpThemeLight;
  if (jupyter !== undefined) return jupyter === "false" ? "dark" : "light";
  // A light theme in high contrast has the class of the dark one, too.
  if (/\bvscode-(high-contrast-)?light\b/.test(body.className)) return "light";
  return /\bvscode-(dark|high-contrast)\b/.test(body.className) ? "dark" : undefined;
}

/**
 * Keep the palette of the page's theme on `root`, now and when it changes. In high contrast the ground is the
 * system's, whatever the page's theme.
 * @param {HTMLElement} root
 * @param {(theme: string) => void} changed
 */
function followTheme(root, changed) {
  const [system, contrast] = [matchMedia("(prefers-color-scheme: dark)"), matchMedia("(forced-colors: active)")];
  const apply = () => {
    const page = pageTheme(document.body);
    const theme = page === undefined || contrast.matches ? (system.matches ? "dark" : "light") : page;
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
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  for (const media of [system, contrast]) media.addEventListener("change", apply);
  apply();
  return () => {
    observer.disconnect();
    for (const media of [system, contrast]) media.removeEventListener("change", apply);
  };
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

/**
 * @typedef {{ changes: Map<string, { value: any }>, leads: boolean, waits: boolean, next: number,
 *   began: (() => void) | null }} Lead began() is called before the hand changes something
 */

/** @type {WeakMap<object, Lead>} */
const leads = new WeakMap();

/**
 * What the hand has changed and Python has not begun to take, by name, whether it is the hand that
 * changes the model now, and whether and when Python is told next. Each view is given an object of its
 * own for the one model; the model's layout is the same for all of them.
 * @param {Model} model
 */
function leadOf(model) {
  const key = model.get("layout") ?? model;
  const lead = leads.get(key) ?? { changes: new Map(), leads: false, waits: false, next: 0, began: null };
  leads.set(key, lead);
  return lead;
}

/**
 * What the hand does with a model: change(values) changes it at once, tell() tells Python.
 *
 * Python may set the same trait meanwhile. What it has set before it takes the hand's change is the
 * earlier of the two for Python, so it is for the page: the hand's stands, and is on its way. What
 * Python says once it has begun to take the change is an answer to it, and is shown.
 * @param {Model} model
 * @param {string[]} [names] of traits to watch before others hear of their changes
 */
export function leading(model, names = []) {
  const lead = leadOf(model);
  const { changes } = lead;
  /** @type {Set<string>} */
  const watched = new Set();
  /** @param {string} name */
  const watch = (name) => {
    watched.add(name);
    model.on(`change:${name}`, () => {
      const hand = changes.get(name);
      // A value that changes nothing leads no event, no message and no answer: it is not waited for.
      if (lead.leads) changes.set(name, { value: model.get(name) });
      else if (hand !== undefined && hand.value !== model.get(name)) {
        model.set(name, hand.value);
        // Within a message of several traits, Jupyter's model counts this as a change that waits to be told.
        if (!lead.waits) setTimeout(tell);
      }
    });
  };
  /** @param {Record<string, any>} values */
  const change = (values) => {
    lead.began?.();
    for (const [name, value] of Object.entries(values)) {
      if (!watched.has(name)) watch(name);
      lead.leads = true;
      try { model.set(name, value); } finally { lead.leads = false; }
    }
  };
  const tell = () => {
    const told = [...changes];
    const status = (/** @type {{ content: { execution_state: string } }} */ { content }) => {
      if (content.execution_state !== "busy") return;
      for (const [name, one] of told) if (changes.get(name) === one) changes.delete(name);
    };
    model.save_changes({ iopub: { status } });
  };
  names.forEach(watch);
  return { change, tell };
}

/**
 * Change the model at once; tell Python after the frame is painted, and ten times a second at most,
 * however many views and clocks a model has: what Jupyter does about each message takes it about half a frame.
 * @param {Model} model
 */
export function batched(model) {
  const { change, tell } = leading(model);
  const lead = leadOf(model);
  const telling = () => {
    lead.waits = false;
    lead.next = performance.now() + 100;
    tell();
  };
  /** @param {Record<string, any>} values */
  return (values) => {
    change(values);
    if (lead.waits) return;
    lead.waits = true;
    requestAnimationFrame(() => setTimeout(telling, lead.next - performance.now()));
  };
}

/**
 * The same without an entry in the history: for what goes on with what a gesture has begun.
 * @param {Model} model
 * @param {(values: Record<string, any>) => void} [change] what changes the model, if Python is told in another way
 */
export function quietly(model, change = batched(model)) {
  const lead = leadOf(model);
  /** @param {Record<string, any>} values */
  return (values) => {
    const began = lead.began;
    lead.began = null;
    try { change(values); } finally { lead.began = began; }
  };
}

/** @type {WeakMap<object, ReturnType<typeof history>>} */
const histories = new WeakMap();

/**
 * The history of a model, one for all its views: what the hand has done to the traits that Python names.
 * @param {Model} model
 * @param {(values: import("./history.js").State) => void} [restore] what leads to a state
 */
function pastOf(model, restore = quietly(model)) {
  /** @type {import("./python.js").Call | undefined} */
  const call = model.get("_call");
  const names = call?.traits ?? [];
  const now = () => Object.fromEntries(names.map((name) => [name, model.get(name)]));
  const lead = leadOf(model);
  const past = histories.get(lead) ?? history(now());
  histories.set(lead, past);
  lead.began ??= () => { if (past.note(now())) for (const tell of past.ears) tell(); };
  /** @param {import("./history.js").State | null} values */
  const go = (values) => {
    if (!values) return;
    // What moves by itself would move on from there.
    restore(model.get("playing") ? { ...values, playing: false } : values);
    for (const tell of past.ears) tell();
  };
  return { past, call, now, go, names };
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
 * of `root` changes, and the card's tools. Return what ends it; closed() does the rest of the cleaning, and
 * restore(values) is for a card that asks Python about each state: undo and redo set the model by it.
 * @param {Model} model
 * @param {HTMLElement} root
 * @param {string[]} names
 * @param {Paint} paint
 * @param {{ changed?: () => void, themed?: (theme: string) => void, closed?: () => void, story?: Story,
 *   restore?: (values: import("./history.js").State) => void }} [does]
 */
export function live(model, root, names, paint, { changed = paint, themed = () => {}, closed = () => {}, story, restore } = {}) {
  const events = names.map((name) => `change:${name}`).join(" ");
  model.on(events, changed);
  const forget = followTheme(root, (theme) => { themed(theme); paint(); });
  const observer = new ResizeObserver(([{ contentRect }]) => {
    const width = Math.floor(contentRect.width) || 860; // 0 while it is hidden
    if (rooms.get(root) === width) return;
    const focused = root.contains(document.activeElement);
    rooms.set(root, width);
    paint();
    // What is laid out anew may have had the focus.
    if (focused) requestAnimationFrame(() => { if (document.activeElement === document.body) focusOn(root); });
  });
  observer.observe(root);
  root.lang = language();
  const told = story && {
    on: () => story.on,
    forth() {
      if (model.get("playing")) quietly(model)({ playing: false });
      story.forth();
      paint();
    },
    back() { story.back(); paint(); },
  };
  const tidy = toolbar(root, pastOf(model, restore), told);
  paint();
  return () => {
    tidy();
    model.off(events, changed);
    observer.disconnect();
    forget();
    paint.cancel();
    closed();
  };
}
