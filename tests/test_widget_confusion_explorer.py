"""ConfusionExplorer without a browser: counts, which images a cell shows and in what order."""

import numpy as np
import pytest
from hypothesis import given

from cnnlib import confusion_matrix, evaluate, load_lenet5, load_mnist, softmax
from cnnlib.widgets import ConfusionExplorer
from cnnlib.widgets.confusion_explorer import MOST
from strategies import seeds


def draw(seed, count=300, classes=4):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 5, 4), dtype=np.uint8), rng.integers(0, classes, count), rng.normal(size=(count, classes))


@given(seeds)
def test_every_cell_shows_its_images_in_order(seed):
    images, labels, outputs = draw(seed, classes=3)
    explorer, shares = ConfusionExplorer(images, labels, outputs), softmax(outputs)
    predictions = outputs.argmax(axis=1)
    assert explorer.counts == confusion_matrix(labels, predictions, 3).tolist()
    kept = np.frombuffer(explorer._pixels, np.uint8).reshape(-1, 5, 4)
    for explorer.row, explorer.col in np.ndindex(3, 3):
        row, col = explorer.row, explorer.col
        inside = set(np.flatnonzero((labels == row) & (predictions == col)))
        chosen = explorer.chosen
        assert set(chosen) <= inside and len(chosen) == min(len(inside), MOST)
        sure = shares[chosen, col]
        assert (np.diff(sure) >= 0).all() if row == col else (np.diff(sure) <= 0).all()
        left_out = shares[sorted(inside - set(chosen)), col]
        assert not len(left_out) or (sure.max() <= left_out.min() if row == col else sure.min() >= left_out.max())
        for k, (index, place, of_true, of_said) in zip(chosen, explorer._cells[f"{row},{col}"], strict=True):
            assert index == k and abs(of_true - 1000 * shares[k, row]) <= 0.5 and abs(of_said - 1000 * shares[k, col]) <= 0.5
            np.testing.assert_array_equal(kept[place], images[k])


def test_it_begins_with_the_most_frequent_mistake():
    test = load_mnist().test
    result = evaluate(load_lenet5(), test.images, test.labels)
    explorer = ConfusionExplorer(test.images, test.labels, result.outputs)
    counts = np.array(explorer.counts)
    mistakes = counts - np.diag(np.diag(counts))
    assert counts.sum() == 10_000 and counts[explorer.row, explorer.col] == mistakes.max()
    assert repr(explorer) == f"ConfusionExplorer(10,000 images, {mistakes.sum()} mistakes, cell ({explorer.row}, {explorer.col}))"
    assert (result.predictions[explorer.chosen] == explorer.col).all() and (test.labels[explorer.chosen] == explorer.row).all()
    state = len(explorer._pixels)
    assert state < 500_000  # what a page has to load
    explorer.row = explorer.col = 1
    assert explorer.describe() == f"{counts[1, 1]:,} of 1,135 images of a 1 are read as what they are; the 24 least sure of them are shown."


def test_words():
    images, labels = np.zeros((4, 2, 2)), [0, 0, 1, 1]
    explorer = ConfusionExplorer(images, labels, [[1, 0], [0, 1], [0, 1], [0, 1]], row=0, col=0)
    assert explorer.describe() == "1 of 2 images of a 0 is read as what it is."
    explorer.col = 1
    assert explorer.describe() == "1 of 2 images of a 0 is taken for a 1."
    explorer.row = 1
    assert explorer.describe() == "2 of 2 images of a 1 are read as what they are."
    explorer.col = 0
    assert explorer.describe() == "0 of 2 images of a 1 are taken for a 0."
    assert explorer.picture()  # an empty cell too


def test_picture_shows_the_numbers_and_the_images():
    images, labels, outputs = draw(0)
    explorer = ConfusionExplorer(images, labels, outputs, row=2, col=1)
    ax = explorer.picture().axes[0]
    assert [text.get_text() for text in ax.texts][: 16] == [f"{count:,}" for count in np.ravel(explorer.counts)]
    assert len(ax.images) == len(explorer.chosen)
    for image, k in zip(ax.images, explorer.chosen):
        np.testing.assert_array_equal(image.get_array(), images[k])


GOOD = {"images": np.zeros((3, 2, 2)), "labels": [0, 1, 1], "outputs": np.zeros((3, 2))}


@pytest.mark.parametrize("change, error, message", [
    ({"images": np.zeros((3, 4))}, ValueError, r"images must be a 3-D array of numbers, got shape \(3, 4\)"),
    ({"images": np.full((3, 2, 2), 256)}, ValueError, "images must hold values from 0 to 255, got 256 to 256"),
    ({"labels": [0, 1]}, ValueError, r"labels must be 3 integers in 0\.\.1, got shape \(2,\)"),
    ({"labels": [0, 1, 2]}, ValueError, r"labels must be 3 integers in 0\.\.1, got 2"),
    ({"outputs": np.zeros((2, 2))}, ValueError, r"outputs must be as many as the 3 images, got shape \(2, 2\)"),
    ({"outputs": np.zeros((3, 13))}, ValueError, r"outputs must have 2 to 12 columns, got shape \(3, 13\)"),
    ({"outputs": np.full((3, 2), np.nan)}, ValueError, "outputs must hold finite numbers only"),
    ({"row": 2}, ValueError, r"row must be an integer in 0\.\.1, got 2"),
    ({"col": -1}, ValueError, "col must be an integer of at least 0, got -1"),
])
def test_what_it_refuses(change, error, message):
    with pytest.raises(error, match=message):
        ConfusionExplorer(**{**GOOD, **change})
    explorer = ConfusionExplorer(**GOOD)
    if {"row", "col"} & set(change):
        with pytest.raises(error, match=message):
            [setattr(explorer, *item) for item in change.items()]
        assert repr(explorer) == "ConfusionExplorer(3 images, 2 mistakes, cell (1, 0))"
