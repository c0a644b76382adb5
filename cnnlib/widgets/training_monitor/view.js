// TrainingMonitor.
//
// The training runs in Python, in a thread of its own; this draws what it tells. The hand's wishes
// go out as numbered messages, and Python says which one it has heard: a kernel that is busy with a
// cell hears them late.

import { tints } from "../shared/colour.js";
import { button, choice, ICONS, showScale } from "../shared/controls.js";
import { html, put, say, svg } from "../shared/dom.js";
import { pixelMap } from "../shared/grid.js";
import { KEEP_KEYS } from "../shared/hand.js";
import { live, oncePerFrame, roomIn } from "../shared/life.js";
import { bytes, clamp, floats } from "../shared/numbers.js";

const HEIGHT = 180;
const MARGIN = { left: 44, right: 12, top: 10, bottom: 26 };
const PATIENCE_MS = 1500;
const SHOWN = { weight: "the weights", output: "the feature maps" };
const MOST = 4; // the learning rate can be changed by factors from 2⁻⁴ to 2⁴
ICONS.stop = "M3 3h10v10H3z";

const short = (value) => String(Number(value.toPrecision(3)));

/** About four round numbers from 0 to `end`. */
function ticks(end) {
  const rough = end / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = [1, 2, 2.5, 5, 10].map((k) => k * power).find((s) => s >= rough * 0.999);
  return Array.from({ length: Math.floor(end / size + 1e-9) + 1 }, (_, k) => k * size);
}

function chart(title, color) {
  const frame = svg("svg", { class: "chart", "aria-hidden": "true", height: HEIGHT });
  const value = html("b", {});
  const element = html("figure", { class: "curve", style: `--hue: var(--${color})` },
    html("figcaption", {}, title, value), frame);
  return {
    element,
    draw(width, steps, points, end, label, plan = []) {
      const x = (step) => MARGIN.left + (step / steps) * (width - MARGIN.left - MARGIN.right);
      const y = (v) => HEIGHT - MARGIN.bottom - (v / end) * (HEIGHT - MARGIN.top - MARGIN.bottom);
      const path = (line) => line.map(([step, v]) => `${x(step).toFixed(1)},${y(Math.min(v, end)).toFixed(1)}`).join(" ");
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
        const [step, v] = points.at(-1);
        frame.append(svg("circle", { cx: x(step), cy: y(Math.min(v, end)), r: 5 }));
        say(value, label(v));
      } else say(value, "–");
    },
  };
}

function render({ model, el }) {
  let theme = "light";
  let asked = 0;
  let deaf = false; // Python has not heard a wish in time
  let timer = 0;

  function ask(wish) {
    asked = Math.max(asked, model.get("_heard")) + 1;
    clearTimeout(timer);
    timer = setTimeout(() => { deaf = true; paint(); }, PATIENCE_MS);
    try {
      model.send({ ...wish, number: asked });
    } catch { /* the kernel is gone: it will be said */ }
  }

  // What stays ------------------------------------------------------------------------------------
  const run = button("play", "start", () => ask({ do: model.get("state") === "running" ? "pause" : "start" }));
  const one = button("step", "one step", () => ask({ do: "step" }));
  const stop = button("stop", "stop", () => ask({ do: "stop" }));
  const factor = html("output", { class: "cnn-value factor" });
  const rate = html("input", { type: "range", min: -MOST, max: MOST, step: 1, "aria-label": "factor on the learning rate", ...KEEP_KEYS,
    oninput: () => { showFactor(Number(rate.value)); ask({ do: "rate", value: Number(rate.value) }); } });
  const rateBar = html("label", { class: "cnn-slider" }, html("span", {}, "learning rate ×"), rate, factor);

  const loss = chart("loss of the batches ", "weight");
  const accuracy = chart("accuracy on the batches ", "output");
  const speed = chart("learning rate ", "ink");
  const charts = html("div", { class: "charts" }, loss.element, accuracy.element, speed.element);
  const bar = html("progress", { class: "advance", "aria-label": "steps done" });

  const digits = model.get("digits");
  const pick = choice("whose feature maps", digits, (value) => ask({ do: "digit", value }));
  const answer = html("b", { class: "answer" });
  const filterScale = html("span", { class: "cnn-scale" });
  const mapScale = html("span", { class: "cnn-scale" });
  const shows = html("div", { class: "shows" });
  const inside = html("div", { class: "inside" },
    html("div", { class: "line" }, html("span", {}, "one training image"), pick.element, answer),
    shows,
    html("div", { class: "line" }, html("span", { class: "cnn-scale" }, "weights ", filterScale), html("span", { class: "cnn-scale" }, "feature maps ", mapScale)));

  const says = html("div", { class: "cnn-says" });
  const news = html("div", { class: "cnn-hidden", role: "status" });
  const hint = html("div", { class: "cnn-hint", role: "status" });
  const root = html("div", { class: "cnn cnn-monitor", role: "group", "aria-label": "Training monitor" },
    html("div", { class: "cnn-bar" }, html("div", { class: "cnn-buttons" }, run.element, one.element, stop.element), rateBar),
    charts, bar, inside, html("div", { class: "cnn-foot" }, says, hint), news);
  el.append(root);

  // What is made anew when a size changes -----------------------------------------------------------
  let parts = null;
  let built = "";
  function build(shapes, width) {
    const [count, high, wide] = shapes.maps;
    const narrow = width < 600;
    const across = narrow ? Math.min(count, 3) : count + 1;
    const pitch = clamp(Math.floor(((width + 12) / across - 12) / wide), 1, 4);
    const image = pixelMap(...shapes.image, pitch, { role: "img", "aria-label": "the training image" });
    const maps = Array.from({ length: count }, () => pixelMap(high, wide, pitch));
    const filters = Array.from({ length: shapes.filters[0] }, () =>
      pixelMap(shapes.filters[1], shapes.filters[2], Math.max(2, Math.floor((pitch * wide * 0.72) / shapes.filters[2]))));
    shows.style.gridTemplateColumns = `repeat(${across}, max-content)`;
    shows.replaceChildren(html("figure", { class: "input" }, html("figcaption", {}, "input"), image.frame),
      ...maps.map((map, k) => html("figure", { class: "pair", role: "img", "aria-label": `filter ${k} and its feature map` },
        html("figcaption", {}, `filter ${k}`), filters[k]?.frame ?? "", map.frame)));
    return { image, maps, filters };
  }

  function paintStack(views, values, [, rows, columns], role) {
    const end = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const tint = tints(role, theme);
    views.forEach((view, k) => view.paint((r, c) => tint(values[(k * rows + r) * columns + c], end)));
    return [role, end, { of: SHOWN[role], theme, signed: values.some((value) => value < 0) }];
  }

  // What changes --------------------------------------------------------------------------------------
  function showFactor(exponent) {
    const text = Number.isInteger(exponent) && exponent < 0 ? `1/${2 ** -exponent}` : short(2 ** exponent);
    say(factor, text);
    put(rate, "aria-valuetext", `times ${text}`);
  }

  function draw() {
    const [state, steps, done, curve, plan] = ["state", "steps", "done", "curve", "plan"].map((name) => model.get(name));
    const ended = ["done", "stopped", "failed"].includes(state);
    const inner = roomIn(root);
    root.classList.toggle("cnn-narrow", inner < 600);
    put(root, "data-state", state);

    run.show(state === "running" ? "pause" : "play", { ready: "start", running: "pause", paused: "resume" }[state] ?? state);
    for (const { element } of [run, one, stop]) put(element, "disabled", ended);
    put(rate, "disabled", ended);
    if (document.activeElement !== rate || ended) rate.value = model.get("_exponent");
    showFactor(Number(document.activeElement === rate && !ended ? rate.value : model.get("_exponent")));

    const width = Math.max(200, Math.floor(loss.element.clientWidth || 280));
    const high = Math.max(...curve.map(([, value]) => value), 0.1) * 1.05;
    loss.draw(width, steps, curve.map(([step, value]) => [step, value]), high, (v) => v.toFixed(3));
    accuracy.draw(width, steps, curve.map(([step, , value]) => [step, 100 * value]), 100, (v) => `${v.toFixed(1)} %`);
    const fastest = Math.max(...plan.map(([, value]) => value), ...curve.map((point) => point[3]), 1e-9) * 1.05;
    speed.draw(width, steps, curve.map((point) => [point[0], point[3]]), fastest, short, plan);
    put(bar, "max", steps);
    put(bar, "value", done);

    const shapes = model.get("_shapes");
    inside.hidden = !shapes.maps[0];
    if (shapes.maps[0]) {
      const key = JSON.stringify([shapes, inner]);
      if (key !== built) parts = build(shapes, inner);
      built = key;
      const blue = tints("input", theme);
      const pixels = bytes(model.get("_image"));
      parts.image.paint((r, c) => blue(pixels[r * shapes.image[1] + c], 255));
      showScale(mapScale, ...paintStack(parts.maps, floats(model.get("_maps")), shapes.maps, "output"));
      filterScale.parentElement.hidden = !shapes.filters[0];
      if (shapes.filters[0]) showScale(filterScale, ...paintStack(parts.filters, floats(model.get("_filters")), shapes.filters, "weight"));
      pick.show(model.get("digit"));
      say(answer, model.get("_answer"));
    }

    say(says, model.get("_says"));
    put(says, "class", state === "failed" ? "cnn-says cnn-alert" : "cnn-says");
    if (state !== "running") say(news, model.get("_says")); // a voice that never stops helps nobody
    else say(news, "running");
    put(hint, "class", deaf ? "cnn-hint cnn-alert" : "cnn-hint");
    say(hint, deaf ? "⚠ Python has not heard you yet: no kernel runs, or a cell keeps it busy. The notebook's own stop button is always heard." : "");
  }
  const paint = oncePerFrame(draw);

  function heard() {
    if (model.get("_heard") < asked) return;
    clearTimeout(timer);
    deaf = false;
    paint();
  }

  // Life ------------------------------------------------------------------------------------------------
  const told = ["state", "done", "curve", "digit", "_exponent", "_shapes", "_image", "_filters", "_maps", "_says", "_answer"];
  model.on("change:_heard", heard);
  return live(model, root, told, paint, { themed: (name) => { theme = name; }, closed() {
    model.off("change:_heard", heard);
    clearTimeout(timer);
  } });
}

export default { render };
