"""FilterBench in Python: its pictures, kernels, outputs, messages and the static picture."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from traitlets import TraitError

from cnnlib import cross_correlate2d
from cnnlib.figures import PALETTE, format_number, grey_pixels, scale_end, shade, show_map, signed_pixels
from cnnlib.kernels import KERNELS, LECTURE
from cnnlib.widgets import FilterBench
from cnnlib.widgets.filter_bench import OWN, PHOTOS


@pytest.fixture
def bench():
    return FilterBench()


@pytest.mark.parametrize("name", PHOTOS)
def test_photographs(name):
    image = FilterBench(photo=name).image
    assert image.dtype == np.uint8 and image.ndim == 2 and max(image.shape) == 256
    assert image.min() < 80 and image.max() > 170  # shrinking keeps dark and bright
    row, col = PHOTOS[name]
    around = image[row - 1 : row + 2, col - 1 : col + 2]
    assert np.ptp(around.astype(int)) > 90  # the window begins on an edge


def test_all_photographs_travel_as_one_byte_a_pixel(bench):
    sizes = {name: len(photo["bytes"]) for name, photo in bench.photos.items()}
    assert sizes == {name: np.prod(photo["shape"]) for name, photo in bench.photos.items()}
    assert sum(sizes.values()) < 400_000


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("photo", ["camera", "page"])
def test_output_is_the_cross_correlation(name, photo):
    bench = FilterBench(name, photo)
    np.testing.assert_allclose(bench.weights, KERNELS[name], rtol=0, atol=1e-12)
    expected = cross_correlate2d(bench.image.astype(float), KERNELS[name])
    np.testing.assert_allclose(bench.output, expected, rtol=0, atol=1e-9)
    assert repr(name) in repr(bench) and repr(photo) in repr(bench)


def test_blurs_are_shown_in_whole_numbers_and_divided():
    assert FilterBench("box blur").kernel == [[1, 1, 1]] * 3 and FilterBench("box blur").divide
    assert FilterBench("Gaussian blur").kernel == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    assert FilterBench("Gaussian blur", divide=False).output.max() > 255
    assert not any(FilterBench(name).divide for name in LECTURE[:4])


def test_a_sum_of_zero_divides_nothing():
    bench = FilterBench(KERNELS["Laplacian of Gaussian"], divide=True)  # sums to −3e−17
    np.testing.assert_array_equal(bench.weights, KERNELS["Laplacian of Gaussian"])


def test_own_kernel_follows(bench):
    bench.kernel = np.eye(5) * 2
    bench.divide = True
    np.testing.assert_array_equal(bench.weights, np.eye(5) / 5)
    assert bench.output.shape == (252, 252) and "own kernel" in repr(bench)
    bench.kernel = KERNELS["Sobel x"]
    assert "Sobel x" in repr(bench)


def test_the_photograph_is_shown_clipped_and_edges_on_the_signed_scale():
    assert {name: FilterBench(name).clip for name in KERNELS} == {
        name: bool(kernel.sum() > 0.5) for name, kernel in KERNELS.items()
    }
    assert not FilterBench("sharpen", clip=False).clip


def test_a_smaller_photograph_keeps_the_window_inside(bench):
    bench.row = bench.col = 253
    bench.photo = "page"
    assert (bench.row, bench.col) == (124, 253)
    bench.kernel = np.ones((5, 5))
    assert (bench.row, bench.col) == (122, 251)


# A picture of one's own ----------------------------------------------------------------------------


@pytest.mark.parametrize("image, level", [
    (np.full((6, 7), 100, np.uint8), 100),
    (np.full((6, 7), 100, np.int64), 100),
    (np.full((6, 7), 0.4), 102),
    (np.ones((6, 7), bool), 255),
    (np.full((6, 7, 3), 100, np.uint8), 100),
    (np.full((6, 7, 3), (255, 0, 0), np.uint8), 54),  # red counts 0.2125
    (np.full((6, 7, 4), (0, 0, 0, 0), np.uint8), 255),  # transparent is white
])
def test_own_picture(image, level):
    before = image.copy()
    bench = FilterBench(image=image)
    assert bench.photo == OWN and bench.image.tolist() == [[level] * 7] * 6
    assert (bench.row, bench.col) == (2, 2)
    np.testing.assert_array_equal(image, before)


def test_large_own_picture_is_scaled_down():
    assert FilterBench(image=np.zeros((300, 1024))).image.shape == (75, 256)
    assert FilterBench(image=np.zeros((5, 2560))).image.shape == (5, 256)


@pytest.mark.parametrize("image, error, message", [
    ("cat.png", ValueError, "image must be a picture, and there is no file 'cat.png'"),
    ([["a"]], TypeError, "image must be a picture"),
    (np.zeros(9), ValueError, r"image must be a picture of shape .*, got shape \(9,\)"),
    (np.zeros((9, 9, 2)), ValueError, r"got shape \(9, 9, 2\)"),
    (np.zeros((4, 9)), ValueError, r"image must have at least 5×5 pixels, got shape \(4, 9\)"),
    (np.full((9, 9), 1.5), ValueError, r"image must hold floats in \[0, 1\], got 1\.5 to 1\.5"),
    (np.full((9, 9), 256), ValueError, r"image must hold integers in 0\.\.255, got 256 to 256"),
    (np.full((9, 9), np.nan), ValueError, "image must hold finite numbers only"),
])
def test_bad_own_picture(image, error, message):
    with pytest.raises(error, match=message):
        FilterBench(image=image)


@pytest.mark.parametrize("own", [
    "cat", {}, {"shape": [9, 9], "bytes": b"1234"}, {"shape": [4, 4], "bytes": bytes(16)},
    {"shape": [257, 5], "bytes": bytes(257 * 5)}, {"shape": ["9", 9], "bytes": bytes(81)},
])
def test_bad_upload_is_refused_and_nothing_breaks(bench, own):
    with pytest.raises(TraitError, match="own"):
        bench.own = own
    assert bench.own is None and bench.photo == "camera" and bench.output.shape == (254, 254)


def test_upload_as_the_browser_sends_it(bench):
    bench.set_state({"own": {"shape": [6, 8], "bytes": memoryview(bytes(range(48)))}, "photo": OWN, "row": 3, "col": 5})
    np.testing.assert_array_equal(bench.image, np.arange(48).reshape(6, 8))
    assert (bench.row, bench.col) == (3, 5)


# Messages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments, message", [
    ({"kernel": "edges"}, "kernel must be one of 'edges, diagonal'"),
    ({"kernel": np.ones((4, 4))}, r"kernel must have shape \(3, 3\) or \(5, 5\), got \(4, 4\)"),
    ({"kernel": np.ones((3, 5))}, r"kernel must have shape"),
    ({"kernel": [1, 2, 3]}, r"kernel must be a 2-D array of numbers, got shape \(3,\)"),
    ({"kernel": np.full((3, 3), np.inf)}, "kernel must hold finite numbers only"),
    ({"photo": "cat"}, "photo must be one of 'camera'"),
    ({"photo": OWN}, "photo must"),
    ({"row": 254}, r"row must be an integer in 0\.\.253, got 254"),
    ({"col": -1}, "col must be an integer of at least 0, got -1"),
])
def test_bad_arguments(bench, arguments, message):
    with pytest.raises(ValueError, match=message):
        FilterBench(**arguments)
    ((name, value),), state = arguments.items(), bench.get_state()
    with pytest.raises(ValueError, match="kernel must be" if isinstance(value, str) and name == "kernel" else message):
        setattr(bench, name, value)
    assert bench.get_state() == state


# What is shown -------------------------------------------------------------------------------------


def test_scale_end():
    assert scale_end(np.zeros((4, 4))) == 1
    assert scale_end(np.array([[0.0, -0.031, 0.02]])) == 0.031  # too few to sample: the largest
    values = np.zeros((70, 70))
    values.flat[:: 7 * 25] = -456  # one in 25 of the sampled
    assert scale_end(values) == 460
    values[:] = 0
    values.flat[0] = 9999  # a single one does not rule the scale
    values.flat[7::14] = 12
    assert scale_end(values) == 12


def test_colours():
    pixels = signed_pixels(np.array([[-20.0, -10, 0, 10, 99]]), 10)
    assert ["#" + pixel.tobytes().hex() for pixel in pixels[0]] == [
        PALETTE["light"]["negative"], PALETTE["light"]["negative"], PALETTE["light"]["output_zero"],
        PALETTE["light"]["output"], PALETTE["light"]["output"],
    ]
    half = "#" + signed_pixels(np.array([[5.0]]), 10)[0, 0].tobytes().hex()
    assert half == shade(128, 255, "output")
    assert grey_pixels(np.array([[-3.0, 0.5, 254.4, 300]]))[0, :, 0].tolist() == [0, 1, 254, 255]


@pytest.mark.parametrize("clip, ends", [(False, ["≤ −130", "≥ 130"]), (True, ["≤ 0", "≥ 255"])])
def test_map_with_its_scale(bench, clip, ends):
    ax = show_map(Figure().subplots(), bench.output, "edges", clip=clip)
    assert ax.get_title() == "edges" and [text.get_text() for text in ax.child_axes[0].texts] == ends
    expected = grey_pixels(bench.output) if clip else signed_pixels(bench.output, 130)
    np.testing.assert_array_equal(ax.images[0].get_array(), expected)


def test_description(bench):
    assert bench.describe() == (
        "Output (78, 30) of 254×254 is 22: the 3×3 kernel “edges, Laplacian” on rows 78–80 and columns 30–32 "
        "of “camera”, 256×256 pixels. Its weights sum to 0."
    )
    assert repr(bench) == "FilterBench('edges, Laplacian', 'camera' 256×256, window at (78, 30))"


def test_static_picture_tells_the_same():
    bench = FilterBench("Gaussian blur", "coins")
    (axes,) = bench.picture().axes
    (scale,) = axes.child_axes
    texts = [text.get_text() for text in axes.texts]
    patch = bench.image[47:50, 222:225].astype(int)
    products = patch * bench.kernel
    shown = [str(number) for number in (*np.ravel(bench.kernel), *patch.flat, *products.flat)]
    assert sorted(shown) == sorted(text for text in texts if text.isdigit())
    assert {"coins · 202 × 256", "Gaussian blur · sum 16 · ÷ 16", "output · 200 × 254"} <= set(texts)
    assert [text.get_text() for text in scale.texts] == ["≤ 0", "≥ 255"]
    assert format_number(bench.output[47, 222]) in texts
    photo, output = axes.images[0].get_array(), axes.images[1].get_array()
    np.testing.assert_array_equal(photo[..., 0], bench.image)
    np.testing.assert_array_equal(output[..., 0], np.floor(bench.output + 0.5))


def test_stored_output_has_a_picture_and_a_line(bench):
    data, metadata = bench._repr_mimebundle_()
    assert data["text/plain"] == bench.describe() and metadata["image/png"]["width"] == 880
    assert len(data["image/png"]) < 600_000


def test_a_photograph_may_be_shown_beside_a_picture_of_one_s_own():
    bench = FilterBench(photo="coins", image=np.full((20, 30), 9))
    assert bench.photo == "coins" and (bench.row, bench.col) == (47, 222)
    bench.photo = "own picture"
    assert bench.image.shape == (20, 30)
    assert FilterBench(photo="own picture", image=np.full((20, 30), 9)).image.shape == (20, 30)
