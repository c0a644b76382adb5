"""Backward without a browser: both gradients, refusals, the static picture, the script's arithmetic."""

import re

import numpy as np
import pytest

from cnnlib import check_gradient, convolve2d, cross_correlate2d
from cnnlib.conv import conv2d_backward
from cnnlib.widgets import Backward
from cnnlib.widgets.backward import GRAD_OUTPUT
from cnnlib.widgets.slide_filter_2d import IMAGE, KERNEL
from test_widgets import drawn_cases, evaluate


def random_widget(seed, **traits):
    rng = np.random.default_rng(seed)
    kernel_shape, stride = rng.integers(1, 4, 2), int(rng.integers(1, 4))
    image = rng.normal(size=kernel_shape + rng.integers(0, 5, 2))
    kernel = rng.normal(size=kernel_shape)
    grad = rng.normal(size=cross_correlate2d(image, kernel, stride).shape)
    return Backward(image, kernel, grad, stride=stride, **traits)


def test_script_sends_gradients_back_as_the_library(tmp_path):
    rng = np.random.default_rng(7)
    cases = []
    for case in drawn_cases(40):
        shape = cross_correlate2d(case["image"], case["kernel"], **case["options"]).shape
        count = int(rng.integers(1, shape[0] * shape[1] + 1))
        cases.append({**case, "grad": rng.normal(size=shape).tolist(), "count": count})
    answers = evaluate(
        "({ image, kernel, options, grad, count }) => [core.correlate2dBackward(grad, image, kernel, options),"
        " core.correlate2dBackward(grad, image, kernel, options, count)]", cases, tmp_path)
    for case, (total, part) in zip(cases, answers, strict=True):
        x, kernel, grad = (np.array(case[name])[None, None] for name in ("image", "kernel", "grad"))
        first = grad.copy()
        first.flat[case["count"] :] = 0
        for given, answer in ((grad, total), (first, part)):
            grad_x, grad_kernel, _ = conv2d_backward(given, x, kernel, **case["options"])
            np.testing.assert_allclose(answer["image"], grad_x[0, 0], atol=1e-12)
            np.testing.assert_allclose(answer["kernel"], grad_kernel[0, 0], atol=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_totals_agree_with_the_central_differences_that_stand_beside_them(seed):
    widget = random_widget(seed)
    totals = widget.gradients(np.size(widget.grad_output))
    for side, name in enumerate(("image", "kernel")):
        np.testing.assert_allclose(widget.numerical[name], totals[side], atol=1e-6)
    assert widget.numerical["of"] == [widget.image, widget.kernel, widget.grad_output, widget.stride]


@pytest.mark.parametrize("sizes", [(1e4, 1e4, 1e4), (1e4, 1, 1e-3), (1e-6, 1e4, 1), (1e-8, 1e-8, 1e-8)], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_rounding_does_not_reach_the_central_differences_of_large_numbers(seed, sizes):
    drawn = random_widget(seed)
    x, kernel, grad = (size * np.clip(getattr(drawn, name), -1, 1) for size, name in
                       zip(sizes, ("image", "kernel", "grad_output")))
    x.flat[0] = 0  # beside large entries, its own size says nothing about the step
    widget = Backward(x, kernel, grad, stride=drawn.stride)
    added = Backward(*map(np.abs, (x, kernel, grad)), stride=drawn.stride).gradients(grad.size)
    for side, name in enumerate(("image", "kernel")):
        difference = np.abs(widget.numerical[name] - widget.gradients(grad.size)[side]).max()
        assert difference <= 1e-7 * added[side].max()  # the page allows ten times as much


def test_the_central_differences_are_of_the_loss_and_not_copied():
    grad = np.array(GRAD_OUTPUT, float)

    def loss(kernel):
        return float((grad * cross_correlate2d(np.array(IMAGE, float), kernel)).sum())

    check_gradient("kernel", loss, np.array(KERNEL, float), Backward().numerical["kernel"])


@pytest.mark.parametrize("seed", range(4))
def test_positions_are_added_in_reading_order(seed):
    widget = random_widget(seed)
    x, kernel, grad, s = np.array(widget.image), np.array(widget.kernel), np.array(widget.grad_output), widget.stride
    by_hand = np.zeros(x.shape), np.zeros(kernel.shape)
    rows, columns = kernel.shape
    for i, j in np.ndindex(*grad.shape):
        widget.row, widget.col = i, j
        window = slice(i * s, i * s + rows), slice(j * s, j * s + columns)
        by_hand[0][window] += grad[i, j] * kernel
        by_hand[1][...] += grad[i, j] * x[window]
        for expected, shown in zip(by_hand, widget.gradients(), strict=True):
            np.testing.assert_allclose(shown, expected, atol=1e-12)
    assert widget.count == grad.size


def test_the_inputs_gradient_is_a_full_convolution_and_the_kernels_a_correlation():
    grad_image, grad_kernel = Backward(row=2, col=2).gradients()
    np.testing.assert_array_equal(grad_image, convolve2d(GRAD_OUTPUT, KERNEL, padding="full"))
    np.testing.assert_array_equal(grad_kernel, cross_correlate2d(IMAGE, GRAD_OUTPUT))


@pytest.mark.parametrize("seed", range(6))
def test_the_terms_written_out_add_up(seed):
    widget = random_widget(seed)
    grad, totals = np.array(widget.grad_output), widget.gradients(np.size(widget.grad_output))
    for which, values, total in (("weight", widget.image, totals[1]), ("pixel", widget.kernel, totals[0])):
        for place in np.ndindex(*total.shape):
            setattr(widget, which, place)
            terms = widget.terms(which)
            summed = sum(grad[position] * np.array(values)[entry] for position, entry in terms)
            assert summed == pytest.approx(total[place], abs=1e-12)


def test_the_kernel_is_met_back_to_front():
    assert [entry for _, entry in Backward().terms("pixel")] == [(a, b) for a in (2, 1, 0) for b in (2, 1, 0)]


BAD = [
    ("image", [1, 2, 3], "image must be a 2-D array of numbers, got shape (3,)"),
    ("kernel", np.ones((6, 6)), "fit into the padded input of 5, got a kernel that spans 6"),
    ("kernel", [[1, float("inf"), 1]] * 3, "kernel must hold finite numbers only, got inf at index (0, 1)"),
    ("grad_output", [[1, 2], [3, 4]], "grad_output must have shape (3, 3), got (2, 2)"),
    ("stride", 0, "stride must be an integer of at least 1, got 0"),
    ("row", 3, "row must be an integer in 0..2, got 3"),
    ("col", -1, "col must be an integer of at least 0, got -1"),
    ("weight", (3, 0), "weight[0] must be an integer in 0..2, got 3"),
    ("pixel", 2, "pixel must be two integers (row, column), got 2"),
]


@pytest.mark.parametrize(("name", "value", "message"), BAD)
def test_bad_values_are_refused_and_change_nothing(name, value, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Backward(**{name: value})
    widget = Backward()
    before = widget.get_state()
    with pytest.raises(ValueError, match=re.escape(message)):
        setattr(widget, name, value)
    assert widget.get_state() == before


def test_arrays_can_change_together_and_places_stay_inside():
    widget = Backward(row=2, col=2, weight=(2, 2), pixel=(4, 4))
    with widget.hold_trait_notifications():
        widget.image, widget.kernel, widget.grad_output = np.ones((3, 4)), np.ones((2, 2)), np.ones((2, 3))
    assert (widget.row, widget.col, widget.weight, widget.pixel) == (1, 2, [1, 1], [2, 3])
    assert widget.numerical["of"][0] == np.ones((3, 4)).tolist()


def test_a_stride_takes_its_own_gradient():
    widget = Backward(stride=2)
    assert widget.grad_output == [[1, 1], [1, 1]]
    with pytest.raises(ValueError, match=re.escape("grad_output must have shape (3, 3), got (2, 2)")):
        widget.stride = 1


def numbers_in(figure):
    texts = [text.get_text() for text in figure.axes[0].texts]
    return texts, [float(text.replace("−", "-")) for text in texts if re.fullmatch(r"−?[\d.]+", text)]


def test_the_picture_shows_the_numbers():
    widget = Backward(row=2, col=1)
    texts, numbers = numbers_in(widget.picture())
    x, kernel, grad = (np.array(values) for values in (IMAGE, KERNEL, GRAD_OUTPUT))
    grad_image, grad_kernel = widget.gradients()
    reached = grad_image.copy()
    reached[4, 4] = np.nan  # only the last position reaches it
    first_lane = [grad, [1], x, x[2:5, 1:4], grad_kernel, widget.numerical["kernel"]]
    second_lane = [[1], kernel, kernel, reached[np.isfinite(reached)], widget.numerical["image"]]
    expected = np.concatenate([np.ravel(part) for part in first_lane + second_lane])
    np.testing.assert_allclose(numbers[: len(expected)], expected, atol=1e-6)
    assert {"∂L/∂K, 8 of 9", "∂L/∂K₀₀", "∂L/∂x₂₂"} <= set(texts) and "≈" not in texts
    assert [text for text in texts if text.startswith("K")] == [f"K{n}" for n in ["₂₂", "₂₁", "₂₀", "₁₂", "₁₁", "₁₀", "₀₂", "₀₁", "₀₀"]]
    assert "≈" in numbers_in(Backward(row=2, col=2).picture())[0]


@pytest.mark.parametrize("make", [Backward, lambda: Backward([[1]], [[1]]), lambda: random_widget(3),
                                  lambda: Backward(np.eye(7), np.ones((2, 3)), stride=2)])
def test_the_picture_has_room_for_all_its_text(make):
    figure = make().picture()
    figure.draw_without_rendering()
    for text in figure.axes[0].texts:
        box = text.get_window_extent()
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1, text
