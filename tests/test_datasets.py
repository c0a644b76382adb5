"""MNIST as it lies in the repository, and what happens when it does not."""

import gzip
import shutil
import struct
import subprocess
import sys
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import RandomAffine, batches, load_fashion_mnist, load_mnist, load_mnist_test, load_photograph
from cnnlib.datasets import DATA, PHOTOGRAPHS, REGISTRY, parse_idx, registered
from strategies import seeds

MNIST = [name for name in REGISTRY if name.endswith(".gz") and not name.startswith("fashion-")]
FASHION = [f"fashion-{name}" for name in MNIST]


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


def test_mnist_is_all_there(mnist):
    assert (len(mnist.train), len(mnist.test)) == (60_000, 10_000)
    assert mnist.train.images.shape == (60_000, 28, 28) and mnist.test.images.shape == (10_000, 28, 28)
    assert mnist.train.labels.shape == (60_000,) and mnist.test.labels.shape == (10_000,)
    # counts of the digits 0…9, as every copy of MNIST has them
    assert np.bincount(mnist.train.labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(mnist.test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert mnist.test.labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert mnist.classes == tuple("0123456789")
    assert mnist.train.images.min() == 0 and mnist.train.images.max() == 255
    # ink, not paper, is bright, and rows are rows: a 1 is taller than it is wide
    one = mnist.train.images[mnist.train.labels == 1].mean(axis=0)
    assert one[0, 0] == 0 and (one.max(axis=1) > 30).sum() > (one.max(axis=0) > 30).sum()


def test_the_test_images_need_their_own_files_only(mnist, tmp_path):
    for name in MNIST:
        if name.startswith("t10k"):
            shutil.copy(DATA / name, tmp_path / name)
    test = load_mnist_test(tmp_path)
    np.testing.assert_array_equal(test.images, mnist.test.images)
    np.testing.assert_array_equal(test.labels, mnist.test.labels)


def test_arrays_are_bytes_and_read_only(mnist):
    for array in (mnist.train.images, mnist.train.labels, mnist.test.images, mnist.test.labels):
        assert array.dtype == np.uint8
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_reprs_are_short_and_have_no_address(mnist):
    assert repr(mnist.train) == "Split(60,000 images of 28×28)"
    assert "0x" not in repr(mnist) and len(repr(mnist)) < 200


def test_every_file_is_registered_and_documented():
    files = {path.name for path in DATA.iterdir() if path.is_file()} - {"README.md"}  # long_runs/ is ours
    assert files == set(REGISTRY)
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for name, digest in REGISTRY.items():
        registered(name)
        assert f"{digest}  {name}\n" in readme


# Fashion-MNIST -----------------------------------------------------------------------------------


def test_the_part_of_fashion_mnist():
    fashion = load_fashion_mnist()
    for split, count in ((fashion.train, 400), (fashion.test, 200)):
        assert split.images.shape == (10 * count, 28, 28) and split.images.dtype == np.uint8
        assert np.bincount(split.labels).tolist() == [count] * 10
        assert split.images.min() == 0 and split.images.max() == 255
    # The first labels of the originals; the balance leaves nothing out so early.
    assert fashion.train.labels[:5].tolist() == [9, 0, 0, 3, 0]
    assert fashion.test.labels[:5].tolist() == [9, 2, 1, 1, 6]
    assert len(fashion.classes) == 10 and (fashion.classes[1], fashion.classes[9]) == ("Trouser", "Ankle boot")
    # A trouser is taller than wide, a sneaker wider than tall.
    lit = {name: fashion.train.images[fashion.train.labels == label].mean(axis=0) > 60 for label, name in enumerate(fashion.classes)}
    assert lit["Trouser"].any(axis=1).sum() > lit["Trouser"].any(axis=0).sum()
    assert lit["Sneaker"].any(axis=1).sum() < lit["Sneaker"].any(axis=0).sum()


def test_no_image_of_the_fashion_test_is_in_its_training_set():
    fashion = load_fashion_mnist()
    train = {image.tobytes() for image in fashion.train.images}
    assert not any(image.tobytes() in train for image in fashion.test.images)


@pytest.mark.parametrize("name", FASHION)
def test_each_file_of_fashion_mnist_is_checked(tmp_path, name):
    for one in FASHION:
        shutil.copy(DATA / one, tmp_path / one)
    assert len(load_fashion_mnist(tmp_path).test) == 2000
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-1])
    with pytest.raises(ValueError, match=f"^{name} must have SHA-256 {REGISTRY[name]}, got "):
        load_fashion_mnist(tmp_path)


def test_the_part_is_taken_by_its_script():
    from tools import take_fashion_mnist as script

    labels = np.uint8([1, 0, 1, 1, 0, 0])
    assert script.first_of_each_class(labels, 2).tolist() == [0, 1, 2, 4]
    array = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    np.testing.assert_array_equal(parse_idx(gzip.compress(script.as_idx(array))), array)


# Photographs -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_photograph_is_that_of_scikit_image(name):
    from skimage import data

    ours, theirs = load_photograph(name), getattr(data, name)()
    assert ours.dtype == theirs.dtype == np.uint8 and ours.flags.writeable
    np.testing.assert_array_equal(ours, theirs)


def test_a_photograph_takes_no_import_of_scikit_image():
    code = "import sys, cnnlib; cnnlib.load_photograph('astronaut'); sys.exit('skimage' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_where_scikit_image_keeps_its_files_elsewhere_it_is_asked(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert load_photograph("coins").shape == (303, 384)


# Damaged files -----------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    for name in MNIST:
        shutil.copy(DATA / name, tmp_path / name)
    return tmp_path


def test_a_folder_of_ones_own(folder, mnist):
    np.testing.assert_array_equal(load_mnist(folder).test.images, mnist.test.images)
    np.testing.assert_array_equal(load_mnist(str(folder)).test.labels, mnist.test.labels)


@pytest.mark.parametrize(
    "damage",
    [
        lambda b: b[:-1], lambda b: b"", lambda b: b"not gzip", lambda b: b + b"\0", lambda b: b[:100] + bytes([b[100] ^ 1]) + b[101:],
    ],
    ids=["truncated", "empty", "other", "longer", "one bit"],
)
def test_a_file_that_is_not_the_registered_one(tmp_path, damage):
    name = next(iter(REGISTRY))  # the first that is read: no need for the others
    content = damage((DATA / name).read_bytes())
    (tmp_path / name).write_bytes(content)
    message = rf"^{name} must have SHA-256 {REGISTRY[name]}, got [0-9a-f]{{64}} \({len(content):,} bytes\)"
    with pytest.raises(ValueError, match=message):
        load_mnist(tmp_path)


@pytest.mark.parametrize("name", MNIST)
def test_each_file_is_checked(folder, name):
    (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    with pytest.raises(ValueError, match=f"^{name} must have SHA-256 {REGISTRY[name]}, got "):
        load_mnist(folder)


def test_the_same_numbers_packed_again_are_refused_too(folder):
    path = folder / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())))
    with pytest.raises(ValueError, match="t10k-labels-idx1-ubyte.gz must have SHA-256"):
        load_mnist(folder)


@pytest.mark.parametrize("name", MNIST)
def test_a_missing_file(folder, name):
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"{name} must be in "):
        load_mnist(folder)


def idx(shape, numbers, head=b"\0\0\x08"):
    return head + bytes([len(shape)]) + b"".join(struct.pack(">I", n) for n in shape) + bytes(numbers)


@given(st.lists(st.integers(0, 5), max_size=4), seeds)
def test_parse_idx_round_trip(shape, seed):
    array = np.random.default_rng(seed).integers(0, 256, tuple(shape), dtype=np.uint8)
    parsed = parse_idx(gzip.compress(idx(shape, array.tobytes())))
    assert parsed.dtype == np.uint8 and parsed.shape == tuple(shape) and not parsed.flags.writeable
    np.testing.assert_array_equal(parsed, array)


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "gift must be a whole gzip file, got 0 bytes|gift must begin with an IDX header of unsigned bytes, got nothing"),
        (b"plainly not gzip", "gift must be a whole gzip file, got 16 bytes"),
        (gzip.compress(idx([3], [1, 2, 3]))[:-9], r"gift must be a whole gzip file, got \d+ bytes"),
        (gzip.compress(idx([3], [1, 2, 3]))[:-8] + b"\0" * 8, r"gift must be a whole gzip file, got \d+ bytes: CRC"),
        (gzip.compress(b""), "gift must begin with an IDX header of unsigned bytes, got nothing"),
        (gzip.compress(b"\0\0\x08"), "gift must begin with an IDX header .*, got 00 00 08"),
        (gzip.compress(idx([3], [1, 2, 3], head=b"\0\0\x0d")), "gift must begin with an IDX header .*, got 00 00 0d 01"),
        (gzip.compress(idx([3], [1, 2, 3], head=b"\1\0\x08")), "gift must begin with an IDX header .*, got 01 00 08 01"),
        (gzip.compress(idx([3, 3], [])[:-2]), "gift must begin with an IDX header"),
        (gzip.compress(idx([3], [1, 2])), r"gift must hold 3 numbers for shape \(3,\), got 2"),
        (gzip.compress(idx([2, 2], range(5))), r"gift must hold 4 numbers for shape \(2, 2\), got more"),
        (gzip.compress(idx([2**31, 2**31, 4], [])), r"gift must hold at most 268,435,456 bytes, got 18,446,744,073,709,551,616 for shape"),
        (gzip.compress(idx([2**32 - 1, 2**32 - 1, 0], [])), r"gift must hold at most 268,435,456 bytes, got 18,446"),
        (gzip.compress(idx([1] * 70, [7])), "gift must have at most 32 axes, got 70"),
        (gzip.compress(idx([2**28 + 1], [])), r"gift must hold at most 268,435,456 bytes, got 268,435,457 for shape"),
    ],
    # gzip writes the time into its header: no two collections would agree on the names
    ids=lambda value: "content" if isinstance(value, bytes) else None,
)
def test_parse_idx_refuses(content, message):
    with pytest.raises(ValueError, match=message):
        parse_idx(content, "gift")


def test_a_bomb_takes_no_memory():
    """What its header does not promise is never unpacked."""
    packed = zlib.compressobj(9, wbits=31)
    bomb = packed.compress(idx([3], [1, 2, 3])) + b"".join(packed.compress(bytes(1 << 24)) for _ in range(4)) + packed.flush()
    assert len(bomb) < 70_000  # of 64 MB
    for content in (bomb, gzip.compress(idx([2**28 - 1], [1, 2, 3]))):  # and one that promises and does not hold
        tracemalloc.start()
        with pytest.raises(ValueError, match="gift must hold "):
            parse_idx(content, "gift")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < (4e6 if content is bomb else 2**28 + 4e6)  # NumPy's promise is counted, though the system gave nothing


# Batches -----------------------------------------------------------------------------------------


@given(st.integers(1, 200), st.integers(1, 70), st.none() | seeds)
def test_batches_hold_each_example_once(count, batch_size, rng):
    parts = [np.arange(count)[batch] for batch in batches(count, batch_size, rng)]
    assert [len(part) for part in parts[:-1]] == [batch_size] * (len(parts) - 1)
    assert 1 <= len(parts[-1]) <= batch_size
    together = np.concatenate(parts)
    if rng is None:
        np.testing.assert_array_equal(together, np.arange(count))
    np.testing.assert_array_equal(np.sort(together), np.arange(count))


def test_batches_shuffle_each_epoch_anew_and_repeat_for_a_seed():
    def epoch(rng):
        return np.concatenate(list(batches(100, 10, rng))).tolist()

    rng = np.random.default_rng(5)
    first, second = epoch(rng), epoch(rng)
    assert first == epoch(5) and first != second and first != list(range(100))


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((0, 1), ValueError, "count must be an integer of at least 1, got 0"),
        ((3, 0), ValueError, "batch_size must be an integer of at least 1, got 0"),
        ((3, 1.5), TypeError, "batch_size must be an integer of at least 1, got 1.5"),
        ((3, 1, "seed"), TypeError, "rng must be a numpy.random.Generator or an integer seed, got 'seed'"),
    ],
)
def test_batches_refuse(arguments, error, message):
    with pytest.raises(error, match=message):
        list(batches(*arguments))


# Augmentation ------------------------------------------------------------------------------------


def blobs(count, size=41):
    """Elongated Gaussian spots in the middle: their centre, area and direction can be measured."""
    y, x = np.indices((size, size)) - (size - 1) / 2
    return np.repeat(np.exp(-(x**2) / 40 - y**2 / 10)[None], count, axis=0)


def moments(images):
    """Area, centre (x, y) from the middle, and covariance matrix of each image's ink."""
    y, x = np.indices(images.shape[1:]) - (images.shape[1] - 1) / 2
    places, area = np.stack([x.ravel(), y.ravel()]), images.sum(axis=(1, 2))
    weights = images.reshape(len(images), 1, -1) / area[:, None, None]
    centre = (weights * places).sum(axis=2)
    offsets = places - centre[:, :, None]
    return area, centre, np.einsum("nik,njk->nij", weights * offsets, offsets)


def between(values, low, high):
    """All within the bounds (but for interpolation), and both nearly reached by some of 200."""
    margin = 0.05 * (high - low)
    assert low - margin / 2 <= values.min() <= low + margin and high - margin <= values.max() <= high + margin / 2


def test_nothing_to_distort():
    images = load_mnist().test.images[:3]
    same = RandomAffine()(images, rng=0)
    np.testing.assert_array_equal(same, images)
    assert same.dtype == np.uint8 and not np.shares_memory(same, images)
    assert RandomAffine(shift=1)(blobs(1).astype(np.float32), rng=0).dtype == np.float32


def test_shifts_stay_within_their_bound_and_change_nothing_else():
    area, centre, covariance = moments(RandomAffine(shift=3)(blobs(200), rng=0))
    between(centre[:, 0], -3, 3)
    between(centre[:, 1], -3, 3)
    assert abs(np.corrcoef(centre.T)[0, 1]) < 0.2  # the directions are drawn by themselves
    np.testing.assert_allclose(area, moments(blobs(1))[0][0], rtol=0.01)
    np.testing.assert_allclose(covariance, np.repeat(moments(blobs(1))[2], 200, axis=0), atol=0.6)


def test_turns_are_about_the_middle_both_ways():
    area, centre, covariance = moments(RandomAffine(rotation=30)(blobs(200), rng=0))
    angles = np.degrees(np.arctan2(2 * covariance[:, 0, 1], covariance[:, 0, 0] - covariance[:, 1, 1]) / 2)
    between(angles, -30, 30)
    assert np.abs(centre).max() < 0.01
    np.testing.assert_allclose(area, moments(blobs(1))[0][0], rtol=0.01)


def test_width_and_height_are_stretched_by_themselves():
    _, centre, covariance = moments(RandomAffine(scale=0.3)(blobs(200), rng=0))
    deviations = np.sqrt(covariance[:, [0, 1], [0, 1]] - 1 / 6)  # interpolation blurs by about that
    before = np.sqrt(moments(blobs(1))[2][0, [0, 1], [0, 1]])
    factors = before / deviations  # what lies s times as far away in the input is drawn s times smaller
    between(factors[:, 0], 0.7, 1.3)
    assert 0.65 < factors[:, 1].min() < 0.75 and 1.25 < factors[:, 1].max() < 1.35
    assert abs(np.corrcoef(factors.T)[0, 1]) < 0.2 and np.abs(centre).max() < 0.01


def test_a_slant_keeps_the_area_and_the_height():
    area, centre, covariance = moments(RandomAffine(shear=0.5)(blobs(200), rng=0))
    between(-covariance[:, 0, 1] / covariance[:, 1, 1], -0.5, 0.5)
    np.testing.assert_allclose(area, moments(blobs(1))[0][0], rtol=0.01)
    assert np.ptp(covariance[:, 1, 1]) < 0.3 and np.abs(centre).max() < 0.01


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_read_only_images_are_distorted_as_others(dtype):
    images = (100 * blobs(2)).astype(dtype)
    before = images.copy()
    wanted = RandomAffine(rotation=20)(images, rng=0)
    images.flags.writeable = False
    np.testing.assert_array_equal(RandomAffine(rotation=20)(images, rng=0), wanted)
    np.testing.assert_array_equal(images, before)


def test_distortions_repeat_for_a_seed_and_differ_from_image_to_image():
    distort, images = RandomAffine(shift=2, rotation=10, scale=0.1, shear=0.1), blobs(4)
    first = distort(images, rng=7)
    np.testing.assert_array_equal(first, distort(images, np.random.default_rng(7)))
    assert len({image.tobytes() for image in first}) == 4
    np.testing.assert_array_equal(images, blobs(4))
    assert repr(distort) == "RandomAffine(shift=2, rotation=10, scale=0.1, shear=0.1)"


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: RandomAffine(shift=-1), ValueError, r"shift must be a finite number in \[0, 1e\+09\], got -1"),
        (lambda: RandomAffine(rotation=181), ValueError, r"rotation must be a finite number in \[0, 180\], got 181"),
        (lambda: RandomAffine(scale=1), ValueError, r"scale must be a finite number in \[0, 1\), got 1"),
        (lambda: RandomAffine(shear="much"), TypeError, "shear must be a finite number .*, got 'much'"),
        (lambda: RandomAffine()(np.zeros((2, 1, 8, 8)), 0), ValueError, r"images must be a 3-D .*\(N, H, W\), got shape"),
        (lambda: RandomAffine()(blobs(1), None), TypeError, "rng must be a numpy.random.Generator"),
    ],
)
def test_distortions_refuse(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_outside_an_image_is_0_whatever_its_own_numbers_are():
    images = np.full((20, 4, 4), 100.0)
    for dtype in (np.float64, np.float32, np.int64, np.uint8):
        moved = RandomAffine(shift=1)(images.astype(dtype), 5)
        assert moved.dtype == dtype and moved.min() < 50 and moved.max() <= 100
        np.testing.assert_allclose(moved[:, 1:-1, 1:-1], 100, rtol=1e-6)  # within, all is as it was


@pytest.mark.parametrize("dtype", [np.int64, np.uint64, np.int32, np.uint8, np.int8])
def test_the_largest_integers_do_not_wrap_around(dtype):
    bounds = np.iinfo(dtype)
    for number in (bounds.max, bounds.min):
        moved = RandomAffine(shift=0.3)(np.full((5, 4, 4), number, dtype), 0)
        np.testing.assert_allclose(moved[:, 1:-1, 1:-1].astype(float), float(number))


def test_images_that_cannot_be_moved():
    assert np.isnan(RandomAffine(shift=1)(np.full((1, 4, 4), np.nan), 0)[:, 1:-1, 1:-1]).all()
    with pytest.raises(TypeError, match="images must be numbers to interpolate between, got dtype bool"):
        RandomAffine(shift=1)(np.ones((1, 4, 4), bool), 0)
    for knob in ("shift", "shear"):
        with pytest.raises(ValueError, match=f"{knob} must be a finite number in .0, 1e.09., got 1e.308"):
            RandomAffine(**{knob: 1e308})
        assert not RandomAffine(**{knob: 1e9})(np.ones((1, 4, 4)), 0).any()
