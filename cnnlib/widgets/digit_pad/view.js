// DigitPad.
//
// The page draws and numbers its drawings; Python answers with what the network makes of one.

import { tints } from "../shared/colour.js";
import { button, colourScale, foot, hintLine, ICONS, keys, legend } from "../shared/controls.js";
import { differs, html, pointIn, put, say, set, svg } from "../shared/dom.js";
import { pixelMap, visible } from "../shared/grid.js";
import { byFinger, onDrag, onKey, onPoint, TAKES_KEYS } from "../shared/hand.js";
import { ledgerOf } from "../shared/ledger.js";
import { live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { belief, bytes, floats } from "../shared/numbers.js";
import { compute, describe } from "../shared/unit.js";
import { inWords, t, told } from "../shared/words.js";
import { gestures } from "./gestures.js";
import { SIDE } from "./ink.js";
import { arrange, asked, insideOf, ranked, sentence, stageName, strongestUnit, unitAfter } from "./model.js";

const FIELD = 28;
Object.assign(ICONS, {
  clear: "M3.4 2 8 6.6 12.6 2 14 3.4 9.4 8l4.6 4.6-1.4 1.4L8 9.4 3.4 14 2 12.6 6.6 8 2 3.4z",
  example: "M2 14l.8-3.6L10.6 2.6l2.8 2.8-7.8 7.8zM11.4 1.8l.9-.8 2.7 2.7-.8.9z",
});

/** @param {import("../shared/life.js").Context} context */
function render({ model, el }) {
  const paint = oncePerFrame(() => draw());
  const hand = gestures(model, paint);
  const clear = button("clear", t("digit_pad.clear"), hand.clear);
  const another = button("example", t("digit_pad.example"), hand.nextExample);
  const pad = padPart(hand);
  const sees = pixelMap(FIELD, FIELD, 5, { class: "cnn-pixels sees", role: "img", "aria-label": t("digit_pad.sees_label") });
  const piece = (name, caption, ...content) => html("figure", { class: `piece ${name}` }, ...content, html("figcaption", {}, caption));
  const bars = probabilityBars();
  const stages = stageMaps(model, hand);
  const inside = openLedger(sees);
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const hint = hintLine(told(byFinger() ? "digit_pad.hint_touch" : "digit_pad.hint", { first: keys("0"), last: keys("9"), arrows: keys("←", "→", "↑", "↓"), key: keys(t("digit_pad.backspace")) }));
  const root = html("div", { class: "cnn cnn-digit-pad", role: "group", "aria-label": t("digit_pad.label") },
    html("div", { class: "entry" },
      piece("drawing", t("digit_pad.your_drawing"), pad.frame),
      html("div", { class: "middle" },
        html("div", { class: "cnn-buttons" }, clear.element, another.element),
        piece("image", t("digit_pad.sees"), sees.frame)),
      bars.element),
    html("div", { class: "answer" }, says), stages.element, inside.element,
    ...foot(null, hint.element));
  el.append(root);

  function draw() {
    const [width, theme] = [roomIn(root), themeOf(root)];
    root.classList.toggle("cnn-narrow", width < 600);
    const blue = tints("input", theme);
    pad.paint((r, c) => blue(hand.ink()[r * SIDE + c], 255));
    const image = bytes(model.get("_image"));
    sees.paint((r, c) => blue(image[r * FIELD + c], 255));
    const shares = floats(model.get("_probabilities"));
    const problem = model.get("_problem"); // why the network gives no answer
    bars.show(shares, problem);
    stages.show(width, theme);
    inside.show(hand.unit && insideOf(model), hand.unit, width, theme);
    say(says, problem ? t("digit_pad.no_answer") : sentence(shares, !image.some(Boolean)));
    put(root, "aria-busy", hand.waits() ? "true" : null);
    hint.show(hand.unheard() ? t("digit_pad.deaf") : "");
  }

  return live(model, root, ["_image", "_probabilities", "_problem", "_stages", "_maps", "_sources", "_weights"], paint, { closed: hand.end, restore: hand.restore });
}

/** The pad: with both its own pixels and the page's scale, the ink is where the pointer is. */
function padPart(hand) {
  const pad = pixelMap(SIDE, SIDE, 2, { ...TAKES_KEYS, class: "cnn-pixels paper",
    "aria-label": t("digit_pad.pad_keys") });
  const at = (event) => {
    const { x, y } = pointIn(pad.frame, event, pad.width);
    return [x / pad.pitch, y / pad.pitch];
  };
  onDrag(pad.frame, {
    start(event) {
      pad.frame.focus({ preventScroll: true });
      hand.begin(at(event));
    },
    move(event) {
      const path = event.getCoalescedEvents?.() ?? [];
      hand.draw((path.length ? path : [event]).map(at));
    },
  });
  onKey(pad.frame, hand.byKey);
  return pad;
}

/** Ten bars: how the network divides its belief. */
function probabilityBars() {
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const bar = html("i", {});
    const value = html("span", { class: "share" });
    return { bar, value, row: html("div", { class: "bar-row" }, html("b", {}, String(digit)), html("div", { class: "track" }, bar), value) };
  });
  return {
    element: html("div", { class: "bars", role: "group", "aria-label": t("digit_pad.shares") }, bars.map(({ row }) => row)),
    show(shares, problem) {
      const [first] = ranked(shares);
      bars.forEach(({ bar, value, row }, digit) => {
        bar.style.width = `${100 * shares[digit]}%`;
        say(value, problem ? "–" : belief(shares[digit], true));
        put(row, "class", !problem && digit === first ? "bar-row likely" : "bar-row");
      });
    },
  };
}

/** The ledger of the unit that is looked at, below the maps, and what it sees of the image. */
function openLedger(sees) {
  const element = html("div", { class: "inside", hidden: true });
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const host = html("div", {});
  const field = [svg("rect", { class: "cnn-halo", rx: 2 }), svg("rect", { class: "cnn-edge", rx: 2 })];
  element.append(says, host);
  sees.overlay.append(...field);
  let ledger = null;
  return {
    element,
    show(data, unit, width, theme) {
      const open = data !== null && unit !== null;
      element.hidden = !open;
      for (const rect of field) visible(rect, open);
      if (!open) return;
      const now = compute(asked(data, unit), data);
      if (differs(host, "built", [now.layer, width])) {
        ledger = ledgerOf(now, width);
        host.replaceChildren(ledger.element);
      }
      ledger.show(now, data, theme);
      say(says, describe(now, [FIELD, FIELD]));
      const [down, across] = now.span.map(([first, past]) => [Math.max(first, 0), Math.min(past, FIELD)].map((edge) => sees.pitch * edge));
      for (const rect of field) set(rect, { x: across[0] - 1, y: down[0] - 1, width: across[1] - across[0] + 2, height: down[1] - down[0] + 2 });
    },
  };
}

/** The feature maps, a row of them for each stage of the network. Each stage takes the keys, and each map the pointer. */
function stageMaps(model, hand) {
  const element = html("div", { class: "stages" });
  let parts = [];
  const build = (width) => {
    parts = model.get("_stages").map(({ name, shape }, stage) => {
      const [count, rows, columns] = shape;
      const { across, pitch } = arrange(shape, width);
      const maps = Array.from({ length: count }, (_, map) => {
        const one = pixelMap(rows, columns, pitch);
        onPoint(one, ({ r, c }, { buttons, type }) => { if (type === "pointerdown" || !buttons) hand.look({ stage, map, row: r, col: c }); });
        return { ...one, place: one.outline(1, 1) };
      });
      const scale = colourScale();
      const grid = html("div", { class: "maps", ...TAKES_KEYS, style: `grid-template-columns: repeat(${across}, max-content)` },
        maps.map(({ frame }) => frame));
      grid.addEventListener("focus", () => {
        const data = insideOf(model);
        if (data && hand.unit?.stage !== stage && grid.matches(":focus-visible")) hand.look(strongestUnit(data, stage));
      });
      onKey(grid, (key) => {
        const to = key === "Escape" ? null : hand.unit && unitAfter(key, hand.unit.stage === stage ? hand.unit : { stage, map: 0, row: 0, col: 0 }, shape);
        if (key !== "Escape" && !to) return false;
        hand.look(to);
        return true;
      });
      return { maps, scale, grid, element: html("div", { class: "layer" },
        html("div", { class: "line" }, t("digit_pad.stage", { name: stageName(name), count, rows, cols: columns })), grid, legend(scale.element)) };
    });
    element.replaceChildren(...parts.map((part) => part.element));
  };
  return {
    element,
    show(width, theme) {
      const stages = model.get("_stages");
      if (differs(element, "built", JSON.stringify([width, stages.map(({ name, shape }) => [name, shape])]))) build(width);
      const values = floats(model.get("_maps"));
      const tint = tints("output", theme);
      let start = 0;
      stages.forEach(({ name, shape: [count, rows, columns], signed }, k) => {
        const size = rows * columns;
        const all = values.subarray(start, start + count * size);
        start += count * size;
        const end = all.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        const means = parts[k].maps.map((map, m) => {
          const one = all.subarray(m * size, (m + 1) * size);
          const here = hand.unit?.stage === k && hand.unit.map === m;
          map.overlay.style.visibility = here ? "" : "hidden";
          if (here) map.place(hand.unit.row, hand.unit.col);
          map.paint((r, c) => tint(one[r * columns + c], end));
          return one.reduce((sum, value) => sum + Math.abs(value), 0) / size;
        });
        const strongest = means.indexOf(Math.max(...means));
        put(parts[k].grid, "aria-label", t("digit_pad.stage_keys", {
          stage: t("digit_pad.stage", { name: stageName(name), count, rows, cols: columns }), map: strongest }));
        parts[k].scale.show("output", end, { of: t("digit_pad.these_maps"), theme, signed });
      });
    },
  };
}

export default { render: inWords(render) };
