// LinkedView.
//
// One integer matrix rules the picture: layerIndex() says which parameter sits on which edge, −1
// that there is none. The graph, the matrix, the tray of parameters and the equation all read it;
// a morph from one kind to another is the way from one such matrix to the next.

import { mix, readable, shade } from "../shared/colour.js";
import { choice, hintLine, keys, showScale } from "../shared/controls.js";
import { html, put, say, svg } from "../shared/dom.js";
import { editNumber } from "../shared/edit.js";
import { fitText } from "../shared/grid.js";
import { KEEP_KEYS, onKey } from "../shared/hand.js";
import { batched, live, oncePerFrame, roomIn } from "../shared/life.js";
import { stillMotion } from "../shared/motion.js";
import { clamp, formatNumber, largest, outputSize } from "../shared/numbers.js";
import { PALETTE, UNFOCUSED } from "../shared/palette.js";

const MOST = 12;
const MORPH_MS = 230;
const KINDS = { full: "Fully connected", local: "Local", shared: "Local + shared" };
const SAID = { full: "fully connected", local: "local", shared: "local and shared" };
const TOP = 10;         // room above the first row for outlines
const CAPTION = 30;     // and below the last one for captions

/** Which parameter sits on the edge from input j to unit i; −1 where there is none. */
export function layerIndex(n, m, kind, padding = "same", stride = 1) {
  const zeros = padding === "same" ? Math.floor((m - 1) / 2) : 0;
  let free = 0;
  return Array.from({ length: outputSize(n, m, { stride, padding: zeros }) }, (_, i) => Array.from({ length: n }, (_, j) => {
    const k = j - i * stride + zeros;
    const edge = k >= 0 && k < m;
    if (kind === "shared") return edge ? k : -1;
    return kind === "full" || edge ? free++ : -1;
  }));
}

/** How the number of parameters follows from n and m: [in letters, in numbers]. */
export function parameterFormula(n, m, kind, padding = "same", stride = 1) {
  const units = layerIndex(n, m, kind, padding, stride).length;
  if (kind === "shared") return ["m", ""];
  if (stride > 1) return kind === "full" ? ["units · n", `${units} · ${n}`] : ["one a link", ""];
  if (padding === "valid") {
    const shrunk = m > 1 ? `n − ${m - 1}` : "n";
    return kind === "full" ? [`n(${shrunk})`, `${n} · ${units}`] : [`${m}(${shrunk})`, `${m} · ${units}`];
  }
  const missing = (m * m - 1) / 4;
  if (kind === "full") return ["n²", `${n}²`];
  return missing ? [`${m}n − ${missing}`, `${m} · ${n} − ${missing}`] : ["n", ""];
}

/** The same start and the same growth as free_weights and resize_filter in Python. */
export function freeWeight(i, j) {
  const step = (5 * i + 3 * j + 2 * i * j) % 8;
  return (step - 4 + (step >= 4)) / 4;
}

export function resizeFilter(theta, m) {
  const start = Math.floor((m - theta.length) / 2);
  return Array.from({ length: m }, (_, k) => theta[k - start] ?? 0);
}

const low = (number) => String(number).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);
const sigmoid = (z) => 1 / (1 + Math.exp(-z));

function layer(model) {
  const [n, m, kind, padding, stride] = ["n", "kernel_size", "kind", "padding", "stride"].map((name) => model.get(name));
  const [inputs, theta, weights] = ["inputs", "theta", "weights"].map((name) => model.get(name));
  const index = layerIndex(n, m, kind, padding, stride);
  const zeros = padding === "same" ? Math.floor((m - 1) / 2) : 0;
  const weight = (i, j) => (index[i][j] < 0 ? 0 : kind === "shared" ? theta[index[i][j]] : weights[i][j]);
  const z = index.map((line, i) => line.reduce((sum, _, j) => sum + weight(i, j) * inputs[j], 0));
  const outputs = model.get("activation") === "sigmoid" ? z.map(sigmoid) : z;
  const links = index.flat().filter((id) => id >= 0).length;
  const units = index.length;
  const count = kind === "shared" ? m : links;
  return { n, m, kind, padding, stride, zeros, inputs, theta, weights, index, units, weight, z, outputs, links, count,
    withBiases: count + (kind === "shared" ? 1 : units), activation: model.get("activation"),
    row: clamp(model.get("row"), 0, units - 1) };
}

/** [letter, subscript] of the weight on an edge. */
const weightName = ({ kind, index }, i, j) => (kind === "shared" ? ["θ", `${index[i][j]}`] : ["Θ", `${i},${j}`]);

function render({ model, el }) {
  const change = batched(model);
  const colors = model.get("_colors");
  let theme = "light";
  let parts = null;      // the two drawings, made anew when a size changes
  let hot = null;        // the input whose edge into the unit is pointed at
  let before = null;     // the layer as it was drawn last
  let editor = null;
  let alertText = "";
  let counting = 0;

  // What stays --------------------------------------------------------------------------------------
  const kinds = choice("kind of layer", Object.entries(KINDS), (kind) => change({ kind }));
  const paddings = choice("padding", ["same", "valid"], setPadding);
  const activations = choice("activation g", [["identity", "z"], "sigmoid"], (activation) => change({ activation }));
  const steppers = { n: stepper("n", "inputs n", (by) => resize("n", by)), m: stepper("m", "kernel size m", (by) => resize("m", by)) };
  const number = html("b", { class: "number" });
  const formula = html("span", { class: "formula" });
  const noun = html("span", {});
  const small = html("div", { class: "links" });
  const tray = html("div", { class: "tray" });
  const stage = html("div", { class: "stage" });
  const rule = html("div", { class: "rule", "aria-hidden": "true" });
  const sum = html("div", { class: "sum", "aria-hidden": "true" });
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const hint = hintLine(keys("↑", "↓"), " units · ", keys("←", "→"),
    " edges · point at an edge, an entry or a term · click a number to change it");
  const scales = { input: html("span", { class: "cnn-scale" }), output: html("span", { class: "cnn-scale" }) };
  const named = (text, element) => html("span", { class: "control" }, html("span", { "aria-hidden": "true" }, text), element);
  const root = html("div", { class: "cnn cnn-linked", role: "group", "aria-label": "A layer as network, matrix and equation" },
    html("div", { class: "head" }, kinds.element,
      html("div", { class: "count" }, html("div", {}, number, noun, formula), small)),
    html("div", { class: "choices" }, steppers.n.element, steppers.m.element,
      named("padding", paddings.element), named("g(z) =", activations.element)),
    tray, stage,
    html("div", { class: "cnn-equation equation" }, rule, sum),
    html("div", { class: "cnn-foot" }, says),
    html("div", { class: "cnn-foot" }, hint.element, html("div", { class: "scales" }, scales.input, scales.output)));
  el.append(root);

  function stepper(letter, label, by) {
    const value = html("output", { class: "value" });
    const make = (sign, step) => html("button", { type: "button", class: "step", ...KEEP_KEYS,
      "aria-label": `${label}: ${step > 0 ? "more" : "less"}`, onclick: () => by(step) }, sign);
    const [less, more] = [make("−", -1), make("+", 1)];
    return { element: html("span", { class: "control", role: "group", "aria-label": label },
      html("i", {}, letter), html("span", { class: "stepper" }, less, value, more)),
    show(number, low, high) {
      say(value, String(number));
      less.disabled = number <= low;
      more.disabled = number >= high;
    } };
  }

  // Gestures ----------------------------------------------------------------------------------------
  const now = () => layer(model);

  /** Change sizes and what depends on them in one step, as Python would. */
  function setSizes(n, m, extra = {}) {
    const old = now();
    const inputs = Array.from({ length: n }, (_, j) => old.inputs[j] ?? Number(j % 5 < 3));
    const weights = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => old.weights[i]?.[j] ?? freeWeight(i, j)));
    const units = layerIndex(n, m, "shared", extra.padding ?? old.padding, old.stride).length;
    editor?.close();
    hot = hot === null || hot >= n ? null : hot;
    alertText = "";
    change({ n, kernel_size: m, inputs, weights, theta: m === old.m ? old.theta : resizeFilter(old.theta, m),
      row: Math.min(old.row, units - 1), ...extra });
  }

  function resize(which, by) {
    const { n, m } = now();
    if (which === "m") setSizes(n, clamp(m + 2 * by, 1, n));
    else {
      const size = clamp(n + by, 1, MOST);
      setSizes(size, m <= size ? m : size - 1 + (size % 2));
    }
  }

  function setPadding(padding) {
    const { n, m } = now();
    setSizes(n, padding === "same" && m % 2 === 0 ? m - 1 : m, { padding });
  }

  function look(row, column) {
    const { row: old, units } = now();
    const to = clamp(row, 0, units - 1);
    if (to === old && column === hot) return;
    hot = column;
    alertText = "";
    if (to !== old) change({ row: to });
    paint();
  }

  /** Walk along the edges of the unit, or to another unit. */
  function walk(key) {
    const { row, units, index, kind, stride } = now();
    if (key === "Escape" && hot !== null) { look(row, null); return true; }
    const down = { ArrowUp: -1, ArrowDown: 1, Home: -units, End: units, PageUp: -units, PageDown: units }[key];
    if (down) {
      const to = clamp(row + down, 0, units - 1);
      // The pointed weight travels with the window; without one, with the input.
      const along = hot === null ? null : kind === "full" ? hot : hot + (to - row) * stride;
      look(to, along !== null && index[to][along] >= 0 ? along : null);
      return true;
    }
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (!step) return false;
    const edges = index[row].flatMap((id, j) => (id >= 0 ? [j] : []));
    const at = edges.indexOf(hot);
    look(row, edges[at < 0 ? (step > 0 ? 0 : edges.length - 1) : clamp(at + step, 0, edges.length - 1)]);
    return true;
  }

  function open(part, box, options) {
    editor?.close();
    const size = Math.max(box.size, 40);
    const place = { x: box.x + box.size / 2 - size / 2, y: box.y + box.size / 2 - size / 2, size };
    editor = editNumber(part.element, { frame: part.element, box: () => place }, 0, 0, {
      refuse(text) {
        alertText = `“${text}” is not a number. Type one such as 2, −1, 0.5 or 1/9; Escape keeps the old one.`;
        paint();
      },
      ...options,
      commit(value) { alertText = ""; options.commit(value); },
      leave(key) {
        editor = null;
        if (key !== "blur") { alertText = ""; options.next(key); }
        paint();
      },
    });
  }

  function editInput(j, typed = null) {
    hot = now().index[now().row][j] >= 0 ? j : null;
    open(parts.product, parts.product.inputBox(j), { value: now().inputs[j], typed, label: `input a ${j}`,
      commit: (value) => change({ inputs: model.get("inputs").map((old, at) => (at === j ? value : old)) }),
      next(key) {
        const to = j + ({ Tab: 1, ArrowDown: 1, BackTab: -1, ArrowUp: -1 }[key] ?? NaN);
        if (to >= 0 && to < now().n) editInput(to);
        else parts.product.inputs.focus({ preventScroll: true });
      } });
    paint();
  }

  function editWeight(i, j, typed = null) {
    const state = now();
    const id = state.index[i][j];
    if (id < 0) {
      alertText = `No edge leads from a${low(j)} to a′${low(i)}: this 0 is not a weight, it cannot change.`;
      return paint();
    }
    look(i, j);
    open(parts.product, parts.product.box(i, j), { value: state.weight(i, j), typed, label: `weight ${weightName(state, i, j).join(" ")}`,
      commit(value) {
        if (state.kind === "shared") change({ theta: model.get("theta").map((old, k) => (k === id ? value : old)) });
        else change({ weights: model.get("weights").map((line, r) => line.map((old, c) => (r === i && c === j ? value : old))) });
      },
      next(key) {
        const { index } = now();
        const to = j + ({ Tab: 1, BackTab: -1 }[key] ?? NaN);
        if (index[i]?.[to] >= 0) editWeight(i, to);
        else parts.product.matrix.focus({ preventScroll: true });
      } });
    return paint();
  }

  // What is made anew when a size changes -----------------------------------------------------------
  function build(state, width) {
    editor?.close();
    const { n, units } = state;
    const wide = width >= Math.max(620, n * 26 + 370);   // the graph needs 200 beside the matrix
    const room = wide ? width - 260 - 24 - 56 : width - 54;
    const pitch = 2 * Math.floor(clamp(room / (n + 2), wide ? 26 : 16, wide ? 56 : 52) / 2);
    const vector = Math.max(pitch, 38);                  // the columns of numbers stay legible
    const sign = wide ? 28 : 24;
    const fitting = wide ? pitch : 2 * Math.floor((width - 6 - 2 * vector - 2 * sign) / n / 2);
    const product = buildProduct(n, units, Math.min(pitch, Math.max(fitting, 14)), vector, sign);
    const graph = buildGraph(n, units, wide ? width - product.width - 24 : Math.min(width, 420), wide ? pitch : clamp(pitch, 30, 46));
    put(stage, "class", wide ? "stage" : "stage stacked");
    stage.replaceChildren(graph.element, product.element);
    return { graph, product };
  }

  const slide = (one, y) => { one.style.transform = `translateY(${y}px)`; };
  const text = (x, y, label, extra = {}) => svg("text", { x, y, ...extra }, label);
  const withSub = (target, base, sub, gap = "") => {
    const key = `${base}_${sub}`;
    if (target.dataset.key === key) return;
    target.dataset.key = key;
    const part = svg("tspan", { dy: "0.28em", "font-size": "0.76em", dx: "0.06em" }, sub + gap);
    target.replaceChildren(base, ...(sub ? [part] : []));
  };

  function buildGraph(n, units, width, pitch) {
    const height = n * pitch;
    const radius = Math.min(22, Math.floor(pitch * 0.42));
    const [left, right] = [40 + radius, width - 44 - radius];
    const frame = svg("svg", { class: "cnn-grid graph", width, height: height + TOP + CAPTION, tabindex: 0, role: "application",
      "aria-label": "network: up and down arrows move along the units, left and right along the edges", ...KEEP_KEYS });
    const y = (position) => TOP + (position + 0.5) * pitch;
    const curve = (from, to) => {
      const [y0, y1, middle] = [y(from), y(to), (left + right) / 2];
      return `M${left} ${y0}C${middle} ${y0} ${middle} ${y1} ${right} ${y1}`;
    };
    const centre = (i, { stride, m, zeros }) => i * stride + (m - 1) / 2 - zeros;
    const layers = ["hits", "edges", "fan", "names"].map((name) => svg("g", { class: name }));
    const [hits, base, fan, names] = layers;
    const edges = Array.from({ length: units }, () => Array.from({ length: n }, () => ({
      line: base.appendChild(svg("path", {})), hit: hits.appendChild(svg("path", {})) })));
    edges.forEach((line, i) => line.forEach(({ hit }, j) => { hit.dataset.edge = `${i},${j}`; }));
    // The edges of the unit looked at, one for each tap: they move with the window.
    const taps = Array.from({ length: n }, () => {
      const tag = svg("rect", { rx: 5, height: 20, y: -10 });
      const name = svg("text", {});
      const group = svg("g", { class: "name" }, tag, name);
      names.append(group);
      return { line: fan.appendChild(svg("path", {})), group, tag, name };
    });
    const halo = svg("rect", { class: "cnn-outline slide", x: left - radius - 6, width: 2 * radius + 12, rx: radius + 6 });
    const node = (role, k) => {
      const circle = svg("circle", { r: radius });
      const value = svg("text", {});
      const label = svg("text", { class: "label" });
      withSub(label, role === "input" ? "a" : "a′", `${k}`);
      const group = svg("g", { class: `node ${role}` }, circle, value, label);
      group.dataset[role] = k;
      return { group, circle, value, label };
    };
    const inputs = Array.from({ length: n }, (_, j) => node("input", j));
    const outputs = Array.from({ length: units }, (_, i) => node("output", i));
    const place = ({ circle, value, label }, x, at, shift, anchor) => {
      for (const one of [circle]) { put(one, "cx", x); put(one, "cy", at); }
      put(value, "x", x); put(value, "y", at);
      put(label, "x", x + shift); put(label, "y", at); label.style.textAnchor = anchor;
    };
    inputs.forEach((one, j) => place(one, left, y(j), -radius - 12, "end"));
    const ring = svg("circle", { class: "cnn-outline slide", r: radius + 4, cx: right });
    const caption = text((left + right) / 2, height + TOP + 19, "", { class: "caption" });
    frame.append(...layers, halo, ring, ...inputs.map((one) => one.group), ...outputs.map((one) => one.group), caption);
    const element = html("div", { class: "part" }, frame);

    frame.addEventListener("pointermove", (event) => {
      const { edge, input, output } = event.target.closest?.("[data-edge], [data-input], [data-output]")?.dataset ?? {};
      const { row } = now();
      if (edge) look(...edge.split(",").map(Number));
      else if (input) look(row, Number(input));
      else if (output) look(Number(output), null);
      else if (hot !== null) look(row, null);
    });
    frame.addEventListener("pointerdown", (event) => {
      const { edge, output } = event.target.closest?.("[data-edge], [data-output]")?.dataset ?? {};
      if (edge) look(...edge.split(",").map(Number));
      else if (output) look(Number(output), null);
    });
    frame.addEventListener("click", (event) => {
      const { input } = event.target.closest?.("[data-input]")?.dataset ?? {};
      if (input) editInput(Number(input));
    });
    frame.addEventListener("pointerleave", () => look(now().row, null));
    onKey(frame, (key) => (key === "Enter" || key === "F2" ? editPointed() : walk(key)));

    return { element, frame, width, paint(state, ends, morph) {
      const { index, row, kind, stride, zeros, m } = state;
      const size = n > 8 ? 12 : 13;
      index.forEach((line, i) => line.forEach((id, j) => {
        const same = hot !== null && kind === "shared" && id >= 0 && id === index[row][hot];
        if (!changed(edges[i][j], id, same, kind, m, zeros, theme)) return;
        const { line: path, hit } = edges[i][j];
        const d = curve(j, centre(i, state));
        put(path, "d", d);
        put(hit, "d", d);
        put(path, "class", id < 0 ? "none" : null);
        put(hit, "class", id < 0 ? "none" : null);
        if (id >= 0) path.style.stroke = mix(PALETTE[theme].surface, colorOf(state, id), same ? 1 : theme === "dark" ? 0.5 : 0.45);
        path.style.strokeWidth = same ? 3 : 1.5;
      }));
      fan.classList.toggle("still", morph);
      names.classList.toggle("still", morph);
      taps.forEach(({ line, group, tag, name }, k) => {
        const j = kind === "full" ? k : row * stride - zeros + k;
        const id = (kind === "full" || k < m) ? index[row][j] ?? -1 : -1;
        const d = curve(j, centre(row, state));
        put(line, "d", d);
        line.style.opacity = id < 0 ? 0 : 1;
        group.style.opacity = id < 0 ? 0 : 1;
        // The name lies on its edge, near the input, where edges are apart.
        const t = 0.24;
        const s = 1 - t;
        const [x0, x1, mid] = [left + radius, right, (left + right) / 2];
        const x = s ** 3 * x0 + 3 * s * s * t * mid + 3 * s * t * t * mid + t ** 3 * x1;
        const share = 3 * s * t * t + t ** 3;
        group.style.transform = `translate(${Math.round(x)}px, ${Math.round(y(j) * (1 - share) + y(centre(row, state)) * share)}px)`;
        if (id < 0) return;
        const color = colorOf(state, id);
        line.style.stroke = color;
        line.style.strokeWidth = hot === j ? 7 : 4;
        const [letter, sub] = weightName(state, row, j);
        withSub(name, letter, sub);
        name.style.fontSize = `${size}px`;
        name.style.fill = readable(color, theme);
        const wide = Math.round(size * (0.95 + 0.46 * sub.length) + 8);
        put(tag, "x", -wide / 2);
        put(tag, "width", wide);
        tag.style.fill = color;
        put(group, "class", hot === j ? "name hot" : "name");
      });
      const seen = windowOf(state);
      slide(halo, y(seen.first) - radius - 6);
      put(halo, "height", (seen.last - seen.first) * pitch + 2 * radius + 12);
      slide(ring, y(centre(row, state)));
      const fill = (one, value, role, focus, end, pointed) => {
        const color = shade(value, end, role, theme, focus);
        one.circle.style.fill = color;
        one.circle.style.stroke = pointed ? PALETTE[theme].window : PALETTE[theme][role];
        one.circle.style.strokeWidth = pointed ? 3 : 1.5;
        one.value.style.fill = readable(color, theme);
        one.value.style.fontSize = `${Math.min(radius * 0.84, 1.78 * radius / (0.62 * formatNumber(value).length)).toFixed(1)}px`;
        say(one.value, formatNumber(value));
      };
      inputs.forEach((one, j) => fill(one, state.inputs[j], "input", j >= seen.first && j <= seen.last, ends.input, hot === j));
      outputs.forEach((one, i) => {
        place(one, right, y(centre(i, state)), radius + 10, "start");
        fill(one, state.outputs[i], "output", i === row, ends.output, false);
      });
      say(caption, `${state.links} of ${n * units} edges`);
      if (morph) for (const group of [fan, names]) fade(group);
    } };
  }

  function buildProduct(n, units, pitch, vector, sign) {
    const height = n * pitch;
    const left = 3;
    const high = Math.min(Math.max(pitch, 22), 56);
    const inputsAt = left + n * pitch + sign;
    const outputsAt = inputsAt + vector + sign;
    const width = outputsAt + vector + 3;
    const down = TOP + Math.round((n - units) * pitch / 2);   // the units stand centred beside their inputs
    const radius = Math.round(Math.min(high, pitch) * 0.13);
    const frame = svg("svg", { class: "cnn-grid product", width, height: height + TOP + CAPTION });
    const make = (name, label) => svg("g", { class: `${name}`, tabindex: 0, role: "application", "aria-label": label, ...KEEP_KEYS });
    const matrix = make("matrix", "weight matrix: up and down arrows choose the row, left and right the weight, Enter edits it");
    const inputs = make("inputs", "inputs: up and down arrows choose one, Enter edits it");
    const outputs = make("outputs", "outputs: up and down arrows choose the unit");
    const cell = (group, x, y, wide) => {
      const rect = svg("rect", { x: x + 1, y: y + 1, width: wide - 2, height: pitch - 2, rx: radius });
      const name = svg("text", { x: x + wide / 2, y: y + pitch / 2 });
      const value = svg("text", { x: x + wide / 2, y: y + pitch * 0.76, class: "weight" });
      group.append(rect, name, value);
      return { rect, name, value };
    };
    const at = (i, j) => [left + j * pitch, down + i * pitch];
    const cells = Array.from({ length: units }, (_, i) => Array.from({ length: n }, (_, j) => cell(matrix, ...at(i, j), pitch)));
    const inputCells = Array.from({ length: n }, (_, j) => cell(inputs, inputsAt, TOP + j * pitch, vector));
    const outputCells = Array.from({ length: units }, (_, i) => cell(outputs, outputsAt, down + i * pitch, vector));
    const rings = Array.from({ length: units }, () => svg("rect", { class: "cnn-hot", width: pitch - 6, height: pitch - 6, rx: radius - 1 }));
    const rowOutline = svg("rect", { class: "cnn-outline slide", x: left, width: n * pitch, height: pitch, rx: radius + 1 });
    const windowOutline = svg("rect", { class: "cnn-outline slide", x: inputsAt, width: vector, rx: radius + 1 });
    const outOutline = svg("rect", { class: "cnn-outline slide", x: outputsAt, width: vector, height: pitch, rx: radius + 1 });
    const pointed = svg("rect", { class: "cnn-outline pointed", width: pitch - 4, height: pitch - 4, rx: radius - 1 });
    const pointedInput = svg("rect", { class: "cnn-outline pointed", x: inputsAt + 2, width: vector - 4, height: pitch - 4, rx: radius - 1 });
    const middle = TOP + height / 2;
    const arrow = text(inputsAt + vector + sign / 2, middle, "", { class: "sign" });
    const g = text(inputsAt + vector + sign / 2, middle - 16, "g", { class: "caption" });
    const below = height + TOP + 19;
    const captions = [text(left + n * pitch / 2, below, "", { class: "caption" }),
      text(inputsAt + vector / 2, below, "a", { class: "caption" }), text(outputsAt + vector / 2, below, "a′", { class: "caption" })];
    matrix.append(...rings, rowOutline, pointed);
    inputs.append(windowOutline, pointedInput);
    outputs.append(outOutline);
    frame.append(matrix, text(inputsAt - sign / 2, middle, "·", { class: "sign" }), inputs, arrow, g, outputs, ...captions);
    const element = html("div", { class: "part" }, frame);

    const hit = (event) => {
      const home = frame.getBoundingClientRect();
      const [x, y] = [event.clientX - home.left, event.clientY - home.top];
      const i = Math.floor((y - down) / pitch);
      const j = Math.floor((x - left) / pitch);
      if (x >= outputsAt && x < outputsAt + vector && i >= 0 && i < units) return { output: i };
      const a = Math.floor((y - TOP) / pitch);
      if (x >= inputsAt && x < inputsAt + vector && a >= 0 && a < n) return { input: a };
      return i >= 0 && i < units && j >= 0 && j < n ? { i, j } : {};
    };
    const follow = (event) => {
      const { i, j, input, output } = hit(event);
      if (output !== undefined) look(output, null);
      else if (input !== undefined) look(now().row, input);
      else if (i !== undefined) look(i, j);
      else if (hot !== null && event.type === "pointermove") look(now().row, null);
    };
    // A mouse that clicks edits; a finger first points, and edits what it points at already.
    let armed = null;
    frame.addEventListener("pointermove", follow);
    frame.addEventListener("pointerdown", (event) => {
      const { i, j, input } = hit(event);
      armed = event.pointerType === "mouse" || (hot === (input ?? j) && (input !== undefined || i === now().row));
      follow(event);
    });
    frame.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") look(now().row, null); });
    frame.addEventListener("click", (event) => {
      const { i, j, input } = hit(event);
      if (!armed) return;
      if (input !== undefined) editInput(input);
      else if (i !== undefined) editWeight(i, j);
    });
    const typing = (key) => (/^[-−+.\d]$/.test(key) ? key : null);
    const enters = (key) => key === "Enter" || key === "F2" || typing(key);
    onKey(matrix, (key, event) => (event.ctrlKey ? false : enters(key) ? editPointed(typing(key)) : walk(key)));
    onKey(outputs, (key, event) => (event.ctrlKey ? false : walk(key)));
    onKey(inputs, (key, event) => {
      const step = { ArrowUp: -1, ArrowDown: 1, Home: -n, End: n }[key];
      if (event.ctrlKey) return false;
      if (step) look(now().row, clamp((hot ?? (step > 0 ? -1 : n)) + step, 0, n - 1));
      else if (enters(key)) editInput(hot ?? windowOf(now()).first, typing(key));
      else return false;
      return true;
    });

    const written = (one, letter, sub, room) => {
      // On small cells the subscript alone says which weight it is; on the smallest, the row's equation does.
      const full = letter.length + 0.8 * sub.length;
      const scaleOf = (length) => Math.min(room * 0.36, 15, (room - 5) / (0.62 * length));
      if (scaleOf(full) >= 9.5) { withSub(one, letter, sub); one.style.fontSize = `${scaleOf(full).toFixed(1)}px`; }
      else {
        const size = Math.min(room * 0.5, 12, (room - 2) / (0.56 * sub.length));
        withSub(one, size >= 8.5 ? sub : "", "");
        one.style.fontSize = `${size.toFixed(1)}px`;
      }
    };

    return { element, frame, width, matrix, inputs, outputs, box: (i, j) => ({ x: at(i, j)[0], y: at(i, j)[1], size: pitch }),
      inputBox: (j) => ({ x: inputsAt + (vector - pitch) / 2, y: TOP + j * pitch, size: pitch }),
      paint(state, ends, morph) {
        const { index, row, kind } = state;
        const palette = PALETTE[theme];
        const shared = hot !== null && kind === "shared" ? index[row][hot] : -1;
        const roomy = pitch >= 44;
        index.forEach((line, i) => {
          let ringed = null;
          line.forEach((id, j) => {
            if (id >= 0 && id === shared && i !== row) ringed = j;
            const { rect, name, value } = cells[i][j];
            const strong = i === row || (id >= 0 && id === shared);
            if (!changed(cells[i][j], id, strong, id >= 0 && kind, state.weight(i, j), theme)) return;
            if (morph) [name, value].forEach(fade);
            const color = id < 0 ? palette.panel : mix(palette.surface, colorOf(state, id), strong ? 1 : UNFOCUSED);
            rect.style.fill = color;
            name.style.fill = id < 0 ? palette.muted : readable(color, theme);
            value.style.fill = name.style.fill;
            if (id < 0) {
              withSub(name, "0", "");
              name.style.fontSize = `${Math.min(15, pitch * 0.34).toFixed(1)}px`;
            } else written(name, ...weightName(state, i, j), pitch);
            name.style.transform = roomy && id >= 0 ? `translateY(${-Math.round(pitch * 0.12)}px)` : "";
            say(value, roomy && id >= 0 ? formatNumber(state.weight(i, j)) : "");
          });
          put(rings[i], "visibility", ringed === null ? "hidden" : "visible");
          if (ringed !== null) { put(rings[i], "x", at(i, ringed)[0] + 3); put(rings[i], "y", at(i, ringed)[1] + 3); }
        });
        const seen = windowOf(state);
        slide(rowOutline, down + row * pitch);
        slide(outOutline, down + row * pitch);
        slide(windowOutline, TOP + seen.first * pitch);
        put(windowOutline, "height", (seen.last - seen.first + 1) * pitch);
        for (const one of [pointed, pointedInput]) put(one, "visibility", hot === null ? "hidden" : "visible");
        if (hot !== null) {
          put(pointed, "x", at(row, hot)[0] + 2); put(pointed, "y", at(row, hot)[1] + 2);
          put(pointedInput, "y", TOP + hot * pitch + 2);
          const id = index[row][hot];
          pointed.style.stroke = readable(id < 0 ? palette.panel : colorOf(state, id), theme);
          pointedInput.style.stroke = readable(shade(state.inputs[hot], ends.input, "input", theme, hot >= seen.first && hot <= seen.last), theme);
        }
        const fill = (one, value, role, focus, end) => {
          const color = shade(value, end, role, theme, focus);
          one.rect.style.fill = color;
          one.name.style.fill = readable(color, theme);
          one.name.style.fontSize = `${Math.min(fitText(formatNumber(value), vector), Math.max(11, pitch * 0.5))}px`;
          say(one.name, formatNumber(value));
        };
        state.inputs.forEach((value, j) => fill(inputCells[j], value, "input", j >= seen.first && j <= seen.last, ends.input));
        state.outputs.forEach((value, i) => fill(outputCells[i], value, "output", i === row, ends.output));
        say(arrow, state.activation === "identity" ? "=" : "→");
        put(g, "visibility", state.activation === "identity" ? "hidden" : "visible");
        say(captions[0], `Θ · ${units} × ${n}`);
      } };
  }

  function editPointed(typed = null) {
    const { row, index } = now();
    editWeight(row, hot ?? index[row].findIndex((id) => id >= 0), typed);
    return true;
  }

  // The parameters themselves, a tile each ------------------------------------------------------------
  let laid = "";
  function paintTray(state, morph) {
    const { kind, count, theta, index, row, n, units } = state;
    const key = [kind, count, n].join();
    const tiles = () => [...tray.querySelectorAll(".tile")];
    const from = morph && !stillMotion() ? tiles().map((one) => [one.getBoundingClientRect(), one.style.background]) : null;
    if (key !== laid) {
      laid = key;
      tray.replaceChildren(...Array.from({ length: count }, (_, id) => {
        const gestures = { onpointerenter: () => pointParameter(id), onpointerleave: () => look(now().row, null) };
        return kind === "shared"
          ? html("button", { type: "button", class: "tile", ...KEEP_KEYS, ...gestures, onclick: () => editFilter(id) },
            "θ", html("sub", {}, `${id}`), html("span"))
          : html("i", { class: "tile", ...gestures });
      }));
      put(tray, "class", `tray ${kind}`);
      // As high as the fully connected layer needs it, so that nothing jumps.
      const per = Math.max(1, Math.floor((roomIn(root) + 3) / 13));
      tray.style.minHeight = `${Math.max(30, Math.ceil(n * units / per) * 13)}px`;
    }
    const pointedId = hot === null ? -1 : index[row][hot];
    tiles().forEach((tile, id) => {
      const color = colorOf(state, id);
      tile.style.background = color;
      tile.style.color = readable(color, theme);
      tile.classList.toggle("hot", id === pointedId);
      if (kind !== "shared") return;
      say(tile.lastChild, ` = ${formatNumber(theta[id])}`);
      put(tile, "aria-label", `θ ${id} is ${formatNumber(theta[id])}: edit`);
    });
    if (from) flow(from, before, state, tiles());
  }

  /** What became what: each weight flies to the parameter that now stands for its edge, or fades. */
  function flow(from, old, state, tiles) {
    const home = root.getBoundingClientRect();
    const to = tiles.map((one) => one.getBoundingClientRect());
    old.index.forEach((line, i) => line.forEach((id, j) => {
      if (id < 0 || !from[id]) return;
      const next = state.index[i]?.[j] ?? -1;
      const [box, background] = from[id];
      const target = to[next];
      if (target && Math.hypot(target.x - box.x, target.y - box.y) < 1 && old.kind !== "shared" && state.kind !== "shared") return;
      const chip = html("i", { class: "flying", "aria-hidden": "true",
        style: `left:${box.x - home.x}px;top:${box.y - home.y}px;width:${Math.min(box.width, 10)}px;height:${Math.min(box.height, 10)}px;background:${background}` });
      root.append(chip);
      const moved = target ? `translate(${target.x + Math.min(target.width / 2 - 5, 30) - box.x}px, ${target.y + target.height / 2 - 5 - box.y}px)` : "translateY(12px)";
      chip.animate([{ transform: "none", opacity: 1 }, { transform: moved, opacity: target ? 0.9 : 0 }],
        { duration: MORPH_MS + 20, easing: "cubic-bezier(0.3, 0, 0.2, 1)" }).finished.finally(() => chip.remove());
    }));
    if (state.kind === "shared") fade(tray);
  }

  function pointParameter(id) {
    const { index, row } = now();
    const here = index[row].indexOf(id);
    if (here >= 0) return look(row, here);
    const i = index.findIndex((line) => line.includes(id));
    return i >= 0 && look(i, index[i].indexOf(id));
  }

  function editFilter(id) {
    const tile = tray.querySelectorAll(".tile")[id];
    const box = { x: tile.offsetLeft + tile.offsetWidth / 2 - 20, y: tile.offsetTop + tile.offsetHeight / 2 - 20, size: 40 };
    open({ element: tray }, box, { value: now().theta[id], label: `weight θ ${id}`,
      commit: (value) => change({ theta: model.get("theta").map((old, k) => (k === id ? value : old)) }),
      next(key) {
        const to = id + ({ Tab: 1, BackTab: -1 }[key] ?? NaN);
        if (to >= 0 && to < now().m) editFilter(to);
        else tray.querySelectorAll(".tile")[id]?.focus({ preventScroll: true });
      } });
  }

  // What changes --------------------------------------------------------------------------------------
  /** Whether something has to be painted again: most of 144 cells and edges stay as they are. */
  function changed(one, ...now) {
    const key = now.join();
    if (one.key === key) return false;
    one.key = key;
    return true;
  }

  const colorOf = ({ kind }, id) => colors[theme][kind === "shared" ? "shared" : "free"][id];
  const fade = (element) => !stillMotion() && element.animate([{ opacity: 0 }, { opacity: 1 }], { duration: MORPH_MS });

  /** First and last input that the unit sees. */
  function windowOf({ index, row, n }) {
    const first = index[row].findIndex((id) => id >= 0);
    return { first, last: n - 1 - [...index[row]].reverse().findIndex((id) => id >= 0) };
  }

  let built = "";
  let calmAfter = 0;
  let led = false;
  root.addEventListener("pointermove", () => { led = true; }, true);
  root.addEventListener("keydown", () => { led = false; }, true);
  function draw() {
    const state = now();
    const width = roomIn(root);
    const key = [state.n, state.units, state.stride, width].join();
    const rebuilt = key !== built;
    root.classList.toggle("narrow", width < 620);
    if (hot !== null && hot >= state.n) hot = null;
    if (rebuilt) {
      const focused = parts && ["graph", "matrix", "inputs", "outputs"]
        .find((name) => stage.querySelector(`.${name}`) === document.activeElement);
      parts = build(state, width);
      built = key;
      laid = "";
      if (focused) stage.querySelector(`.${focused}`).focus({ preventScroll: true });
    }
    const morph = before !== null && !rebuilt && (before.kind !== state.kind || before.m !== state.m);
    // Colours glide only when one kind of layer becomes another. While the hand leads, and where
    // dozens of edges would glide with each step, only windows do.
    if (morph) calmAfter = performance.now() + MORPH_MS;
    const calm = performance.now() > calmAfter;
    root.classList.toggle("morph", !calm);
    root.classList.toggle("calm", calm && (led || state.n > 8));
    const ends = { input: largest(state.inputs), output: largest(state.outputs) };
    parts.graph.paint(state, ends, morph);
    parts.product.paint(state, ends, morph);
    paintTray(state, morph);
    paintEquation(state);
    paintWords(state, ends);
    runCount(before?.count ?? state.count, state.count);
    before = state;
  }
  const paint = oncePerFrame(draw);

  /** The big number runs to its new value. */
  let target = null;
  function runCount(from, to) {
    if (target === to) return;
    target = to;
    cancelAnimationFrame(counting);
    put(number, "data-count", to);
    if (from === to || stillMotion()) return say(number, String(to));
    const start = performance.now();
    const tick = (time) => {
      const share = clamp((time - start) / MORPH_MS, 0, 1);
      say(number, String(Math.round(from + (to - from) * (1 - (1 - share) ** 2))));
      if (share < 1) counting = requestAnimationFrame(tick);
    };
    tick(start);
  }

  const name = (letter, sub) => [letter, html("sub", {}, `${sub}`)];
  const stack = (className, upper, lower) => html("span", { class: `pile ${className}` }, html("span", {}, upper), html("span", {}, lower));

  /** A named chip over its value: set(letter, subscript, value, colour). */
  function pair() {
    const [letter, sub, value] = [document.createTextNode(""), html("sub"), html("span")];
    const chip = html("span", { class: "cnn-chip" }, letter, sub);
    return { element: html("span", { class: "pile" }, html("span", {}, chip), value), set(base, low, text, color) {
      if (letter.data !== base) letter.data = base;
      say(sub, `${low}`);
      say(value, text);
      chip.style.background = color;
      chip.style.color = readable(color, theme);
    } };
  }

  let equation = { terms: [] };
  function buildEquation(count) {
    const terms = Array.from({ length: count }, (_, at) => {
      const [weight, value] = [pair(), pair()];
      const term = html("span", { class: "term", onpointerenter: () => look(now().row, Number(term.dataset.term)),
        onpointerleave: () => look(now().row, null) }, weight.element, stack("dot", "·", "·"), value.element);
      const sign = at === count - 1 ? ")" : "+";
      return { term, weight, value, item: html("span", { class: "item" }, term, stack("dot", sign, sign)) };
    });
    const [unit, z, g] = [pair(), html("span"), html("span")];
    put(unit.element.lastChild, "class", "out");
    sum.replaceChildren(html("span", { class: "item" }, unit.element, stack("dot", "= g(", "= g(")),
      ...terms.map(({ item }) => item), html("span", { class: "result" }, z, g));
    equation = { terms, unit, z, g };
  }

  let summed = "";
  function paintEquation(state) {
    const { row, index, inputs, outputs, z, kind, activation } = state;
    const palette = PALETTE[theme];
    const edges = index[row].flatMap((id, j) => (id >= 0 ? [j] : []));
    const key = [theme, row, kind, activation, index[row], inputs, edges.map((j) => state.weight(row, j))].join("|");
    if (key !== summed) {
      summed = key;
      if (edges.length !== equation.terms.length) buildEquation(edges.length);
      edges.forEach((j, at) => {
        const { term, weight, value } = equation.terms[at];
        const number = formatNumber(inputs[j]);
        weight.set(...weightName(state, row, j), formatNumber(state.weight(row, j)), colorOf(state, index[row][j]));
        value.set("a", j, number.startsWith("−") ? `(${number})` : number, palette.input);
        put(term, "data-term", j);
      });
      equation.unit.set("a′", row, formatNumber(outputs[row]), palette.output);
      equation.z.replaceChildren(...name("z", row), ` = ${formatNumber(z[row])}`);
      equation.g.replaceChildren("g(", ...name("z", row), ") = ", html("b", {}, formatNumber(outputs[row])));
    }
    for (const { term } of equation.terms) put(term, "class", Number(term.dataset.term) === hot ? "term hot" : "term");
  }

  function ruleText({ kind, padding, stride, m }) {
    const reach = (m - 1) / 2;
    const step = stride > 1 ? `${stride}i` : "i";
    if (kind === "full") return ["j = 0 … n − 1", "Θ", "i,j", "a", "j", "each unit sees each input"];
    if (kind === "local") {
      const range = padding === "same" ? `|j − ${step}| ≤ ${reach}` : `j = ${step} … ${step} + ${m - 1}`;
      return [range, "Θ", "i,j", "a", "j", `each unit sees ${m} neighbours, with weights of its own`];
    }
    return padding === "same"
      ? [`j = −${reach} … ${reach}`, "θ", reach ? `j+${reach}` : "j", "a", `${step}+j`, `each unit sees ${m} neighbours, with the same weights`]
      : [`j = 0 … ${m - 1}`, "θ", "j", "a", `${step}+j`, `each unit sees ${m} neighbours, with the same weights`];
  }

  let ruled = "";
  function paintWords(state, ends) {
    const { n, m, kind, count, links, withBiases, row, units, index, outputs, padding, stride, activation } = state;
    kinds.show(kind);
    paddings.show(padding);
    activations.show(activation);
    steppers.n.show(n, 1, MOST);
    steppers.m.show(m, 1, n - 1 + (n % 2));
    const [letters, digits] = parameterFormula(n, m, kind, padding, stride);
    say(noun, count === 1 ? "parameter" : "parameters");
    say(formula, `= ${letters}${digits ? ` = ${digits}` : ""}`);
    say(small, `${links} ${links === 1 ? "link" : "links"} · ${withBiases} with biases`);

    const [range, w, sub, a, at, meaning] = ruleText(state);
    const key = [range, sub, at, meaning].join();
    if (key !== ruled) {
      ruled = key;
      rule.replaceChildren(html("span", { class: "general" }, html("span", {}, ...name("a′", "i"), " = g("),
        html("span", { class: "sigma" }, html("span", {}, "Σ"), html("small", {}, range)),
        html("span", {}, ...name(w, sub), " ", ...name(a, at), " )")), html("span", {}, meaning));
    }

    const comma = n > 10 ? "‚" : "";
    const weight = (i, j) => (kind === "shared" ? `θ${low(index[i][j])}` : `Θ${low(i)}${comma}${low(j)}`);
    const terms = index[row].flatMap((id, j) => (id >= 0 ? [`${weight(row, j)}·a${low(j)}`] : [])).join(" + ");
    let line = `Unit ${row} of ${units}, ${SAID[kind]}: a′${low(row)} = g(${terms}) = ${formatNumber(outputs[row])}. ` +
      `${count} ${count === 1 ? "parameter" : "parameters"} (${letters}), ${links} ${links === 1 ? "link" : "links"}; ${withBiases} with biases.`;
    if (hot !== null) {
      const id = index[row][hot];
      const uses = index.flat().filter((other) => other === id).length;
      line = id < 0 ? `No edge leads from a${low(hot)} to a′${low(row)}: the matrix holds 0 there.`
        : `${weight(row, hot)} = ${formatNumber(state.weight(row, hot))} leads from a${low(hot)} to a′${low(row)}` +
          (kind === "shared" ? `, and is used on ${uses} ${uses === 1 ? "edge" : "edges"}.` : ", and on this edge only.");
    }
    say(says, line);
    for (const [role, letter] of [["input", "a"], ["output", "a′"]]) {
      scales[role].hidden = !state[`${role}s`].some((value) => value < 0);
      showScale(scales[role], role, ends[role], { of: `the ${role}s`, theme, before: `${letter} ` });
    }
    hint.show(alertText);
  }

  // Life ------------------------------------------------------------------------------------------------
  const names = ["n", "kernel_size", "kind", "inputs", "theta", "weights", "row", "padding", "stride", "activation"];
  const closed = () => { cancelAnimationFrame(counting); editor?.close(); };
  return live(model, root, names, paint, { themed: (name) => { theme = name; }, closed });
}

export default { render };
