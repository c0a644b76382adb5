// A picture of one's own: from a file, dropped, pasted, or from the camera.

import { html } from "./dom.js";
import { KEEP_KEYS, onKey } from "./hand.js";
import { t } from "./words.js";

/** @typedef {{ shape: number[], start: number[], bytes: DataView }} Picture grey levels 0..255, and a pixel to begin at */
/** @typedef {{ least: number, most: number }} Sides the shortest and the longest side that a picture may have, in pixels */
/**
 * @typedef {{ busy: (is: boolean) => void, done: (picture: Picture) => void, refused: (why: string) => void }} Does
 *   busy(is) tells whether a file is being read, refused(why) is a sentence
 */

const KINDS = ["image/png", "image/jpeg"];
const HEAVIEST_FILE = 50e6; // bytes

/** RGBA over white as grey levels, with the weights of scikit-image's rgb2gray. @param {Uint8ClampedArray} rgba */
export function toGrey(rgba) {
  const grey = new Uint8Array(rgba.length / 4);
  for (let i = 0, j = 0; i < grey.length; i += 1, j += 4) {
    const solid = rgba[j + 3] / 255;
    const luma = 0.2125 * rgba[j] + 0.7154 * rgba[j + 1] + 0.0721 * rgba[j + 2];
    grey[i] = Math.floor(luma * solid + 255 * (1 - solid) + 0.5);
  }
  return grey;
}

/**
 * What was decoded, shrunk until its longer side is `most` and grey; throws an Error whose message is for the reader.
 * @param {ImageBitmap | HTMLVideoElement} source
 * @param {number[]} size its width and height
 * @param {string} name
 * @param {Sides} sides
 * @returns {Picture}
 */
function asPicture(source, [wide, high], name, { least, most }) {
  if (Math.min(wide, high) < least) throw new Error(t("shared.picture_small", { name, size: `${high}×${wide}`, least }));
  const shrink = Math.min(1, most / Math.max(wide, high));
  const [height, width] = [high, wide].map((size) => Math.max(Math.round(size * shrink), least));
  const context = /** @type {CanvasRenderingContext2D} */ (html("canvas", { width, height }).getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, width, height);
  return { shape: [height, width], start: [height >> 1, width >> 1],
    bytes: new DataView(toGrey(context.getImageData(0, 0, width, height).data).buffer) };
}

/** Decode, shrink and grey a PNG or JPEG file. @param {File} file @param {Sides} sides */
async function readFile(file, sides) {
  const { name } = file;
  if (!KINDS.includes(file.type)) throw new Error(t("shared.picture_kind", { name }));
  if (file.size > HEAVIEST_FILE) throw new Error(t("shared.picture_heavy", { name, size: Math.round(file.size / 1e6) }));
  const bitmap = await createImageBitmap(file).catch(() => { throw new Error(t("shared.picture_damaged", { name })); });
  try { return asPicture(bitmap, [bitmap.width, bitmap.height], t("shared.picture_quoted", { name }), sides); } finally { bitmap.close(); }
}

/**
 * Reads the files that are picked. The last pick wins, whatever is decoded first: what an earlier one
 * comes to, a picture or a refusal, is not heard of any more.
 * @param {Sides} sides
 * @param {Does} does
 */
function reader(sides, { busy, done, refused }) {
  /** @type {File | null} */
  let wanted = null; // the file that is being read
  return {
    /** Something else was chosen meanwhile, or the view has gone. */
    forget() {
      if (!wanted) return;
      wanted = null;
      busy(false);
    },
    /** @param {File} file */
    async open(file) {
      wanted = file;
      busy(true);
      /** @type {Picture | null} */
      let picture = null;
      let problem = "";
      try { picture = await readFile(file, sides); } catch (error) { problem = /** @type {Error} */ (error).message; }
      if (wanted !== file) return;
      this.forget();
      if (picture) done(picture);
      else refused(t("shared.picture_stays", { problem }));
    },
  };
}

/** The errors of the browser that say in their names why there is no picture from the camera. */
const NO_CAMERA = ["NotAllowedError", "NotFoundError", "NotReadableError"];

/**
 * The camera, where the browser has one: a button, and a panel with what it sees, to be taken or not. Whatever
 * happens, the camera is let go.
 * @param {Sides} sides
 * @param {Pick<Does, "done" | "refused">} does
 */
function camera(sides, { done, refused }) {
  /** @type {MediaStream | null} */
  let stream = null;
  let asks = 0; // whoever asks again, or has gone, wants no earlier answer
  /** @param {string} text @param {() => void} pressed */
  const press = (text, pressed) => html("button", { type: "button", class: "cnn-button", ...KEEP_KEYS, onclick: pressed }, text);
  const start = press(t("shared.camera_start"), open);
  const take = press(t("shared.camera_take"), () => {
    /** @type {Picture | null} */
    let picture = null;
    let problem = "";
    try { picture = asPicture(video, [video.videoWidth, video.videoHeight], t("shared.camera_sees"), sides); } catch (error) {
      problem = /** @type {Error} */ (error).message;
    }
    leave();
    if (picture) done(picture);
    else refused(t("shared.picture_stays", { problem }));
  });
  const video = html("video", { autoplay: true, playsinline: true, "aria-label": t("shared.camera_sees"),
    onloadeddata: () => { take.disabled = false; } });
  video.muted = true;
  const panel = html("div", { class: "cnn-camera", hidden: true }, video, html("div", { class: "cnn-buttons" }, take, press(t("shared.camera_none"), leave)));

  function close() {
    asks += 1;
    stream?.getTracks().forEach((track) => track.stop());
    [stream, video.srcObject, panel.hidden] = [null, null, true];
  }
  function leave() {
    close();
    start.focus({ preventScroll: true });
  }
  async function open() {
    close();
    const ask = asks;
    try {
      const got = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (ask !== asks) return got.getTracks().forEach((track) => track.stop());
      got.getVideoTracks().forEach((track) => { track.onended = leave; }); // it was unplugged, or taken back
      [stream, video.srcObject, panel.hidden, take.disabled] = [got, got, false, true];
    } catch (error) {
      const { name, message } = /** @type {Error} */ (error);
      const problem = NO_CAMERA.includes(name) ? t(`shared.camera_${name}`) : t("shared.camera_other", { message });
      if (ask === asks) refused(t("shared.picture_stays", { problem }));
    }
  }
  start.hidden = !navigator.mediaDevices?.getUserMedia; // on a page that is neither of this machine nor encrypted
  onKey(panel, (key) => {
    if (key !== "Escape") return false;
    leave();
    return true;
  });
  return { start, panel, close };
}

/**
 * The ways to a picture of one's own: `buttons` open a file and the camera, `panel` shows what that sees. A file
 * may be dropped anywhere on a card that calls takeFrom(root), or pasted. forget() gives up what is being read,
 * close() the camera too.
 * @param {Sides} sides
 * @param {Does} does
 */
export function ownPictures(sides, does) {
  const files = reader(sides, does);
  const { start, panel, close } = camera(sides, { ...does, done(picture) {
    files.forget(); // it comes too late
    does.done(picture);
  } });
  const file = html("input", { type: "file", accept: KINDS.join(), hidden: true, "aria-label": t("shared.picture_own"),
    onchange: () => {
      if (file.files?.[0]) files.open(file.files[0]);
      file.value = "";
    } });
  const open = html("button", { type: "button", class: "cnn-button", ...KEEP_KEYS, onclick: () => file.click() }, t("shared.picture_open"));
  return {
    buttons: [open, file, start], panel,
    forget: files.forget,
    close() {
      files.forget();
      close();
    },
    /** @param {HTMLElement} root */
    takeFrom(root) {
      /** @param {string} name @param {(event: DragEvent) => void} handle */
      const on = (name, handle) => root.addEventListener(name, (event) => {
        event.preventDefault();
        event.stopPropagation();
        handle(/** @type {DragEvent} */ (event));
      });
      on("dragover", () => root.classList.add("cnn-drop"));
      root.addEventListener("dragleave", (event) => {
        if (!root.contains(/** @type {Node | null} */ (event.relatedTarget))) root.classList.remove("cnn-drop");
      });
      on("drop", ({ dataTransfer }) => {
        root.classList.remove("cnn-drop");
        if (dataTransfer?.files[0]) files.open(dataTransfer.files[0]);
      });
      root.addEventListener("paste", (event) => {
        const pasted = /** @type {ClipboardEvent} */ (event).clipboardData?.files[0];
        if (!pasted) return; // a number, into a field
        event.preventDefault();
        event.stopPropagation();
        files.open(pasted);
      });
    },
  };
}
