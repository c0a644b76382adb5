// FaceFinder.
//
// Python has scanned the picture; here the hand chooses a window and a threshold. What the net saw and
// said of it is looked up, and of the boxes those above the threshold are drawn. A picture of one's own
// goes to Python first, where there is one that searches.

import { readable, shade, tints } from "../shared/colour.js";
import { button, colourScale, foot, hintLine, keys, legend, slider } from "../shared/controls.js";
import { differs, html, pointIn, put, say, set, svg } from "../shared/dom.js";
import { greys, paintPixels, pixelMap } from "../shared/grid.js";
import { byFinger, onFollow, onKey, TAKES_KEYS } from "../shared/hand.js";
import { live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { bytes, formatNumber } from "../shared/numbers.js";
import { inWords, t, told } from "../shared/words.js";
import { gestures } from "./gestures.js";
import { scannedLevels, sentence, strength } from "./model.js";

const HIGHEST = 12; // of the thresholds, where no score is higher
const LARGEST = 460; // pixels of the screen for the picture
const WIDE = 760; // from here on, what the net sees stands beside the picture

/** @param {import("../shared/life.js").Context} context */
function render({ model, el }) {
  const paint = oncePerFrame(() => draw());
  const scannedOf = scannedLevels(model);
  const searches = model.get("_searches"); // whether Python takes a picture of one's own
  const hint = hintLine(told(byFinger() ? "face_finder.hint_touch" : "face_finder.hint", { arrows: keys("←", "→", "↑", "↓"),
    shift: keys(t("shared.shift")), sizes: keys("+", "−"), key: keys("N"), drop: searches ? t("face_finder.hint_drop") : "" }));
  const hand = gestures(model, scannedOf, hint, paint);

  const threshold = slider(t("face_finder.threshold"), 0, HIGHEST, (value) => hand.change({ threshold: value }));
  const size = slider(t("face_finder.size"), 0, 0, hand.resize,
    { text: (level) => `${Math.floor((scannedOf()[level]?.side ?? 0) + 0.5)} px` });
  const next = button("step", t("face_finder.next"), hand.next);
  const photo = photograph(model, hand);
  const [seen, map] = [whatTheNetSees(), scoreMap(hand)];
  const says = html("div", { class: "cnn-says", "aria-live": "polite" });
  const root = html("div", { class: "cnn cnn-face-finder", role: "group", "aria-label": t("face_finder.label") },
    html("div", { class: "cnn-bar" }, html("div", { class: "cnn-buttons" }, size.element, threshold.element),
      html("div", { class: "cnn-buttons" }, next.element, searches ? hand.own.buttons : null)),
    hand.own.panel,
    html("div", { class: "finder" }, photo.element, seen.element, map.element),
    ...foot(says, hint.element));
  el.append(root);

  if (searches) hand.own.takeFrom(root);

  function draw() {
    const [state, theme, room] = [hand.now(), themeOf(root), roomIn(root) - 2];
    const [wide, end, last] = [room >= WIDE, model.get("end"), scannedOf().length - 1];
    put(root, "data-wide", String(wide));
    put(root, "aria-busy", hand.waits ? "true" : null);
    const side = Math.min(LARGEST, room);
    photo.show(state, side, end);
    map.show(state, theme, end, Math.min(320, wide ? room - side - 28 : room));
    seen.show(state, theme, end);
    threshold.show(state.limit, Math.max(HIGHEST, end));
    size.show(state.level, last);
    say(says, sentence(state));
  }

  return live(model, root, ["threshold", "level", "row", "col", "levels"], paint, { closed: hand.end });
}

/** The picture with its boxes and the window; drag and keys. */
function photograph(model, hand) {
  const canvas = html("canvas", { class: "canvas" });
  const marks = svg("svg", { class: "marks", "aria-hidden": "true" });
  const element = html("div", { class: "screen", ...TAKES_KEYS,
    "aria-label": t("face_finder.keys") }, canvas, marks);
  const caption = html("figcaption", { "aria-live": "polite" });
  let drawn = null;

  const follow = (event) => {
    const { x, y } = pointIn(element, event);
    hand.follow(y / element.offsetHeight * canvas.height, x / element.offsetWidth * canvas.width);
  };
  onFollow(element, follow);
  onKey(element, hand.byKey);

  const square = ([top, left, side, score], name, end) => svg("rect", { class: name, x: left, y: top, width: side, height: side,
    style: `opacity:${strength(score, end)}` });
  const windows = ["window-halo", "window"].map((name) => svg("rect", { class: name }));
  return {
    element: html("figure", { class: "photo" }, caption, element),
    show({ one, row, col, limit, found }, room, end) {
      const { shape: [height, width], bytes: data } = model.get("photo");
      const unit = room / Math.max(height, width);
      const another = drawn !== data;
      if (another) {
        const levels = bytes(data);
        paintPixels(canvas, height, width, (r, c) => greys[levels[r * width + c]]);
        put(marks, "viewBox", `0 0 ${width} ${height}`);
        drawn = data;
      }
      element.style.width = `${Math.round(width * unit)}px`;
      element.style.height = `${Math.round(height * unit)}px`;
      if (differs(element, "drawn", [limit, unit]) || another) {
        // The best is drawn last: above the others.
        marks.replaceChildren(...[...found].reverse().flatMap((box) => [square(box, "box-halo", end), square(box, "box", end)]), ...windows);
      }
      for (const rect of windows) set(rect, { x: col * one.step, y: row * one.step, width: one.side, height: one.side });
      say(caption, { reading: t("shared.picture_loading"), searching: t("face_finder.searching") }[hand.waits]
        ?? t("face_finder.pixels", { height, width }));
    },
  };
}

/** The patch under the window, and what the net says of it. */
function whatTheNetSees() {
  const caption = html("figcaption", {});
  const patch = html("canvas", { class: "canvas" });
  const total = html("output", { class: "cnn-total" });
  const verdict = html("div", { class: "verdict" });
  return {
    element: html("figure", { class: "patch" }, caption,
      html("div", { class: "beside" }, html("div", { class: "screen seen" }, patch), html("div", { class: "answer" }, total, verdict))),
    show({ one, row, col, limit, score }, theme, end) {
      say(caption, t("face_finder.sees", { size: one.patch }));
      paintPixels(patch, one.patch, one.patch, (r, c) => greys[one.pixels[(one.stride * row + r) * one.across + one.stride * col + c]]);
      const color = shade(score, end, "output", theme);
      say(total, formatNumber(score));
      total.style.background = color;
      total.style.color = readable(color, theme);
      say(verdict, t(score > limit ? "face_finder.face" : "face_finder.no_face", { limit }));
    },
  };
}

/** The scores of all windows of one size, as a picture; made anew when the size changes. */
function scoreMap(hand) {
  const caption = html("figcaption", {});
  const host = html("div", { class: "map-host" });
  const scale = colourScale();
  let place;
  let built = null; // the size whose scores are drawn
  function build(one, pitch, theme, end) {
    const map = pixelMap(one.rows, one.cols, pitch);
    place = map.outline(1, 1);
    const choose = (event) => {
      const at = map.at(event);
      if (at.inside) hand.change({ row: at.r, col: at.c });
    };
    onFollow(map.frame, choose);
    host.replaceChildren(map.frame);
    const tint = tints("output", theme);
    map.paint((r, c) => tint(one.values[r * one.cols + c], end));
    say(caption, t("face_finder.places", { rows: one.rows, cols: one.cols, count: one.rows * one.cols, side: Math.floor(one.side + 0.5) }));
    scale.show("output", end, { of: t("face_finder.scores"), theme, ends: [`≤ ${formatNumber(-end)}`, `≥ ${formatNumber(end)}`] });
  }
  return {
    element: html("figure", { class: "map" }, caption, host, legend(scale.element)),
    show({ one, row, col }, theme, end, room) {
      const pitch = Math.max(1, Math.floor(Math.min(room / one.cols, 230 / one.rows)));
      if (differs(host, "built", [pitch, theme]) || built !== one) build(one, pitch, theme, end);
      built = one;
      place(row, col);
    },
  };
}

export default { render: inWords(render) };
