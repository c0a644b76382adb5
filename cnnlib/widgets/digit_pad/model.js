// What DigitPad says of the network's answer, and how its maps are arranged. Knows no page.

import { clamp, percent } from "../shared/numbers.js";

/** The digits, the most likely first. @param {Float32Array} shares */
export const ranked = (shares) => [...shares.keys()].sort((a, b) => shares[b] - shares[a] || a - b);

/**
 * The answer as a line of text.
 * @param {Float32Array} shares @param {boolean} empty whether nothing is drawn
 */
export function sentence(shares, empty) {
  const [first, second] = ranked(shares);
  const answer = `ost likely ${first}, ${percent(shares[first])}; then ${second}, ${percent(shares[second])}.`;
  return empty ? `Nothing is drawn, and still the network answers: m${answer}` : `M${answer}`;
}

/**
 * The fewest lines in which the maps of a stage are large enough to read.
 * @param {number[]} shape @param {number} width
 */
export function arrange([count, , columns], width) {
  for (let lines = 1; ; lines += 1) {
    const across = Math.ceil(count / lines);
    const pitch = Math.floor(((width + 8) / across - 8) / columns);
    if (pitch * columns >= 56 || across === 1) {
      return { across, pitch: clamp(pitch, 1, Math.min(Math.floor(112 / columns), 7) || 1) };
    }
  }
}
