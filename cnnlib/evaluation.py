"""What a model says of many images, and how often it is right."""

from typing import NamedTuple

import numpy as np

from cnnlib._validate import (
    check_any_array,
    check_array,
    check_callable,
    check_finite,
    check_float_array,
    check_int,
    check_labels,
    check_model,
    check_same_shape,
    check_size,
    is_number,
)
from cnnlib.datasets import batches
from cnnlib.functional import softmax_cross_entropy
from cnnlib.parallel import Replicas, limit_threads, one_blas_thread, thread_count

EVALUATION_BATCH = 128  # large enough for BLAS, small enough for the cache


class Evaluation(NamedTuple):
    """What `evaluate` found.

    Attributes
    ----------
    loss : float
        Mean over all examples.
    accuracy : float
        Part of the examples, in [0, 1], whose largest output is that of their label; NaN where there
        are not two outputs or more, one for each class.
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


def evaluate(model, images, labels, *, loss=softmax_cross_entropy, threads=None):
    """Return loss, accuracy and outputs of a model, with its layers in evaluation mode.

    Parameters
    ----------
    model : Layer
    images, labels : ndarray
        As for `cnnlib.train.fit`.
    loss : callable, default `cnnlib.functional.softmax_cross_entropy`
    threads : int, optional
        As for `cnnlib.train.fit`.

    Returns
    -------
    Evaluation

    Raises
    ------
    TypeError, ValueError
        As `cnnlib.train.fit`.
    """
    images, labels = checked_examples(images, labels)
    check_callable("loss", loss, "outputs", "labels")
    outputs = predict(model, images, threads=threads)
    return Evaluation(checked_loss(loss, outputs, labels)[0], mean_accuracy(outputs, labels), outputs)


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
    twin = check_model("model", model).replica().eval()
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
    check_size("num_classes", (num_classes, num_classes))
    labels = check_any_array("labels", labels)
    labels = check_labels("labels", labels, labels.size, num_classes)
    predictions = check_labels("predictions", predictions, len(labels), num_classes)
    pairs = labels.astype(np.intp) * num_classes + predictions.astype(np.intp)
    return np.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes)


def checked_loss(loss, outputs, labels):
    """Return a loss's value, as it is, and its gradient, once both are what a training needs.

    The loss gets copies, few numbers beside a net's: it may work in place, and outputs and labels stay what they are.
    """
    answer = check_callable("loss", loss)(outputs.copy(order="K"), labels.copy(order="K"))
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise TypeError(f"loss must return a number and its gradient in the outputs, got {answer!r:.60}")
    value, gradient = answer
    if not is_number(value):
        raise TypeError(f"loss must return a number first, got {value!r:.60}")
    gradient = check_float_array("loss's gradient", gradient, None)
    check_same_shape("loss's gradient", gradient, outputs.shape)
    return value, gradient


def mean_accuracy(outputs, labels):
    """Part of the examples that are right; NaN where there is no class to compare with."""
    outputs, labels = check_array("outputs", outputs, None), check_array("labels", labels, None)
    if outputs.ndim != 2 or outputs.shape[1] < 2 or labels.ndim != 1:  # of one number, the largest is always the first
        return float("nan")
    check_same_shape("labels", labels, outputs.shape[:1])
    return float((outputs.argmax(axis=1) == labels).mean())


def checked_examples(images, labels, names=("images", "labels")):
    """Return images and labels as arrays, once they are sure to belong together and to be finite."""
    images = check_array(names[0], images, tuple(range(2, 5)))
    check_finite(names[0], images)
    labels = check_any_array(names[1], labels)
    if labels.shape[:1] != images.shape[:1]:
        raise ValueError(f"{names[1]} must be as many as the {len(images)} images, got shape {labels.shape}")
    return images, labels
