"""The counter, driven in a browser: what it shows and what reaches Python is what cnnlib counts."""

import random

import pytest

import plain
from cnnlib.widgets import Counter
from cnnlib.widgets.counter import FIELDS, PRESETS, count_layers, format_bytes
from driver import Spot

OPEN = "import cnnlib.widgets as w\nnet = w.Counter()\nnet"


# The numbers made in the browser


def drawn_net(draw):
    """A net of any layers in any order: some fit together, some do not."""
    layers = []
    for _ in range(draw.randint(0, 6)):
        layer = {"layer": draw.choice([*FIELDS, "Conv2d", "Flatten"])}
        for field in FIELDS[layer["layer"]]:
            layer[field] = draw.choice({"padding": ["same", 0, 0, 1, 2], "stride": [1, 1, 1, 2, 3]}.get(field, [1, 2, 3, 5, 10**draw.randint(1, 6)]))
        layers.append(layer)
    return [draw.choice([1, 3, 10**6]), draw.randint(1, 40), draw.choice([7, 28, 200])], layers


def test_counts_of_the_browser_agree_with_python(browser):
    draw = random.Random(20)
    nets = [drawn_net(draw) for _ in range(400)]
    nets += [[list(shape), Counter(name).layers] for name, (shape, _) in PRESETS.items()]
    sizes = [0, 999, 1000, 1250, 999_949, 999_950, 123_456_789, 64_001_600_000, 10**15, 4 * 10**15]
    page = browser.new_page()
    counted, written = page.evaluate(
        """async ([script, nets, sizes]) => {
            const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
            const { countLayers, formatBytes } = await import(url);
            return [nets.map(([shape, layers]) => countLayers(shape, layers)), sizes.map(formatBytes)];
        }""",
        [Counter._esm, nets, sizes],
    )
    page.close()
    fitting = 0
    for (shape, layers), found in zip(nets, counted):
        rows, problem = count_layers(shape, layers)
        assert (found["rows"], found["problem"]) == (rows, problem), (shape, layers)
        fitting += not problem and len(layers) > 1
    assert 40 < fitting < len(nets) - 40  # both sorts are there
    assert written == [format_bytes(size) for size in sizes]


# By hand


def test_escape_takes_back_what_was_typed(browser):
    page = browser.new_page()
    root = plain.mount(page, Counter("LeNet-5"))
    field = root.get_by_label("input rows", exact=True)

    def after(*keys):
        for key in keys:
            field.press(key)
        plain.painted(page)
        return field.input_value(), plain.state(page)["input_shape"][1], field.get_attribute("aria-invalid")

    assert after("Control+a", "7") == ("7", 7, None)
    assert after("Escape") == ("28", 28, None)
    assert after("Control+a", "x") == ("x", 28, "true")
    assert after("Escape") == ("28", 28, None)
    assert after("Control+a", "9", "Enter", "5", "Escape") == ("9", 9, None), "Enter accepts"
    page.close()


def test_each_group_of_controls_is_one_tab_stop(browser):
    page = browser.new_page()
    root = plain.mount(page, Counter("LeNet-5"))
    groups = [".presets", ".ledger", ".adders", ".cnn-tools"]

    def focused():
        return page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent")

    def after(*keys):
        for key in keys:
            page.keyboard.press(key)
        plain.painted(page)
        return focused()

    assert root.locator("button, input").count() > 60
    assert [root.locator(group).locator("[tabindex='0']").count() for group in groups] == [1, 1, 1, 1]
    assert root.locator("button:not([tabindex='-1']), input:not([tabindex='-1'])").count() == 4
    root.locator(".presets button").first.focus()
    assert after("ArrowRight", "ArrowLeft", "ArrowLeft") == "small MLP"
    assert after("Tab") == "input channels"
    # Along the sizes and on to the layers; up and down from a button to the same of another layer.
    assert after("ArrowRight", "ArrowRight") == "input columns"
    assert after("ArrowRight").startswith("layer 1, convolution")
    assert after("ArrowUp").startswith("layer 1, convolution"), "into a field it would not come back from"
    assert after("ArrowDown", "ArrowDown", "ArrowRight") == "move up layer 3, convolution"
    assert after("ArrowDown") == "move up layer 4, pooling"
    assert after("End") == "stride of layer 4, pooling"
    assert after("ArrowLeft", "Home") == "size of layer 4, pooling", "this key moves in the text"
    assert after("ArrowLeft") == "remove layer 4, pooling", "there is no letter before"
    assert after("Control+Home") == "input channels" and after("ArrowLeft") == "units of layer 8, fully connected"
    # Tab leaves, and comes back to where it was.
    assert after("Tab") == "add convolution" and after("Shift+Tab") == "units of layer 8, fully connected"
    # In a field that is being typed in, the arrows are the text's until it ends.
    assert after("1", "2", "ArrowLeft") == "units of layer 8, fully connected"
    assert root.get_by_label("units of layer 8, fully connected").input_value() == "12"
    assert after("ArrowRight", "ArrowRight") == "input channels"
    # A button that has nothing to do keeps the focus; a layer that is removed hands it on.
    root.get_by_label("move up layer 2, pooling").focus()
    assert after("Enter") == "move up layer 1, pooling" and after("Enter") == "move up layer 1, pooling"
    assert after("Alt+ArrowDown") == "move up layer 2, pooling"
    assert after("ArrowLeft", "Delete").startswith("layer 2, convolution")
    assert root.locator(".ledger [tabindex='0']").count() == 1
    page.close()


class Hand:
    """The widget on the page, as somebody sees it and touches it."""

    def __init__(self, notebook):
        self.notebook, self.page = notebook, notebook.page
        self.root = self.page.locator(".cnn-counter")
        self.root.wait_for()

    def press(self, name):
        self.root.get_by_role("button", name=name, exact=True).click()
        self.painted()

    def field(self, label):
        return self.root.get_by_label(label, exact=True)

    def handle(self, number):
        return self.root.locator(".layer .take").nth(number - 1)

    def painted(self):
        self.notebook.painted()

    def kinds(self):
        self.painted()
        return self.root.locator(".layer .title b").all_inner_texts()

    def seen(self):
        """The rows as they are shown: output, parameters, multiply-adds, memory of Θ and of a."""
        return self.root.locator(".entry:not(.head):not(.whole)").evaluate_all(
            "rows => rows.map(row => [row.querySelector('.shape'), ...row.querySelectorAll('.measure b')]"
            ".map(e => e.textContent))"
        )

    def agrees(self):
        """Wait until Python has what is shown; then all that is shown must be what cnnlib counts."""
        self.painted()
        said = self.root.locator(".cnn-says").inner_text()
        assert self.notebook.python("net.describe()") == said
        rows = self.notebook.python("net.rows")
        wanted = [
            ["×".join(f"{side:,}" for side in row["output_shape"]), f"{row['parameters']:,}", f"{row['multiply_adds']:,}",
             format_bytes(row["parameter_bytes"]), format_bytes(row["activation_bytes"])]
            for row in rows
        ]
        seen = self.seen()
        assert seen[: len(wanted)] == wanted
        assert all(row == ["–"] * 5 for row in seen[len(wanted) :])
        return self.notebook.python("net.totals")


@pytest.fixture(scope="module")
def lab(open_notebook, server):
    notebook = open_notebook(server.write("counter.ipynb", OPEN))
    notebook.run_all()
    return Hand(notebook)


@pytest.fixture
def hand(lab):
    lab.press("LeNet-5")
    assert lab.notebook.python("net.totals.get('parameters')") == 61706
    return lab


def test_presets(hand):
    for name, parameters in [("fully connected", 16_000_400_000), ("locally connected", 40_400_000),
                             ("one shared filter", 101), ("small MLP", 79_510)]:
        hand.press(name)
        assert hand.root.locator(".whole b").nth(1).inner_text() == f"{parameters:,}"
        assert hand.agrees()["parameters"] == parameters
        assert hand.root.locator("[aria-pressed=true]").inner_text() == name
    hand.press("fully connected")
    assert "59.6 GiB" in hand.root.locator(".whole").inner_text()


def test_type_a_size(hand):
    hand.field("filters of layer 1, convolution").fill("12")
    assert hand.agrees()["parameters"] == Counter().totals["parameters"] + 6 * 26 + 6 * 25 * 16
    hand.field("padding of layer 1, convolution").fill("same")
    assert hand.agrees() and hand.notebook.python("net.layers[0]['padding']") == "same"
    hand.field("input rows").fill("32")
    hand.agrees()
    assert hand.notebook.python("net.input_shape") == [1, 32, 28]
    # A size that no number stands in is refused in a line, and the old one comes back.
    field = hand.field("units of layer 8, fully connected")
    field.fill("1,5")  # is 1.5, and not 15
    hand.root.get_by_text("needs a whole number from 1").wait_for()
    field.fill("ten")
    hand.root.get_by_text("needs a whole number from 1").wait_for()
    assert field.get_attribute("aria-invalid") == "true"
    field.blur()
    assert field.input_value() == "10" and hand.agrees()
    assert hand.root.locator(".cnn-hint.cnn-alert").count() == 0


def test_size_by_arrow_keys(hand):
    field = hand.field("size of layer 2, pooling")
    field.focus()
    hand.notebook.keys("ArrowUp")
    assert field.input_value() == "3"
    hand.agrees()
    assert hand.notebook.python("net.layers[1]") == {"layer": "MaxPool2d", "kernel_size": 3, "stride": 3}
    field = hand.field("padding of layer 3, convolution")
    field.focus()
    hand.notebook.keys("ArrowDown")
    assert field.input_value() == "same" and hand.agrees()


def test_add_move_remove_by_button(hand):
    hand.press("add convolution")
    assert hand.kinds()[4:6] == ["convolution", "flatten"]  # where it fits, before the flatten
    assert hand.agrees()
    hand.press("move up layer 5, convolution")
    hand.press("remove layer 3, convolution")
    assert hand.kinds()[:4] == ["convolution", "pooling", "convolution", "pooling"]
    hand.agrees()
    assert hand.notebook.python("net.layers[2]['out_channels']") == 8


def test_move_and_remove_by_key(hand):
    hand.handle(5).focus()
    hand.notebook.keys("Alt+ArrowDown")
    assert hand.kinds()[4:6] == ["fully connected", "flatten"]
    # It says what is wrong and counts as far as it goes.
    assert hand.agrees() == {}
    problem = "layer 5 (fully connected): it needs one flat vector, and gets 16×5×5; put a flatten before it."
    assert problem in hand.root.locator(".misfit").inner_text()
    assert hand.page.evaluate("document.activeElement.textContent") == "6"  # the hand stays with the layer
    hand.notebook.keys("Alt+ArrowUp")
    assert hand.agrees()["parameters"] == 61706
    hand.handle(8).focus()
    hand.notebook.keys("Delete")
    assert len(hand.kinds()) == 7 and hand.agrees()["parameters"] == 61706 - 850
    assert hand.page.evaluate("document.activeElement.textContent") == "7"


def test_drag_a_layer(hand):
    hand.notebook.drag(hand.handle(1), Spot(hand.handle(3), y=1.3))
    assert hand.kinds()[:3] == ["pooling", "convolution", "convolution"]
    hand.agrees()
    assert hand.notebook.python("[l.get('out_channels') for l in net.layers[:3]]") == [None, 16, 6]


def test_python_leads(hand):
    hand.notebook.python("net.layers = [{'layer': 'Flatten'}, {'layer': 'Linear', 'out_features': 3}]")
    hand.root.get_by_text("2,355 parameters").first.wait_for()
    assert hand.kinds() == ["flatten", "fully connected"] and hand.agrees()["weights"] == 3 * 784


def test_bars_are_logarithms(hand):
    hand.press("fully connected")
    hand.notebook.rest()  # they grow
    shares = hand.root.locator(".whole .of-weights").evaluate_all(
        "bars => bars.map(bar => bar.getBoundingClientRect().width / bar.parentElement.getBoundingClientRect().width)"
    )
    assert shares == pytest.approx([10.204 / 12, 10.806 / 12], abs=0.01)


def test_no_errors(lab):
    assert lab.notebook.problems == []


def test_notebook_7_dark_narrow_by_touch(open_notebook, server):
    notebook = open_notebook(server.write("counter7.ipynb", OPEN), "notebook", theme="dark", has_touch=True,
                             viewport={"width": 480, "height": 900})
    notebook.run_all()
    hand = Hand(notebook)
    assert hand.root.get_attribute("data-theme") == "dark"
    # Notebook 7 leaves the keys to what has the focus.
    hand.handle(2).focus()
    hand.notebook.keys("Alt+ArrowUp")
    assert hand.kinds()[:2] == ["pooling", "convolution"] and hand.agrees()
    hand.field("filters of layer 2, convolution").focus()
    hand.notebook.type("10")
    assert hand.agrees() and notebook.python("net.layers[1]['out_channels']") == 10
    hand.root.get_by_role("button", name="one shared filter").tap()
    assert hand.agrees()["parameters"] == 101
    assert hand.root.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    assert notebook.problems == []
