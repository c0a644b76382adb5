// Which outputs the window has visited.

/**
 * The outputs visited, by their number in reading order. What lies before the first counts too: a picture
 * of it would show them. A visit is marked where the hand moves, not where it is painted.
 */
export function visits() {
  /** @type {Set<number>} */
  let seen = new Set();
  let among = "";
  let fresh = -1;
  return {
    /**
     * The window is at `index` of the outputs whose sizes `shape` names; other sizes begin anew.
     * @param {number} index
     * @param {string} shape
     */
    at(index, shape) {
      if (among !== shape) {
        among = shape;
        seen = new Set(Array(index + 1).keys());
      } else if (!seen.has(index)) {
        seen.add(index);
        fresh = index;
      }
    },
    /** Forget all but the first output. */
    restart() {
      seen = new Set([0]);
      fresh = -1;
    },
    /** @param {number} index */
    has: (index) => seen.has(index),
    /**
     * Whether the last move went to `index` for the first time; asked once.
     * @param {number} index
     */
    isNew(index) {
      const is = fresh === index;
      fresh = -1;
      return is;
    },
  };
}
