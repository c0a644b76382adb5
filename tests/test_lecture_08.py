"""What the answers to lecture 08's exercises say of trainings that the notebook does not run."""

import numpy as np
import pytest

from cnnlib import SGD, CosineDecay, evaluate, fit, lenet5, load_mnist

MNIST = load_mnist()


def trained(seed, learning_rate, images=60_000, **options):
    model = lenet5(seed)
    rows = slice(images)
    with np.errstate(all="ignore"):
        optimizer = SGD(model, learning_rate, momentum=0.9, weight_decay=5e-4)
        history = fit(model, MNIST.train.images[rows], MNIST.train.labels[rows], optimizer=optimizer, rng=seed,
                      batch_size=64, progress=False, **options)
    return model, history


def test_exercise_3_a_rate_of_5_is_refused_and_a_tenth_of_it_stops_or_ends_at_guessing():
    for seed in range(6):
        with pytest.raises(ValueError, match=r"learning_rate of 5 .* try a tenth of that rate, 0\.5"):
            trained(seed, 5, images=10_000)
    ends = []
    for seed in range(6):
        try:
            model, history = trained(seed, 0.5, images=10_000)
        except ValueError:
            ends.append("stopped")
            continue
        assert 2.2 < np.mean(history.loss[-30:]) < 2.9
        assert evaluate(model, MNIST.test.images[:2000], MNIST.test.labels[:2000]).accuracy < 0.2
        ends.append("guessing")
    assert ends.count("guessing") >= 1 and ends.count("stopped") >= 1


def test_exercise_5_two_seeds_fail_on_the_same_images():
    mistakes = []
    for seed in (8, 9):
        model, _ = trained(seed, 0.05, schedule=CosineDecay(0.05, warmup=0.2))
        said = evaluate(model, MNIST.test.images, MNIST.test.labels).predictions
        mistakes.append(np.flatnonzero(said != MNIST.test.labels))
    assert all(100 <= len(wrong) <= 150 for wrong in mistakes)
    common = len(np.intersect1d(*mistakes))
    by_chance = len(mistakes[0]) * len(mistakes[1]) / 10_000
    assert 40 <= common <= 90 and 1 < by_chance < 3
