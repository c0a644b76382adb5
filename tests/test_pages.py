"""What pages are made of: classic scripts, places of widgets, the policy, and what others wrote."""

import base64
import hashlib
import html
import json
import re
import subprocess
import sys
import zlib
from argparse import ArgumentTypeError
from io import BytesIO
from pathlib import Path
from types import ModuleType

import nbformat
import numpy as np
import pytest
from packaging.requirements import Requirement
from PIL import Image

from pages import elsewhere, harvest, live
from pages.safety import guarded, policy
from pages.site import is_veil, place_widgets, repository
from widget_examples import make

ROOT = Path(__file__).resolve().parent.parent


def png(pixels):
    """A PNG in base64."""
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


NOISE = np.random.default_rng(1).integers(0, 256, (10, 20, 4), np.uint8)
PICTURE = png(NOISE)


def test_what_is_vendored_is_what_its_readme_says():
    readme = (ROOT / "pages" / "vendor" / "README.md").read_text(encoding="utf-8")
    digest = hashlib.sha256((ROOT / "pages" / "vendor" / "mathjax" / "tex-chtml-full.js").read_bytes()).hexdigest()
    assert digest in readme


def test_the_policy_names_the_scripts_of_the_page_and_no_other_place():
    said = policy("<script>one()</script><script src='two.js'></script><script type='application/json'>{}</script>")
    assert said.count("sha256-") == 1 and "http" not in said and "unsafe-eval" not in said
    script = next(part for part in said.split("; ") if part.startswith("script-src"))
    assert "unsafe-inline" not in script


def test_a_page_is_guarded_once():
    page = "<html><head><title>x</title></head><body></body></html>"
    assert guarded(guarded(page)) == guarded(page) != page


def test_a_place_says_what_the_picture_says_whatever_it_is():
    text = 'a "b" <c> & d'
    place = live.place_html("w0", "one.png", text, 300)
    assert html.unescape(re.search('alt="([^"]*)"', place)[1]) == text and "<c>" not in place


def test_bytes_that_several_widgets_hold_stand_once_in_the_script():
    widget = harvest.hold(make("DigitPad"))
    one, two = (live.mount_script(held) for held in ({"w0": widget}, {"w0": widget, "w1": widget}))
    assert len(two) < 1.2 * len(one)


def test_long_bytes_are_packed_by_what_they_are():
    slope, weights = np.arange(10_000, dtype=np.uint8), np.random.default_rng(1).bytes(999)
    for content, differences in ((slope.tobytes(), True), (weights, False), (b"", False)):
        packed = live.pack(content)
        told = np.frombuffer(zlib.decompress(base64.b64decode(packed["deflated"])), np.uint8)
        assert packed["differences"] == differences
        assert (np.cumsum(told, dtype=np.uint8) if differences else told).tobytes() == content


@pytest.mark.parametrize("kind", ["DigitPad", "SlideFilter2D", "ConfusionExplorer"])
def test_what_is_held_can_be_written(kind):
    widget = make(kind)
    held = harvest.hold(widget)
    assert json.loads(json.dumps(held)) == held
    assert live.kinds({"w0": held}) == [type(widget).__module__.split(".")[-2]]
    assert "_esm" not in held["state"]


def cell(*outputs, **metadata):
    one = nbformat.v4.new_code_cell("widget", metadata=metadata)
    one.outputs = [nbformat.v4.new_output("display_data", data) for data in outputs]
    return nbformat.v4.new_notebook(cells=[one])


def test_widgets_stand_where_their_pictures_stood(tmp_path):
    figure = {"image/png": PICTURE, "text/plain": "<Figure size 1x1>"}
    veil = {"image/png": "iVBORw0KGgo="}
    notebook = cell(veil, figure, {"image/png": PICTURE, "text/plain": "what it says"}, jupyter={"outputs_hidden": True})
    place_widgets(notebook, {0: ["w3"]}, tmp_path)
    one, = notebook.cells
    assert [set(output.data) for output in one.outputs] == [set(figure), {"text/html"}]
    assert 'data-model="w3"' in one.outputs[1].data["text/html"] and "hide-output" in one.metadata.tags
    assert not any(map(is_veil, one.outputs))
    file, = tmp_path.iterdir()
    assert np.array_equal(Image.open(file), NOISE)  # nothing is lost, nor the colour of what is transparent


def test_a_widget_without_a_stored_picture_is_told():
    with pytest.raises(ValueError, match="cell 0 must store the pictures of 1 widgets, has 0"):
        place_widgets(cell({"text/plain": "1"}), {0: ["w0"]}, Path("nowhere"))


@pytest.fixture
def colab_cell():
    notebook = nbformat.read(ROOT / "notebooks" / "04_convolution_2d.ipynb", as_version=4)
    changed = elsewhere.for_colab(notebook, "someone/cnn", "v1")
    nbformat.validate(changed)
    assert changed.cells[1:] == notebook.cells and changed.cells[0].metadata.tags == [elsewhere.TAG]
    return changed.cells[0].source


def test_in_colab_the_first_cell_installs_the_library(colab_cell, monkeypatch):
    commands = []
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setattr(subprocess, "run", lambda command, **options: commands.append((command, options)))
    exec(colab_cell, {})  # noqa: S102 (what a notebook does)
    (command, options), = commands
    assert command == [sys.executable, "-m", "pip", "install", "--quiet", "cnnlib @ git+https://github.com/someone/cnn@v1"]
    assert options == {"check": True}  # a failure shows there and then


def test_elsewhere_the_first_cell_does_nothing(colab_cell, monkeypatch):
    monkeypatch.setattr(subprocess, "run", None)
    exec(colab_cell, {})  # noqa: S102


def test_pip_reads_what_colab_asks_for_as_this_project(colab_cell):
    asked = Requirement(re.search('"(cnnlib @ .*)"', colab_cell)[1])
    assert asked.name == "cnnlib" and asked.url == "git+https://github.com/someone/cnn@v1"


def test_without_a_repository_there_is_no_button_and_a_whole_address_is_kept():
    assert elsewhere.buttons("04") == []
    assert elsewhere.buttons("04", lite="https://example.org/lite", root="../")[0]["url"].startswith("https://example.org/lite/lab/")
    assert "gh/someone/cnn/one%2Ftwo?" in elsewhere.buttons("04", "someone/cnn", "one/two")[1]["url"]


@pytest.mark.parametrize("text", ["cnn", "https://github.com/someone/cnn", "a/b/c", 'a/b"', ""])
def test_a_repository_is_owner_and_name(text):
    with pytest.raises(ArgumentTypeError, match="OWNER/NAME"):
        repository(text)
