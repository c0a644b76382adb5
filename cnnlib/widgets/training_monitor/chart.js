// A curve over the steps of a training.

import { html, put, say, svg } from "../shared/dom.js";

/** @typedef {[number, number][]} Line steps and values */

const HEIGHT = 180;
const MARGIN = { left: 44, right: 12, top: 10, bottom: 26 };

/** Three digits at most. @param {number} value */
export const short = (value) => String(Number(value.toPrecision(3)));

/** About four round numbers from 0 to `end`. @param {number} end */
export function ticks(end) {
  const rough = end / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = [1, 2, 2.5, 5, 10].map((k) => k * power).find((s) => s >= rough * 0.999) ?? rough;
  return Array.from({ length: Math.floor(end / size + 1e-9) + 1 }, (_, k) => k * size);
}

/**
 * A chart with a title and its latest value.
 * @param {string} title @param {string} color
 */
export function chart(title, color) {
  const frame = svg("svg", { class: "chart", "aria-hidden": "true", height: HEIGHT });
  const value = html("b", {});
  const element = html("figure", { class: "curve", style: `--hue: var(--${color})` },
    html("figcaption", {}, `${title} `, value), frame);
  return {
    element,
    /**
     * @param {number} width @param {number} steps @param {Line} points @param {number} end
     * @param {(value: number) => string} label @param {Line} [plan] a second, thinner line
     */
    draw(width, steps, points, end, label, plan = []) {
      const x = (/** @type {number} */ step) => MARGIN.left + (step / steps) * (width - MARGIN.left - MARGIN.right);
      const y = (/** @type {number} */ v) => HEIGHT - MARGIN.bottom - (v / end) * (HEIGHT - MARGIN.top - MARGIN.bottom);
      const path = (/** @type {Line} */ line) => line.map(([step, v]) => `${x(step).toFixed(1)},${y(Math.min(v, end)).toFixed(1)}`).join(" ");
      const [left, right, bottom] = [x(0), x(steps), y(0)];
      const lines = ticks(end).flatMap((v) => [
        svg("line", { x1: left, x2: right, y1: Math.round(y(v)) + 0.5, y2: Math.round(y(v)) + 0.5 }),
        svg("text", { x: left - 8, y: y(v), class: "y" }, short(v))]);
      const marks = ticks(steps).filter((v) => Number.isInteger(v)).map((v) =>
        svg("text", { x: x(v), y: bottom + 17, class: "x" }, String(v)));
      put(frame, "width", width);
      frame.replaceChildren(...lines, ...marks, svg("polyline", { class: "plan", points: path(plan) }),
        svg("polyline", { class: "line-of", points: path(points) }));
      if (points.length) {
        const [step, v] = points[points.length - 1];
        frame.append(svg("circle", { cx: x(step), cy: y(Math.min(v, end)), r: 5 }));
        say(value, label(v));
      } else say(value, "–");
    },
  };
}
