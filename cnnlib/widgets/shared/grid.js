// Grids of numbers and pictures of many cells.

import { html, put, say, svg } from "./dom.js";
import { KEEP_KEYS, onKey } from "./hand.js";
import { formatEditable, parseNumber } from "./numbers.js";

/**
 * A grid of numbers, `pitch` whole pixels a cell, inside `margin`. paint(r, c, {...}) fills a cell,
 * at(event) tells which one an event hits, box(r, c) where it lies in the svg.
 */
export function numberGrid(rows, cols, pitch, margin = 4) {
  const radius = Math.round(pitch * 0.13);
  const frame = svg("svg", { width: cols * pitch + 2 * margin, height: rows * pitch + 2 * margin, class: "cnn-grid" });
  const cells = Array.from({ length: rows }, (_, r) => Array.from({ length: cols }, (_, c) => {
    const rect = svg("rect", { x: margin + c * pitch + 1, y: margin + r * pitch + 1,
      width: pitch - 2, height: pitch - 2, rx: radius });
    const text = svg("text", { x: margin + (c + 0.5) * pitch, y: margin + (r + 0.5) * pitch });
    frame.append(rect, text);
    return { rect, text };
  }));
  return {
    frame, rows, cols, pitch, margin, radius,
    paint(r, c, { label, color = null, ink, scale = 0.36, lift = 0 }) {
      const { rect, text } = cells[r][c];
      put(rect, "class", color ? null : "cnn-blank");
      rect.style.fill = color ?? "";
      text.style.fill = ink ?? "";
      text.style.fontSize = `${fitText(label, pitch, scale)}px`;
      text.style.transform = lift ? `translateY(${-Math.round(lift * pitch)}px)` : "";
      say(text, label);
    },
    at(event) {
      const box = frame.getBoundingClientRect();
      const c = Math.floor((event.clientX - box.left - margin) / pitch);
      const r = Math.floor((event.clientY - box.top - margin) / pitch);
      return { r, c, inside: r >= 0 && c >= 0 && r < rows && c < cols };
    },
    box: (r, c) => ({ x: margin + c * pitch, y: margin + r * pitch, size: pitch }),
  };
}

/** The font size that lets `label` fit into a box of `pitch`. */
export const fitText = (label, pitch, scale = 0.36) =>
  Math.round(10 * pitch * Math.min(scale, 1.3 / Math.max(label.length, 1))) / 10;

/**
 * A picture of rows × cols values, `pitch` whole pixels each, below an SVG in the same pixels.
 * paint(color) asks color(r, c) for [red, green, blue], or null for nothing.
 */
export function pixelMap(rows, cols, pitch, attributes = {}) {
  const [width, height] = [cols * pitch, rows * pitch];
  const canvas = html("canvas", { width: cols, height: rows });
  const overlay = svg("svg", { width, height, class: "cnn-grid", "aria-hidden": "true" });
  const frame = html("div", { class: "cnn-pixels", style: `width:${width}px;height:${height}px`, ...attributes }, canvas, overlay);
  const context = canvas.getContext("2d");
  const data = context.createImageData(cols, rows);
  return {
    frame, overlay, rows, cols, pitch,
    paint(color) {
      for (let r = 0, i = 0; r < rows; r += 1) {
        for (let c = 0; c < cols; c += 1, i += 4) {
          const rgb = color(r, c);
          data.data[i + 3] = rgb ? 255 : 0;
          if (rgb) [data.data[i], data.data[i + 1], data.data[i + 2]] = rgb;
        }
      }
      context.putImageData(data, 0, 0);
    },
    at(event) {
      const box = frame.getBoundingClientRect();
      const [r, c] = [Math.floor((event.clientY - box.top) / pitch), Math.floor((event.clientX - box.left) / pitch)];
      return { r, c, inside: r >= 0 && c >= 0 && r < rows && c < cols };
    },
    /** An outline of high × wide cells that reads on dark and on bright pixels; place(r, c) moves it. */
    outline(high, wide) {
      const box = { x: -1, y: -1, width: wide * pitch + 2, height: high * pitch + 2, rx: 2 };
      const layer = svg("g", { class: "cnn-moving" }, svg("rect", { class: "cnn-halo", ...box }), svg("rect", { class: "cnn-edge", ...box }));
      overlay.append(layer);
      return (r, c) => { layer.style.transform = `translate(${c * pitch}px, ${r * pitch}px)`; };
    },
  };
}

/**
 * Lay a number field over the cell (r, c) of a numberGrid, inside `host`, a positioned ancestor of it. commit(value) takes the number; leave(key) is called
 * when the field closes, with "Enter", "Escape", "Tab", "BackTab", "ArrowUp", "ArrowDown" or "blur";
 * refuse(text) when what was typed is no number.
 */
export function editNumber(host, grid, r, c, { value, label, typed = null, commit, leave, refuse }) {
  const [outer, inner, box] = [host.getBoundingClientRect(), grid.frame.getBoundingClientRect(), grid.box(r, c)];
  const field = html("input", { type: "text", class: "cnn-field", "aria-label": label, inputmode: "text",
    autocomplete: "off", spellcheck: "false", ...KEEP_KEYS,
    style: `left:${inner.x - outer.x + box.x}px;top:${inner.y - outer.y + box.y}px;width:${box.size}px;height:${box.size}px` });
  let open = true;
  const close = (key) => { open = false; field.remove(); leave(key); };
  const accept = (key) => {
    const number = parseNumber(field.value);
    if (number === null) {
      put(field, "aria-invalid", "true");
      refuse(field.value.trim());
      return;
    }
    commit(number);
    close(key);
  };
  field.value = typed ?? formatEditable(value);
  field.addEventListener("input", () => put(field, "aria-invalid", null));
  field.addEventListener("pointerdown", (event) => event.stopPropagation());
  field.addEventListener("blur", () => {
    if (!open) return;
    const number = parseNumber(field.value);
    if (number !== null) commit(number);
    close("blur");
  });
  onKey(field, (key, event) => {
    if (key === "Escape") close(key);
    else if (key === "Tab") accept(event.shiftKey ? "BackTab" : "Tab");
    else if (["Enter", "ArrowUp", "ArrowDown"].includes(key)) accept(key);
    else { event.stopPropagation(); return false; }
  });
  host.append(field);
  field.focus({ preventScroll: true });
  if (typed === null) field.select();
  return { close: () => open && close("blur") };
}
