"""Training: `fit`, and what each of its steps does."""

import contextlib
import functools
import signal
import threading
import time
from dataclasses import dataclass, field

import numpy as np

from cnnlib._divergence import EXPLODED, SoundState, check_weights, lost
from cnnlib._validate import (
    check_array,
    check_bool,
    check_callable,
    check_finite,
    check_int,
    check_labels,
    check_model,
    check_rng,
)
from cnnlib.checkpoints import Keeper
from cnnlib.datasets import batches
from cnnlib.evaluation import checked_examples, checked_loss, evaluate, mean_accuracy
from cnnlib.functional import softmax_cross_entropy
from cnnlib.optim import SGD, scheduled_rate
from cnnlib.parallel import Replicas, limit_threads, one_blas_thread, thread_count
from cnnlib.sequential import Sequential

before_change = []  # called with a model before `fit`, or a file, changes it: `cnnlib.background` ends its training
IMAGES_PER_THREAD = 64  # a step on fewer ends almost before a second thread has woken
_QUIET = functools.partial(np.errstate, over="ignore", invalid="ignore", divide="ignore")


@dataclass
class History:
    """What happened in a training.

    Attributes
    ----------
    loss, accuracy, learning_rate : list of float
        One entry a step: of the batch, before the step changed the weights.
    validation : list of (int, float, float)
        After each epoch, if `fit` was given a validation set: steps done, loss, accuracy.
    seconds : list of float
        Time of each epoch, without validation.
    interrupted : bool
        Whether the training was stopped by the user.
    """

    loss: list = field(default_factory=list)
    accuracy: list = field(default_factory=list)
    learning_rate: list = field(default_factory=list)
    validation: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    interrupted: bool = False

    @property
    def steps(self):
        """Steps done."""
        return len(self.loss)

    def __repr__(self):
        # no losses: they differ in the last digits from machine to machine
        return f"History({self.steps} steps, {len(self.seconds)} epochs{', interrupted' * self.interrupted})"


def fit(
    model, images, labels, *, optimizer, rng, epochs=1, batch_size=64, loss=softmax_cross_entropy, schedule=None,
    augment=None, validation=None, callback=None, progress=True, threads=None, checkpoint=None,
):
    """Train a model in place by stochastic gradient descent.

    The work is done by replicas with the same weights (see `cnnlib.layers.Layer`). The model itself is in
    evaluation mode meanwhile, and may be called, by a callback or from another thread. A
    `cnnlib.background.Training` that is changing the same weights ends before.

    Parameters
    ----------
    model : Layer
    images : ndarray, shape (N, ...)
        What `model` takes; uint8 images stay uint8 but for the batch at hand.
    labels : ndarray, shape (N,) or as `loss` needs them
    optimizer : SGD
        Over the model's parameters, or a part of them: ``SGD(model[:3], 0.1)`` leaves the rest as it is.
    rng : numpy.random.Generator or int
        Shuffles each epoch, and is handed to `augment`.
    epochs : int, default 1
        Times that each example is seen.
    batch_size : int, default 64
    loss : callable, default `cnnlib.functional.softmax_cross_entropy`
        Takes outputs and labels, returns the loss and its gradient in the outputs.
    schedule : callable, optional
        Takes the step and the number of steps, returns the learning rate; see `cnnlib.optim`. The
        optimizer's own rate is neither used nor changed.
    augment : callable, optional
        Takes the images of a batch and `rng`, returns as many to learn from in their place; see
        `cnnlib.datasets.RandomAffine`.
    validation : tuple (images, labels), optional
        Evaluated after each epoch.
    callback : callable, optional
        Called after each step with the `History`; may raise KeyboardInterrupt to stop.
    progress : bool, default True
        Show a progress bar.
    threads : int, optional
        Cores to train on, each with a part of the batch. Unless given, all of them (at most four)
        as far as each gets 64 images: fewer are done almost before another thread has woken.
        Results differ by rounding only, and are the same each time for the same number. A model
        with batch norm or dropout, which look at the batch as a whole, is not split; then, as with
        a small batch, large convolutions share themselves out.
    checkpoint : Checkpoint, optional
        A file to keep the training in. If it is there already, the training goes on from it; see
        `cnnlib.checkpoints`.

    Returns
    -------
    History
        On a keyboard interrupt (Ctrl-C, the notebook's stop button) the step at hand is finished,
        then the history so far is returned with ``interrupted`` set; the model keeps what it has
        learned. A second interrupt does not wait for the step.

    Raises
    ------
    TypeError, ValueError
        If images and labels do not belong together, are empty, or hold NaN; if labels are not
        what the loss takes; if a function takes other arguments than it is given; if the optimizer is
        another model's, even of one that shares its arrays; if the model's weights are not finite.
        If the loss or that of `validation` stops being finite, or a step's is 10,000 times the first
        one, the model and the optimizer go back to where the loss was last of the size that it began
        with. What the last step has done only `validation` shows, and weights that are not finite:
        no loss is computed after it.

    Examples
    --------
    >>> from cnnlib.layers import Linear
    >>> model, x = Linear(2, 2, rng=0), np.eye(2, dtype=np.float32)
    >>> fit(model, x, np.array([0, 1]), optimizer=SGD(model, 0.5), rng=0, epochs=20, progress=False)
    History(20 steps, 20 epochs)
    >>> evaluate(model, x, np.array([0, 1])).accuracy
    1.0
    """
    run = Run(
        model, images, labels, optimizer=optimizer, rng=rng, epochs=epochs, batch_size=batch_size, loss=loss,
        schedule=schedule, augment=augment, validation=validation, threads=threads, checkpoint=checkpoint,
    )
    if callback is not None:
        check_callable("callback", callback, "history")
    check_bool("progress", progress)
    _end_other_training(model)
    history = run.history
    with (
        deferred_interrupt() as interrupted, one_blas_thread(), _progress_bar(run, progress) as bar,
        contextlib.closing(run.training()) as training,
    ):
        try:
            for _ in training:
                bar(history)
                if callback is not None:
                    callback(history)
                if interrupted():
                    raise KeyboardInterrupt
            history.interrupted = interrupted()  # during the last validation
        except KeyboardInterrupt:
            history.interrupted = True
    return history


def _end_other_training(model):
    """End a training in the background that changes weights of `model`; return whether there was one."""
    return any(end(model) for end in before_change)


class Run:
    """One training: what `fit` and `cnnlib.background.Training` share, each driving it in its own way.

    Parameters
    ----------
    model, images, labels, **options
        Those of `fit`; they are checked here, before anything starts.

    Attributes
    ----------
    history : History
        Filled as the steps are taken.
    steps : int
        Of the whole training.
    rate_factor : float
        Multiplies the learning rate.
    done, seconds, epoch_start
        Of the epoch at hand: batches done, their time, and the state of `rng` before it was shuffled.
    cores, replicas : int
        How many share a step's work, and its batch.
    """

    def __init__(
        self, model, images, labels, *, optimizer, rng, epochs=1, batch_size=64, loss=softmax_cross_entropy,
        schedule=None, augment=None, validation=None, threads=None, checkpoint=None,
    ):
        self.model, self.loss = check_model("model", model), check_callable("loss", loss, "outputs", "labels")
        self.optimizer = _checked_optimizer(optimizer, model)
        self.images, self.labels = checked_examples(images, labels)
        if validation is not None:
            if not isinstance(validation, (tuple, list)) or len(validation) != 2:
                raise TypeError(f"validation must be a tuple (images, labels), got {type(validation)}")
            validation = checked_examples(*validation, names=("validation[0]", "validation[1]"))
        if schedule is not None:
            check_callable("schedule", schedule, "step", "steps")
        if augment is not None:
            check_callable("augment", augment, "images", "rng")
        self.schedule, self.augment, self.validation = schedule, augment, validation
        self.epochs, self.batch_size = check_int("epochs", epochs, 1), check_int("batch_size", batch_size, 1)
        self.rng = check_rng(rng)
        self.steps = self.epochs * -(-len(self.images) // self.batch_size)
        self.history, self.rate_factor = History(), 1.0
        if loss is softmax_cross_entropy:
            _check_classes(model, self.images, self.labels)
        check_weights(model)
        self.cores = thread_count(threads)
        largest = min(self.batch_size, len(self.images))
        share = largest if threads is not None else max(1, self.batch_size // IMAGES_PER_THREAD)
        self.replicas = min(self.cores, share) if model.splits_batches else 1
        self._sound = SoundState(model, optimizer)
        self.done, self.seconds, self.epoch_start = 0, 0.0, None  # of the epoch at hand
        self._keeper = None
        if checkpoint is not None:
            self._keeper = Keeper(self, checkpoint)
            self._keeper.load(threads is None, functools.partial(_end_other_training, model))

    def _order(self):
        """The batches that are left of the epoch at hand."""
        generator, now = self.rng.bit_generator, self.rng.bit_generator.state
        if self.done:  # it was begun in another process: the same order again
            generator.state = self.epoch_start
        self.epoch_start = generator.state
        order = list(batches(len(self.images), self.batch_size, self.rng))
        if self.done:
            generator.state = now
        return order[self.done :]

    def changes(self, model):
        """Whether weights of `model` are among those of this run, in memory."""
        return any(_is_held(array, model) for array in self.model.parameters().values())

    def rate(self, step):
        """The learning rate that is foreseen for a step, without `rate_factor`."""
        if self.schedule is None:
            return self.optimizer.learning_rate
        return scheduled_rate(self.schedule, step, self.steps)

    def training(self):
        """Take a step at each ``next``; what belongs to the end of an epoch comes before the next step.

        Closed or exhausted, it leaves the model in evaluation mode.
        """
        history = self.history
        self.model.eval()  # its replicas are trained: who calls it draws nothing for dropout, and moves no average
        self._sound.begin()
        whole = True  # no step is half done
        try:
            with Replicas(self.model, self.replicas) as replicas:
                for _ in range(len(history.seconds), self.epochs):
                    for batch in self._order():
                        start = time.perf_counter()
                        whole = False
                        with limit_threads(self.cores):
                            self._step(replicas, batch)
                        # what goes on between steps is not training
                        self.seconds += time.perf_counter() - start
                        self.done, whole = self.done + 1, True
                        if self._keeper is not None and history.steps % self._keeper.every == 0:
                            self.keep()
                        yield
                    result, whole = self._validate(), False
                    if result is not None:
                        history.validation.append((history.steps, result.loss, result.accuracy))
                    history.seconds.append(self.seconds)
                    self.done, self.seconds, whole = 0, 0.0, True
        finally:
            self.model.eval()
            if whole:
                self.keep()

    def _go_back(self, problem):
        """Restore the last sound state, in the checkpoint too, and return what to tell the user."""
        told = self._sound.go_back(self.history, problem)
        if self.history.steps == self.steps:
            self._keeper = None  # or the next run would find all steps done, and say nothing
        elif self._keeper is not None and self._sound.step is not None:
            self._keeper.save(again=True)  # or the next run would go on from weights that have jumped
        return told

    def keep(self):
        """Save the checkpoint, if there is one and something has changed since."""
        if self._keeper is not None:
            self._keeper.save()

    def release(self):
        """Let go of memory that only another step could use: a notebook's cell that is run again keeps its old run."""
        self._sound = None
        if isinstance(self.model, Sequential):
            self.model.forget()

    def _validate(self):
        if self.validation is None:
            return None
        with _QUIET():
            result = evaluate(self.model, *self.validation, loss=self.loss)
        if not np.isfinite(result.loss):
            told = self._go_back(f"validation's loss must stay finite, got {result.loss}")
            raise ValueError(f"{told}; where that does not help, look at the loss function and at validation's numbers")
        return result

    def _step(self, replicas, batch):
        """Forward, loss, backward, step: each replica with its part of the batch."""
        images, labels, rate = self.images[batch], self.labels[batch], self.rate_factor * self.rate(self.history.steps)
        if self.augment is not None:
            images = _checked_augmented(self.augment(images, self.rng), len(images))

        def forward_backward(model, part):
            outputs = model.train().forward(images[part])
            value, grad_outputs = checked_loss(self.loss, outputs, labels[part])
            share = len(outputs) / len(images)  # the loss is a mean over the part, the step's over the batch
            model.backward(grad_outputs * grad_outputs.dtype.type(share), need_input_grad=False)
            return value * share, outputs

        replicas.follow()
        self._sound.copy_buffers()
        parts = _parts(len(images), len(replicas.models))
        with _QUIET():  # numbers that overflow are reported below, in words
            values, outputs = zip(*replicas.map(forward_backward, parts))
            value, history = sum(values), self.history
            if not np.isfinite(value):
                raise ValueError(self._go_back(f"loss must stay finite, got {value}"))
            bound = EXPLODED * max(1.0, abs(history.loss[0])) if history.loss else np.inf
            if value > bound:
                raise ValueError(self._go_back(f"loss must stay below {bound:.3g}, got {value:.3g}"))
            replicas.sum_gradients(len(parts))
            self._sound.keep(history, value)
            self.optimizer.step(rate)
        history.accuracy.append(mean_accuracy(np.concatenate(outputs), labels))
        history.learning_rate.append(rate)
        history.loss.append(value)  # last: it counts the steps, and other threads may read meanwhile
        if history.steps == self.steps and lost(self.model):  # no loss comes any more to show it
            raise ValueError(self._go_back("weights must stay finite, got NaN or infinity"))


def _parts(count, parts):
    """Cut `count` examples into at most `parts` slices of nearly equal length, none of them empty."""
    size = -(-count // parts)
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def _is_held(array, model):
    return any(np.may_share_memory(array, own) for own in model.parameters().values())


def _checked_optimizer(optimizer, model):
    if not isinstance(optimizer, SGD):
        raise TypeError(f"optimizer must be an SGD, got {optimizer!r}")
    filled = [layer for layer, _ in _layers_and_names(model)]
    others = [
        name for layer, names in _layers_and_names(optimizer.model)
        if not any(layer is one for one in filled) for name in names
    ]
    if others:  # also where both have the array in memory, a step would use old ones
        raise ValueError(
            f"optimizer must change parameters of this model only, got {optimizer!r}, which changes {others[0]} of"
            " another model, such as a replica, whose gradients nobody computes: make one for this model"
        )
    return optimizer


def _layers_and_names(model, prefix=""):
    """Each layer of a model, and what parameters of its own are called there."""
    inner = getattr(model, "layers", ())
    names = getattr(model, "parameter_names", ()) if inner else model.parameters()
    yield model, [prefix + name for name in names]
    for position, layer in enumerate(inner):
        yield from _layers_and_names(layer, f"{prefix}{position}.")


def _checked_augmented(images, count):
    images = check_array("augment's result", images, tuple(range(2, 5)))
    if len(images) != count:
        raise ValueError(f"augment must return as many images as it is given, {count}, got shape {images.shape}")
    check_finite("augment's result", images)
    return images


def _check_classes(model, images, labels):
    """Refuse a bad label before the first step, and not when its turn comes."""
    try:
        shape = model.output_shape(images.shape[1:])
    except ValueError:
        return  # the images do not fit: the forward pass says it better
    if len(shape) == 1:
        check_labels("labels", labels, len(images), shape[0])


@contextlib.contextmanager
def deferred_interrupt():
    """Let an interrupt wait for the end of a step, so that no step is half done.

    Yields a function that says whether one has arrived. Signals reach the main thread only;
    elsewhere there is nothing to defer.
    """
    arrived = []

    def remember(signum, frame):
        if arrived:  # somebody means it
            raise KeyboardInterrupt
        arrived.append(signum)

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, remember)
    try:
        yield lambda: bool(arrived)
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _progress_bar(run, shown):
    """Yield a function that moves the bar on to a history's last step."""
    if not shown:
        yield lambda history: None
        return
    import sys

    from tqdm import tqdm  # here, since most uses of the library show no bar

    steps = run.steps
    total = steps if steps < 2**53 else None  # tqdm counts in floats
    with tqdm(total=total, initial=run.history.steps, unit="step", file=sys.stdout, mininterval=0.2) as bar:
        def advance(history):
            bar.update()
            if history.steps % 50 == 0 or history.steps == steps:
                bar.set_postfix_str(f"loss {np.mean(history.loss[-50:]):.3f}", refresh=False)

        yield advance
