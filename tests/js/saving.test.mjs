// The name under which a card is saved.

import assert from "node:assert/strict";
import test from "node:test";

import { fileName } from "../../cnnlib/widgets/shared/saving.js";

test("a file is named after what makes the card, in signs that every system takes", () => {
  assert.equal(fileName("SlideFilter2D()"), "SlideFilter2D");
  assert.equal(fileName("SlideFilter2D(col=1, kernel=[[0.5, -1]])"), "SlideFilter2D-col-1-kernel-0.5-1");
  assert.equal(fileName('LinkedView(kind="shared")'), "LinkedView-kind-shared");
  assert.equal(fileName("../..\\x:y"), "..-..-x-y".replace(/^[.-]+/, ""), "no way out of a folder");
  assert.equal(fileName("()"), "card");
  assert.equal(fileName(`${"a".repeat(79)}(b)`), "a".repeat(79), "a cut leaves no dash at the end");
  assert.ok(fileName(`SlideFilter2D(image=${"[1, 2]".repeat(60)})`).length <= 80);
});
