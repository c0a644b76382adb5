// ConfusionExplorer.
//
// Everything is in the state: the counts, and for each cell the images that come first. So asking a
// cell needs no kernel.

import { paletteOf, shade, tints } from "../shared/colour.js";
import { button, colourScale, foot, hintLine, ICONS, keys, legend } from "../shared/controls.js";
import { differs, html, put, say } from "../shared/dom.js";
import { numberGrid, pixelMap } from "../shared/grid.js";
import { arrow, byFinger, onFollow, onKey, TAKES_KEYS } from "../shared/hand.js";
import { live, oncePerFrame, roomIn, themeOf } from "../shared/life.js";
import { belief, bytes, clamp } from "../shared/numbers.js";
import { grouped, inWords, t, told } from "../shared/words.js";
import { gestures } from "./gestures.js";
import { mistakes, MOST, sentences } from "./model.js";

ICONS.next = "M3 2.5v11l7-5.5zM11 2.5h2v11h-2z";

/** @param {import("../shared/life.js").Context} context */
function render({ model, el }) {
  const paint = oncePerFrame(() => draw());
  const counts = model.get("counts");
  const all = mistakes(counts);
  const hand = gestures(model, counts, all);

  const matrix = matrixOf(counts, all.most, hand);
  const scale = colourScale();
  const title = html("div", { class: "title" });
  const gallery = galleryOf(model);
  const says = html("div", { class: "cnn-says", role: "status" });
  const hint = hintLine(told(byFinger() ? "confusion_explorer.hint_touch" : "confusion_explorer.hint", { keys: keys("←", "→", "↑", "↓"), key: keys("N") }));
  const next = button("next", t("confusion_explorer.next"), hand.next);
  const root = html("div", { class: "cnn cnn-confusion", role: "group", "aria-label": t("confusion_explorer.label") },
    html("div", { class: "two" },
      html("div", {}, matrix.element, html("div", { class: "under" }, legend(scale.element), next.element)),
      html("div", { class: "right" }, title, gallery.element)),
    ...foot(says, hint.element));
  el.append(root);

  function draw() {
    const [row, col, theme, width] = [model.get("row"), model.get("col"), themeOf(root), roomIn(root)];
    root.classList.toggle("cnn-narrow", width < 600);
    matrix.show(row, col, theme, width);
    gallery.show(row, col, theme);
    const words = sentences(counts, row, col);
    say(title, words.title);
    say(says, words.says);
    scale.show("output", all.most, { of: t("confusion_explorer.the_mistakes"), theme, signed: false,
      ends: ["0", t("confusion_explorer.mistakes", { count: all.most })] });
  }

  return live(model, root, ["row", "col"], paint);
}

/** The counts as a grid that answers to hand and keys; made anew when the width changes. */
function matrixOf(counts, most, hand) {
  const element = html("div", { class: "matrix" });
  const size = counts.length;
  let grid, outline;

  function build(width) {
    const pitch = clamp(Math.floor((Math.min(width, 410) - 40) / size), 18, 37);
    grid = numberGrid(size, size, pitch);
    outline = grid.layer(grid.outline());
    const labels = (side) => Array.from({ length: size }, (_, k) => html("span", { style: `${side}:${pitch}px` }, String(k)));
    const frame = html("div", { class: "cells", ...TAKES_KEYS,
      "aria-label": t("confusion_explorer.keys") }, grid.frame);
    const point = (event) => {
      const { r, c, inside } = grid.at(event);
      if (inside) hand.choose(r, c);
    };
    onFollow(frame, point);
    onKey(frame, (key, event) => {
      if (event.ctrlKey) return false;
      if (arrow(key)) hand.step(arrow(key));
      else if (key === "n" || key === "N") hand.next();
      else return false;
      return true;
    });
    element.replaceChildren(html("div", { class: "top" }, t("confusion_explorer.taken_for")),
      html("div", { class: "side" }, t("confusion_explorer.true")),
      html("div", { class: "across", "aria-hidden": "true" }, labels("width")),
      html("div", { class: "down", "aria-hidden": "true" }, labels("height")), frame);
  }

  return {
    element,
    show(row, col, theme, width) {
      if (differs(element, "width", width)) build(width);
      grid.fill(counts, { theme, scale: 0.4, label: (count) => (count ? grouped(count) : ""),
        color: (count, r, c) => (r === c ? paletteOf(theme).panel : shade(count, most, "output", theme)) });
      outline.move(row, col);
    },
  };
}

/** The images of a cell. Figures are kept and painted anew: a canvas takes longer to make than to fill. */
function galleryOf(model) {
  const element = html("div", { class: "gallery", role: "list" });
  const figures = Array.from({ length: MOST }, () => {
    const caption = html("figcaption");
    return { map: null, caption, element: html("figure", { role: "listitem" }, caption) };
  });
  return {
    element,
    show(row, col, theme) {
      if (!differs(element, "shown", [row, col, theme])) return;
      const [high, wide] = model.get("_side");
      const pixels = bytes(model.get("_pixels"));
      const blue = tints("input", theme);
      const cells = model.get("_cells")[`${row},${col}`];
      const pitch = Math.max(1, Math.floor((cells.length > 12 ? 60 : 88) / Math.max(high, wide)));
      element.style.gridTemplateColumns = `repeat(auto-fill, ${Math.max(wide * pitch, 56)}px)`;
      cells.forEach(([index, place, ...thousandths], k) => {
        const [ofTrue, ofSaid] = thousandths.map((one) => belief(one / 1000));
        const figure = figures[k];
        if (figure.map?.pitch !== pitch) {
          figure.map?.frame.remove();
          figure.map = pixelMap(high, wide, pitch);
          figure.element.prepend(figure.map.frame);
        }
        figure.map.paint((r, c) => blue(pixels[(place * high + r) * wide + c], 255));
        const shares = row === col ? t("confusion_explorer.sure", { share: ofTrue })
          : t("confusion_explorer.shares", { said: col, of_said: ofSaid, true: row, of_true: ofTrue });
        put(figure.element, "aria-label", t("confusion_explorer.image", { index, shares }));
        put(figure.element, "title", t("confusion_explorer.image_title", { index, shares }));
        say(figure.caption, ofSaid);
        if (element.children[k] !== figure.element) element.append(figure.element);
      });
      while (element.children.length > cells.length) element.lastChild.remove();
    },
  };
}

export default { render: inWords(render) };
