// What a hand does to LinkedView's model: look at a unit or an edge, walk, edit, resize.

import { replaced } from "../shared/edit.js";
import { batched } from "../shared/life.js";
import { clamp } from "../shared/numbers.js";
import { t } from "../shared/words.js";
import { layer, low, resized, weightName } from "./model.js";

/** @typedef {import("./parts.js").Hand} Hand */
/** @typedef {{ parts: () => import("./view.js").Drawings, tray: () => ReturnType<typeof import("./words.js").buildTray> }} Parts */

/**
 * @param {import("../shared/life.js").Model} model
 * @param {{ hint: { show: (alert: string) => void }, paint: () => void, editor: ReturnType<typeof import("../shared/edit.js").numberEditor> } & Parts} view
 */
export function gestures(model, { hint, paint, editor, parts, tray }) {
  const change = batched(model);
  const now = () => layer(model);
  /** @type {number | null} */
  let hot = null; // the input whose edge into the unit is pointed at
  /** @param {number} row @param {number | null} column */
  function look(row, column) {
    const { row: old, units } = now();
    const to = clamp(row, 0, units - 1);
    if (to === old && column === hot) return;
    hot = column;
    hint.show("");
    if (to !== old) change({ row: to });
    paint();
  }
  const edits = editing({ model, change, now, hint, paint, editor, look, parts, tray });
  const hand = {
    now, look, change, ...edits,
    hot: () => hot,
    /** @param {string} key @returns {boolean} */
    walk: (key) => walk(key, hand),
    /** @param {string} [typed] */
    editPointed(typed) {
      const { row, edges } = now();
      edits.editWeight(row, hot ?? edges[0], typed);
      return true;
    },
    /** @param {(old: { n: number, m: number }) => { n?: number, m?: number, padding?: string }} wanted */
    resize(wanted) {
      editor.close();
      hint.show("");
      change(resized(now(), wanted(now())));
      hand.keepHot(model.get("n"));
    },
    /** The input pointed at, among those that are left. @param {number} n */
    keepHot(n) {
      if (hot !== null && hot >= n) hot = null;
      return hot;
    },
  };
  return hand;
}

/**
 * Walk along the edges of the unit, or to another unit.
 * @param {string} key
 * @param {Hand} hand
 */
function walk(key, hand) {
  const { row, units, index, edges, kind, stride } = hand.now();
  const hot = hand.hot();
  if (key === "Escape" && hot !== null) {
    hand.look(row, null);
    return true;
  }
  const steps = /** @type {Record<string, number>} */ ({ ArrowUp: -1, ArrowDown: 1, Home: -units, End: units, PageUp: -units, PageDown: units });
  if (steps[key]) {
    const to = clamp(row + steps[key], 0, units - 1);
    // The pointed weight travels with the window; without one, with the input.
    const along = hot === null ? null : kind === "full" ? hot : hot + (to - row) * stride;
    hand.look(to, along !== null && index[to][along] >= 0 ? along : null);
    return true;
  }
  if (key !== "ArrowLeft" && key !== "ArrowRight") return false;
  const step = key === "ArrowLeft" ? -1 : 1;
  const at = hot === null ? -1 : edges.indexOf(hot);
  hand.look(row, edges[at < 0 ? (step > 0 ? 0 : edges.length - 1) : clamp(at + step, 0, edges.length - 1)]);
  return true;
}

/**
 * How inputs, weights and the shared filter are edited.
 * @param {{ model: import("../shared/life.js").Model, change: (values: Record<string, any>) => void, now: () => import("./model.js").Layer,
 *   hint: { show: (alert: string) => void }, paint: () => void, editor: ReturnType<typeof import("../shared/edit.js").numberEditor>,
 *   look: (row: number, column: number | null) => void } & Parts} view
 */
function editing({ model, change, now, hint, paint, editor, look, parts, tray }) {
  /**
   * @param {HTMLElement} host
   * @param {{ x: number, y: number, size: number }} box
   * @param {{ value: number, label: string, typed?: string, commit: (value: number) => void, next: (key: string) => void }} edit
   */
  function open(host, box, edit) {
    const size = Math.max(box.size, 40);
    const place = { x: box.x + box.size / 2 - size / 2, y: box.y + box.size / 2 - size / 2, size };
    editor.open(host, { frame: host, box: () => place }, 0, 0, { ...edit, commit(value) { hint.show(""); edit.commit(value); } });
  }
  /** @param {number} j */
  function editInput(j, typed = "") {
    editor.close();
    const { row, index, inputs } = now();
    look(row, index[row][j] >= 0 ? j : null);
    open(parts().product.element, parts().product.inputBox(j), { value: inputs[j], typed, label: t("linked_view.input_number", { number: j }),
      commit: (value) => change({ inputs: model.get("inputs").with(j, value) }),
      next(key) {
        const to = j + (/** @type {Record<string, number>} */ ({ Tab: 1, ArrowDown: 1, BackTab: -1, ArrowUp: -1 })[key] ?? NaN);
        if (to >= 0 && to < now().n) editInput(to);
        else parts().product.inputs.focus({ preventScroll: true });
      } });
  }
  /** @param {number} i @param {number} j */
  function editWeight(i, j, typed = "") {
    editor.close();
    const state = now();
    const id = state.index[i]?.[j];
    if (id === undefined) return; // a cell that the next frame takes away
    if (id < 0) {
      hint.show(t("linked_view.no_weight", { input: `a${low(j)}`, output: `a′${low(i)}` }));
      paint();
      return;
    }
    look(i, j);
    open(parts().product.element, parts().product.box(i, j), { value: state.weight(i, j), typed, label: t("linked_view.weight_named", { name: weightName(state, i, j).join(" ") }),
      commit: (value) => change(state.kind === "shared" ? { theta: model.get("theta").with(id, value) }
        : { weights: replaced(model.get("weights"), i, j, value) }),
      next(key) {
        const to = j + (/** @type {Record<string, number>} */ ({ Tab: 1, BackTab: -1 })[key] ?? NaN);
        if (now().index[i]?.[to] >= 0) editWeight(i, to);
        else parts().product.matrix.focus({ preventScroll: true });
      } });
  }
  /** @param {number} id */
  function editFilter(id) {
    const tile = tray().tile(id);
    const box = { x: tile.offsetLeft + tile.offsetWidth / 2 - 20, y: tile.offsetTop + tile.offsetHeight / 2 - 20, size: 40 };
    open(tray().element, box, { value: now().theta[id], label: t("linked_view.weight_named", { name: `θ ${id}` }),
      commit: (value) => change({ theta: model.get("theta").with(id, value) }),
      next(key) {
        const to = id + (/** @type {Record<string, number>} */ ({ Tab: 1, BackTab: -1 })[key] ?? NaN);
        if (to >= 0 && to < now().m) editFilter(to);
        else tray().tile(id)?.focus({ preventScroll: true });
      } });
  }
  return { editInput, editWeight, editFilter };
}
