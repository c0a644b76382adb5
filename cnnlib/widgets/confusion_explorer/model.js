// What ConfusionExplorer shows, as numbers and as words.

import { largest } from "../shared/numbers.js";

/** @typedef {ReturnType<typeof mistakes>} Mistakes */

export const MOST = 24; // images of one cell: widget.py

/**
 * How many images at most share one mistake, and the cells of all mistakes, the most frequent first.
 * @param {number[][]} counts
 */
export function mistakes(counts) {
  const cells = counts.flatMap((line, r) => line.map((count, c) => ({ r, c, count: r === c ? 0 : count })));
  return {
    most: largest(cells.map(({ count }) => count)),
    frequent: cells.filter(({ count }) => count).sort((a, b) => b.count - a.count || a.r - b.r || a.c - b.c),
  };
}

/**
 * The mistake after the one at (row, col), or null where there is none.
 * @param {Mistakes} all @param {number} row @param {number} col
 */
export function nextMistake({ frequent }, row, col) {
  if (!frequent.length) return null;
  return frequent[(frequent.findIndex(({ r, c }) => r === row && c === col) + 1) % frequent.length];
}

/**
 * The title over a cell's images, and what the picture says as a line of text.
 * @param {number[][]} counts @param {number} row @param {number} col
 */
export function sentences(counts, row, col) {
  const [count, right] = [counts[row][col], row === col];
  const total = counts[row].reduce((sum, one) => sum + one, 0);
  const what = right ? `read as what ${count === 1 ? "it is" : "they are"}` : `taken for a ${col}`;
  const more = count > MOST ? `; the ${MOST} ${right ? "least" : "most"} sure of them are shown` : "";
  const read = right ? `A ${row}, read as ${row}: how sure?` : `A ${row}, taken for a ${col}: how sure?`;
  return {
    title: count ? read : `No ${row} is taken for a ${col}.`,
    says: `${count.toLocaleString("en")} of ${total.toLocaleString("en")} images of a ${row} ` +
      `${count === 1 ? "is" : "are"} ${what}${more}.`,
  };
}
