// DigitPad.
//
// The page draws and numbers its drawings; Python answers with what the network makes of one. One
// question is on its way at a time, and what was drawn meanwhile goes with the next: the latest
// drawing wins, and a slow kernel makes no queue.

import { tints } from "../shared/colour.js";
import { button, hintLine, ICONS, keys, showScale } from "../shared/controls.js";
import { html, put, say } from "../shared/dom.js";
import { pixelMap } from "../shared/grid.js";
import { KEEP_KEYS, onDrag, onKey } from "../shared/hand.js";
import { live, oncePerFrame, roomIn } from "../shared/life.js";
import { bytes, clamp, floats } from "../shared/numbers.js";

const SIDE = 140;      // of the pad, in its own pixels: digit_pad.py
const FIELD = 28;
const STEP = 4;        // an arrow key moves the drawing so far
const PATIENCE_MS = 2500;
Object.assign(ICONS, {
  clear: "M3.4 2 8 6.6 12.6 2 14 3.4 9.4 8l4.6 4.6-1.4 1.4L8 9.4 3.4 14 2 12.6 6.6 8 2 3.4z",
  example: "M2 14l.8-3.6L10.6 2.6l2.8 2.8-7.8 7.8zM11.4 1.8l.9-.8 2.7 2.7-.8.9z",
});


/** Lay a line of ink on the pad: full within the pen's radius, smooth at its edge. */
function lay(ink, pen, [ax, ay], [bx, by]) {
  const [dx, dy, reach] = [bx - ax, by - ay, pen + 1];
  const [top, bottom] = [Math.min(ay, by) - reach, Math.max(ay, by) + reach].map((v) => clamp(Math.floor(v), 0, SIDE - 1));
  const [left, right] = [Math.min(ax, bx) - reach, Math.max(ax, bx) + reach].map((v) => clamp(Math.floor(v), 0, SIDE - 1));
  for (let r = top; r <= bottom; r += 1) {
    for (let c = left; c <= right; c += 1) {
      const [x, y] = [c + 0.5 - ax, r + 0.5 - ay];
      const share = clamp((x * dx + y * dy) / (dx * dx + dy * dy || 1), 0, 1);
      const distance = Math.hypot(x - share * dx, y - share * dy);
      const value = Math.floor(255 * clamp(pen + 0.5 - distance, 0, 1) + 0.5);
      ink[r * SIDE + c] = Math.max(ink[r * SIDE + c], value);
    }
  }
}

function percent(share) {
  if (share < 0.005) return "under 1\u00a0%";
  return share > 0.995 ? "over 99\u00a0%" : `${(100 * share).toFixed(0)}\u00a0%`;
}

function render({ model, el }) {
  let theme = "light";
  let ink = new Uint8Array(bytes(model.get("_drawing")));
  let own = null;      // the drawing that this page has put into the model
  let waiting = false;
  let newer = false;   // drawn since the question on its way
  let silent = false;  // no answer came in time
  let timer = 0;
  let lastExample = 7;
  let stageParts = [];
  let built = "";

  // What stays ------------------------------------------------------------------------------------
  const clear = button("clear", "clear", () => putDown(new Uint8Array(SIDE * SIDE)));
  const another = button("example", "example", () => placeExample((lastExample + 1) % 10));
  const pad = pixelMap(SIDE, SIDE, 2, { tabindex: 0, role: "application", class: "cnn-pixels paper", ...KEEP_KEYS,
    "aria-label": "pad: draw a digit; keys 0 to 9 put an example, arrow keys move the drawing, Backspace clears" });
  const sees = pixelMap(FIELD, FIELD, 5, { class: "cnn-pixels sees", role: "img", "aria-label": "what the network sees: the drawing as 28×28 pixels" });
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const bar = html("i", {});
    const value = html("span", { class: "share" });
    return { bar, value, row: html("div", { class: "bar-row" }, html("b", {}, String(digit)), html("div", { class: "track" }, bar), value) };
  });
  const piece = (name, caption, ...content) => html("figure", { class: `piece ${name}` }, ...content, html("figcaption", {}, caption));
  const stages = html("div", { class: "stages" });
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const hint = hintLine("Draw with mouse or finger · ", keys("0"), "–", keys("9"), " put an example · ", keys("←", "→", "↑", "↓"), " move it · ",
    keys("Backspace"), " clears");
  const root = html("div", { class: "cnn cnn-digit-pad", role: "group", "aria-label": "Draw a digit for the network" },
    html("div", { class: "entry" },
      piece("drawing", "your drawing", pad.frame),
      html("div", { class: "middle" },
        html("div", { class: "cnn-buttons" }, clear.element, another.element),
        piece("image", "what the network sees", sees.frame)),
      html("div", { class: "bars", role: "group", "aria-label": "probability of each digit" }, bars.map(({ row }) => row))),
    html("div", { class: "cnn-foot answer" }, says), stages,
    html("div", { class: "cnn-foot" }, hint.element));
  el.append(root);

  // The drawing --------------------------------------------------------------------------------------
  const point = (event) => {
    const box = pad.frame.getBoundingClientRect();
    return [(event.clientX - box.left) / 2, (event.clientY - box.top) / 2];
  };

  let at = null;
  onDrag(pad.frame, {
    start(event) {
      at = point(event);
      lay(ink, model.get("_pen"), at, at);
      root.classList.add("cnn-dragging");
      pad.frame.focus({ preventScroll: true });
      drawn();
      return true;
    },
    move(event) {
      const path = event.getCoalescedEvents?.() ?? [];
      for (const one of path.length ? path : [event]) {
        const to = point(one);
        lay(ink, model.get("_pen"), at, to);
        at = to;
      }
      drawn();
    },
    end() { root.classList.remove("cnn-dragging"); },
  });

  onKey(pad.frame, (key, event) => {
    if (event.ctrlKey) return false;
    const move = { ArrowLeft: [0, -STEP], ArrowRight: [0, STEP], ArrowUp: [-STEP, 0], ArrowDown: [STEP, 0] }[key];
    if (/^\d$/.test(key)) placeExample(Number(key));
    else if (move) shift(...move);
    else if (key === "Backspace" || key === "Delete") putDown(new Uint8Array(SIDE * SIDE));
    else return false;
    return true;
  });

  function putDown(drawing) {
    ink = drawing;
    drawn();
  }

  function placeExample(digit) {
    lastExample = digit;
    const drawing = new Uint8Array(SIDE * SIDE);
    for (const line of model.get("_examples")[digit]) {
      for (let i = 1; i < line.length; i += 1) lay(drawing, model.get("_pen"), line[i - 1], line[i]);
    }
    putDown(drawing);
  }

  /** Move the drawing, as far as all of its ink stays on the pad. */
  function shift(down, right) {
    const moved = new Uint8Array(SIDE * SIDE);
    for (let i = 0; i < ink.length; i += 1) {
      if (!ink[i]) continue;
      const [r, c] = [Math.floor(i / SIDE) + down, (i % SIDE) + right];
      if (r < 0 || c < 0 || r >= SIDE || c >= SIDE) return;
      moved[r * SIDE + c] = ink[i];
    }
    putDown(moved);
  }

  // The question and the answer ------------------------------------------------------------------------
  function drawn() {
    newer = true;
    put(root, "aria-busy", "true");
    paint();
    ask();
  }

  function ask() {
    if (waiting || !newer) return;
    [waiting, newer] = [true, false];
    own = new DataView(ink.slice().buffer);
    model.set("_drawing", own);
    model.set("_asked", model.get("_asked") + 1);
    model.save_changes();
    clearTimeout(timer);
    timer = setTimeout(() => {
      [silent, waiting] = [true, false]; // the next stroke asks again
      paint();
    }, PATIENCE_MS);
  }

  function answered() {
    if (model.get("_answered") < model.get("_asked")) return;
    clearTimeout(timer);
    [silent, waiting] = [false, false];
    paint();
    ask();
  }

  function adopt() {
    if (model.get("_drawing") === own) return;
    ink = new Uint8Array(bytes(model.get("_drawing")));
    newer = false;
    paint();
  }

  // What changes ------------------------------------------------------------------------------------------
  /** The fewest lines in which the maps are large enough to read. */
  function arrange([count, , columns], width) {
    for (let lines = 1; ; lines += 1) {
      const across = Math.ceil(count / lines);
      const pitch = Math.floor(((width + 8) / across - 8) / columns);
      if (pitch * columns >= 56 || across === 1) return { across, pitch: clamp(pitch, 1, Math.min(Math.floor(112 / columns), 7) || 1) };
    }
  }

  function build(width) {
    stageParts = model.get("_stages").map(({ name, shape }) => {
      const [count, rows, columns] = shape;
      const { across, pitch } = arrange(shape, width);
      const maps = Array.from({ length: count }, () => pixelMap(rows, columns, pitch));
      const scale = html("span", { class: "cnn-scale" });
      const grid = html("div", { class: "maps", role: "img", style: `grid-template-columns: repeat(${across}, max-content)` },
        maps.map(({ frame }) => frame));
      return { maps, scale, grid, element: html("div", { class: "layer" },
        html("div", { class: "line" }, html("span", {}, `${name}: ${count} maps of ${rows}×${columns}`), scale), grid) };
    });
    stages.replaceChildren(...stageParts.map(({ element }) => element));
  }

  function draw() {
    const width = roomIn(root);
    root.classList.toggle("cnn-narrow", width < 600);
    const key = JSON.stringify([width, model.get("_stages").map(({ name, shape }) => [name, shape])]);
    if (key !== built) build(width);
    built = key;

    const blue = tints("input", theme);
    pad.paint((r, c) => blue(ink[r * SIDE + c], 255));
    const image = bytes(model.get("_image"));
    sees.paint((r, c) => blue(image[r * FIELD + c], 255));

    const shares = floats(model.get("_probabilities"));
    const order = [...shares.keys()].sort((a, b) => shares[b] - shares[a] || a - b);
    const problem = model.get("_problem"); // why the network gives no answer
    bars.forEach(({ bar, value, row }, digit) => {
      bar.style.width = `${100 * shares[digit]}%`;
      say(value, problem ? "–" : `${(100 * shares[digit]).toFixed(1)} %`);
      put(row, "class", !problem && digit === order[0] ? "bar-row likely" : "bar-row");
    });

    const values = floats(model.get("_maps"));
    let start = 0;
    model.get("_stages").forEach(({ name, shape, signed }, k) => {
      const [count, rows, columns] = shape;
      const size = rows * columns;
      const all = values.subarray(start, start + count * size);
      start += count * size;
      const end = all.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const tint = tints("output", theme);
      const means = stageParts[k].maps.map((map, m) => {
        const one = all.subarray(m * size, (m + 1) * size);
        map.paint((r, c) => tint(one[r * columns + c], end));
        return one.reduce((sum, value) => sum + Math.abs(value), 0) / size;
      });
      const strongest = means.indexOf(Math.max(...means));
      put(stageParts[k].grid, "aria-label", `${name}: ${count} maps of ${rows}×${columns}, map ${strongest} is strongest on average`);
      showScale(stageParts[k].scale, "output", end, { of: "these maps", theme, signed });
    });

    const [first, second] = order;
    const answer = `ost likely ${first}, ${percent(shares[first])}; then ${second}, ${percent(shares[second])}.`;
    say(says, problem || (image.some(Boolean) ? `M${answer}` : `Nothing is drawn, and still the network answers: m${answer}`));
    put(root, "aria-busy", waiting || newer ? "true" : null);
    hint.show(silent ? "Python does not answer (no kernel runs, or it is busy): the answer and the maps are those of an earlier drawing." : "");
  }
  const paint = oncePerFrame(draw);

  // Life ------------------------------------------------------------------------------------------------
  model.on("change:_drawing", adopt);
  model.on("change:_answered", answered);
  return live(model, root, ["_image", "_probabilities", "_problem", "_stages", "_maps"], paint, { themed: (name) => { theme = name; }, closed() {
    model.off("change:_drawing", adopt);
    model.off("change:_answered", answered);
    clearTimeout(timer);
  } });
}

export default { render };
