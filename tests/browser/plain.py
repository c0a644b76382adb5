"""A widget on a bare page: its script, its style and a model that lives in the page. No Jupyter, no Python behind it.

What the hand reaches there does not wait for a kernel, so a page can be scaled, styled and asked at once.
"""

import base64
import json

from anywidget import AnyWidget

PAGE = """
<!doctype html><meta charset="utf-8"><body><div id="outer"><div id="host" style="width: 900px"></div></div>
"""
# The model does what anywidget promises; binary traits come as DataViews, as Jupyter sends them.
MOUNT = """
async ({ script, style, state }) => {
  for (const [name, value] of Object.entries(state)) state[name] = revive(value);
  function revive(value) {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(revive);
    if ("base64" in value) return new DataView(Uint8Array.from(atob(value.base64), (one) => one.charCodeAt(0)).buffer);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, revive(one)]));
  }
  const equal = (a, b) => a === b || ([a, b].every((one) => one !== null && typeof one === "object" && !ArrayBuffer.isView(one))
    && Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((name) => equal(a[name], b[name])));
  const handlers = [];
  const model = {
    get: (name) => state[name],
    set(name, value) {
      if (equal(state[name], value)) return;
      state[name] = value;
      for (const [event, handle] of [...handlers]) if (event === `change:${name}`) handle();
    },
    on(events, handle) { for (const event of events.split(" ")) handlers.push([event, handle]); },
    off(events, handle) {
      for (const event of events.split(" ")) {
        const at = handlers.findIndex(([name, one]) => name === event && one === handle);
        if (at >= 0) handlers.splice(at, 1);
      }
    },
    save_changes() {}, send() {},
  };
  document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const widget = (await import(url)).default;
  await widget.initialize?.({ model });
  window.unmount = await widget.render({ model, el: document.querySelector("#host") });
  window.model = model;
  window.state = state;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}
"""
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"


def as_json(value):
    """What travels to the page: bytes as base64."""
    if isinstance(value, bytes | bytearray | memoryview):
        return {"base64": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, dict):
        return {name: as_json(one) for name, one in value.items()}
    return [as_json(one) for one in value] if isinstance(value, list | tuple) else value


def mount(page, widget, css=""):
    """Show a widget on an empty page, with `css` for what is around it; return its root's locator."""
    own = set(widget.trait_names(sync=True)) - set(AnyWidget.class_trait_names()) - {"_esm", "_css", "_anywidget_id"}
    return mount_state(page, widget, {name: as_json(value) for name, value in widget.get_state(own).items()}, css)


def mount_state(page, kind, state, css=""):
    """The same for a kind of widget, its class, and what the traits of one hold."""
    page.set_content(f"{PAGE}<style>{css}</style>")
    page.evaluate(MOUNT, {"script": kind._esm, "style": kind._css, "state": json.loads(json.dumps(state))})
    return page.locator(f".{kind._root}")


def painted(page):
    """Wait until what a gesture has changed is on the screen."""
    page.evaluate(FRAME)


def state(page):
    """The model as the page has it, without what is too large to compare by eye."""
    return page.evaluate(
        "() => Object.fromEntries(Object.entries(window.state).map(([name, one]) => [name, ArrayBuffer.isView(one)"
        " ? [...new Uint8Array(one.buffer)].reduce((sum, byte, i) => (sum * 31 + byte + i) % 1e9, 7) : one]))"
    )
