// TrainingMonitor. Joined after core.js by _base.py.
//
// Python adds points; this draws them. Nothing here is asked of the hand.

const HEIGHT = 190;
const MARGIN = { left: 44, right: 14, top: 10, bottom: 26 };

/** About four round numbers from 0 to `end`. */
function ticks(end) {
  const rough = end / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = [1, 2, 2.5, 5, 10].map((k) => k * power).find((s) => s >= rough * 0.999);
  return Array.from({ length: Math.floor(end / size + 1e-9) + 1 }, (_, k) => k * size);
}

function chart(title, role) {
  const frame = svg("svg", { class: "cnn-chart", "aria-hidden": "true", height: HEIGHT });
  const value = html("b", {});
  const element = html("figure", { class: "cnn-curve", style: `--hue: var(--${role})` },
    html("figcaption", {}, title, value), frame);
  return {
    element,
    draw(width, steps, points, end, label) {
      const x = (step) => MARGIN.left + (step / steps) * (width - MARGIN.left - MARGIN.right);
      const y = (v) => HEIGHT - MARGIN.bottom - (v / end) * (HEIGHT - MARGIN.top - MARGIN.bottom);
      const [left, right, bottom] = [x(0), x(steps), y(0)];
      const lines = ticks(end).flatMap((v) => [
        svg("line", { x1: left, x2: right, y1: Math.round(y(v)) + 0.5, y2: Math.round(y(v)) + 0.5 }),
        svg("text", { x: left - 8, y: y(v), class: "cnn-y" }, formatNumber(v))]);
      const marks = ticks(steps).filter((v) => Number.isInteger(v)).map((v) =>
        svg("text", { x: x(v), y: bottom + 17, class: "cnn-x" }, String(v)));
      put(frame, "width", width);
      frame.replaceChildren(...lines, ...marks,
        svg("polyline", { points: points.map(([step, v]) => `${x(step).toFixed(1)},${y(Math.min(v, end)).toFixed(1)}`).join(" ") }));
      if (points.length) {
        const [step, v] = points.at(-1);
        frame.append(svg("circle", { cx: x(step), cy: y(Math.min(v, end)), r: 5 }));
        say(value, label(v));
      } else say(value, "–");
    },
  };
}

function render({ model, el }) {
  const loss = chart("loss of the batches ", "weight");
  const accuracy = chart("accuracy on the batches ", "output");
  const bar = html("progress", { class: "cnn-progress", "aria-label": "steps done" });
  const says = html("div", { class: "cnn-says", role: "status" });
  const charts = html("div", { class: "cnn-charts" }, loss.element, accuracy.element);
  const root = html("div", { class: "cnn cnn-monitor", role: "group", "aria-label": "Training monitor" }, charts, bar,
    html("div", { class: "cnn-foot" }, says));
  el.append(root);

  function draw() {
    const [steps, curve] = [model.get("steps"), model.get("curve")];
    const width = Math.max(220, Math.floor(loss.element.clientWidth || 400));
    const end = Math.max(...curve.map(([, value]) => value), 0.1) * 1.05;
    loss.draw(width, steps, curve.map(([step, value]) => [step, value]), end, (v) => v.toFixed(3));
    accuracy.draw(width, steps, curve.map(([step, , value]) => [step, 100 * value]), 100, (v) => `${v.toFixed(1)} %`);
    const done = curve.length ? curve.at(-1)[0] : 0;
    put(bar, "max", steps);
    put(bar, "value", done);
    say(says, done === 0 ? `Waiting for the first of ${steps} steps.`
      : `${done === steps ? "Done: " : ""}${done} of ${steps} steps.`);
  }

  const drawSoon = oncePerFrame(draw);
  const resized = new ResizeObserver(drawSoon);
  resized.observe(charts);
  const stop = followTheme(root, drawSoon);
  model.on("change:curve", drawSoon);
  draw();
  return () => { stop(); resized.disconnect(); drawSoon.cancel(); model.off("change:curve", drawSoon); };
}

export default { render };
