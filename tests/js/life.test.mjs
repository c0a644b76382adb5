// Page and Python set the same trait at once: whatever the messages meet on their way, both end with the same.

import assert from "node:assert/strict";
import test from "node:test";

import { batched } from "../../cnnlib/widgets/shared/life.js";

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
  const python = { row: 0 };
  let [now, waiting, pending, behind, lock] = [0, {}, 0, null, null];
  const [handlers, page] = [[], { row: 0, layout: {} }];

  const send = (state, callbacks) => { pending += 1; toPython.push({ state, callbacks }); };
  let previous = null; // what Backbone remembers while a change is heard: a value put back is no change
  function set(name, value) {
    if (page[name] === value) return;
    const outermost = previous === null;
    previous ??= { ...page };
    page[name] = value;
    for (const [event, handler] of [...handlers]) if (event === `change:${name}`) handler();
    if (page[name] !== previous[name] && !(lock && lock[name] === page[name])) waiting[name] = page[name];
    if (outermost) previous = null;
  }
  const model = () => ({
    get: (name) => page[name],
    set,
    on: (event, handler) => handlers.push([event, handler]),
    save_changes(callbacks) {
      const state = waiting;
      for (const [name, value] of Object.entries(state)) set(name, value);
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
    set(name, value) {
      if (python[name] === value) return;
      python[name] = value;
      say({ update: { [name]: value } });
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
        for (const [name, value] of Object.entries(lock)) set(name, value);
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
