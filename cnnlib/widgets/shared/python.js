// The line of Python that makes a widget as it is.

import { alike } from "./history.js";
import { bytes } from "./numbers.js";
import { tiff } from "./tiff.js";

/**
 * How a widget was made. `given` are arguments that are no traits, as they are written; `written` the traits
 * that differed from their defaults when it was shown; `traits` all that a line may set; `follows` whose
 * defaults depend on which others; `stands` which arguments, as they are written or null, stand for a trait
 * that no line can hold; `pictures` which traits are a picture's bytes, by which argument, so many pixels a row.
 * @typedef {{ name: string, given: [string, string][], written: string[], traits: string[], follows: Record<string, string[]>,
 *   stands: Record<string, Record<string, string | null>>, pictures: Record<string, [string, number]> }} Call
 */

/**
 * A value as Python writes it, or null where it cannot be written.
 * @param {any} value
 * @returns {string | null}
 */
export function literal(value) {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : null;
  if (typeof value === "string") return JSON.stringify(value);
  if (ArrayBuffer.isView(value)) return null;
  const texts = Object.values(value).map(literal);
  if (texts.includes(null)) return null;
  return Array.isArray(value) ? `[${texts.join(", ")}]`
    : `{${Object.keys(value).map((name, i) => `${JSON.stringify(name)}: ${texts[i]}`).join(", ")}}`;
}

/** A picture as Python writes it: the bytes of a file. @param {DataView} pixels @param {number} width */
const picture = (pixels, width) =>
  `bytes.fromhex("${Array.from(tiff(bytes(pixels), width), (byte) => byte.toString(16).padStart(2, "0")).join("")}")`;

/**
 * The line that makes the state `now`: what differs from its default. `lost` names what no line can hold, bytes.
 * @param {Call} call
 * @param {import("./history.js").State} first the traits when the widget was shown
 * @param {import("./history.js").State} now
 */
export function lineOf({ name, given, written, traits, follows, stands, pictures }, first, now) {
  const own = traits.filter((one) => written.includes(one) || !alike(first[one], now[one]));
  const set = traits.filter((one) => own.includes(one) || follows[one]?.some((other) => own.includes(other)));
  const texts = set.map((one) => (pictures[one] ? [pictures[one][0], picture(now[one], pictures[one][1])] : [one, literal(now[one])]));
  const lost = texts.filter(([, text]) => text === null).map(([one]) => String(one));
  const instead = Object.assign({}, ...lost.map((one) => stands[one]));
  const known = Object.entries({ ...Object.fromEntries([...given, ...texts]), ...instead }).filter(([, text]) => text !== null);
  return { line: `${name}(${known.map(([one, text]) => `${one}=${text}`).join(", ")})`,
    lost: lost.flatMap((one) => (stands[one] ? Object.keys(stands[one]).filter((other) => stands[one][other] !== null) : [one])) };
}
