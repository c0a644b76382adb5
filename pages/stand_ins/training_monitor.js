// What answers for Python on a page with a TrainingMonitor: a recording of the training that ran when
// the page was made. The same buttons play it, rest it and take its steps; nothing is trained here.

/** @typedef {{ state: string, done: number, _says: Record<string, string>, _answer: Record<string, string>, _filters: DataView, _maps: DataView }} Frame */

const FRAME_MS = 250;

/** @param {any} model @param {Frame[] | null} film */
function standIn(model, film) {
  if (film) return projector(model, film);
  model.set("_recording", { note: "empty", frames: 0, at: 0 });
  return { received(/** @type {any} */ wish) { model.set("_heard", wish.number); } };
}

/** @param {any} model @param {Frame[]} film */
function projector(model, film) {
  const curve = model.get("curve");
  let at = 0;
  let timer = 0;
  function show(/** @type {number} */ place, /** @type {string} */ state, note = "recording") { // which the view says in its language
    at = Math.min(Math.max(place, 0), film.length - 1);
    const frame = film[at];
    for (const name of ["done", "_answer", "_filters", "_maps"]) model.set(name, frame[/** @type {keyof Frame} */ (name)]);
    model.set("curve", curve.filter((/** @type {number[]} */ [step]) => step <= frame.done));
    model.set("state", state === "paused" && at === film.length - 1 ? "ready" : state); // "start" plays it again
    model.set("_says", frame._says);
    model.set("_recording", { note, frames: film.length, at });
  }
  function rest() {
    clearInterval(timer);
    timer = 0;
  }
  function play() {
    if (at === film.length - 1) show(0, "running");
    model.set("state", "running");
    timer ||= setInterval(() => {
      const ends = at >= film.length - 2;
      if (ends) rest();
      show(at + 1, ends ? "paused" : "running");
    }, FRAME_MS);
  }
  /** @type {Record<string, (value: any) => void>} */
  const obey = {
    start: play,
    pause() { rest(); show(at, "paused"); },
    step() { rest(); show(at + 1, "paused"); },
    stop() { rest(); show(0, "ready"); },
    seek(value) { rest(); show(value, "paused"); },
    rate() { show(at, model.get("state"), "rate"); model.set("_exponent", 0); },
    digit() { show(at, model.get("state"), "digit"); },
  };
  show(film.length - 1, "paused");
  return {
    received(/** @type {any} */ wish) {
      obey[wish.do]?.(wish.value);
      model.set("_heard", wish.number);
    },
  };
}

export default { standIn };
