// The sum, written out: chips, products, and how they are broken into lines.

import { readable } from "./colour.js";
import { html, put, say } from "./dom.js";
import { clamp, formatNumber } from "./numbers.js";

/** @typedef {{ value: number, weight: number, valueColor: string, weightColor: string, pointed: boolean }} Term */

/**
 * Write a number on its colour; without a colour it has no fill.
 * @param {HTMLElement} element
 * @param {number} value
 * @param {string | null} color
 * @param {string} theme
 */
export function chip(element, value, color, theme) {
  say(element, formatNumber(value));
  element.style.background = color ?? "";
  element.style.color = color ? readable(color, theme) : "";
}

/** A number on its colour. @param {number} value @param {string} color @param {string} theme */
export function chipOf(value, color, theme, name = "") {
  const element = html("span", { class: `cnn-chip${name}` });
  chip(element, value, color, theme);
  return element;
}

/**
 * The elements of a product: chip · chip, and the sign after it.
 * @param {Record<string, any>} [attributes]
 * @param {string} [sign]
 */
export const termElement = (attributes = {}, sign = "") => html("span", { class: "cnn-term", ...attributes },
  html("span", { class: "cnn-chip" }), html("i", {}, "·"), html("span", { class: "cnn-chip" }), html("i", {}, sign));

/** The room of a chip whose number has `length` characters. @param {number} length */
export const chipWidth = (length) => Math.max(26, Math.round(length * 8.2 + 10));

/**
 * A sum of products as a line of chips: what it comes to, "=", the terms. point(i) is called with the
 * term under the pointer, and with null when it leaves.
 * @param {(index: number | null) => void} point
 */
export function writtenSum(point) {
  const name = html("span");
  const total = html("span", { class: "cnn-chip cnn-total" });
  const terms = html("div", { class: "cnn-terms" });
  let laid = "";
  /** @param {number} count */
  const build = (count) => {
    laid = "";
    terms.replaceChildren(...Array.from({ length: count }, (_, i) => termElement(
      { onpointerenter: () => point(i), onpointerleave: () => point(null) }, i + 1 < count ? "+" : "")));
  };
  return {
    total,
    /** The term of the product `i`, where it stands. @param {number} i */
    term: (i) => terms.children[i],
    element: html("div", { class: "cnn-equation", "aria-hidden": "true" }, html("span", { class: "cnn-sum" }, name, total, "="), terms),
    /**
     * @param {{ label?: string, sum: number, color: string, theme: string, terms: Term[], perRow: number,
     *   room: () => number, arrived?: number }} now
     *   perRow terms belong on a line together, if they have the room; room() is asked when it may have changed;
     *   only the first `arrived` are part of the sum yet
     */
    show({ label = "", sum, color, theme, terms: written, perRow, room, arrived = Infinity }, key = "") {
      if (terms.children.length !== written.length) build(written.length);
      say(name, label);
      chip(total, sum, color, theme);
      written.forEach(({ value, weight, valueColor, weightColor, pointed }, i) => {
        const term = /** @type {HTMLElement} */ (terms.children[i]);
        // A product of zero steps back, but stays legible.
        const later = i >= arrived;
        put(term, "class", `cnn-term${value * weight ? "" : " cnn-zero"}${pointed ? " cnn-pointed" : ""}${later ? " cnn-later" : ""}`);
        chip(/** @type {HTMLElement} */ (term.children[0]), value, later ? null : valueColor, theme);
        chip(/** @type {HTMLElement} */ (term.children[2]), weight, later ? null : weightColor, theme);
      });
      const longest = Math.max(...written.flatMap(({ value, weight }) => [value, weight].map((one) => formatNumber(one).length)));
      const now = [longest, perRow, written.length, key].join();
      if (laid === now) return;
      laid = now;
      const width = chipWidth(longest);
      const fitting = clamp(Math.floor(room() / (2 * width + 28)), 1, written.length);
      terms.style.setProperty("--chip", `${width}px`);
      terms.style.gridTemplateColumns = `repeat(${fitting >= perRow ? Math.floor(fitting / perRow) * perRow : fitting}, max-content)`;
    },
  };
}
