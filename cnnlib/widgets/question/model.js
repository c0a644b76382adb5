// What an answer is, whether it is right, and what it gets to hear. Knows no page.

import { parseNumber } from "../shared/numbers.js";
import { grouped, t } from "../shared/words.js";

/** @typedef {[string, string][]} Pieces words and their marks */
/** @typedef {string | number[]} Answer */
/**
 * @typedef {{ text: Pieces, choices: [string, Pieces][], boxes: string[], right: Answer, said: string, why: Pieces,
 *   hears: [Answer, Pieces][], otherwise: Pieces, factor: number }} Asked
 */

/** The words that multiply a number, in English and in the language spoken, where a billion may be another. @returns {Map<string, number>} */
const multipliers = () => new Map([["thousand", 1e3], ["million", 1e6], ["billion", 1e9], ["k", 1e3], ["m", 1e6],
  ...[[t("question.thousand"), 1e3], [t("question.million"), 1e6], [t("question.billion"), 1e9]].flatMap(([names, value]) =>
    /** @type {[string, number][]} */ (String(names).toLowerCase().split("|").map((name) => [name, value])))]);

/**
 * A number as people type large ones: 16,000,000,000 or 16 000 000 000, 1.6e10, 16 billion; else as any
 * other number. What is none is null.
 * @param {string} text
 * @returns {number | null}
 */
export function readAnswer(text) {
  const plain = text.trim().toLowerCase().replace("−", "-").replace(/(?<=\d)[\s\u2009\u202f_](?=\d{3})/g, "");
  const scaled = /^(.*[\d.,])\s*(\p{L}[\p{L} ]*)$/u.exec(plain);
  const scale = multipliers().get(scaled?.[2] ?? "");
  if (scaled && scale) {
    const value = readAnswer(scaled[1]);
    return value === null ? null : value * scale;
  }
  if (/^-?\d+(\.\d+)?e\+?\d+$/.test(plain)) return Number(plain);
  return parseNumber(plain, true);
}

/**
 * Whether numbers are equal, or within a factor of each other: as Asked.is_right of questions/asked.py.
 * @param {number} given @param {number} right @param {number} factor
 */
export function isClose(given, right, factor) {
  if (factor === 1 || given * right <= 0) return Math.abs(given - right) <= 1e-9 * Math.max(1, Math.abs(right));
  return given / right >= 1 / factor && given / right <= factor;
}

/** Whether an answer is right. @param {Asked} asked @param {Answer} answer */
export const isRight = (asked, answer) => equals(answer, asked.right, () => asked.factor);

/**
 * Whether two answers are one: the same choice, or numbers that are close.
 * @param {Answer} given @param {Answer} other @param {(number: number) => number} factor
 */
function equals(given, other, factor) {
  if (typeof given === "string" || typeof other === "string") return given === other;
  return other.every((number, i) => isClose(given[i], number, factor(number)));
}

/**
 * The sentence that belongs to a wrong answer: its own, or the one for whatever nobody foresaw.
 * @param {Asked} asked @param {Answer} answer
 */
export function heard(asked, answer) {
  const own = asked.hears.find(([wrong]) => equals(answer, wrong, (number) => (Math.abs(number) < 1 ? 1.02 : 1)));
  return own ? own[1] : asked.otherwise;
}

/** A number as a reader writes it: thousands apart, a true minus sign. @param {number} value */
export function write(value) {
  const rounded = Math.round(value * 1e6) / 1e6;
  const [whole, rest] = String(Math.abs(rounded)).split(".");
  const apart = /e/.test(whole) ? whole : grouped(Number(whole));
  return `${rounded < 0 ? "−" : ""}${rest ? `${apart}.${rest}` : apart}`;
}
