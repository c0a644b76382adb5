// What a hand wants of Python and its training, and whether Python hears it.

const PATIENCE_MS = 1500;

export function gestures(model, paint) {
  let asked = 0;
  let deaf = false; // Python has not heard a wish in time
  let timer = 0;
  const heard = () => {
    if (model.get("_heard") < asked) return;
    clearTimeout(timer);
    deaf = false;
    paint();
  };
  model.on("change:_heard", heard);
  return {
    ask(wish) {
      asked = Math.max(asked, model.get("_heard")) + 1;
      clearTimeout(timer);
      timer = setTimeout(() => { deaf = true; paint(); }, PATIENCE_MS);
      try {
        model.send({ ...wish, number: asked });
      } catch { /* the kernel is gone: it will be said */ }
    },
    deaf: () => deaf,
    end() {
      model.off("change:_heard", heard);
      clearTimeout(timer);
    },
  };
}
