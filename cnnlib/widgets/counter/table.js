// The pieces of Counter's table: its rows, and the sizes that are edited in them.

import { html, put, say, svg } from "../shared/dom.js";
import { textField } from "../shared/edit.js";
import { KEEP_KEYS } from "../shared/hand.js";
import { clamp, parseNumber } from "../shared/numbers.js";
import { grouped, t } from "../shared/words.js";
import { formatBytes, gibibytes, many } from "./model.js";

const DECADES = 12; // where the bars end: 16 billion is still well inside
export const CROSS = "M3.5 3.5l9 9M12.5 3.5l-9 9";
export const UP = "M8 13V3.5M4 7.5l4-4 4 4";
export const DOWN = "M8 3v9.5M4 8.5l4 4 4-4";

export const toolButton = (path, label, pressed) => html("button", { type: "button", class: "tool", title: label,
  "aria-label": label, ...KEEP_KEYS, onclick: pressed },
  svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: path })));

/** A whole number that is edited where it stands. */
export function sizeField(word, { minimum = 1, same = false, changed, refused }) {
  const steps = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
  const input = textField({ class: "number", inputmode: same ? "text" : "numeric" }, { Enter: () => input.select(),
    ...Object.fromEntries(Object.entries(steps).map(([key, by]) => [key, (event) => !event.ctrlKey && !event.shiftKey && step(by)])) });
  let value = /** @type {number | "same"} */ (minimum);
  const fit = () => { input.style.width = `${Math.max(input.value.length, 1) + 1.2}ch`; };
  const write = (size) => { input.value = size === "same" ? size : grouped(size); put(input, "aria-invalid", null); fit(); };
  const accept = () => {
    const text = input.value.trim();
    const number = parseNumber(text, true) ?? NaN;
    const fine = (Number.isInteger(number) && number >= minimum && number <= 1e9) || (same && text === "same");
    put(input, "aria-invalid", fine ? null : "true");
    fit();
    if (fine) changed(value = text === "same" ? text : number);
    else refused(t(same ? "counter.needs_same" : "counter.needs", { field: input.getAttribute("aria-label"), least: minimum, most: grouped(1e9), value }));
  };
  const step = (by) => {
    const sum = (value === "same" ? minimum - 1 : value) + by;
    const to = sum < minimum && same ? "same" : clamp(sum, minimum, 1e9);
    write(to);
    changed(value = to);
    return true;
  };
  input.addEventListener("input", accept);
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => { write(value); refused(""); });
  return { element: html("label", { class: "size" }, word, input), input,
    show(number, label) {
      put(input, "aria-label", label);
      // What is being typed stays as it is while it means this number.
      if (number !== value || input.value === "" && document.activeElement !== input) write(number);
      value = number;
    } };
}

/** One row of the table: who, output, three measures with their bars. */
export function tableRow(className, who) {
  const output = html("div", { role: "gridcell", class: "shape", "data-label": t("counter.output") });
  const measure = (label, name, role) => {
    const number = html("b");
    const bar = html("i", { class: `fill ${role}` });
    const notes = [html("span"), html("span")];
    const cell = html("div", { role: "gridcell", class: "measure", "data-label": label }, number,
      html("div", { class: "track", "aria-hidden": "true" }, bar), html("small", {}, notes[0], " ", notes[1]));
    return { cell, show(row, texts) {
      const text = row ? grouped(row[name]) : "–";
      say(number, text);
      put(number, "class", row && row[name] === 0 ? "none" : null);
      number.style.setProperty("--long", String(Math.max(text.length, 11)));
      stretch(bar, row?.[name]);
      notes.forEach((note, i) => say(note, texts[i] ?? ""));
    } };
  };
  const parameters = measure(t("counter.parameters_head"), "parameters", "of-weights");
  const multiplyAdds = measure(t("counter.multiply_adds_head"), "multiply_adds", "of-links");
  const memory = [["Θ", "parameters", "of-weights"], ["a", "activations", "of-outputs"]].map(([symbol, what, role]) => {
    const bar = html("i", { class: `fill ${role}` });
    const number = html("b");
    const element = html("div", { class: "memory-line", title: t(`counter.memory_of_${what}`) },
      html("em", { "aria-hidden": "true" }, symbol), html("span", { class: "cnn-hidden" }, t(what === "parameters" ? "counter.parameters_word" : "counter.activations_word")),
      html("div", { class: "track", "aria-hidden": "true" }, bar), number);
    return { element, show(bytes) {
      const text = bytes === undefined ? "–" : formatBytes(bytes);
      say(number, text);
      put(number, "class", bytes === 0 ? "none" : null);
      stretch(bar, bytes);
    } };
  });
  const extra = html("span");
  const problem = html("div", { class: "problem cnn-alert", role: "gridcell" });
  const element = html("div", { role: "row", class: `entry ${className}` },
    html("div", { role: "gridcell", class: "who" }, who), output, parameters.cell, multiplyAdds.cell,
    html("div", { role: "gridcell", class: "measure", "data-label": t("counter.memory") }, memory.map((line) => line.element), html("small", {}, extra)), problem);
  return { element, show(row, text, why = "") {
    say(output, text);
    // Where there is nothing to learn, there is nothing to explain.
    const learns = row && row.parameters > 0;
    parameters.show(row, learns ? [grouped(row.weights), `+ ${many("counter.biases", row.biases)}`] : []);
    multiplyAdds.show(row, row && row.links ? [many("counter.links", row.links)] : []);
    memory[0].show(row?.parameter_bytes);
    memory[1].show(row?.activation_bytes);
    const inGiB = row && className === "whole" ? gibibytes(row.parameter_bytes) : "";
    say(extra, inGiB ? `Θ = ${inGiB}` : "");
    say(problem, why ? `⚠ ${why}` : "");
    element.classList.toggle("misfit", Boolean(why));
    element.classList.toggle("after", !row && !why);
  } };
}

/** As long as the logarithm of its value; a value of 1 is a dot, 0 is nothing. Scaled, not sized: no layout follows. */
function stretch(bar, value) {
  const share = value > 0 ? Math.min(Math.log10(value) / DECADES, 1) : 0;
  bar.style.transform = `scaleX(${value > 0 ? Math.max(share, 0.02).toFixed(4) : 0})`;
  bar.parentElement.classList.toggle("idle", !value);
}
