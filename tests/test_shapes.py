"""Sizes and counts."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlib import (
    Conv2d,
    Cost,
    Linear,
    LocallyConnected2d,
    ReceptiveField,
    conv2d_cost,
    fully_connected_parameters,
    linear_cost,
    locally_connected2d,
    output_shape2d,
    output_size,
)
from cnnlib.shapes import options_1d_as_2d, resolve_padding, resolve_padding2d
from strategies import geometries


@given(geometries())
def test_output_shape_counts_the_places_of_the_window(g):
    assert output_shape2d(g.size, g.kernel, **g.options) == g.output
    assert resolve_padding2d(g.padding, g.kernel, g.dilation, stride=g.stride) == tuple(g.zeros)


@given(geometries(axes=1))
def test_output_size_counts_the_places_of_the_window(g):
    assert output_size(g.size[0], g.kernel[0], **g.options) == g.output[0]


@given(st.integers(1, 50), st.integers(1, 9), st.integers(1, 4))
def test_rules_keep_what_they_promise(n, m, d):
    reach = d * (m - 1)
    assert output_size(n, m, padding="same", dilation=d) == n
    assert output_size(n, m, padding="full", dilation=d) == n + reach
    if n > reach:
        assert output_size(n, m, padding="valid", dilation=d) == n - reach == output_size(n, m, dilation=d)
    before, after = resolve_padding("same", m, d)
    assert before + after == reach and after - before in (0, 1)


def test_the_lectures_sizes():
    assert [output_size(n, m) for n, m in ((5, 3), (28, 5), (7, 7))] == [3, 24, 1]  # n − m + 1
    assert output_shape2d((5, 5), 3) == (3, 3)


@given(geometries(axes=1), geometries(axes=1), geometries(axes=1))
def test_receptive_field_spans_the_inputs_that_reach_a_unit(first_layer, second_layer, third_layer):
    """Follow every input through three layers, edge by edge, and compare with the field."""
    field, reached = ReceptiveField(), [{j} for j in range(150)]
    layers = first_layer, second_layer, third_layer
    for g in layers:
        (m,), (s,), (d,), ((before, _),) = g.kernel, g.stride, g.dilation, g.zeros
        reached = [
            set().union(*(reached[k] for a in range(m) if 0 <= (k := i * s + a * d - before) < len(reached)))
            for i in range(output_size(len(reached), m, **g.options))
        ]
        field = field.through(m, **g.options)
    for unit, inputs in enumerate(reached):
        first, stop = field.span(unit)
        assert all(first <= j < stop for j in inputs)
        if all(g.zeros == [(0, 0)] for g in layers):  # no padding in between: both ends are really reached
            assert (min(inputs), max(inputs) + 1) == (first, stop)


def test_receptive_fields_of_lenet():
    """Sizes 1 → 5 → 6 → 14 → 16, by hand: 5 + (5−1)·2 + …"""
    field, seen = ReceptiveField(), []
    for m, s, p in ((5, 1, 2), (2, 2, 0), (5, 1, 0), (2, 2, 0)):
        field = field.through(m, s, p)
        seen.append((field.size, field.jump, field.start))
    assert seen == [(5, 1, -2), (6, 2, -2), (14, 2, -2), (16, 4, -2)]
    assert field.span(0) == (-2, 14) and field.span(4) == (14, 30)


def test_the_lectures_counts():
    assert linear_cost(200 * 200, 400_000, bias=False).parameters == 16_000_000_000
    assert conv2d_cost(1, 1, 10, (1, 400_000), bias=False, shared=False).parameters == 40_000_000
    assert conv2d_cost(1, 1, 10, (1, 400_000), bias=False).parameters == 100
    assert conv2d_cost(1, 1, 10, (1, 400_000), bias=False).links == 40_000_000


@given(st.lists(st.integers(1, 30), min_size=2, max_size=5), st.booleans())
def test_fully_connected_parameters_counts_the_weights_of_the_layers(widths, bias):
    layers = [Linear(n, units, bias, rng=0) for n, units in pairwise(widths)]
    assert fully_connected_parameters(widths, bias) == sum(p.size for la in layers for p in la.parameters().values())


@given(geometries(), st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_costs_count_the_arrays_and_the_multiplications(g, c_in, c_out, bias):
    shape = (c_in, *g.size)
    shared = Conv2d(c_in, c_out, g.kernel, **g.options, bias=bias, rng=0)
    local = LocallyConnected2d(c_in, c_out, g.size, g.kernel, **g.options, bias=bias, rng=0)
    for layer in (shared, local):
        assert layer.cost(shape).parameters == sum(p.size for p in layer.parameters().values())
    # Ones everywhere make each output the number of its links (padded with ones, so none is lost).
    padded = np.ones((1, c_in, *(n + sum(z) for n, z in zip(g.size, g.zeros))))
    ones = np.ones((*g.output, c_out, c_in, *g.kernel))
    links = locally_connected2d(padded, ones, stride=g.stride, dilation=g.dilation).sum()
    links += bias * c_out * np.prod(g.output)
    assert shared.cost(shape).links == local.cost(shape).links == local.cost(shape).parameters == links


def test_costs_add():
    assert Cost(1, 2) + Cost(10, 20) == Cost(11, 22)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: output_size(3, 4), ValueError, r"kernel_size must fit into the padded input of 3, got a kernel that spans 4"),
        (lambda: output_size(5, 3, dilation=3), ValueError, r"spans 7 \(kernel_size 3, dilation 3, input 5, padding 0\+0\)"),
        (lambda: output_size(5, 3, stride=0), ValueError, r"stride must be an integer of at least 1, got 0"),
        (lambda: output_size(5, 3, dilation=0), ValueError, r"dilation must be an integer of at least 1, got 0"),
        (lambda: output_size(5, 3, padding=-1), ValueError, r"padding must be an integer of at least 0, got -1"),
        (lambda: output_size(5, 0), ValueError, r"kernel_size must be an integer of at least 1, got 0"),
        (lambda: output_size(0, 1), ValueError, r"input_size must be an integer of at least 1, got 0"),
        (lambda: output_size(5.0, 3), TypeError, r"input_size must be an integer of at least 1, got 5.0"),
        (lambda: output_size(5, True), TypeError, r"kernel_size must be an integer of at least 1, got True"),
        (lambda: output_size(5, 3, padding=1.5), TypeError, r"padding must be an integer of at least 0, got 1.5"),
        (lambda: output_size(5, 3, padding="sam"), ValueError, r'padding must be an integer, "valid", "same" or "full", got \'sam\''),
        (lambda: output_size(5, 3, 2, "same"), ValueError, r'padding "same" needs stride 1, got stride 2'),
        (lambda: output_shape2d((5, 5), (3, 3, 3)), ValueError, r"kernel_size must be an integer or two .*, got \(3, 3, 3\)"),
        (lambda: output_shape2d((5, 5), 3, stride=(1, 0)), ValueError, r"stride\[1\] must be an integer of at least 1, got 0"),
        (lambda: output_shape2d((5,), 3), ValueError, r"input_shape must be .*two \(height, width\), got \(5,\)"),
        (lambda: fully_connected_parameters([3]), ValueError, r"widths must hold at least two layers, got \[3\]"),
        (lambda: linear_cost(0, 3), ValueError, r"in_features must be an integer of at least 1, got 0"),
        (lambda: conv2d_cost(1, 0, 3, (2, 2)), ValueError, r"out_channels must be an integer of at least 1, got 0"),
        (lambda: ReceptiveField().span(-1), ValueError, r"unit must be an integer of at least 0, got -1"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("call, error, message", [
    (lambda: resolve_padding(1, 3, stride=0), ValueError, "stride must be an integer of at least 1, got 0"),
    (lambda: resolve_padding("same", 3, stride="1"), TypeError, "stride must be an integer of at least 1, got '1'"),
    (lambda: ReceptiveField(size=0), ValueError, "size must be an integer of at least 1, got 0"),
    (lambda: ReceptiveField(jump=1.5), TypeError, "jump must be an integer of at least 1, got 1.5"),
    (lambda: ReceptiveField(start=None), TypeError, "start must be an integer, got None"),
    (lambda: ReceptiveField(jump=np.uint64(2**64 - 1)).through(3).span(2.5), TypeError, "unit must be an integer"),
    (lambda: Cost(-1, 0), ValueError, "parameters must be an integer of at least 0, got -1"),
    (lambda: linear_cost(2, 2, "no"), TypeError, "bias must be True or False, got 'no'"),
    (lambda: conv2d_cost(1, 1, 3, 4, shared="no"), TypeError, "shared must be True or False, got 'no'"),
    (lambda: fully_connected_parameters(5), TypeError, "widths must be a sequence, got 5"),
    (lambda: Cost(1, 1) + 1, TypeError, "unsupported operand"),
])
def test_arguments_that_slipped_through(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_signal_is_an_image_of_one_row():
    assert options_1d_as_2d(1, 2, 1) == ((1, 1), (0, 2), (1, 1))
    assert options_1d_as_2d(3, "same", 2) == ((1, 3), "same", (1, 2))
