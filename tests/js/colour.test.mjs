// Colours of values, and the ink that can be read on them.

import assert from "node:assert/strict";
import test from "node:test";

import { channels, contrast, mix, paletteOf, readable, shade, tints } from "../../cnnlib/widgets/shared/colour.js";
import { PALETTE, UNFOCUSED } from "../../cnnlib/widgets/shared/palette.js";

test("a colour lies between two others, each of its channels for itself", () => {
  assert.deepEqual(channels("#0a80ff"), [10, 128, 255]);
  assert.deepEqual([0, 0.25, 0.5, 1].map((share) => mix("#000a64", "#ff0000", share)), ["#000a64", "#40084b", "#800532", "#ff0000"]);
});

test("contrast is that of WCAG 2, whichever comes first", () => {
  assert.equal(contrast("#000000", "#ffffff"), 21);
  assert.equal(contrast("#ffffff", "#000000"), 21);
  assert.equal(contrast("#123456", "#123456"), 1);
  // By hand from the definition: each channel's share of the light, and the straight piece near black.
  assert.ok(Math.abs(contrast("#ff0000", "#000000") - (0.2126 + 0.05) / 0.05) < 1e-12);
  assert.ok(Math.abs(contrast("#00ff00", "#000000") - (0.7152 + 0.05) / 0.05) < 1e-12);
  assert.ok(Math.abs(contrast("#0000ff", "#000000") - (0.0722 + 0.05) / 0.05) < 1e-12);
  assert.ok(Math.abs(contrast("#0a0a0a", "#000000") - (10 / 255 / 12.92 + 0.05) / 0.05) < 1e-12);
  assert.ok(Math.abs(contrast("#767676", "#ffffff") - 4.54) < 0.005, "the best known grey");
});

test("the ink is the theme's where that can be read, else white or black", () => {
  assert.equal(readable("#ffffff"), PALETTE.light.ink);
  assert.equal(readable("#000000"), "#ffffff", "on black the light theme's ink cannot be read");
  assert.equal(readable("#000000", "dark"), PALETTE.dark.ink);
  assert.equal(readable("#ffffff", "dark"), "#000000");
  assert.deepEqual([readable("#ffffff"), readable("#ffffff", "dark")], [PALETTE.light.ink, "#000000"], "what is kept is kept for each theme");
});

test("0 has the colour of zero, the end the role's own, and what is negative another", () => {
  for (const theme of ["light", "dark"]) {
    const colors = paletteOf(theme);
    assert.equal(colors, PALETTE[theme]);
    for (const role of ["input", "weight", "output"]) {
      const zero = colors[`${role}_zero`];
      assert.deepEqual([0, 4, -4, 99, -99].map((value) => shade(value, 4, role, theme)),
        [zero, colors[role], colors.negative, colors[role], colors.negative]);
      assert.equal(shade(1, 4, role, theme), mix(zero, colors[role], 0.25));
      assert.equal(shade(-1, 4, role, theme), mix(zero, colors.negative, 0.25));
      assert.equal(shade(4, 4, role, theme, false), mix(zero, colors[role], UNFOCUSED));
      assert.equal(shade(4, 0, role, theme), zero, "a scale without an end");
    }
  }
  assert.equal(shade(4, 4, "input"), PALETTE.light.input);
});

test("a table has the same colours, in 255 steps to each side", () => {
  for (const theme of ["light", "dark"]) {
    const tint = tints("output", theme);
    for (const value of [-9, -4, -255 / 64, -1, 0, 2, 4, 5]) {
      const step = Math.round(255 * Math.max(-1, Math.min(1, value / 4)));
      assert.deepEqual(tint(value, 4), channels(shade(step, 255, "output", theme)), `${value}, ${theme}`);
    }
    assert.deepEqual(tint(3, 0), channels(paletteOf(theme).output_zero), "a scale without an end");
  }
  assert.deepEqual(tints("input", "dark")(1, 1), channels(PALETTE.dark.input), "each role has its own");
});
