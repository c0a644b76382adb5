"""Layers: what a network is made of.

A layer holds its parameters and what its backward pass needs from the forward pass; the numbers
are computed by the functions of `conv`, `pooling` and `functional`. `Layer` says what one of your
own has to do.
"""

from cnnlib.layers.contract import Layer
from cnnlib.layers.fixed import AvgPool2d, Dropout, Flatten, LeakyReLU, MaxPool2d, Normalize, ReLU, Sigmoid, Tanh
from cnnlib.layers.learning import BatchNorm2d, Conv2d, Linear, LocallyConnected2d, UnitBias

__all__ = [
    "AvgPool2d",
    "BatchNorm2d",
    "Conv2d",
    "Dropout",
    "Flatten",
    "Layer",
    "LeakyReLU",
    "Linear",
    "LocallyConnected2d",
    "MaxPool2d",
    "Normalize",
    "ReLU",
    "Sigmoid",
    "Tanh",
    "UnitBias",
]
