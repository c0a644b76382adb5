"""cnnlib: the small NumPy library under a lecture on convolutional neural networks.

One topic a module; what the notebooks use is here too::

    from cnnlib import Conv2d, Linear, MaxPool2d, ReLU, Flatten, Sequential, fit, load_mnist

Importing it loads NumPy and nothing that draws: figures are in `cnnlib.figures`, widgets in
`cnnlib.widgets`. The catalogue of kernels made by hand is `cnnlib.kernels`.
"""

from cnnlib.background import Training
from cnnlib.checkpoints import Checkpoint
from cnnlib.comparison import compare, estimate
from cnnlib.conv import (
    conv1d,
    conv1d_backward,
    conv2d,
    conv2d_backward,
    convolve1d,
    convolve2d,
    cross_correlate1d,
    cross_correlate2d,
)
from cnnlib.datasets import (
    RandomAffine,
    Split,
    batches,
    load_fashion_mnist,
    load_long_run,
    load_mnist,
    load_mnist_test,
    load_photograph,
)
from cnnlib.detection import Level, boxes_above, intersection_over_union, non_max_suppression, rescan, scan, voted
from cnnlib.drawings import draw_digits
from cnnlib.evaluation import Evaluation, confusion_matrix, evaluate, predict
from cnnlib.functional import logistic_loss, sigmoid, softmax, softmax_cross_entropy, squared_error
from cnnlib.gradcheck import check_gradient, check_layer, numerical_gradient
from cnnlib.layers import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Layer,
    LeakyReLU,
    Linear,
    LocallyConnected2d,
    MaxPool2d,
    Normalize,
    ReLU,
    Sigmoid,
    Tanh,
    UnitBias,
)
from cnnlib.local import locally_connected2d, locally_connected2d_backward
from cnnlib.matrices import conv1d_index, conv2d_index, parameter_count, tie_gradient, weight_index, weight_matrix
from cnnlib.networks import lecun1989, lenet5, load_lenet5
from cnnlib.optim import SGD, CosineDecay, ExponentialDecay, StepDecay
from cnnlib.pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward
from cnnlib.search import LogUniform, Uniform, random_search
from cnnlib.sequential import Sequential
from cnnlib.shapes import (
    Cost,
    ReceptiveField,
    conv2d_cost,
    fully_connected_parameters,
    linear_cost,
    output_shape2d,
    output_size,
)
from cnnlib.sliding import fully_convolutional
from cnnlib.train import History, fit
from cnnlib.weights import load_weights, save_weights

__version__ = "0.1.0"

__all__ = [
    "SGD",
    "AvgPool2d",
    "BatchNorm2d",
    "Checkpoint",
    "Conv2d",
    "CosineDecay",
    "Cost",
    "Dropout",
    "Evaluation",
    "ExponentialDecay",
    "Flatten",
    "History",
    "Layer",
    "LeakyReLU",
    "Level",
    "Linear",
    "LocallyConnected2d",
    "LogUniform",
    "MaxPool2d",
    "Normalize",
    "RandomAffine",
    "ReLU",
    "ReceptiveField",
    "Sequential",
    "Sigmoid",
    "Split",
    "StepDecay",
    "Tanh",
    "Training",
    "Uniform",
    "UnitBias",
    "avg_pool2d",
    "avg_pool2d_backward",
    "batches",
    "boxes_above",
    "check_gradient",
    "check_layer",
    "compare",
    "confusion_matrix",
    "conv1d",
    "conv1d_backward",
    "conv1d_index",
    "conv2d",
    "conv2d_backward",
    "conv2d_cost",
    "conv2d_index",
    "convolve1d",
    "convolve2d",
    "cross_correlate1d",
    "cross_correlate2d",
    "draw_digits",
    "estimate",
    "evaluate",
    "fit",
    "fully_connected_parameters",
    "fully_convolutional",
    "intersection_over_union",
    "lecun1989",
    "lenet5",
    "linear_cost",
    "load_fashion_mnist",
    "load_lenet5",
    "load_long_run",
    "load_mnist",
    "load_mnist_test",
    "load_photograph",
    "load_weights",
    "locally_connected2d",
    "locally_connected2d_backward",
    "logistic_loss",
    "max_pool2d",
    "max_pool2d_backward",
    "non_max_suppression",
    "numerical_gradient",
    "output_shape2d",
    "output_size",
    "parameter_count",
    "predict",
    "random_search",
    "rescan",
    "save_weights",
    "scan",
    "sigmoid",
    "softmax",
    "softmax_cross_entropy",
    "squared_error",
    "tie_gradient",
    "voted",
    "weight_index",
    "weight_matrix",
]
