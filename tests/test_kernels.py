"""The hand-made kernels: their weights, their sums, and the same answers as libraries that have them."""

import numpy as np
import pytest
from scipy import ndimage
from skimage import filters

from cnnlib import cross_correlate2d
from cnnlib.kernels import (
    KERNELS,
    LECTURE,
    box_blur,
    edges_all_round,
    edges_diagonal,
    emboss,
    gaussian,
    gaussian_blur,
    identity,
    laplacian,
    laplacian_of_gaussian,
    sharpen,
    sobel_x,
    sobel_y,
)

SLIDE = [
    [[1, 0, -1], [0, 0, 0], [-1, 0, 1]],
    [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    np.full((3, 3), 1 / 9),
    np.divide([[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16),
]
SUMS_TO_ONE = {"sharpen", "box blur", "Gaussian blur", "emboss", "Gaussian, σ = 1", "identity"}


@pytest.fixture
def image():
    return np.random.default_rng(5).random((40, 47))


def inside(array, kernel):
    """Leave out the border, where libraries differ in what they assume beyond the image."""
    rows, columns = (size // 2 for size in kernel.shape)
    return array[rows:-rows, columns:-columns]


def test_the_lecture_stands_first_and_as_on_the_slide():
    assert tuple(KERNELS)[:6] == LECTURE
    for name, weights in zip(LECTURE, SLIDE, strict=True):
        np.testing.assert_array_equal(KERNELS[name], weights)


@pytest.mark.parametrize("name", KERNELS)
def test_sum_and_flat_area(name):
    kernel = KERNELS[name]
    expected = float(name in SUMS_TO_ONE)
    assert kernel.sum() == pytest.approx(expected, abs=1e-12)
    np.testing.assert_allclose(cross_correlate2d(np.full((7, 8), 200.0), kernel), 200 * expected, atol=1e-9)


@pytest.mark.parametrize("name", KERNELS)
def test_registry_cannot_be_changed(name):
    with pytest.raises(ValueError):
        KERNELS[name][0, 0] = 7
    with pytest.raises(TypeError):
        KERNELS[name] = np.eye(3)


@pytest.mark.parametrize("make", [
    identity, edges_diagonal, laplacian, edges_all_round, sharpen, box_blur, gaussian_blur, sobel_x, sobel_y, emboss,
    gaussian, laplacian_of_gaussian,
])
def test_functions_return_arrays_of_their_own(make):
    first = make()
    assert first.dtype == np.float64 and first.flags.writeable and first.flags.c_contiguous
    assert not np.signbit(first[first == 0]).any()  # −0 would be printed as "-0."
    first[:] = 7
    assert not np.array_equal(make(), first)


@pytest.mark.parametrize("ours, theirs, factor", [
    (sobel_x, filters.sobel_v, 4),  # scikit-image divides the smoothing by 4 …
    (sobel_y, filters.sobel_h, 4),
    (laplacian, filters.laplace, -1),  # … and takes the Laplacian with the opposite sign
])
def test_same_as_scikit_image(image, ours, theirs, factor):
    kernel = ours()
    np.testing.assert_allclose(
        cross_correlate2d(image, kernel), factor * inside(theirs(image), kernel), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("kernel, theirs", [
    (sobel_x(), lambda image: ndimage.sobel(image, axis=1)),
    (sobel_y(), lambda image: ndimage.sobel(image, axis=0)),
    (laplacian(), ndimage.laplace),
    (box_blur(3), lambda image: ndimage.uniform_filter(image, 3)),
    (box_blur(5), lambda image: ndimage.uniform_filter(image, 5)),
    (gaussian(0.8), lambda image: ndimage.gaussian_filter(image, 0.8)),
])
def test_same_as_scipy(image, kernel, theirs):
    np.testing.assert_allclose(cross_correlate2d(image, kernel), inside(theirs(image), kernel), rtol=0, atol=1e-12)


@pytest.mark.parametrize("sigma", [0.7, 1.0, 2.0])
def test_gaussian_is_that_of_scikit_image(image, sigma):
    kernel = gaussian(sigma)
    np.testing.assert_allclose(
        cross_correlate2d(image, kernel), inside(filters.gaussian(image, sigma), kernel), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("sigma", [1.0, 1.5, 2.0])
def test_laplacian_of_gaussian_is_that_of_scipy_but_for_its_sum(image, sigma):
    # SciPy keeps what is left in the sum when the tails are cut; we take it away as c in each weight.
    kernel = laplacian_of_gaussian(sigma)
    spot = np.zeros(kernel.shape)
    spot[tuple(size // 2 for size in kernel.shape)] = 1
    theirs = ndimage.gaussian_laplace(spot, sigma, mode="constant")
    np.testing.assert_allclose(kernel, theirs - theirs.mean(), rtol=0, atol=1e-15)
    assert abs(theirs.sum()) < 2e-3 < np.abs(kernel).sum()


@pytest.mark.parametrize("kernel", [gaussian(1.3), gaussian(2.0, 5), gaussian_blur(), box_blur(5)])
def test_blurs_are_separable(image, kernel):
    row = kernel.sum(axis=0)
    np.testing.assert_allclose(np.outer(row, row), kernel, rtol=1e-12)
    twice = cross_correlate2d(cross_correlate2d(image, row[:, None]), row[None])
    np.testing.assert_allclose(twice, cross_correlate2d(image, kernel), rtol=0, atol=1e-12)


def test_gaussian_blur_has_the_width_that_it_says():
    row = gaussian_blur().sum(axis=0)
    assert (row * np.array([1, 0, 1])).sum() == 0.5  # σ² = 1/2


def test_what_the_edge_detectors_look_for():
    step = np.repeat([[0.0, 0, 0, 9, 9, 9]], 5, axis=0)
    assert (cross_correlate2d(step, edges_diagonal()) == 0).all()
    assert cross_correlate2d(step, laplacian())[0].tolist() == [0, 9, -9, 0]
    assert cross_correlate2d(step, edges_all_round())[0].tolist() == [0, -27, 27, 0]
    assert cross_correlate2d(step, sobel_x())[0].tolist() == [0, 36, 36, 0]
    assert (cross_correlate2d(step, sobel_y()) == 0).all()
    slope = np.add.outer(np.arange(5.0), np.arange(6.0))  # rises by 1 to the right and by 1 downwards
    assert (cross_correlate2d(slope, laplacian()) == 0).all()
    assert (cross_correlate2d(slope, sobel_x()) == 8).all() and (cross_correlate2d(slope, sobel_y()) == 8).all()


@pytest.mark.parametrize("size", [3, 5, 7])
def test_identity_leaves_an_image_as_it_is(image, size):
    kernel = identity(size)
    np.testing.assert_array_equal(cross_correlate2d(image, kernel), inside(image, kernel))


@pytest.mark.parametrize("make", [identity, box_blur])
@pytest.mark.parametrize("size, error, message", [
    (4, ValueError, r"size must be odd, got 4"),
    (0, ValueError, r"size must be an integer of at least 1, got 0"),
    (3.0, TypeError, r"size must be an integer of at least 1, got 3\.0"),
])
def test_bad_size(make, size, error, message):
    with pytest.raises(error, match=message):
        make(size)


@pytest.mark.parametrize("make", [gaussian, laplacian_of_gaussian])
@pytest.mark.parametrize("sigma, size, error, message", [
    (0, None, ValueError, r"sigma must be a finite number in \[0.001, 1e\+30\], got 0"),
    (-1.0, None, ValueError, r"sigma must be a finite number in \[0.001, 1e\+30\], got -1\.0"),
    (np.nan, None, ValueError, r"sigma must be"),
    ("1", None, TypeError, r"sigma must be"),
    (1.0, 6, ValueError, r"size must be odd, got 6"),
])
def test_bad_sigma(make, sigma, size, error, message):
    with pytest.raises(error, match=message):
        make(sigma, size)


@pytest.mark.parametrize("make", [gaussian, laplacian_of_gaussian])
def test_a_kernel_too_large_says_how_large_it_would_be(make):
    with pytest.raises(ValueError, match=r"^sigma must ask for .* \(80,001 × 80,001\)$"):
        make(10_000)
    with pytest.raises(ValueError, match=r"^size must ask for .* \(80,001 × 80,001\)$"):
        make(1.0, 80_001)


def test_a_laplacian_of_gaussian_needs_neighbours():
    with pytest.raises(ValueError, match="size must be an integer of at least 3, got 1"):
        laplacian_of_gaussian(1.0, 1)
    assert laplacian_of_gaussian(0.1).shape == (3, 3)


def test_identity_refuses_more_than_there_is_memory_for():
    with pytest.raises(ValueError, match="size"):
        identity(10**6 + 1)
