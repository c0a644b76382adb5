// Page and Python set the same trait at once: whatever the messages meet on their way, both end with the same.
// And the life of a view: its theme, its width, its frames, its end.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import "./words.mjs";

import { batched, leading, live, oncePerFrame, roomIn, themeOf } from "../../cnnlib/widgets/shared/life.js";
import { PALETTE } from "../../cnnlib/widgets/shared/palette.js";
import { element } from "./element.mjs";

/** Draws that are the same on every run (mulberry32). */
function draws(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A page and a kernel between which messages travel in order, but as slowly as the test likes. The
 * model does what WidgetModel of @jupyter-widgets/base does: changes wait for save_changes, one
 * message is on its way at a time, and the ones behind it are merged. `refuse` is Python's validator.
 */
function meeting({ refuse = (value) => value } = {}) {
  const [toPython, toPage, due] = [[], [], []];
  const python = { row: 0, col: 0 };
  let [now, waiting, pending, behind, lock, told] = [0, {}, 0, null, null, 0];
  const [handlers, page] = [[], { row: 0, col: 0, layout: {} }];

  const send = (state, callbacks) => { pending += 1; toPython.push({ state, callbacks }); };
  let [changing, previous, changed] = [false, {}, {}];
  /** As in Jupyter's model: a value put back while a change is heard is none. But who sets ends "changing", also within. */
  function set(values) {
    if (!changing) [previous, changed] = [{ ...page }, {}];
    changing = true;
    const heard = Object.keys(values).filter((name) => page[name] !== values[name]);
    for (const [name, value] of Object.entries(values)) {
      if (previous[name] === value) delete changed[name];
      else changed[name] = value;
      page[name] = value;
    }
    for (const name of heard) for (const [event, handler] of [...handlers]) if (event === `change:${name}`) handler();
    changing = false;
    for (const [name, value] of Object.entries(changed)) if (!(lock && lock[name] === value)) waiting[name] = value;
  }
  const model = () => ({
    get: (name) => page[name],
    set: (name, value) => set({ [name]: value }),
    on: (event, handler) => handlers.push([event, handler]),
    save_changes(callbacks) {
      told += 1;
      const state = waiting;
      set(state);
      waiting = {};
      if (Object.keys(state).length === 0) return;
      if (pending > 0) behind = { state: { ...behind?.state, ...state }, callbacks };
      else send(state, callbacks);
    },
  });

  globalThis.requestAnimationFrame = (work) => due.push({ at: now + 16, work });
  globalThis.setTimeout = (work, wait) => due.push({ at: now + Math.max(0, wait || 0), work });
  globalThis.performance = { now: () => now };

  const say = (content) => toPage.push(content);
  return {
    model, page, python,
    get told() { return told; },
    set(name, value) {
      if (python[name] !== value) this.setTogether({ [name]: value });
    },
    setTogether(values) {
      Object.assign(python, values);
      say({ update: values });
    },
    /** Let the next message reach Python, which says that it is busy, what it changes, and that it is idle. */
    pythonTakes() {
      const message = toPython.shift();
      if (!message) return;
      say({ status: "busy", of: message });
      for (const [name, value] of Object.entries(message.state)) {
        python[name] = refuse(value);
        if (python[name] !== value) say({ update: { [name]: python[name] } });
      }
      say({ status: "idle", of: message });
    },
    pageTakes() {
      const message = toPage.shift();
      if (!message) return;
      if (message.update) {
        lock = message.update;
        set(lock);
        lock = null;
        return;
      }
      if (message.status === "idle") {
        pending -= 1;
        if (behind) { send(behind.state, behind.callbacks); behind = null; }
      }
      message.of.callbacks?.iopub?.status({ content: { execution_state: message.status } });
    },
    pass(milliseconds) {
      now += milliseconds;
      for (;;) {
        const index = due.findIndex((one) => one.at <= now);
        if (index < 0) return;
        due.splice(index, 1)[0].work();
      }
    },
    settle() {
      for (let i = 0; i < 200; i += 1) {
        this.pass(50);
        this.pythonTakes();
        for (let k = 0; k < 6; k += 1) this.pageTakes();
      }
      assert.equal(toPython.length + toPage.length + due.length, 0, "something still goes to and fro");
      assert.deepEqual(waiting, {}, "Python is never told");
    },
  };
}

test("Python sets a trait while the hand's change waits: the hand's stands, for both", () => {
  const both = meeting();
  const change = batched(both.model());
  change({ row: 1 });
  both.set("row", 7);
  both.pageTakes();
  assert.equal(both.page.row, 1);
  both.settle();
  assert.deepEqual([both.page.row, both.python.row], [1, 1]);
});

test("Python sets two traits together while the hand's changes of both wait", () => {
  const both = meeting();
  const change = batched(both.model());
  change({ row: 1, col: 2 });
  both.pass(16);
  both.setTogether({ row: 7, col: 8 });
  both.pageTakes();
  both.settle();
  assert.deepEqual([both.page, both.python].map(({ row, col }) => [row, col]), [[1, 2], [1, 2]]);
});

test("the hand moves while Python's message is on its way: the hand's stands, for both", () => {
  const both = meeting();
  const change = batched(both.model());
  both.set("row", 7);
  change({ row: 1 });
  both.pass(20); // told
  both.pageTakes();
  assert.equal(both.page.row, 1);
  both.settle();
  assert.deepEqual([both.page.row, both.python.row], [1, 1]);
});

test("what Python sets after it has taken the hand's change is shown", () => {
  const both = meeting();
  const change = batched(both.model());
  change({ row: 1 });
  both.pass(20);
  both.pythonTakes();
  both.set("row", 7);
  both.settle();
  assert.deepEqual([both.page.row, both.python.row], [7, 7]);
});

test("what Python makes of the hand's change is shown, even while the hand is further on", () => {
  const both = meeting({ refuse: (value) => Math.min(value, 3) });
  const change = batched(both.model());
  change({ row: 9 });
  both.settle();
  assert.deepEqual([both.page.row, both.python.row], [3, 3]);
});

test("a move that ends where it began is not waited for", () => {
  const both = meeting();
  const change = batched(both.model());
  both.set("row", 7);
  change({ row: 0 });
  both.settle();
  assert.deepEqual([both.page.row, both.python.row], [7, 7]);
});

test("two views of a model and its clock are one hand", () => {
  const both = meeting();
  const [first, second] = [batched(both.model()), batched(both.model())];
  first({ row: 1 });
  second({ row: 2 });
  assert.equal(both.page.row, 2);
  both.set("row", 7);
  both.pageTakes();
  first({ row: 3 });
  both.settle();
  assert.deepEqual([both.page.row, both.python.row], [3, 3]);
});

test("what Python sets before a hand has changed anything is shown", () => {
  const both = meeting();
  leading(both.model(), ["row"]);
  for (const value of [7, 9]) {
    both.set("row", value);
    both.pageTakes();
    assert.equal(both.page.row, value);
  }
});

test("Python is told ten times a second, however many views and clocks a model has", () => {
  const both = meeting();
  const hands = [1, 2, 3].map(() => batched(both.model()));
  for (let step = 0; step < 100; step += 1) {
    hands[step % 3]({ row: step });
    both.pass(10);
    both.pythonTakes();
    both.pageTakes();
  }
  assert.ok(both.told >= 7 && both.told <= 10, `told ${both.told} times in a second`);
  both.settle();
  assert.deepEqual([both.page.row, both.python.row], [99, 99]);
});

test("the first change of a hand is told after the frame, without waiting for more", () => {
  const both = meeting();
  batched(both.model())({ row: 1 });
  both.pass(15);
  assert.equal(both.told, 0);
  both.pass(1);
  assert.equal(both.told, 1);
});

test("in any order of 3,000 drawn ones both end with the same", () => {
  for (let seed = 0; seed < 3000; seed += 1) {
    const draw = draws(seed);
    const both = meeting(seed % 3 ? {} : { refuse: (value) => Math.min(value, 50) });
    const hands = [batched(both.model()), batched(both.model())];
    for (let step = 0; step < 25; step += 1) {
      const value = Math.floor(100 * draw());
      const what = Math.floor(6 * draw());
      if (what === 0) hands[Number(draw() < 0.5)]({ row: value });
      else if (what === 1) both.set("row", Math.min(value, 50));
      else if (what === 2) both.pythonTakes();
      else if (what === 3) both.pageTakes();
      else both.pass(60 * draw());
    }
    both.settle();
    assert.equal(both.page.row, both.python.row, `seed ${seed}`);
  }
});

// The life of a view --------------------------------------------------------------------------------

const KEPT = ["matchMedia", "MutationObserver", "ResizeObserver", "document", "requestAnimationFrame", "cancelAnimationFrame"]
  .map((name) => [name, globalThis[name]]);
afterEach(() => KEPT.forEach(([name, value]) => { globalThis[name] = value; }));

/** A page as far as live() knows it. */
function page({ dark = false, contrast = false, jupyter, classes = "" } = {}) {
  const [system, observers, frames] = [{ handles: [] }, [], []];
  class Observer {
    constructor(handle) { this.handle = handle; observers.push(this); }
    observe(target, options) { Object.assign(this, { target, options }); }
    disconnect() { this.gone = true; }
  }
  Object.assign(globalThis, {
    document: { body: { className: classes, dataset: jupyter === undefined ? {} : { jpThemeLight: jupyter } }, createElement: element, createElementNS: element },
    matchMedia: (query) => ({ matches: query.includes("forced-colors") ? contrast : dark, addEventListener: (_, handle) => system.handles.push(handle),
      removeEventListener: (_, handle) => { system.handles = system.handles.filter((one) => one !== handle); } }),
    MutationObserver: class extends Observer {}, ResizeObserver: class extends Observer {},
    requestAnimationFrame: (work) => frames.push(work), cancelAnimationFrame: (id) => { frames[id - 1] = null; },
  });
  const model = { get: () => undefined, on: (events, handle) => { model.heard = [events, handle]; }, off: (...what) => { model.dropped = what; } };
  return { system, model, observers,
    theme(value) { globalThis.document.body.dataset.jpThemeLight = value; observers.find(({ options }) => options).handle(); },
    width(width) { observers.find(({ options }) => !options).handle([{ contentRect: { width } }]); },
    frame() { frames.splice(0).forEach((work) => work?.()); } };
}

test("Visual Studio Code says its theme in a class of the page", () => {
  for (const [dark, classes, theme] of [[false, "vscode-dark", "dark"], [true, "a vscode-light b", "light"], [false, "vscode-high-contrast", "dark"],
    [true, "vscode-high-contrast-light vscode-high-contrast", "light"], [true, "", "dark"], [false, "vscode-body", "light"]]) {
    const [{ model }, root] = [page({ dark, classes }), element()];
    live(model, root, [], oncePerFrame(() => {}));
    assert.equal(themeOf(root), theme, classes);
  }
});

test("the theme is the system's, unless Jupyter has one and nothing asks for high contrast", () => {
  for (const [options, theme] of [[{}, "light"], [{ dark: true }, "dark"], [{ dark: true, jupyter: "true" }, "light"], [{ jupyter: "false" }, "dark"],
    [{ jupyter: "false", contrast: true }, "light"], [{ dark: true, jupyter: "true", contrast: true }, "dark"]]) {
    const [{ model }, root] = [page(options), element()];
    live(model, root, [], oncePerFrame(() => {}));
    assert.equal(themeOf(root), theme, JSON.stringify(options));
    assert.equal(root.style.colorScheme, theme);
    assert.equal(root.style["--ink"], PALETTE[theme].ink);
    assert.equal(root.style["--output-zero"], PALETTE[theme].output_zero);
      assert.deepEqual([root.style["--theta0"], root.style["--theta"]], [PALETTE[theme].theta[0], undefined], "a list is numbered");
  }
  assert.equal(themeOf(element()), "light", "before it is known");
});

test("a theme that changes is told once and painted, from the page and from the system", () => {
  const [world, root, told] = [page({ jupyter: "true" }), element(), []];
  live(world.model, root, [], Object.assign(() => told.push("paint"), { cancel() {} }), { themed: (name) => told.push(name) });
  assert.deepEqual(told, ["light", "paint", "paint"]);
  assert.deepEqual(world.observers[0].options, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  world.theme("true");
  assert.equal(told.length, 3, "the same is no news");
  world.theme("false");
  assert.deepEqual(told.slice(3), ["dark", "paint"]);
  delete globalThis.document.body.dataset.jpThemeLight;
  world.system.handles.forEach((handle) => handle());
  assert.deepEqual(told.slice(5), ["light", "paint"]);
});

test("a view is painted once a frame, and when its width changes", () => {
  const [world, root] = [page(), element()];
  let painted = 0;
  const paint = oncePerFrame(() => { painted += 1; });
  live(world.model, root, [], paint);
  paint();
  world.frame();
  assert.equal(painted, 1);
  assert.equal(roomIn(root), 860, "not known yet");
  root.clientWidth = 32;
  assert.equal(roomIn(root), 860, "nothing but padding: it is hidden");
  root.clientWidth = 33;
  assert.equal(roomIn(root), 1);
  root.clientWidth = 432;
  assert.equal(roomIn(root), 400, "as it stands, without its padding");
  for (const [width, room, count] of [[500.7, 500, 2], [500.2, 500, 2], [0, 860, 3], [300, 300, 4]]) {
    world.width(width);
    world.frame();
    assert.deepEqual([roomIn(root), painted], [room, count], `${width} wide`);
  }
});

test("a view that is laid out anew gives the keys back to what had them, and takes them from nobody", () => {
  for (const [inside, lost, given] of [[true, true, 1], [true, false, 0], [false, true, 0]]) {
    const [world, root, drives] = [page(), element(), element()];
    root.querySelector = () => drives;
    live(world.model, root, [], oncePerFrame(() => {}));
    world.width(400);
    world.frame();
    const { document } = globalThis;
    document.activeElement = drives;
    root.contains = () => inside;
    drives.focused.length = 0;
    world.width(300);
    if (lost) document.activeElement = document.body;
    world.frame();
    assert.equal(drives.focused.length, given, `${[inside, lost]}`);
  }
});

test("a card that explains a step stands still, and the hand can go back and forth", () => {
  globalThis.Element ??= class {};
  for (const playing of [true, false]) {
    const [world, root, told] = [page(), element(), []];
    const state = { playing };
    Object.assign(world.model, { get: (name) => state[name], save_changes() {}, set(name, value) { state[name] = value; told.push([name, value]); } });
    const story = { on: false, forth() { told.push("forth"); }, back() { told.push("back"); } };
    live(world.model, root, [], Object.assign(() => told.push("paint"), { cancel() {} }), { story });
    told.length = 0;
    root.fire("keydown", { key: "n" });
    root.fire("keydown", { key: "N", shiftKey: true });
    assert.deepEqual(told, [...(playing ? [["playing", false]] : []), "forth", "paint", "back", "paint"]);
  }
});

test("a view that ends hears and paints nothing more", () => {
  const [world, root] = [page(), element()];
  let [painted, closed] = [0, 0];
  const [paint, changed] = [oncePerFrame(() => { painted += 1; }), () => {}];
  const end = live(world.model, root, ["row", "col"], paint, { changed, closed: () => { closed += 1; } });
  assert.deepEqual(world.model.heard, ["change:row change:col", changed]);
  end();
  world.frame();
  assert.deepEqual([painted, closed, world.system.handles.length], [0, 1, 0]);
  assert.deepEqual(world.model.dropped, ["change:row change:col", changed]);
  assert.ok(world.observers.every(({ gone }) => gone));
  paint();
  world.frame();
  assert.equal(painted, 1, "cancelled, not dead");
});
