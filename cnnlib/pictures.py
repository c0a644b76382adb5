"""Pictures as numbers: a file, a Pillow image or an array, as the grey levels that a browser would show."""

import io
import os
import warnings

import numpy as np

from cnnlib._validate import as_array, check_finite

MOST_PIXELS = 25_000_000  # of a picture: what promises more is refused before it is decoded
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")  # decoded by Pillow itself
_STRIP = 1_000_000  # pixels that are turned to grey at a time


def read_grey(source, name="image"):
    r"""Return a picture as grey levels from 0, black, to 1, white.

    What is transparent lies on white paper, colours are weighted as in `skimage.color.rgb2gray`,
    and a photograph is turned as its EXIF data say:

    .. math:: g = \alpha\,(0.2125\,R + 0.7154\,G + 0.0721\,B) + 1 - \alpha

    Colour profiles are ignored.

    Parameters
    ----------
    source : str, path, bytes, file object, PIL.Image.Image or array_like
        A file of one of the formats `FORMATS`; an image of any of Pillow's modes (palette, CMYK,
        16 bits a pixel …); or an array of shape (H, W), (H, W, 3) or (H, W, 4). The array's dtype
        says what white is: True, 255 for integers, 65,535 for uint16, 1.0 for floats.
    name : str
        What messages call the picture.

    Returns
    -------
    ndarray of float64, shape (H, W)

    Raises
    ------
    TypeError, ValueError
        If `source` is no picture, holds values out of range, or more than 25 million pixels.

    Examples
    --------
    >>> read_grey([[False, True]]), read_grey(np.uint8([[[255, 0, 0]]]))
    (array([[0., 1.]]), array([[0.2125]]))
    """
    values = _pixels(source, name)
    if values.ndim == 2:
        return values / _white(values)
    rows = max(1, _STRIP // values.shape[1])
    return np.concatenate([_as_grey(values[top : top + rows]) for top in range(0, len(values), rows)])


def _as_grey(values):
    from skimage import color  # here: whoever has no colours need not wait

    values = np.divide(values, _white(values), order="C")  # sums are rounded in the order of the memory
    return color.rgb2gray(color.rgba2rgb(values) if values.shape[2] == 4 else values)


def _white(values):
    """Return the value that stands for white in an array of this dtype."""
    return {"b": 1, "f": 1}.get(values.dtype.kind, 65_535 if values.dtype == np.uint16 else 255)


def _pixels(source, name):
    """Return a picture as an array of grey levels, of RGB or of RGBA, whose dtype says what white is."""
    from PIL import Image

    if isinstance(source, (bytes, bytearray, memoryview)):
        source = io.BytesIO(source)
    if isinstance(source, (str, os.PathLike)) or hasattr(source, "read"):
        source = _opened(source, name)
    if isinstance(source, Image.Image):
        return _unpacked(source, name)
    return _checked(source, name)


def _opened(source, name):
    """Return the Pillow image of a file; its size is known, its pixels are not decoded yet."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(source, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError(f"{name} must have at most {MOST_PIXELS:,} pixels; make it smaller first") from None
    except FileNotFoundError:
        raise ValueError(f"{name} must be a picture, and there is no file {os.fspath(source)!r}") from None
    except Exception as error:  # each of Pillow's readers has its own for a damaged file
        raise ValueError(f"{name} must be a picture in one of the formats {', '.join(FORMATS)}: {error}") from None


def _unpacked(image, name):
    """Return the pixels of a Pillow image, in what its mode says they are."""
    from PIL import ImageOps

    width, height = image.size
    _check_size((height, width), name)
    sixteen = image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG")
    try:
        image = ImageOps.exif_transpose(image)
        if image.mode == "F" or (image.mode == "I" and not sixteen):
            values = np.asarray(image)
        elif sixteen:
            return np.asarray(image).astype(np.uint16)
        else:
            if image.mode == "La":
                image = image.convert("LA")
            if image.has_transparency_data:
                return np.asarray(image.convert("RGBA"))
            return np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))
    except Exception as error:  # as in `_opened`
        raise ValueError(f"{name} must be a whole picture: {error}") from None
    return _checked(values, name)


def _checked(values, name):
    need = f"{name} must be a picture of shape (H, W), (H, W, 3) or (H, W, 4)"
    values = as_array(need, values)
    if values.dtype.kind not in "buif":
        raise TypeError(f"{need}, got dtype {values.dtype}")
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (3, 4)):
        raise ValueError(f"{need}, got shape {values.shape}")
    _check_size(values.shape[:2], name)
    check_finite(name, values)
    white = _white(values)
    if values.min() < 0 or values.max() > white:
        kind = "floats in [0, 1]" if white == 1 else f"integers in 0..{white}"
        raise ValueError(f"{name} must hold {kind}, got {values.min()} to {values.max()}")
    return values


def _check_size(shape, name):
    height, width = shape
    if height * width == 0:
        raise ValueError(f"{name} must have pixels, got {height}×{width}")
    if height * width > MOST_PIXELS:
        need = f"{name} must have at most {MOST_PIXELS:,} pixels"
        raise ValueError(f"{need}, got {height}×{width}; make it smaller first")
