// A deck: mathematics, widgets without a kernel, sizes, hands, and two themes.
//
// The page sets `data-ready` on its body when all of it stands.

const SIZE = { width: 1280, height: 720 };
const WIDTHS = [480, 560, 640, 760, 900]; // a widget is laid out in each, and keeps the one that lets it be largest
const LARGEST = { widget: 2, question: 1.8, picture: 2.4, code: 1.25, formula: 1.3 }; // others stay as they are set
const CENTRED = new Set(["widget", "question", "picture"]);

const frame = () => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); });

/** Each widget in its place. A class answers anew each time, and not for whoever owns the machine. */
async function mount() {
  const held = JSON.parse(document.getElementById("held").textContent);
  for (const { kind, state } of Object.values(held)) {
    if (kind !== "question") continue;
    state.name = `deck.${state.name}`;
    state.answer = null;
    try { localStorage.removeItem(`cnnlib.question.${state.name}`); } catch { /* a browser that keeps nothing */ }
  }
  globalThis.cnnPages.followTheme();
  await globalThis.cnnPages.mount(held);
  for (const place of document.querySelectorAll(".question .cnn-live")) countHands(place);
}

/** A button beside each choice: a click for each hand, with Shift one less. */
function countHands(place) {
  for (const option of place.querySelectorAll(".option")) {
    let count = 0;
    const answer = option.textContent.trim();
    const button = Object.assign(document.createElement("button"), { type: "button", className: "hands" });
    const show = () => {
      button.textContent = count === 1 ? "1 hand" : `${count} hands`;
      button.setAttribute("aria-label", `${button.textContent} for ${answer}; a click adds one`);
    };
    button.title = "a click for each hand; with Shift, one less";
    button.addEventListener("click", (event) => {
      event.preventDefault();
      count = Math.max(0, count + (event.shiftKey ? -1 : 1));
      show();
    });
    show();
    option.append(button);
  }
}

const kindOf = (box) => box.closest("section").dataset.kind;

/** How large a box may be shown on its slide, as it is laid out now. */
function scaleOf(box) {
  const stage = box.parentElement;
  const room = Math.min(stage.clientWidth / Math.max(box.scrollWidth, 1), stage.clientHeight / Math.max(box.scrollHeight, 1));
  return Math.min(room, LARGEST[kindOf(box)] ?? 1);
}

function put(box) {
  const scale = scaleOf(box);
  box.dataset.scale = scale.toFixed(3);
  const [stage, kind] = [box.parentElement, kindOf(box)];
  const left = CENTRED.has(kind) ? (stage.clientWidth - scale * box.scrollWidth) / 2 : 0;
  // What is read goes to the top, what is looked at to the middle, but a little above it.
  const top = CENTRED.has(kind) || kind === "formula" ? (stage.clientHeight - scale * box.scrollHeight) * 0.4 : 0;
  box.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
}

/** Once nothing changes its size any more: a widget draws itself some frames after its place has got a width. */
async function settled(boxes) {
  for (let [still, before, frames] = [0, "", 0]; still < 2 && frames < 100; frames += 1) {
    await frame();
    const now = boxes.map((box) => `${box.scrollWidth}, ${box.scrollHeight}`).join("; ");
    [still, before] = [now === before ? still + 1 : 0, now];
  }
}

/** Let everything be as large as its slide allows, now and when it grows. */
async function fit() {
  const boxes = [...document.querySelectorAll(".fit")];
  const best = new Map();
  for (const width of WIDTHS) {
    const widgets = boxes.filter((box) => box.querySelector(".cnn-live"));
    if (!widgets.length) break;
    for (const box of widgets) box.style.width = `${width}px`;
    await settled(widgets);
    for (const box of widgets) if (scaleOf(box) > (best.get(box)?.scale ?? 0) * 0.98) best.set(box, { width, scale: scaleOf(box) });
  }
  for (const [box, { width }] of best) box.style.width = `${width}px`;
  await settled(boxes);
  const grown = new ResizeObserver((entries) => { for (const { target } of entries) put(target.closest(".fit")); });
  for (const box of boxes) {
    put(box);
    for (const child of box.children) grown.observe(child);
  }
}

function setTheme(theme) { document.documentElement.dataset.theme = theme; }

const otherTheme = () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");

async function begin() {
  const printing = /print-pdf|view=print/.test(location.search);
  const wish = /[?&](dark|light)\b/.exec(location.search)?.[1];
  setTheme(wish ?? (!printing && matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  for (const place of document.querySelectorAll(".slides")) {
    globalThis.renderMathInElement(place, {
      delimiters: [{ left: "$$", right: "$$", display: true }, { left: "$", right: "$", display: false }], throwOnError: false,
    });
  }
  // Printed, each slide moves to a page of its own, some time after the deck has begun.
  const onPages = printing && new Promise((done) => { globalThis.Reveal.on("pdf-ready", done); });
  await globalThis.Reveal.initialize({
    ...SIZE, margin: 0, minScale: 0.1, maxScale: 4, center: false, hash: true, slideNumber: "c/t", transition: "none",
    controls: false, navigationMode: "linear", pdfSeparateFragments: false, pdfMaxPagesPerSlide: 1,
    scrollActivationWidth: null, // small or not, it is a slide: in the speaker's view too
    display: "flex", viewDistance: 1000, mobileViewDistance: 1000, // a widget that is not laid out has no size
    plugins: [globalThis.RevealNotes],
    keyboardCondition: (event) => !event.target.closest?.(".cnn"), // there the keys are the widget's
  });
  globalThis.Reveal.addKeyBinding({ keyCode: 68, key: "D", description: "Dark or light" }, otherTheme);
  document.getElementById("theme").addEventListener("click", otherTheme);
  document.addEventListener("keydown", (event) => {
    // But for those of a presenter's remote; and Escape leaves it.
    const leave = { PageDown: () => globalThis.Reveal.next(), PageUp: () => globalThis.Reveal.prev(), Escape() {} }[event.key];
    if (!leave || !document.activeElement?.closest?.(".cnn")) return;
    document.activeElement.blur();
    leave();
    event.preventDefault();
    event.stopPropagation();
  }, true);
  await onPages;
  await document.fonts.ready;
  await mount();
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  for (const image of document.querySelectorAll(".picture img")) image.style.width = `${image.naturalWidth / 2}px`;
  await frame();
  await fit();
  document.body.dataset.ready = "true";
}

begin();
