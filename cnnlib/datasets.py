"""Data that comes with the library: loaders, their checksums, batches, augmentation.

Nothing is downloaded, ever. The files lie in ``data/``: inside an installed package, beside the package
in a clone. Each has its SHA-256 in `REGISTRY`; its source and licence are in ``data/README.md``.
Photographs are those that scikit-image brings.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnlib._files import read_numbers
from cnnlib._validate import (
    check_array,
    check_choice,
    check_int,
    check_number,
    check_path,
    check_rng,
    check_size,
    plain_fields,
)

FARTHEST = 1e9  # pixels that `RandomAffine` shifts: all of them are outside long before
MOST_BYTES = 1 << 28  # of an array in a file: five times MNIST's training images
_PACKAGE = Path(__file__).resolve().parent
DATA = _PACKAGE / "data" if (_PACKAGE / "data").is_dir() else _PACKAGE.parent / "data"

REGISTRY = {
    "train-images-idx3-ubyte.gz": "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
    "train-labels-idx1-ubyte.gz": "1787548bbe0bff1ec2ecdc0ef292b02df999e2d1a6002d27500982c652b17203",
    "t10k-images-idx3-ubyte.gz": "1a1a05eab793c14bb050b398624a11b0ffd1a2953baed553b1b9bd079e2a20be",
    "t10k-labels-idx1-ubyte.gz": "b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b",
    "fashion-train-images-idx3-ubyte.gz": "a33b546c2a6a2fa71047843fb9550abde14f3c6c56ba00b775bfb4f601c1ac7f",
    "fashion-train-labels-idx1-ubyte.gz": "02870ffe5057f94696feb79d1f7c04012b347609c51d2ac2aaedcbd3f1e1fcdc",
    "fashion-t10k-images-idx3-ubyte.gz": "a9d323f7daba2845432d17a9f71edd1ecd353f5d9e7a611a03fa1b089d8b29b6",
    "fashion-t10k-labels-idx1-ubyte.gz": "09f5dc909c8586184bae0fbde44202a1b007bf6f2bd2bc952652fa22dc323f95",
    "lenet5_mnist.npz": "4c6d46b03c57a5bc47e9c642af6322c2473b70e27057bdfc39057fa3c0bafa4b",
}
PHOTOGRAPHS = "astronaut", "brick", "camera", "chelsea", "coffee", "coins", "grass", "moon", "page", "rocket", "text"


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """Images and their labels.

    Attributes
    ----------
    images : ndarray of uint8, shape (N, H, W)
        0 is background, 255 full ink.
    labels : ndarray of uint8, shape (N,)
    """

    images: np.ndarray
    labels: np.ndarray

    def __len__(self):
        return len(self.labels)

    def __repr__(self):
        return f"Split({len(self):,} images of {self.images.shape[1]}×{self.images.shape[2]})"


@dataclass(frozen=True, eq=False)
class Dataset:
    """A training and a test split, and what the classes are called.

    Attributes
    ----------
    train, test : Split
    classes : tuple of str
    """

    train: Split
    test: Split
    classes: tuple


def load_mnist(folder=None):
    """Return all of MNIST: 60,000 training and 10,000 test images of handwritten digits.

    Parameters
    ----------
    folder : path-like, optional
        Where the four gzipped files in IDX format are; the library's ``data/`` unless given.

    Returns
    -------
    Dataset
        Images are uint8 (N, 28, 28), labels uint8 (N,), both read-only. They stay uint8 in
        memory: a net turns a batch at a time into floating point (`cnnlib.layers.Normalize`).

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file is not the one that the registry knows: truncated, altered, damaged.

    Notes
    -----
    Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits".

    Examples
    --------
    >>> mnist = load_mnist()
    >>> mnist.train, mnist.test
    (Split(60,000 images of 28×28), Split(10,000 images of 28×28))
    >>> mnist.train.labels[:5]
    array([5, 0, 4, 1, 9], dtype=uint8)
    """
    return _load_idx("", tuple("0123456789"), folder)


def load_mnist_test(folder=None):
    """Return the 10,000 test images of MNIST alone, in a sixth of the time of `load_mnist`.

    Parameters
    ----------
    folder : path-like, optional
        As for `load_mnist`.

    Returns
    -------
    Split

    Raises
    ------
    FileNotFoundError, ValueError
        As `load_mnist`.

    Examples
    --------
    >>> load_mnist_test()
    Split(10,000 images of 28×28)
    """
    return _load_split("t10k", folder)


def load_fashion_mnist(folder=None):
    """Return a part of Fashion-MNIST: 400 training and 200 test images of each of ten kinds of clothing.

    Parameters
    ----------
    folder : path-like, optional
        Where the four gzipped files in IDX format are; the library's ``data/`` unless given.

    Returns
    -------
    Dataset
        As `load_mnist`: uint8 images (4000, 28, 28) and (2000, 28, 28), read-only.

    Raises
    ------
    FileNotFoundError, ValueError
        As `load_mnist`.

    Notes
    -----
    H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine
    learning algorithms", 2017. The part was taken by ``tools/take_fashion_mnist.py``.

    Examples
    --------
    >>> fashion = load_fashion_mnist()
    >>> fashion.train, fashion.classes[fashion.train.labels[0]]
    (Split(4,000 images of 28×28), 'Ankle boot')
    """
    classes = "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"
    return _load_idx("fashion-", classes, folder)


def _load_idx(prefix, classes, folder):
    return Dataset(_load_split(f"{prefix}train", folder), _load_split(f"{prefix}t10k", folder), classes)


def _load_split(part, folder):
    folder = DATA if folder is None else check_path("folder", folder)
    names = f"{part}-images-idx3-ubyte.gz", f"{part}-labels-idx1-ubyte.gz"
    return Split(*(parse_idx(registered(name, folder), name) for name in names))


def load_photograph(name):
    """Return one of scikit-image's photographs, the same numbers as those of ``skimage.data``.

    The file is decoded by Pillow. ``skimage.data`` first imports half of scikit-image for it, which takes fifty
    times as long; it is asked where this scikit-image does not keep the picture in that file.

    Parameters
    ----------
    name : str
        One of `PHOTOGRAPHS`.

    Returns
    -------
    ndarray of uint8, shape (H, W) or (H, W, 3)

    Raises
    ------
    TypeError, ValueError
        If there is no photograph of this name.

    Examples
    --------
    >>> load_photograph("astronaut").shape, load_photograph("camera").shape
    ((512, 512, 3), (512, 512))
    """
    from importlib.util import find_spec  # here, as below: `import cnnlib` need not wait

    check_choice("name", name, PHOTOGRAPHS)
    package = find_spec("skimage")  # found, and not imported
    for folder in package.submodule_search_locations if package else ():
        for path in Path(folder, "data").glob(f"{name}.*"):
            if path.suffix in (".png", ".jpg"):
                from PIL import Image

                with Image.open(path) as image:
                    return np.array(image)
    from skimage import data

    return getattr(data, name)()


def registered(name, folder=DATA):
    """Return the content of a data file, once it is sure to be the one that the registry knows.

    Parameters
    ----------
    name : str
        A key of `REGISTRY`.
    folder : path-like, optional
        The library's ``data/`` unless given.

    Returns
    -------
    bytes

    Raises
    ------
    FileNotFoundError
        If it is missing.
    ValueError
        If its SHA-256 is another one.
    """
    folder = check_path("folder", folder)
    path = folder / check_path("name", name)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        again = "clone the repository, or install the package, again"
        raise FileNotFoundError(f"{name} must be in {folder}, and is not: {again}") from None
    import hashlib  # here and below: `import cnnlib` need not wait for what only a loader uses

    digest = hashlib.sha256(content).hexdigest()
    if digest != REGISTRY[name]:
        raise ValueError(
            f"{name} must have SHA-256 {REGISTRY[name]}, got {digest} ({len(content):,} bytes): restore it"
        )
    return content


def parse_idx(content, name="content"):
    """Return the array that a gzipped file in IDX format holds.

    Parameters
    ----------
    content : bytes
        Two zero bytes, the type 8 (unsigned byte), the number of axes, each axis' length as a
        big-endian 32-bit integer, then the numbers in C order; the whole gzipped.
    name : str
        For messages.

    Returns
    -------
    ndarray of uint8, read-only

    Raises
    ------
    ValueError
        If the content is not gzip, is cut short, does not hold as many numbers as it says, or says
        more than 256 MiB.

    Examples
    --------
    >>> import gzip
    >>> parse_idx(gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9])))
    array([7, 8, 9], dtype=uint8)
    """
    import gzip
    import io
    import zlib

    if not isinstance(content, (bytes, bytearray)):
        raise TypeError(f"content must be bytes, got {content!r:.60}")

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            head = stream.read(4)
            lengths = stream.read(4 * head[3]) if head[:3] == b"\x00\x00\x08" and len(head) == 4 else b""
            if len(head) < 4 or head[:3] != b"\x00\x00\x08" or len(lengths) < 4 * head[3]:
                got = head.hex(" ") or "nothing"
                raise ValueError(f"{name} must begin with an IDX header of unsigned bytes, got {got}")
            shape = tuple(int(n) for n in np.frombuffer(lengths, ">u4"))
            array = read_numbers(stream, shape, np.dtype(np.uint8), MOST_BYTES, name)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{name} must be a whole gzip file, got {len(content):,} bytes: {error}") from error
    array.flags.writeable = False
    return array


def load_long_run(lecture, folder=None):
    """Return what a lecture's experiments found when they ran at full length.

    Parameters
    ----------
    lecture : str
        Two digits, such as ``"09"``.
    folder : path-like, optional
        Where the records are; the library's ``data/long_runs/`` unless given.

    Returns
    -------
    dict
        What the lecture kept in its ``record``; and ``"constants"``, a dict of the constants that
        were other than in the lecture, as text. Made by ``python tools/long_run.py 09``.

    Raises
    ------
    FileNotFoundError
        If there is no record of this lecture.
    """
    import json

    folder = DATA / "long_runs" if folder is None else check_path("folder", folder)
    if not isinstance(lecture, str) or not re.fullmatch(r"\w+", lecture):
        raise TypeError(f'lecture must be the name of a lecture, such as "09", got {lecture!r:.60}')
    for path in folder.glob(f"{lecture}_*.json"):
        return json.loads(path.read_text(encoding="utf-8"))
    raise FileNotFoundError(f"{lecture}_*.json must be in {folder}, and is not: run python tools/long_run.py {lecture}")


def batches(count, batch_size, rng=None):
    """Yield the indices of one epoch, a batch at a time.

    Parameters
    ----------
    count : int
        Examples in all.
    batch_size : int
        The last batch is smaller where it does not divide.
    rng : numpy.random.Generator or int, optional
        Shuffles; without it the order is kept.

    Yields
    ------
    ndarray of int, or slice
        Something to index examples with; a slice, which copies nothing, where the order is kept.

    Examples
    --------
    >>> [order.tolist() for order in batches(5, 2, rng=0)]
    [[2, 4], [3, 0], [1]]
    >>> list(batches(5, 2))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    count, batch_size = check_int("count", count, 1), check_int("batch_size", batch_size, 1)
    check_size("count", (count if rng is not None else 1,))  # an order takes memory, slices take none
    order = None if rng is None else check_rng(rng).permutation(count)
    for start in range(0, count, batch_size):
        part = slice(start, min(start + batch_size, count))
        yield part if order is None else order[part]


@dataclass(frozen=True)
class RandomAffine:
    r"""Shift, turn, stretch and slant each image of a batch by a little: augmentation for `cnnlib.train.fit`.

    The pixel that is to stand at (x, y), seen from the middle of the image, is taken from

    .. math:: \begin{pmatrix} \cos\varphi & -\sin\varphi \\ \sin\varphi & \cos\varphi \end{pmatrix}
              \begin{pmatrix} s_x & h \\ 0 & s_y \end{pmatrix} \begin{pmatrix} x \\ y \end{pmatrix} + t,

    with numbers drawn for each image by itself, evenly between their bounds. Between pixels the
    image is interpolated, outside it is 0.

    Parameters
    ----------
    shift : float, default 0
        Largest size of t, in pixels, in each direction.
    rotation : float, default 0
        Largest size of φ, in degrees.
    scale : float, default 0
        Largest distance of s from 1, in [0, 1); width and height by themselves.
    shear : float, default 0
        Largest size of h, in pixels to the side for each pixel down.

    Raises
    ------
    TypeError, ValueError
        For a number out of range; from a call, for images that are not (N, H, W).

    Notes
    -----
    Distortions of this kind lowered LeNet-5's error from 0.95 % to 0.8 % (LeCun, Bottou, Bengio &
    Haffner, "Gradient-based learning applied to document recognition", 1998, section III).

    Examples
    --------
    A dot that moves by parts of a pixel is shared between its neighbours.

    >>> dot = np.zeros((1, 5, 5))
    >>> dot[0, 2, 2] = 1
    >>> moved = RandomAffine(shift=1)(dot, rng=0)
    >>> float(moved.max()) < 1, round(float(moved.sum()), 6)
    (True, 1.0)
    """

    shift: float = 0.0
    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0

    def __post_init__(self):
        check_number("shift", self.shift, 0, FARTHEST)
        check_number("rotation", self.rotation, 0, 180)
        check_number("scale", self.scale, 0, 1, open_high=True)
        check_number("shear", self.shear, 0, FARTHEST)
        plain_fields(self)

    def __call__(self, images, rng):
        """Return distorted copies of images.

        Parameters
        ----------
        images : ndarray, shape (N, H, W)
        rng : numpy.random.Generator or int

        Returns
        -------
        ndarray, shape (N, H, W)
            Of the same dtype.
        """
        from skimage.transform import warp  # here: `import cnnlib` need not wait for it

        images = check_array("images", images, 3, axes="(N, H, W)")
        if images.dtype.kind == "b":
            raise TypeError("images must be numbers to interpolate between, got dtype bool")
        matrices = self._matrices(images.shape, check_rng(rng))
        # `warp` asks for memory that could be written to, in this machine's order of bytes, and changes nothing
        native = images.astype(images.dtype.newbyteorder("="), copy=False)
        writeable = native if native.flags.writeable else native.copy()
        # not clipped to the image's own numbers: 0, which is outside, need not be one of them
        options = {"order": 1, "preserve_range": True, "clip": False}
        moved = np.stack([warp(image, m, **options) for image, m in zip(writeable, matrices)])
        if images.dtype.kind in "ui":
            bounds = np.iinfo(images.dtype)
            most = float(bounds.max)
            moved = np.rint(moved).clip(bounds.min, most if most <= bounds.max else np.nextafter(most, 0))
        return moved.astype(images.dtype)

    def _matrices(self, shape, rng):
        """From a pixel's place in the output to its place in the input, (x, y, 1) counted from the corner."""
        count, height, width = shape
        angle = np.radians(rng.uniform(-self.rotation, self.rotation, count))
        x_scale, y_scale = 1 + rng.uniform(-self.scale, self.scale, (2, count))
        slant = rng.uniform(-self.shear, self.shear, count)
        cos, sin, middle = np.cos(angle), np.sin(angle), np.array([(width - 1) / 2, (height - 1) / 2])

        matrices = np.tile(np.eye(3), (count, 1, 1))
        matrices[:, 0, 0], matrices[:, 0, 1] = cos * x_scale, cos * slant - sin * y_scale
        matrices[:, 1, 0], matrices[:, 1, 1] = sin * x_scale, sin * slant + cos * y_scale
        matrices[:, :2, 2] = middle - matrices[:, :2, :2] @ middle + rng.uniform(-self.shift, self.shift, (count, 2))
        return matrices
