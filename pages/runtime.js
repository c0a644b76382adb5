// Widgets on a page without a kernel.
//
// A page names a widget's places (`.cnn-live[data-model]`, around the picture and the text that stand
// there without JavaScript) and tells, in a script of its own, what the widgets hold. Here each gets a
// model that lives in the page and does what anywidget promises; a stand-in answers in Python's place
// where a widget asks. Everything comes in classic scripts: a page opened from a disk may load no modules.

/** @typedef {{ kind: string, state: Record<string, any>, extra: any }} Held what pages.harvest tells of a widget */
/** @typedef {{ saved?: (names: string[]) => void, received?: (message: any) => void }} StandIn */

/** @type {Map<string, any>} */
const views = new Map();
/** @type {Map<string, (model: any, extra: any) => StandIn>} */
const standIns = new Map();
/** @type {Map<string, any>} */
const models = new Map();

const fromBase64 = (/** @type {string} */ text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

/**
 * The bytes that pages.live packed.
 * @param {{ deflated: string, differences: boolean }} packed
 */
export async function unpack({ deflated, differences }) {
  const stream = new Blob([fromBase64(deflated)]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  if (differences) for (let place = 1; place < bytes.length; place += 1) bytes[place] += bytes[place - 1];
  return bytes;
}

/**
 * Bytes come as base64 or unpacked; anywidget hands them to a view as DataViews.
 * @param {any} value
 * @returns {any}
 */
export function revive(value) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(revive);
  if (value.bytes instanceof Uint8Array) return new DataView(value.bytes.slice().buffer); // others may hold them too
  if (typeof value.base64 === "string") return new DataView(fromBase64(value.base64).buffer);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, revive(one)]));
}

/** Whether a view need not hear of a change; bytes are equal only if they are the same. @param {any} a @param {any} b @returns {boolean} */
const equal = (a, b) => a === b || ([a, b].every((one) => one !== null && typeof one === "object" && !ArrayBuffer.isView(one))
  && Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((name) => equal(a[name], b[name])));

/**
 * A model that lives in the page. What a view tells Python, its stand-in hears, after the next frame.
 * @param {Held} held
 */
export function createModel({ kind, state, extra }) {
  const values = revive(state);
  /** @type {[string, (...args: any[]) => void][]} */
  let handlers = [];
  /** @type {Set<string>} */
  const changed = new Set();
  const soon = (/** @type {() => void} */ work) => requestAnimationFrame(() => setTimeout(work));
  const model = {
    get: (/** @type {string} */ name) => values[name],
    set(/** @type {string} */ name, /** @type {any} */ value) {
      if (equal(values[name], value)) return;
      values[name] = value;
      changed.add(name);
      for (const [event, handle] of [...handlers]) if (event === `change:${name}` || event === "change") handle();
    },
    on(/** @type {string} */ events, /** @type {() => void} */ handle) {
      for (const event of events.split(" ")) handlers.push([event, handle]);
    },
    off(/** @type {string} */ events, /** @type {() => void} */ handle) {
      const gone = events.split(" ");
      handlers = handlers.filter(([event, one]) => !(gone.includes(event) && one === handle));
    },
    save_changes(/** @type {any} */ callbacks) {
      const names = [...changed];
      changed.clear();
      soon(() => {
        callbacks?.iopub?.status?.({ content: { execution_state: "busy" } }); // nobody says otherwise any more
        standIn.saved?.(names);
      });
    },
    send(/** @type {any} */ message) { soon(() => standIn.received?.(message)); },
  };
  const standIn = standIns.get(kind)?.(model, revive(extra)) ?? {};
  return model;
}

/** Make a kind of widget known. @param {string} kind @param {{ initialize?: any, render: any }} view */
export function define(kind, view) { views.set(kind, view); }

/** Make known what answers in Python's place. @param {string} kind @param {(model: any, extra: any) => StandIn} make */
export function answerFor(kind, make) { standIns.set(kind, make); }

/**
 * Show the widgets in their places; where that fails, the picture stays.
 * @param {Record<string, Held>} held by model
 * @param {ParentNode} [page]
 */
export async function mount(held, page = document) {
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll(".cnn-live[data-model]:not(.is-live)"))) {
    const id = place.dataset.model ?? "";
    const view = views.get(held[id]?.kind);
    if (!view) continue;
    const el = document.createElement("div");
    try {
      if (!models.has(id)) {
        const model = createModel(held[id]);
        await view.initialize?.({ model });
        models.set(id, model);
      }
      place.append(el);
      place.classList.add("is-live"); // first: a view measures its room
      await view.render({ model: models.get(id), el });
    } catch (error) {
      el.remove();
      place.classList.remove("is-live");
      console.error(error);
    }
  }
}

/** Let widgets follow the page's own switch between light and dark. */
export function followTheme() {
  const page = document.documentElement;
  const apply = () => {
    const theme = page.dataset.theme;
    if (theme) document.body.dataset.jpThemeLight = String(theme !== "dark");
  };
  new MutationObserver(apply).observe(page, { attributes: true, attributeFilter: ["data-theme"] });
  apply();
}

export default { define, answerFor, createModel, unpack, mount, followTheme };
