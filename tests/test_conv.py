"""Convolution: forward against SciPy and loops, backward against central differences."""

from unittest.mock import patch

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlib import (
    check_gradient,
    conv1d,
    conv1d_backward,
    conv2d,
    conv2d_backward,
    convolve1d,
    convolve2d,
    cross_correlate1d,
    cross_correlate2d,
    locally_connected2d,
    locally_connected2d_backward,
)
from cnnlib._columns import to_batch_last
from cnnlib.conv import METHODS
from cnnlib.parallel import limit_threads
from strategies import conv_by_loops, dilate, geometries, layouts, pad_last, read_only, seeds, window

RULES = st.sampled_from(["valid", "same", "full"])
channels = st.integers(1, 3)


def strided(full, g):
    return full[tuple(slice(None, None, s) for s in g.stride)]


# One array, one kernel ---------------------------------------------------------------------------


def test_the_lectures_1d_example():
    np.testing.assert_array_equal(cross_correlate1d([1, 1, 1, 0, 0], [1, 0, 1]), [2, 1, 1])


@pytest.mark.parametrize("method", METHODS)
def test_the_lectures_2d_example(method):
    image = [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]
    kernel = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    np.testing.assert_array_equal(cross_correlate2d(image, kernel, method=method), [[4, 3, 4], [2, 4, 3], [2, 3, 4]])


@given(geometries(), seeds)
def test_cross_correlate2d_agrees_with_scipy(g, seed):
    rng = np.random.default_rng(seed)
    image, kernel = rng.normal(size=g.size), rng.normal(size=g.kernel)
    expected = scipy.signal.correlate2d(pad_last(image, g), dilate(kernel, g.dilation), mode="valid")
    np.testing.assert_allclose(cross_correlate2d(image, kernel, **g.options), strided(expected, g), atol=1e-12)


@given(geometries(rules=("valid", "full"), padding=0), seeds)
def test_cross_correlate2d_means_by_valid_and_full_what_scipy_means(g, seed):
    rng = np.random.default_rng(seed)
    image, kernel = rng.normal(size=g.size), rng.normal(size=g.kernel)
    mode = g.padding if isinstance(g.padding, str) else "valid"
    expected = scipy.signal.correlate2d(image, dilate(kernel, g.dilation), mode=mode)
    np.testing.assert_allclose(cross_correlate2d(image, kernel, **g.options), strided(expected, g), atol=1e-12)


@given(geometries(stride=1, padding=0), seeds, RULES)
def test_convolve2d_agrees_with_scipy_in_every_mode(g, seed, mode):
    rng = np.random.default_rng(seed)
    image, kernel = rng.normal(size=g.size), rng.normal(size=g.kernel)
    holes = dilate(kernel, g.dilation)
    if mode == "valid" and any(h > n for h, n in zip(holes.shape, image.shape)):
        return  # SciPy swaps the two; here it is an error
    ours = convolve2d(image, kernel, padding=mode, dilation=g.dilation)
    np.testing.assert_allclose(ours, scipy.signal.convolve2d(image, holes, mode=mode), atol=1e-12)


@given(geometries(), seeds)
def test_convolve2d_is_cross_correlation_with_a_flipped_kernel(g, seed):
    rng = np.random.default_rng(seed)
    image, kernel = rng.normal(size=g.size), rng.normal(size=g.kernel)
    pads = [(after, before) for before, after in g.zeros]  # flipped too
    padded = np.pad(image, pads)
    expected = scipy.signal.correlate2d(padded, dilate(kernel[::-1, ::-1], g.dilation), mode="valid")
    np.testing.assert_allclose(convolve2d(image, kernel, **g.options), strided(expected, g), atol=1e-12)


@given(geometries(axes=1, stride=1, padding=0), seeds, RULES)
def test_1d_agrees_with_numpy_and_scipy_in_every_mode(g, seed, mode):
    rng = np.random.default_rng(seed)
    signal, kernel = rng.normal(size=g.size), rng.normal(size=g.kernel)
    holes = dilate(kernel, g.dilation)
    if len(holes) > len(signal):
        return  # NumPy swaps the two, then means another "same"
    convolved = convolve1d(signal, kernel, padding=mode, dilation=g.dilation[0])
    np.testing.assert_allclose(convolved, np.convolve(signal, holes, mode), atol=1e-12)
    np.testing.assert_allclose(convolved, scipy.signal.convolve(signal, holes, mode, method="direct"), atol=1e-12)
    if mode != "same" or len(holes) % 2:  # an even "same" is centred PyTorch's way
        correlated = cross_correlate1d(signal, kernel, padding=mode, dilation=g.dilation[0])
        np.testing.assert_allclose(correlated, scipy.signal.correlate(signal, holes, mode, method="direct"), atol=1e-12)


@given(geometries(axes=1), seeds)
def test_cross_correlate1d_agrees_with_the_formula(g, seed):
    rng = np.random.default_rng(seed)
    signal, kernel = rng.integers(-9, 9, g.size), rng.integers(-9, 9, g.kernel)
    padded = pad_last(signal, g)
    expected = [(window(padded, (i,), g) * kernel).sum() for i in range(g.output[0])]
    np.testing.assert_array_equal(cross_correlate1d(signal, kernel, **g.options), expected)


def test_even_same_puts_the_extra_zero_after_as_pytorch_does():
    np.testing.assert_array_equal(cross_correlate1d([1, 2, 3], [1, 1], padding="same"), [3, 5, 3])
    np.testing.assert_array_equal(convolve1d([1, 2, 3], [1, 1], padding="same"), [1, 3, 5])
    np.testing.assert_array_equal(
        cross_correlate2d([[1, 2], [3, 4]], np.ones((2, 2), int), padding="same"), [[10, 6], [7, 4]]
    )


@given(geometries(), seeds, st.sampled_from([cross_correlate2d, convolve2d]), st.booleans())
def test_the_three_methods_agree(g, seed, function, integers):
    rng = np.random.default_rng(seed)
    draw = (lambda size: rng.integers(-99, 99, size)) if integers else (lambda size: rng.normal(size=size))
    image, kernel = draw(g.size), draw(g.kernel)
    loops, windows, matmul = (function(image, kernel, **g.options, method=method) for method in METHODS)
    assert loops.dtype == windows.dtype == matmul.dtype
    compare = np.testing.assert_array_equal if integers else np.testing.assert_allclose
    compare(windows, loops), compare(matmul, loops)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, bool])
def test_small_integers_do_not_overflow(method, dtype):
    largest = True if dtype is bool else np.iinfo(dtype).max
    image = np.full((3, 3), largest, dtype)
    total = cross_correlate2d(image, image, method=method)
    assert total.dtype == np.int64 and total[0, 0] == 9 * int(largest) ** 2
    assert cross_correlate1d(image[0], image[0], method=method)[0] == 3 * int(largest) ** 2


@pytest.mark.parametrize("method", METHODS)
def test_large_integers_stay_exact(method):
    """Beyond 2⁵³ a detour through floating point would round."""
    odd = 2**31 - 1
    assert cross_correlate2d([[odd]], [[odd]], method=method)[0, 0] == odd * odd
    assert cross_correlate2d([[2**53, 1]], [[1, 1]], method=method)[0, 0] == 2**53 + 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("function", [cross_correlate2d, convolve2d, cross_correlate1d, convolve1d])
def test_floats_keep_their_width(function, method):
    ndim = int(function.__name__[-2])
    for a, b, expected in (
        (np.float32, np.float32, np.float32), (np.float64, np.float64, np.float64),
        (np.float32, np.float64, np.float64), (np.uint8, np.float32, np.float64), (np.uint8, np.int8, np.int64),
    ):
        assert function(np.ones((4,) * ndim, a), np.ones((2,) * ndim, b), padding=1, method=method).dtype == expected


@given(geometries(), seeds)
def test_memory_layout_does_not_matter_and_inputs_are_left_alone(g, seed):
    rng = np.random.default_rng(seed)
    image, kernel = read_only(rng.integers(-9, 9, g.size), rng.integers(-9, 9, g.kernel))
    expected = cross_correlate2d(image, kernel, **g.options)
    for other_image, other_kernel in zip(layouts(image), layouts(kernel)):
        for method in METHODS:
            got = cross_correlate2d(other_image, other_kernel, **g.options, method=method)
            np.testing.assert_array_equal(got, expected)
    transposed = convolve2d(image.T, kernel.T, padding="full")
    np.testing.assert_array_equal(transposed.T, convolve2d(image, kernel, padding="full"))


@pytest.mark.parametrize("method", METHODS)
def test_results_are_new_and_writable(method):
    image, one = np.arange(9.0).reshape(3, 3), np.ones((1, 1))
    for result in (cross_correlate2d(image, one, method=method), convolve2d(image, one, method=method)):
        assert not np.shares_memory(result, image)
        result += 1  # so a caller may do what he likes with it
    np.testing.assert_array_equal(image.ravel(), np.arange(9))


# Batches, forward --------------------------------------------------------------------------------


@given(geometries(), channels, channels, channels, st.booleans(), seeds)
def test_conv2d_agrees_with_loops(g, n, c_in, c_out, with_bias, seed):
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(n, c_in, *g.size)), rng.normal(size=(c_out, c_in, *g.kernel))
    bias = rng.normal(size=c_out) if with_bias else None
    np.testing.assert_allclose(conv2d(x, weight, bias, **g.options), conv_by_loops(x, weight, bias, g), atol=1e-11)


@given(geometries(axes=1), channels, channels, channels, st.booleans(), seeds)
def test_conv1d_agrees_with_loops(g, n, c_in, c_out, with_bias, seed):
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(n, c_in, *g.size)), rng.normal(size=(c_out, c_in, *g.kernel))
    bias = rng.normal(size=c_out) if with_bias else None
    np.testing.assert_allclose(conv1d(x, weight, bias, **g.options), conv_by_loops(x, weight, bias, g), atol=1e-11)


@given(geometries(), channels, channels, channels, st.booleans(), seeds)
def test_locally_connected2d_agrees_with_loops(g, n, c_in, c_out, with_bias, seed):
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(n, c_in, *g.size)), rng.normal(size=(*g.output, c_out, c_in, *g.kernel))
    bias = rng.normal(size=(c_out, *g.output)) if with_bias else None
    padded = pad_last(x, g)
    expected = np.zeros((n, c_out, *g.output))
    for image, o, i, j in np.ndindex(expected.shape):
        expected[image, o, i, j] = (window(padded[image], (i, j), g) * weight[i, j, o]).sum()
    if with_bias:
        expected += bias
    np.testing.assert_allclose(locally_connected2d(x, weight, bias, **g.options), expected, atol=1e-11)


@given(geometries(), seeds)
def test_local_connections_with_equal_weights_are_a_convolution(g, seed):
    """Forward the same; backward, the shared gradient is the sum of the local ones."""
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(2, 2, *g.size)), rng.normal(size=(3, 2, *g.kernel))
    bias = rng.normal(size=3)
    banks = np.broadcast_to(weight, (*g.output, *weight.shape))
    biases = np.broadcast_to(bias[:, None, None], (3, *g.output))
    y = conv2d(x, weight, bias, **g.options)
    np.testing.assert_allclose(locally_connected2d(x, banks, biases, **g.options), y, atol=1e-11)
    grad = rng.normal(size=y.shape)
    shared = conv2d_backward(grad, x, weight, **g.options)
    local = locally_connected2d_backward(grad, x, banks, **g.options)
    np.testing.assert_allclose(local[0], shared[0], atol=1e-11)
    np.testing.assert_allclose(local[1].sum(axis=(0, 1)), shared[1], atol=1e-11)
    np.testing.assert_allclose(local[2].sum(axis=(1, 2)), shared[2], atol=1e-11)


def test_conv2d_does_not_flip_and_sums_over_channels_by_hand():
    x = np.array([[[[1.0, 2], [3, 4]], [[10, 20], [30, 40]]]])
    weight = np.array([[[[1.0, 0], [0, 0]], [[0, 0], [0, 1]]]])
    np.testing.assert_array_equal(conv2d(x, weight), [[[[41.0]]]])


# Backward ----------------------------------------------------------------------------------------


def check_backward(forward, backward, x, weight, bias, options, rng):
    """Gradient check in all three inputs, of a random weighting of the outputs."""
    y = forward(x, weight, bias, **options)
    grad = rng.normal(size=y.shape)
    x, weight, bias, grad = read_only(x, weight, bias, grad)
    grad_x, grad_weight, grad_bias = backward(grad, x, weight, **options)
    check_gradient("x", lambda v: (forward(v, weight, bias, **options) * grad).sum(), x, grad_x)
    check_gradient("weight", lambda v: (forward(x, v, bias, **options) * grad).sum(), weight, grad_weight)
    check_gradient("bias", lambda v: (forward(x, weight, v, **options) * grad).sum(), bias, grad_bias)

    none, again_weight, again_bias = backward(grad, x, weight, **options, need_input_grad=False)
    assert none is None
    np.testing.assert_array_equal(again_weight, grad_weight)
    np.testing.assert_array_equal(again_bias, grad_bias)
    for result in (grad_x, grad_weight, grad_bias):
        assert not any(np.shares_memory(result, source) for source in (x, weight, grad))


@settings(max_examples=40)
@given(geometries(kernel=3, room=3), st.integers(1, 2), st.integers(1, 2), st.integers(1, 2), seeds)
def test_conv2d_backward_passes_the_gradient_check(g, n, c_in, c_out, seed):
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(n, c_in, *g.size)), rng.normal(size=(c_out, c_in, *g.kernel))
    check_backward(conv2d, conv2d_backward, x, weight, rng.normal(size=c_out), g.options, rng)


@given(geometries(axes=1), channels, channels, channels, seeds)
def test_conv1d_backward_passes_the_gradient_check(g, n, c_in, c_out, seed):
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(n, c_in, *g.size)), rng.normal(size=(c_out, c_in, *g.kernel))
    check_backward(conv1d, conv1d_backward, x, weight, rng.normal(size=c_out), g.options, rng)


@settings(max_examples=30)
@given(geometries(kernel=2, room=2), st.integers(1, 2), st.integers(1, 2), st.integers(1, 2), seeds)
def test_locally_connected2d_backward_passes_the_gradient_check(g, n, c_in, c_out, seed):
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(n, c_in, *g.size)), rng.normal(size=(*g.output, c_out, c_in, *g.kernel))
    bias = rng.normal(size=(c_out, *g.output))
    check_backward(locally_connected2d, locally_connected2d_backward, x, weight, bias, g.options, rng)


@pytest.mark.parametrize("threads", [1, 2, 3])
@given(geometries(), channels, channels, channels, seeds)
def test_strips_and_threads_change_nothing_but_rounding(threads, g, n, c_in, c_out, seed):
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(n, c_in, *g.size)), rng.normal(size=(c_out, c_in, *g.kernel))
    bias, grad = rng.normal(size=c_out), rng.normal(size=(n, c_out, *g.output))
    whole = conv2d(x, weight, bias, **g.options), *conv2d_backward(grad, x, weight, **g.options)
    with patch("cnnlib._lines.STRIP_BYTES", 1), limit_threads(threads):
        by_rows = conv2d(x, weight, bias, **g.options), *conv2d_backward(grad, x, weight, **g.options)
        again = conv2d(x, weight, bias, **g.options), *conv2d_backward(grad, x, weight, **g.options)
    for expected, actual, repeated in zip(whole, by_rows, again):
        np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-9)
        np.testing.assert_array_equal(repeated, actual)


@pytest.mark.parametrize("shape", [(3, 1, 32, 32), (5, 3, 32, 64), (2, 1, 64, 16), (2, 1, 2, 2048)])
def test_images_that_lie_whole_pages_apart_are_turned_like_others(shape):
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    turned = to_batch_last(x)
    assert turned.flags.c_contiguous and not np.shares_memory(turned, x)
    np.testing.assert_array_equal(turned, x.transpose(1, 2, 3, 0))


def test_backward_by_hand():
    """Each position drops its window into the shared weight: 1 1 1, 1 1 0 and 1 0 0, weighted 1, 10, 100."""
    x, grad = np.array([[[1.0, 1, 1, 0, 0]]]), np.array([[[1.0, 10, 100]]])
    grad_x, grad_weight, grad_bias = conv1d_backward(grad, x, np.array([[[1.0, 2, 3]]]))
    np.testing.assert_array_equal(grad_weight, [[[111, 11, 1]]])
    np.testing.assert_array_equal(grad_x, [[[1, 12, 123, 230, 300]]])
    np.testing.assert_array_equal(grad_bias, [111])


# Memory and types --------------------------------------------------------------------------------

BATCHED = [
    (conv1d, conv1d_backward, (2, 2, 7), (3, 2, 3), (3,)),
    (conv2d, conv2d_backward, (2, 2, 5, 6), (3, 2, 3, 2), (3,)),
    (locally_connected2d, locally_connected2d_backward, (2, 2, 4, 4), (2, 3, 3, 2, 3, 2), (3, 2, 3)),
]


@pytest.mark.parametrize("forward, backward, x_shape, weight_shape, bias_shape", BATCHED)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_batches_keep_their_dtype(forward, backward, x_shape, weight_shape, bias_shape, dtype):
    rng = np.random.default_rng(0)
    x, weight, bias = (rng.normal(size=shape).astype(dtype) for shape in (x_shape, weight_shape, bias_shape))
    y = forward(x, weight, bias)
    assert [array.dtype for array in (y, *backward(y, x, weight))] == [dtype] * 4


@pytest.mark.parametrize("forward, backward, x_shape, weight_shape, bias_shape", BATCHED)
def test_batches_in_any_memory_layout(forward, backward, x_shape, weight_shape, bias_shape):
    rng = np.random.default_rng(0)
    x, weight, bias = read_only(*(rng.normal(size=shape) for shape in (x_shape, weight_shape, bias_shape)))
    y = forward(x, weight, bias)
    grad, = read_only(y)
    expected = backward(grad, x, weight)
    for other_x, other_weight, other_grad in zip(layouts(x), layouts(weight), layouts(grad)):
        np.testing.assert_allclose(forward(other_x, other_weight, bias), y, atol=1e-12)
        for got, want in zip(backward(other_grad, other_x, other_weight), expected):
            np.testing.assert_allclose(got, want, atol=1e-12)
    for source in (x, weight, bias):
        assert not np.shares_memory(y, source)
    y += 1  # new and writable


@pytest.mark.parametrize("forward, backward, x_shape, weight_shape, bias_shape", BATCHED)
def test_lists_are_taken_for_arrays(forward, backward, x_shape, weight_shape, bias_shape):
    rng = np.random.default_rng(0)
    x, weight, bias = (rng.normal(size=shape) for shape in (x_shape, weight_shape, bias_shape))
    y = forward(x.tolist(), weight.tolist(), bias.tolist())
    np.testing.assert_array_equal(y, forward(x, weight, bias))
    for got, want in zip(backward(y.tolist(), x.tolist(), weight.tolist()), backward(y, x, weight)):
        np.testing.assert_array_equal(got, want)


def test_one_by_one_kernels_do_not_alias():
    x = np.ones((2, 3, 4, 4))
    eye = np.eye(3).reshape(3, 3, 1, 1)
    y = conv2d(x, eye)
    grad_x, _, _ = conv2d_backward(y, x, eye)
    assert not np.shares_memory(y, x) and not np.shares_memory(grad_x, y) and not np.shares_memory(grad_x, x)


# Refusals ----------------------------------------------------------------------------------------

X, W = np.ones((2, 3, 5, 5)), np.ones((4, 3, 3, 3))
L = np.ones((3, 3, 4, 3, 3, 3))


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: cross_correlate2d([1, 2], [[1]]), ValueError, r"image must be a 2-D array of numbers, got shape \(2,\)"),
        (lambda: cross_correlate2d([[1, 2]], [1, 2, 3]), ValueError, r"kernel must be a 2-D array of numbers, got shape \(3,\)"),
        (lambda: cross_correlate2d([["a"]], [[1]]), TypeError, r"image must be a 2-D array of numbers, got dtype <U1"),
        (lambda: cross_correlate2d([[1, 2], [3]], [[1]]), ValueError, r"image must be a 2-D array of numbers, got rows of different lengths"),
        (lambda: cross_correlate2d([[1j]], [[1]]), TypeError, r"image must be a 2-D array of numbers, got dtype complex128"),
        (lambda: cross_correlate2d(np.ones((0, 3)), [[1]]), ValueError, r"image must be .* not empty, got shape \(0, 3\)"),
        (lambda: cross_correlate2d([[1, 2]], [[1, 2, 3]]), ValueError, r"kernel_size must fit into the padded input of 2, got a kernel that spans 3"),
        (lambda: cross_correlate2d([[1]], [[1]], stride=0), ValueError, r"^stride must be an integer of at least 1, got 0"),
        (lambda: cross_correlate2d([[1]], [[1]], stride=(1, 1, 1)), ValueError, r"stride must be an integer or two .*got \(1, 1, 1\)"),
        (lambda: cross_correlate2d([[1]], [[1]], padding="reflect"), ValueError, r"padding must be .*\"full\", got 'reflect'"),
        (lambda: cross_correlate2d([[1]], [[1]], padding=-1), ValueError, r"padding must be an integer of at least 0, got -1"),
        (lambda: cross_correlate2d([[1]], [[1]], method="fft"), ValueError, r"method must be one of 'loops', 'windows', 'matmul', got 'fft'"),
        (lambda: cross_correlate2d([[1]], [[1]], 2, "same"), ValueError, r'padding "same" needs stride 1, got stride 2'),
        (lambda: convolve2d([[1]], [[1]], dilation=0), ValueError, r"dilation must be an integer of at least 1, got 0"),
        (lambda: convolve2d([[1]], [[1, 2]]), ValueError, r"kernel_size must fit into the padded input of 1, got a kernel that spans 2"),
        (lambda: cross_correlate1d([[1]], [1]), ValueError, r"signal must be a 1-D array of numbers, got shape \(1, 1\)"),
        (lambda: cross_correlate1d([1], [1], stride=0), ValueError, r"^stride must be an integer of at least 1, got 0"),
        (lambda: cross_correlate1d([1], [1], stride=(1, 1)), TypeError, r"^stride must be an integer of at least 1, got \(1, 1\)"),
        (lambda: convolve1d([1], [1], dilation=0), ValueError, r"^dilation must be an integer of at least 1, got 0"),
        (lambda: convolve1d([1], [1, 2]), ValueError, r"kernel_size must fit into the padded input of 1"),
        (lambda: conv2d(X[0], W), ValueError, r"x must be a 4-D array of numbers \(N, C_in, H, W\), got shape \(3, 5, 5\)"),
        (lambda: conv2d(X, W[0]), ValueError, r"weight must be a 4-D array of numbers \(C_out, C_in, KH, KW\), got shape \(3, 3, 3\)"),
        (lambda: conv2d(X.astype(np.uint8), W), TypeError, r"x must be a floating-point array, got dtype uint8"),
        (lambda: conv2d(X, W.astype(int)), TypeError, r"weight must be a floating-point array, got dtype int64"),
        (lambda: conv2d(X[:, :2], W), ValueError, r"x must have 3 channels to match weight, got 2"),
        (lambda: conv2d(X[:0], W), ValueError, r"x must be .* not empty, got shape \(0, 3, 5, 5\)"),
        (lambda: conv2d(X, W, dilation=3), ValueError, r"kernel_size must fit into the padded input of 5, got a kernel that spans 7"),
        (lambda: conv2d(X, W, stride=(0, 1)), ValueError, r"stride\[0\] must be an integer of at least 1, got 0"),
        (lambda: conv2d(X, W, np.ones(3)), ValueError, r"bias must have shape \(4,\), got \(3,\)"),
        (lambda: conv2d(X, W, np.ones((4, 1))), ValueError, r"bias must be a 1-D array of numbers, got shape \(4, 1\)"),
        (lambda: conv2d_backward(np.ones((2, 4, 3, 2)), X, W), ValueError, r"grad_output must have shape \(2, 4, 3, 3\), got \(2, 4, 3, 2\)"),
        (lambda: conv2d_backward(np.ones((1, 4, 3, 3)), X, W), ValueError, r"grad_output must have shape \(2, 4, 3, 3\), got \(1, 4, 3, 3\)"),
        (lambda: conv1d(X, W), ValueError, r"x must be a 3-D array of numbers \(N, C_in, L\), got shape \(2, 3, 5, 5\)"),
        (lambda: conv1d(X[:, :2, 0], W[..., 0]), ValueError, r"x must have 3 channels to match weight, got 2"),
        (lambda: conv1d(X[:, :, 0], W[..., 0], stride=0), ValueError, r"^stride must be an integer of at least 1, got 0"),
        (lambda: conv1d_backward(np.ones((2, 4)), X[:, :, 0], W[..., 0]), ValueError, r"grad_output must be a 3-D array of numbers \(N, C_out, OL\), got shape \(2, 4\)"),
        (lambda: locally_connected2d(X, L[:2]), ValueError, r"weight must have a bank for each of the \(3, 3\) output positions, got shape \(2, 3"),
        (lambda: locally_connected2d(X, W), ValueError, r"weight must be a 6-D array .*, got shape \(4, 3, 3, 3\)"),
        (lambda: locally_connected2d(X[:, :1], L), ValueError, r"x must have 3 channels to match weight, got 1"),
        (lambda: locally_connected2d(X, L, np.ones(4)), ValueError, r"bias must be a 3-D array of numbers, got shape \(4,\)"),
        (lambda: locally_connected2d_backward(X, X, L), ValueError, r"grad_output must have shape \(2, 4, 3, 3\), got \(2, 3, 5, 5\)"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("method", METHODS)
def test_half_precision_is_summed_in_single(method):
    ones = np.ones((64, 64), np.float16)
    y = cross_correlate2d(ones, ones, method=method)
    assert y.dtype == np.float16 and y == 4096


def test_half_precision_batches_are_those_of_single_rounded_once():
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(2, 3, 9, 9)).astype(np.float16), rng.normal(size=(4, 3, 5, 5)).astype(np.float16)
    y = conv2d(x, weight)
    np.testing.assert_array_equal(y, conv2d(x.astype(np.float32), weight.astype(np.float32)).astype(np.float16))
    half = conv2d_backward(y, x, weight)
    single = conv2d_backward(*(array.astype(np.float32) for array in (y, x, weight)))
    for ours, expected in zip(half, single, strict=True):
        assert ours.dtype == np.float16
        np.testing.assert_array_equal(ours, expected.astype(np.float16))


@pytest.mark.parametrize("signal, kernel, message", [
    ([2**62], [2], r"kernel must leave all sums below 2\*\*63 to be exact"),
    ([-(2**63)], [1], "kernel must leave all sums"),
    ([-(2**62), 1], [2], "kernel must leave all sums"),
    ([2**62] * 2, [1, 1], "kernel must leave all sums"),
    (np.array([2**63], np.uint64), [1], r"signal must hold integers below 2\*\*63, got 9223372036854775808"),
    ([1], np.array([2**64 - 1], np.uint64), r"kernel must hold integers below 2\*\*63, got 18446744073709551615"),
])
@pytest.mark.parametrize("function", [cross_correlate1d, convolve1d])
def test_integers_that_would_wrap_around_are_refused(function, signal, kernel, message):
    with pytest.raises(ValueError, match=message):
        function(signal, kernel)


def test_large_integers_are_exact_as_long_as_they_fit():
    assert cross_correlate1d([2**62, -(2**62)], [1, 0]).tolist() == [2**62]
    assert cross_correlate1d([2**62 - 1], [-2]).tolist() == [2 - 2**63]
    assert cross_correlate1d(np.array([2**63 - 1], np.uint64), [True]).tolist() == [2**63 - 1]
    assert cross_correlate1d([2.0**62], [4]).tolist() == [2.0**64]


@pytest.mark.parametrize("call", [
    lambda: conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), padding=10**5),
    lambda: cross_correlate2d(np.ones((3, 3)), np.ones((3, 3)), padding=10**5),
    lambda: convolve2d(np.ones((3, 3)), np.ones((3, 3)), padding=10**5),
    lambda: locally_connected2d(np.ones((1, 1, 1, 1)), np.ones((1, 1, 1, 1, 1, 1)), padding=10**5, stride=10**6),
])
def test_what_would_take_all_memory_is_refused_before(call):
    with pytest.raises(ValueError, match=r"padding must ask for at most 536,870,912 numbers in one array, got 40,"):
        call()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("strip_bytes", [64, 2**22])
def test_infinity_and_nan_come_out_without_a_warning(strip_bytes):
    """Also from the threads that convolutions are dealt out to."""
    x = np.full((2, 1, 9, 9), np.inf)
    x[0] = 1e300
    weight = np.full((1, 1, 2, 2), 1e300)
    weight[0, 0, 0, 0] = 0
    with patch("cnnlib._lines.STRIP_BYTES", strip_bytes), limit_threads(2):
        assert np.isinf(conv2d(x, weight)[0]).all() and np.isnan(conv2d(x, weight)[1]).all()
        conv2d_backward(np.full((2, 1, 8, 8), np.inf), x, weight)


def test_a_step_beyond_the_image_is_no_address():
    x, weight = np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2))
    for step in (4, 10**12, 10**30):
        assert conv2d(x, weight, stride=step) == 4
        np.testing.assert_array_equal(conv2d_backward(np.ones((1, 1, 1, 1)), x, weight, stride=step)[0][0, 0, :2, :2], np.ones((2, 2)))
        np.testing.assert_array_equal(conv2d(x, weight[..., :1, :1], dilation=step), x)
