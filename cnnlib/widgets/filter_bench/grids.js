// FilterBench's magnified parts: the kernel, the window's pixels, and their products.

import { shade } from "../shared/colour.js";
import { put, say, svg } from "../shared/dom.js";
import { editable } from "../shared/edit.js";
import { gridFigure, numberGrid, visible } from "../shared/grid.js";
import { onDrag, onPoint, TAKES_KEYS } from "../shared/hand.js";
import { largest } from "../shared/numbers.js";
import { t } from "../shared/words.js";
import { greyColor, short, words } from "./model.js";

/** The three grids of side × side cells: show() paints them. */
export function buildGrids(side, pitch, hand) {
  const kernel = cells("kernel", "", side, pitch, { ...TAKES_KEYS,
    "aria-label": t("filter_bench.kernel_keys") });
  const patch = cells("patch", t("filter_bench.window"), side, pitch);
  const products = cells("products", t("filter_bench.products"), side, pitch);
  const cursor = kernel.grid.layer(kernel.grid.outline(1, 1, 0, 0, "cnn-outline cnn-cursor"));
  patch.grid.frame.append(svg("rect", { class: "cnn-outline", ...patch.grid.corner(0, 0, -1), rx: patch.grid.radius + 2,
    width: side * pitch + 2, height: side * pitch + 2 }));
  kernel.figure.prepend(kernel.caption);
  takeBrush(kernel.grid, hand);
  for (const { figure, grid } of [patch, products]) {
    put(figure, "aria-hidden", "true");
    onPoint(grid, ({ r, c }) => hand.point(r * side + c), () => hand.point(null));
  }
  return {
    kernel, patch, products,
    show(state, theme) {
      const [weightEnd, productEnd] = [largest(state.kernel), largest(state.products)];
      kernel.show(state.kernel, (weight) => shade(weight, weightEnd, "weight", theme), theme, hand.hot);
      patch.show(state.patch, greyColor, theme, hand.hot);
      products.show(state.products, (product) => shade(product, productEnd, "output", theme), theme, hand.hot);
      cursor.move(hand.cursor.r, hand.cursor.c);
      say(kernel.caption, words(state).kernel);
    },
  };
}

function cells(name, title, side, pitch, attributes = {}) {
  const part = gridFigure(name, title, numberGrid(side, side, pitch), attributes);
  const rings = Array.from({ length: side * side }, (_, i) => part.grid.ring(Math.floor(i / side), i % side));
  part.grid.frame.append(...rings);
  return { ...part,
    show(values, color, theme, hot) {
      const scale = Math.min(0.36, 1.15 / Math.max(...values.flat().map((one) => short(one).length)));
      part.grid.fill(values, { theme, color, label: short, scale });
      rings.forEach((ring, i) => visible(ring, hot === i));
    } };
}

/** A click types into a cell; a drag over more than one paints them. */
function takeBrush(grid, hand) {
  let first = null;
  let painting = false;
  onDrag(grid.frame, {
    start(event) {
      first = grid.at(event);
      painting = false;
      return first.inside;
    },
    move(event) {
      const at = grid.at(event);
      if (!at.inside || (!painting && at.r === first.r && at.c === first.c)) return;
      if (!painting) hand.paintAt(first);
      painting = true;
      hand.paintAt(at);
    },
    end(event) { if (!painting && event.type === "pointerup") hand.edit(first.r, first.c); },
  });
  editable(grid, hand.cursor, { edit: hand.edit, paint: hand.paint, point: hand.point, click: false,
    other(key) {
      if (key === " ") hand.paintAt(hand.cursor);
      return key === " ";
    } });
}
