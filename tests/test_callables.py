"""Functions that a user hands over: with other parameters they are refused by name, and their own errors stay theirs."""

import functools
import re

import numpy as np
import pytest

from cnnlib import (
    SGD,
    CosineDecay,
    RandomAffine,
    Training,
    check_gradient,
    evaluate,
    fit,
    numerical_gradient,
    random_search,
    softmax_cross_entropy,
)
from cnnlib.detection import rescan, scan
from cnnlib.optim import scheduled_rate
from nets import small_net, stripes

DATA = stripes(20)


def training(how, **options):
    model = small_net()
    return how(model, *DATA, optimizer=SGD(model, 0.1), rng=0, **options)


def listened_to(listener, begin):
    trained = training(Training)
    trained.listeners += [lambda trained: None, listener]
    return begin(trained)


GIVEN = {  # the name that is said, what it is given, and a call that takes it
    "schedule": ("step and steps", lambda f: training(fit, schedule=f, progress=False)),
    "schedule of a training": ("step and steps", lambda f: training(Training, schedule=f).wait()),
    "schedule by itself": ("step and steps", lambda f: scheduled_rate(f, 0, 3)),
    "augment": ("images and rng", lambda f: training(fit, augment=f, progress=False)),
    "loss": ("outputs and labels", lambda f: training(fit, loss=f, progress=False)),
    "loss of an evaluation": ("outputs and labels", lambda f: evaluate(small_net(), *DATA, loss=f)),
    "callback": ("history", lambda f: training(fit, callback=f, progress=False)),
    "listeners[1]": ("training", lambda f: listened_to(f, lambda trained: trained.wait())),
    "listeners[1] at a start": ("training", lambda f: listened_to(f, lambda trained: (trained.start(), trained.wait()))),
    "objective": ("setting and rng", lambda f: random_search(f, {"x": (1, 2)}, 2, seed=0, n_jobs=1)),
    "function": ("x", lambda f: numerical_gradient(f, np.ones(2))),
    "function of a check": ("x", lambda f: check_gradient("f", f, np.ones(2), np.ones(2))),
    "model": ("pictures", lambda f: scan(f, np.ones((4, 8)), (2,), patch=2, stride=1)),
    "model that looks again": ("pictures", lambda f: rescan(f, scan(lambda x: x[:, :, 1:, 1:], np.ones((4, 8)), (2,), patch=2, stride=1))),
}
WRONG = {
    "<lambda>()": lambda: None, "<lambda>(a, b, c)": lambda a, b, c: None, "<lambda>(*, a)": lambda *, a: None,
    "partial(*, a=1)": functools.partial(lambda a: None, a=1),
}


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("shown", WRONG)
def test_a_function_with_other_parameters_is_named(given, shown):
    arguments, call = GIVEN[given]
    with pytest.raises(TypeError, match=f"^{re.escape(f'{given.split()[0]} must be a function of {arguments}, got {shown}')}$"):
        call(WRONG[shown])


def test_a_training_refuses_it_before_it_begins():
    for name in ("schedule", "augment", "loss"):
        with pytest.raises(TypeError, match=f"^{name} must be a function of "):
            training(Training, **{name: lambda: None})


@pytest.mark.parametrize("given", GIVEN)
def test_an_error_of_the_functions_own_stays_what_it_is(given):
    def wrong(*arguments):
        return len(arguments[0], 3, 4)

    with pytest.raises(TypeError, match=r"^(object of type|len\(\) takes exactly one argument \(3 given\))"):
        GIVEN[given][1](wrong)


class Loss:
    def __call__(self, outputs, labels):
        return softmax_cross_entropy(outputs, labels)


class Halved:
    def __call__(self, step, steps=10, *more, factor=0.5):
        return 0.1 * factor


def adapted(function):
    @functools.wraps(function)
    def adapter(step, steps):
        return function(step)

    return adapter


@pytest.mark.parametrize("schedule", [
    Halved(), Halved().__call__, CosineDecay(0.1), lambda *numbers: 0.1, functools.partial(lambda a, step, steps: a, 0.1),
    adapted(lambda step: 0.1), min, np.minimum, lambda step, steps, peak=0.1: peak,
])
def test_whatever_can_be_called_that_way_is_taken(schedule):
    """Also what has no signature, and a wrapper that looks as if it took what it wraps does."""
    assert training(fit, schedule=schedule, progress=False).steps == 1


def test_objects_serve_as_augmentation_and_loss():
    assert training(fit, augment=RandomAffine(shift=1), loss=Loss(), progress=False).steps == 1
