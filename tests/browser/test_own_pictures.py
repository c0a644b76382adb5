"""Pictures of one's own: from the camera, pasted, and where there is no camera to be had."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import plain
from cnnlib.widgets import FilterBench
from pages import harvest, live
from pages.safety import guarded

TAKE, OPENED, DONE = "take a picture …", "take this picture", "no picture"
# Keeps what the camera gives, to be asked whether it still runs, and lets a test hold the answer back.
WATCHED = """
() => {
    window.streams = [];
    const media = navigator.mediaDevices, real = media.getUserMedia.bind(media);
    window.hold = Promise.resolve();
    media.getUserMedia = async (wanted) => {
        await window.hold;
        const stream = await real(wanted);
        window.streams.push(stream);
        return stream;
    };
}
"""
RUNNING = "() => window.streams.flatMap((one) => one.getTracks()).filter((one) => one.readyState === 'live').length"


@pytest.fixture
def visit(windowed_browser):
    """A widget on a page of `url`, which may use the camera or not: visit(widget, url, camera) → its root."""
    contexts = []

    def visited(widget, url="https://lecture.test/", camera=True):
        context = windowed_browser.new_context(permissions=["camera"] if camera else [], viewport={"width": 900, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", lambda route: route.fulfill(content_type="text/html", body="<!doctype html>"))
        page.goto(url)
        if page.evaluate("() => Boolean(navigator.mediaDevices)"):
            page.evaluate(WATCHED)
        return plain.mount(page, widget)

    yield visited
    for context in contexts:
        context.close()


def press(root, name):
    root.get_by_role("button", name=name).click()
    plain.painted(root.page)


def grey_levels(root):
    return root.page.evaluate("() => [...new Uint8Array(state.own.bytes.buffer)]")


def test_the_camera_gives_a_picture_and_is_let_go(visit):
    root = visit(FilterBench())
    press(root, TAKE)
    expect(root.locator(".cnn-camera video")).to_be_visible()
    expect(root.get_by_role("button", name=OPENED)).to_be_enabled()
    assert root.page.evaluate(RUNNING) == 1
    press(root, OPENED)
    assert root.page.evaluate("() => [state.photo, state.own.shape]") == ["own picture", [192, 256]]  # 640×480, made smaller
    assert len(set(grey_levels(root))) > 20 and root.page.evaluate(RUNNING) == 0
    expect(root.locator(".cnn-camera")).to_be_hidden()
    expect(root.locator(".photo figcaption")).to_have_text("own picture · 192 × 256")
    expect(root.get_by_role("button", name=TAKE)).to_be_focused()


@pytest.mark.parametrize("way", ["button", "Escape"])
def test_whoever_wants_no_picture_keeps_the_one_there_was(visit, way):
    root = visit(FilterBench())
    press(root, TAKE)
    expect(root.get_by_role("button", name=DONE)).to_be_visible()
    if way == "button":
        press(root, DONE)
    else:
        root.get_by_role("button", name=DONE).press("Escape")
    expect(root.locator(".cnn-camera")).to_be_hidden()
    assert root.page.evaluate(RUNNING) == 0 and root.page.evaluate("() => state.photo") == "camera"
    expect(root.locator(".cnn-alert")).to_have_count(0)


def test_a_camera_that_is_denied_is_said_in_a_sentence(visit):
    root = visit(FilterBench(), camera=False)
    press(root, TAKE)
    expect(root.locator(".cnn-alert")).to_have_text(
        "⚠ The browser does not let this page use the camera. The picture stays as it was.")
    expect(root.locator(".cnn-camera")).to_be_hidden()


def test_a_page_that_may_have_no_camera_has_no_button(visit):
    root = visit(FilterBench(), "http://lecture.test/")  # neither encrypted nor of this machine
    assert not root.page.evaluate("() => isSecureContext")
    expect(root.get_by_role("button", name="open a picture …")).to_be_visible()
    expect(root.get_by_text(TAKE)).to_be_hidden()


def test_the_camera_goes_with_the_widget(visit):
    root = visit(FilterBench())
    press(root, TAKE)
    expect(root.get_by_role("button", name=OPENED)).to_be_enabled()
    root.page.evaluate("() => unmount()")
    assert root.page.evaluate(RUNNING) == 0


def test_the_camera_that_answers_after_the_widget_has_gone_is_let_go(visit):
    root = visit(FilterBench())
    root.page.evaluate("() => { window.hold = new Promise((go) => { window.answer = go; }); }")
    press(root, TAKE)
    root.page.evaluate("() => { unmount(); answer(); }")
    root.page.wait_for_function("() => streams.length === 1")
    assert root.page.evaluate(RUNNING) == 0


def test_a_picture_is_pasted(visit):
    root = visit(FilterBench())
    file = io.BytesIO()
    Image.fromarray(np.full((20, 30), 9, np.uint8)).save(file, "PNG")
    root.locator(".photo .screen").focus()
    taken = root.page.evaluate(
        """(bytes) => {
            const data = new DataTransfer();
            data.items.add(new File([Uint8Array.from(bytes)], "image.png", { type: "image/png" }));
            const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
            return !document.activeElement.dispatchEvent(event);
        }""", list(file.getvalue()))
    assert taken  # the page does not paste it elsewhere, too
    expect(root.locator(".photo figcaption")).to_have_text("own picture · 20 × 30")
    assert grey_levels(root) == [9] * 600


def test_a_pasted_number_goes_where_it_is_pasted(visit):
    root = visit(FilterBench())
    assert root.page.evaluate("""() => {
        const data = new DataTransfer();
        data.setData("text/plain", "3");
        return document.querySelector(".kernel svg").dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }""")
    assert root.page.evaluate("() => state.photo") == "camera"


def test_on_a_page_that_lets_nothing_in_the_camera_works(windowed_browser, tmp_path):
    held = {"w0": harvest.hold(FilterBench())}
    live.write_assets(tmp_path, live.kinds(held))
    (tmp_path / "held.js").write_text(live.mount_script(held), encoding="utf-8")
    scripts = "".join(f'<script src="{name}"></script>' for name in [*live.asset_scripts(["filter_bench"]), "held.js"])
    (tmp_path / "page.html").write_text(guarded(
        f"<!doctype html><html><head><meta charset='utf-8'></head><body>{live.place_html('w0', 'none.png', '')}{scripts}</body></html>"), "utf-8")
    context = windowed_browser.new_context(permissions=["camera"], offline=True)
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    root = page.locator(".cnn-bench")
    root.get_by_role("button", name=TAKE).click()
    expect(root.get_by_role("button", name=OPENED)).to_be_enabled()
    root.get_by_role("button", name=OPENED).click()
    expect(root.locator(".photo figcaption")).to_have_text("own picture · 192 × 256")
    context.close()
