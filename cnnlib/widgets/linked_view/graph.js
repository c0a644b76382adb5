// LinkedView as a network: inputs on the left, units on the right, the edges of the unit looked at on top.

import { mix, paletteOf, readable, shade } from "../shared/colour.js";
import { html, put, say, set, svg } from "../shared/dom.js";
import { fitText, shortIn, writeIn } from "../shared/grid.js";
import { doubleTap, KEEP_KEYS, onKey } from "../shared/hand.js";
import { t } from "../shared/words.js";
import { weightName, windowOf } from "./model.js";
import { CAPTION, changed, fade, label, slide, TOP, withSub } from "./parts.js";

/** @typedef {import("./parts.js").State} State */
/** @typedef {import("./parts.js").Hand} Hand */
/** @typedef {ReturnType<typeof graphPlaces>} Places */

/**
 * Where things are in a network.
 * @param {number} width
 * @param {number} pitch
 */
function graphPlaces(width, pitch) {
  const radius = Math.min(22, Math.floor(pitch * 0.42));
  const [left, right] = [40 + radius, width - 44 - radius];
  const middle = (left + right) / 2;
  /** @param {number} position */
  const y = (position) => TOP + (position + 0.5) * pitch;
  return {
    pitch, radius, left, right, middle, y,
    /** @param {number} from @param {number} to */
    curve: (from, to) => `M${left} ${y(from)}C${middle} ${y(from)} ${middle} ${y(to)} ${right} ${y(to)}`,
    /** The place of unit i among the inputs. @param {number} i @param {State} state */
    centre: (i, { stride, m, zeros }) => i * stride + (m - 1) / 2 - zeros,
  };
}

/**
 * @param {number} n
 * @param {number} units
 * @param {number} width
 * @param {number} pitch
 * @param {Hand} hand
 */
export function buildGraph(n, units, width, pitch, hand) {
  const at = graphPlaces(width, pitch);
  const frame = svg("svg", { class: "cnn-grid graph", width, height: n * pitch + TOP + CAPTION, tabindex: 0, role: "application",
    "aria-label": t("linked_view.network_keys"), ...KEEP_KEYS });
  const edges = allEdges(n, units, at);
  const taps = unitEdges(n, at);
  const nodes = { input: Array.from({ length: n }, (_, j) => node("input", j, at.radius)),
    output: Array.from({ length: units }, (_, i) => node("output", i, at.radius)) };
  nodes.input.forEach((one, j) => one.place(at.left, at.y(j), -at.radius - 12, "end"));
  const halo = svg("rect", { class: "cnn-outline slide", x: at.left - at.radius - 6, width: 2 * at.radius + 12, rx: at.radius + 6 });
  const ring = svg("circle", { class: "cnn-outline slide", r: at.radius + 4, cx: at.right });
  const caption = label(at.middle, n * pitch + TOP + 19, "", { class: "caption" });
  frame.append(edges.hits, edges.base, taps.fan, taps.names, halo, ring,
    ...[...nodes.input, ...nodes.output].map((one) => one.group), caption);
  listen(frame, hand);
  return {
    element: html("div", { class: "part" }, frame), frame,
    /** @param {State} state */
    show(state) {
      const { ends, row, hot } = state;
      edges.show(state);
      taps.show(state);
      const seen = windowOf(state);
      slide(halo, at.y(seen.first) - at.radius - 6);
      put(halo, "height", (seen.last - seen.first) * pitch + 2 * at.radius + 12);
      slide(ring, at.y(at.centre(row, state)));
      nodes.input.forEach((one, j) => one.fill(state.inputs[j], "input", ends.input, j >= seen.first && j <= seen.last, state.theme, hot === j));
      nodes.output.forEach((one, i) => {
        one.place(at.right, at.y(at.centre(i, state)), at.radius + 10, "start");
        one.fill(state.outputs[i], "output", ends.output, i === row, state.theme, false);
      });
      say(caption, t("linked_view.edges_of", { number: state.links, count: n * units }));
    },
  };
}

/** @param {SVGElement} frame @param {Hand} hand */
function listen(frame, hand) {
  /** What the pointer is on. @param {Event} event @returns {{ edge?: string, input?: string, output?: string }} */
  const under = (event) => {
    const found = /** @type {Element} */ (event.target).closest?.("[data-edge], [data-input], [data-output]");
    return /** @type {HTMLElement | null} */ (found)?.dataset ?? {};
  };
  /** @param {string} edge */
  const follow = (edge) => {
    const [i, j] = edge.split(",").map(Number);
    hand.look(i, j);
  };
  frame.addEventListener("pointermove", (event) => {
    const { edge, input, output } = under(event);
    if (edge) follow(edge);
    else if (input) hand.look(hand.now().row, Number(input));
    else if (output) hand.look(Number(output), null);
    else if (hand.hot() !== null) hand.look(hand.now().row, null);
  });
  // A mouse that clicks an input edits it; a finger first points, and edits what it points at already.
  let armed = false;
  const again = doubleTap();
  frame.addEventListener("pointerdown", (event) => {
    const { edge, input, output } = under(event);
    armed = event.pointerType === "mouse" || (input !== undefined && hand.hot() === Number(input));
    if (edge) follow(edge);
    else if (input) hand.look(hand.now().row, Number(input));
    else if (output) hand.look(Number(output), null);
  });
  frame.addEventListener("click", (event) => {
    const { edge, input } = under(event);
    if (input && armed) hand.editInput(Number(input));
    if (!edge) return;
    const [i, j] = edge.split(",").map(Number);
    if (again(event, { r: i, c: j })) hand.editWeight(i, j);
  });
  frame.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") hand.look(hand.now().row, null); });
  onKey(frame, (key) => (key === "Enter" || key === "F2" ? hand.editPointed() : hand.walk(key)));
}

/**
 * A circle with its number and its name.
 * @param {"input" | "output"} role
 * @param {number} k
 * @param {number} radius
 */
function node(role, k, radius) {
  const circle = svg("circle", { r: radius });
  const value = svg("text");
  const name = svg("text", { class: "label" });
  withSub(name, role === "input" ? "a" : "a′", `${k}`);
  const group = svg("g", { class: `node ${role}`, [`data-${role}`]: k }, circle, value, name);
  return { group,
    /** @param {number} x @param {number} y @param {number} shift @param {string} anchor of the name */
    place(x, y, shift, anchor) {
      set(circle, { cx: x, cy: y });
      set(value, { x, y });
      set(name, { x: x + shift, y });
      name.style.textAnchor = anchor;
    },
    /** @param {number} number @param {"input" | "output"} of @param {number} end @param {boolean} focus @param {string} theme @param {boolean} pointed */
    fill(number, of, end, focus, theme, pointed) {
      const [color, text] = [shade(number, end, of, theme, focus), shortIn(number, 1.86 * radius)];
      circle.style.fill = color;
      circle.style.stroke = paletteOf(theme)[pointed ? "window" : of];
      circle.style.strokeWidth = pointed ? "3" : "1.5";
      value.style.fill = readable(color, theme);
      writeIn(value, text, 1.86 * radius, fitText(text, 2 * radius, 0.42));
    } };
}

/**
 * The edges of all units, thin, each with a broader one that a hand can hit.
 * @param {number} n
 * @param {number} units
 * @param {Places} at
 */
function allEdges(n, units, at) {
  const [hits, base] = [svg("g", { class: "hits" }), svg("g", { class: "edges" })];
  /** @type {{ line: SVGPathElement, hit: SVGPathElement, key?: string }[][]} */
  const edges = Array.from({ length: units }, (_, i) => Array.from({ length: n }, (_unused, j) => ({
    line: base.appendChild(svg("path")), hit: hits.appendChild(svg("path", { "data-edge": `${i},${j}` })) })));
  return { hits, base,
    /** @param {State} state */
    show(state) {
      const { index, row, hot, kind, m, zeros, theme } = state;
      index.forEach((line, i) => line.forEach((id, j) => {
        const same = hot !== null && kind === "shared" && id >= 0 && id === index[row][hot];
        if (!changed(edges[i][j], id, same, kind, m, zeros, theme)) return;
        const { line: { style }, hit } = edges[i][j];
        for (const path of [edges[i][j].line, hit]) set(path, { d: at.curve(j, at.centre(i, state)), class: id < 0 ? "none" : null });
        if (id >= 0) style.stroke = mix(paletteOf(theme).surface, state.color(id), same ? 1 : theme === "dark" ? 0.5 : 0.45);
        style.strokeWidth = same ? "3" : "1.5";
      }));
    } };
}

/**
 * The edges of the unit looked at, one for each tap, with their names: they move with the window.
 * @param {number} n
 * @param {Places} at
 */
function unitEdges(n, at) {
  const [fan, names] = [svg("g", { class: "fan" }), svg("g", { class: "names" })];
  const size = n > 8 ? 12 : 13;
  const taps = Array.from({ length: n }, () => {
    const [tag, name] = [svg("rect", { rx: 5, height: 20, y: -10 }), svg("text")];
    const group = names.appendChild(svg("g", { class: "name" }, tag, name));
    return { line: fan.appendChild(svg("path")), group, tag, name };
  });
  // A name lies on its edge, near the input, where edges are apart: at u of the curve.
  const u = 0.24;
  const s = 1 - u;
  const x = Math.round(s ** 3 * (at.left + at.radius) + 3 * s * u * at.middle + u ** 3 * at.right);
  const share = 3 * s * u * u + u ** 3;
  return { fan, names,
    /** @param {State} state */
    show(state) {
      const { index, row, hot, kind, stride, zeros, m, theme, morph } = state;
      const centre = at.centre(row, state);
      for (const group of [fan, names]) group.classList.toggle("still", morph);
      taps.forEach(({ line, group, tag, name }, k) => {
        const j = kind === "full" ? k : row * stride - zeros + k;
        const id = (kind === "full" || k < m) ? index[row][j] ?? -1 : -1;
        put(line, "d", at.curve(j, centre));
        line.style.opacity = group.style.opacity = id < 0 ? "0" : "1";
        group.style.transform = `translate(${x}px, ${Math.round(at.y(j) * (1 - share) + at.y(centre) * share)}px)`;
        put(group, "data-edge", id < 0 ? null : `${row},${j}`);
        if (id < 0) return;
        const color = state.color(id);
        line.style.stroke = color;
        line.style.strokeWidth = hot === j ? "7" : "4";
        const [letter, sub] = weightName(state, row, j);
        withSub(name, letter, sub);
        name.style.fontSize = `${size}px`;
        name.style.fill = readable(color, theme);
        const wide = Math.round(size * (0.95 + 0.46 * sub.length) + 8);
        set(tag, { x: -wide / 2, width: wide });
        tag.style.fill = color;
        put(group, "class", hot === j ? "name hot" : "name");
      });
      if (morph) for (const group of [fan, names]) fade(group);
    } };
}
