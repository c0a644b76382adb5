// What ConfusionExplorer shows, as numbers and as words.

import { largest } from "../shared/numbers.js";
import { grouped, t } from "../shared/words.js";

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
  const classes = { true: row, said: col };
  const more = count > MOST ? t(right ? "confusion_explorer.least_sure" : "confusion_explorer.most_sure", { most: MOST }) : "";
  return {
    title: t(count ? `confusion_explorer.title_${right ? "right" : "wrong"}` : "confusion_explorer.title_none", classes),
    says: t(right ? "confusion_explorer.says_right" : "confusion_explorer.says_wrong",
      { ...classes, count, number: grouped(count), total: grouped(total), more }),
  };
}
