// A hand without a plan: random events on a card, as fast as the page takes them, the same for a seed.

/** Let `count` random events happen to the card `root`: pointer, wheel, keys, touch, fields. Return how many of each kind did. */
async ({ root, seed, count }) => {
  let state = seed;
  /** A number from 0 to 1 (mulberry32). */
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const one = (list) => list[Math.floor(random() * list.length)];
  const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown", "Enter", "Escape", "Tab", " ",
    "Delete", "Backspace", "F2", "F", "n", "N", "z", "y", "p", "r", "x", "?", "-", ".", ..."0123456789"];
  const TYPED = ["", "3", "-2", "0.5", "1/9", "1,5", "1e9", "99999999999", "word", "−1", " "];
  // What leaves the page, or asks for something outside of it.
  const leads = (element) => element.closest("a, input[type=file]") !== null || /^(PNG|SVG)$|camera/i.test(element.closest("button")?.textContent.trim() ?? "");
  const places = () => [root, ...root.querySelectorAll("*")].filter((element) =>
    element.checkVisibility() && element.getBoundingClientRect().width > 0 && !leads(element));
  const done = {};
  const happen = (element, Kind, name, options) => {
    done[name] = (done[name] ?? 0) + 1;
    return element.dispatchEvent(new Kind(name, { bubbles: true, cancelable: true, composed: true, view: window, ...options }));
  };
  const spot = (element) => {
    const box = element.getBoundingClientRect();
    return { clientX: box.x + random() * box.width, clientY: box.y + random() * box.height };
  };

  // A made-up pointer cannot be captured: what captures it gets its events here.
  let [captured, pressed] = [null, null];
  const kept = { set: Element.prototype.setPointerCapture, release: Element.prototype.releasePointerCapture };
  Element.prototype.setPointerCapture = function capture() { captured = this; };
  Element.prototype.releasePointerCapture = () => { captured = null; };
  // Keys that the card does not take are not for the page around it.
  const home = root.parentElement;
  const fence = (event) => event.stopPropagation();
  for (const name of ["keydown", "keyup", "wheel"]) home.addEventListener(name, fence);

  const pointer = { pointerId: 7, isPrimary: true, pointerType: "mouse" };
  const acts = {
    move(element) { happen(captured ?? element, PointerEvent, "pointermove", { ...pointer, ...spot(element), buttons: pressed ? 1 : 0 }); },
    press(element) {
      if (pressed) return this.lift(element);
      pointer.pointerType = one(["mouse", "mouse", "touch", "pen"]);
      [pressed, captured] = [element, null];
      happen(element, PointerEvent, "pointerdown", { ...pointer, ...spot(element), buttons: 1, detail: 1 });
      element.closest("[tabindex], button, input, select")?.focus({ preventScroll: true });
      return null;
    },
    lift(element) {
      const to = captured ?? element;
      const place = spot(element);
      happen(to, PointerEvent, random() < 0.1 ? "pointercancel" : "pointerup", { ...pointer, ...place });
      if (pressed === element || random() < 0.3) happen(to, MouseEvent, "click", { ...place, detail: 1 });
      [pressed, captured] = [null, null];
    },
    click(element) {
      if (pressed) this.lift(element);
      const place = spot(element);
      for (let times = one([1, 1, 2]); times > 0; times -= 1) {
        if (!element.isConnected) return;
        happen(element, PointerEvent, "pointerdown", { ...pointer, ...place, buttons: 1 });
        happen(captured ?? element, PointerEvent, "pointerup", { ...pointer, ...place });
        captured = null;
        happen(element, MouseEvent, "click", { ...place, detail: 1 });
      }
    },
    leave(element) { happen(element, PointerEvent, "pointerleave", { ...pointer, ...spot(element), bubbles: false }); },
    wheel(element) { happen(element, WheelEvent, "wheel", { ...spot(element), deltaY: 200 * (random() - 0.5), ctrlKey: random() < 0.3 }); },
    touch(element) {
      const touch = new Touch({ identifier: 3, target: element, ...spot(element) });
      happen(element, TouchEvent, one(["touchstart", "touchmove", "touchend"]), { touches: [touch], changedTouches: [touch], targetTouches: [touch] });
    },
    key(element) {
      const focused = root.contains(document.activeElement) ? document.activeElement : element.closest("[tabindex]") ?? root;
      const options = { key: one(KEYS), shiftKey: random() < 0.15, ctrlKey: random() < 0.15, repeat: random() < 0.2 };
      happen(focused, KeyboardEvent, "keydown", options);
      happen(focused, KeyboardEvent, "keyup", options);
    },
    field(element) {
      const fields = [...root.querySelectorAll("input:not([type=file]), select, textarea")].filter((input) => input.checkVisibility());
      if (!fields.length) return this.key(element);
      const field = one(fields);
      field.focus({ preventScroll: true });
      if (/radio|checkbox/.test(field.type)) field.click();
      else {
        if (field.type === "range") field.value = String(Number(field.min) + random() * (Number(field.max) - Number(field.min)));
        else if (field.tagName === "SELECT") one([...field.options].filter(({ disabled, hidden }) => !disabled && !hidden)).selected = true;
        else field.value = one(TYPED);
        happen(field, Event, "input", {});
        happen(field, Event, "change", {});
      }
      return null;
    },
  };
  const often = { move: 8, press: 3, lift: 2, click: 3, leave: 1, wheel: 1, touch: 1, key: 8, field: 2 };
  const kinds = Object.entries(often).flatMap(([name, times]) => Array(times).fill(name));

  try {
    let here = places();
    for (let i = 0; i < count; i += 1) {
      if (i % 20 === 0) {
        await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
        here = places();
      }
      const element = one(here);
      acts[one(kinds)](element.isConnected ? element : root);
    }
    if (pressed) acts.lift(root);
    document.activeElement?.blur();
    if (root.classList.contains("cnn-presenting")) happen(root, KeyboardEvent, "keydown", { key: "Escape" });
    await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
  } finally {
    [Element.prototype.setPointerCapture, Element.prototype.releasePointerCapture] = [kept.set, kept.release];
    for (const name of ["keydown", "keyup", "wheel"]) home.removeEventListener(name, fence);
  }
  return done;
}
