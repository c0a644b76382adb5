// ConfusionExplorer.
//
// Everything is in the state: the counts, and for each cell the images that come first. So asking a
// cell needs no kernel.

import { readable, shade, tints } from "../shared/colour.js";
import { button, ICONS, keys, showScale } from "../shared/controls.js";
import { html, put, say, svg } from "../shared/dom.js";
import { numberGrid, pixelMap } from "../shared/grid.js";
import { KEEP_KEYS, onDrag, onKey } from "../shared/hand.js";
import { batched, live, oncePerFrame, roomIn } from "../shared/life.js";
import { bytes, clamp, largest } from "../shared/numbers.js";
import { PALETTE } from "../shared/palette.js";

const MOST = 24; // images of one cell: confusion_explorer.py
Object.assign(ICONS, { next: "M3 2.5v11l7-5.5zM11 2.5h2v11h-2z" });

const percent = (thousandths) => (thousandths < 5 ? "under 1\u00a0%" : thousandths > 995 ? "over 99\u00a0%" : `${Math.round(thousandths / 10)}\u00a0%`);

function render({ model, el }) {
  let theme = "light";
  const set = batched(model);
  const counts = model.get("counts");
  const size = counts.length;
  const ofMistakes = counts.flatMap((line, r) => line.map((count, c) => ({ r, c, count: r === c ? 0 : count })));
  const most = largest(ofMistakes.map(({ count }) => count));
  const frequent = ofMistakes.filter(({ count }) => count).sort((a, b) => b.count - a.count || a.r - b.r || a.c - b.c);

  // What stays ------------------------------------------------------------------------------------
  const stage = html("div", { class: "matrix" });
  const next = button("next", "next most frequent mistake", () => nextMistake());
  const scale = html("span", { class: "cnn-scale" });
  const title = html("div", { class: "title" });
  const gallery = html("div", { class: "gallery", role: "list" });
  const says = html("div", { class: "cnn-says", role: "status" });
  const hint = html("div", { class: "cnn-hint" }, "Click a cell, or ", keys("←", "→", "↑", "↓"),
    " in the matrix · ", html("kbd", {}, "n"), " next mistake");
  const root = html("div", { class: "cnn cnn-confusion", role: "group", "aria-label": "Confusion matrix" },
    html("div", { class: "two" },
      html("div", {}, stage, html("div", { class: "under" }, next.element, scale)),
      html("div", { class: "right" }, title, gallery)),
    html("div", { class: "cnn-foot" }, says, hint));
  el.append(root);

  function nextMistake() {
    if (!frequent.length) return;
    const here = frequent.findIndex(({ r, c }) => r === model.get("row") && c === model.get("col"));
    const { r, c } = frequent[(here + 1) % frequent.length];
    choose(r, c);
  }

  function choose(row, col) {
    if (row === model.get("row") && col === model.get("col")) return;
    set({ row, col });
  }

  // What is made anew when the width changes ----------------------------------------------------------
  let parts = null;
  let [built, painted] = [0, ""];
  function build(width) {
    const pitch = clamp(Math.floor((Math.min(width, 410) - 40) / size), 18, 37);
    const grid = numberGrid(size, size, pitch, 4);
    const outline = svg("rect", { class: "cnn-outline cnn-moving", x: 4, y: 4, width: pitch, height: pitch, rx: grid.radius });
    grid.frame.append(outline);
    const label = (index, row) => html("span", { style: `${row ? "height" : "width"}:${pitch}px` }, String(index));
    const across = html("div", { class: "across", "aria-hidden": "true" }, Array.from({ length: size }, (_, k) => label(k, false)));
    const down = html("div", { class: "down", "aria-hidden": "true" }, Array.from({ length: size }, (_, k) => label(k, true)));
    const frame = html("div", { class: "cells", tabindex: 0, role: "application", ...KEEP_KEYS,
      "aria-label": "confusion matrix, rows true, columns taken for; arrow keys choose a cell, n the next most frequent mistake" }, grid.frame);
    const pointed = (event) => {
      const { r, c, inside } = grid.at(event);
      if (inside) choose(r, c);
    };
    onDrag(frame, { start: (event) => { pointed(event); return "loose"; }, move: pointed });
    onKey(frame, (key, event) => {
      if (event.ctrlKey) return false;
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key];
      if (step) choose(clamp(model.get("row") + step[0], 0, size - 1), clamp(model.get("col") + step[1], 0, size - 1));
      else if (key === "n") nextMistake();
      else return false;
      return true;
    });
    stage.replaceChildren(html("div", { class: "top" }, "taken for"), html("div", { class: "side" }, "true"), across, down, frame);
    return { grid, outline, pitch };
  }

  // Figures are kept and painted anew: a canvas takes longer to make than to fill.
  const figures = Array.from({ length: MOST }, () => {
    const caption = html("figcaption");
    return { map: null, caption, element: html("figure", { role: "listitem" }, caption) };
  });

  function showGallery(row, col) {
    const [high, wide] = model.get("_side");
    const pixels = bytes(model.get("_pixels"));
    const blue = tints("input", theme);
    const cells = model.get("_cells")[`${row},${col}`];
    const pitch = Math.max(1, Math.floor((cells.length > 12 ? 60 : 88) / Math.max(high, wide)));
    gallery.style.gridTemplateColumns = `repeat(auto-fill, ${Math.max(wide * pitch, 56)}px)`;
    cells.forEach(([index, place, ofTrue, ofSaid], k) => {
      const figure = figures[k];
      if (figure.map?.pitch !== pitch) {
        figure.map?.frame.remove();
        figure.map = pixelMap(high, wide, pitch);
        figure.element.prepend(figure.map.frame);
      }
      figure.map.paint((r, c) => blue(pixels[(place * high + r) * wide + c], 255));
      const shares = row === col ? `${percent(ofTrue)} sure` : `${col}: ${percent(ofSaid)}, ${row}: ${percent(ofTrue)}`;
      put(figure.element, "aria-label", `image ${index}, ${shares}`);
      put(figure.element, "title", `image ${index}: ${shares}`);
      say(figure.caption, percent(ofSaid));
      if (gallery.children[k] !== figure.element) gallery.append(figure.element);
    });
    while (gallery.children.length > cells.length) gallery.lastChild.remove();
  }

  function paintMatrix() {
    const number = new Intl.NumberFormat("en");
    counts.forEach((line, r) => line.forEach((count, c) => {
      const color = r === c ? PALETTE[theme].panel : shade(count, most, "output", theme);
      parts.grid.paint(r, c, { label: count ? number.format(count) : "", color, ink: readable(color, theme), scale: 0.4 });
    }));
  }

  // What changes --------------------------------------------------------------------------------------
  let shown = "";
  function draw() {
    const [row, col] = [model.get("row"), model.get("col")];
    const width = roomIn(root);
    root.classList.toggle("cnn-narrow", width < 600);
    if (width !== built) parts = build(width);
    if (width !== built || theme !== painted) paintMatrix();
    [built, painted] = [width, theme];
    parts.outline.style.transform = `translate(${col * parts.pitch}px, ${row * parts.pitch}px)`;

    const count = counts[row][col];
    const total = counts[row].reduce((sum, one) => sum + one, 0);
    const [right, one] = [row === col, count === 1];
    say(title, !count ? `No ${row} is taken for a ${col}.` : right ? `A ${row}, read as ${row}: how sure?` : `A ${row}, taken for a ${col}: how sure?`);
    const key = `${row},${col},${theme}`;
    if (key !== shown) showGallery(row, col);
    shown = key;
    const what = right ? `read as what ${one ? "it is" : "they are"}` : `taken for a ${col}`;
    const more = count > MOST ? `; the ${MOST} ${right ? "least" : "most"} sure of them are shown` : "";
    say(says, `${count.toLocaleString("en")} of ${total.toLocaleString("en")} images of a ${row} ${one ? "is" : "are"} ${what}${more}.`);
    showScale(scale, "output", most, { of: "the mistakes", theme, signed: false, ends: ["0", `${most} mistakes`] });
  }
  const paint = oncePerFrame(draw);

  // Life ------------------------------------------------------------------------------------------------
  return live(model, root, ["row", "col"], paint, { themed: (name) => { theme = name; } });
}

export default { render };
