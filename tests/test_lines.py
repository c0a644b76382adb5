"""The products of a convolution by lines: overlapping views, rows kept apart, large products in parts."""

import numpy as np
import pytest

from cnnlib import _lines, conv2d, conv2d_backward
from cnnlib._columns import windows_of
from cnnlib.parallel import limit_threads
from strategies import layouts


def by_windows(x, weight, grad, stride, padding, dilation):
    """Output and gradients of input and weight by einsum over windows, in float64."""
    (s, d, p), kernel = (stride, dilation, padding), weight.shape[2:]
    padded = np.pad(x.astype(float), [(0, 0), (0, 0), (p, p), (p, p)])
    grad_padded = np.zeros_like(padded)
    y, grad_weight = np.zeros(grad.shape), np.zeros(weight.shape)
    for a, b in np.ndindex(kernel):
        seen = np.s_[:, :, a * d : a * d + s * (grad.shape[2] - 1) + 1 : s, b * d : b * d + s * (grad.shape[3] - 1) + 1 : s]
        y += np.einsum("ncij,oc->noij", padded[seen], weight[:, :, a, b])
        grad_weight[:, :, a, b] = np.einsum("noij,ncij->oc", grad, padded[seen])
        grad_padded[seen] += np.einsum("noij,oc->ncij", grad, weight[:, :, a, b])
    return y, grad_padded[:, :, p : grad_padded.shape[2] - p, p : grad_padded.shape[3] - p], grad_weight


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("dtype, tolerance", [(np.float32, 1e-4), (np.float64, 1e-12)])
@pytest.mark.parametrize("n, channels, filters, side, kernel, options", [
    (64, 16, 32, 16, 3, (1, 1, 1)),  # rows of 4 KB, products in parts
    (32, 8, 16, 34, 3, (2, 1, 1)), (16, 4, 8, 40, 3, (1, 4, 4)), (16, 4, 8, 40, 3, (2, 4, 4)), (8, 4, 8, 41, 3, (4, 2, 2)),
    (1, 1, 8, 200, 5, (1, 0, 1)), (1, 2, 3, 9, 2, (3, 2, 2)), (1, 1, 1, 1, 1, (1, 0, 1)), (3, 1, 1, 7, 1, (3, 0, 1)),
])
def test_large_and_odd_shapes_agree_with_windows(threads, dtype, tolerance, n, channels, filters, side, kernel, options):
    rng = np.random.default_rng(0)
    x, weight = (rng.standard_normal(shape, dtype) for shape in ((n, channels, side, side), (filters, channels, kernel, kernel)))
    with limit_threads(threads):
        y = conv2d(x, weight, None, *options)
        grad = rng.standard_normal(y.shape, dtype)
        found = y, *conv2d_backward(grad, x, weight, *options)[:2]
    for ours, true in zip(found, by_windows(x, weight, grad, *options), strict=True):
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours, true, rtol=0, atol=tolerance * max(1, np.abs(true).max()))


@pytest.mark.parametrize("n", [1, 2])
def test_any_memory_also_of_one_image(n):
    """The strides of axes of one number mean nothing, and may be anything."""
    rng = np.random.default_rng(0)
    x, weight, grad = rng.normal(size=(n, 1, 6, 5)), rng.normal(size=(2, 1, 3, 2)), rng.normal(size=(n, 2, 4, 4))
    expected = conv2d(x, weight), *conv2d_backward(grad, x, weight)
    strange = np.lib.stride_tricks.as_strided(x, x.shape, (x.strides[0] if n > 1 else 7, 3, *x.strides[2:]))
    for other in [*layouts(x), strange]:
        for ours, same in zip((conv2d(other, weight), *conv2d_backward(grad, other, weight)), expected):
            np.testing.assert_allclose(ours, same, rtol=1e-12, atol=1e-12)


def test_lines_are_written_once_for_each_kernel_column():
    """By hand: one image of 3 × 3, a kernel of 2 × 2; two lines are the columns of an output row."""
    padded = np.arange(9.0).reshape(1, 3, 3, 1)
    g = windows_of(padded.transpose(3, 0, 1, 2), (1, 1, 2, 2), 1, 0, 1)
    written = _lines.lines(g, padded, slice(0, 2), 1, padded.dtype)
    assert written.tolist() == [[[0, 1], [1, 2]], [[3, 4], [4, 5]], [[6, 7], [7, 8]]]
    stack = _lines.stacked(written, 2)
    assert np.shares_memory(stack, written)
    assert stack.tolist() == [[[0, 1], [1, 2], [3, 4], [4, 5]], [[3, 4], [4, 5], [6, 7], [7, 8]]]
    back = np.zeros_like(padded)
    _lines.add_lines(written, back, 2, 1, 1)
    assert back[0, :, :, 0].tolist() == [[0, 2, 2], [3, 8, 5], [6, 14, 8]]


def test_the_rows_of_a_band_are_neighbours():
    """Stride 2 and dilation 3: three kinds of output row, each a convolution without dilation."""
    g = windows_of(np.ones((1, 1, 19, 19)), (1, 1, 3, 3), 2, 0, 3)
    for outputs, seen, stride in _lines.bands(g):
        rows, places = np.arange(g.output[0])[outputs], np.arange(19)[seen]
        for k, row in enumerate(rows):
            np.testing.assert_array_equal(places[k * stride : k * stride + 3], 2 * row + 3 * np.arange(3))
    assert sorted(row for outputs, _, _ in _lines.bands(g) for row in np.arange(g.output[0])[outputs]) == list(range(g.output[0]))


@pytest.mark.parametrize("length", [255, 256, 512, 1000])
def test_rows_lie_apart(length):
    assert _lines.apart((2, 3, length), np.float32)[-1] * 4 % 1024
    assert _lines.apart((2, 3, length), np.float32)[:2] == (2, 3)


@pytest.mark.parametrize("most", [1, 64, 10**9])
def test_a_product_in_parts_is_the_product(most, monkeypatch):
    monkeypatch.setattr(_lines, "SMALL_PRODUCT", most)
    rng = np.random.default_rng(0)
    matrix, stack, out = rng.normal(size=(2, 3)), rng.normal(size=(4, 3, 256)), np.full((4, 2, 256), np.nan)
    _lines.multiply(matrix, stack, out)
    np.testing.assert_allclose(out, matrix @ stack)
