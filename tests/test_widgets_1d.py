"""SlideFilter1D and PatternDetector without a browser: numbers, refusals, and what stands for them."""

import base64

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from cnnlib import convolve1d, cross_correlate1d, weight_matrix
from cnnlib.shapes import resolve_padding
from cnnlib.widgets import PatternDetector, SlideFilter1D

OPTIONS = [
    {"stride": stride, "padding": padding, "dilation": dilation, "flip": flip}
    for stride in (1, 2, 3)
    for padding in ("valid", "same", "full")
    for dilation in (1, 2)
    for flip in (False, True)
    if padding != "same" or stride == 1
]
SIGNAL, KERNEL = [3, -1, 4, 1, -5, 9, 2, 6], [2, -7, 1, 8]


def correlated(options):
    """What cnnlib says the output is."""
    geometry = {name: value for name, value in options.items() if name != "flip"}
    return (convolve1d if options["flip"] else cross_correlate1d)(SIGNAL, KERNEL, **geometry)


def bundle(widget):
    return widget._repr_mimebundle_()[0]


def test_the_lectures_example():
    widget = SlideFilter1D()
    assert widget.output == [2, 1, 1]
    assert_array_equal(weight_matrix(widget.index, widget.kernel), [[1, 0, 1, 0, 0], [0, 1, 0, 1, 0], [0, 0, 1, 0, 1]])


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_output_and_matrix_agree_with_the_library(options):
    widget = SlideFilter1D(SIGNAL, KERNEL, **options)
    assert widget.output == correlated(options).tolist()
    assert_array_equal(weight_matrix(widget.index, KERNEL) @ SIGNAL, widget.output)
    for position, value in enumerate(widget.output):
        widget.position = position
        assert sum(x * KERNEL[j] for _, x, j in widget._taps()) == value


def test_flipping_an_even_filter_mirrors_same_padding():
    assert resolve_padding("same", 4) == (1, 2)
    assert SlideFilter1D(SIGNAL, KERNEL, padding="same")._zeros() == (1, 2)
    assert SlideFilter1D(SIGNAL, KERNEL, padding="same", flip=True)._zeros() == (2, 1)


def test_output_follows_and_the_window_stays_on_it():
    widget = SlideFilter1D(position=2)
    widget.kernel = [1, 0, 1, 1]
    assert (widget.output, widget.position) == ([2, 1], 1)
    widget.flip = True
    assert widget.output == convolve1d([1, 1, 1, 0, 0], [1, 0, 1, 1]).tolist() != [2, 1]


@pytest.mark.parametrize(
    "change, message",
    [
        ({"kernel": [1, 2, 3, 4, 5, 6]}, "kernel_size must fit into the padded input of 5"),
        ({"kernel": [[1]]}, "kernel must be a 1-D array of numbers, got shape (1, 1)"),
        ({"kernel": [1] * 8}, "kernel must hold at most 7 numbers, got 8"),
        ({"signal": [1] * 17}, "signal must hold at most 16 numbers, got 17"),
        ({"signal": [1, np.nan, 2]}, "signal must hold finite numbers only"),
        ({"stride": 0}, "stride must be an integer of at least 1, got 0"),
        ({"dilation": 3}, "kernel_size must fit into the padded input of 5"),
        ({"position": 3}, "position must be an integer in 0..2, got 3"),
    ],
    ids=str,
)
def test_refused_and_nothing_has_changed(change, message):
    widget = SlideFilter1D()
    for make in (lambda: [setattr(widget, *item) for item in change.items()], lambda: SlideFilter1D(**change)):
        with pytest.raises(ValueError) as error:
            make()
        assert str(error.value).startswith(message)
    assert repr(widget) == repr(SlideFilter1D()) and widget.output == [2, 1, 1]


def test_same_needs_stride_one():
    with pytest.raises(ValueError, match='padding "same" needs stride 1'):
        SlideFilter1D(stride=2, padding="same")
    widget = SlideFilter1D(padding="same")
    with pytest.raises(ValueError, match='padding "same" needs stride 1'):
        widget.stride = 2
    assert widget.stride == 1


def test_padding_is_a_rule():
    with pytest.raises(ValueError, match="padding must be one of 'valid', 'same', 'full', got 'reflect'"):
        SlideFilter1D(padding="reflect")


def test_words_and_picture_stand_for_the_widget():
    widget = SlideFilter1D(SIGNAL, KERNEL, stride=2, padding="full", dilation=2, flip=True, position=2)
    shown = bundle(widget)
    assert shown["text/plain"] == widget.describe() == (
        "Output y[2] of length 7 is −35: the flipped filter (8, 1, −7, 2) on x[−2], x[0], x[2], x[4] = (0, 3, 4, −5) "
        "with “full” padding, stride 2, dilation 2."
    )
    assert base64.b64decode(shown["image/png"]).startswith(b"\x89PNG")


def test_picture_hides_what_the_window_has_not_visited():
    def texts(widget):
        return [text.get_text() for text in widget.picture().axes[0].texts]

    hidden, full = (texts(SlideFilter1D([10, 20, 30, 40], [1, 1], position=1, reveal=reveal)) for reveal in (False, True))
    assert "50" in hidden and "70" not in hidden and "70" in full


# PatternDetector


STEP = np.array([[0.0, 0, 0, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1, 1]])


def test_response_peaks_where_the_pattern_begins():
    widget = PatternDetector(STEP, {"step": [-1, 1]}, row=0)
    assert widget.output.argmax() == 2 and widget.output.argmin() == 5
    widget.row = 1
    assert_array_equal(widget.output, 0)


def test_coins_have_six_left_edges_and_six_right_edges():
    output = PatternDetector(row=30).output
    for sign in (1, -1):
        strong = sign * output > 0.3
        assert np.count_nonzero(strong[1:] & ~strong[:-1]) == 6


def test_the_browser_gets_the_pixels():
    widget = PatternDetector(STEP, {"step": [-1, 1]})
    assert np.frombuffer(widget.pixels, np.uint8).reshape(widget.shape).tolist() == (255 * STEP).tolist()
    widget.image = STEP[:, :5]
    assert widget.shape == [2, 5] and len(widget.output) == 4


@pytest.mark.parametrize(
    "change, message",
    [
        ({"row": 2}, "row must be an integer in 0..1, got 2"),
        ({"position": 6}, "position must be an integer in 0..5, got 6"),
        ({"selected": "bump"}, "selected must be one of 'step', got 'bump'"),
        ({"image": STEP[0]}, "image must be a 2-D array of numbers, got shape (7,)"),
        ({"image": 2 * STEP}, "image must be uint8 or lie in [0, 1], got 0 to 2"),
        ({"kernels": {"step": [1] * 8}}, "kernels['step'] must fit into a row of 7, got 8"),
    ],
    ids=str,
)
def test_detector_refuses(change, message):
    widget = PatternDetector(STEP, {"step": [-1, 1]})
    before = repr(widget)
    for make in (
        lambda: [setattr(widget, *item) for item in change.items()],
        lambda: PatternDetector(**{"image": STEP, "kernels": {"step": [-1, 1]}} | change),
    ):
        with pytest.raises(ValueError) as error:
            make()
        assert str(error.value).startswith(message)
    assert repr(widget) == before


def test_detector_words_and_picture():
    widget = PatternDetector(STEP, {"step": [-1, 1]}, row=0, position=2, reveal=True)
    shown = bundle(widget)
    assert shown["text/plain"] == "Filter “step”, 2 weights, on row 0: the window at 2 gives 1. Strongest: 1 at 2."
    assert base64.b64decode(shown["image/png"]).startswith(b"\x89PNG")
    response = widget.picture().axes[3].lines[0]
    assert_array_equal(response.get_xdata(), np.arange(6) + 0.5)
    assert_array_equal(response.get_ydata(), widget.output)
