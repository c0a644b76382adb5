// The words of a widget, in the language that Python asks for, or else in that of the page.

/** @typedef {string | Record<string, string>} Entry a text with {places}, or one for each plural form of its `count` */
/** @typedef {Record<string, Entry>} Table */
/** @typedef {Record<string, any>} Places what stands at the places, by their names */

/** @type {Record<string, Table>} by language: joiner.py puts here what a script uses of cnnlib/words */
const TABLES = {};
let spoken = "en"; // of all widgets of a notebook: Python tells each of them when it speaks another

/** @type {Map<string, Intl.PluralRules>} */
const RULES = new Map();
const THOUSANDS = new Intl.NumberFormat("en-US"); // made once: toLocaleString makes one each time

/** Take in TABLES, by language. @param {Record<string, Table>} found */
export function teach(found) {
  for (const [name, table] of Object.entries(found)) TABLES[name] = { ...TABLES[name], ...table };
}

/** The language in which words are said now. */
export const language = () => spoken;

/** Say words in `wanted`, or in the page's language where that is empty; in English where that is not known. @param {string} [wanted] */
export function speak(wanted) {
  const [code] = (wanted || document.documentElement.lang).toLowerCase().split(/[-_]/);
  spoken = code in TABLES ? code : "en";
}

/** The plural form of a number in the language spoken. @param {number} count */
function pluralOf(count) {
  const known = RULES.get(spoken) ?? new Intl.PluralRules(spoken);
  RULES.set(spoken, known);
  return known.select(count);
}

/**
 * An entry's text in pieces, with what stands at its places between them: for html(), which takes nodes, too.
 * @param {string} key
 * @param {Places} [places]
 * @returns {any[]}
 */
export function told(key, places = {}) {
  const entry = TABLES[spoken][key];
  const text = typeof entry === "string" ? entry : entry[pluralOf(places.count)] ?? entry.other;
  return text.split(/\{(\w+)\}/).flatMap((piece, i) => (i % 2 ? places[piece] : piece)).filter((piece) => piece !== "");
}

/** An entry's text. @param {string} key @param {Places} [places] */
export const t = (key, places) => told(key, places).join("");

/**
 * A name that Python has given, in English: one of the entries whose keys begin with `start` in the language spoken,
 * and as it is where whoever made the widget has given another.
 * @param {string} start
 * @param {string} name
 */
export function knownName(start, name) {
  const found = Object.keys(TABLES.en).find((key) => key.startsWith(start) && TABLES.en[key] === name);
  return found ? t(found) : name;
}

/** A whole number with its thousands apart: by a comma in English, elsewhere by a space, as a comma is a decimal one there. @param {number} number */
export const grouped = (number) => THOUSANDS.format(number).replaceAll(",", spoken === "en" ? "," : "\u202f");

/**
 * A view in the language of its model or its page, drawn anew when Python asks for another.
 * @template {{ model: import("./life.js").Model, el: HTMLElement }} C
 * @param {(context: C) => () => void} render
 */
export const inWords = (render) => (/** @type {C} */ context) => {
  const { model, el } = context;
  const draw = () => {
    speak(model.get("_language"));
    return render(context);
  };
  let end = draw();
  const clear = () => {
    end();
    el.replaceChildren(); // a page keeps the `el` of a model's last view for good
  };
  const again = () => {
    clear();
    end = draw();
  };
  model.on("change:_language", again);
  return () => {
    model.off("change:_language", again);
    clear();
  };
};
