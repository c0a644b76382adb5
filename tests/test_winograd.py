"""Winograd over rows: conv2d's sums from half of the products, and what that costs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import conv2d
from cnnlib.winograd import INPUT, KERNEL, OUTPUT, conv2d_winograd
from strategies import layouts, seeds


@given(
    seeds, st.tuples(*[st.integers(1, 3)] * 3), st.integers(1, 4), st.tuples(st.integers(4, 7), st.integers(3, 14)),
    st.sampled_from([0, 2, (1, 0), "same", "full"]), st.booleans(), st.sampled_from([(np.float64, 1e-12), (np.float32, 1e-4)]),
)
def test_the_sums_of_conv2d(seed, counts, kernel_h, size, padding, with_bias, precision):
    (n, channels, filters), (dtype, tolerance), rng = counts, precision, np.random.default_rng(seed)
    x, weight = rng.normal(size=(n, channels, *size)).astype(dtype), rng.normal(size=(filters, channels, kernel_h, 3)).astype(dtype)
    bias = rng.normal(size=filters).astype(dtype) if with_bias else None
    expected = conv2d(x.astype(float), weight.astype(float), bias, padding=padding)
    for other in [x, *layouts(x), x[..., ::-1].copy()[..., ::-1]]:
        y = conv2d_winograd(other, weight, bias, padding)
        assert y.dtype == dtype
        np.testing.assert_allclose(y, expected, rtol=0, atol=tolerance * max(1, np.abs(expected).max()))


def test_six_products_make_four_sums_of_three():
    """The identity that defines it, number by number: six products where the plain sums have twelve."""
    for i, x in enumerate(np.eye(6)):
        for j, w in enumerate(np.eye(3)):
            products = (KERNEL @ w) * (INPUT @ x)
            assert products.shape == (6,)
            np.testing.assert_allclose(OUTPUT @ products, [float(q + j == i) for q in range(4)], atol=1e-15)


def test_the_price_is_that_whole_numbers_and_equal_windows_are_not_exact():
    rng = np.random.default_rng(0)
    image = np.tile(rng.integers(-99, 100, (1, 1, 3, 3)), 4).astype(np.float32)  # columns 0 and 3 see the same
    weight = rng.integers(-99, 100, (64, 1, 3, 3)).astype(np.float32)
    exact, y = conv2d(image, weight), conv2d_winograd(image, weight)
    assert (exact == exact.round()).all() and (y != exact).any()
    assert (exact[..., 0] == exact[..., 3]).all() and (y[..., 0] != y[..., 3]).any()
    np.testing.assert_allclose(y, exact, rtol=0, atol=1e-5 * np.abs(exact).max())


def test_refuses_other_widths():
    with pytest.raises(ValueError, match="weight must be three columns wide"):
        conv2d_winograd(np.ones((1, 1, 5, 5)), np.ones((1, 1, 3, 2)))
