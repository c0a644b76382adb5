// The tools at the foot of each card, and the keys that do the same.

import { html, put, svg } from "./dom.js";
import { KEEP_KEYS, roving } from "./hand.js";
import { presenter } from "./presenter.js";
import { lineOf } from "./python.js";
import { save } from "./saving.js";
import { t } from "./words.js";

/** Drawn as lines in a square of 16. @type {Record<string, string>} */
const GLYPHS = {
  undo: "M6 3L2.5 6.5L6 10M2.5 6.5H10a3.5 3.5 0 0 1 0 7H7",
  redo: "M10 3l3.5 3.5L10 10M13.5 6.5H6a3.5 3.5 0 0 0 0 7h3",
  reset: "M3 3v3.5h3.5M3.3 6.5A5.2 5.2 0 1 1 2.8 9",
  python: "M5.5 4L1.5 8l4 4M10.5 4l4 4-4 4",
  back: "M10 3L5 8l5 5",
  forth: "M6 3l5 5l-5 5",
  present: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
};

const LONGEST_TOLD = 120; // characters of a line that are shown, and read aloud

/** Whether a key that was pressed there writes. @param {EventTarget | null} target */
const writes = (target) => target instanceof Element &&
  target.closest("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=range])") !== null;

/**
 * A quiet button: what it does is its name, and the key for it stands beside that.
 * @param {string} glyph
 * @param {string} name
 * @param {string} shortcut
 * @param {() => void} pressed
 */
const quiet = (glyph, name, shortcut, pressed) => html("button", { type: "button", class: "cnn-quiet", title: `${name} (${shortcut})`,
  "aria-label": name, ...KEEP_KEYS, onclick: pressed },
  svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: GLYPHS[glyph] })));

/** The same with a word instead of a picture. @param {string} word @param {string} name @param {() => void} pressed */
const worded = (word, name, pressed) => html("button", { type: "button", class: "cnn-quiet", title: name, "aria-label": name, ...KEEP_KEYS,
  onclick: pressed }, html("span", {}, word));

/** @typedef {import("./history.js").State} State */
/**
 * @typedef {{ past: ReturnType<typeof import("./history.js").history>, call: import("./python.js").Call | undefined, now: () => State,
 *   go: (values: State | null) => void, names: string[] }} Past the history of a model, and what leads there
 */

/**
 * Put a text where the system keeps what was copied, also where a page may not by itself.
 * @param {string} text
 */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = html("textarea", { style: "position:fixed;opacity:0" }, text);
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    focused?.focus({ preventScroll: true });
  }
}

/**
 * What ends a gesture in `root`: the next one, a hand that is lifted, a key let go. Return what stops watching.
 * @param {HTMLElement} root
 * @param {() => void} ended
 */
function gestureEnds(root, ended) {
  const ends = [["pointerdown", true], ["paste", true], ["drop", true], ["pointerup", false], ["click", false], ["change", false], ["keyup", false]];
  const pressed = (/** @type {KeyboardEvent} */ event) => { if (!event.repeat) ended(); };
  root.addEventListener("keydown", pressed, true);
  for (const [name, first] of ends) root.addEventListener(String(name), ended, Boolean(first));
  return () => {
    root.removeEventListener("keydown", pressed, true);
    for (const [name, first] of ends) root.removeEventListener(String(name), ended, Boolean(first));
  };
}

/**
 * The buttons that tell a step in beats; show() says whether there is a way back.
 * @param {{ on: () => boolean, forth: () => void, back: () => void }} story
 */
function storyTools(story) {
  /** @type {HTMLElement} */
  const back = quiet("back", t("shared.beat_back"), t("shared.beat_back_key"), () => act.back());
  const forth = quiet("forth", t("shared.beat"), "N", () => act.forth());
  forth.prepend(html("span", {}, t("shared.explain")));
  const show = () => put(back, "aria-disabled", story.on() ? null : "true");
  const act = {
    back() { story.back(); show(); },
    forth() { story.forth(); show(); },
  };
  return { tools: [back, forth], ...act, show };
}

/**
 * Give the card `root` its tools; return what takes them away.
 * @param {HTMLElement} root
 * @param {Past} past
 * @param {Parameters<typeof storyTools>[0]} [story] what the card can explain
 */
export function toolbar(root, { past, call, now, go, names }, story) {
  const told = html("span", { class: "cnn-told", role: "status" });
  const undo = quiet("undo", t("shared.undo"), t("shared.undo_key"), () => act.undo());
  const redo = quiet("redo", t("shared.redo"), t("shared.redo_key"), () => act.redo());
  const reset = quiet("reset", t("shared.start_over"), t("shared.start_over_what"), () => act.reset());
  const python = quiet("python", t("shared.copy"), t("shared.copy_what"), () => act.python());
  const [png, vector] = /** @type {const} */ (["png", "svg"]).map((kind) => worded(kind.toUpperCase(),
    t("shared.save_as", { kind: kind.toUpperCase() }), () => { save(root, kind, written()).then((text) => { told.textContent = text; }); }));
  const fill = quiet("present", t("shared.fill"), "F", () => show.toggle());
  const show = presenter(root, (is) => put(fill, "aria-pressed", String(is)));
  put(fill, "aria-pressed", "false");
  const written = () => (call ? lineOf(call, past.first, now()).line : root.className.split(" ")[1]);
  const act = {
    undo() { go(past.undo(now())); },
    redo() { go(past.redo(now())); },
    reset() { go(past.reset(now())); },
    python() {
      if (!call) return;
      const { line, lost } = lineOf(call, past.first, now());
      const all = lost.reduce((one, other) => (one ? t("shared.and", { one, other }) : other), "");
      const brief = line.length > LONGEST_TOLD ? `${line.slice(0, LONGEST_TOLD - 1)}…` : line;
      copy(line).then(() => { told.textContent = all ? t("shared.copied_but", { lost: all }) : t("shared.copied", { line: brief }); });
    },
  };
  const explain = story && storyTools(story);
  const tools = [...(explain?.tools ?? []), ...(names.length ? [undo, redo, reset, python] : []), png, vector, fill];
  const element = html("div", { class: "cnn-tools", role: "toolbar", "aria-label": t("shared.tools") },
    explain?.tools, told, tools.slice(explain?.tools.length));
  roving(element, () => [tools])();

  const tell = () => {
    const { back, forth } = past.steps;
    put(undo, "aria-disabled", back ? null : "true");
    put(redo, "aria-disabled", forth ? null : "true");
    put(reset, "aria-disabled", back || forth ? null : "true");
    if (told.textContent) told.textContent = "";
  };
  tell();
  explain?.show();
  past.ears.add(tell);
  const watch = gestureEnds(root, () => {
    if (past.close(now())) tell();
    explain?.show();
  });
  /** @param {KeyboardEvent} event */
  const key = (event) => {
    if (event.altKey || writes(event.target)) return;
    const [name, command] = [event.key.toLowerCase(), event.ctrlKey || event.metaKey];
    if (name === "f" && !command && !event.shiftKey && !event.repeat) show.toggle();
    else if (name === "n" && !command && explain) explain[event.shiftKey ? "back" : "forth"]();
    else if (name === "z" && command && names.length) act[event.shiftKey ? "redo" : "undo"]();
    else if (name === "y" && command && names.length) act.redo();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  root.addEventListener("keydown", key);
  root.append(element);
  return () => {
    show.leave();
    watch();
    past.ears.delete(tell);
    root.removeEventListener("keydown", key);
    element.remove();
  };
}
