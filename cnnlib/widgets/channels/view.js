// Channels.
//
// From left to right: the colour image, its three channels, the window's patch beside the filter's
// slice, each slice's sum and response, and the stack of maps that the filters make.

import { shade } from "../shared/colour.js";
import { choice, colourScale, foot, hintLine, keys, legend } from "../shared/controls.js";
import { boxIn, differs, html, put, say } from "../shared/dom.js";
import { byFinger } from "../shared/hand.js";
import { live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { flyStep } from "../shared/motion.js";
import { formatNumber } from "../shared/numbers.js";
import { chipOf } from "../shared/sum.js";
import { inWords, t, told } from "../shared/words.js";
import { gestures } from "./gestures.js";
import { CHANNELS, facts, filterName, geometry, productsAt, responsesOf, sentence } from "./model.js";
import { buildPictures } from "./pictures.js";

/** @typedef {import("./pictures.js").Now} Now */

const TRAITS = ["image", "filters", "bias", "names", "chosen", "row", "col", "counts", "_responses"];

/** @param {import("../shared/life.js").Context} context */
function render({ model, el }) {
  const paint = oncePerFrame(() => draw());
  const responses = responsesOf(model);
  /** @type {ReturnType<typeof buildPictures>} */
  let pictures; // made anew when a size changes
  /** @type {ReturnType<typeof filterPicker>} */
  let picker;
  const hand = gestures(model, paint);

  const bar = html("div", { class: "cnn-bar" });
  const costs = html("div", { class: "facts" });
  const stage = html("div", { class: "flow" });
  const sum = html("div", { class: "cnn-equation parts", "aria-hidden": "true" });
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const scale = colourScale();
  const hint = hintLine(told(byFinger() ? "channels.hint_touch" : "channels.hint", { arrows: keys("←", "→", "↑", "↓"), key: keys("N") }));
  const root = html("div", { class: "cnn cnn-channels", role: "group", "aria-label": t("channels.label") },
    bar, costs, stage, legend(scale.element), sum, ...foot(says, hint.element));
  el.append(root);

  function draw() {
    const now = geometry(model);
    const { image, size, rows, cols, chosen, count } = now;
    /** @type {[string[], number[][]]} */
    const [names, counts] = [model.get("names"), model.get("counts")];
    const [width, theme] = [roomIn(root), themeOf(root)];
    writeFacts(costs, facts(now, counts));
    if (differs(root, "sizes", [image.length, image[0].length, size, count, names, width])) {
      picker = filterPicker(bar, names, hand.choose);
      pictures = buildPictures(stage, now, width, hand);
      put(costs, "class", `facts${pictures.fits ? "" : " pairs"}`);
    }
    const [{ beat }, step] = [hand.story, hand.story.stepped()];
    const state = { ...now, ...responses(now), ...productsAt(now), theme, hot: beat ? null : hand.hot, beat };
    pictures.show(state);
    sum.replaceChildren(...writtenOut(state));
    picker.show(chosen);
    say(pictures.mapCaption, t("channels.map_of", { map: chosen, rows, cols }));
    say(says, beat?.says ?? sentence(now, state, filterName(names, chosen), counts));
    scale.show("output", state.end.map[chosen], { of: t("channels.the_map"), theme, before: t("channels.map_scale", { map: chosen }) });
    if (step) flyStep(root, step.by, flights(root, state, step.beat, pictures, sum));
  }

  return live(model, root, TRAITS, paint, { story: hand.story });
}

/**
 * What the step to a beat moves: patch and slice into their sum, or what all come to into the map.
 * @param {HTMLElement} root
 * @param {Now} now
 * @param {{ arrived: number, sum: number, lands: boolean }} beat
 * @param {ReturnType<typeof buildPictures>} pictures
 * @param {HTMLElement} written
 * @returns {import("../shared/motion.js").Flight[]}
 */
function flights(root, { sums, end, chosen, row, col, theme }, { arrived, sum, lands }, { lanes, stack }, written) {
  /** @param {number} value @param {number} most */
  const look = (value, most) => ({ label: formatNumber(value), color: shade(value, most, "output", theme), theme });
  if (lands) return [[boxIn(root, /** @type {Element} */ (written.firstElementChild)), stack.cell(root, row, col), look(sum, end.map[chosen])]];
  if (!arrived) return [];
  const { grids, total } = lanes[arrived - 1];
  return grids.map(({ frame }) => [boxIn(root, frame), boxIn(root, total), look(sums[arrived - 1], end.response[chosen])]);
}

/**
 * A choice among the filters, by number, in the bar.
 * @param {HTMLElement} bar
 * @param {string[]} names
 * @param {(filter: number) => void} choose
 */
function filterPicker(bar, names, choose) {
  const picker = choice(t("channels.filter"), [...names.keys()], choose);
  names.forEach((_, d) => put(picker.inputs[d], "aria-label", t("channels.filter_named", { number: d, name: filterName(names, d) })));
  const chosen = html("span", { class: "name" });
  bar.replaceChildren(html("div", { class: "cnn-buttons" }, html("span", { class: "label" }, t("channels.filter")), picker.element, chosen));
  return {
    /** @param {number} filter */
    show(filter) {
      picker.show(filter);
      say(chosen, filterName(names, filter));
    },
  };
}

/** @param {HTMLElement} element @param {string[][]} lines */
function writeFacts(element, lines) {
  if (!differs(element, "text", lines)) return;
  element.replaceChildren(...lines.map(([name, value, note]) =>
    html("div", {}, html("span", {}, name), html("b", {}, value), html("span", {}, note))));
}

/** total = R + G + B + bias, or the product that is pointed at. @param {Now} now */
function writtenOut({ image, filters, bias, chosen, row, col, sums, total, weightEnd, end, theme, hot, beat }) {
  /** @param {number} value @param {string} color */
  const colored = (value, color) => chipOf(value, color, theme);
  /** @param {number} value @param {number} high */
  const output = (value, high) => colored(value, shade(value, high, "output", theme));
  if (hot) {
    const [c, a, b] = hot;
    const [value, weight] = [image[row + a][col + b][c], filters[chosen][c][a][b]];
    return [html("span", {}, t("channels.product", { channel: CHANNELS[c], row: a, col: b })), output(value * weight, end.response[chosen]), "=",
      colored(value, shade(value, 1, "input", theme)), "·", colored(weight, shade(weight, weightEnd, "weight", theme))];
  }
  /** @param {boolean} arrived */
  const term = (arrived) => ({ class: `cnn-term${arrived ? "" : " cnn-later"}` });
  return [output(beat?.sum ?? total, end.map[chosen]), "=", ...sums.flatMap((value, c) => [html("span", term(!beat || c < beat.arrived),
    html("b", {}, CHANNELS[c]), !beat || c < beat.arrived ? output(value, end.response[chosen]) : html("span", { class: "cnn-chip" }, "?")), "+"]),
    html("span", term(!beat || beat.lands), t("shared.bias"), colored(bias[chosen], shade(bias[chosen], weightEnd, "weight", theme)))];
}

export default { render: inWords(render) };
