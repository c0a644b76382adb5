"""The linked view in a browser: what it shows is what cnnlib computes."""

import pytest

from cnnlib.figures import format_number
from cnnlib.matrices import KINDS
from cnnlib.widgets import LinkedView
from cnnlib.widgets.linked_view import MOST, free_weights, resize_filter
from driver import Spot

START = "from cnnlib.widgets import LinkedView\nwidget = LinkedView(kind='full')\nwidget"


@pytest.fixture(scope="module")
def lab(open_notebook, server):
    """The widget in JupyterLab, with nobody's hand on it yet."""
    notebook = open_notebook(server.write("linked.ipynb", START), "lab")
    notebook.run_all()
    notebook.page.wait_for_selector(".product")
    return notebook


@pytest.fixture
def view(lab):
    names = ("n", "kernel_size", "kind", "padding", "activation", "inputs", "theta", "weights", "row")
    lab.python(f"fresh = LinkedView(kind='full')\nfor name in {names}: setattr(widget, name, getattr(fresh, name))")
    lab.park()
    lab.keys("Escape", on=lab.page.locator(".outputs"))
    expect_shown(lab)
    return lab


def expect_shown(lab):
    """Wait until the browser shows the very numbers and words that Python has."""
    outputs, words = lab.python("([*widget.outputs], widget.describe())")
    lab.page.wait_for_function(
        """([outputs, words]) => {
            const shown = [...document.querySelectorAll('.outputs > text:nth-of-type(odd)')].map((t) => t.textContent);
            const nodes = [...document.querySelectorAll('.output > text:nth-of-type(1)')].map((t) => t.textContent);
            return shown.join() === outputs.join() && nodes.join() === outputs.join()
                && document.querySelector('.out').textContent === outputs[Number(words.split(' ')[1])]
                && document.querySelector('.cnn-says').textContent === words;
        }""",
        arg=[[format_number(value) for value in outputs], words],
    )


def entry(page, i, j, n=5):
    return page.locator(".matrix > rect").nth(i * n + j)


def test_the_script_counts_as_the_library_does(browser):
    cases = [
        (n, m, kind, padding, stride)
        for n in (1, 2, 5, MOST) for m in {1, 2, 3, n - 1 + n % 2} if m <= n for kind in KINDS
        for padding in ("same", "valid") for stride in (1, 2) if m % 2 or padding == "valid"
    ]
    page = browser.new_page()
    found = page.evaluate(
        """async ([source, cases]) => {
            const m = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
            return [cases.map((one) => [m.layerIndex(...one), m.parameterFormula(...one)[0]]),
                Array.from({ length: 12 }, (_, i) => Array.from({ length: 12 }, (_, j) => m.freeWeight(i, j))),
                [1, 2, 3, 4, 5, 6, 7].map((size) => m.resizeFilter([1, 2, 3, 4], size))];
        }""",
        [LinkedView._esm, cases],
    )
    page.close()
    views = [LinkedView(n, m, kind, padding=padding, stride=stride) for n, m, kind, padding, stride in cases]
    assert found[0] == [[view.index.tolist(), view.formula()] for view in views]
    assert found[1] == free_weights(MOST)
    assert found[2] == [resize_filter([1, 2, 3, 4], size) for size in range(1, 8)]


COUNT_FLIGHTS = """() => {
    window.flights = 0;  // a flight may be over before anybody can look
    new MutationObserver((changes) => {
        window.flights += changes.flatMap((one) => [...one.addedNodes]).filter((one) => one.className === "flying").length;
    }).observe(document.querySelector(".cnn-linked"), { childList: true, subtree: true });
}"""


def test_the_count_runs_from_25_over_13_to_3(view):
    page = view.page
    page.evaluate(COUNT_FLIGHTS)
    for kind, count, formula, small in (
        ("local", 13, "= 3n − 2 = 3 · 5 − 2", "13 links · 18 with biases"),
        ("shared", 3, "= m", "13 links · 4 with biases"),
        ("full", 25, "= n² = 5²", "25 links · 30 with biases"),
    ):
        before = page.evaluate("() => window.flights")
        page.click(f".head input[value={kind}]")
        # Weights fly to the parameters that now stand for them, and are gone when they have arrived.
        page.wait_for_function("(before) => window.flights > before", arg=before)
        page.wait_for_function(f"() => document.querySelector('.number').textContent === '{count}'")
        page.wait_for_selector(".flying", state="detached")
        assert view.python("widget.kind") == kind
        assert page.inner_text(".formula") == formula and page.inner_text(".links") == small
        assert page.locator(".tile").count() == count == view.python("widget.parameters")
        assert page.locator(".edges path:not(.none)").count() == view.python("widget.links")
        expect_shown(view)


def test_equal_weights_have_equal_colours(view):
    page = view.page
    page.click(".head input[value=shared]")
    view.point(entry(page, 2, 1))
    view.rest()
    fills = page.evaluate("() => [...document.querySelectorAll('.matrix > rect')].slice(0, 25)"
                          ".map((r) => r.style.fill)")
    index = view.python("widget.index.tolist()")
    first = {fills[5 * i + j] for i in range(5) for j in range(5) if index[i][j] == 0}
    assert len(first) == 1 and not first & {fills[k] for k in range(25) if index[k // 5][k % 5] != 0}
    assert page.inner_text(".cnn-says") == "θ₀ = 1 leads from a₁ to a′₂, and is used on 4 edges."


def test_pointing_at_one_picture_lights_the_other_two(view):
    page = view.page

    def lit():
        page.wait_for_selector(".term.hot")
        return (
            page.inner_text(".term.hot .cnn-chip >> nth=0"),
            page.text_content(".name.hot text"),
            page.inner_text(".cnn-says").split(" =")[0],
        )

    view.point(entry(page, 3, 1))
    assert view.python("widget.row") == 3
    assert lit() == ("Θ3,1", "Θ3,1", "Θ₃₁")
    # the straight edge from input 0 to unit 0, taken near its middle
    graph = page.locator(".graph")
    view.point(Spot(graph, 0.5, (10 + 28) / graph.evaluate("(graph) => graph.getBoundingClientRect().height")))
    assert view.python("widget.row") == 0
    assert lit() == ("Θ0,0", "Θ0,0", "Θ₀₀")
    view.point(page.locator(".term").nth(4))
    page.wait_for_function("() => document.querySelector('.term.hot')?.dataset.term === '4'")
    assert lit() == ("Θ0,4", "Θ0,4", "Θ₀₄")


def test_keys_move_along_units_and_edges(view):
    page = view.page
    page.click(".head input[value=shared]")
    page.locator(".outputs").focus()
    view.keys("ArrowDown")
    assert view.python("widget.row") == 3
    expect_shown(view)
    view.keys("End")
    view.keys("ArrowRight")
    assert view.python("widget.row") == 4
    page.wait_for_function("() => document.querySelector('.cnn-says').textContent.startsWith('θ₀ = 1 leads from a₃ to a′₄')")
    page.locator(".head input[value=shared]").focus()
    view.keys("ArrowLeft")
    assert view.python("widget.kind") == "local"


def test_nothing_slides_while_keys_come_quickly(view):
    page = view.page
    page.locator(".outputs").focus()
    view.rest()
    durations = page.evaluate(
        """async () => {
            const [start, found] = [performance.now() + 1000, []];
            for (const time of [0, 100, 400]) { // the time that the keys themselves tell
                const key = new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true });
                Object.defineProperty(key, "timeStamp", { value: start + time });
                document.activeElement.dispatchEvent(key);
                await driver.painted();
                found.push([...document.querySelectorAll(".slide")].map((one) => getComputedStyle(one).transitionDuration));
            }
            return found;
        }"""
    )
    calm, hurried, calm_again = ({duration.split(",")[0] for duration in one} for one in durations)
    assert (calm, hurried, calm_again) == ({"0.18s"}, {"0s"}, {"0.18s"})


def test_weights_and_inputs_are_edited(view):
    page = view.page
    page.click(".head input[value=shared]")
    view.click(entry(page, 1, 1))
    view.type("-2")
    view.keys("Enter")
    assert view.python("widget.theta") == [1, -2, 1]
    page.click(".tile >> nth=2")
    view.type("1/2")
    view.keys("Enter")
    assert view.python("widget.theta") == [1, -2, 0.5]
    page.locator(".inputs").focus()
    view.keys("End")
    view.type("4")
    view.keys("Enter")
    assert view.python("widget.inputs") == [1, 1, 1, 0, 4]
    view.keys("ArrowUp", "Escape", on=page.locator(".outputs"))
    expect_shown(view)


def test_a_word_is_no_number_and_a_missing_edge_no_weight(view):
    page = view.page
    page.click(".head input[value=local]")
    view.click(entry(page, 0, 4))
    page.wait_for_selector(".cnn-alert")
    assert page.inner_text(".cnn-alert").startswith("⚠ No edge leads from a₄ to a′₀")
    view.click(entry(page, 0, 0))
    view.type("many")
    view.keys("Enter")
    page.wait_for_function("() => document.querySelector('.cnn-alert')?.textContent.includes('“many” is not a number')")
    view.keys("Escape")
    assert view.python("widget.weights[0][0]") == free_weights(1)[0][0]


def test_sizes_padding_and_activation(view):
    page = view.page
    page.click("[aria-label='inputs n: more']")
    page.click("[aria-label='kernel size m: more']")
    page.click(".head input[value=local]")
    assert view.python("[widget.n, widget.kernel_size, widget.parameters]") == [6, 5, 24]
    page.click("input[value=valid]")
    page.click("input[value=sigmoid]")
    assert view.python("[widget.padding, widget.activation]") == ["valid", "sigmoid"]
    view.park()
    expect_shown(view)
    assert page.inner_text(".formula") == "= 5(n − 4) = 5 · 2"
    assert not view.problems


def test_it_fits_a_phone_and_is_driven_by_a_finger_in_notebook_7(open_notebook, server):
    path = server.write("phone.ipynb", START.replace("'full'", "'shared', n=12"))
    notebook = open_notebook(path, "notebook", viewport={"width": 500, "height": 900}, has_touch=True)
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".product")
    assert page.evaluate("() => { const root = document.querySelector('.cnn-linked');"
                         " return root.scrollWidth <= root.clientWidth; }")
    cell = page.locator(".outputs > rect").nth(2)
    notebook.tap(cell)
    assert notebook.python("widget.row") == 2
    notebook.keys("ArrowUp", on=page.locator(".outputs"))
    assert notebook.python("widget.row") == 1
