"""One style for all figures, inks that read on any ground, and words that come with the picture."""

import base64
from io import BytesIO

import matplotlib
import numpy as np
import pytest
from IPython.core import interactiveshell
from IPython.utils.capture import capture_output
from matplotlib import pyplot as plt
from PIL import Image

from cnnlib import colours, figures, showing
from cnnlib.colours import INKS, PALETTE, contrast
from pages.figures import figure_html, in_theme, is_figure

GROUNDS = ["#ffffff", "#111111"]  # of JupyterLab, and of Notebook 7
WORDS = "A line that climbs from one to three."


@pytest.fixture(autouse=True)
def style():
    interactiveshell.InteractiveShell.instance()
    with plt.style.context(showing.STYLE):
        yield
    plt.close("all")


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("name", [name for name in INKS if not name.endswith("_zero") and name not in ("surface", "panel")])
def test_inks_read_on_any_ground(name, ground):
    # No colour has 4.5 to both: the product of the two ratios is that of the grounds, 18.9 = 4.35².
    least = {"ink": 4.3, "muted": 4.3, "window": 4.3, "line": 1.7}.get(name, 3)
    for one in np.atleast_1d(INKS[name]):
        assert contrast(one, ground) >= least


def test_no_ink_could_be_better():
    assert contrast(*GROUNDS) ** 0.5 < 4.36


def plotted(title="a title"):
    figure, ax = plt.subplots()
    ax.plot([1, 2, 3])
    ax.set_title(title)
    return figure, ax


def shown(*args):
    with capture_output() as captured:
        showing.show(*args)
    (output,) = captured.outputs
    return {**output.data, "image/png": base64.b64decode(output.data["image/png"])}, output.metadata


def test_style_leaves_no_ground_no_box_and_one_ink():
    figure, ax = plotted()
    assert matplotlib.colors.to_rgba(figure.get_facecolor())[3] == matplotlib.colors.to_rgba(ax.get_facecolor())[3] == 0
    assert [name for name, spine in ax.spines.items() if spine.get_visible()] == ["left", "bottom"]
    inked = [ax.spines["left"].get_edgecolor(), ax.title.get_color(), ax.xaxis.get_ticklabels()[0].get_color()]
    assert {matplotlib.colors.to_hex(color) for color in inked} == {INKS["ink"]}
    assert matplotlib.colors.to_hex(ax.lines[0].get_color()) == INKS["input"]


@pytest.mark.parametrize("ground, expected", [("none", INKS), ("white", PALETTE["light"])])
def test_figures_take_the_inks_where_they_have_no_ground(ground, expected):
    _, ax = plt.subplots(facecolor=ground)
    figures.network(ax, [2, 1])
    figures.outline(ax, (0, 0), 1, 1)
    assert ax.texts[-1].get_color() == expected["ink"]
    assert matplotlib.colors.to_hex(ax.patches[-1].get_edgecolor()) == expected["window"]


def test_a_figure_is_shown_once_with_its_words_and_its_size():
    plotted()
    data, metadata = shown(WORDS)
    assert data["text/plain"] == "<Figure size 680x360 with 1 Axes>" and not plt.get_fignums()
    picture = Image.open(BytesIO(data["image/png"]))
    assert metadata["image/png"] == {"width": picture.width, "alt": WORDS, "smallest_text": pytest.approx(13 * 100 / 72 * 350 / picture.width, abs=0.06)}
    assert picture.convert("RGBA").getpixel((0, 0))[3] == 0


@pytest.mark.parametrize("name, mode", [("gray", "P"), ("viridis", "RGBA")])
def test_a_picture_of_few_colours_takes_a_byte_a_pixel(name, mode, monkeypatch):
    figure, ax = plt.subplots()
    ax.imshow(np.random.default_rng(0).random((60, 80)), cmap=plt.get_cmap(name, {"gray": 64}.get(name)))
    ax.set_title("sixty by eighty")
    small, metadata = showing.picture(figure)
    monkeypatch.setattr(showing, "with_palette", lambda content: content)
    large, same = showing.picture(figure)
    before, after = (np.array(Image.open(BytesIO(content)).convert("RGBA"), int) for content in (large, small))
    changed = (before != after).any(axis=-1)
    assert Image.open(BytesIO(small)).mode == mode and metadata == same
    assert changed.mean() < 0.005 and abs(before - after)[changed].max(initial=0) < 64
    assert (len(small) < 0.6 * len(large)) == (mode == "P") and (mode == "P" or small == large)


def test_a_sharper_picture_is_not_larger():
    plotted()
    width = shown(WORDS)[1]["image/png"]["width"]
    plotted()
    with plt.rc_context({"savefig.dpi": 200}):
        data, metadata = shown(WORDS)
    assert abs(metadata["image/png"]["width"] - width) <= 1
    assert abs(Image.open(BytesIO(data["image/png"])).width - 2 * width) <= 2


def test_a_figure_that_would_be_illegible_on_a_phone_scrolls_there():
    figure, _ = plt.subplots(figsize=(9, 3))
    figure.suptitle("thirteen points")
    stored = shown(WORDS)[1]["image/png"]
    page = figure_html({"data": {"image/png": base64.b64encode(showing.picture(figure)[0]).decode()}, "metadata": {"image/png": stored}}, lambda png: "a.png")
    assert page.count('class="cnn-figure cnn-wide only-') == 2
    assert stored["unconfined"] and stored["smallest_text"] == pytest.approx(13 * 100 / 72, abs=0.06)


def test_the_smallest_words_count_and_invisible_ones_do_not():
    figure, ax = plotted()
    assert showing.smallest_text(figure) == 13
    ax.text(0, 0, "small", fontsize=7)
    ax.text(0, 0, "unseen", fontsize=3, visible=False)
    ax.text(0, 0, " ", fontsize=2)
    assert showing.smallest_text(figure) == 7
    ax.text(0, 0, "x$_i$", fontsize=8)
    assert showing.smallest_text(figure) == pytest.approx(0.7 * 8)
    ax.text(0, 0, "5 \\$", fontsize=5)
    assert showing.smallest_text(figure) == 5
    empty, ax = plt.subplots()
    ax.set(xticks=[], yticks=[])
    assert showing.smallest_text(empty) is None


@pytest.mark.parametrize("args, error, message", [
    ((), TypeError, "alt"), ((7,), TypeError, "alt must be text, got 7"), (("Loss",), ValueError, "alt must say in a sentence"),
    ((WORDS, "figure"), TypeError, "figure must be a Matplotlib figure, got 'figure'"),
])
def test_what_says_nothing_is_refused(args, error, message):
    with pytest.raises(error, match=message):
        showing.show(*args)


@pytest.mark.parametrize("figure", [None, 3, "figure", plt])
def test_the_smallest_words_of_what_is_no_figure(figure):
    with pytest.raises(TypeError, match="figure must be a Matplotlib figure, got"):
        showing.smallest_text(figure)


# On a page that knows its ground.

def output(*args):
    data, metadata = shown(*args)
    return {"data": {**data, "image/png": base64.b64encode(data["image/png"]).decode()}, "metadata": metadata}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_and_lines_take_the_ink_of_the_theme(theme):
    figure, _ = plotted()
    plotted_png = shown(WORDS, figure)[0]["image/png"]
    before, after = (np.array(Image.open(BytesIO(png)).convert("RGBA")).astype(int) for png in (plotted_png, in_theme(plotted_png, theme)))
    assert np.array_equal(before[..., 3], after[..., 3])
    ink = [int(PALETTE[theme]["ink"][k:k + 2], 16) for k in (1, 3, 5)]
    stem = after[len(after) // 3, :, :]  # across the left spine and the curve
    assert ink in stem[:, :3].tolist()
    old = [int(INKS["ink"][k:k + 2], 16) for k in (1, 3, 5)]
    strong = before[..., 3] > 60
    assert (before[strong][:, :3] == old).all(axis=-1).sum() > 500
    assert (after[strong][:, :3] == old).all(axis=-1).sum() == 0
    blue = [int(INKS["input"][k:k + 2], 16) for k in (1, 3, 5)]
    assert (after[..., :3] == blue).all(axis=-1).sum() == (before[..., :3] == blue).all(axis=-1).sum() > 100


@pytest.mark.parametrize("theme", PALETTE)
@pytest.mark.parametrize("size, face", [(8, "muted"), (12, "muted"), (8, "none"), (8, "output")])
def test_the_face_of_a_mark_has_the_ink_of_its_edge_or_its_own_colour(theme, size, face):
    _, ax = plt.subplots(figsize=(1, 1))
    ax.set_axis_off()
    ax.plot(0, 0, "s", color=INKS["ink"], markersize=size, markerfacecolor=INKS.get(face, face))
    png = shown(WORDS)[0]["image/png"]
    before, after = (np.array(Image.open(BytesIO(one)).convert("RGBA")) for one in (png, in_theme(png, theme)))
    rows, columns = np.nonzero(before[..., 3])
    middle = (rows.min() + rows.max()) // 2, (columns.min() + columns.max()) // 2
    if face == "none":
        assert after[middle][3] == 0
    else:
        wanted = PALETTE[theme]["ink"] if face == "muted" else INKS[face]
        assert after[middle].tolist() == [*(int(wanted[k:k + 2], 16) for k in (1, 3, 5)), 255]


def test_a_photograph_keeps_its_greys():
    _, ax = plt.subplots(figsize=(1, 1))
    ax.set_axis_off()
    grey = np.full((40, 40, 3), [int(INKS["ink"][k:k + 2], 16) for k in (1, 3, 5)], np.uint8)
    ax.imshow(grey)
    png = shown(WORDS)[0]["image/png"]
    after = np.array(Image.open(BytesIO(in_theme(png, "dark"))).convert("RGBA"))
    middle = after[len(after) // 4:-len(after) // 4, len(after[0]) // 4:-len(after[0]) // 4]
    assert (middle[..., :3] == grey[0, 0]).all()


def test_a_page_gets_both_renditions_with_the_words():
    plotted()
    one = output('A line <climbs> from "one" to three.')
    assert is_figure(one) and not is_figure({"data": {}, "metadata": {}}) and not is_figure({})
    text = figure_html(one, lambda png: f"data:{len(png)}")
    assert text.count("<img ") == text.count('alt="A line &lt;climbs&gt; from &quot;one&quot; to three."') == 2
    assert 'class="cnn-figure only-light"' in text and 'class="cnn-figure only-dark"' in text


def test_names_are_those_of_the_palette():
    assert INKS.keys() == PALETTE["light"].keys() == PALETTE["dark"].keys() and colours.INKS is figures.INKS
