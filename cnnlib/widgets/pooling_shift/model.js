// What PoolingShift shows, as numbers and as words.

import { clamp, correlate2d, formatNumber, largest, percent, pool2d, poolCells } from "../shared/numbers.js";
import { t } from "../shared/words.js";

/** @typedef {import("../shared/life.js").Model} Model */
/** @typedef {ReturnType<typeof compute>} State */

export const FARTHEST = 4; // pixels of a shift

/**
 * The values moved, with `outside` where it is not known what moved in.
 * @template T
 * @param {number[][]} values @param {number} down @param {number} right @param {T} outside
 * @returns {(number | T)[][]}
 */
const shifted = (values, down, right, outside) =>
  values.map((line, r) => line.map((_, c) => values[r - down]?.[c - right] ?? outside));

/**
 * How far the pooled map is expected to move: the nearest whole cell; a half goes outward, as in widget.py.
 * @param {number} by @param {number} size
 */
const wholeCells = (by, size) => Math.sign(by) * Math.floor(Math.abs(by) / size + 0.5) || 0;

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / (values.length || 1);

/**
 * What the model says, and all that follows from it.
 * @param {Model} model
 */
export function compute(model) {
  /** @type {number[][][]} */
  const [image, kernel] = [model.get("image"), model.get("kernel")];
  /** @type {number[]} */
  const [down, right, size] = [model.get("down"), model.get("right"), model.get("size")];
  /** @type {"max" | "average"} */
  const pool = model.get("pool");
  const stays = model.get("compare") === "stay";
  /** @param {number[][]} values */
  const maps = (values) => {
    const map = correlate2d(values, kernel).map((line) => line.map((value) => Math.max(value, 0)));
    return [map, pool2d(map, size, pool)];
  };
  const moved = shifted(image, down, right, 0);
  const [before, now] = [maps(image), maps(moved)];
  const step = [wholeCells(down, size), wholeCells(right, size)];
  const expected = stays ? before : [shifted(before[0], down, right, null), shifted(before[1], step[0], step[1], null)];
  const differences = now.map((map, k) => map.map((line, r) => line.map((value, c) => {
    const other = expected[k][r][c];
    return other === null ? null : value - other;
  })));
  const errors = differences.map((map, k) => {
    const most = mean(before[k].flat());
    return most ? mean(map.flat().flatMap((value) => (value === null ? [] : [Math.abs(value)]))) / most : 0;
  });
  const [rows, cols] = [now[1].length, now[1][0].length];
  return {
    image, kernel, down, right, pool, size, stays, moved, now, step, differences, errors, rows, cols,
    end: Math.max(largest(before), largest(now)),
    row: clamp(model.get("row"), 0, rows - 1),
    col: clamp(model.get("col"), 0, cols - 1),
  };
}

/** A kind of pooling, as one reads it. @param {string} pool */
export const poolName = (pool) => t(`pooling_shift.pool_${pool}`);

/** The measured changes, what they measure, and what the picture says. @param {State} state */
export function words({ down, right, pool, size, stays, step, errors, now: [map, pooled], row, col }) {
  const shares = errors.map((error) => percent(error));
  const moves = t("pooling_shift.moves", { steps: step.map(formatNumber).join(", ") });
  const kind = `${poolName(pool)} ${size}×${size}`;
  const shift = t("pooling_shift.by", { down: formatNumber(down), right: formatNumber(right) });
  return {
    shares, shift,
    cell: t(`pooling_shift.cell_${pool}`, { row, col, value: formatNumber(pooled[row][col]),
      values: poolCells(map, size, row, col).map(({ value }) => formatNumber(value)).join(", ") }),
    caption: t(stays ? "pooling_shift.stay" : "pooling_shift.follow"),
    question: stays ? t("pooling_shift.question_stay") : t("pooling_shift.question_follow", { moves }),
    says: t(stays ? "pooling_shift.says_stay" : "pooling_shift.says_follow", { shift, before: shares[0], after: shares[1], kind, moves }),
  };
}
