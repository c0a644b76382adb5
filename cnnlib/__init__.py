"""cnnlib: the small NumPy library under a lecture on convolutional neural networks.

One topic a module; the common names are here too::

    from cnnlib import Conv2d, Linear, MaxPool2d, ReLU, Flatten, Sequential, fit, load_mnist

Importing it loads NumPy and nothing that draws: figures are in `cnnlib.figures`, widgets in
`cnnlib.widgets`.
"""

from cnnlib.background import Training
from cnnlib.conv import (
    conv1d, conv1d_backward, conv2d, conv2d_backward, convolve1d, convolve2d, cross_correlate1d, cross_correlate2d,
    locally_connected2d, locally_connected2d_backward,
)
from cnnlib.datasets import RandomAffine, batches, load_fashion_mnist, load_mnist
from cnnlib.functional import logistic_loss, sigmoid, softmax, softmax_cross_entropy, squared_error
from cnnlib.gradcheck import check_gradient, check_layer, numerical_gradient
from cnnlib.layers import (
    AvgPool2d, BatchNorm2d, Conv2d, Dropout, Flatten, LeakyReLU, Linear, LocallyConnected2d, MaxPool2d, Normalize,
    ReLU, Sigmoid, Tanh, UnitBias,
)
from cnnlib.matrices import conv1d_index, conv2d_index, parameter_count, tie_gradient, weight_index, weight_matrix
from cnnlib.models import (
    Sequential, fully_convolutional, lecun1989, lenet5, load_lenet5, load_weights, save_weights,
)
from cnnlib.optim import SGD, CosineDecay, ExponentialDecay, StepDecay
from cnnlib.pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward
from cnnlib.shapes import (
    Cost, ReceptiveField, conv2d_cost, fully_connected_parameters, linear_cost, output_shape2d, output_size,
)
from cnnlib.train import Evaluation, History, confusion_matrix, evaluate, fit, predict

__version__ = "0.1.0"
