// What is saved of a card, and under which name.

import assert from "node:assert/strict";
import test from "node:test";

import "./words.mjs";

import { asSvg, fileName, save } from "../../cnnlib/widgets/shared/saving.js";
import { element, page } from "./element.mjs";

test("a file is named after what makes the card, in signs that every system takes", () => {
  assert.equal(fileName("SlideFilter2D()"), "SlideFilter2D");
  assert.equal(fileName("SlideFilter2D(col=1, kernel=[[0.5, -1]])"), "SlideFilter2D-col-1-kernel-0.5-1");
  assert.equal(fileName('LinkedView(kind="shared")'), "LinkedView-kind-shared");
  assert.equal(fileName("../..\\x:y"), "..-..-x-y".replace(/^[.-]+/, ""), "no way out of a folder");
  assert.equal(fileName("()"), "card");
  assert.equal(fileName(`${"a".repeat(79)}(b)`), "a".repeat(79), "a cut leaves no dash at the end");
  assert.ok(fileName(`SlideFilter2D(image=${"[1, 2]".repeat(60)})`).length <= 80);
});

// What is in the file -------------------------------------------------------------------------------

const KINDS = ["HTMLCanvasElement", "HTMLImageElement", "HTMLInputElement", "HTMLSelectElement"];
for (const name of KINDS) globalThis[name] = class {};

/** An element of a kind that is looked at, with what a page knows of it. */
const made = (kind, values = {}) => Object.assign(Object.setPrototypeOf(element(kind.toLowerCase()), globalThis[kind]?.prototype ?? Object.prototype), values);

/** As text, in the way of XML. */
const written = (one) => (typeof one === "string" ? one
  : `<${one.tag} ${Object.entries(one.attributes).map(([name, value]) => `${name}="${value}"`).join(" ")}>${one.childNodes.map(written).join("")}</${one.tag}>`);

/** A card 640 wide on a page that shows it `scale` times as large, with these parts; its copies are kept. */
function card({ scale = 1, classes = [], parts = () => [] } = {}) {
  page();
  const measured = [];
  const build = (deep) => {
    const one = made("div", { offsetWidth: 640, rect: { x: 0, y: 0, width: 640, height: 300.2 * scale } });
    for (const name of ["cnn", "cnn-mine", ...classes]) one.classes.add(name);
    one.append(...(deep ? parts() : []));
    const within = (test) => (what) => one.children.filter((child) => test(child, what));
    one.querySelectorAll = within((child, what) => (what.startsWith("canvas") ? child.tag !== "p" : what.split(", ").includes(`.${child.attributes.class}`)));
    one.querySelector = (what) => within((child) => what === `.${child.attributes.class}`)(what)[0] ?? null;
    one.matches = (what) => one.classes.has(what.slice(1));
    return one;
  };
  const root = build(true);
  root.setAttribute("aria-label", "a card");
  Object.assign(root, { cloneNode(deep) { this.copy = build(deep); return this.copy; },
    after(one) { measured.push(one); one.rect.width = 640 * scale; } });
  Object.assign(globalThis.document, { styleSheets: [
    { cssRules: [".cnn { a: b }", "@scope (.cnn-mine) { .cnn-x { c: d } }", "@scope (.cnn-other) { .cnn-x { e: f } }", "@scope (.inner) { .cnn-y { g: h } }", "body { i: j }"]
      .map((cssText) => ({ cssText })) },
    { get cssRules() { throw new Error("it comes from elsewhere"); } },
  ] });
  globalThis.XMLSerializer = class { serializeToString(one) { return written(one); } };
  globalThis.getComputedStyle = (one) => ({ width: "30px", opacity: "0.5", color: "red", ...one.style });
  return { root, measured };
}

test("the picture is the card in its own pixels, with the rules that are its own", () => {
  const { root, measured } = card({ classes: ["cnn-presenting"], parts: () => [Object.assign(made("p"), { textContent: "hello" }), made("p", { attributes: { class: "inner" } })] });
  const { text, width, height } = asSvg(root);
  assert.deepEqual([width, height], [640, 301]);
  assert.match(text, /^<svg xmlns="[^"]+" width="640" height="301" viewBox="0 0 640 301"><title >a card<\/title><foreignObject width="640" height="301"><style >/);
  assert.match(text, /<p >hello<\/p>/);
  assert.deepEqual([".cnn { a: b }", "c: d", "e: f", "g: h", "i: j"].map((rule) => text.includes(rule)), [true, true, false, true, false]);
  assert.deepEqual([root.copy.classes.has("cnn-presenting"), root.classes.has("cnn-presenting")], [false, true]);
  assert.deepEqual([root.copy.style.width, root.copy.style.zoom], ["640px", "1"]);
  assert.deepEqual([measured[0].children, measured[0].attributes], [[root.copy], { style: "position:absolute;visibility:hidden;width:640px", inert: "" }], "nobody can reach it");
});

test("however large the page shows a card, its picture has the size of a page; a caption beside it comes below", () => {
  assert.deepEqual([2, 0].map((scale) => { const { width, height } = asSvg(card({ scale }).root); return [width, height]; }), [[640, 301], [640, 0]]);
  const { root, measured } = card();
  root.after = (one) => measured.push(one); // a page that shows nothing says no widths
  assert.equal(asSvg(root).height, 301);
  const { width } = asSvg(card({ classes: ["cnn-beside"] }).root);
  assert.equal(width, 340);
});

test("what a clone does not take along is carried over, and what drives the card is left out", () => {
  let which = 0;
  const parts = () => {
    which += 1;
    const mine = which === 1; // the card itself, whose state its clone does not have
    const [canvas, empty, input, select, area, tools] = [made("HTMLCanvasElement", { width: 4, height: mine ? 5 : 0, toDataURL: () => "data:drawn" }),
      made("HTMLCanvasElement", { width: 0, height: 5, toDataURL: () => "data:none" }), made("HTMLInputElement", { value: mine ? "7" : "", checked: mine }),
      made("HTMLSelectElement", { options: [element(), element()] }), made("textarea", { value: mine ? "typed" : "" }), made("p", { attributes: { class: "cnn-tools" } })];
    input.setAttribute("name", "choice");
    select.options[1].selected = mine;
    canvas.className = "drawing";
    for (const one of [canvas, empty]) one.replaceWith = (other) => { one.replaced = other; };
    tools.getAttribute = () => "cnn-tools";
    tools.attributes.class = "cnn-tools";
    return [canvas, empty, input, select, area, tools];
  };
  const { root } = card({ parts });
  asSvg(root);
  const [canvas, empty, input, select, area, ...more] = root.copy.children;
  assert.deepEqual([canvas.replaced.attributes, empty.replaced.attributes.src], [{ class: "drawing", src: "data:drawn" }, ""]);
  assert.deepEqual([canvas.replaced.style.width, canvas.replaced.style.opacity, canvas.replaced.style.color], ["30px", "0.5", undefined]);
  assert.deepEqual([input.attributes, select.options.map(({ attributes }) => attributes), area.textContent, more], [{ value: "7", checked: "" }, [{}, { selected: "" }], "typed", []]);
  assert.equal(root.children.length, 6, "the card keeps its tools");
});

test("a file is handed over under its name; where a canvas cannot be read, the SVG is offered", async () => {
  const { root } = card();
  const [given, painted] = [[], []];
  const create = globalThis.document.createElement;
  let blob = { type: "image/png" };
  globalThis.document.createElement = (tag) => Object.assign(create(tag), { click() { given.push(this.attributes); }, decode: async () => {},
    getContext: () => ({ drawImage: (...how) => painted.push(how.slice(1)) }), toBlob: (done) => done(blob) },
  tag === "canvas" ? { width: 1280, height: 602 } : {});
  const [kinds, timer] = [[], globalThis.setTimeout];
  Object.assign(globalThis.URL, { createObjectURL: ({ type }) => { kinds.push(type); return "blob:1"; } });
  globalThis.setTimeout = () => 0; // what lets go of the file, a minute later
  try {
    assert.match(await save(root, "svg", "Mine()"), /Mine\.svg/);
    assert.match(await save(root, "png", "Mine(a=1)"), /Mine-a-1\.png/);
    assert.deepEqual([given, kinds], [[{ href: "blob:1", download: "Mine.svg" }, { href: "blob:1", download: "Mine-a-1.png" }], ["image/svg+xml", "image/png"]]);
    assert.deepEqual(painted, [[0, 0, 1280, 602]]);
    blob = null;
    assert.match(await save(root, "png", "Mine()"), /SVG/);
    assert.equal(given.length, 2);
  } finally {
    globalThis.setTimeout = timer;
  }
});
