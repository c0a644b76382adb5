"""Checkpoints: a file that a training goes on from, in another process too, to the same weights bit by bit."""

import functools
import inspect
import json
import zlib

import numpy as np

from cnnlib._files import check_file_name, check_place, read_arrays, replaced_file
from cnnlib._validate import Checked, check_int, check_number, check_path
from cnnlib.optim import SGD

VERSION = 1
HISTORY = ("loss", "accuracy", "learning_rate", "seconds")  # lists of numbers of a `History`
SLACK = 1 << 20  # bytes that a file may hold beyond weights, velocities and history


def _checked_path(name, value):
    path = check_path(name, value)
    if path.suffix != ".npz":
        raise ValueError(f"{name} must end in .npz, got {str(value)!r}")
    check_file_name(name, path)
    return path


class Checkpoint:
    """A file that keeps a training: `cnnlib.train.fit` and `cnnlib.background.Training` take it.

    It holds weights and buffers, the optimizer's velocities and numbers, the history, the place in
    the epoch, and the state of each random generator: the one that shuffles and augments, and those
    of dropout layers. If the file is there already, the training goes on where it was left, and
    ends with the very weights that it would have had without the interruption.

    It is an ``.npz`` file without pickle, written whole or not at all.

    Parameters
    ----------
    path : str or path-like
        Ends in ``.npz``.
    every : int, default 100
        Steps between two saves. It is saved too when the training pauses, is interrupted or ends.

    Raises
    ------
    TypeError, ValueError
        If `path` has another suffix or `every` is not at least 1.
    OSError
        From a training, before it begins, if `path` lies in no folder (`FileNotFoundError`); from a save, if the file
        cannot be written.

    Notes
    -----
    The same weights need the same NumPy on the same kind of processor, since products are rounded
    as the processor likes. The number of threads is kept too, unless it is given anew. What draws
    from a generator of its own, such as an `augment` that ignores its `rng`, is not kept.

    Examples
    --------
    A training is stopped after 5 of 8 steps. The same call again takes the other three.

    >>> import tempfile
    >>> from cnnlib import SGD, Linear, fit
    >>> x, labels = np.eye(4, dtype=np.float32), np.array([0, 1, 0, 1])
    >>> def train(path, callback=None):
    ...     model = Linear(4, 2, rng=0)
    ...     history = fit(model, x, labels, optimizer=SGD(model, 0.5, momentum=0.9), rng=0, epochs=4, batch_size=2,
    ...                   checkpoint=Checkpoint(path), callback=callback, progress=False)
    ...     return history, model.weight.tobytes()
    >>> def stop(history):
    ...     if history.steps == 5:
    ...         raise KeyboardInterrupt
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     first, _ = train(f"{folder}/a.npz", stop)
    ...     second, weights = train(f"{folder}/a.npz")
    ...     _, uninterrupted = train(f"{folder}/b.npz")
    >>> first, second, weights == uninterrupted
    (History(5 steps, 2 epochs, interrupted), History(8 steps, 4 epochs), True)
    """

    path, every = Checked(_checked_path), Checked(check_int, 1)

    def __init__(self, path, every=100):
        self.path, self.every = path, every

    def __repr__(self):
        return f"Checkpoint({self.path.name!r}, every={self.every})"

    def save(self, arrays, about):
        """Write arrays, by name, and what JSON can hold."""
        text = np.frombuffer(json.dumps({"version": VERSION, **about}).encode(), np.uint8)
        with replaced_file(self.path) as file:
            np.savez(file, about=text, **arrays)

    def load(self, most_bytes):
        """Return what `save` was given: arrays and the rest; or None, if there is no file yet.

        Raises
        ------
        ValueError
            If the file is no whole checkpoint of this version, or holds more than `most_bytes`.
        FileNotFoundError
            If there is no folder that it could lie in: better now than at the first save.
        """
        try:
            arrays = read_arrays(self.path, most_bytes + SLACK, "a checkpoint")
        except FileNotFoundError:
            check_place("path", self.path)
            return None
        try:
            about = json.loads(arrays.pop("about").tobytes())
            version = about.pop("version")
        except (KeyError, ValueError, AttributeError, RecursionError) as error:
            raise ValueError(f"path must hold a checkpoint, got {self.path.name}: {error!r}") from error
        if version != VERSION:
            raise ValueError(f"path must hold a checkpoint of version {VERSION}, got {version!r} in {self.path.name}")
        return arrays, about


def random_generators(layer, prefix=""):
    """Return the generators that layers hold, by name: dropout's, and those of networks inside.

    Examples
    --------
    >>> from cnnlib import Dropout, ReLU, Sequential
    >>> list(random_generators(Sequential(ReLU(), Dropout(0.5, rng=0))))
    ['1.rng']
    """
    found = {f"{prefix}{k}": v for k, v in vars(layer).items() if isinstance(v, np.random.Generator)}
    for position, inner in enumerate(getattr(layer, "layers", ())):
        found |= random_generators(inner, f"{prefix}{position}.")
    return found


def generator_state(rng):
    """Return a generator's state as JSON can hold it.

    Raises
    ------
    TypeError
        Unless it is one of ``numpy.random.default_rng``: the states of others hold more than numbers.
    """
    if type(rng.bit_generator) is not np.random.PCG64:
        raise TypeError(f"rng must be one of numpy.random.default_rng to be kept in a checkpoint, got {rng!r}")
    state = rng.bit_generator.state
    return [state["state"]["state"], state["state"]["inc"], state["has_uint32"], state["uinteger"]]


def set_generator_state(rng, state):
    """Put a generator into a state of `generator_state`."""
    generator_state(rng)
    limits = (1 << 128, 1 << 128, 2, 1 << 32)
    if type(state) is not list or len(state) != 4 or not all(
        type(number) is int and 0 <= number < limit for number, limit in zip(state, limits)
    ):
        raise ValueError(f"checkpoint must hold the state of a generator, got {str(state)[:80]}")
    rng.bit_generator.state = {
        "bit_generator": "PCG64", "state": {"state": state[0], "inc": state[1] | 1},
        "has_uint32": state[2], "uinteger": state[3],
    }  # fmt: skip


def digest(*arrays):
    """Return a check sum of arrays: enough to notice that they are others.

    Examples
    --------
    >>> digest(np.zeros(3)) == digest(np.zeros(3)), digest(np.zeros(3)) == digest(np.ones(3))
    (True, False)
    """
    value = 0
    for array in arrays:
        value = zlib.crc32(str(array.shape).encode(), value)
        value = zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8), value)
    return value


class Keeper:
    """What of a run stands in a `Checkpoint`, and how it is put back."""

    def __init__(self, run, checkpoint):
        if not isinstance(checkpoint, Checkpoint):
            raise TypeError(f"checkpoint must be a Checkpoint, got {checkpoint!r}")
        self._run, self._file, self.every, self._saved = run, checkpoint, checkpoint.every, None
        self._generators = {"rng": run.rng, **random_generators(run.model)}
        for rng in self._generators.values():
            generator_state(rng)  # one that cannot be kept is refused before anything starts
        self._recipe, self._details = self._describe(), self._describe_in_full()

    def _describe(self):
        """What must be the same when a training goes on."""
        run = self._run
        sample = sorted({k * (run.steps - 1) // 20 for k in range(21)})
        return {
            "model": repr(run.model), "optimizer": repr(run.optimizer), "epochs": run.epochs,
            "batch_size": run.batch_size,
            "images and labels": digest(run.images, run.labels), "loss": _name(run.loss), "augment": _name(run.augment),
            "schedule": None if run.schedule is None else [run.rate(step) for step in sample],
            "validation": None if run.validation is None else digest(*run.validation),
        }

    def _describe_in_full(self):
        """What a recipe's words leave out, in the same order and as JSON has it; older files do not hold it."""
        run = self._run
        changed = list(run.optimizer.model.parameters().values())
        details = {
            "model": _options(run.model),
            "optimizer": [
                name for name, array in run.model.parameters().items()
                if any(np.may_share_memory(array, other) for other in changed)
            ],
            "loss": _in_full(run.loss), "augment": _in_full(run.augment),
        }
        return json.loads(json.dumps(details))

    def _state(self):
        run = self._run
        return {
            **{f"model/{name}": array for name, array in {**run.model.parameters(), **run.model.buffers()}.items()},
            **{f"velocity/{name}": array for name, array in run.optimizer.velocity().items()},
        }

    def save(self, again=False):
        run, history = self._run, self._run.history
        place = history.steps, len(history.seconds), run.rate_factor
        if place == self._saved and not again:
            return
        # the start of the epoch as numbers too: a generator is borrowed for that
        start = np.random.default_rng(0)
        if run.epoch_start is not None:
            start.bit_generator.state = run.epoch_start
        optimizer = [run.optimizer.learning_rate, run.optimizer.momentum, run.optimizer.weight_decay]
        about = {
            "recipe": self._recipe, "details": self._details, "done": run.done, "rate_factor": run.rate_factor,
            "optimizer": optimizer,
            "seconds": run.seconds, "threads": [run.cores, run.replicas], "epoch_start": generator_state(start),
            "generators": {name: generator_state(rng) for name, rng in self._generators.items()},
        }
        lists = {name: np.array(getattr(history, name), float) for name in HISTORY}
        validation = np.array(history.validation, float).reshape(-1, 3)
        arrays = {f"history/{name}": values for name, values in {**lists, "validation": validation}.items()}
        self._file.save({**self._state(), **arrays}, about)
        self._saved = place

    def load(self, any_threads, end_other_training):
        """Put the run into the state of the file, if there is one.

        Parameters
        ----------
        any_threads : bool
            Whether the number of threads may be the file's.
        end_other_training : callable
            Called once the file is known to be this training's. Where it returns True somebody else has changed
            the model until now, and perhaps the file.
        """
        put_back = self._read(any_threads)
        if put_back is not None and end_other_training():
            put_back = self._read(any_threads)
        if put_back is not None:
            put_back()

    def _read(self, any_threads):
        """Return a function that puts the file's state back and cannot fail; None, if there is no file."""
        run, state = self._run, self._state()
        most = sum(array.nbytes for array in state.values()) + 8 * (4 * run.steps + 4 * run.epochs)
        loaded = self._file.load(most)
        if loaded is None:
            return None
        try:
            return self._checked(*loaded, state, any_threads)
        except (KeyError, IndexError, AttributeError, TypeError, OverflowError) as error:
            raise ValueError(f"path must hold a checkpoint, got {self._file.path.name}: {error!r}") from error

    def _checked(self, arrays, about, state, any_threads):
        run, name = self._run, self._file.path.name
        others = about["recipe"]
        details = about.get("details", self._details)
        for key, mine in self._recipe.items():
            if others[key] != mine or details.get(key) != self._details.get(key):
                raise ValueError(
                    f"checkpoint must belong to this training, got {name} of one with another {key}:"
                    " take another file, or delete it to begin anew"
                )
        history = {key: arrays.pop(f"history/{key}") for key in (*HISTORY, "validation")}
        steps, per_epoch = len(history["loss"]), run.steps // run.epochs
        epochs, done = len(history["seconds"]), check_int("done", about["done"], 0)
        counts = (len(history["accuracy"]), len(history["learning_rate"]), epochs * per_epoch + done)
        right = arrays.keys() == state.keys() and all(
            arrays[key].shape == array.shape and arrays[key].dtype == array.dtype and np.isfinite(arrays[key]).all()
            for key, array in state.items()
        )
        validations = (epochs if run.validation is not None else 0, 3)
        if not right or {*counts} != {steps} or done > per_epoch or history["validation"].shape != validations:
            raise ValueError(f"checkpoint must hold a whole state of this training, got {name}")
        factor = check_number("rate_factor", about["rate_factor"], 0, open_low=True)
        rate, momentum, decay = about["optimizer"]
        twin, start = SGD(run.optimizer.model, rate, momentum, decay), np.random.default_rng(0)
        set_generator_state(start, about["epoch_start"])
        for key in self._generators:
            set_generator_state(np.random.default_rng(0), about["generators"][key])
        seconds = check_number("seconds", about["seconds"], 0)
        cores, replicas = (check_int("threads", number, 1) for number in about["threads"])

        def put_back():
            for key, array in state.items():
                array[...] = arrays[key]
            for key, rng in self._generators.items():
                set_generator_state(rng, about["generators"][key])
            for key in HISTORY:
                getattr(run.history, key).extend(history[key].tolist())
            validated = history["validation"].tolist()
            run.history.validation.extend((int(step), loss, part) for step, loss, part in validated)
            run.optimizer.learning_rate, run.optimizer.momentum = twin.learning_rate, twin.momentum
            run.optimizer.weight_decay, run.rate_factor = twin.weight_decay, factor
            run.done, run.seconds, run.epoch_start = done, seconds, start.bit_generator.state
            if any_threads:
                run.cores, run.replicas = cores, replicas
            self._saved = steps, epochs, factor

        return put_back


def _options(layer, prefix=""):
    """Return what a layer's class was given and keeps under that name, of layers inside too: as JSON can hold it.

    Examples
    --------
    >>> from cnnlib import Dropout, LeakyReLU, Sequential
    >>> _options(Sequential(LeakyReLU(0.1), Dropout(0.5, rng=0)))
    {'fused': 'True', '0.negative_slope': '0.1', '1.p': '0.5'}
    """
    kept = {name: getattr(layer, name) for name in inspect.signature(type(layer)).parameters if hasattr(layer, name)}
    found = {f"{prefix}{name}": repr(value) for name, value in kept.items() if _is_plain(value)}
    for position, inner in enumerate(getattr(layer, "layers", ())):
        found |= _options(inner, f"{prefix}{position}.")
    return found


def _is_plain(value):
    if isinstance(value, (tuple, list)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (bool, int, float, str))


def _in_full(function):
    """A function's name, and what a partial one has been given already."""
    if isinstance(function, np.ndarray) and not function.dtype.hasobject:
        return f"array {digest(function)}"
    if not isinstance(function, functools.partial):
        return _name(function)
    keywords = {name: _in_full(value) for name, value in sorted(function.keywords.items())}
    return [_in_full(function.func), [_in_full(value) for value in function.args], keywords]


def _name(function):
    """What to call a function that is the same in each process."""
    text = repr(function)
    return getattr(function, "__qualname__", type(function).__qualname__) if " at 0x" in text else text
