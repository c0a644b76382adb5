"""The same numbers as PyTorch, whose meaning and argument names the library follows.

PyTorch is no dependency: these tests run where it happens to be installed.
"""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnnlib import (
    SGD,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    avg_pool2d,
    avg_pool2d_backward,
    conv1d,
    conv1d_backward,
    conv2d,
    conv2d_backward,
    logistic_loss,
    max_pool2d,
    max_pool2d_backward,
    softmax_cross_entropy,
    squared_error,
)
from cnnlib.functional import leaky_relu, leaky_relu_backward, relu, relu_backward, sigmoid, sigmoid_backward
from strategies import geometries, seeds

torch = pytest.importorskip("torch")
F = torch.nn.functional


def leaf(array):
    return torch.tensor(np.array(array), requires_grad=True)


def close(ours, theirs, tolerance=1e-10):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    "axes, forward, backward, theirs", [(1, conv1d, conv1d_backward, F.conv1d), (2, conv2d, conv2d_backward, F.conv2d)]
)
@given(st.data(), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.booleans(), seeds)
def test_convolution(axes, forward, backward, theirs, data, n, c_in, c_out, with_bias, seed):
    g = data.draw(geometries(axes, rules=("valid", "same")))
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(size=(n, c_in, *g.size)), rng.normal(size=(c_out, c_in, *g.kernel))
    bias = rng.normal(size=c_out) if with_bias else None
    leaves = leaf(x), leaf(weight), leaf(bias) if with_bias else None
    expected = theirs(*leaves, **g.options)
    close(forward(x, weight, bias, **g.options), expected)
    grad = rng.normal(size=tuple(expected.shape))
    expected.backward(torch.tensor(grad))
    for ours, other in zip(backward(grad, x, weight, **g.options), leaves):
        if other is not None:
            close(ours, other.grad)


@st.composite
def poolings(draw, dilation):
    g = draw(geometries(rules=None, padding=2, dilation=dilation, room=4))
    assume(all(2 * p <= k for p, k in zip(g.padding, g.kernel)))
    # of a window that holds padding only, PyTorch's backward pass writes outside its memory
    assume(not any(k == 2 and p and d > n for k, p, d, n in zip(g.kernel, g.padding, g.dilation, g.size)))
    return g


@given(poolings(dilation=2), st.booleans(), seeds)
def test_max_pooling_also_of_ties(g, ties, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 3, (2, 2, *g.size)).astype(float) if ties else rng.normal(size=(2, 2, *g.size))
    x_theirs = leaf(x)
    expected = F.max_pool2d(x_theirs, g.kernel, g.stride, g.padding, g.dilation)
    close(max_pool2d(x, g.kernel, **g.options), expected)
    grad = rng.normal(size=tuple(expected.shape))
    expected.backward(torch.tensor(grad))
    close(max_pool2d_backward(grad, x, g.kernel, **g.options), x_theirs.grad)


@given(poolings(dilation=1), seeds)
def test_average_pooling(g, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2, 2, *g.size))
    x_theirs = leaf(x)
    expected = F.avg_pool2d(x_theirs, g.kernel, g.stride, g.padding)
    close(avg_pool2d(x, g.kernel, g.stride, g.padding), expected)
    grad = rng.normal(size=tuple(expected.shape))
    expected.backward(torch.tensor(grad))
    close(avg_pool2d_backward(grad, x, g.kernel, g.stride, g.padding), x_theirs.grad)


@pytest.mark.parametrize(
    "forward, backward, theirs, from_output",
    [
        (relu, relu_backward, F.relu, False), (leaky_relu, leaky_relu_backward, F.leaky_relu, False),
        (sigmoid, sigmoid_backward, torch.sigmoid, True),
    ],
)
def test_activations_also_at_zero(forward, backward, theirs, from_output):
    x = np.append(np.linspace(-40, 40, 101), 0.0)
    x_theirs = leaf(x)
    expected = theirs(x_theirs)
    close(forward(x), expected)
    expected.backward(torch.ones_like(expected))
    close(backward(np.ones_like(x), forward(x) if from_output else x), x_theirs.grad)


@given(st.integers(2, 4), st.integers(1, 3), st.integers(1, 4), st.floats(0, 1), seeds)
def test_batch_norm(n, c, size, momentum, seed):
    rng = np.random.default_rng(seed)
    ours, theirs = BatchNorm2d(c, momentum=momentum, dtype=np.float64), torch.nn.BatchNorm2d(c, momentum=momentum, dtype=torch.float64)
    ours.weight[...], ours.bias[...] = rng.normal(size=c), rng.normal(size=c)
    theirs.weight.data, theirs.bias.data = torch.tensor(ours.weight.copy()), torch.tensor(ours.bias.copy())
    for training in (True, True, False):
        ours.train(training), theirs.train(training), theirs.zero_grad()
        x, grad = rng.normal(2, 3, size=(2, n, c, size, size))
        x_theirs = leaf(x)
        expected = theirs(x_theirs)
        close(ours(x), expected)
        expected.backward(torch.tensor(grad))
        close(ours.backward(grad), x_theirs.grad, 1e-8)
        close(ours.grad_weight, theirs.weight.grad), close(ours.grad_bias, theirs.bias.grad)
        close(ours.running_mean, theirs.running_mean), close(ours.running_var, theirs.running_var)


@given(st.integers(1, 6), st.integers(2, 6), st.sampled_from([1, 50]), seeds)
def test_losses(n, k, scale, seed):
    rng = np.random.default_rng(seed)
    logits, labels, targets = rng.normal(size=(n, k)) * scale, rng.integers(0, k, n), rng.random(n)
    for (loss, grad), source, function, other in (
        (softmax_cross_entropy(logits, labels), logits, F.cross_entropy, torch.tensor(labels)),
        (logistic_loss(logits[:, 0], targets), logits[:, 0], F.binary_cross_entropy_with_logits, torch.tensor(targets)),
        (squared_error(logits[:, 0], targets), logits[:, 0], F.mse_loss, torch.tensor(targets)),
    ):
        source = leaf(source)
        expected = function(source, other)
        expected.backward()
        assert loss == pytest.approx(expected.item(), rel=1e-10)
        close(grad, source.grad)


@pytest.mark.parametrize("momentum, decay", [(0, 0), (0.9, 0), (0, 0.1), (0.9, 0.1)])
def test_a_small_network_trains_along_the_same_path(momentum, decay):
    """Ten steps of SGD with a rate that changes: every loss and the last weights agree."""
    rng = np.random.default_rng(0)
    double = {"rng": rng, "dtype": np.float64}
    ours = Sequential(
        Conv2d(2, 4, 3, padding=1, **double), BatchNorm2d(4, dtype=np.float64), ReLU(), MaxPool2d(2),
        Conv2d(4, 3, 2, **double), ReLU(), AvgPool2d(2, 1), Flatten(), Linear(3, 3, **double),
    )
    nn = torch.nn
    theirs = nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(4, 3, 2), nn.ReLU(), nn.AvgPool2d(2, 1), nn.Flatten(), nn.Linear(3, 3),
    ).double()
    assert sorted(ours.parameters()) == sorted(dict(theirs.named_parameters()))
    with torch.no_grad():
        for name, parameter in theirs.named_parameters():
            parameter.copy_(torch.tensor(ours.parameters()[name]))
    sgd, optimizer = SGD(ours, 0.1, momentum, decay), torch.optim.SGD(theirs.parameters(), 0.1, momentum, weight_decay=decay)
    for step in range(10):
        x, labels = rng.normal(size=(5, 2, 6, 6)), rng.integers(0, 3, 5)
        sgd.learning_rate = optimizer.param_groups[0]["lr"] = 0.1 / (step + 1)
        loss, grad = softmax_cross_entropy(ours(x), labels)
        ours.backward(grad, need_input_grad=False)
        sgd.step()
        expected = F.cross_entropy(theirs(torch.tensor(x)), torch.tensor(labels))
        optimizer.zero_grad()
        expected.backward()
        optimizer.step()
        assert loss == pytest.approx(expected.item(), rel=1e-8)
    for name, parameter in theirs.named_parameters():
        close(ours.parameters()[name], parameter, 1e-8)
