"""Files are written whole or not at all, and read without trust."""

import io
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import Linear, load_weights, save_weights
from cnnlib._files import read_arrays, replaced_file
from strategies import seeds


def npy(array, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), **options)
    return file.getvalue()


def archive(path, members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in members:
            file.writestr(name, content)
    return path


# Writing -----------------------------------------------------------------------------------------


def test_threads_that_save_one_path_do_not_disturb_each_other(tmp_path):
    path, errors = tmp_path / "model.npz", []
    models = [Linear(20, 20, rng=seed) for seed in range(3)]

    def save(model):
        try:
            for _ in range(40):
                save_weights(model, path)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=save, args=(model,)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and os.listdir(tmp_path) == ["model.npz"]
    found = load_weights(Linear(20, 20, rng=9), path).weight
    assert any((found == model.weight).all() for model in models)


KILLED = """
import os, signal, sys
from cnnlib._files import replaced_file
with replaced_file(sys.argv[1]) as file:
    file.write(b"new" * 1000)
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_process_that_is_killed_while_it_writes_leaves_the_old_file(tmp_path):
    path = tmp_path / "kept"
    path.write_bytes(b"old")
    answer = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=Path(__file__).parent.parent, check=False)
    assert answer.returncode == -signal.SIGKILL and path.read_bytes() == b"old"
    with replaced_file(path) as file:  # what the dead one left behind is in nobody's way
        file.write(b"next")
    assert path.read_bytes() == b"next"


# Reading -----------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 4), max_size=4), st.sampled_from(["b1", "u1", "i8", "f2", "f4", "f8", ">f4", ">i2"]), st.booleans(), seeds)
def test_what_numpy_writes_is_read(tmp_path_factory, shape, dtype, fortran, seed):
    array = np.random.default_rng(seed).integers(0, 2, shape).astype(dtype)
    array = np.asfortranarray(array) if fortran else array
    path = tmp_path_factory.mktemp("npz") / "a.npz"
    np.savez_compressed(path, first=array, **{"deep/0.weight": array[..., None]})
    found = read_arrays(path, 10_000, "arrays")
    assert found.keys() == {"first", "deep/0.weight"}
    np.testing.assert_array_equal(found["first"], array)
    assert found["first"].dtype == array.dtype and found["first"].shape == array.shape


class Evil:
    def __reduce__(self):
        return (os.system, ("exit 1",))


HOSTILE = {
    "no array": (["notes.txt", b"hello"], "each member must be an array of its own, got 'notes.txt'"),
    "text as an array": (["a.npy", b"hello"], "a must be an array in version 1.0 of the .npy format"),
    "a later version": (["a.npy", npy(np.ones(2), version=(2, 0))], "a must be an array in version 1.0"),
    "a pickle": (["a.npy", npy(np.array([{}], object))], "a must hold numbers, without pickle, got the header .*'|O'"),
    "a pickle alone": (["a.npy", pickle.dumps(Evil())], "a must be an array in version 1.0"),
    "a structure": (["a.npy", npy(np.zeros(2, [("x", "f4")]))], "a must hold numbers, without pickle"),
    "complex": (["a.npy", npy(np.ones(2, complex))], "a must hold numbers, without pickle, got the header .*<c16"),
    "code": (
        ["a.npy", npy(np.ones(2)).replace(b"'fortran_order': False", b"'fortran_order': f(9) ")],
        "a must hold numbers, without pickle",
    ),
    "too few": (["a.npy", npy(np.ones(3))[:-8]], r"a must hold 3 numbers for shape \(3,\), got 2"),
    "too many": (["a.npy", npy(np.ones(3)) + b"0"], r"a must hold 3 numbers for shape \(3,\), got more"),
    "a promise": (["a.npy", npy(np.ones(7)).replace(b"(7,)", b"(9999999999,)")], "a must hold|must hold numbers"),
    "many axes": (["a.npy", npy(np.ones([1] * 33))], "a must have at most 32 axes, got 33"),
    "an unknown size": (["a.npy", npy(np.ones(2)).replace(b"<f8", b"<f3")], "got a.npz: "),
}


@pytest.mark.parametrize("member, message", HOSTILE.values(), ids=HOSTILE)
def test_hostile_members(tmp_path, member, message):
    with pytest.raises(ValueError, match=r"path must be a whole \.npz file of toys, got a.npz: .*") as caught:
        read_arrays(archive(tmp_path / "a.npz", [member]), 10_000, "toys")
    assert re.search(message, str(caught.value))


def test_a_name_twice_and_a_method_that_chooses_its_memory(tmp_path):
    one = npy(np.ones(3))
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive(tmp_path / "twice.npz", [("a.npy", one), ("a.npy", one)])
    with pytest.raises(ValueError, match=r"each member must be an array of its own, got 'a\.npy'"):
        read_arrays(tmp_path / "twice.npz", 10_000, "toys")
    archive(tmp_path / "lzma.npz", [("a.npy", one)], zipfile.ZIP_LZMA)
    with pytest.raises(ValueError, match=r"a must be stored or deflated, got method 14"):
        read_arrays(tmp_path / "lzma.npz", 10_000, "toys")


def test_a_bomb_is_refused_before_it_takes_memory(tmp_path):
    """20 MB of zeros in 20 kB, as one array and behind one; and many that fit one by one."""
    bombs = {
        "one": [("0.weight.npy", npy(np.zeros(5_000_000, np.float32)))],
        "many": [(f"{k}.npy", npy(np.zeros(1000))) for k in range(100)],
        "behind": [("0.weight.npy", npy(np.zeros(4, np.float32)) + bytes(20_000_000))],
    }
    for name, members in bombs.items():
        path = archive(tmp_path / f"{name}.npz", members)
        assert path.stat().st_size < 150_000
        tracemalloc.start()
        with pytest.raises(ValueError, match=r"must hold at most|got more"):
            load_weights(Linear(2, 2, rng=0), path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4e6
