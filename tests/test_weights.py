"""Weights on disk."""

import errno
import os
import stat
import sys
import zipfile

import numpy as np
import pytest

from cnnlib import SGD, _files, fit, load_weights, predict, save_weights
from nets import assert_state, small_model, state


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_save_and_load_round_trip(tmp_path, dtype):
    model, other = small_model(0, dtype), small_model(1, dtype)
    save_weights(model, tmp_path / "model.npz")
    identities = {name: id(value) for name, value in other.parameters().items()}
    assert load_weights(other, str(tmp_path / "model.npz")) is other
    assert_state(other, state(model))
    assert {name: id(value) for name, value in other.parameters().items()} == identities  # filled in place
    assert os.listdir(tmp_path) == ["model.npz"]
    x = np.random.default_rng(0).normal(size=(2, 6, 6))
    np.testing.assert_array_equal(predict(other, x), predict(model, x))


def test_the_largest_weight_of_a_dtype_is_loaded(tmp_path):
    model = small_model(0, np.float32)
    model.parameters()["6.bias"][:] = np.finfo(np.float32).max
    save_weights(model, tmp_path / "model.npz")
    assert_state(load_weights(small_model(1, np.float32), tmp_path / "model.npz"), state(model))


def test_load_keeps_the_models_dtype(tmp_path):
    save_weights(small_model(0, np.float64), tmp_path / "model.npz")
    model = load_weights(small_model(1, np.float32), tmp_path / "model.npz")
    assert {value.dtype for value in state(model).values()} == {np.dtype(np.float32)}


def test_weights_can_be_loaded_while_an_optimizer_holds_them(tmp_path):
    model = small_model()
    save_weights(model, tmp_path / "model.npz")
    expected = state(model)
    sgd = SGD(model, 0.1)
    images, labels = np.random.default_rng(0).normal(size=(6, 6, 6)), np.array([0, 1, 2, 0, 1, 2])
    fit(model, images, labels, optimizer=sgd, rng=0, progress=False)
    load_weights(model, tmp_path / "model.npz")
    assert_state(model, expected)


def test_the_file_holds_arrays_only(tmp_path):
    save_weights(small_model(), tmp_path / "model.npz")
    with zipfile.ZipFile(tmp_path / "model.npz") as archive:
        for name in archive.namelist():
            assert name.endswith(".npy") and b"'descr': '<f4'" in archive.read(name)[:100]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_file_has_the_permissions_of_any_new_file(tmp_path):
    save_weights(small_model(), tmp_path / "model.npz")
    (tmp_path / "other").touch()
    mode = [stat.S_IMODE(os.stat(tmp_path / name).st_mode) for name in ("model.npz", "other")]
    assert mode[0] == mode[1]


@pytest.mark.parametrize("failing", ["savez", "fsync", "replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()], ids=["error", "interrupt"])
def test_a_failed_save_leaves_the_old_weights_and_nothing_else(tmp_path, monkeypatch, failing, error):
    path = tmp_path / "model.npz"
    save_weights(small_model(0), path)
    before = path.read_bytes()

    def fail(*arguments, **_):
        if failing == "savez":
            arguments[0].write(b"half of it")
        raise error

    monkeypatch.setattr(*{"savez": (np, "savez_compressed"), "fsync": (os, "fsync"), "replace": (os, "replace")}[failing], fail)
    with pytest.raises(type(error)):
        save_weights(small_model(1), path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["model.npz"]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_not_saved(tmp_path, bad):
    model = small_model()
    model[6].weight[1, 2] = bad
    with pytest.raises(ValueError, match="model must have finite weights to be saved, got NaN or infinity in 6.weight"):
        save_weights(model, tmp_path / "model.npz")
    assert os.listdir(tmp_path) == []


def rewritten(path, change):
    with np.load(path) as file:
        arrays = dict(file)
    change(arrays)
    np.savez(path, **arrays)


def an_array(path):
    with path.open("wb") as file:
        np.save(file, np.ones(3))


DAMAGE = {
    "truncated": (lambda p: p.write_bytes(p.read_bytes()[:-200]), "must be a whole .npz file of weights, got model.npz"),
    "empty": (lambda p: p.write_bytes(b""), "must be a whole .npz file of weights, got model.npz"),
    "not a zip": (lambda p: p.write_bytes(b"hello " * 100), "must be a whole .npz file of weights, got model.npz"),
    "altered": (
        lambda p: p.write_bytes(p.read_bytes()[:150] + bytes([p.read_bytes()[150] ^ 255]) + p.read_bytes()[151:]),
        "must be a whole .npz file of weights, got model.npz",
    ),
    "an array": (an_array, "must be a whole .npz file of weights, got model.npz"),
    "pickled": (
        lambda p: rewritten(p, lambda a: a.update({"6.bias": np.array([{}], object)})), "must be a whole .npz file .*pickle",
    ),
    "name missing": (lambda p: rewritten(p, lambda a: a.pop("6.bias")), "must hold the weights of this model, .* differs in 6.bias"),
    "name too many": (
        lambda p: rewritten(p, lambda a: a.update({"9.weight": np.ones(1)})), "must hold the weights of this model, .* differs in 9.weight",
    ),
    "wrong shape": (
        lambda p: rewritten(p, lambda a: a.update({"6.weight": np.ones((8, 3))})),
        r"must hold floating-point weights of shape \(3, 8\) for 6.weight, got float64 of shape \(8, 3\)",
    ),
    "integers": (
        lambda p: rewritten(p, lambda a: a.update({"6.bias": np.ones(3, int)})),
        r"must hold floating-point weights of shape \(3,\) for 6.bias, got int64",
    ),
    "NaN": (
        lambda p: rewritten(p, lambda a: a.update({"6.bias": np.array([0, np.nan, 0])})),
        r"must hold finite float32 weights for 6.bias, got \[ 0. nan  0.\]",
    ),
    "too large for float32": (
        lambda p: rewritten(p, lambda a: a.update({"6.bias": np.array([0, 1e300, 0])})),
        r"must hold finite float32 weights for 6.bias, got .*1\.e\+300",
    ),
    "text": (
        lambda p: rewritten(p, lambda a: a.update({"6.bias": np.array(["a", "b", "c"])})),
        "must be a whole .npz file of weights, got model.npz: 6.bias must hold numbers, without pickle, got the header .*<U1",
    ),
}


@pytest.mark.parametrize("damage, message", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_changes_nothing(tmp_path, damage, message):
    path, model = tmp_path / "model.npz", small_model(1)
    save_weights(small_model(0), path)
    damage(path)
    before = state(model)
    with pytest.raises(ValueError, match=f"path {message}"):
        load_weights(model, path)
    assert_state(model, before)


@pytest.mark.parametrize("place, error, message, named", [
    ("missing/model.npz", FileNotFoundError, "path must lie in a folder that is there", "missing"),
    ("file/model.npz", NotADirectoryError, "path must lie in a folder that is there", "file"),
    ("folder.npz", IsADirectoryError, "path must be that of a file, got a folder", "folder.npz"),
])
def test_a_place_where_no_file_can_be_is_named(tmp_path, place, error, message, named):
    (tmp_path / "file").write_text("kept")
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(error, match=message) as caught:
        save_weights(small_model(), tmp_path / place)
    assert caught.value.filename == str(tmp_path / named)
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["file", "folder.npz"]


def test_a_folder_that_takes_no_files_is_named(tmp_path, monkeypatch):
    def refuse(path, mode):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(_files, "open", refuse, raising=False)
    with pytest.raises(PermissionError, match="path must lie in a folder that takes new files, got Permission denied") as caught:
        save_weights(small_model(), tmp_path / "model.npz")
    assert caught.value.filename == str(tmp_path) and os.listdir(tmp_path) == []


def test_missing_files_and_other_suffixes(tmp_path):
    with pytest.raises(FileNotFoundError, match="model.npz"):
        load_weights(small_model(), tmp_path / "model.npz")
    for function in (save_weights, load_weights):
        with pytest.raises(ValueError, match=r"path must end in .npz, got '.*model.pt'"):
            function(small_model(), tmp_path / "model.pt")
    assert os.listdir(tmp_path) == []
