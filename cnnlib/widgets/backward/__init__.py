"""The backward pass of a convolution, position by position, beside central differences."""

from cnnlib.widgets.backward.widget import GRAD_OUTPUT, Backward

__all__ = ["GRAD_OUTPUT", "Backward"]
