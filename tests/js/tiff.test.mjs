// A grey picture as a file: what a reader of TIFF would make of it.

import assert from "node:assert/strict";
import test from "node:test";

import { tiff } from "../../cnnlib/widgets/shared/tiff.js";

/** Read a file as TIFF 6.0 says: the entries by tag, and the bytes of the one strip. */
function read(file) {
  const view = new DataView(file.buffer);
  assert.deepEqual([...file.subarray(0, 4)], [0x49, 0x49, 42, 0], "little-endian, and TIFF");
  const at = view.getUint32(4, true);
  const count = view.getUint16(at, true);
  const entries = Array.from({ length: count }, (_, i) => at + 2 + 12 * i).map((place) => {
    assert.deepEqual([view.getUint16(place + 2, true), view.getUint32(place + 4, true)], [4, 1], "one number of 4 bytes");
    return [view.getUint16(place, true), view.getUint32(place + 8, true)];
  });
  assert.deepEqual(entries.map(([tag]) => tag), entries.map(([tag]) => tag).sort((a, b) => a - b), "in the order of their tags");
  assert.equal(view.getUint32(at + 2 + 12 * count, true), 0, "no other picture follows");
  const found = Object.fromEntries(entries);
  const strip = file.subarray(found[273], found[273] + found[279]);
  assert.equal(found[273] + found[279], file.length);
  return { found, strip };
}

/** The pixels of PackBits, row by row: no run goes on into the next row. */
function unpack(strip, width) {
  const pixels = [];
  for (let i = 0; i < strip.length;) {
    const run = strip[i] > 128 ? Array(257 - strip[i]).fill(strip[i + 1]) : [...strip.subarray(i + 1, i + 2 + strip[i])];
    assert.notEqual(strip[i], 128, "it means nothing");
    assert.ok(run.length <= 128 && (pixels.length % width) + run.length <= width);
    i += strip[i] > 128 ? 2 : 2 + strip[i];
    pixels.push(...run);
  }
  return pixels;
}

test("a reader finds the size, the kind and each pixel", () => {
  let state = 7;
  const draw = (most) => { state = (state * 48271) % 2147483647; return state % most; };
  for (const [height, width] of [[1, 1], [2, 3], [5, 1], [3, 127], [3, 128], [3, 129], [2, 300], [28, 28]]) {
    for (const levels of [1, 2, 256]) {
      const pixels = Uint8Array.from({ length: height * width }, () => draw(levels));
      const { found, strip } = read(tiff(pixels, width));
      assert.deepEqual(found, { 256: width, 257: height, 258: 8, 259: 32773, 262: 1, 273: 8 + 2 + 8 * 12 + 4, 278: height, 279: strip.length });
      assert.deepEqual(unpack(strip, width), [...pixels], `${height}×${width}, ${levels} levels`);
    }
  }
});

test("runs are short: equal pixels as one, others as they are", () => {
  const strip = (...row) => [...read(tiff(Uint8Array.from(row), row.length)).strip];
  assert.deepEqual(strip(5, 5, 5), [254, 5]);
  assert.deepEqual(strip(1, 2, 3), [2, 1, 2, 3]);
  assert.deepEqual(strip(1, 2, 2, 3), [0, 1, 255, 2, 0, 3], "a pair begins a run");
  assert.deepEqual(strip(...Array(128).fill(9)), [129, 9]);
  assert.deepEqual(strip(...Array(129).fill(9)), [129, 9, 0, 9], "128 at most");
});
