// Backward's two sums, written out: of one weight, and of one pixel.

import { shade } from "../shared/colour.js";
import { html, put, say } from "../shared/dom.js";
import { formatNumber, subscript } from "../shared/numbers.js";
import { chip, termElement } from "../shared/sum.js";
import { t } from "../shared/words.js";

/** @typedef {ReturnType<typeof import("./model.js").upTo>} Numbers */

/** @param {number} r @param {number} c */
const index = (r, c) => subscript(r) + (Math.max(r, c) > 9 ? "," : "") + subscript(c);

/**
 * The sum of one entry of a gradient: what it is, what it comes to so far and in all, its terms.
 * @param {"weight" | "pixel"} which
 */
export function sumPanel(which) {
  const [name, total, rest] = [html("b"), html("span", { class: "cnn-chip cnn-total" }), html("span", { class: "rest" })];
  const terms = html("div", { class: "cnn-terms" });
  const element = html("div", { class: "cnn-equation" },
    html("div", { class: "cnn-sum" }, name, html("div", {}, total, html("span", {}, t("backward.so_far"))), rest), terms);
  /** What stands beside each entry of G in the sum, where it has a part in it. @param {Numbers} now */
  const termsOf = ({ grad, image, kernel, options: { stride }, weight, pixel }) => {
    const [values, at] = which === "weight" ? [image, weight] : [kernel, pixel];
    return grad.flatMap((line, i) => line.map((g, j) => {
      const [a, b] = which === "weight" ? [i * stride + at[0], j * stride + at[1]] : [at[0] - i * stride, at[1] - j * stride];
      return { i, j, g, a, b, value: values[a]?.[b] };
    })).filter(({ value }) => value !== undefined);
  };
  return {
    element,
    /** @param {Numbers} now @param {string} theme @param {number} room for the terms */
    show(now, theme, room) {
      const { sum, total: all, end, cols, added: { [which]: count }, beat } = now;
      const [one, r, c] = which === "weight" ? [sum.kernel, ...now.weight] : [sum.image, ...now.pixel];
      const role = which === "weight" ? "weight" : "input";
      say(name, `${which === "weight" ? "∂L/∂K" : "∂L/∂x"}${index(r, c)}`);
      chip(total, one[r][c], shade(one[r][c], end[role], role, theme), theme);
      say(rest, t("backward.in_all", { number: formatNumber((which === "weight" ? all.kernel : all.image)[r][c]) }));
      const written = termsOf(now);
      while (terms.children.length > written.length) terms.lastChild?.remove();
      while (terms.children.length < written.length) terms.append(termElement());
      written.forEach(({ i, j, g, a, b, value }, k) => {
        const term = terms.children[k];
        const order = i * cols + j;
        put(term, "class", `cnn-term${order >= count ? " cnn-later" : ""}${order === count - 1 && beat?.[which] !== false ? " cnn-pointed" : ""}`);
        const [first, , second, plus] = /** @type {HTMLElement[]} */ ([...term.children]);
        put(first, "data-name", `G${index(i, j)}`);
        put(second, "data-name", `${which === "weight" ? "x" : "K"}${index(a, b)}`);
        const factor = which === "weight" ? shade(value, end.x, "input", theme) : shade(value, end.k, "weight", theme);
        chip(first, g, order < count ? shade(g, end.g, "output", theme) : null, theme);
        chip(second, value, order < count ? factor : null, theme);
        say(plus, k + 1 < written.length ? "+" : "");
      });
      const longest = Math.max(...written.flatMap(({ g, value }) => [g, value].map((number) => formatNumber(number).length)));
      const chipWidth = Math.max(26, Math.round(longest * 8.2 + 8));
      const perRow = written.filter(({ i }) => i === written[0].i).length;
      const gap = perRow * (2 * chipWidth + 36) - 22 <= room ? 22 : 14;
      const fitting = Math.max(1, Math.floor((room + gap) / (2 * chipWidth + 10 + gap)));
      put(terms, "style", `--chip: ${chipWidth}px; --gap: ${gap}px; grid-template-columns: repeat(${Math.min(fitting, perRow)}, max-content)`);
    },
  };
}
