"""Reading pictures: every mode of Pillow, arrays by their dtype, files; and what is refused before it is decoded."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cnnlib.pictures import MOST_PIXELS, read_grey
from cnnlib.widgets import DigitPad, FilterBench

RGB = np.random.default_rng(0).integers(0, 256, (7, 9, 3), np.uint8)
WEIGHTS = np.array([0.2125, 0.7154, 0.0721])  # of red, green and blue, as in the browser
GREY = RGB / 255 @ WEIGHTS


def written(image, **options):
    """The bytes of a file that holds an image."""
    file = io.BytesIO()
    image.save(file, **{"format": "PNG"} | options)
    return file.getvalue()


def png_header(width, height):
    """A PNG file that promises much and holds nothing."""
    parts = [b"\x89PNG\r\n\x1a\n"]
    for kind, data in ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b"")):
        parts.append(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))
    return b"".join(parts)


# Modes ---------------------------------------------------------------------------------------------


def test_colours_are_weighted_as_in_the_browser():
    np.testing.assert_allclose(read_grey(Image.fromarray(RGB)), GREY, atol=1e-12)
    np.testing.assert_allclose(read_grey(RGB), GREY, atol=1e-12)
    np.testing.assert_allclose(read_grey(RGB / 255), GREY, atol=1e-12)


def test_a_palette_is_looked_up():
    image = Image.fromarray(RGB).quantize(255, dither=Image.Dither.NONE)
    assert image.mode == "P"
    np.testing.assert_allclose(read_grey(image), read_grey(image.convert("RGB")), atol=1e-12)
    assert np.abs(read_grey(image) - GREY).max() < 0.2  # the places in the palette would be anything


def test_inks_are_no_light():
    paper, ink = Image.new("CMYK", (2, 1), (0, 0, 0, 0)), Image.new("CMYK", (2, 1), (0, 0, 0, 255))
    assert read_grey(paper).tolist() == [[1, 1]] and read_grey(ink).tolist() == [[0, 0]]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "YCbCr", "HSV", "CMYK", "RGBA", "LA", "PA", "RGBX", "RGBa", "La", "I;16", "F"])
def test_every_mode_of_pillow(mode):
    level = 255 if mode == "1" else 51
    image = Image.new("RGB", (3, 2), (level,) * 3)
    if mode == "I;16":
        image = Image.fromarray(np.full((2, 3), 257 * level, np.uint16))
    elif mode == "F":
        image = Image.fromarray(np.full((2, 3), level / 255, np.float32))
    else:
        for step in {"PA": ["P", "PA"], "RGBa": ["RGBA", "RGBa"], "La": ["LA", "La"], "HSV": ["HSV"]}.get(mode, [mode]):
            image = image.convert(step)
    assert image.mode == mode
    np.testing.assert_allclose(read_grey(image), level / 255, atol=0.01)


@pytest.mark.parametrize("mode, color", [("LA", (0, 0)), ("RGBA", (0, 0, 0, 0)), ("LA", (0, 255)), ("RGBA", (255, 0, 0, 128))])
def test_what_is_transparent_lies_on_white(mode, color):
    solid = color[-1] / 255
    luma = color[0] / 255 if mode == "LA" else np.dot(color[:3], WEIGHTS) / 255
    np.testing.assert_allclose(read_grey(Image.new(mode, (2, 2), color)), luma * solid + 1 - solid, atol=1e-12)


def test_a_palette_with_a_transparent_entry():
    image = Image.new("P", (2, 1), 0)
    image.putpalette([0, 0, 0, 255, 255, 255])
    file = written(image, transparency=0)
    assert read_grey(file).tolist() == [[1, 1]] and read_grey(written(image)).tolist() == [[0, 0]]


def test_sixteen_bits_a_pixel():
    values = np.array([[0, 257, 32_768, 65_535]], np.uint16)
    for source in (values, Image.fromarray(values), written(Image.fromarray(values))):
        np.testing.assert_allclose(read_grey(source), values / 65_535, atol=1e-12)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_turned_as_its_data_say(orientation):
    turns = {1: lambda x: x, 2: np.fliplr, 3: lambda x: x[::-1, ::-1], 4: np.flipud, 5: np.transpose,
             6: lambda x: np.rot90(x, -1), 7: lambda x: np.transpose(x[::-1, ::-1]), 8: np.rot90}
    image, exif = Image.fromarray(RGB), Image.Exif()
    exif[0x0112] = orientation
    np.testing.assert_allclose(read_grey(written(image, exif=exif)), turns[orientation](GREY), atol=1e-12)


# Arrays --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int8, np.int64, np.uint64, np.uint16, np.float16, np.float32, np.float64])
def test_the_dtype_says_what_white_is(dtype):
    white = {bool: 1, np.uint16: 65_535, np.int8: 127}.get(dtype, 255 if np.dtype(dtype).kind in "ui" else 1)
    values = np.array([[0, white]]).astype(dtype)
    assert read_grey(values).tolist() == [[0, 127 / 255 if dtype == np.int8 else 1]]


@given(st.integers(0, 99), st.sampled_from(["plain", "Fortran", "strided", "backwards", "read-only"]), st.sampled_from([(), (3,), (4,)]))
def test_the_layout_in_memory_says_nothing(seed, layout, channels):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 256, (*rng.integers(1, 9, 2), *channels), np.uint8)
    expected, before = read_grey(values), values.copy()
    laid = {"Fortran": np.asfortranarray(values), "strided": np.repeat(values, 2, 1)[:, ::2], "backwards": values[::-1].copy()[::-1]}
    given_ = laid.get(layout, values)
    given_.flags.writeable = layout != "read-only"
    np.testing.assert_array_equal(read_grey(given_), expected)
    np.testing.assert_array_equal(values, before)


@pytest.mark.parametrize("source, error, message", [
    (None, TypeError, "image must be a picture"),
    (np.zeros(5), ValueError, r"got shape \(5,\)"),
    (np.zeros((5, 5, 2)), ValueError, r"got shape \(5, 5, 2\)"),
    (np.zeros((0, 5)), ValueError, "image must have pixels, got 0×5"),
    (np.full((5, 5), 1.01), ValueError, r"image must hold floats in \[0, 1\], got 1\.01 to 1\.01"),
    (np.full((5, 5), 256), ValueError, r"image must hold integers in 0\.\.255"),
    (np.full((5, 5), np.nan), ValueError, "image must hold finite numbers"),
    (np.ma.zeros((5, 5)), TypeError, "image must be a picture .* got a masked array"),
    ([np.ma.zeros(2), np.ma.zeros(2)], TypeError, "image must be a picture .* got a masked array"),
    ([[np.ma.masked, 0.1]], TypeError, "image must be a picture .* got a masked array"),
    (np.zeros((5, 5), complex), TypeError, "got dtype complex128"),
    ([[1], [1, 2]], ValueError, "rows of different lengths"),
    ("no such file.png", ValueError, "there is no file 'no such file.png'"),
    (".", ValueError, "image must be a picture"),
    (b"", ValueError, "image must be a picture in one of the formats PNG"),
    (b"%!PS-Adobe-3.0 EPSF-3.0\n", ValueError, "image must be a picture in one of the formats PNG"),
])
def test_what_is_no_picture_is_refused(source, error, message):
    with pytest.raises(error, match=message):
        read_grey(source)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("row", [np.ma.masked_array(np.ones(140), np.ones(140)), [np.ma.masked] * 140])
def test_a_widgets_picture_has_no_holes(row):
    with pytest.raises((TypeError, ValueError), match="drawing must be a picture .* got a masked array"):
        DigitPad(drawing=[row] * 140)
    with pytest.raises((TypeError, ValueError), match="image must be a picture .* got a masked array"):
        FilterBench(image=[row] * 140)


# Sizes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width, height", [(5001, 5000), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_a_file_that_promises_too_much_is_not_decoded(width, height, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda image: pytest.fail("decoded"))
    with pytest.raises(ValueError, match=rf"image must have at most {MOST_PIXELS:,} pixels"):
        read_grey(png_header(width, height))


def test_an_image_or_array_above_the_size_is_refused():
    huge = np.broadcast_to(np.uint8(0), (5001, 5000))
    with pytest.raises(ValueError, match="image must have at most 25,000,000 pixels, got 5001×5000"):
        read_grey(huge)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_file_that_breaks_off_is_refused(share):
    file = written(Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)))
    with pytest.raises(ValueError, match="image must be"):
        read_grey(file[: int(share * len(file))])


# The two widgets that take pictures ----------------------------------------------------------------


def test_the_bench_and_the_pad_read_the_same(tmp_path):
    picture = np.random.default_rng(1).integers(0, 256, (140, 140, 3), np.uint8)
    levels = np.floor(255 * read_grey(picture) + 0.5)
    path = tmp_path / "ü.png"
    Image.fromarray(picture).save(path)
    for source in (picture, Image.fromarray(picture), path, str(path), path.read_bytes(), picture / 255):
        np.testing.assert_array_equal(FilterBench(image=source).image, levels)
        np.testing.assert_array_equal(DigitPad(drawing=source).drawing, levels)


@pytest.mark.parametrize("dtype", [bool, float])
def test_ink_in_booleans_and_in_floats_is_no_empty_paper(dtype):
    ink = np.zeros((140, 140), dtype)
    ink[30:110, 60:80] = 1
    assert DigitPad(drawing=ink).drawing.max() == 255 and DigitPad(drawing=ink).image.max() == 255
