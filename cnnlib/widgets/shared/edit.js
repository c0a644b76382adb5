// A number in a cell, edited: the field, its refusal, and the way to the next cell.

import { announce, html, put, scaleOf } from "./dom.js";
import { arrow, byFinger, KEEP_KEYS, onKey, onPoint, opening } from "./hand.js";
import { clamp, formatEditable, parseNumber, refusal } from "./numbers.js";
import { t } from "./words.js";

/** @typedef {import("./grid.js").NumberGrid} NumberGrid */
/**
 * @typedef {{ frame: HTMLElement | SVGElement, width?: number, box: (r: number, c: number) => { x: number, y: number, size: number } }} Cells
 *   what has cells to lay a field over; `width` is the frame's in its own pixels
 */
/**
 * @typedef {{ value: number, label: string, typed?: string, commit: (value: number) => void, leave: (key: string) => void,
 *   refuse: (why: string) => void }} Edit
 *   commit() takes the number; leave() is called when the field closes, with "Enter", "Escape", "Tab", "BackTab",
 *   "ArrowUp", "ArrowDown" or "blur"; refuse(why) when what was typed does not fit into the cell
 */

/**
 * A text field that Jupyter leaves all keys to: keys[key](event) is what some of them do, unless it returns
 * false. Escape puts back what stood there when the field was entered, or accepted with Enter.
 * @param {Record<string, any>} attributes
 * @param {Record<string, (event: KeyboardEvent) => boolean | void>} keys
 */
export function textField(attributes, keys) {
  const field = html("input", { type: "text", inputmode: "text", autocomplete: "off", spellcheck: "false", ...KEEP_KEYS, ...attributes });
  let before = "";
  const remember = () => { before = field.value; };
  const restore = () => {
    field.value = before;
    field.dispatchEvent(new Event("input"));
  };
  /** @type {typeof keys} */
  const acts = { Escape: restore, ...keys };
  field.addEventListener("focus", remember);
  onKey(field, (key, event) => {
    if (key === "Enter" && !field.hasAttribute("aria-invalid")) remember();
    const act = acts[key];
    const taken = act !== undefined && act(event) !== false;
    if (!taken) event.stopPropagation();
    return taken;
  });
  return field;
}

/**
 * Lay a number field over the cell (r, c), inside `host`, a positioned ancestor of the cells.
 * @param {HTMLElement} host
 * @param {Cells} cells
 * @param {number} r
 * @param {number} c
 * @param {Edit} edit
 */
export function editNumber(host, cells, r, c, { value, label, typed, commit, leave, refuse }) {
  const [outer, inner, box] = [host.getBoundingClientRect(), cells.frame.getBoundingClientRect(), cells.box(r, c)];
  const scale = scaleOf(cells.frame, cells.width);
  /** @param {KeyboardEvent} event */
  const acceptBy = ({ key, shiftKey }) => accept(shiftKey && key === "Tab" ? "BackTab" : key);
  const field = textField({ class: "cnn-field", "aria-label": label,
    style: `left:${(inner.x - outer.x) / scale + box.x}px;top:${(inner.y - outer.y) / scale + box.y}px;` +
      `width:${box.size}px;height:${box.size}px` },
    { Escape: ({ key }) => close(key), Tab: acceptBy, Enter: acceptBy, ArrowUp: acceptBy, ArrowDown: acceptBy });
  let open = true;
  /** @param {string} key */
  const close = (key) => { open = false; field.remove(); leave(key); };
  /** @param {string} key */
  const accept = (key) => {
    const why = refusal(field.value);
    if (why) {
      put(field, "aria-invalid", "true");
      refuse(t(byFinger() ? "shared.escape_keeps_touch" : "shared.escape_keeps", { why }));
      return;
    }
    commit(/** @type {number} */ (parseNumber(field.value)));
    close(key);
  };
  field.value = typed || formatEditable(value);
  field.addEventListener("input", () => put(field, "aria-invalid", null));
  field.addEventListener("pointerdown", (event) => event.stopPropagation());
  field.addEventListener("blur", () => {
    if (!open) return;
    const why = refusal(field.value);
    if (!why) commit(/** @type {number} */ (parseNumber(field.value)));
    close("blur");
    if (why) refuse(t("shared.old_stays", { why }));
  });
  host.append(field);
  field.focus({ preventScroll: true });
  if (!typed) field.select();
  return { close: () => open && close("blur") };
}

/**
 * Edits numbers, one field at a time. What is refused is said by `hint`; `paint` draws after each change.
 * @param {{ show: (alert: string) => void }} hint
 * @param {() => void} paint
 */
export function numberEditor(hint, paint) {
  /** @type {ReturnType<typeof editNumber> | null} */
  let field = null;
  const close = () => { field?.close(); };
  return {
    close,
    get busy() { return field !== null; },
    /**
     * next(key) goes on to another cell, or gives the focus back, unless the field was just left.
     * @param {HTMLElement} host
     * @param {Cells} cells
     * @param {number} r
     * @param {number} c
     * @param {{ value: number, label: string, typed?: string, commit: (value: number) => void, next: (key: string) => void }} edit
     */
    open(host, cells, r, c, { value, label, typed, commit, next }) {
      close();
      field = editNumber(host, cells, r, c, { value, label, typed,
        commit,
        leave(key) {
          field = null;
          if (key !== "blur") {
            hint.show("");
            next(key);
          }
          paint();
        },
        refuse(why) {
          hint.show(why);
          paint();
        },
      });
      paint();
    },
    /**
     * Edit the entry (r, c) of values(), which stands at place(r, c) of a grid; commit() takes the values with
     * the new one, again() goes on to the next.
     * @param {{ figure: HTMLElement, grid: NumberGrid }} part
     * @param {() => number[][]} values
     * @param {number} r
     * @param {number} c
     * @param {{ label: string, typed?: string, place?: (r: number, c: number) => [number, number],
     *   commit: (values: number[][]) => void, again: (r: number, c: number) => void }} edit
     */
    entry({ figure, grid }, values, r, c, { label, typed, place = (i, j) => [i, j], commit, again }) {
      close(); // what stands in it may be the value to be shown next
      if (values()[r]?.[c] === undefined) return; // the hand was quicker than the frame that shows fewer of them
      this.open(figure, grid, ...place(r, c), { value: values()[r][c], label, typed,
        commit(value) { if (value !== values()[r]?.[c]) commit(replaced(values(), r, c, value)); },
        next(key) {
          const to = nextCell(key, values(), r, c);
          if (to) again(...to);
          else grid.frame.focus({ preventScroll: true });
        } });
    },
  };
}

/**
 * `values` with another number at (r, c).
 * @param {number[][]} values
 * @param {number} r
 * @param {number} c
 * @param {number} value
 */
export const replaced = (values, r, c, value) => values.with(r, values[r].with(c, value));

/**
 * Where a key leads from the cell (r, c) that it has left: along the lines with Tab, to the next line with an arrow.
 * @param {string} key
 * @param {number[][]} values
 * @param {number} r
 * @param {number} c
 * @returns {[number, number] | null}
 */
export function nextCell(key, values, r, c) {
  const cols = values[0].length;
  const by = /** @type {Record<string, number>} */ ({ Tab: 1, BackTab: -1, ArrowDown: cols, ArrowUp: -cols })[key];
  const index = r * cols + c + by;
  return index >= 0 && index < values.length * cols ? [Math.floor(index / cols), index % cols] : null;
}

/**
 * Let a hand edit a grid: a click opens the cell under it; arrows move `cursor`, which stays inside, Enter opens its cell, a
 * digit opens it with the digit typed. point(index) is called with the cell pointed at, or null.
 * @param {NumberGrid} grid
 * @param {{ r: number, c: number }} cursor
 * @param {{ edit: (r: number, c: number, typed?: string) => void, paint: () => void,
 *   point?: (index: number | null) => void, click?: boolean, other?: (key: string) => boolean }} does
 *   other(key) may take more keys
 */
export function editable(grid, cursor, { edit, paint, point = () => {}, click = true, other = () => false }) {
  Object.assign(cursor, { r: Math.min(cursor.r, grid.rows - 1), c: Math.min(cursor.c, grid.cols - 1) });
  if (click) grid.frame.addEventListener("click", (event) => {
    const at = grid.at(event);
    if (at.inside) edit(at.r, at.c);
  });
  onPoint(grid, ({ r, c }) => point(r * grid.cols + c), () => point(null));
  onKey(grid.frame, (key, event) => {
    const [by, typed] = [arrow(key), opening(event)];
    if (event.ctrlKey || (by?.[0] && grid.rows === 1)) return false;
    if (by) {
      cursor.r = clamp(cursor.r + by[0], 0, grid.rows - 1);
      cursor.c = clamp(cursor.c + by[1], 0, grid.cols - 1);
      announce(grid.frame, t("shared.cell", { row: cursor.r, col: cursor.c, value: grid.label(cursor.r, cursor.c) }));
    } else if (typed !== null) edit(cursor.r, cursor.c, typed);
    else if (!other(key)) return false;
    paint();
    return true;
  });
}
