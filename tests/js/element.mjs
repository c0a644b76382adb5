// An element for tests without a page: it does no more than they ask of it.

/** An element that keeps its listeners, its classes and the pointers that it captures. */
export function element() {
  const [heard, classes] = [[], new Set()];
  return {
    classes, captured: [], focused: [], clientWidth: 0, dataset: {},
    style: { setProperty(name, value) { this[name] = value; } },
    options: {},
    addEventListener(name, handle, options) {
      heard.push([name, handle]);
      this.options[name] = options;
    },
    removeEventListener() {}, append() {}, remove() {}, contains: () => false,
    getAttribute: () => null, setAttribute() {}, removeAttribute() {},
    setPointerCapture(id) { this.captured.push(id); },
    focus(options) { this.focused.push(options); },
    closest() { return this; },
    classList: { add: (name) => classes.add(name), remove: (name) => classes.delete(name),
      toggle: (name, is) => (is ? classes.add(name) : classes.delete(name)) },
    /** Let an event happen; what it was told comes back with it. */
    fire(type, values = {}) {
      const event = { type, button: 0, pointerId: 1, pointerType: "mouse", timeStamp: 0, cancelable: true, prevented: false, stopped: false,
        preventDefault() { this.prevented = true; }, stopPropagation() { this.stopped = true; }, ...values };
      for (const [name, handle] of heard) if (name === type) handle(event);
      return event;
    },
  };
}
