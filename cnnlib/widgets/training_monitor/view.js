// TrainingMonitor.
//
// The training runs in Python, in a thread of its own; this draws what it tells. The hand's wishes
// go out as numbered messages, and Python says which one it has heard: a kernel that is busy with a
// cell hears them late. On a page without a kernel a recording answers, and `_recording` says so.

import { tints } from "../shared/colour.js";
import { button, choice, colourScale, foot, ICONS, legend, slider } from "../shared/controls.js";
import { differs, html, put, say } from "../shared/dom.js";
import { pixelMap } from "../shared/grid.js";
import { live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { bytes, floats, measured } from "../shared/numbers.js";
import { inWords, language, t } from "../shared/words.js";
import { chart, short } from "./chart.js";
import { gestures } from "./gestures.js";

const LARGEST = 144; // pixels of a map
const LABELS = { ready: "training_monitor.start", running: "shared.pause", paused: "training_monitor.resume" };
const ENDS = ["done", "stopped", "failed"]; // states in which a training has ended
const MOST = 4; // the learning rate can be changed by factors from 2⁻⁴ to 2⁴
const TOLD = ["state", "done", "curve", "digit", "_exponent", "_shapes", "_image", "_filters", "_maps", "_says", "_answer", "_recording"];
ICONS.stop = "M3 3h10v10H3z";

/** @param {import("../shared/life.js").Context} context */
function render({ model, el }) {
  const paint = oncePerFrame(() => draw());
  const hand = gestures(model, paint);
  const bar = controls(model, hand.ask);
  const curves = charts();
  const film = recording((value) => hand.ask({ do: "seek", value }));
  const inside = network(model, hand.ask);
  const says = html("div", { class: "cnn-says" });
  const news = html("div", { class: "cnn-hidden", role: "status" });
  const hint = html("div", { class: "cnn-hint", role: "status" });
  const root = html("div", { class: "cnn cnn-monitor", role: "group", "aria-label": t("training_monitor.label") },
    bar.element, film.element, ...curves.elements, inside.element, ...foot(says, hint), news);
  el.append(root);

  function draw() {
    const [state, width] = [model.get("state"), roomIn(root)];
    root.classList.toggle("cnn-narrow", width < 600);
    put(root, "data-state", state);
    bar.show(state);
    film.show(model.get("_recording"));
    curves.show(model.get("steps"), model.get("done"), model.get("curve"), model.get("plan"));
    inside.show(width, themeOf(root));
    const sentence = inLanguage(model.get("_says"));
    say(says, sentence);
    put(says, "class", state === "failed" ? "cnn-says cnn-alert" : "cnn-says");
    say(news, state === "running" ? t("training_monitor.running") : sentence); // a voice that never stops helps nobody
    put(hint, "class", hand.deaf() ? "cnn-hint cnn-alert" : "cnn-hint");
    say(hint, hand.deaf() ? t("training_monitor.deaf") : ENDS.includes(state) ? t(`training_monitor.goes_on_${state}`) : "");
  }

  return live(model, root, TOLD, paint, { closed: hand.end });
}

/** What Python says in each language, in the one spoken. */
const inLanguage = (texts) => texts[language()] ?? texts.en ?? "";

/** The buttons, and the factor on the learning rate. */
function controls(model, ask) {
  let shown = ""; // the button does what it says, also when the next frame is to say something else
  const run = button("play", t("training_monitor.start"), () => ask({ do: shown === "running" ? "pause" : ENDS.includes(shown) ? "again" : "start" }));
  const one = button("step", t("training_monitor.one_step"), () => ask({ do: "step" }));
  const stop = button("stop", t("training_monitor.stop"), () => ask({ do: "stop" }));
  const text = (exponent) => (Number.isInteger(exponent) && exponent < 0 ? `1/${2 ** -exponent}` : short(2 ** exponent));
  const rate = slider(t("training_monitor.rate_times"), -MOST, MOST, (value) => ask({ do: "rate", value }), { text, name: t("training_monitor.factor") });
  return {
    element: html("div", { class: "cnn-bar" }, html("div", { class: "cnn-buttons" }, run.element, one.element, stop.element), rate.element),
    show(state) {
      shown = state;
      run.show(state === "running" ? "pause" : "play", t(LABELS[state] ?? "training_monitor.go_on"));
      for (const element of [one.element, stop.element]) put(element, "disabled", ENDS.includes(state));
      if (document.activeElement !== rate.input) rate.show(model.get("_exponent")); // else the hand is further on than Python
    },
  };
}

/** What says that this is a recording, and moves through it. */
function recording(seek) {
  const note = html("span", { role: "status" });
  const moment = slider(t("training_monitor.moment"), 0, 0, seek);
  const element = html("div", { class: "cnn-bar recorded", hidden: true });
  return {
    element,
    show(told) {
      element.hidden = !told;
      if (!told) return;
      if (!moment.element.isConnected) element.append(note, moment.element);
      say(note, t(`training_monitor.note_${told.note}`));
      moment.element.hidden = told.frames === 0;
      const held = document.activeElement === moment.input; // the hand is further on
      moment.show(held ? Number(moment.input.value) : told.at, Math.max(told.frames - 1, 0));
    },
  };
}

/** Loss, accuracy and learning rate over the steps, and how far the training is. */
function charts() {
  const loss = chart(t("training_monitor.chart_loss"), "weight");
  const accuracy = chart(t("training_monitor.chart_accuracy"), "output");
  const speed = chart(t("training_monitor.chart_rate"), "ink");
  const bar = html("progress", { class: "advance", "aria-label": t("training_monitor.steps_done") });
  return {
    elements: [html("div", { class: "charts" }, loss.element, accuracy.element, speed.element), bar],
    show(steps, done, curve, plan) {
      const width = Math.max(200, Math.floor(loss.element.clientWidth || 280));
      const high = Math.max(...curve.map(([, value]) => value), 0.1) * 1.05;
      loss.draw(width, steps, curve.map(([step, value]) => [step, value]), high, (v) => v.toFixed(3));
      const right = curve.filter(([, , value]) => Number.isFinite(value)); // a net with one output has no classes
      accuracy.draw(width, steps, right.map(([step, , value]) => [step, 100 * value]), 100, (v) => measured(v / 100));
      const fastest = Math.max(...plan.map(([, value]) => value), ...curve.map((point) => point[3]), 1e-9) * 1.05;
      speed.draw(width, steps, curve.map((point) => [point[0], point[3]]), fastest, short, plan);
      put(bar, "max", steps);
      put(bar, "value", done);
    },
  };
}

/** One training image, the filters of the first layer, and what they make of it; for nets that have maps. */
function network(model, ask) {
  const pick = choice(t("training_monitor.whose_maps"), model.get("digits"), (value) => ask({ do: "digit", value }));
  const answer = html("b", { class: "answer" });
  const [filterScale, mapScale] = [colourScale(), colourScale()];
  const shows = html("div", { class: "shows" });
  const element = html("div", { class: "inside" },
    html("div", { class: "line" }, html("span", {}, t("training_monitor.one_image")), pick.element, answer), shows,
    legend(filterScale.element, mapScale.element));
  let parts;

  function build(shapes, width) {
    const [count, high, wide] = shapes.maps;
    const [rows, columns] = shapes.image;
    // Where few maps leave room, each stands beside its filter instead of below it.
    const beside = width >= (2 * count + 1) * (LARGEST + 12);
    put(shows, "class", beside ? "shows beside" : "shows");
    const across = width < 600 ? Math.min(count, 3) : beside ? 2 * count + 1 : count + 1;
    const side = Math.min(LARGEST, Math.floor((width + 12) / across - 12));
    const pitchOf = (size) => Math.max(1, Math.floor(side / size));
    const image = pixelMap(rows, columns, pitchOf(Math.max(rows, columns)), { role: "img", "aria-label": t("training_monitor.the_image") });
    const maps = Array.from({ length: count }, () => pixelMap(high, wide, pitchOf(Math.max(high, wide))));
    const filters = Array.from({ length: shapes.filters[0] }, () =>
      pixelMap(shapes.filters[1], shapes.filters[2], Math.max(2, pitchOf(Math.max(shapes.filters[1], shapes.filters[2]) / 0.72))));
    shows.style.gridTemplateColumns = `repeat(${beside ? count + 1 : across}, max-content)`;
    shows.replaceChildren(html("figure", { class: "input" }, html("figcaption", {}, t("training_monitor.input")), image.frame),
      ...maps.map((map, k) => html("figure", { class: "pair", role: "img", "aria-label": t("training_monitor.filter_and_map", { number: k }) },
        html("figcaption", {}, t("training_monitor.filter", { number: k })), html("div", { class: "both" }, filters[k]?.frame ?? "", map.frame))));
    parts = { image, maps, filters };
  }

  function paintStack(scale, views, values, [, rows, columns], role, theme) {
    const end = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const tint = tints(role, theme);
    views.forEach((view, k) => view.paint((r, c) => tint(values[(k * rows + r) * columns + c], end)));
    scale.show(role, end, { of: t(role === "weight" ? "training_monitor.the_weights" : "training_monitor.the_maps"), theme,
      before: t(role === "weight" ? "training_monitor.weights" : "training_monitor.maps"), signed: values.some((value) => value < 0) });
  }

  return {
    element,
    show(width, theme) {
      const shapes = model.get("_shapes");
      element.hidden = !shapes.maps[0];
      if (element.hidden) return;
      if (differs(shows, "built", JSON.stringify([shapes, width]))) build(shapes, width);
      const blue = tints("input", theme);
      const pixels = bytes(model.get("_image"));
      parts.image.paint((r, c) => blue(pixels[r * shapes.image[1] + c], 255));
      paintStack(mapScale, parts.maps, floats(model.get("_maps")), shapes.maps, "output", theme);
      filterScale.element.hidden = !shapes.filters[0];
      if (shapes.filters[0]) paintStack(filterScale, parts.filters, floats(model.get("_filters")), shapes.filters, "weight", theme);
      pick.show(model.get("digit"));
      say(answer, inLanguage(model.get("_answer")));
    },
  };
}

export default { render: inWords(render) };
