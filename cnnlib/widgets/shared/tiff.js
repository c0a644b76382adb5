// A grey picture as a file that a line of Python can hold: TIFF, whose runs make a drawing short.
// A canvas could write PNG; but browsers that guard against fingerprints change its pixels.

/** A row by PackBits: up to 128 bytes as they are, or one byte so many times. @param {Uint8Array} row */
function packBits(row) {
  const runs = [];
  for (let from = 0, past = 1; from < row.length; from = past, past += 1) {
    const goesOn = (/** @type {boolean} */ same) => past < row.length && past - from < 128 && (row[past] === row[past - 1]) === same;
    while (goesOn(true)) past += 1;
    if (past - from > 1) {
      runs.push(257 - (past - from), row[from]);
      continue;
    }
    while (goesOn(false)) past += 1;
    if (past < row.length && row[past] === row[past - 1]) past -= 1; // it begins a run
    runs.push(past - from - 1, ...row.subarray(from, past));
  }
  return runs;
}

/**
 * The file.
 * @param {Uint8Array} pixels 0 is black, row by row
 * @param {number} width
 */
export function tiff(pixels, width) {
  const height = pixels.length / width;
  const runs = Array.from({ length: height }, (_, r) => packBits(pixels.subarray(r * width, (r + 1) * width))).flat();
  const entries = [[256, width], [257, height], [258, 8], [259, 32773], [262, 1], [273, 0], [278, height], [279, runs.length]];
  const start = 8 + 2 + 12 * entries.length + 4;
  const head = new DataView(new ArrayBuffer(start));
  head.setUint32(0, 0x49492a00); // "II", 42: little-endian
  head.setUint32(4, 8, true);
  head.setUint16(8, entries.length, true);
  entries.forEach(([tag, value], i) => {
    const at = 10 + 12 * i;
    head.setUint16(at, tag, true);
    head.setUint16(at + 2, 4, true); // a number of 4 bytes
    head.setUint32(at + 4, 1, true);
    head.setUint32(at + 8, tag === 273 ? start : value, true); // where the runs begin
  });
  return Uint8Array.from([...new Uint8Array(head.buffer), ...runs]);
}
