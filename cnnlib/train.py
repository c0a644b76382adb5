"""Training and evaluation."""

import contextlib
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from cnnlib._validate import check_array, check_finite, check_int, check_labels, check_rng
from cnnlib.datasets import batches
from cnnlib.functional import softmax_cross_entropy
from cnnlib.optim import SGD
from cnnlib.parallel import Replicas, limit_threads, one_blas_thread, thread_count

EVALUATION_BATCH = 250  # large enough for BLAS, small enough for the cache
IMAGES_PER_THREAD = 64  # a step on fewer ends almost before a second thread has woken


class Evaluation(NamedTuple):
    """What `evaluate` found.

    Attributes
    ----------
    loss : float
        Mean over all examples.
    accuracy : float
        Part of the examples, in [0, 1], whose largest output is that of their label.
    outputs : ndarray, shape (N, K)
        What the model said: logits, one row an example.
    """

    loss: float
    accuracy: float
    outputs: np.ndarray

    @property
    def predictions(self):
        """The class with the largest output, for each example: ndarray of int, shape (N,)."""
        return self.outputs.argmax(axis=1)

    def __repr__(self):
        return f"Evaluation(loss={self.loss:.4f}, accuracy={self.accuracy:.4f}, {len(self.outputs):,} examples)"


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
    augment=None, validation=None, callback=None, progress=True, threads=None,
):
    """Train a model in place by stochastic gradient descent.

    Parameters
    ----------
    model : Layer
    images : ndarray, shape (N, ...)
        What `model` takes; uint8 images stay uint8 but for the batch at hand.
    labels : ndarray, shape (N,) or as `loss` needs them
    optimizer : SGD
        Over the model's parameters.
    rng : numpy.random.Generator or int
        Shuffles each epoch, and is handed to `augment`.
    epochs : int, default 1
        Times that each example is seen.
    batch_size : int, default 64
    loss : callable, default `cnnlib.functional.softmax_cross_entropy`
        Takes outputs and labels, returns the loss and its gradient in the outputs.
    schedule : callable, optional
        Takes the step and the number of steps, returns the learning rate; see `cnnlib.optim`.
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
        what the loss takes; if the loss stops being finite.

    Examples
    --------
    >>> from cnnlib.layers import Linear
    >>> model, x = Linear(2, 2, rng=0), np.eye(2, dtype=np.float32)
    >>> fit(model, x, np.array([0, 1]), optimizer=SGD(model, 0.5), rng=0, epochs=20, progress=False)
    History(20 steps, 20 epochs)
    >>> evaluate(model, x, np.array([0, 1])).accuracy
    1.0
    """
    history = History()
    steps, training = training_steps(
        model, images, labels, history, optimizer=optimizer, rng=rng, epochs=epochs, batch_size=batch_size,
        loss=loss, schedule=schedule, augment=augment, validation=validation, threads=threads,
    )
    with (
        _deferred_interrupt() as interrupted, one_blas_thread(), _progress_bar(steps, progress) as bar,
        contextlib.closing(training),
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


def training_steps(
    model, images, labels, history, *, optimizer, rng, epochs=1, batch_size=64, loss=softmax_cross_entropy,
    schedule=None, augment=None, validation=None, threads=None,
):
    """Return the number of steps of a training, and a generator that takes one at a time.

    What `fit` and `cnnlib.background.Training` share: each drives the generator in its own way, and
    closes it in the end. The arguments are those of `fit`; the checks are made before this returns.

    Parameters
    ----------
    history : History
        Filled as the steps are taken.

    Returns
    -------
    steps : int
    training : generator
        Takes a step at each ``next``; what belongs to the end of an epoch comes before the next
        step. Closed or exhausted, it leaves the model in evaluation mode.
    """
    images, labels = _checked_examples(images, labels)
    if validation is not None:
        if not isinstance(validation, (tuple, list)) or len(validation) != 2:
            raise TypeError(f"validation must be a tuple (images, labels), got {type(validation)}")
        validation = _checked_examples(*validation)
    epochs, batch_size = check_int("epochs", epochs, 1), check_int("batch_size", batch_size, 1)
    rng = check_rng(rng)
    steps = epochs * -(-len(images) // batch_size)
    if loss is softmax_cross_entropy:
        _check_classes(model, images, labels)
    cores = thread_count(threads)
    replicas_wanted = min(cores, batch_size if threads is not None else max(1, batch_size // IMAGES_PER_THREAD))
    if not model.splits_batches:
        replicas_wanted = 1

    def training():
        model.train()
        try:
            with Replicas(model, replicas_wanted) as replicas:
                for _ in range(epochs):
                    seconds = 0.0
                    for batch in batches(len(images), batch_size, rng):
                        start = time.perf_counter()
                        if schedule is not None:
                            optimizer.learning_rate = schedule(history.steps, steps)
                        chosen = images[batch] if augment is None else augment(images[batch], rng)
                        with limit_threads(cores):
                            _train_step(replicas, chosen, labels[batch], optimizer, loss, history)
                        seconds += time.perf_counter() - start  # what goes on between steps is not training
                        yield
                    history.seconds.append(seconds)
                    if validation is not None:
                        result = evaluate(model, *validation, loss=loss)
                        history.validation.append((history.steps, result.loss, result.accuracy))
        finally:
            model.eval()

    return steps, training()


def _train_step(replicas, images, labels, optimizer, loss, history):
    """Forward, loss, backward, step: each replica with its part of the batch."""

    def forward_backward(model, part):
        outputs = model.forward(images[part])
        value, grad_outputs = loss(outputs, labels[part])
        share = len(outputs) / len(images)  # the loss is a mean over the part, the step's over the batch
        model.backward(grad_outputs * grad_outputs.dtype.type(share), need_input_grad=False)
        return value * share, outputs

    parts = _parts(len(images), len(replicas.models))
    values, outputs = zip(*replicas.map(forward_backward, parts))
    value = sum(values)
    if not np.isfinite(value):
        raise ValueError(
            f"loss must stay finite, got {value} at step {history.steps}:"
            f" try a learning_rate below {optimizer.learning_rate:g}"
        )
    replicas.sum_gradients(len(parts))
    optimizer.step()
    history.loss.append(value)
    history.accuracy.append(_accuracy(np.concatenate(outputs), labels))
    history.learning_rate.append(float(optimizer.learning_rate))


def _parts(count, parts):
    """Cut `count` examples into at most `parts` slices of nearly equal length, none of them empty."""
    size = -(-count // parts)
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def evaluate(model, images, labels, *, loss=softmax_cross_entropy, threads=None):
    """Return loss, accuracy and outputs of a model, with its layers in evaluation mode.

    Parameters
    ----------
    model : Layer
    images, labels : ndarray
        As for `fit`.
    loss : callable, default `cnnlib.functional.softmax_cross_entropy`
    threads : int, optional
        As for `fit`.

    Returns
    -------
    Evaluation

    Raises
    ------
    TypeError, ValueError
        As `fit`.
    """
    images, labels = _checked_examples(images, labels)
    outputs = predict(model, images, threads=threads)
    return Evaluation(loss(outputs, labels)[0], _accuracy(outputs, labels), outputs)


def predict(model, images, *, threads=None):
    """Return a model's outputs for any number of images, a batch at a time, in evaluation mode.

    Parameters
    ----------
    model : Layer
        Left in the mode, training or evaluation, that it was in.
    images : ndarray, shape (N, ...)
    threads : int, optional
        Cores to use; all of them (at most four) unless given.

    Returns
    -------
    ndarray, shape (N, ...)
    """
    images = check_array("images", images, tuple(range(2, 5)))
    order = list(batches(len(images), EVALUATION_BATCH))
    # a replica has caches of its own: a training of the same model may go on in the background
    twin = model.replica().eval()
    cores = thread_count(threads)
    with one_blas_thread(), limit_threads(cores), Replicas(twin, min(cores, len(order))) as replicas:
        return np.concatenate(replicas.map(lambda replica, batch: replica.forward(images[batch]), order))


def confusion_matrix(labels, predictions, num_classes):
    """Count how often each class was taken for each.

    Parameters
    ----------
    labels, predictions : array_like of int, shape (N,)
        In 0 .. `num_classes` − 1.
    num_classes : int

    Returns
    -------
    ndarray of int, shape (num_classes, num_classes)
        Row: the true class. Column: the predicted one.

    Examples
    --------
    >>> confusion_matrix([0, 0, 1], [0, 1, 1], 2)
    array([[1, 1],
           [0, 1]])
    """
    num_classes = check_int("num_classes", num_classes, 1)
    labels = check_labels("labels", labels, len(labels), num_classes)
    predictions = check_labels("predictions", predictions, len(labels), num_classes)
    pairs = labels.astype(np.int64) * num_classes + predictions.astype(np.int64)
    return np.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes)


def _accuracy(outputs, labels):
    """Part of the examples that are right; NaN where there is no class to compare with."""
    if outputs.ndim != 2 or labels.ndim != 1:
        return float("nan")
    return float((outputs.argmax(axis=1) == labels).mean())


def _checked_examples(images, labels):
    images = check_array("images", images, tuple(range(2, 5)))
    check_finite("images", images)
    labels = np.asarray(labels)
    if labels.shape[:1] != images.shape[:1]:
        raise ValueError(f"labels must be as many as the {len(images)} images, got shape {labels.shape}")
    return images, labels


def _check_classes(model, images, labels):
    """Refuse a bad label before the first step, and not when its turn comes."""
    try:
        shape = model.output_shape(images.shape[1:])
    except ValueError:
        return  # the images do not fit: the forward pass says it better
    if len(shape) == 1:
        check_labels("labels", labels, len(images), shape[0])


@contextlib.contextmanager
def _deferred_interrupt():
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
def _progress_bar(steps, shown):
    """Yield a function that moves the bar on to a history's last step."""
    if not shown:
        yield lambda history: None
        return
    import sys

    from tqdm import tqdm  # here, since most uses of the library show no bar

    with tqdm(total=steps, unit="step", file=sys.stdout, mininterval=0.2) as bar:
        def advance(history):
            bar.update()
            if history.steps % 50 == 0 or history.steps == steps:
                bar.set_postfix_str(f"loss {np.mean(history.loss[-50:]):.3f}", refresh=False)

        yield advance
