"""Winograd over rows: conv2d's sums from half of the products, and what that costs."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import conv2d
from cnnlib._winograd import INPUT, KERNEL, OUTPUT
from cnnlib.parallel import limit_threads
from strategies import layouts, seeds


def winograd(*args, **options):
    return conv2d(*args, **options, method="winograd")


@given(
    seeds, st.tuples(*[st.integers(1, 3)] * 3), st.integers(1, 4), st.tuples(st.integers(3, 14), st.integers(4, 7)),
    st.sampled_from([0, 2, (0, 1), "same", "full"]), st.booleans(), st.sampled_from([(np.float64, 1e-12), (np.float32, 1e-4)]),
)
def test_the_sums_of_conv2d(seed, counts, kernel_w, size, padding, with_bias, precision):
    (n, channels, filters), (dtype, tolerance), rng = counts, precision, np.random.default_rng(seed)
    x, weight = rng.normal(size=(n, channels, *size)).astype(dtype), rng.normal(size=(filters, channels, 3, kernel_w)).astype(dtype)
    bias = rng.normal(size=filters).astype(dtype) if with_bias else None
    expected = conv2d(x.astype(float), weight.astype(float), bias, padding=padding)
    for other in [x, *layouts(x), x[..., ::-1].copy()[..., ::-1]]:
        y = winograd(other, weight, bias, padding=padding)
        assert y.dtype == dtype
        np.testing.assert_allclose(y, expected, rtol=0, atol=tolerance * max(1, np.abs(expected).max()))


@pytest.mark.parametrize("n, channels, size", [(1, 1, 300), (32, 16, 32)])  # one image; several strips, cut products
def test_large_ones_on_any_number_of_threads(n, channels, size):
    rng = np.random.default_rng(0)
    x, weight, bias = rng.normal(size=(n, channels, size, size)), rng.normal(size=(32, channels, 3, 3)), rng.normal(size=32)
    expected = conv2d(x, weight, bias, padding=1)
    for threads in (1, 2):
        with limit_threads(threads):
            np.testing.assert_allclose(winograd(x, weight, bias, padding=1), expected, rtol=0, atol=1e-11)
    assert threading.active_count() < 10


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble])
def test_other_precisions_stay_what_they_are(dtype):
    rng = np.random.default_rng(0)
    x, weight = rng.integers(-4, 5, (2, 3, 9, 7)).astype(dtype), rng.integers(-4, 5, (2, 3, 3, 2)).astype(dtype)
    y = winograd(x, weight)
    assert y.dtype == dtype
    np.testing.assert_allclose(y, conv2d(x.astype(float), weight.astype(float)), rtol=0, atol=1e-3)


def test_six_products_make_four_sums_of_three():
    """The identity that defines it, number by number: six products where the plain sums have twelve."""
    for i, x in enumerate(np.eye(6)):
        for j, w in enumerate(np.eye(3)):
            products = (KERNEL @ w) * (INPUT @ x)
            assert products.shape == (6,)
            np.testing.assert_allclose(OUTPUT @ products, [float(q + j == i) for q in range(4)], atol=1e-15)


def test_the_price_is_that_whole_numbers_and_equal_windows_are_not_exact():
    rng = np.random.default_rng(0)
    image = np.tile(rng.integers(-99, 100, (1, 1, 3, 3)), (4, 1)).astype(np.float32)  # rows 0 and 3 see the same
    weight = rng.integers(-99, 100, (64, 1, 3, 3)).astype(np.float32)
    exact, y = conv2d(image, weight), winograd(image, weight)
    assert (exact == exact.round()).all() and (y != exact).any()
    assert (exact[..., 0, :] == exact[..., 3, :]).all() and (y[..., 0, :] != y[..., 3, :]).any()
    np.testing.assert_allclose(y, exact, rtol=0, atol=1e-5 * np.abs(exact).max())


def test_infinity_spoils_the_rows_of_its_groups_and_no_others():
    image = np.ones((1, 1, 14, 4))  # twelve rows of output: groups begin at rows 0, 4 and 8, and see six rows each
    image[0, 0, 7] = np.inf
    finite = np.isfinite(winograd(image, np.ones((1, 1, 3, 3))))[0, 0]
    assert finite[:4].all() and not finite[4:8].any() and finite[8:].all()


def test_it_is_off_unless_asked_for():
    x, weight = np.random.default_rng(0).normal(size=(1, 1, 9, 9)), np.random.default_rng(1).normal(size=(1, 1, 3, 3))
    plain, asked = conv2d(x, weight), winograd(x, weight)
    assert (plain == conv2d(x, weight, method="lines")).all() and (plain != asked).any()


@pytest.mark.parametrize("size, options, got", [
    ((2, 3), {}, "2 rows, stride \\(1, 1\\) and dilation \\(1, 1\\)"), ((3, 3), {"stride": 2}, "stride \\(2, 2\\)"),
    ((3, 3), {"stride": (1, 2)}, "stride \\(1, 2\\)"), ((3, 3), {"dilation": (1, 2)}, "dilation \\(1, 2\\)"),
])
def test_refuses_what_it_is_not_for(size, options, got):
    with pytest.raises(ValueError, match=f'method "winograd" needs a weight of three rows, .*{got}'):
        winograd(np.ones((1, 1, 7, 7)), np.ones((1, 1, *size)), **options)


@pytest.mark.parametrize("method, error", [("fft", ValueError), (None, TypeError)])
def test_refuses_other_methods(method, error):
    with pytest.raises(error, match="method must be one of 'lines', 'winograd', got"):
        conv2d(np.ones((1, 1, 5, 5)), np.ones((1, 1, 3, 3)), method=method)
