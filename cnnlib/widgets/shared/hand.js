// What a hand does: drag, point, tap twice, press keys.

import { put } from "./dom.js";
import { clamp } from "./numbers.js";

/** Whether fingers lead here: hints speak of tapping then. */
export const byFinger = () => typeof matchMedia === "function" && matchMedia("(pointer: coarse)").matches;

/** @typedef {{ r: number, c: number, inside: boolean }} At the cell under a pointer, and whether there is one */
/** @typedef {{ row: number, col: number }} Place */
/** @typedef {Place & { rows: number, cols: number }} Walk a place among rows × cols */

/** Jupyter leaves the keys to an element that carries this itself. */
export const KEEP_KEYS = { "data-lm-suppress-shortcuts": "true" };

/** What an element that takes keys carries. */
export const TAKES_KEYS = { tabindex: 0, role: "application", ...KEEP_KEYS };

/**
 * Drag with mouse, pen or finger. start(event) returns false where there is nothing to take, and
 * "loose" where a finger may scroll the page instead (what it has moved counts once it goes sideways). Meanwhile the widget is "cnn-dragging".
 * @param {HTMLElement | SVGElement} element
 * @param {{ start: (event: PointerEvent) => boolean | string | void, move: (event: PointerEvent) => void,
 *   end?: (event: PointerEvent) => void }} gesture
 */
export function onDrag(element, { start, move, end = () => {} }) {
  /** @type {number | null} */
  let taken = null;
  let firm = false;
  let from = { x: 0, y: 0 };
  /** @param {string} name @param {(event: PointerEvent) => void} handle */
  const on = (name, handle) => element.addEventListener(name, (event) => handle(/** @type {PointerEvent} */ (event)));
  on("pointerdown", (event) => {
    if (event.button !== 0 || taken !== null) return;
    const grip = start(event);
    if (grip === false) return;
    firm = grip !== "loose";
    from = { x: event.clientX, y: event.clientY };
    taken = event.pointerId;
    element.setPointerCapture(taken);
    element.closest(".cnn")?.classList.add("cnn-dragging");
  });
  // Comes after pointerdown; only this keeps every browser from scrolling with the finger.
  element.addEventListener("touchstart", (event) => {
    if (taken !== null && firm && event.cancelable) event.preventDefault();
  }, { passive: false });
  on("pointermove", (event) => {
    if (event.pointerId !== taken) return;
    const mayScroll = !firm && event.pointerType === "touch";
    if (mayScroll && Math.abs(event.clientX - from.x) <= Math.abs(event.clientY - from.y)) return;
    firm = true;
    move(event);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    on(name, (event) => {
      if (event.pointerId !== taken) return;
      taken = null;
      element.closest(".cnn")?.classList.remove("cnn-dragging");
      end(event);
    });
  }
}

/**
 * Follow a pointer that is pressed on a picture. A finger that swipes up or down there scrolls the page, so a finger
 * counts when it goes sideways, or is lifted where it was. The picture's style: "touch-action: pan-y pinch-zoom".
 * @param {HTMLElement | SVGElement} element
 * @param {(event: PointerEvent) => void} follow
 */
export function onFollow(element, follow) {
  onDrag(element, {
    start(event) {
      if (event.pointerType !== "touch") follow(event);
      return "loose";
    },
    move: follow,
    end(event) { if (event.type === "pointerup" && event.pointerType === "touch") follow(event); },
  });
}

/**
 * Drag a window of high × wide cells over a grid, or call it to where the hand points. A second tap on
 * a cell is another gesture: twice(at).
 * @param {{ frame: HTMLElement | SVGElement, at: (event: PointerEvent) => At }} grid
 * @param {{ high: number, wide: number, corner: () => { r: number, c: number },
 *   moveTo: (r: number, c: number) => boolean, twice: (at: At) => boolean, free?: (at: At) => boolean }} does
 *   corner() is the window's first cell; moveTo() brings it near (r, c) and tells whether it has moved;
 *   twice() tells whether there is something to do; free() whether a press beside the window calls it
 */
export function onWindow(grid, { high, wide, corner, moveTo, twice, free = () => true }) {
  const again = doubleTap();
  let grip = { r: 0, c: 0 };
  let moved = false;
  /** @param {At} at */
  const call = (at) => moveTo(at.r - grip.r, at.c - grip.c);
  onDrag(grid.frame, {
    start(event) {
      const at = grid.at(event);
      if (!at.inside) return false;
      const [r, c] = [at.r - corner().r, at.c - corner().c];
      const held = r >= 0 && c >= 0 && r < high && c < wide;
      if (!held && !free(at)) return false;
      // A finger beside the window may be scrolling the page: it counts when it is lifted.
      grip = held ? { r, c } : { r: (high - 1) / 2, c: (wide - 1) / 2 };
      moved = false;
      if (!held && event.pointerType !== "touch") call(at);
      grid.frame.focus({ preventScroll: true });
      return held || "loose";
    },
    move(event) { moved = call(grid.at(event)) || moved; },
    end(event) {
      const at = grid.at(event);
      if (event.type === "pointercancel" || moved || !at.inside) return;
      if (!(again(event, at) && twice(at)) && event.pointerType === "touch") call(at);
    },
  });
}

/**
 * visit(at) for each cell that the pointer passes over or presses, also those between two frames;
 * leave() where it is on none.
 * @param {{ frame: HTMLElement | SVGElement, at: (event: PointerEvent) => At }} grid
 * @param {(at: At, event: PointerEvent) => void} visit
 * @param {() => void} [leave]
 */
export function onPoint(grid, visit, leave = () => {}) {
  /** @param {Event} event */
  const point = (event) => {
    const now = /** @type {PointerEvent} */ (event);
    const passed = now.type === "pointermove" ? now.getCoalescedEvents?.() ?? [] : [];
    for (const one of passed.length ? passed : [now]) {
      const at = grid.at(one);
      if (at.inside) visit(at, now);
      else leave();
    }
  };
  for (const name of ["pointermove", "pointerdown"]) grid.frame.addEventListener(name, point);
  grid.frame.addEventListener("pointerleave", leave);
}

/** Tells, asked at each tap, whether it is the second on one cell within 0.4 s. */
export function doubleTap() {
  let last = { time: -Infinity, r: 0, c: 0 };
  /** @param {Event} event @param {{ r: number, c: number }} at */
  return (event, { r, c }) => {
    const again = event.timeStamp - last.time < 400 && last.r === r && last.c === c;
    last = { time: event.timeStamp, r, c };
    return again;
  };
}

/**
 * Call handle(key, event) on a key; unless it returns false, the key goes no further. Keys in quick
 * succession, as from one held down, make the widget "cnn-hurried": what slides must not lag behind.
 * With `alt` it hears of keys with Alt, too.
 * @param {HTMLElement | SVGElement} element
 * @param {(key: string, event: KeyboardEvent) => boolean | void} handle
 * @param {{ alt?: boolean }} [also]
 */
export function onKey(element, handle, { alt = false } = {}) {
  let last = -Infinity;
  element.addEventListener("keydown", (any) => {
    const event = /** @type {KeyboardEvent} */ (any);
    element.closest(".cnn")?.classList.toggle("cnn-hurried", event.timeStamp - last < 200);
    last = event.timeStamp;
    if ((event.altKey && !alt) || event.metaKey || handle(event.key, event) === false) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

/**
 * The step of an arrow key: [rows, columns], or null.
 * @param {string} key
 * @returns {[number, number] | null}
 */
export const arrow = (key) => /** @type {Record<string, [number, number]>} */ (
  { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] })[key] ?? null;

/**
 * Where a key leads among rows × cols places, or null: arrows by `step`, Home and End along the row
 * (with Ctrl to the first and the last place), Page Up and Page Down along the column.
 * @param {KeyboardEvent} event
 * @param {Walk} walk
 * @returns {Place | null}
 */
export function walked({ key, ctrlKey }, { row, col, rows, cols }, step = 1) {
  const by = arrow(key);
  if (by) {
    return ctrlKey ? null : { row: clamp(row + step * by[0], 0, rows - 1), col: clamp(col + step * by[1], 0, cols - 1) };
  }
  switch (key) {
    case "Home": return { row: ctrlKey ? 0 : row, col: 0 };
    case "End": return { row: ctrlKey ? rows - 1 : row, col: cols - 1 };
    case "PageUp": return { row: 0, col };
    case "PageDown": return { row: rows - 1, col };
    default: return null;
  }
}

/**
 * What an editable cell does on a key: null nothing, "" opens, a character opens with it typed.
 * @param {KeyboardEvent} event
 */
export function opening({ key, ctrlKey }) {
  if (key === "Enter" || key === "F2") return "";
  return !ctrlKey && /^[-−+.\d]$/.test(key) ? key : null;
}

/** Whether an arrow belongs to the field that it was pressed in, where a part is chosen or letters follow. @param {Element} at @param {number} step */
function inText(at, step) {
  if (!(at instanceof HTMLInputElement)) return false;
  const [from, to, end] = [at.selectionStart ?? 0, at.selectionEnd ?? 0, at.value.length];
  return !(to - from === end || (from === to && from === (step < 0 ? 0 : end)));
}

/**
 * One stop for Tab among many controls, the one that had the focus last; rows() are the controls, a list a line. The
 * arrows ← → lead through them, Home and End to the ends of a line, with Ctrl to the first and the last; ↑ ↓ lead to the
 * same place of another line, from buttons to buttons: fields keep these keys, and all that move in their text.
 * @param {HTMLElement} element
 * @param {() => HTMLElement[][]} rows
 * @returns {() => void} to be called once the controls are there, or others are
 */
export function roving(element, rows) {
  /** @type {EventTarget | null} */
  let last = null;
  const settle = () => {
    const all = rows().flat();
    if (!all.some((one) => one === last)) last = all[0] ?? null;
    for (const one of all) put(one, "tabindex", one === last ? "0" : "-1");
  };
  /** @param {HTMLElement} at @param {KeyboardEvent} event @returns {HTMLElement | undefined} */
  const next = (at, { key, ctrlKey }) => {
    const [lines, field] = [rows(), at instanceof HTMLInputElement];
    const all = lines.flat();
    const line = lines.findIndex((one) => one.includes(at));
    const [down, across] = arrow(key) ?? [0, 0];
    if (line < 0) return undefined;
    if (across) return ctrlKey || inText(at, across) ? undefined : all[(all.indexOf(at) + across + all.length) % all.length];
    if (field) return undefined;
    if (key === "Home" || key === "End") return (ctrlKey ? all : lines[line]).at(key === "Home" ? 0 : -1);
    const place = lines[line].indexOf(at);
    const there = down < 0 ? lines.slice(0, line).reverse() : down > 0 ? lines.slice(line + 1) : [];
    return ctrlKey ? undefined : there.map((one) => one[place]).find((one) => one && !(one instanceof HTMLInputElement));
  };
  element.addEventListener("focusin", ({ target }) => { last = target; settle(); });
  // Before the field in which the key is pressed: it would keep it.
  element.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.shiftKey) return;
    const to = next(/** @type {HTMLElement} */ (event.target), event);
    if (!to) return;
    event.preventDefault();
    event.stopPropagation();
    to.focus({ preventScroll: true });
    to.scrollIntoView?.({ block: "nearest" });
  }, true);
  return settle;
}
