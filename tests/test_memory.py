"""No array that an argument asks for takes all memory: what would is refused by name before.

The limit is made small here, and what is allowed then is measured: nothing large is ever made.
"""

import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnlib import (
    Conv2d,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    _columns,
    conv1d,
    conv2d,
    conv2d_backward,
    cross_correlate2d,
    locally_connected2d,
    locally_connected2d_backward,
)
from cnnlib.conv import METHODS
from cnnlib.parallel import limit_threads, thread_map
from cnnlib.shapes import output_shape2d

LIMIT = 2**10  # numbers, which take 8 KB
MOST = 16 * LIMIT * 8  # bytes: of all arrays that there are at once


@pytest.fixture
def little_memory():
    """Allow arrays of 1,024 numbers, computed in small parts."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_validate.MOST_NUMBERS", "fused.MOST_NUMBERS"):
            patch.setattr(f"cnnlib.{name}", LIMIT, raising=False)
        for name in ("_columns.MOST_KEPT", "_lines.STRIP_BYTES", "fused.STRIP_BYTES"):
            patch.setattr(f"cnnlib.{name}", 2**10)
        for name in ("_lines.GRADIENT_BYTES", "fused.GRADIENT_BYTES"):
            patch.setattr(f"cnnlib.{name}", 8 * LIMIT, raising=False)
        _columns._windows.cache_clear()
        with limit_threads(2):
            thread_map(abs, [1, 2])  # the threads are there
            yield
        _columns._windows.cache_clear()


def numbers(*shape):
    """Ones that take no memory."""
    return np.broadcast_to(np.float64(1), shape)


few = st.sampled_from([1, 1, 2, 3, 8, 64])
many = st.sampled_from([1, 1, 2, 8, 512])  # filters, so that a limit that is missed costs no more than a gigabyte


@st.composite
def convolutions(draw):
    """Images, a bank of filters that fits, and options: mostly small, and large here and there."""
    x, bank = [draw(few) for _ in range(4)], [draw(many), *(draw(few) for _ in range(3))]
    x[:2] = min(x[0], 8), bank[1]
    stride, dilation = ([draw(st.sampled_from([1, 1, 2, 64])) for _ in range(2)] for _ in range(2))
    padding = draw(st.sampled_from([(0, 0), (1, 1), "full", (64, 3), (0, 64), (64, 64)]))
    try:
        output = output_shape2d(x[2:], bank[2:], stride, padding, dilation)
    except ValueError:
        bank[2:] = 1, 1
        output = output_shape2d(x[2:], bank[2:], stride, padding, dilation)
    return x, bank, output, {"stride": stride, "padding": padding, "dilation": dilation}


def both_ways(forward, backward, x, weight, **options):
    grad = numbers(*np.shape(forward(x, weight, **options)))
    backward(grad, x, weight, **options)


def in_layers(fused):
    def call(x, bank, output, options):
        net = Sequential(Conv2d(bank[1], bank[0], tuple(bank[2:]), padding=options["padding"], rng=0), ReLU(), MaxPool2d(2), fused=fused)
        net.backward(numbers(*net(numbers(*x)).shape))
    return call


WAYS = {
    "lines": lambda x, bank, output, options: both_ways(conv2d, conv2d_backward, numbers(*x), numbers(*bank), **options),
    "winograd": lambda x, bank, output, options: conv2d(
        numbers(*x[:2], x[2] + 2, x[3]), numbers(*bank[:2], 3, bank[3]), padding=options["padding"], method="winograd"),
    "one row": lambda x, bank, output, options: conv1d(
        numbers(*x[:2], x[3]), numbers(*bank[:2], bank[3]), padding=min(output[1], 64)),
    "fused": in_layers(True), "layer by layer": in_layers(False),
    "local": lambda x, bank, output, options: both_ways(
        locally_connected2d, locally_connected2d_backward, numbers(*x), numbers(*output, *bank), **options),
    "fully connected": lambda x, bank, output, options: Linear(bank[1], bank[0], rng=0)(
        numbers(min(x[0] * x[2] * x[3], LIMIT // bank[1]), bank[1])),  # NumPy 2.5 copies what takes no memory
    **{method: lambda x, bank, output, options, method=method: cross_correlate2d(
        numbers(*x[2:]), numbers(*bank[2:]), **options, method=method) for method in METHODS},
}


@pytest.mark.parametrize("call, message", [
    (lambda: conv2d(numbers(1, 1, 3, 3), numbers(10**6, 1, 1, 1), padding=1600), "x, weight and padding must ask .* got 10,259,209,000,000"),
    (lambda: conv2d(numbers(1, 1, 3, 3), numbers(10**6, 1, 3, 3), padding=1600, method="winograd"), "x, weight and padding must ask"),
    (lambda: conv1d(numbers(1, 1, 3), numbers(10**6, 1, 1), padding=10**6), "x, weight and padding must ask .* got 2,000,003,000,000"),
    (lambda: conv2d_backward(numbers(1, 10**6, 3203, 3203), numbers(1, 1, 3, 3), numbers(10**6, 1, 1, 1), padding=1600),
     "x, weight and padding must ask"),
    (lambda: conv2d(numbers(1, 10**6, 1, 1), numbers(10**6, 10**6, 1, 1)), "weight must ask"),
    (lambda: conv2d(numbers(1, 1, 10**6, 10**6), numbers(1, 1, 1, 1)), "x, weight and padding must ask"),
    (lambda: conv2d(numbers(1, 1, 3, 3), numbers(1, 1, 1, 350), padding=(10**6, 350), stride=10**6), "padding must ask"),
    (lambda: locally_connected2d(numbers(10**6, 1, 1, 1), numbers(1, 1, 10**6, 1, 1, 1)), "x, weight and padding must ask"),
    (lambda: locally_connected2d(numbers(1, 1, 10**6, 10**6), numbers(10**6, 10**6, 1, 1, 1, 1)), "weight must ask"),
    (lambda: in_layers(True)([1, 1, 10**6, 10**6], [3, 1, 1, 1], None, {"padding": 0}), "x, weight and padding must ask"),
    (lambda: Linear(1, 10**3, rng=0)(numbers(10**9, 1)), "x and out_features must ask .* got 1,000,000,000,000"),
])
def test_an_output_of_terabytes_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        call()


def measured(call, *arguments):
    """Make a call; return the most bytes that there were meanwhile, and whether it was refused."""
    tracemalloc.start()
    try:
        call(*arguments)
    except ValueError as error:
        if not re.search("must ask for at most 1,024 numbers|must fit", str(error)):
            raise
        return tracemalloc.get_traced_memory()[1], True
    else:
        return tracemalloc.get_traced_memory()[1], False
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("way", WAYS)
def test_what_is_computed_takes_some_arrays_of_the_largest_size(way, little_memory):
    refused = []

    @settings(max_examples=3 * settings.default.max_examples)
    @given(convolutions())
    def any_convolution(drawn):
        tries = [measured(WAYS[way], *drawn)]
        if tries[0][0] > MOST:  # Python itself may have taken some once, for its table of names
            tries.append(measured(WAYS[way], *drawn))
        assert min(tries)[0] < MOST
        refused.append(tries[0][1])

    any_convolution()
    assert 5 < sum(refused) < len(refused) - 5
