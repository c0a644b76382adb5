// All that Jupyter gets to load for a widget; its script comes beside it, as `_esm_source`. A page never lets go of
// a module that it has loaded, so a notebook's widgets of one kind share theirs, however often its cells are run.

/** @type {WeakMap<object, Map<string, Promise<any>>>} by what keeps a notebook's widgets: each may speak its own language */
const NOTEBOOKS = ((/** @type {any} */ (globalThis)).cnnlibModules ??= new WeakMap());

/** @param {string} source */
async function load(source) {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    return (await import(url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** The widget's own module. @param {any} model */
function whole(model) {
  const [notebook, source] = [model.widget_manager ?? NOTEBOOKS, model.get("_esm_source")];
  if (!NOTEBOOKS.has(notebook)) NOTEBOOKS.set(notebook, new Map());
  const modules = /** @type {Map<string, Promise<any>>} */ (NOTEBOOKS.get(notebook));
  if (!modules.has(source)) modules.set(source, load(source));
  return /** @type {Promise<any>} */ (modules.get(source));
}

export default {
  initialize: async (/** @type {any} */ given) => (await whole(given.model)).initialize?.(given),
  render: async (/** @type {any} */ given) => (await whole(given.model)).render(given),
};
