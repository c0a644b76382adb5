// A step told in beats: what each of them shows and says, forwards and back, from one place to the next.

/**
 * Tells what happens at a place, a beat at a time. Nothing of it is part of the model but the place, so where the
 * place, or what is there, changes otherwise, the story is over.
 *
 * @template {{ says: string }} Beat
 * @param {{ place: () => any[], beats: () => Beat[], move: (by: 1 | -1, first: boolean) => boolean }} does
 *   place() lists what the story is about: another of these values ends it; beats() are those of the place, one at
 *   least; move(by) goes to the next or the previous place and tells whether there is one, `first` in this story
 */
export function story({ place, beats, move }) {
  let at = -1; // the beat that is shown, −1 for no story
  let moved = false;
  /** @type {any[]} */
  let about = [];
  /** @type {{ beat: Beat, by: 1 | -1 } | null} */
  let step = null;

  const on = () => {
    if (at >= 0 && place().some((one, i) => one !== about[i])) at = -1;
    return at >= 0;
  };
  /** @param {1 | -1} by */
  function go(by) {
    if (!move(by, !moved)) return false;
    moved = true;
    return true;
  }
  /** @param {number} beat @param {{ beat: Beat, by: 1 | -1 } | null} flown */
  function show(beat, flown) {
    [at, step, about] = [beat, flown, place()];
  }
  return {
    get on() { return on(); },
    /** What is shown and said, null where no story is told. @returns {Beat | null} */
    get beat() { return on() ? beats()[at] : null; },
    /** The step that has led here, asked once: where it goes back, its beat is the one that was left. */
    stepped() {
      const last = on() ? step : null;
      step = null;
      return last;
    },
    /** Begin, or go on by a beat; after the last beat of the last place nothing happens. */
    forth() {
      const list = beats();
      if (!on()) {
        moved = false;
        show(0, { beat: list[0], by: 1 });
      } else if (at + 1 < list.length) show(at + 1, { beat: list[at + 1], by: 1 });
      else if (go(1)) show(0, { beat: beats()[0], by: 1 });
    },
    /** Go back by a beat; before the first beat of the first place the story has not begun. */
    back() {
      if (!on()) return;
      if (at > 0) show(at - 1, { beat: beats()[at], by: -1 });
      else if (go(-1)) show(beats().length - 1, null);
      else at = -1;
    },
    end() { at = -1; },
  };
}
