// Presenter mode: one widget fills the screen, and grows until the last row can read it.

import { html } from "./dom.js";

const CARD_WIDTH = 832; // pixels of a card on a page, as in style.css: in a room it looks the same, only larger
export const CAPTION_WIDTH = 300; // beside a card that is too tall for the room: its caption and its tools
const SPARE_ROOM = 1.2; // smaller gains of room are no reason to let everything jump
const LEAST_GROWTH = 0.9; // what is smaller still is not read: let it scroll

/**
 * How much larger than on a page a card of `width` × `height` is shown in a room: as much as there is room
 * for, at once where it has too little, later only where it has far too much.
 * @param {{ width: number, height: number }} card
 * @param {{ width: number, height: number }} room
 * @param {number} now the factor so far, 0 for none
 */
export function growth(card, room, now = 0) {
  const fits = Math.min(room.width / card.width, room.height / card.height);
  const most = fits < LEAST_GROWTH ? 1 : fits;
  return now >= most || now * SPARE_ROOM < most ? most : now;
}

/**
 * Whether a card of this height is shown larger with its caption beside it than with the caption below.
 * @param {number} height
 * @param {{ width: number, height: number }} room
 */
export const besideIn = (height, room) => room.width >= CARD_WIDTH + CAPTION_WIDTH && room.width * height > room.height * (CARD_WIDTH + CAPTION_WIDTH);

/** Give the keys to what they drive in a card. @param {HTMLElement} root */
export function focusOn(root) {
  /** @type {HTMLElement | null} */
  const drives = root.querySelector("[role=application][tabindex]") ?? root.querySelector("input, button");
  drives?.focus({ preventScroll: true });
}

/**
 * Lets `root`, in the element that it was put into, fill the screen and return. changed(is) tells of both.
 * @param {HTMLElement} root
 * @param {(is: boolean) => void} changed
 */
export function presenter(root, changed) {
  /** @type {(() => void) | null} what ends it */
  let end = null;

  function enter() {
    const room = /** @type {HTMLElement} */ (root.parentElement);
    const kept = { room: room.getAttribute("style"), root: [root.style.width, root.style.zoom] };
    const focused = document.activeElement;
    // The page keeps the place free, so that it is where it was afterwards.
    const place = html("div", { style: `height:${room.offsetHeight}px` });
    room.after(place);
    room.classList.add("cnn-room");
    root.classList.add("cnn-presenting");
    room.style.background = getComputedStyle(root).backgroundColor;
    room.style.colorScheme = root.style.colorScheme;

    let [zoom, height, beside] = [0, 0, false];
    const fit = () => {
      const size = { width: room.clientWidth, height: room.clientHeight };
      if (!beside && besideIn(height, size)) [beside, zoom, height] = [true, 0, 0]; // lower, it tells how high it is
      const width = Math.min(beside ? CARD_WIDTH + CAPTION_WIDTH : CARD_WIDTH, size.width);
      if (height) zoom = growth({ width, height }, size, zoom);
      root.classList.toggle("cnn-beside", beside);
      root.style.width = `${width}px`;
      root.style.zoom = String(zoom || 1);
    };
    const resized = () => {
      [zoom, height, beside] = [0, 0, false]; // how high it is with its caption below, it tells anew
      fit();
      height = root.offsetHeight;
      fit();
    };
    const observer = new ResizeObserver(([{ borderBoxSize: [{ blockSize }] }]) => {
      if (Math.abs(blockSize - height) < 1) return;
      height = blockSize;
      fit();
    });
    fit();
    observer.observe(root);
    addEventListener("resize", resized);

    // Where the browser does not give the screen, the page is filled: above all else, whatever it is in.
    let screen = false;
    const overlay = () => {
      if (!end || !room.showPopover || document.fullscreenElement === room || room.popover) return;
      room.popover = "manual";
      room.showPopover();
      resized();
    };
    const left = () => {
      if (document.fullscreenElement === room) screen = true;
      else if (screen) end?.();
    };
    document.addEventListener("fullscreenchange", left);
    // Before a field can keep it for itself; only a number that is being edited has an Escape of its own.
    const escape = (/** @type {KeyboardEvent} */ { key, target }) => {
      if (key === "Escape" && !(target instanceof Element && target.matches(".cnn-field"))) end?.();
    };
    document.addEventListener("keydown", escape, true);

    end = () => {
      end = null;
      observer.disconnect();
      removeEventListener("resize", resized);
      document.removeEventListener("fullscreenchange", left);
      document.removeEventListener("keydown", escape, true);
      if (document.fullscreenElement === room) document.exitFullscreen();
      if (room.popover) room.hidePopover();
      room.popover = null;
      room.classList.remove("cnn-room");
      root.classList.remove("cnn-presenting", "cnn-beside");
      if (kept.room === null) room.removeAttribute("style");
      else room.setAttribute("style", kept.room);
      [root.style.width, root.style.zoom] = kept.root;
      place.remove();
      if (focused?.closest(".cnn-tools")) /** @type {HTMLElement} */ (focused).focus({ preventScroll: true });
      changed(false);
    };
    // Who has left before the browser is ready would be kept there, with no way back by these keys.
    const ready = () => { if (!end && document.fullscreenElement === room) document.exitFullscreen(); };
    if (room.requestFullscreen) room.requestFullscreen().then(ready, overlay);
    else overlay();

    if (!root.contains(focused) || focused?.closest(".cnn-tools")) focusOn(root);
    changed(true);
  }

  return {
    get on() { return end !== null; },
    toggle() { (end ?? enter)(); },
    leave() { end?.(); },
  };
}
