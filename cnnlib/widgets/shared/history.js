// What a hand has done, a gesture an entry: undo, redo, and the way back to the beginning.

import { bytes } from "./numbers.js";

/** @typedef {Record<string, any>} State the values of a model's traits, by name */

/**
 * Whether two values are equal, down to their bytes.
 * @param {any} one
 * @param {any} other
 * @returns {boolean}
 */
export function alike(one, other) {
  if (one === other) return true;
  const [mine, theirs] = [one, other].map((value) => (ArrayBuffer.isView(value) ? bytes(value) : value));
  if ([mine, theirs].some((value) => value === null || typeof value !== "object") || mine.constructor !== theirs.constructor) return false;
  if (mine instanceof Uint8Array) return mine.length === theirs.length && mine.every((byte, i) => byte === theirs[i]);
  const names = Object.keys(mine);
  return names.length === Object.keys(theirs).length && names.every((name) => name in theirs && alike(mine[name], theirs[name]));
}

/** What of `state` is otherwise in `now`. @param {State} state @param {State} now @returns {State} */
export const differing = (state, now) =>
  Object.fromEntries(Object.entries(state).filter(([name, value]) => !alike(value, now[name])));

/** @param {State} state @param {State} now */
const unchanged = (state, now) => Object.keys(differing(state, now)).length === 0;

/**
 * The states that gestures have led away from, `most` of them. What it returns is what to set.
 * @param {State} first where reset() leads
 */
export function history(first, most = 200) {
  /** @type {State[]} */
  const past = [];
  /** @type {State[]} */
  let future = [];
  let open = false; // a gesture has changed something, and more of it may follow
  /** @param {State} now */
  const close = (now) => {
    const was = open;
    open = false;
    if (was && unchanged(past[past.length - 1], now)) past.pop();
    else if (was) future = [];
    return was;
  };
  /** @param {State[]} from @param {State[]} to @param {State} now */
  function step(from, to, now) {
    close(now);
    const state = from.pop();
    if (!state) return null;
    to.push(now);
    return differing(state, now);
  }
  return {
    first,
    /** Who is told that there is something to undo or redo now, or nothing any more. @type {Set<() => void>} */
    ears: new Set(),
    /** Something is about to change that is `now`. @param {State} now */
    note(now) {
      if (open) return false;
      past.push(now);
      if (past.length > most) past.shift();
      open = true;
      return true;
    },
    /** The gesture is over, if there was one; what has changed nothing was none. */
    close,
    /** @param {State} now */
    undo: (now) => step(past, future, now),
    /** @param {State} now */
    redo: (now) => step(future, past, now),
    /** To the first state, which undo() takes back. @param {State} now */
    reset(now) {
      close(now);
      if (unchanged(first, now)) return null;
      past.push(now);
      future = [];
      return differing(first, now);
    },
    get steps() { return { back: past.length, forth: future.length }; },
  };
}
