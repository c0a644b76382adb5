"""Trainings that diverge: what is said, and where the model goes back to."""

import re
import warnings

import numpy as np
import pytest

from cnnlib import SGD, BatchNorm2d, Training, evaluate, fit, softmax_cross_entropy
from nets import small_net, stripes, train, weights


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("learning_rate", [1e5, 1e30, 1e300])
def test_a_loss_that_blows_up_is_told_with_the_rate_and_what_to_try(learning_rate, threads):
    message = (
        r"(?:loss|weights) must stay (?:finite|below \S+), got [\w .+]+ at step \d+: with a learning_rate of (\S+) the weights jumped too far\."
        r" The model is again as it was before step (\d+), where the loss was (\S+): try a tenth of that rate, (\S+)$"
    )
    model = small_net(0, BatchNorm2d(4)) if threads == 1 else small_net()
    optimizer, (images, labels) = SGD(model, learning_rate, momentum=0.9), stripes(64)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # none escapes, from no thread
        with pytest.raises(ValueError, match=message) as caught:
            fit(model, images, labels, optimizer=optimizer, rng=0, batch_size=16, epochs=40, threads=threads, progress=False)
    rate, step, loss, wanted = re.search(message, str(caught.value)).groups()
    assert float(rate) == learning_rate and float(wanted) == pytest.approx(learning_rate / 10, rel=1e-5)
    state = [*weights(model).values(), *optimizer.velocity().values()]
    assert all(np.isfinite(array).all() for array in state) and int(step) >= 0 and float(loss) < 1e5


@pytest.mark.parametrize("more", [[], [BatchNorm2d]])
def test_the_state_of_before_the_bad_step_is_kept(more):
    """One wild step after five good ones: the model is as after a training of those five, running averages too."""
    data, good = stripes(96), lambda step, steps: 0.05
    model, wanted = (small_net(0, *(layer(4) for layer in more)) for _ in range(2))
    optimizer, wanted_optimizer = SGD(model, 1.0, momentum=0.9), SGD(wanted, 1.0, momentum=0.9)
    options = {"rng": 0, "batch_size": 16, "threads": 1, "progress": False}

    def stop(history):
        if history.steps == 5:
            raise KeyboardInterrupt

    fit(wanted, *data, optimizer=wanted_optimizer, schedule=good, callback=stop, epochs=2, **options)
    with pytest.raises(ValueError, match=r"a learning_rate of 1e\+20 .* before step 5, .* try a tenth of that rate, 1e\+19$"):
        fit(model, *data, optimizer=optimizer, schedule=lambda step, steps: 1e20 if step == 5 else 0.05, epochs=2, **options)
    for name, value in weights(wanted).items():
        np.testing.assert_array_equal(weights(model)[name], value)
    for name, value in wanted_optimizer.velocity().items():
        np.testing.assert_array_equal(optimizer.velocity()[name], value)


@pytest.mark.filterwarnings("ignore:images with numbers up to")
def test_a_loss_that_has_exploded_is_told_though_it_is_finite():
    model, (images, labels) = small_net(), stripes(64)
    message = r"loss must stay below \S+e\+07, got \S+ at step \d+: with a learning_rate of 1e\+08 .* try a tenth of that rate, 1e\+07$"
    with pytest.raises(ValueError, match=message):
        train(model, images.astype(float) * 1e3, labels, learning_rate=1e8, epochs=2)  # its units are dead, its biases are not


def test_who_obeys_learns_in_the_end():
    """The same model and the same optimizer, as in a notebook whose cell is run again."""
    model, data, rate = small_net(), stripes(256), 1e4
    optimizer = SGD(model, rate, momentum=0.9)
    for _attempt in range(8):
        try:
            fit(model, *data, optimizer=optimizer, rng=0, batch_size=16, epochs=6, progress=False)
        except ValueError as error:
            optimizer.learning_rate = rate = float(str(error).rsplit(" ", 1)[1])
            continue
        if evaluate(model, *data).accuracy > 0.95:
            break
        optimizer.learning_rate = rate = rate / 10  # no error, nothing learned: a class says "lower" too
        model = small_net()
        optimizer = SGD(model, rate, momentum=0.9)
    assert evaluate(model, *stripes(200, seed=1)).accuracy >= 0.9


def test_the_last_step_is_looked_at_too():
    model = small_net()
    with pytest.raises(ValueError, match=r"weights must stay finite, got NaN or infinity at step 1: with a learning_rate of 1e\+300"):
        train(model, *stripes(16), learning_rate=1e300)
    assert all(np.isfinite(value).all() for value in weights(model).values())


def test_running_averages_that_are_lost_are_told_though_the_loss_stays_finite():
    """Batch norm makes every batch small, and in evaluation the net has died: its variance is infinite."""
    model = small_net(0, BatchNorm2d(4))
    optimizer = SGD(model[:2], 1e25)  # what is behind the averages stays
    with pytest.raises(ValueError, match=r"weights must stay finite, got NaN or infinity at step 2: with a learning_rate of 1e\+25"):
        fit(model, *stripes(32), optimizer=optimizer, rng=0, batch_size=16, progress=False)
    assert all(np.isfinite(value).all() for value in weights(model).values())


@pytest.mark.parametrize("run", [fit, lambda *data, **options: Training(*data, **options).wait()])
def test_the_last_step_is_told_by_a_validation_that_is_no_number(run):
    model, data = small_net(), stripes(16)
    optimizer, before = SGD(model, 3e36, momentum=0.9), weights(model)
    message = (
        r"validation's loss must stay finite, got (inf|nan) at step 1: .* before step 0, .*: try a tenth of that rate, 3e\+35;"
        r" where that does not help, look at the loss function and at validation's numbers$"
    )
    with pytest.raises(ValueError, match=message):
        run(model, *data, optimizer=optimizer, rng=0, validation=stripes(20))
    for name, value in weights(model).items():
        np.testing.assert_array_equal(value, before[name])
    assert not any(velocity.any() for velocity in optimizer.velocity().values())


def test_a_loss_that_is_wrong_from_the_start_is_not_the_rates_fault():
    def broken(outputs, labels):
        return np.nan, outputs

    with pytest.raises(ValueError, match="loss must stay finite, got nan at step 0, before the model has learned anything: look at"):
        train(small_net(), *stripes(16), loss=broken)


def test_a_loss_may_be_negative():
    def shifted(outputs, labels):
        value, gradient = softmax_cross_entropy(outputs, labels)
        return value - 5, gradient

    history, plain = (train(small_net(), *stripes(64), loss=loss) for loss in (shifted, softmax_cross_entropy))
    np.testing.assert_allclose(np.array(history.loss) + 5, plain.loss, rtol=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_lost_already_are_said_before_anything_starts(bad):
    model = small_net()
    model[1].bias[2] = bad
    with pytest.raises(ValueError, match=r"model must have finite weights to learn from, got NaN or infinity in 1\.bias: make it"):
        train(model, *stripes(16))
