// A card as a picture in a file: SVG, which carries the card's own elements and styles, and PNG, painted from that.

import { html, set, svg } from "./dom.js";
import { CAPTION_WIDTH } from "./presenter.js";
import { t } from "./words.js";

const NOT_SAVED = ".cnn-tools, .cnn-hint:not(.cnn-alert), .cnn-fly, .cnn-field, .cnn-hidden"; // what drives a card is no part of its picture
const PNG_SCALE = 2; // pixels of a PNG for each of the card's
const LONGEST_NAME = 80;

/**
 * The name of a file, without its ending, that says what the card shows: the line of Python that makes it.
 * @param {string} line
 */
export const fileName = (line) => line.replace(/[^\w.]+/g, "-").replace(/^[-.]+|-+$/g, "").slice(0, LONGEST_NAME).replace(/[-.]+$/, "") || "card";

/**
 * The rules of the page that widgets brought along, without those of other widgets.
 * @param {HTMLElement} root
 */
function rulesFor(root) {
  const rules = [];
  for (const sheet of document.styleSheets) {
    try {
      for (const { cssText } of sheet.cssRules) {
        const start = /^@scope \((\.[\w-]+)\)/.exec(cssText)?.[1] ?? ".cnn";
        if (cssText.includes(".cnn") && (root.matches(start) || root.querySelector(start))) rules.push(cssText);
      }
    } catch { /* a sheet from elsewhere: its rules cannot be read, and are not ours */ }
  }
  return rules.join("\n");
}

/** What a clone does not take along: pixels of a canvas, what was typed and chosen. @param {HTMLElement} root @param {HTMLElement} copy */
function carryOver(root, copy) {
  const [from, to] = [root, copy].map((one) => [...one.querySelectorAll("canvas, input, select, textarea, img")]);
  from.forEach((one, i) => {
    const other = /** @type {HTMLElement} */ (to[i]);
    if (one instanceof HTMLCanvasElement || one instanceof HTMLImageElement) {
      const { display, width, height, position, inset, imageRendering, borderRadius, filter, opacity, transform } = getComputedStyle(one);
      const picture = html("img", { class: one.className, src: one instanceof HTMLImageElement ? one.src : one.width && one.height ? one.toDataURL() : "" });
      Object.assign(picture.style, { display, width, height, position, inset, imageRendering, borderRadius, filter, opacity, transform });
      other.replaceWith(picture);
    } else if (one instanceof HTMLInputElement) set(other, { value: one.value, checked: one.checked, name: null }); // in one page, one of a name is checked
    else if (one instanceof HTMLSelectElement) [...one.options].forEach((option, k) => set(/** @type {HTMLSelectElement} */ (other).options[k], { selected: option.selected }));
    else other.textContent = /** @type {HTMLTextAreaElement} */ (one).value;
  });
}

/**
 * The card as an SVG, in its own pixels.
 * @param {HTMLElement} root
 */
export function asSvg(root) {
  const copy = /** @type {HTMLElement} */ (root.cloneNode(true));
  carryOver(root, copy);
  for (const one of copy.querySelectorAll(NOT_SAVED)) one.remove();
  copy.classList.remove("cnn-presenting", "cnn-beside", "cnn-dragging", "cnn-hurried");
  const width = root.offsetWidth - (root.classList.contains("cnn-beside") ? CAPTION_WIDTH : 0);
  Object.assign(copy.style, { width: `${width}px`, maxWidth: "none", margin: "0", zoom: "1" });
  const measured = html("div", { style: `position:absolute;visibility:hidden;width:${width}px`, inert: true }, copy);
  root.after(measured);
  const height = Math.ceil(copy.getBoundingClientRect().height / (measured.getBoundingClientRect().width / width || 1));
  measured.remove();
  const drawn = svg("svg", { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` },
    svg("title", {}, root.getAttribute("aria-label") ?? ""), svg("foreignObject", { width, height }, html("style", {}, rulesFor(root)), copy));
  return { text: new XMLSerializer().serializeToString(drawn), width, height };
}

/**
 * The same as PNG. Throws where the browser does not let a page read what it has painted.
 * @param {ReturnType<typeof asSvg>} drawn
 * @returns {Promise<Blob>}
 */
export async function asPng({ text, width, height }) {
  const image = html("img", { src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}` }); // a blob would lock the canvas
  await image.decode();
  const canvas = html("canvas", { width: PNG_SCALE * width, height: PNG_SCALE * height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture")))));
}

/** Hand a file to whoever reads the page. @param {Blob} blob @param {string} name */
function handOver(blob, name) {
  const url = URL.createObjectURL(blob);
  html("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/**
 * Save the card; return what is to be said of it.
 * @param {HTMLElement} root
 * @param {"png" | "svg"} kind
 * @param {string} line the line of Python that makes the card
 */
export async function save(root, kind, line) {
  const [drawn, name] = [asSvg(root), `${fileName(line)}.${kind}`];
  try {
    handOver(kind === "svg" ? new Blob([drawn.text], { type: "image/svg+xml" }) : await asPng(drawn), name);
  } catch {
    return t("shared.no_png");
  }
  return t(kind === "svg" ? "shared.saved_svg" : "shared.saved", { name });
}
