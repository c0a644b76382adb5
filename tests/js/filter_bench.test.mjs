// What FilterBench computes and says, without a page.

import assert from "node:assert/strict";
import { test } from "node:test";

import "./words.mjs";

import { begun, compute, correlateMap, geometry, greyColor, greyLevel, isPositive, layout, nameOf, NAMELESS, outputs, OWN,
  presetsOf, resized, scaleEnd, short, weightSum, withKernel, words } from "../../cnnlib/widgets/filter_bench/model.js";

const picture = (height, width, level) => ({ shape: [height, width], start: [height >> 1, width >> 1],
  bytes: new DataView(Uint8Array.from({ length: height * width }, (_, i) => level(Math.floor(i / width), i % width)).buffer) });
const BLUR = [[1, 1, 1], [1, 1, 1], [1, 1, 1]];
const EDGES = [[0, 1, 0], [1, -4, 1], [0, 1, 0]];

/** A bench whose camera shows ten times the row plus the column. */
function bench(traits = {}) {
  const state = { photos: { camera: picture(7, 9, (r, c) => 10 * r + c) }, own: null, photo: "camera",
    kernel: EDGES, divide: false, clip: false, row: 1, col: 2,
    presets: [{ name: "edges", kernel: EDGES, divide: false, lecture: true }, { name: "blur", kernel: BLUR, divide: true, lecture: false }],
    ...traits };
  return { get: (name) => state[name] };
}
const stateOf = (model) => compute(model, presetsOf(model), outputs());

test("a map is what the sums by hand come to", () => {
  const { rows, cols, values } = correlateMap(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), 3, 3, [[1, 0], [0, -1]], 2);
  assert.deepEqual([rows, cols, ...values], [2, 2, -2, -2, -2, -2]);
});

test("the scale ends at a number of two digits above nearly all, and never at 0", () => {
  assert.equal(scaleEnd(Float64Array.from([0, 0])), 1);
  assert.equal(scaleEnd(new Float64Array(50).fill(-123.4)), 130);
  assert.equal(scaleEnd(Float64Array.of(0, -3)), 3, "the largest where those looked at are 0");
});

test("what leaves 0 to 255 is cut off", () => {
  assert.deepEqual([-3, 99.5, 300].map(greyLevel), [0, 100, 255]);
  assert.equal(greyColor(10), "#0a0a0a");
});

test("a kernel keeps its name however it is divided", () => {
  const presets = presetsOf(bench());
  assert.equal(nameOf(presets, EDGES, true), "edges", "its sum of 0 divides nothing");
  assert.equal(nameOf(presets, BLUR, true), "blur");
  assert.equal(nameOf(presets, BLUR.map((line) => line.map(() => 1 / 9)), false), "blur");
  assert.equal(nameOf(presets, BLUR, false), NAMELESS);
  assert.equal(nameOf(presets, resized(EDGES, 5), false), NAMELESS, "another size is another kernel");
  assert.deepEqual([weightSum(BLUR), isPositive(BLUR), isPositive(EDGES)], [9, true, false]);
});

test("a kernel grows by a frame of zeros, loses its frame, and the window keeps its centre", () => {
  assert.deepEqual(resized([[5]], 3), [[0, 0, 0], [0, 5, 0], [0, 0, 0]]);
  assert.deepEqual(resized(resized(EDGES, 5), 3), EDGES);
  const large = resized(EDGES, 5);
  assert.deepEqual(withKernel(geometry(bench({ row: 2, col: 3 })), large), { kernel: large, row: 1, col: 2 });
  assert.deepEqual(withKernel(geometry(bench({ row: 0, col: 6 })), large), { kernel: large, row: 0, col: 4 }, "inside the picture");
});

test("another picture begins at its start", () => {
  const own = picture(20, 30, () => 0);
  assert.deepEqual(begun(bench(), OWN, own), { photo: OWN, row: 9, col: 14 });
  assert.deepEqual(begun(bench(), "camera"), { photo: "camera", row: 2, col: 3 });
});

test("a state holds the window, its products and their sum", () => {
  const state = stateOf(bench({ kernel: BLUR, divide: true, row: 99 }));
  assert.deepEqual([state.row, state.col, state.rows, state.cols], [4, 2, 5, 7], "the window stays inside");
  assert.deepEqual(state.patch, [[42, 43, 44], [52, 53, 54], [62, 63, 64]]);
  assert.deepEqual([state.divisor, state.value, state.products[2][2], state.name], [9, 53, 64, "blur"]);
});

test("the map is computed where something is new, and only there", () => {
  const mapOf = outputs();
  const now = geometry(bench());
  const map = mapOf(now, 1);
  assert.equal(mapOf({ ...now, row: 3 }, 1), map);
  assert.notEqual(mapOf(now, 2), map);
  const other = mapOf({ ...now, kernel: BLUR }, 1);
  assert.equal(other.values[0], 99);
  assert.notEqual(mapOf({ ...now, kernel: BLUR, picture: picture(7, 9, () => 0) }, 1), other);
});

test("outputs that a picture cannot show are counted", () => {
  const dark = stateOf(bench({ kernel: [[0, 0, 0], [0, -1, 0], [0, 0, 0]], clip: true }));
  assert.deepEqual([dark.map.below, dark.map.above], [1, 0]);
  assert.match(words(dark).lost, /^Hidden: 100\u00a0% of the outputs are below 0, 0\u00a0% above 255\.$/);
  assert.equal(words({ ...dark, clip: false }).lost, "");
  assert.match(words({ ...dark, map: { ...dark.map, below: 0.004, above: 0.5 } }).lost, /under 1\u00a0% .* 50\u00a0% above/);
});

test("it says what is where", () => {
  const said = words(stateOf(bench({ kernel: BLUR, divide: true })));
  assert.equal(said.says, "Output (1, 2) of 5×7 is 23: the 3×3 kernel “blur” on rows 1–3 and columns 2–4 of “camera”, 7×9 pixels. " +
    "Its weights sum to 1.");
  assert.deepEqual([said.kernel, said.divide], ["kernel · 3 × 3 · sum 9 · ÷ 9", "divide by the sum, 9"]);
  assert.equal(words(stateOf(bench())).divide, "sum 0: nothing to divide by");
  assert.deepEqual([-1234.56, -123.4567, 1 / 3].map(short), ["−1234.6", "−123.5", "0.33"]);
});

test("no page is so narrow that a size becomes negative, and none so wide that pixels blur", () => {
  for (const side of [3, 5]) {
    const now = { ...geometry(bench()), side, height: 256, width: 200 };
    for (let room = -10; room < 1000; room += 1) {
      const { wide, pitch, unit } = layout(now, room);
      assert.ok(pitch >= 12 && unit > 0, `${side} in ${room}`);
      assert.equal(wide, room >= 780);
      assert.ok(room < 524 || unit === 1);
    }
  }
  assert.deepEqual(layout({ ...geometry(bench()), height: 80, width: 100 }, 900), { wide: true, pitch: 52, unit: 2 });
});
