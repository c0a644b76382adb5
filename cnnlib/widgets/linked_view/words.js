// LinkedView in words: the count, the tray of parameters, the rule of all units and the sum of one.

import { paletteOf, readable } from "../shared/colour.js";
import { boxIn, differs, html, put, say } from "../shared/dom.js";
import { KEEP_KEYS } from "../shared/hand.js";
import { roomIn } from "../shared/life.js";
import { stillMotion } from "../shared/motion.js";
import { clamp, formatNumber } from "../shared/numbers.js";
import { t } from "../shared/words.js";
import { parameterFormula, ruleText, weightName } from "./model.js";
import { fade, MORPH_MS } from "./parts.js";

/** @typedef {import("./parts.js").State} State */
/** @typedef {import("./parts.js").Hand} Hand */
/** @typedef {import("../shared/dom.js").Box} Box */

/** The number of parameters, large: it runs to its new value. */
export function counter() {
  const number = html("b", { class: "number" });
  const [noun, formula, links] = [html("span"), html("span", { class: "formula" }), html("div", { class: "links" })];
  /** @type {number | null} */
  let target = null;
  let counting = 0;
  /** @param {number} to */
  function run(to) {
    const from = target ?? to;
    if (target === to) return;
    target = to;
    cancelAnimationFrame(counting);
    put(number, "data-count", to);
    if (from === to || stillMotion()) {
      say(number, String(to));
      return;
    }
    const start = performance.now();
    /** @param {number} time */
    const tick = (time) => {
      const share = clamp((time - start) / MORPH_MS, 0, 1);
      say(number, String(Math.round(from + (to - from) * (1 - (1 - share) ** 2))));
      if (share < 1) counting = requestAnimationFrame(tick);
    };
    tick(start);
  }
  return {
    element: html("div", { class: "count" }, html("div", {}, number, noun, formula), links),
    stop() { cancelAnimationFrame(counting); },
    /** @param {State} state */
    show({ n, m, kind, padding, stride, count, links: many, withBiases }) {
      const [letters, digits] = parameterFormula(n, m, kind, padding, stride);
      run(count);
      say(noun, t("linked_view.parameter", { count }));
      say(formula, `= ${letters}${digits ? ` = ${digits}` : ""}`);
      say(links, t("linked_view.with_biases", { links: t("linked_view.links", { count: many }), count: withBiases }));
    },
  };
}

/**
 * The parameters themselves, a tile each.
 * @param {Hand} hand
 * @param {() => HTMLElement} root
 */
export function buildTray(hand, root) {
  const element = html("div", { class: "tray" });
  /** @type {HTMLElement[]} */
  let tiles = [];
  /** @type {State | null} */
  let before = null;
  /** @param {number} id */
  const point = (id) => {
    const { index, row } = hand.now();
    const i = index[row].includes(id) ? row : index.findIndex((line) => line.includes(id));
    if (i >= 0) hand.look(i, index[i].indexOf(id));
  };
  /** @param {State} state */
  const build = ({ kind, count, n, units }) => {
    tiles = Array.from({ length: count }, (_, id) => {
      const gestures = { onpointerenter: () => point(id), onpointerleave: () => hand.look(hand.now().row, null) };
      return kind === "shared"
        ? html("button", { type: "button", class: "tile", ...KEEP_KEYS, ...gestures, onclick: () => hand.editFilter(id) },
          "θ", html("sub", {}, `${id}`), html("span"))
        : html("i", { class: "tile", ...gestures });
    });
    element.replaceChildren(...tiles);
    put(element, "class", `tray ${kind}`);
    // As high as the fully connected layer needs it, so that nothing jumps.
    const per = Math.max(1, Math.floor((roomIn(root()) + 3) / 13));
    element.style.minHeight = `${Math.max(30, Math.ceil(n * units / per) * 13)}px`;
  };
  return {
    element,
    tile: (/** @type {number} */ id) => tiles[id],
    /** @param {State} state @param {boolean} anew */
    show(state, anew) {
      const { kind, count, theta, index, row, n, theme, hot, morph } = state;
      const from = morph && before && !stillMotion() ? tiles.map((one) => ({ box: boxIn(root(), one), color: one.style.background })) : null;
      if (differs(element, "laid", [kind, count, n]) || anew) build(state);
      const pointed = hot === null ? -1 : index[row][hot];
      tiles.forEach((tile, id) => {
        const color = state.color(id);
        tile.style.background = color;
        tile.style.color = readable(color, theme);
        tile.classList.toggle("hot", id === pointed);
        if (kind !== "shared") return;
        say(/** @type {Element} */ (tile.lastChild), ` = ${formatNumber(theta[id])}`);
        put(tile, "aria-label", t("linked_view.edit", { tile: tile.textContent })); // begins with what shows, for those who command by voice
      });
      if (from && before) {
        flow(root(), from, before, state, tiles.map((one) => boxIn(root(), one)));
        if (kind === "shared") fade(element);
      }
      before = state;
    },
  };
}

/**
 * What became what: each weight flies to the parameter that now stands for its edge, or fades.
 * @param {HTMLElement} root
 * @param {{ box: Box, color: string }[]} from
 * @param {State} old
 * @param {State} state
 * @param {Box[]} to
 */
function flow(root, from, old, state, to) {
  old.index.forEach((line, i) => line.forEach((id, j) => {
    if (id < 0 || !from[id]) return;
    const { box, color } = from[id];
    const target = to[state.index[i]?.[j] ?? -1];
    if (target && Math.hypot(target.x - box.x, target.y - box.y) < 1 && old.kind !== "shared" && state.kind !== "shared") return;
    const chip = html("i", { class: "flying", "aria-hidden": "true", style: `left:${box.x}px;top:${box.y}px;` +
      `width:${Math.min(box.width, 10)}px;height:${Math.min(box.height, 10)}px;background:${color}` });
    root.append(chip);
    const moved = target ? `translate(${target.x + Math.min(target.width / 2 - 5, 30) - box.x}px, ` +
      `${target.y + target.height / 2 - 5 - box.y}px)` : "translateY(12px)";
    chip.animate([{ transform: "none", opacity: 1 }, { transform: moved, opacity: target ? 0.9 : 0 }],
      { duration: MORPH_MS + 20, easing: "cubic-bezier(0.3, 0, 0.2, 1)" }).finished.finally(() => chip.remove());
  }));
}

/** @param {string} letter @param {string | number} sub */
const named = (letter, sub) => [letter, html("sub", {}, `${sub}`)];

/** @param {string} className @param {string} upper @param {string} lower */
const pile = (className, upper, lower) => html("span", { class: `pile ${className}` }, html("span", {}, upper), html("span", {}, lower));

/** A named chip over its value: set(letter, subscript, value, colour, theme). */
function pair(valueClass = "") {
  const [letter, sub, value] = [document.createTextNode(""), html("sub"), html("span", { class: valueClass || null })];
  const chip = html("span", { class: "cnn-chip" }, letter, sub);
  return {
    element: html("span", { class: "pile" }, html("span", {}, chip), value),
    /** @param {string} base @param {string | number} low @param {string} text @param {string} color @param {string} theme */
    set(base, low, text, color, theme) {
      if (letter.data !== base) letter.data = base;
      say(sub, `${low}`);
      say(value, text);
      chip.style.background = color;
      chip.style.color = readable(color, theme);
    },
  };
}

/**
 * The rule of all units, and the sum of the one looked at.
 * @param {Hand} hand
 */
export function buildEquation(hand) {
  const rule = html("div", { class: "rule", "aria-hidden": "true" });
  const sum = html("div", { class: "sum", "aria-hidden": "true" });
  /** @type {ReturnType<typeof build>} */
  let parts;
  /** @param {number} count */
  function build(count) {
    const terms = Array.from({ length: count }, (_, at) => {
      const [weight, value] = [pair(), pair()];
      const term = html("span", { class: "term", onpointerenter: () => hand.look(hand.now().row, Number(term.dataset.term)),
        onpointerleave: () => hand.look(hand.now().row, null) }, weight.element, pile("dot", "·", "·"), value.element);
      const sign = at === count - 1 ? ")" : "+";
      return { term, weight, value, item: html("span", { class: "item" }, term, pile("dot", sign, sign)) };
    });
    const [unit, z, g] = [pair("out"), html("span"), html("span")];
    sum.replaceChildren(html("span", { class: "item" }, unit.element, pile("dot", "= g(", "= g(")),
      ...terms.map(({ item }) => item), html("span", { class: "result" }, z, g));
    return { terms, unit, z, g };
  }
  /** @param {State} state */
  function showRule(state) {
    const [range, weight, sub, at, meaning] = ruleText(state);
    if (!differs(rule, "key", [range, sub, at, meaning])) return;
    rule.replaceChildren(html("span", { class: "general" }, html("span", {}, ...named("a′", "i"), " = g("),
      html("span", { class: "sigma" }, html("span", {}, "Σ"), html("small", {}, range)),
      html("span", {}, ...named(weight, sub), " ", ...named("a", at), " )")), html("span", {}, meaning));
  }
  /** @param {State} state */
  function showSum(state) {
    const { row, edges, inputs, outputs, z, kind, activation, index, theme } = state;
    if (!differs(sum, "key", [theme, row, kind, activation, index[row], inputs, edges.map((j) => state.weight(row, j))].join("|"))) return;
    const palette = paletteOf(theme);
    if (edges.length !== parts?.terms.length) parts = build(edges.length);
    edges.forEach((j, at) => {
      const { term, weight, value } = parts.terms[at];
      const number = formatNumber(inputs[j]);
      const [letter, sub] = weightName(state, row, j);
      weight.set(letter, sub, formatNumber(state.weight(row, j)), state.color(index[row][j]), theme);
      value.set("a", j, number.startsWith("−") ? `(${number})` : number, palette.input, theme);
      put(term, "data-term", j);
    });
    parts.unit.set("a′", row, formatNumber(outputs[row]), palette.output, theme);
    parts.z.replaceChildren(...named("z", row), ` = ${formatNumber(z[row])}`);
    parts.g.replaceChildren("g(", ...named("z", row), ") = ", html("b", {}, formatNumber(outputs[row])));
  }
  return {
    element: html("div", { class: "cnn-equation equation" }, rule, sum),
    /** @param {State} state */
    show(state) {
      showRule(state);
      showSum(state);
      for (const { term } of parts.terms) put(term, "class", Number(term.dataset.term) === state.hot ? "term hot" : "term");
    },
  };
}
