"""Stochastic gradient descent, and schedules for its learning rate."""

from dataclasses import dataclass

import numpy as np

from cnnlib._validate import Checked, check_callable, check_int, check_model, check_number, plain_fields, quietly

SMALLEST = float(np.finfo(float).tiny)
NO_MORE = 10**300  # powers of a factor below 1: what comes out is 0 long before


class SGD:
    r"""Stochastic gradient descent with momentum and weight decay.

    .. math:: v \leftarrow \mu v + (g + \lambda \theta), \qquad \theta \leftarrow \theta - \eta v

    Follows ``torch.optim.SGD``: the velocity starts at the first gradient, and weight decay adds
    to the gradient.

    Parameters
    ----------
    model : Layer
        Whose ``parameters()`` are changed in place by ``step()``; a part of a network, such as
        ``model[:3]``, leaves the rest as it is.
    learning_rate : float
        :math:`\eta`, above 0.
    momentum : float, default 0
        :math:`\mu` in [0, 1).
    weight_decay : float, default 0
        :math:`\lambda`, 0 or more.

    Attributes
    ----------
    learning_rate, momentum, weight_decay : float
        May be assigned between steps; what is out of range is refused there too.

    Raises
    ------
    TypeError, ValueError
        If a number is out of range, or the model has nothing to learn.

    Examples
    --------
    >>> from cnnlib.layers import Linear
    >>> layer = Linear(1, 1, bias=False, rng=0, dtype=np.float64)
    >>> layer.weight[:], layer.grad_weight = 1.0, np.array([[2.0]])
    >>> sgd = SGD(layer, learning_rate=0.1)
    >>> sgd.step()
    >>> sgd, layer.weight
    (SGD(learning_rate=0.1), array([[0.8]]))
    """

    learning_rate = Checked(check_number, 0, open_low=True)
    momentum = Checked(check_number, 0, 1, open_high=True)
    weight_decay = Checked(check_number, 0)

    def __init__(self, model, learning_rate, momentum=0.0, weight_decay=0.0):
        self.model = check_model("model", model)
        self.learning_rate, self.momentum, self.weight_decay = learning_rate, momentum, weight_decay
        parameters = model.parameters()
        if not parameters:
            raise ValueError(f"model must have parameters to learn, got {model!r}")
        self._velocity = {name: np.zeros_like(parameter) for name, parameter in parameters.items()}

    @quietly
    def step(self, learning_rate=None):
        """Change each parameter once, by its gradient from the last backward pass.

        Parameters
        ----------
        learning_rate : float, optional
            Of this step only, such as a schedule's: 0 or more. The optimizer's own unless given.
        """
        rate = self.learning_rate if learning_rate is None else check_number("learning_rate", learning_rate, 0)
        gradients, momentum, decay = self.model.gradients(), self.momentum, self.weight_decay
        for name, parameter in self.model.parameters().items():
            gradient, number = gradients[name], parameter.dtype.type
            if decay:
                gradient = gradient + number(decay) * parameter
            if momentum:
                velocity = self._velocity[name]
                velocity *= number(momentum)
                velocity += gradient
                gradient = velocity
            parameter -= number(rate) * gradient

    def velocity(self):
        """Return the velocity of each parameter, by name: the arrays themselves, zeros without momentum."""
        return dict(self._velocity)

    def __repr__(self):
        momentum = f", momentum={self.momentum:g}" if self.momentum else ""
        decay = f", weight_decay={self.weight_decay:g}" if self.weight_decay else ""
        return f"SGD(learning_rate={self.learning_rate:g}{momentum}{decay})"


# Schedules: called with a step and the number of all steps, they return a learning rate ----------


@dataclass(frozen=True)
class StepDecay:
    """Multiply the rate by `factor` at each of `times` equal parts of the training.

    Parameters
    ----------
    peak : float
        Learning rate of the first part.
    factor : float, default 0.1
        In (0, 1].
    times : int, default 2
        How often the rate drops.

    Examples
    --------
    >>> [round(StepDecay(0.1, 0.1, times=2)(step, 6), 4) for step in range(6)]
    [0.1, 0.1, 0.01, 0.01, 0.001, 0.001]
    """

    peak: float
    factor: float = 0.1
    times: int = 2

    def __post_init__(self):
        check_number("peak", self.peak, 0, open_low=True)
        check_number("factor", self.factor, 0, 1, open_low=True)
        check_int("times", self.times, 0)
        plain_fields(self)

    def __call__(self, step, steps):
        step, steps = _checked_step(step, steps)
        return self.peak * self.factor ** min(step * (self.times + 1) // steps, NO_MORE)


@dataclass(frozen=True)
class ExponentialDecay:
    r"""Fall from `peak` to `final` by the same factor at each step.

    Parameters
    ----------
    peak, final : float
        Learning rates of the first step and of the last, above 0.

    Examples
    --------
    >>> [round(ExponentialDecay(0.1, 0.001)(step, 3), 4) for step in range(3)]
    [0.1, 0.01, 0.001]
    """

    peak: float
    final: float

    def __post_init__(self):
        check_number("peak", self.peak, 0, open_low=True)
        check_number("final", self.final, 0, open_low=True)
        plain_fields(self)

    def __call__(self, step, steps):
        step, steps = _checked_step(step, steps)
        ratio, progress = self.final / self.peak, _progress(step, steps)
        if not SMALLEST <= ratio <= 1 / SMALLEST:  # a number has no room for it, though for the rates
            return self.peak ** (1 - progress) * self.final**progress
        return self.peak * ratio**progress


@dataclass(frozen=True)
class CosineDecay:
    r"""Rise over a warm-up, then fall along half a cosine.

    .. math:: \eta(t) = \eta_\text{final} + \tfrac12 (\eta_\text{peak} - \eta_\text{final}) (1 + \cos \pi t)

    with t from 0 to 1 after the warm-up (Loshchilov & Hutter, "SGDR", 2017).

    Parameters
    ----------
    peak : float
        Highest learning rate.
    final : float, default 0
        Learning rate of the last step.
    warmup : float, default 0
        Part of all steps, in [0, 1), in which the rate rises in a straight line to `peak`.

    Examples
    --------
    >>> [round(CosineDecay(1.0)(step, 5), 3) for step in range(5)]
    [1.0, 0.854, 0.5, 0.146, 0.0]
    >>> [round(CosineDecay(1.0, warmup=0.5)(step, 4), 3) for step in range(4)]
    [0.5, 1.0, 1.0, 0.0]
    """

    peak: float
    final: float = 0.0
    warmup: float = 0.0

    def __post_init__(self):
        check_number("peak", self.peak, 0, open_low=True)
        check_number("final", self.final, 0)
        check_number("warmup", self.warmup, 0, 1, open_high=True)
        plain_fields(self)

    def __call__(self, step, steps):
        step, steps = _checked_step(step, steps)
        rising = int(self.warmup * steps)
        if step < rising:
            return self.peak * (step + 1) / rising
        half_wave = (1 + np.cos(np.pi * _progress(step - rising, steps - rising))) / 2
        return float(self.final + (self.peak - self.final) * half_wave)


def scheduled_rate(schedule, step, steps):
    """Return a schedule's learning rate for a step: 0 or more.

    Parameters
    ----------
    schedule : callable
        Takes the step and the number of steps.
    step, steps : int

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If the schedule returns anything else.

    Examples
    --------
    >>> scheduled_rate(lambda step, steps: 0.1 / (1 + step), 1, 10)
    0.05
    """
    try:
        rate = check_callable("schedule", schedule)(step, steps)
    except TypeError:
        check_callable("schedule", schedule, "step", "steps")  # only now: each step of a training asks
        raise
    return check_number(f"schedule's rate at step {step}", rate, 0)


def _checked_step(step, steps):
    steps = check_int("steps", steps, 1)
    if check_int("step", step, 0) >= steps:
        raise ValueError(f"step must be below the number of all steps, {steps}, got {step}")
    # More steps than a float can count are scaled down: it is the part of them that matters.
    shift = max(0, steps.bit_length() - 53)
    return int(step) >> shift, max(1, steps >> shift)


def _progress(step, steps):
    """0 at the first step, 1 at the last."""
    return step / max(1, steps - 1)
