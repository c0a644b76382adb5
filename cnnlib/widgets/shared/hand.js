// What a hand does: drag and press keys.

/** Jupyter leaves the keys to an element that carries this itself. */
export const KEEP_KEYS = { "data-lm-suppress-shortcuts": "true" };

/**
 * Drag with mouse, pen or finger. start(event) returns false where there is nothing to take, and
 * "loose" where a finger may scroll the page instead.
 */
export function onDrag(element, { start, move, end = () => {} }) {
  let taken = null;
  let firm = false;
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || taken !== null) return;
    const grip = start(event);
    if (grip === false) return;
    firm = grip !== "loose";
    taken = event.pointerId;
    element.setPointerCapture(taken);
  });
  // Comes after pointerdown; only this keeps every browser from scrolling with the finger.
  element.addEventListener("touchstart", (event) => {
    if (taken !== null && firm && event.cancelable) event.preventDefault();
  }, { passive: false });
  element.addEventListener("pointermove", (event) => { if (event.pointerId === taken) move(event); });
  for (const name of ["pointerup", "pointercancel"]) {
    element.addEventListener(name, (event) => {
      if (event.pointerId !== taken) return;
      taken = null;
      end(event);
    });
  }
}

/**
 * Call handle(key, event) on a key; unless it returns false, the key goes no further. Keys in quick
 * succession, as from one held down, make the widget "cnn-hurried": what slides must not lag behind.
 */
export function onKey(element, handle) {
  let last = -Infinity;
  element.addEventListener("keydown", (event) => {
    element.closest(".cnn")?.classList.toggle("cnn-hurried", event.timeStamp - last < 200);
    last = event.timeStamp;
    if (event.altKey || event.metaKey || handle(event.key, event) === false) return;
    event.preventDefault();
    event.stopPropagation();
  });
}
