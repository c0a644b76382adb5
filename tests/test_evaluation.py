"""Evaluation agrees with its definition, leaves the model as it was, and says what is wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import (
    SGD,
    BatchNorm2d,
    Dropout,
    Linear,
    confusion_matrix,
    evaluate,
    fit,
    logistic_loss,
    predict,
    softmax_cross_entropy,
)
from cnnlib.evaluation import mean_accuracy
from nets import small_net, stripes, weights
from strategies import seeds

IMAGES, LABELS = stripes(20)
WITH_NAN = np.where(np.arange(64).reshape(8, 8) == 10, np.nan, IMAGES).astype(np.float32)


@pytest.mark.parametrize("count", [1, 7, 250, 251, 600])
def test_predict_puts_the_batches_together(count):
    model, (images, _) = small_net().eval(), stripes(600)
    np.testing.assert_allclose(predict(model, images[:count]), model(images[:count]), atol=1e-5)


@pytest.mark.parametrize("training", [True, False])
def test_predict_leaves_the_mode_as_it_was(training):
    model = small_net(0, Dropout(0.5, rng=0), BatchNorm2d(4)).train(training)
    images, before = stripes(20)[0], weights(model)
    first, second = predict(model, images), predict(model, images)
    np.testing.assert_array_equal(first, second)  # nothing dropped
    assert model.training is training and all(layer.training is training for layer in model.layers)
    for name, value in weights(model).items():
        np.testing.assert_array_equal(value, before[name])  # no running average moved
    with pytest.raises(ValueError):
        predict(model, np.ones((2, 5, 5)))
    assert all(layer.training is training for layer in model.layers)  # after a failure too


def test_evaluate_agrees_with_its_definition():
    model, (images, labels) = small_net(), stripes(300)
    result = evaluate(model, images, labels)
    outputs = model(images)
    assert result.loss == pytest.approx(softmax_cross_entropy(outputs, labels)[0], rel=1e-4)
    np.testing.assert_array_equal(result.predictions, outputs.argmax(axis=1))
    assert result.accuracy == (outputs.argmax(axis=1) == labels).mean()
    np.testing.assert_allclose(result.outputs, outputs, atol=1e-4)
    assert evaluate(model, images, labels.astype(np.uint8)).accuracy == result.accuracy


@given(st.integers(1, 200), st.integers(1, 12), seeds, st.sampled_from([np.uint8, np.int64, np.uint64]))
def test_confusion_matrix_counts(count, classes, seed, dtype):
    rng = np.random.default_rng(seed)
    labels, predictions = rng.integers(0, classes, (2, count)).astype(dtype)
    expected = np.zeros((classes, classes), int)
    for true, said in zip(labels, predictions):
        expected[true, said] += 1
    np.testing.assert_array_equal(confusion_matrix(labels, predictions, classes), expected)


def test_confusion_matrix_of_many_classes_does_not_overflow_bytes():
    matrix = confusion_matrix(np.array([200], np.uint8), np.array([255], np.uint8), 256)
    assert matrix.shape == (256, 256) and matrix[200, 255] == matrix.sum() == 1


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: evaluate(small_net(), IMAGES, LABELS[:3]), ValueError, r"labels must be as many as the 20 images, got shape \(3,\)"),
        (lambda: evaluate(small_net(), WITH_NAN, LABELS), ValueError, r"images must hold finite numbers only"),
        (lambda: evaluate(small_net(), IMAGES, LABELS + 5), ValueError, r"labels must be 20 integers in 0\.\.1, got [56]"),
        (lambda: evaluate(small_net(), IMAGES, LABELS * 0.5), TypeError, r"labels must be 20 integers in 0\.\.1, got dtype float64"),
        (lambda: predict(small_net(), IMAGES[:0]), ValueError, r"images must be .* not empty, got shape \(0, 8, 8\)"),
        (lambda: predict(small_net(), IMAGES[0, 0]), ValueError, r"images must be a 2-D .* array of numbers, got shape \(8,\)"),
        (lambda: confusion_matrix([0, 1], [0], 2), ValueError, r"predictions must be 2 integers in 0\.\.1, got shape \(1,\)"),
        (lambda: confusion_matrix([0, 2], [0, 1], 2), ValueError, r"labels must be 2 integers in 0\.\.1, got 2"),
        (lambda: confusion_matrix([0, 1], [0, -1], 2), ValueError, r"predictions must be 2 integers in 0\.\.1, got -1"),
        (lambda: confusion_matrix([0.0], [0], 2), TypeError, r"labels must be 1 integers in 0\.\.1, got dtype float64"),
        (lambda: confusion_matrix([0], [0], 0), ValueError, r"num_classes must be an integer of at least 1, got 0"),
        (lambda: confusion_matrix([0], [0], 2.0), TypeError, r"num_classes must be an integer of at least 1, got 2.0"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("change, error, message", [
    ({"model": None}, TypeError, "model must be a layer or a network, got None"),
    ({"model": Linear}, TypeError, "model must be a layer or a network, got <class"),
    ({"progress": "no"}, TypeError, "progress must be True or False, got 'no'"),
    ({"loss": None}, TypeError, "loss must be a function"),
    ({"loss": lambda outputs, labels: 1.0}, TypeError, r"loss must return a number and its gradient in the outputs, got 1\.0"),
    ({"loss": lambda outputs, labels: (1.0, outputs, outputs)}, TypeError, "loss must return a number and its gradient"),
    ({"loss": lambda outputs, labels: (None, outputs)}, TypeError, "loss must return a number first, got None"),
    ({"loss": lambda outputs, labels: (outputs[0], outputs)}, TypeError, "loss must return a number first, got array"),
    ({"loss": lambda outputs, labels: (1j, outputs)}, TypeError, "loss must return a number first, got 1j"),
    ({"loss": lambda outputs, labels: (np.ma.masked, outputs)}, TypeError, "loss must return a number first, got masked"),
    ({"loss": lambda outputs, labels: ([[1], [1, 2]], outputs)}, TypeError, r"loss must return a number first, got \[\[1\]"),
    ({"loss": lambda outputs, labels: (1.0, 2.0)}, ValueError, r"loss's gradient must have shape \(16, \d\), got \(\)"),
    ({"loss": lambda outputs, labels: (1.0, outputs[:1])}, ValueError, "loss's gradient must have shape"),
    ({"loss": lambda outputs, labels: (1.0, labels)}, TypeError, "loss's gradient must be a floating-point array"),
    ({"validation": (1, 2)}, ValueError, r"validation\[0\] must be a 2-D or 3-D or 4-D array"),
    ({"validation": (np.ones((2, 8, 8)), 2)}, ValueError, r"validation\[1\] must be as many as the 2 images"),
])
def test_what_a_training_is_made_of_is_checked_by_name(change, error, message):
    model = small_net()
    images, labels = stripes(16)
    options = {"model": model, "optimizer": SGD(model, 0.1), "rng": 0, "progress": False} | change
    with pytest.raises(error, match=message):
        fit(images=images, labels=labels, **options)
    if "loss" in change and callable(change["loss"]):
        with pytest.raises(error, match=message):
            evaluate(model, images, labels, loss=change["loss"])


def test_accuracy_is_nothing_where_there_is_no_class_to_compare_with():
    outputs = np.eye(3)
    assert mean_accuracy(outputs, np.arange(3)) == 1
    assert np.isnan(mean_accuracy(outputs, outputs))
    assert np.isnan(mean_accuracy(outputs[0], np.arange(3)))


def rude(loss):
    """The same loss, by someone who works in place."""
    def in_place(outputs, labels):
        value, gradient = loss(outputs, labels)
        outputs[...] = gradient
        labels[...] = 0
        return value, outputs
    return in_place


def test_a_loss_may_work_in_place():
    images, labels = stripes(40)
    kept, results = labels.copy(), []
    for loss in (softmax_cross_entropy, rude(softmax_cross_entropy)):
        model = small_net(0)
        history = fit(
            model, images, labels, optimizer=SGD(model, 0.1), rng=0, epochs=2, batch_size=8, loss=loss, progress=False
        )
        results.append((history.loss, history.accuracy, *evaluate(model, images, labels, loss=loss)))
    for plain, in_place in zip(*results):
        np.testing.assert_array_equal(plain, in_place)
    np.testing.assert_array_equal(labels, kept)


def test_one_output_names_no_class():
    """A single neuron with a logistic loss: 0.5 would be the part of class 0, however right it is."""
    def loss(outputs, labels):
        value, gradient = logistic_loss(outputs[:, 0], labels.astype(float))
        return value, gradient[:, None]

    x, labels = np.array([[-1.0], [1.0]], np.float32), np.array([0, 1])
    model = Linear(1, 1, rng=0)
    history = fit(model, x, labels, optimizer=SGD(model, 1.0), rng=0, epochs=3, loss=loss, progress=False)
    assert np.isnan(history.accuracy).all() and len(history.accuracy) == 3
    assert np.isnan(evaluate(model, x, labels, loss=loss).accuracy)
