"""Feed the loaders inputs that a fuzzer makes, and see that each is read or refused in words.

``python tools/fuzz.py 300 weights`` gives the fuzzer 300 seconds for the reader of weights; without
a name, each reader gets as much. It needs atheris (``pip install atheris``, Linux and macOS), which
follows what the library executes and so finds its way behind each check. It begins with the inputs
in ``tests/corpus/``, which ``tests/test_fuzz.py`` replays without it. What is found is written to
the current folder; once it is mended, it belongs into the corpus. The counts are stored in
``tests/reliability/fuzz.json``.
"""

import datetime
import gzip
import io
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "corpus"
RECORD = ROOT / "tests" / "reliability" / "fuzz.json"
WRAPPED = b"W"  # the first byte of inputs that are packed here, since no fuzzer guesses a check sum
BETWEEN = b"\xff\xfe\xfd"  # between the members of such an input


def idx(content):
    """`parse_idx`."""
    import numpy as np

    from cnnlib.datasets import parse_idx

    array = parse_idx(gzip.compress(content[1:], 1, mtime=0) if content[:1] == WRAPPED else content)
    assert array.dtype == np.uint8 and not array.flags.writeable


def weights(content):
    """`load_weights`: on an error the model is as it was."""
    from cnnlib import Linear, load_weights

    model = Linear(2, 1, rng=0)
    _refuses_without_a_change(model, lambda path: load_weights(model, path), content, ["weight", "bias"])


def checkpoint(content):
    """A training that goes on from a `Checkpoint`."""
    from cnnlib import Checkpoint
    from cnnlib.train import Run

    model, options = _small_training()
    names = ["about", "model/weight", "velocity/weight"]
    names += [f"history/{name}" for name in ("loss", "accuracy", "learning_rate", "seconds", "validation")]
    _refuses_without_a_change(model, lambda path: Run(model, **options, checkpoint=Checkpoint(path)), content, names)


def picture(content):
    """`read_grey`."""
    from cnnlib.pictures import read_grey

    grey = read_grey(content)
    assert grey.ndim == 2 and grey.min() >= 0 and grey.max() <= 1


TARGETS = {"idx": idx, "weights": weights, "checkpoint": checkpoint, "picture": picture}


def check(name, content):
    """Give one input to a reader; anything but an answer or a refusal in words is raised."""
    try:
        TARGETS[name](content)
    except (TypeError, ValueError) as error:
        if not re.match(r"\w+ must ", str(error)):
            raise AssertionError(f"this names no argument: {error}") from error


def _small_training():
    import numpy as np

    from cnnlib import SGD, Linear

    model = Linear(2, 2, bias=False, rng=0)
    images, labels = np.eye(2, dtype=np.float32), np.array([0, 1])
    optimizer = SGD(model, 0.1, momentum=0.9)
    return model, {"images": images, "labels": labels, "optimizer": optimizer, "rng": 0, "epochs": 3}


def _refuses_without_a_change(model, read, content, names):
    before = {name: array.copy() for name, array in model.parameters().items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.npz"
        path.write_bytes(_packed(content[1:], names) if content[:1] == WRAPPED else content)
        try:
            read(path)
        except (TypeError, ValueError):
            assert all((array == before[name]).all() for name, array in model.parameters().items())
            raise


def _packed(content, names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, member in zip(names, content.split(BETWEEN)):
            archive.writestr(f"{name}.npy", member)
    return file.getvalue()


def seeds():
    """Return inputs that are right, by reader and name: where the corpus begins."""
    import numpy as np
    from PIL import Image

    from cnnlib import Checkpoint, Linear, save_weights
    from cnnlib.train import Run

    def members(path, names):
        with zipfile.ZipFile(path) as archive:
            return WRAPPED + BETWEEN.join(archive.read(f"{name}.npy") for name in names)

    header = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3])
    found = {"idx": {"wrapped": WRAPPED + header + bytes(6), "whole": gzip.compress(header + bytes(6), mtime=0)}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.npz"
        save_weights(Linear(2, 1, rng=0), path)
        found["weights"] = {"wrapped": members(path, ["weight", "bias"]), "whole": path.read_bytes()}
        path.unlink()
        model, options = _small_training()
        training = Run(model, **options, checkpoint=Checkpoint(path)).training()
        next(training)
        training.close()
        with zipfile.ZipFile(path) as archive:
            order = ["about", "model/weight", "velocity/weight"]
            order += [f"history/{name}" for name in ("loss", "accuracy", "learning_rate", "seconds", "validation")]
            names = [name.removesuffix(".npy") for name in archive.namelist()]
        assert {*order} == {*names}
        found["checkpoint"] = {"wrapped": members(path, order)}
    found["picture"] = {}
    for kind in ("PNG", "GIF", "BMP", "JPEG", "TIFF", "PPM", "WEBP"):
        file = io.BytesIO()
        Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4) * 20).save(file, kind)
        found["picture"][kind.lower()] = file.getvalue()
    return found


def _fuzz(name, arguments):
    """In a process of its own: libFuzzer ends it."""
    import atheris

    with atheris.instrument_imports(include=["cnnlib"]):
        import cnnlib.checkpoints
        import cnnlib.pictures  # noqa: F401
    atheris.Setup([sys.argv[0], *arguments], lambda content: check(name, content))
    atheris.Fuzz()


def _run(name, seconds):
    """Return how many inputs were tried, and whether all of them were read or refused."""
    with tempfile.TemporaryDirectory() as new:
        arguments = [new, str(CORPUS / name), f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=1500"]
        command = [sys.executable, __file__, "--inside", name, *arguments, "-max_len=4096", f"-artifact_prefix={name}-"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
        kept = len(list(Path(new).iterdir()))
    counts = re.findall(r"^Done (\d+) runs in (\d+)|^#(\d+)\t", answer.stderr, flags=re.MULTILINE)
    tried = int(next(filter(None, (counts or [("0", "", "")])[-1][::2])))
    if answer.returncode:
        print(answer.stdout[-3000:], answer.stderr[-1000:])
    ended = "FAILED" if answer.returncode else "all read or refused"
    print(f"{name}: {tried:,} inputs, {kept} ways through the code, {ended}")
    return tried, kept, not answer.returncode


def main(arguments):
    if arguments[:1] == ["--inside"]:
        return _fuzz(arguments[1], arguments[2:])
    if arguments == ["--seeds"]:
        for name, inputs in seeds().items():
            (CORPUS / name).mkdir(parents=True, exist_ok=True)
            for kind, content in inputs.items():
                (CORPUS / name / kind).write_bytes(content)
        return 0
    try:
        import atheris  # noqa: F401
    except ImportError:
        print("The fuzzer is not installed: pip install atheris. tests/test_fuzz.py replays what it found.")
        return 1
    seconds, names = int(arguments[0]) if arguments else 60, arguments[1:] or list(TARGETS)
    record = {
        "what": "Inputs that a coverage-guided fuzzer gave to each loader (tools/fuzz.py); each was read or refused.",
        "date": datetime.date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.system()}",
        "figures": {},
    }
    if RECORD.exists():
        record["figures"] = json.loads(RECORD.read_text(encoding="utf-8"))["figures"]
    good = True
    for name in names:
        tried, kept, right = _run(name, seconds)
        good &= right
        if right:
            record["figures"][f"{name}: inputs tried"] = tried
            record["figures"][f"{name}: ways through the code found"] = kept
            RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return not good


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
