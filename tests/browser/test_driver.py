"""What the driver promises to whoever asks a page: the answer is not that of a moment ago."""

import pytest

PAGE = """
<!doctype html>
<input type="range" min="0" max="9" value="0"><button>press</button><output>0</output>
<script>
  const [slider, button, output] = document.querySelectorAll("input, button, output");
  const draw = (text) => requestAnimationFrame(() => { output.textContent = text; });
  slider.oninput = () => draw(slider.value);
  button.onclick = () => draw("pressed");
</script>
"""


@pytest.fixture
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    page.set_content(PAGE)
    yield page
    context.close()


def test_a_gesture_ends_when_what_it_changed_is_painted(page):
    for value in "123456789":
        page.get_by_role("slider").fill(value)
        assert page.locator("output").inner_text() == value
        page.get_by_role("button").click()
        assert page.inner_text("output") == "pressed"
