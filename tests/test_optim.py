"""Gradient descent by hand, and the shapes of schedules."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import SGD, CosineDecay, ExponentialDecay, Linear, ReLU, Sequential, StepDecay, fit
from strategies import seeds


def one_weight(value):
    layer = Linear(1, 1, bias=False, rng=0, dtype=np.float64)
    layer.weight[...] = value
    return layer


def step(layer, sgd, gradient):
    layer.grad_weight = np.array([[gradient]])
    sgd.step()
    return layer.weight.item()


def test_plain_descent_by_hand():
    layer = one_weight(1.0)
    sgd = SGD(layer, 0.1)
    assert step(layer, sgd, 2.0) == pytest.approx(0.8)
    assert step(layer, sgd, -1.0) == pytest.approx(0.9)


def test_momentum_by_hand():
    """v: 2, 0.5·2 + 2 = 3, 0.5·3 + 0 = 1.5; the weight falls by a tenth of each."""
    layer = one_weight(1.0)
    sgd = SGD(layer, 0.1, momentum=0.5)
    assert [round(step(layer, sgd, g), 12) for g in (2.0, 2.0, 0.0)] == [0.8, 0.5, 0.35]


def test_weight_decay_by_hand():
    """Gradients 1 + 0.5·2 = 2, then 1 + 0.5·1.8 = 1.9."""
    layer = one_weight(2.0)
    sgd = SGD(layer, 0.1, weight_decay=0.5)
    assert [round(step(layer, sgd, 1.0), 12) for _ in range(2)] == [1.8, 1.61]


@given(seeds, st.floats(0.001, 1), st.floats(0, 0.99), st.floats(0, 0.1))
def test_many_steps_follow_the_formula(seed, learning_rate, momentum, decay):
    """The learning rate multiplies the velocity when it is used, as in PyTorch, not when it is stored."""
    rng = np.random.default_rng(seed)
    layer = Linear(3, 2, rng=rng, dtype=np.float64)
    sgd = SGD(layer, learning_rate, momentum, decay)
    theta = {name: value.copy() for name, value in layer.parameters().items()}
    v = dict.fromkeys(theta, 0.0)
    for k in range(5):
        sgd.learning_rate = learning_rate / (k + 1)
        layer.grad_weight, layer.grad_bias = rng.normal(size=(2, 3)), rng.normal(size=2)
        given = {name: value.copy() for name, value in layer.gradients().items()}
        sgd.step()
        for name in theta:
            v[name] = momentum * v[name] + (given[name] + decay * theta[name])
            theta[name] = theta[name] - learning_rate / (k + 1) * v[name]
            np.testing.assert_allclose(layer.parameters()[name], theta[name], rtol=1e-10, atol=1e-12)
            np.testing.assert_array_equal(layer.gradients()[name], given[name])  # left alone


def test_parameters_change_in_place_and_keep_float32():
    layer = Linear(2, 2, rng=0)
    weight, sgd = layer.weight, SGD(layer, 0.1, 0.9, 0.01)
    layer.grad_weight, layer.grad_bias = np.ones((2, 2), np.float32), np.ones(2, np.float32)
    before = weight.copy()
    sgd.step()
    assert layer.weight is weight and weight.dtype == np.float32 and (weight != before).all()


def test_a_slice_learns_and_the_rest_stays():
    model = Sequential(Linear(2, 3, rng=0), ReLU(), Linear(3, 2, rng=1))
    first, last = model[0].weight.copy(), model[2].weight.copy()
    sgd = SGD(model[2:], 0.1)
    model.backward(model(np.ones((1, 2), np.float32)))
    sgd.step()
    assert (model[0].weight == first).all() and (model[2].weight != last).any()


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: SGD(ReLU(), 0.1), ValueError, r"model must have parameters to learn, got ReLU\(\)"),
        (lambda: SGD(one_weight(1), 0), ValueError, r"learning_rate must be a finite number in \(0, inf\), got 0"),
        (lambda: SGD(one_weight(1), -0.1), ValueError, r"learning_rate must be .*, got -0.1"),
        (lambda: SGD(one_weight(1), np.nan), ValueError, r"learning_rate must be a finite number .*, got nan"),
        (lambda: SGD(one_weight(1), "0.1"), TypeError, r"learning_rate must be .*, got '0.1'"),
        (lambda: SGD(one_weight(1), 0.1, momentum=1), ValueError, r"momentum must be a finite number in \[0, 1\), got 1"),
        (lambda: SGD(one_weight(1), 0.1, weight_decay=-1), ValueError, r"weight_decay must be .* \[0, inf\), got -1"),
        (lambda: SGD(Linear(1, 1, rng=0), 0.1).step(), RuntimeError, r"Linear\(1, 1\) has no gradient of weight yet: call backward first"),
        (lambda: StepDecay(-0.1), ValueError, r"peak must be a finite number in \(0, inf\), got -0.1"),
        (lambda: StepDecay(None), TypeError, r"peak must be a finite number in \(0, inf\), got None"),
        (lambda: ExponentialDecay(0, 0.1), ValueError, r"peak must be a finite number in \(0, inf\), got 0"),
        (lambda: CosineDecay(0.1, final=-1), ValueError, r"final must be a finite number in \[0, inf\), got -1"),
        (lambda: StepDecay(0.1)(5, 5), ValueError, r"step must be below the number of all steps, 5, got 5"),
        (lambda: ExponentialDecay(0.1, 0.01)(-1, 5), ValueError, r"step must be an integer of at least 0, got -1"),
        (lambda: CosineDecay(0.1)(0, 0), ValueError, r"steps must be an integer of at least 1, got 0"),
        (lambda: SGD(one_weight(1), 0.1).step(-1), ValueError, r"learning_rate must be a finite number in \[0, inf\), got -1"),
        (lambda: StepDecay(0.1, factor=0), ValueError, r"factor must be a finite number in \(0, 1\], got 0"),
        (lambda: StepDecay(0.1, times=0.5), TypeError, r"times must be an integer of at least 0, got 0.5"),
        (lambda: ExponentialDecay(0.1, 0), ValueError, r"final must be .*, got 0"),
        (lambda: CosineDecay(0), ValueError, r"peak must be a finite number in \(0, inf\), got 0"),
        (lambda: CosineDecay(0.1, warmup=1), ValueError, r"warmup must be .* \[0, 1\), got 1"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("name", ["learning_rate", "momentum", "weight_decay"])
@pytest.mark.parametrize("value, error", [(None, TypeError), ("0.1", TypeError), (-0.1, ValueError), (np.nan, ValueError), (True, TypeError)])
def test_an_assignment_refuses_what_the_constructor_refuses(name, value, error):
    sgd = SGD(one_weight(1), 0.1, 0.5, 0.01)
    with pytest.raises(error, match=f"{name} must be a finite number in .*, got "):
        setattr(sgd, name, value)
    assert repr(sgd) == "SGD(learning_rate=0.1, momentum=0.5, weight_decay=0.01)"
    setattr(sgd, name, np.float32(0.25))
    assert getattr(sgd, name) == 0.25


def test_a_rate_may_be_given_for_one_step():
    layer = one_weight(1.0)
    sgd, layer.grad_weight = SGD(layer, 0.1), np.array([[2.0]])
    sgd.step(0.25)
    assert layer.weight.item() == 0.5 and sgd.learning_rate == 0.1
    sgd.step(0)
    assert layer.weight.item() == 0.5
    sgd.step()
    assert layer.weight.item() == pytest.approx(0.3)


# Schedules ---------------------------------------------------------------------------------------


@given(st.integers(1, 40), st.integers(0, 4))
def test_step_decay_drops_at_equal_parts(parts, times):
    steps = parts * (times + 1)
    rates = [StepDecay(1.0, 0.5, times)(k, steps) for k in range(steps)]
    assert rates == [0.5 ** (k // parts) for k in range(steps)]


@given(st.integers(2, 60), st.floats(0.01, 1), st.floats(1e-5, 0.009))
def test_exponential_decay_falls_by_one_factor(steps, peak, final):
    rates = np.array([ExponentialDecay(peak, final)(k, steps) for k in range(steps)])
    assert rates[0] == peak and rates[-1] == pytest.approx(final)
    ratios = rates[1:] / rates[:-1]
    assert (ratios < 1).all() and ratios == pytest.approx(np.full(steps - 1, ratios[0]))


@given(st.integers(2, 60), st.floats(0.01, 1), st.floats(0, 0.009), st.floats(0, 0.9))
def test_cosine_decay_rises_then_falls(steps, peak, final, warmup):
    schedule = CosineDecay(peak, final, warmup)
    rates = np.array([schedule(k, steps) for k in range(steps)])
    rising = int(warmup * steps)
    np.testing.assert_allclose(rates[:rising], peak * np.arange(1, rising + 1) / max(1, rising))
    assert rates.max() == pytest.approx(peak)
    assert (np.diff(rates[rising:]) < 0).all()
    if rising < steps - 1:
        assert rates[rising] == pytest.approx(peak) and rates[-1] == pytest.approx(final, abs=1e-12)
        middle = (steps - 1 - rising) / 2
        if middle.is_integer():
            assert rates[rising + int(middle)] == pytest.approx((peak + final) / 2)


@pytest.mark.parametrize("schedule", [StepDecay(0.1), ExponentialDecay(0.1, 0.01), CosineDecay(0.1), CosineDecay(0.1, warmup=0.5)])
def test_a_single_step_has_the_peak_rate(schedule):
    assert schedule(0, 1) == pytest.approx(0.1)


@pytest.mark.parametrize("make, low, high, inside", [
    (lambda value: StepDecay(0.1, factor=value), 0, 1 + 1e-9, [1e-9, 1]),
    (lambda value: StepDecay(0.1, times=value), -1, None, [0, 1]),
    (StepDecay, 0, None, [1e-9, 10]),
    (lambda value: ExponentialDecay(value, 0.1), 0, None, [1e-9, 10]),
    (lambda value: ExponentialDecay(0.1, value), 0, None, [1e-9, 10]),
    (CosineDecay, 0, None, [1e-9, 10]),
    (lambda value: CosineDecay(0.1, final=value), -1e-9, None, [0, 10]),
    (lambda value: CosineDecay(0.1, warmup=value), -1e-9, 1, [0, 1 - 1e-9]),
])
def test_a_schedule_takes_what_lies_inside_its_bounds_and_nothing_else(make, low, high, inside):
    for value in inside:
        make(value)
    for value in (low, high):
        if value is not None:
            with pytest.raises(ValueError, match="must be"):
                make(value)


def test_a_step_decay_drops_twice_to_a_tenth_unless_told_otherwise():
    assert StepDecay(0.1) == StepDecay(0.1, factor=0.1, times=2)


HUGE = 10**400  # more than a float can hold


@pytest.mark.parametrize("schedule, step, steps, rate", [
    (StepDecay(0.1, 0.5, HUGE), 0, 3, 0.1), (StepDecay(0.1, 0.5, HUGE), 1, 3, 0.0), (StepDecay(0.1, 1.0, HUGE), 1, 3, 0.1),
    (StepDecay(0.1, 0.5), HUGE // 2, HUGE, 0.05),
    (CosineDecay(0.2), 0, HUGE, 0.2), (CosineDecay(0.2), HUGE // 2, HUGE, 0.1), (CosineDecay(0.2), HUGE - 1, HUGE, 0.0),
    (CosineDecay(0.2, warmup=0.5), HUGE // 4, HUGE, 0.1), (CosineDecay(0.2, warmup=0.5), 3, HUGE, 0.0),
    (ExponentialDecay(0.1, 0.001), HUGE // 2, HUGE, 0.01),
    (ExponentialDecay(1e300, 1e-300), 1, 3, 1.0), (ExponentialDecay(1e300, 1e-300), 1, 4, 1e100),
    (ExponentialDecay(1e300, 1e-300), 0, 4, 1e300), (ExponentialDecay(1e300, 1e-300), 3, 4, 1e-300),
    (ExponentialDecay(5e-324, 1e308), 1, 3, (5e-324 * 1e308) ** 0.5), (ExponentialDecay(5e-324, 1e308), 2, 3, 1e308),
])
def test_schedules_hold_for_the_largest_numbers(schedule, step, steps, rate):
    assert schedule(step, steps) == pytest.approx(rate, rel=1e-12, abs=1e-15)


def test_a_training_without_an_end_begins(capsys):
    def stop(history):
        if history.steps == 3:
            raise KeyboardInterrupt

    layer, x = Linear(4, 2, rng=0), np.eye(4, dtype=np.float32)
    fit(layer, x, np.arange(4) % 2, optimizer=SGD(layer, 0.1), rng=0, epochs=HUGE, schedule=CosineDecay(0.1), callback=stop)
    assert "step" in capsys.readouterr().out


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("options", [{"learning_rate": 1e39}, {"learning_rate": 0.1, "weight_decay": 1e39}])
def test_a_rate_that_the_weights_have_no_room_for_gives_infinities_and_no_warning(options):
    layer = Linear(2, 1, rng=0)
    layer.backward(np.ones_like(layer(np.ones((1, 2), np.float32))))
    SGD(layer, **options).step()
    assert not np.isfinite(layer.weight).any()
