"""A training that is interrupted and goes on in another process ends with the same weights, bit by bit."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import warnings
import zlib
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnlib import (
    SGD,
    BatchNorm2d,
    Checkpoint,
    Conv2d,
    CosineDecay,
    Dropout,
    Flatten,
    LeakyReLU,
    Linear,
    MaxPool2d,
    Normalize,
    RandomAffine,
    ReLU,
    Sequential,
    Training,
    fit,
    load_weights,
    save_weights,
)
from cnnlib.checkpoints import digest, generator_state, set_generator_state
from strategies import seeds

ROOT = Path(__file__).resolve().parent.parent
STEPS = 3 * 7  # epochs of 7 batches, the last one smaller


def setting(seed=0, rich=True):
    """A model with all that has a state, and the arguments of a training of 21 steps."""
    rng = np.random.default_rng(seed)
    images, labels = rng.integers(0, 256, (100, 8, 8), dtype=np.uint8), rng.integers(0, 2, 100)
    rich_layers = [BatchNorm2d(3)], [Dropout(0.2, rng=seed + 1)] if rich else []
    model = Sequential(
        Normalize(128, 74), Conv2d(1, 3, 3, rng=rng), *(rich_layers[0] if rich else []), ReLU(), MaxPool2d(2), Flatten(),
        Linear(27, 8, rng=rng), *rich_layers[1], Linear(8, 2, rng=rng),
    )  # fmt: skip
    options = {
        "optimizer": SGD(model, 0.05, momentum=0.9, weight_decay=1e-3), "rng": seed, "epochs": 3, "batch_size": 16,
        "schedule": CosineDecay(0.1, warmup=0.2), "augment": RandomAffine(shift=1, rotation=10) if rich else None,
        "validation": (images[:20], labels[:20]),
    }  # fmt: skip
    return model, (images, labels), options


def fingerprint(model, options, history):
    """All that must be equal, as text; times are not among it."""
    arrays = {**model.parameters(), **model.buffers(), **{f"v/{k}": v for k, v in options["optimizer"].velocity().items()}}
    return {
        **{name: array.tobytes().hex() for name, array in arrays.items()},
        "history": [history.loss, history.accuracy, history.learning_rate, [list(v) for v in history.validation]],
        "epochs": len(history.seconds),
    }


def run(path, how="fit", stop=STEPS + 1, seed=0, rich=True):
    """Train with a checkpoint, until the end or for so many steps; return what came out."""
    model, data, options = setting(seed, rich)
    options["checkpoint"] = Checkpoint(path, every=4)
    if how == "fit":

        def callback(history):
            if history.steps == stop:
                raise KeyboardInterrupt

        history = fit(model, *data, callback=callback, progress=False, **options)
    else:
        training = Training(model, *data, **options)
        while training.history.steps < min(stop, STEPS):
            training.step()
        training.stop() if stop < STEPS else training.wait()
        history = training.history
    return json.loads(json.dumps(fingerprint(model, options, history)))


def run_elsewhere(path, *arguments):
    code = f"import json, test_checkpoints; print(json.dumps(test_checkpoints.run({str(path)!r}, *{arguments!r})))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


@pytest.mark.parametrize("how", ["fit", "Training"])
def test_interrupted_and_resumed_in_another_process(tmp_path, how):
    wanted = run(tmp_path / "whole.npz")
    for stop in np.random.default_rng(len(how)).choice(STEPS - 1, 2, replace=False) + 1:
        path = tmp_path / f"{stop}.npz"
        first = run(path, how, int(stop))
        assert first != wanted and len(first["history"][0]) == stop
        assert run_elsewhere(path, how) == wanted


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, STEPS - 1), min_size=1, max_size=4), st.booleans(), st.booleans(), seeds)
def test_interrupted_again_and_again(tmp_path, stops, rich, changing, seed):
    path = tmp_path / f"{seed}-{rich}-{stops}.npz"
    path.unlink(missing_ok=True)
    for k, stop in enumerate(sorted({*stops, 7, STEPS - 1})):
        run(path, ("fit", "Training")[(k + changing) % 2], stop, seed, rich)
    ended = run(path, "fit", STEPS + 1, seed, rich)
    (tmp_path / "whole.npz").unlink(missing_ok=True)
    assert ended == run(tmp_path / "whole.npz", "fit", STEPS + 1, seed, rich)
    assert ended == run(path, "Training", STEPS, seed, rich)  # what has ended stays so


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_at_any_moment(tmp_path):
    """Not even asked: the last save is whole, and what was lost since is done again."""
    path = tmp_path / "a.npz"
    code = (
        "import sys, test_checkpoints as t; model, data, options = t.setting();"
        "options['checkpoint'] = t.Checkpoint(sys.argv[1], every=1); t.fit(model, *data, progress=False, **options)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", code, str(path)], env=environment)
        size = path.stat().st_mtime_ns if path.exists() else 0
        while process.poll() is None and (not path.exists() or path.stat().st_mtime_ns == size):
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert run(path) == run(tmp_path / "whole.npz")


def test_the_hand_on_the_rate_is_kept(tmp_path):
    model, data, options = setting()
    training = Training(model, *data, checkpoint=Checkpoint(tmp_path / "a.npz"), **options)
    training.step()
    training.rate_factor = 0.25
    training.step()
    training.stop()
    model, data, options = setting()
    training = Training(model, *data, checkpoint=Checkpoint(tmp_path / "a.npz"), **options)
    assert training.rate_factor == 0.25 and repr(training) == "Training(ready, 2 of 21 steps)"
    training.step()
    assert training.history.learning_rate[2] == 0.25 * CosineDecay(0.1, warmup=0.2)(2, STEPS)
    training.stop()


@pytest.mark.parametrize("key, change", [
    ("epochs", {"epochs": 4}),
    ("batch_size", {"batch_size": 15}),
    ("schedule", {"schedule": CosineDecay(0.2)}),
    ("augment", {"augment": RandomAffine(shift=2)}),
    ("validation", {"validation": None}),
    ("optimizer", {"optimizer": 0.01}),
    ("images and labels", {"images": 255}),
])
def test_the_checkpoint_of_another_training_is_refused(tmp_path, key, change):
    run(tmp_path / "a.npz", stop=3)
    model, (images, labels), options = setting()
    before = {name: array.copy() for name, array in model.parameters().items()}
    if "optimizer" in change:
        change = {"optimizer": SGD(model, 0.01)}
    images = images ^ change.pop("images", 0) if "images" in change else images
    with pytest.raises(ValueError, match=rf"checkpoint must belong to this training, got a\.npz of one with another {key}: "):
        fit(model, images, labels, **{**options, **change}, checkpoint=Checkpoint(tmp_path / "a.npz"), progress=False)
    for name, array in model.parameters().items():
        np.testing.assert_array_equal(array, before[name])


def rewritten(path, change):
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    about = json.loads(arrays["about"].tobytes())
    change(arrays, about)
    if "about" in arrays:
        arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    np.savez(path, **arrays)


DAMAGE = {
    "truncated": (lambda path: path.write_bytes(path.read_bytes()[:-50]), "must be a whole .npz file of a checkpoint"),
    "no text": (lambda path: rewritten(path, lambda a, t: a.pop("about")), "must hold a checkpoint, got a.npz: KeyError"),
    "later": (lambda path: rewritten(path, lambda a, t: t.update(version=2)), "must hold a checkpoint of version 1, got 2"),
    "half a text": (lambda path: rewritten(path, lambda a, t: t.pop("generators")), "must hold a checkpoint, got a.npz"),
    "a wild place": (lambda path: rewritten(path, lambda a, t: t.update(done=99)), "must hold a whole state"),
    "a wild generator": (
        lambda path: rewritten(path, lambda a, t: t.update(generators={name: [1, 2, 3, 4] for name in t["generators"]})),
        "must hold the state of a generator, got",
    ),
    "NaN": (lambda path: rewritten(path, lambda a, t: a["model/1.bias"].fill(np.nan)), "must hold a whole state"),
    "another shape": (lambda path: rewritten(path, lambda a, t: a.update({"model/1.bias": np.ones(9)})), "must hold a whole"),
    "a short history": (lambda path: rewritten(path, lambda a, t: a.update({"history/loss": np.ones(1)})), "must hold a whole"),
    "a wild rate": (lambda path: rewritten(path, lambda a, t: t.update(rate_factor=-1)), "rate_factor must be"),
    "too much": (
        lambda path: rewritten(path, lambda a, t: a.update({"history/loss": np.ones(10**6)})), "must hold at most",
    ),
}


@pytest.mark.parametrize("damage, message", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_checkpoint_changes_nothing(tmp_path, damage, message):
    run(tmp_path / "a.npz", stop=3)
    damage(tmp_path / "a.npz")
    model, data, options = setting()
    options["rng"] = np.random.default_rng(0)
    before = {name: array.copy() for name, array in {**model.parameters(), **model.buffers()}.items()}
    state = generator_state(options["rng"])
    with pytest.raises((ValueError, TypeError), match=message):
        fit(model, *data, checkpoint=Checkpoint(tmp_path / "a.npz"), progress=False, **options)
    for name, array in {**model.parameters(), **model.buffers()}.items():
        np.testing.assert_array_equal(array, before[name])
    assert generator_state(options["rng"]) == state


def test_what_it_refuses(tmp_path):
    model, data, options = setting()
    for wrong, error, message in (
        (lambda: Checkpoint(tmp_path / "a.pt"), ValueError, r"path must end in \.npz, got '.*a\.pt'"),
        (lambda: Checkpoint("a.npz", every=0), ValueError, "every must be an integer of at least 1, got 0"),
        (lambda: fit(model, *data, checkpoint="a.npz", **options), TypeError, "checkpoint must be a Checkpoint, got 'a.npz'"),
        (
            lambda: fit(model, *data, checkpoint=Checkpoint("a.npz"),
                        **{**options, "rng": np.random.Generator(np.random.MT19937(0))}),
            TypeError, r"rng must be one of numpy\.random\.default_rng to be kept in a checkpoint, got ",
        ),
        (lambda: set_generator_state(np.random.default_rng(0), [0, 1, 0, True]), ValueError, "the state of a generator"),
        (lambda: set_generator_state(np.random.default_rng(0), [0, 1, 0]), ValueError, "the state of a generator"),
        (lambda: set_generator_state(np.random.default_rng(0), (0, 1, 0, 0)), ValueError, "the state of a generator"),
        (lambda: Checkpoint(3), TypeError, "path must be a string or a path, got 3"),
    ):  # fmt: skip
        with pytest.raises(error, match=message):
            wrong()
    assert repr(Checkpoint(tmp_path / "a.npz")) == "Checkpoint('a.npz', every=100)"


@pytest.mark.parametrize("place, end", [(0, 1 << 128), (1, 1 << 128), (2, 2), (3, 1 << 32)])
def test_a_generator_takes_no_number_that_its_state_has_no_room_for(place, end):
    rng = np.random.default_rng(0)
    before, state = generator_state(rng), [0, 1, 0, 0]
    state[place] = end
    with pytest.raises(ValueError, match="checkpoint must hold the state of a generator"):
        set_generator_state(rng, state)
    assert generator_state(rng) == before
    state[place] = end - 1
    set_generator_state(rng, state)
    assert generator_state(rng) == state


def test_check_sums_are_those_of_the_checkpoints_that_lie_on_disks():
    assert digest(np.arange(3.0), np.zeros((2, 2), np.uint8)) == zlib.crc32(bytes(4), zlib.crc32(
        b"(2, 2)", zlib.crc32(np.arange(3.0).tobytes(), zlib.crc32(b"(3,)"))))


def test_a_schedule_that_differs_in_the_last_step_alone_is_another(tmp_path):
    def start(factor):
        model, data, options = setting()
        options["schedule"] = lambda step, steps: 0.01 * (factor if step == steps - 1 else 1)

        def callback(history):
            raise KeyboardInterrupt

        fit(model, *data, callback=callback, progress=False, checkpoint=Checkpoint(tmp_path / "a.npz"), **options)

    start(1)
    start(1)
    with pytest.raises(ValueError, match="one with another schedule"):
        start(2)


def shifted(images, rng, by=0.0, table=None):
    return images + np.float32(by)


def plain(*layers):
    return Sequential(Flatten(), *layers, Linear(64, 2, rng=0))


def normed(**options):
    return Sequential(Normalize(128, 74), BatchNorm2d(1, **options), *plain().layers)


@pytest.mark.parametrize("key, one, other", [
    ("model", (normed, {}), (lambda: normed(eps=0.5), {})),
    ("model", (normed, {}), (lambda: normed(momentum=0.9), {})),
    ("model", (lambda: plain(LeakyReLU(0.01)), {}), (lambda: plain(LeakyReLU(0.01 + 1e-9)), {})),
    ("model", (lambda: plain(Sequential(Dropout(0.1, rng=0))), {}), (lambda: plain(Sequential(Dropout(0.1 + 1e-9, rng=0))), {})),
    ("optimizer", (lambda: plain(Linear(64, 64, rng=0), Linear(64, 64, rng=1)), {"part": slice(1, 2)}),
     (lambda: plain(Linear(64, 64, rng=0), Linear(64, 64, rng=1)), {"part": slice(2, 3)})),
    ("augment", (plain, {"augment": partial(shifted, by=1.0)}), (plain, {"augment": partial(shifted, by=-3.0)})),
    ("augment", (plain, {"augment": partial(shifted, table=np.zeros(9999))}),
     (plain, {"augment": partial(shifted, table=np.eye(1, 9999, 5000)[0])})),
    ("augment", (plain, {"augment": partial(shifted)}), (plain, {"augment": partial(partial(shifted), 3)})),
])
def test_what_the_words_of_a_model_leave_out_counts_too(tmp_path, key, one, other):
    data = np.random.default_rng(0).random((20, 8, 8), dtype=np.float32), np.arange(20) % 2

    def train(make, how):
        model = make()
        part = model[how["part"]] if "part" in how else model
        options = {"optimizer": SGD(part, 0.01), "augment": how.get("augment"), "rng": 0, "progress": False}
        with warnings.catch_warnings(action="ignore"):  # of numbers that are too small for Normalize
            return fit(model, *data, checkpoint=Checkpoint(tmp_path / "a.npz"), **options)

    train(*one)
    assert train(*one).steps == 1
    with pytest.raises(ValueError, match=rf"checkpoint must belong to this training, got a\.npz of one with another {key}: "):
        train(*other)


def test_files_of_before_hold_no_details_and_are_taken(tmp_path):
    run(tmp_path / "a.npz", stop=3)
    rewritten(tmp_path / "a.npz", lambda a, t: t.pop("details"))
    assert run(tmp_path / "a.npz") == run(tmp_path / "b.npz")


@pytest.mark.parametrize("every", [1, 100])
def test_the_file_of_a_training_that_has_exploded_is_one_to_go_on_from(tmp_path, every):
    """Run again, the same cell gives the same advice: not that the loss is wrong."""
    for _ in range(3):
        model, data, options = setting(rich=False)
        options |= {"optimizer": SGD(model, 50.0), "schedule": None, "epochs": 30}
        with pytest.raises(ValueError, match=r"with a learning_rate of 50 the weights jumped too far.*, 5$"):
            fit(model, *data, checkpoint=Checkpoint(tmp_path / "a.npz", every=every), progress=False, **options)
        with np.load(tmp_path / "a.npz") as file:
            for name, array in model.parameters().items():
                np.testing.assert_array_equal(file[f"model/{name}"], array)
                assert np.abs(array).max() < 5  # as it was made


@pytest.mark.parametrize("every, advice", [(100, "with a learning_rate of 3e+36"), (1, "the weights in the checkpoint")])
def test_the_file_of_a_training_whose_last_step_explodes_is_not_one_of_all_steps_done(tmp_path, every, advice):
    for expected in ("with a learning_rate of 3e+36", advice):
        model, data, options = setting(rich=False)
        options |= {"optimizer": SGD(model, 3e36), "schedule": None, "epochs": 1, "batch_size": len(data[0]), "validation": data}
        with pytest.raises(ValueError, match=rf"validation's loss must .* at step 1: {re.escape(expected)} .*jumped too far"):
            fit(model, *data, checkpoint=Checkpoint(tmp_path / "a.npz", every=every), progress=False, **options)


def test_a_file_with_weights_that_have_jumped_is_named_as_the_culprit(tmp_path):
    """One that was written before, or by a process that was killed in between."""
    run(tmp_path / "a.npz", "fit", 3, 0, False)

    def jump(arrays, about):
        arrays["model/1.weight"] *= np.float32(1e30)

    rewritten(tmp_path / "a.npz", jump)
    with pytest.raises(ValueError, match=r"the weights in the checkpoint have jumped too far already: delete it, and try a tenth"):
        run(tmp_path / "a.npz", "fit", STEPS, 0, False)


@pytest.mark.parametrize("name", ["a" * 300, "é" * 200, "\ud800", "a\0b"])
def test_a_name_that_no_file_can_have_is_refused_before_anything_starts(tmp_path, name):
    model = plain()
    for refuse in (Checkpoint, lambda path: save_weights(model, path), lambda path: load_weights(model, path)):
        with pytest.raises(ValueError, match=r"^path must be a name that a file can have, got '"):
            refuse(str(tmp_path / name) + ".npz")


@pytest.mark.parametrize("begin", [fit, Training])
def test_a_folder_that_is_not_there_is_named_before_anything_starts(tmp_path, begin):
    model, data, options = setting()
    before = model.parameters()["1.weight"].copy()
    with pytest.raises(FileNotFoundError, match="path must lie in a folder that is there") as caught:
        begin(model, *data, checkpoint=Checkpoint(tmp_path / "missing" / "a.npz"), **options)
    assert caught.value.filename == str(tmp_path / "missing")
    np.testing.assert_array_equal(model.parameters()["1.weight"], before)


def test_the_longest_name_that_a_file_can_have_will_do(tmp_path):
    path = tmp_path / ("a" * 251 + ".npz")
    run(path, stop=3)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
