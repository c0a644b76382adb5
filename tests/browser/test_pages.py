"""Pages without a kernel: widgets live from a file, offline, under a policy that lets nothing in from outside."""

import base64

import numpy as np
import pytest

from cnnlib import SGD, lenet5
from cnnlib.background import Training
from cnnlib.layers import Conv2d, Flatten, Linear, Normalize
from cnnlib.sequential import Sequential
from cnnlib.widgets import DigitPad, TrainingMonitor
from cnnlib.widgets.digit_pad.widget import as_mnist, example
from pages import harvest, live
from pages.safety import guarded
from widget_examples import make

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="
FRAME = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(done))))"


@pytest.fixture
def show(browser, tmp_path):
    """Show widgets on a page of their own: show(*widgets) → page. At the end nothing was asked for and nothing failed."""
    context = browser.new_context(offline=True, viewport={"width": 900, "height": 800})
    page = context.new_page()
    errors, asked = [], []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(("file:", "data:", "blob:")) else asked.append(request.url))

    def shown(*widgets, more=""):
        held = {f"w{place}": harvest.hold(widget) for place, widget in enumerate(widgets)}
        found = live.kinds(held)
        live.write_assets(tmp_path / "assets", found)
        (tmp_path / "picture.png").write_bytes(base64.b64decode(PIXEL))
        (tmp_path / "held.js").write_text(live.mount_script(held), encoding="utf-8")
        styles = "".join(f'<link rel="stylesheet" href="assets/{name}">' for name in live.asset_styles(found))
        scripts = "".join(f'<script src="{name}"></script>'
                          for name in [*(f"assets/{name}" for name in live.asset_scripts(found)), "held.js"])
        places = "".join(live.place_html(model, "picture.png", widgets[int(model[1:])].describe()) for model in held)
        text = f'<!doctype html><html lang="en"><head><meta charset="utf-8">{styles}</head><body>{places}{more}{scripts}</body></html>'
        (tmp_path / "page.html").write_text(guarded(text), encoding="utf-8")
        page.goto((tmp_path / "page.html").as_uri())
        page.wait_for_function("() => !document.querySelector('.cnn-live:not(.is-live)')")  # what it holds is unpacked
        page.evaluate(FRAME)
        return page

    shown.expected = ("nothing",)  # what a test provokes itself
    yield shown
    assert not [one for one in errors + asked if not any(words in one for words in shown.expected)]
    context.close()


def test_a_widget_answers_the_hand(show):
    page = show(make("SlideFilter2D"), make("SlideFilter2D"))
    assert page.locator(".cnn-live.is-live .cnn-slide-filter-2d, .cnn-live.is-live .cnn").count() == 2
    assert not page.locator(".cnn-stored").first.is_visible()
    first, second = page.locator(".cnn-live").all()
    before = [one.locator(".cnn-says").first.inner_text() for one in (first, second)]
    box = first.locator(".output svg").bounding_box()
    first.locator(".output svg").click(position={"x": 0.8 * box["width"], "y": 0.8 * box["height"]})
    page.evaluate(FRAME)
    after = [one.locator(".cnn-says").first.inner_text() for one in (first, second)]
    assert after[0] != before[0] and after[1] == before[1]  # each has a model of its own


def test_without_scripts_the_picture_and_its_text_stand_there(browser, tmp_path):
    widget = make("SlideFilter2D")
    place = live.place_html("w0", "none.png", widget.describe())
    (tmp_path / "page.html").write_text(f'<meta charset="utf-8">{place}', encoding="utf-8")
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    assert page.locator("img.cnn-stored").get_attribute("alt") == widget.describe()
    assert page.locator("p.cnn-stored").inner_text() == widget.describe()
    context.close()


def test_widgets_follow_the_page_s_theme(show):
    page = show(make("SlideFilter2D"))
    for theme in ("dark", "light"):
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        page.evaluate(FRAME)
        assert page.locator(".cnn").first.get_attribute("data-theme") == theme


def test_what_is_not_the_page_s_own_does_not_run(show):
    inserted = 'const one = document.createElement("script"); one.textContent = "window.reached = 1"; document.body.append(one);'
    page = show(make("SlideFilter2D"))
    show.expected = "Content Security Policy", "https://example.org/"  # asked for, and stopped before it leaves
    assert page.evaluate(f"() => {{ {inserted} return window.reached; }}") is None
    blocked = page.evaluate("""() => new Promise((done) => {
      document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
      document.body.append(Object.assign(document.createElement("img"), { src: "https://example.org/one.png" }));
    })""")
    assert blocked == "img-src"


def test_the_pad_s_answers_are_the_library_s(show):
    """In the page as in cnnlib: the same image, and maps and probabilities within 1e-5."""
    rng = np.random.default_rng(0)
    pad = DigitPad()
    page = show(pad)
    for _ in range(12):
        rolled = np.roll(example(int(rng.integers(10))), rng.integers(-9, 10, 2), (0, 1))
        drawing = np.where(rng.random(rolled.shape) < 0.02, rng.integers(0, 256, rolled.shape), rolled).astype(np.uint8)
        if rng.random() < 0.5:
            drawing[:, : rng.integers(1, 60)] = 0
        pad.drawing = drawing
        found = page.evaluate(ANSWER, [base64.b64encode(drawing.tobytes()).decode(), harvest.hold(pad)])
        assert np.array_equal(np.array(found["image"], np.uint8).reshape(28, 28), as_mnist(drawing))
        assert np.abs(np.array(found["probabilities"]) - pad.probabilities).max() < 1e-5
        sources = np.frombuffer(pad._sources, np.float32)
        assert np.abs(np.array(found["sources"]) - sources).max() < 1e-5 * np.abs(sources).max()
        largest = max(np.abs(one).max() for one in pad.maps)
        assert np.abs(np.array(found["maps"]) - np.concatenate([one.ravel() for one in pad.maps])).max() < 1e-5 * largest


def test_the_pad_answers_a_key_and_says_nothing_of_python(show):
    page = show(DigitPad())
    page.locator(".paper").press("3")
    page.wait_for_function("() => document.querySelector('.cnn-digit-pad .answer').innerText.includes('likely 3')")
    page.wait_for_function("() => !document.querySelector('.cnn-digit-pad').hasAttribute('aria-busy')")
    assert "Python" not in page.locator(".cnn-digit-pad").inner_text()


def test_the_pad_answers_what_is_undone(show):
    page = show(DigitPad())
    says = page.locator(".cnn-digit-pad .answer .cnn-says")
    paper = page.locator(".paper")
    for key, digit in (("3", 3), ("Backspace", None), ("Control+z", 3), ("Control+z", 7), ("Control+y", 3)):
        paper.press(key)
        says.filter(has_text=f"ost likely {digit}" if digit else "Nothing is drawn").wait_for()
        page.locator(".cnn-digit-pad:not([aria-busy])").wait_for()
    page.get_by_role("button", name="start over").click()
    says.filter(has_text="Most likely 7").wait_for()


def test_one_picture_of_one_s_own_follows_another_of_the_same_size(show):
    page = show(make("FilterBench"))
    page.evaluate(PASTE, 9)
    page.locator(".photo figcaption", has_text="own picture").wait_for()
    root, seen = page.locator(".cnn-bench"), []
    for grey in (200, 90):
        page.evaluate(FRAME)
        seen.append(root.locator(".photo canvas").first.evaluate("(one) => one.toDataURL()"))
        page.evaluate(PASTE, grey)
        page.wait_for_function("(was) => document.querySelector('.cnn-bench .photo canvas').toDataURL() !== was", arg=seen[-1])
    for was in seen[::-1]:
        root.get_by_role("button", name="undo").click()
        page.wait_for_function("(was) => document.querySelector('.cnn-bench .photo canvas').toDataURL() === was", arg=was)


PASTE = """async (grey) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 30, height: 20 });
  const context = canvas.getContext("2d");
  context.fillStyle = `rgb(${grey}, ${grey}, ${grey})`;
  context.fillRect(0, 0, 30, 20);
  const file = await new Promise((done) => canvas.toBlob(done));
  const data = new DataTransfer();
  data.items.add(new File([file], "image.png", { type: "image/png" }));
  document.querySelector(".cnn-bench .photo .screen").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def recorded(monkeypatch):
    """A monitor whose training of eight steps was recorded."""
    monkeypatch.setattr(TrainingMonitor, "_update", TrainingMonitor._update)  # put back afterwards
    monkeypatch.setattr("cnnlib.widgets.training_monitor.widget.PERIOD", 0)
    harvest.begin()
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (64, 28, 28), np.uint8), np.arange(64) % 10
    model = lenet5(rng=0)
    monitor = TrainingMonitor(Training(model, images, labels, optimizer=SGD(model, 0.01), rng=0, epochs=8, batch_size=64))
    monitor.training.wait()
    return monitor


def test_a_recorded_training_is_replayed_and_says_so(show, recorded):
    film = harvest.film_of(recorded)
    assert [frame["done"] for frame in film] == sorted({frame["done"] for frame in film}) and film[-1]["done"] == 8
    page = show(recorded)
    root = page.locator(".cnn-monitor")
    assert "recording" in root.locator(".recorded").inner_text()
    done = "() => document.querySelector('.cnn-monitor progress').value"
    slider = root.get_by_label("moment of the recording")
    slider.press("Home")
    page.wait_for_function(f"{done} === {film[0]['done']}")
    root.get_by_role("button", name="one step").click()
    page.wait_for_function(f"{done} === {film[1]['done']}")
    root.get_by_role("button", name="resume").click()
    page.wait_for_function(f"{done} === 8")
    root.get_by_label("factor on the learning rate").press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.recorded').innerText.includes('cannot be changed')")
    assert "Python" not in root.inner_text()


def test_a_training_that_was_never_started_says_so(show):
    model = lenet5(rng=0)
    training = Training(model, np.zeros((64, 28, 28), np.uint8), np.arange(64) % 10, optimizer=SGD(model, 0.1), rng=0)
    assert "Open the notebook" in show(TrainingMonitor(training)).locator(".recorded").inner_text()


def test_a_network_beyond_the_page_s_layers_is_not_answered_for():
    strided = Sequential(Normalize(33, 78), Conv2d(1, 2, 5, stride=2, rng=0), Flatten(), Linear(288, 10, rng=0))
    assert harvest.layers_of(strided) is None and harvest.layers_of(lenet5(0)) is not None


ANSWER = """
([drawing, held]) => {
  const model = cnnPages.createModel(held);
  const ink = new DataView(Uint8Array.from(atob(drawing), (one) => one.charCodeAt(0)).buffer);
  return new Promise((done) => {
    model.on("change:_answered", () => {
      const floats = (name) => { const one = model.get(name); return [...new Float32Array(one.buffer, one.byteOffset, one.byteLength / 4)]; };
      done({ image: [...new Uint8Array(model.get("_image").buffer)], probabilities: floats("_probabilities"), maps: floats("_maps"),
        sources: floats("_sources") });
    });
    model.set("_drawing", ink);
    model.set("_asked", model.get("_asked") + 1);
    model.save_changes();
  });
}
"""
