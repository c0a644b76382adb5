// Channels.
//
// From left to right: the colour image, its three channels, the window's patch beside the filter's
// slice, each slice's sum and response, and the stack of maps that the filters make.

import { shade } from "../shared/colour.js";
import { choice, keys, showScale } from "../shared/controls.js";
import { differs, html, put, say } from "../shared/dom.js";
import { live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { chipOf } from "../shared/sum.js";
import { gestures } from "./gestures.js";
import { CHANNELS, facts, geometry, productsAt, responsesOf, sentence } from "./model.js";
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
  const scale = html("div", { class: "cnn-scale" });
  const hint = html("div", { class: "cnn-hint" }, "Drag the window or press ", keys("←", "→", "↑", "↓"),
    " · click a card for its filter · point at a weight");
  const root = html("div", { class: "cnn cnn-channels", role: "group", "aria-label": "A colour image through a bank of filters" },
    bar, costs, stage, sum, html("div", { class: "cnn-foot" }, says), html("div", { class: "cnn-foot" }, hint, scale));
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
    const state = { ...now, ...responses(now), ...productsAt(now), theme, hot: hand.hot };
    pictures.show(state);
    sum.replaceChildren(...writtenOut(state));
    picker.show(chosen);
    say(pictures.mapCaption, `map ${chosen} of ${count} · ${rows}×${cols}`);
    say(says, sentence(now, state, names[chosen], counts));
    showScale(scale, "output", state.end.map[chosen], { of: "the map", theme, before: `map ${chosen}: ` });
  }

  return live(model, root, TRAITS, paint);
}

/**
 * A choice among the filters, by number, in the bar.
 * @param {HTMLElement} bar
 * @param {string[]} names
 * @param {(filter: number) => void} choose
 */
function filterPicker(bar, names, choose) {
  const picker = choice("filter", [...names.keys()], choose);
  names.forEach((name, d) => put(picker.inputs[d], "aria-label", `filter ${d}, ${name}`));
  const chosen = html("span", { class: "name" });
  bar.replaceChildren(html("div", { class: "cnn-buttons" }, html("span", { class: "label" }, "filter"), picker.element, chosen));
  return {
    /** @param {number} filter */
    show(filter) {
      picker.show(filter);
      say(chosen, names[filter]);
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
function writtenOut({ image, filters, bias, chosen, row, col, sums, total, weightEnd, end, theme, hot }) {
  /** @param {number} value @param {string} color */
  const colored = (value, color) => chipOf(value, color, theme);
  /** @param {number} value @param {number} high */
  const output = (value, high) => colored(value, shade(value, high, "output", theme));
  if (hot) {
    const [c, a, b] = hot;
    const [value, weight] = [image[row + a][col + b][c], filters[chosen][c][a][b]];
    return [html("span", {}, `product in ${CHANNELS[c]}, row ${a}, column ${b}:`), output(value * weight, end.response[chosen]), "=",
      colored(value, shade(value, 1, "input", theme)), "·", colored(weight, shade(weight, weightEnd, "weight", theme))];
  }
  return [output(total, end.map[chosen]), "=", ...sums.flatMap((value, c) => [html("span", { class: "cnn-term" },
    html("b", {}, CHANNELS[c]), output(value, end.response[chosen])), "+"]),
    html("span", { class: "cnn-term" }, "bias", colored(bias[chosen], shade(bias[chosen], weightEnd, "weight", theme)))];
}

export default { render };
