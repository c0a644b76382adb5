"""Digits by one hand that never was."""

import numpy as np
import pytest

from cnnlib.drawings import MODELS, draw_digits


def test_drawings_are_ink_or_paper_and_fill_the_page():
    drawn = draw_digits(np.repeat(range(10), 12), rng=0)
    assert drawn.shape == (120, 16, 13) and drawn.dtype == np.uint8 and set(np.unique(drawn)) == {0, 255}
    ink = (drawn > 0).mean(axis=(1, 2))
    assert ink.min() > 0.05 and ink.max() < 0.5


def test_a_steady_hand_repeats_itself_and_an_unsteady_one_does_not():
    steady, unsteady = (draw_digits([3] * 20, rng=1, jitter=jitter) for jitter in (0, 0.6))
    assert (steady == steady[0]).all()
    assert len(np.unique(unsteady, axis=0)) == 20


def test_more_tremble_takes_drawings_further_from_their_model():
    model = draw_digits([8], rng=2, jitter=0)
    distance = [np.mean(draw_digits([8] * 50, rng=2, jitter=jitter) != model) for jitter in (0.2, 0.6, 1.2)]
    assert distance[0] < distance[1] < distance[2]


def test_the_same_seed_draws_the_same_and_the_ten_differ():
    assert np.array_equal(draw_digits(range(10), rng=3), draw_digits(range(10), rng=3))
    assert len(np.unique(draw_digits(range(10), rng=0, jitter=0), axis=0)) == 10 == len(MODELS)


def test_no_digit_is_no_drawing():
    assert draw_digits(np.array([], int), rng=0).shape == (0, 16, 13)


@pytest.mark.parametrize("change, error, message", [
    ({"digits": [10]}, ValueError, "digits must be a list of integers from 0 to 9"),
    ({"digits": [0.5]}, ValueError, "digits must be"),
    ({"digits": 3}, ValueError, "digits must be"),
    ({"rng": None}, TypeError, "rng must be"),
    ({"jitter": -1}, ValueError, r"jitter must be a finite number in \[0, 1000\], got -1"),
    ({"digits": np.ma.masked_equal([1, 2], 1)}, TypeError, "digits must be an array without a mask"),
    ({"digits": [[1], [1, 2]]}, ValueError, "digits must be an array, got rows of different lengths"),
    ({"jitter": 1e300}, ValueError, "jitter must be a finite number"),
    ({"shape": 16}, TypeError, r"shape must be two integers \(rows, columns\), got 16"),
    ({"shape": (16, 13, 3)}, TypeError, "shape must be two integers"),
    ({"shape": (10**6, 10**6)}, ValueError, "digits and shape must ask for at most"),
    ({"shape": (16, 2)}, ValueError, "shape must be an integer of at least 5, got 2"),
])
def test_wrong_arguments_are_named(change, error, message):
    with pytest.raises(error, match=message):
        draw_digits(**{"digits": [1], "rng": 0} | change)
