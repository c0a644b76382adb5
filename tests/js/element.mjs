// An element for tests without a page: it does no more than they ask of it.

/** An element that keeps its listeners, its attributes, its classes, what lies in it, and the pointers that it captures. */
export function element(tag = "div") {
  const [heard, classes, attributes] = [[], new Set(), {}];
  return {
    tag, classes, attributes, childNodes: [], captured: [], focused: [], clientWidth: 0, dataset: {}, value: "", rect: { x: 0, y: 0, width: 0, height: 0 },
    style: { setProperty(name, value) { this[name] = value; } },
    options: {},
    addEventListener(name, handle, options) {
      heard.push([name, handle]);
      this.options[name] = options;
    },
    removeEventListener() {}, select() { this.selected = true; }, contains: () => false,
    getAttribute: (name) => attributes[name] ?? null, hasAttribute: (name) => name in attributes,
    setAttribute(name, value) { attributes[name] = String(value); }, removeAttribute(name) { delete attributes[name]; },
    get children() { return this.childNodes.filter((one) => typeof one !== "string"); },
    append(...more) {
      this.childNodes.push(...more);
      for (const one of more) if (one.tag) one.parent = this;
    },
    appendChild(one) { this.append(one); return one; },
    prepend(one) { this.childNodes.unshift(one); },
    replaceChildren(...all) { this.childNodes.length = 0; this.append(...all); },
    remove() { if (this.parent) this.parent.childNodes = this.parent.childNodes.filter((one) => one !== this); },
    get textContent() { return this.childNodes.map((one) => one.textContent ?? one).join(""); },
    set textContent(text) { this.replaceChildren(text); },
    getBoundingClientRect() { return { left: this.rect.x, top: this.rect.y, ...this.rect }; },
    setPointerCapture(id) { this.captured.push(id); },
    focus(options) { this.focused.push(options); },
    dispatchEvent({ type }) { this.fire(type); },
    closest() { return this; },
    querySelector: () => null,
    classList: { add: (name) => classes.add(name), remove: (...names) => names.forEach((name) => classes.delete(name)), contains: (name) => classes.has(name),
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

/** Modules that make elements find these. */
export function page() {
  globalThis.document = { createElement: element, createElementNS: (_, tag) => element(tag) };
}
