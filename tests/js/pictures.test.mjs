// A picture of one's own, from a file or from the camera: made grey and small, refused with the reason, and the last one wins.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import "./words.mjs";

import { ownPictures, toGrey } from "../../cnnlib/widgets/shared/pictures.js";
import { element, page } from "./element.mjs";

const SIDES = { least: 8, most: 40 };
const drawn = [];

beforeEach(() => {
  page();
  drawn.length = 0;
  const context = { drawImage: (...how) => drawn.push(how), getImageData: (x, y, width, height) => {
    assert.deepEqual([x, y], [0, 0]);
    return { data: new Uint8ClampedArray(4 * width * height).fill(255) };
  } };
  globalThis.document.createElement = (tag) => Object.assign(element(tag), tag === "canvas" ? { getContext: () => context } : {},
    tag === "button" ? { hidden: undefined } : {});
  camera(undefined);
});

/** The browser's camera: what asks for it, or nothing. */
function camera(getUserMedia) {
  Object.defineProperty(globalThis, "navigator", { value: { mediaDevices: getUserMedia && { getUserMedia } }, configurable: true });
}

/** Let all that waits go on. */
const settled = () => new Promise((done) => { setImmediate(done); });

/** The ways to a picture, and what is heard of them. */
function ways() {
  const heard = [];
  const own = ownPictures(SIDES, { busy: (is) => heard.push(`busy ${is}`), done: (picture) => heard.push(picture), refused: (why) => heard.push(why) });
  const [open, file, start] = own.buttons;
  const [video, buttons] = own.panel.children;
  return { ...own, heard, open, file, start, video, take: buttons.children[0], none: buttons.children[1],
    pick(one) { file.files = [one]; file.value = "C:\\picture"; file.fire("change"); } };
}

const bitmap = (width, height) => ({ width, height, closed: false, close() { this.closed = true; } });
const png = (name = "cat.png") => ({ name, type: "image/png", size: 1000 });

test("grey is a weighed mean over white", () => {
  assert.deepEqual([...toGrey(Uint8ClampedArray.of(255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 255))], [54, 255, 0]);
  assert.deepEqual([...toGrey(Uint8ClampedArray.of(0, 255, 0, 255, 0, 0, 255, 255, 0, 0, 0, 51))], [182, 18, 204]);
});

test("a file is shrunk until its longer side fits, and begins in the middle", async () => {
  for (const [width, height, shape] of [[100, 50, [20, 40]], [50, 100, [40, 20]], [30, 21, [21, 30]], [400, 8, [8, 40]], [8, 8, [8, 8]]]) {
    const one = bitmap(width, height);
    globalThis.createImageBitmap = async () => one;
    const { pick, file, heard } = ways();
    pick(png());
    assert.deepEqual([heard, file.value], [["busy true"], ""], "the same file can be picked again");
    await settled();
    const [, , picture] = heard;
    assert.deepEqual(heard.slice(0, 2), ["busy true", "busy false"]);
    assert.deepEqual([picture.shape, picture.start, picture.bytes.byteLength], [shape, [shape[0] >> 1, shape[1] >> 1], shape[0] * shape[1]]);
    assert.deepEqual([drawn.pop(), one.closed], [[one, 0, 0, shape[1], shape[0]], true]);
  }
});

test("what is no picture, or too small or heavy, is refused with the reason", async () => {
  globalThis.createImageBitmap = async (file) => (file.name === "bad.png" ? Promise.reject(new Error("?")) : bitmap(7, 90));
  for (const [file, why] of [[{ ...png("a.gif"), type: "image/gif" }, /^“a\.gif” is no PNG or JPEG/], [{ ...png(), size: 50e6 + 1 }, /^“cat\.png” has 50 MB/],
    [png("bad.png"), /^“bad\.png” cannot be read/], [png(), /^“cat\.png” has 90×7 pixels; 8×8 are the least/]]) {
    const { pick, heard } = ways();
    pick(file);
    await settled();
    assert.deepEqual(heard.slice(0, 2), ["busy true", "busy false"]);
    assert.match(heard[2], why);
    assert.match(heard[2], /The picture stays as it was\.$/);
  }
});

test("the last pick wins, whatever is decoded first", async () => {
  const waits = [];
  globalThis.createImageBitmap = (file) => new Promise((done) => { waits.push(() => done(bitmap(Number(file.name), 10))); });
  const { pick, heard, forget, file } = ways();
  pick(png("10"));
  pick(png("20"));
  waits[1]();
  await settled();
  waits[0]();
  await settled();
  assert.deepEqual(heard.map((one) => one.shape ?? one), ["busy true", "busy true", "busy false", [10, 20]]);
  pick(png("30"));
  forget();
  forget();
  waits[2]();
  await settled();
  assert.deepEqual(heard.slice(4), ["busy true", "busy false"], "what is given up is not heard of");
  file.files = [];
  file.fire("change");
  assert.equal(heard.length, 6, "nothing was chosen");
});

test("the field for a file is not seen; a button opens it", () => {
  const { file, open } = ways();
  let clicked = 0;
  file.click = () => { clicked += 1; };
  open.fire("click");
  assert.deepEqual([file.attributes.type, file.attributes.accept, file.attributes.hidden, clicked], ["file", "image/png,image/jpeg", "", 1]);
});

/** A camera's stream, and how many of its tracks have been stopped. */
function stream() {
  const one = { stopped: 0, tracks: [1, 2].map(() => ({ stop() { one.stopped += 1; } })) };
  return Object.assign(one, { getTracks: () => one.tracks, getVideoTracks: () => one.tracks.slice(0, 1) });
}

test("the camera gives a picture and is let go", async () => {
  assert.equal(ways().start.hidden, true, "there is none");
  const seen = stream();
  camera(async () => seen);
  const { start, take, none, video, panel, heard } = ways();
  assert.equal(start.hidden, false);
  start.fire("click");
  await settled();
  assert.deepEqual([panel.hidden, take.disabled, video.srcObject, seen.stopped], [false, true, seen, 0]);
  video.fire("loadeddata");
  assert.equal(take.disabled, false);
  Object.assign(video, { videoWidth: 80, videoHeight: 40 });
  take.fire("click");
  assert.deepEqual([heard[0].shape, panel.hidden, video.srcObject, seen.stopped, start.focused], [[20, 40], true, null, 2, [{ preventScroll: true }]]);
  for (const leave of [() => none.fire("click"), () => panel.fire("keydown", { key: "Escape" }), () => seen.tracks[0].onended()]) {
    seen.stopped = 0;
    start.fire("click");
    await settled();
    assert.equal(panel.hidden, false);
    leave();
    assert.deepEqual([panel.hidden, seen.stopped], [true, 2]);
  }
  assert.equal(panel.fire("keydown", { key: "a" }).prevented, false);
  Object.assign(video, { videoWidth: 0, videoHeight: 0 });
  take.fire("click");
  assert.match(heard[1], /has 0×0 pixels/);
});

test("a camera that answers too late is let go, and one that gives nothing says why", async () => {
  const [late, waits] = [stream(), []];
  camera(() => new Promise((done, failed) => { waits.push({ done, failed }); }));
  const { start, panel, heard, close } = ways();
  start.fire("click");
  close();
  waits[0].done(late);
  await settled();
  assert.deepEqual([late.stopped, panel.hidden, heard], [2, true, []]);
  for (const [name, why] of [["NotAllowedError", /does not let this page/], ["NotFoundError", /finds no camera/], ["NotReadableError", /in use elsewhere/], ["Odd", /\(it is odd\)/]]) {
    start.fire("click");
    waits.at(-1).failed(Object.assign(new Error("it is odd"), { name }));
    await settled();
    assert.match(heard.pop(), why);
  }
  start.fire("click");
  close();
  waits.at(-1).failed(new Error("too late"));
  await settled();
  assert.deepEqual(heard, []);
});

test("a picture from the camera comes after a file that is still read", async () => {
  globalThis.createImageBitmap = async () => bitmap(20, 20);
  camera(async () => stream());
  const { start, take, video, pick, heard } = ways();
  start.fire("click");
  await settled();
  Object.assign(video, { videoWidth: 10, videoHeight: 10 });
  pick(png());
  take.fire("click");
  await settled();
  assert.deepEqual(heard.map((one) => one.shape ?? one), ["busy true", "busy false", [10, 10]]);
});

test("a file is dropped on a card or pasted into it; other things that are pasted are not taken", async () => {
  globalThis.createImageBitmap = async () => bitmap(20, 20);
  const [{ takeFrom, heard }, root, inside] = [ways(), element(), element()];
  root.contains = (one) => one === inside;
  takeFrom(root);
  assert.deepEqual([root.fire("dragover").prevented, root.classes.has("cnn-drop")], [true, true]);
  root.fire("dragleave", { relatedTarget: inside });
  assert.ok(root.classes.has("cnn-drop"));
  root.fire("dragleave", { relatedTarget: null });
  assert.equal(root.classes.has("cnn-drop"), false);
  root.fire("dragover");
  const dropped = root.fire("drop", { dataTransfer: { files: [png()] } });
  assert.deepEqual([dropped.prevented, dropped.stopped, root.classes.has("cnn-drop")], [true, true, false]);
  await settled();
  root.fire("drop", { dataTransfer: { files: [] } });
  const pasted = root.fire("paste", { clipboardData: { files: [png()] } });
  await settled();
  assert.deepEqual([pasted.prevented, pasted.stopped, root.fire("paste", { clipboardData: { files: [] } }).prevented], [true, true, false]);
  assert.deepEqual(heard.map((one) => one.shape ?? one), ["busy true", "busy false", [20, 20], "busy true", "busy false", [20, 20]]);
});
