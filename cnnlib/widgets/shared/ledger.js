// The ledger of a unit: what it makes of its patch, as numbers where they fit, else as pictures.

import { shade, tints } from "./colour.js";
import { colourScale, legend } from "./controls.js";
import { html, put, say } from "./dom.js";
import { numberGrid, pixelMap } from "./grid.js";
import { clamp, formatNumber, largest } from "./numbers.js";
import { chipOf } from "./sum.js";
import { arrangement, layerName, strongest } from "./unit.js";
import { grouped, t } from "./words.js";

const LEDGER_HEIGHT = 66;
const TITLE = 156;       // beside a strip of the ledger
const RESULT = 200;      // and what it comes to, on its right
const CONTEXT = 196;     // side of the map that a window or a single number is taken from

/** @typedef {import("./colour.js").Role} Role */
/** @typedef {import("./unit.js").State} State */
/** @typedef {import("./unit.js").Data} Data */
/** @typedef {import("./unit.js").Entry} Entry */

/** @param {string} text */
const word = (text) => html("span", {}, text);

/**
 * The ledger of the layer that `state` is about, `width` pixels wide.
 * @param {State} state @param {number} width
 */
export function ledgerOf({ one, source, patch, sums }, width) {
  const inner = width - 30;
  const numbers = patch.length === 1 && Math.max(patch[0].length, patch[0][0].length) <= 7;
  /** @type {[string, Role][]} */
  const roles = sums ? [["patch", "input"], ["weights", "weight"], ["products", "output"]] : [["patch", "input"]];
  const views = roles.map(([what, role]) => (numbers ? numberPiece : stripPiece)(what, role, patch, inner));
  const context = !sums && source.shape[1] * source.shape[2] > 1 ? contextOf(one, source) : null;
  const line = html("div", { class: "cnn-ledger-line" });
  const story = html("p", { class: "cnn-ledger-story" });
  const signs = numbers && sums ? ["·", "="] : [];
  const body = html("div", { class: numbers ? "cnn-ledger-numbers" : "cnn-ledger-strips" }, context && context.element,
    views.flatMap(({ element }, k) => [...(k && signs[k - 1] ? [html("span", { class: "cnn-sign", "aria-hidden": "true" }, signs[k - 1])] : []), element]));
  return {
    element: html("div", { class: "cnn-ledger" }, body, html("div", { class: "cnn-ledger-result" }, line, story)),
    /** @param {State} state @param {Data} data @param {string} theme */
    show(state, data, theme) {
      const { one: now, map, source: from } = state;
      /** @type {Record<string, string>} */
      const titles = { patch: from.place < 0 ? t("shared.patch_input") : t("shared.patch_layer", { place: from.place }),
        weights: t(now.kind === "linear" ? "shared.weights_unit" : "shared.weights_filter", { map }), products: t("shared.products") };
      /** @type {Record<string, any>} */
      const values = { patch: state.patch, weights: state.sums?.weight, products: state.sums?.products };
      for (const view of views) view.show(values[view.what], titles[view.what], now, theme);
      context?.show(state, data, theme);
      line.replaceChildren(...result(state, theme));
      say(story, storyOf(state));
    },
  };
}

/**
 * Numbers, where one slice of the patch is small enough to be read.
 * @param {string} what @param {Role} role @param {number[][][]} patch @param {number} inner
 */
function numberPiece(what, role, [slice], inner) {
  const [rows, cols] = [slice.length, slice[0].length];
  const scale = colourScale();
  const title = html("span", {});
  const grid = numberGrid(rows, cols, clamp(Math.floor((inner - RESULT - 90) / (3 * cols)), 30, 36), 2);
  const rects = [...grid.frame.querySelectorAll("rect")];
  return {
    what, element: html("figure", { class: `cnn-ledger-piece ${what}` }, grid.frame, html("figcaption", {}, title, legend(scale.element))),
    /** @param {number[][][]} slices @param {string} name @param {Entry} one @param {string} theme */
    show([values], name, one, theme) {
      const end = largest(values);
      say(title, name);
      scale.show(role, end, { of: name, theme });
      grid.fill(values, { theme, scale: 0.34, color: (number) => shade(number, end, role, theme) });
      const flat = values.flat();
      const won = one.kind === "pool" && one.name.startsWith("max") ? flat.indexOf(Math.max(...flat)) : -1;
      rects.forEach((rect, i) => put(rect, "data-won", i === won));
    },
  };
}

/**
 * The slices of the patch side by side, as a picture.
 * @param {string} what @param {Role} role @param {number[][][]} patch @param {number} inner
 */
function stripPiece(what, role, patch, inner) {
  const wide = inner >= 560;
  const shape = [patch.length, patch[0].length, patch[0][0].length];
  const scale = colourScale();
  const title = html("span", {});
  const sheet = arrangement(shape, [wide ? inner - TITLE - RESULT : inner, wide ? LEDGER_HEIGHT : 90], 14);
  const picture = pixelMap(sheet.rows, sheet.cols, sheet.pitch, { class: "cnn-pixels", role: "img" });
  return {
    what, element: html("figure", { class: `cnn-ledger-piece cnn-ledger-strip ${what}` }, html("figcaption", {}, title, legend(scale.element)), picture.frame),
    /** @param {number[][][]} values @param {string} name @param {Entry} _ @param {string} theme */
    show(values, name, _, theme) {
      const end = largest(values);
      const tint = tints(role, theme);
      say(title, name);
      scale.show(role, end, { of: name, theme });
      picture.paint((r, c) => {
        const hit = sheet.at(r, c);
        return hit && tint(values[hit.map][hit.r][hit.c], end);
      });
      put(picture.frame, "aria-label", t("shared.strip", { name, count: values.length, rows: values[0].length,
        cols: values[0][0].length, largest: formatNumber(end) }));
    },
  };
}

/** The map that a window or a single number is taken from. @param {Entry} one @param {Entry} source */
function contextOf(one, { shape: [, rows, cols] }) {
  const map = pixelMap(rows, cols, Math.max(1, Math.floor(CONTEXT / Math.max(rows, cols))), { class: "cnn-pixels", "aria-hidden": "true" });
  const [high, wide] = one.kernel.map((length, axis) => (length - 1) * one.dilation[axis] + 1);
  const place = map.outline(high, wide);
  const title = html("figcaption", {});
  return {
    element: html("figure", { class: "cnn-ledger-piece" }, map.frame, title),
    /** @param {State} state @param {Data} data @param {string} theme */
    show({ one: now, source, before, map: channel, image, row, col }, data, theme) {
      const tint = tints("input", theme);
      const end = strongest(data, image, { ...source, start: source.start + channel * rows * cols, shape: [1, rows, cols] });
      map.paint((r, c) => tint(before(channel, r, c), end));
      place(row * now.stride[0] - now.padding[0], col * now.stride[1] - now.padding[1]);
      say(title, source.place < 0 ? t("shared.the_input") : t("shared.map_of_layer", { map: channel, place: source.place }));
    },
  };
}

/** What the unit comes to, as a line of chips and words. @param {State} state @param {string} theme */
function result({ one, patch, sums, value, end }, theme) {
  /** @param {number} number @param {Role} role @param {number} most */
  const on = (number, role, most) => chipOf(number, shade(number, most, role, theme), theme);
  const unit = on(value, "output", end);
  if (sums) {
    const count = patch.length * patch[0].length * patch[0][0].length;
    return [word(""), on(sums.sum, "output", end), word(t("shared.sum_of", { count })),
      word("+"), on(sums.bias, "weight", largest([sums.bias, ...sums.weight.flat(2)])), word(t("shared.bias")),
      word(one.after ? "→" : "="), unit, word(one.after ? t("shared.this_unit_after", { after: layerName(one.after) }) : t("shared.this_unit"))];
  }
  if (one.kind === "pool") return [word("="), unit, word(t(one.name.startsWith("max") ? "shared.the_largest" : "shared.the_mean"))];
  return [word(""), on(patch[0][0][0], "input", largest(patch)), word(t("shared.before")), word("→"), unit, word(t("shared.after", { name: layerName(one.name) }))];
}

/** @param {State} state */
function storyOf({ one, map }) {
  switch (one.kind) {
    case "pointwise": return t("shared.story_pointwise");
    case "linear": return t("shared.story_linear");
    case "pool": return t("shared.story_pool");
    default: return t("shared.story_conv", { map, count: one.shape[1] * one.shape[2], number: grouped(one.shape[1] * one.shape[2]) });
  }
}
