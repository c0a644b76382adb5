// A picture from the student's disk.

import { html } from "../shared/dom.js";
import { LARGEST_SIDE, SMALLEST_SIDE, toGrey } from "./model.js";

const HEAVIEST_FILE = 50e6; // bytes

/** Decode, shrink and grey a PNG or JPEG file; throws an Error whose message is for the reader. */
async function readPicture(file) {
  const name = `“${file.name}”`;
  if (!["image/png", "image/jpeg"].includes(file.type)) throw new Error(`${name} is no PNG or JPEG picture`);
  if (file.size > HEAVIEST_FILE) throw new Error(`${name} has ${Math.round(file.size / 1e6)} MB; 50 MB are the most`);
  const bitmap = await createImageBitmap(file).catch(() => { throw new Error(`${name} cannot be read: it is damaged, or no picture`); });
  if (Math.min(bitmap.width, bitmap.height) < SMALLEST_SIDE) {
    throw new Error(`${name} has ${bitmap.height}×${bitmap.width} pixels; ${SMALLEST_SIDE}×${SMALLEST_SIDE} are the least`);
  }
  const shrink = Math.min(1, LARGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const [height, width] = [bitmap.height, bitmap.width].map((size) => Math.max(Math.round(size * shrink), SMALLEST_SIDE));
  const context = html("canvas", { width, height }).getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return { shape: [height, width], start: [height >> 1, width >> 1],
    bytes: new DataView(toGrey(context.getImageData(0, 0, width, height).data).buffer) };
}

/**
 * Reads the pictures that are picked. The last pick wins, whatever is decoded first: what an earlier one
 * comes to, a picture or a refusal, is not heard of any more. changed() is called when one is picked or done.
 */
export function reader({ changed, done, refused }) {
  let wanted = null; // the file that is being read
  const end = () => {
    wanted = null;
    changed();
  };
  return {
    get busy() { return wanted !== null; },
    /** Something else was chosen meanwhile, or the view has gone. */
    forget() { if (wanted) end(); },
    async open(file) {
      wanted = file;
      changed();
      let [picture, problem] = [null, ""];
      try { picture = await readPicture(file); } catch (error) { problem = /** @type {Error} */ (error).message; }
      if (wanted !== file) return;
      end();
      if (picture) done(picture);
      else refused(`${problem}. The picture stays as it was.`);
    },
  };
}
