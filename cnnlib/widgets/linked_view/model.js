// One integer matrix rules LinkedView: layerIndex() says which parameter sits on which edge, −1 that there is none.

import { clamp, formatNumber, largest, outputSize } from "../shared/numbers.js";
import { t } from "../shared/words.js";

/** @typedef {import("../shared/life.js").Model} Model */
/** @typedef {ReturnType<typeof layer>} Layer */

export const MOST = 12;

/** Zeros on each side of the inputs. @param {number} m @param {string} padding */
const zerosOf = (m, padding) => (padding === "same" ? Math.floor((m - 1) / 2) : 0);

/**
 * Which parameter sits on the edge from input j to unit i; −1 where there is none.
 * @param {number} n
 * @param {number} m
 * @param {string} kind
 */
export function layerIndex(n, m, kind, padding = "same", stride = 1) {
  const zeros = zerosOf(m, padding);
  let free = 0;
  return Array.from({ length: outputSize(n, m, { stride, padding: zeros }) }, (_, i) => Array.from({ length: n }, (_unused, j) => {
    const k = j - i * stride + zeros;
    const edge = k >= 0 && k < m;
    if (kind === "shared") return edge ? k : -1;
    return kind === "full" || edge ? free++ : -1;
  }));
}

/**
 * How the number of parameters follows from n and m: [in letters, in numbers].
 * @param {number} n
 * @param {number} m
 * @param {string} kind
 */
export function parameterFormula(n, m, kind, padding = "same", stride = 1) {
  const units = layerIndex(n, m, kind, padding, stride).length;
  if (kind === "shared") return ["m", ""];
  if (stride > 1) return kind === "full" ? [t("linked_view.units_n"), `${units} · ${n}`] : [t("linked_view.one_a_link"), ""];
  if (padding === "valid") {
    const shrunk = m > 1 ? `n − ${m - 1}` : "n";
    return kind === "full" ? [`n(${shrunk})`, `${n} · ${units}`] : [`${m}(${shrunk})`, `${m} · ${units}`];
  }
  const missing = (m * m - 1) / 4;
  if (kind === "full") return ["n²", `${n}²`];
  return missing ? [`${m}n − ${missing}`, `${m} · ${n} − ${missing}`] : ["n", ""];
}

/** The weight that a new edge begins with, as free_weights. @param {number} i @param {number} j */
export function freeWeight(i, j) {
  const step = (5 * i + 3 * j + 2 * i * j) % 8;
  return (step - 4 + Number(step >= 4)) / 4;
}

/** A filter of m weights with this one in its middle, as resize_filter. @param {number[]} theta @param {number} m */
export function resizeFilter(theta, m) {
  const start = Math.floor((m - theta.length) / 2);
  return Array.from({ length: m }, (_, k) => theta[k - start] ?? 0);
}

/**
 * The traits of a layer with another size or padding: sizes that fit, numbers that grow and shrink with them, a row
 * that exists. Python does the same when one of them is set; tests/test_widget_linked_view.py holds the two equal.
 * @param {{ n: number, m: number, padding: string, stride: number, row: number, inputs: number[], theta: number[],
 *   weights: number[][] }} old
 * @param {{ n?: number, m?: number, padding?: string }} wanted
 */
export function resized(old, { n: wish = old.n, m: size = old.m, padding = old.padding }) {
  const n = clamp(wish, 1, MOST);
  let m = size > n ? n - Number(n % 2 === 0) : Math.max(size, 1);
  if (padding === "same" && m % 2 === 0) m -= 1;
  const units = outputSize(n, m, { stride: old.stride, padding: zerosOf(m, padding) });
  return {
    n, kernel_size: m, padding,
    inputs: Array.from({ length: n }, (_, j) => old.inputs[j] ?? Number(j % 5 < 3)),
    weights: Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_unused, j) => old.weights[i]?.[j] ?? freeWeight(i, j))),
    theta: m === old.theta.length ? old.theta : resizeFilter(old.theta, m),
    row: Math.min(old.row, units - 1),
  };
}

/** A number as subscript digits. @param {number} number */
export const low = (number) => String(number).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]);

/**
 * The layer that the traits describe.
 * @param {Model} model
 */
export function layer(model) {
  /** @type {[number, number, string, string, number]} */
  const [n, m, kind, padding, stride] = [model.get("n"), model.get("kernel_size"), model.get("kind"), model.get("padding"), model.get("stride")];
  /** @type {number[][]} */
  const [inputs, theta] = [model.get("inputs"), model.get("theta")];
  /** @type {number[][]} */
  const weights = model.get("weights");
  /** @type {string} */
  const activation = model.get("activation");
  const index = layerIndex(n, m, kind, padding, stride);
  /** @param {number} i @param {number} j */
  const weight = (i, j) => (index[i][j] < 0 ? 0 : kind === "shared" ? theta[index[i][j]] : weights[i][j]);
  const z = index.map((line, i) => line.reduce((sum, _, j) => sum + weight(i, j) * inputs[j], 0));
  const outputs = activation === "sigmoid" ? z.map((one) => 1 / (1 + Math.exp(-one))) : z;
  const links = index.flat().filter((id) => id >= 0).length;
  const units = index.length;
  const count = kind === "shared" ? m : links;
  const row = clamp(model.get("row"), 0, units - 1);
  return { n, m, kind, padding, stride, zeros: zerosOf(m, padding), inputs, theta, weights, index, units, weight, z, outputs, links, count,
    withBiases: count + (kind === "shared" ? 1 : units), activation, row,
    edges: index[row].flatMap((id, j) => (id >= 0 ? [j] : [])),
    ends: { input: largest(inputs), output: largest(outputs) } };
}

/** First and last input that the unit sees. @param {Layer} state */
export const windowOf = ({ edges }) => ({ first: edges[0], last: edges[edges.length - 1] });

/** [letter, subscript] of the weight on an edge. @param {Layer} state @param {number} i @param {number} j */
export const weightName = ({ kind, index }, i, j) => (kind === "shared" ? ["θ", `${index[i][j]}`] : ["Θ", `${i},${j}`]);

/**
 * The rule of all units: [range of the sum, weight, its subscript, subscript of the input, what it means].
 * @param {Layer} state
 */
export function ruleText({ kind, padding, stride, m }) {
  const reach = (m - 1) / 2;
  const step = stride > 1 ? `${stride}i` : "i";
  if (kind === "full") return ["j = 0 … n − 1", "Θ", "i,j", "j", t("linked_view.rule_full")];
  const meaning = t(kind === "local" ? "linked_view.rule_local" : "linked_view.rule_shared", { count: m });
  if (kind === "local") return [padding === "same" ? `|j − ${step}| ≤ ${reach}` : `j = ${step} … ${step} + ${m - 1}`, "Θ", "i,j", "j", meaning];
  return padding === "same" ? [`j = −${reach} … ${reach}`, "θ", reach ? `j+${reach}` : "j", `${step}+j`, meaning]
    : [`j = 0 … ${m - 1}`, "θ", "j", `${step}+j`, meaning];
}

/**
 * What the picture says, as a line of text: of the unit, or of the edge pointed at.
 * @param {Layer} state
 * @param {number | null} hot
 */
export function sentence(state, hot) {
  const { n, m, kind, count, links, withBiases, row, units, index, edges, outputs, padding, stride } = state;
  const comma = n > 10 ? "‚" : "";
  /** @param {number} j */
  const weight = (j) => (kind === "shared" ? `θ${low(index[row][j])}` : `Θ${low(row)}${comma}${low(j)}`);
  if (hot === null) {
    const [letters] = parameterFormula(n, m, kind, padding, stride);
    return t("linked_view.says", { row, last: units - 1, kind: t(`linked_view.kind_${kind}`), value: formatNumber(outputs[row]), formula: letters,
      sum: `a′${low(row)} = g(${edges.map((j) => `${weight(j)}·a${low(j)}`).join(" + ")})`,
      parameters: t("linked_view.parameters", { count }), links: t("linked_view.links", { count: links }), count: withBiases });
  }
  const id = index[row][hot];
  const ends = { input: `a${low(hot)}`, output: `a′${low(row)}` };
  if (id < 0) return t("linked_view.no_edge", ends);
  const uses = index.flat().filter((other) => other === id).length;
  return t(kind === "shared" ? "linked_view.edge_shared" : "linked_view.edge_own", { ...ends, weight: weight(hot),
    value: formatNumber(state.weight(row, hot)), edges: t("linked_view.edges", { count: uses }) });
}
