"""Shift an input by whole pixels: what moves along, what stays, before and after pooling."""

from cnnlib.widgets.pooling_shift.widget import PoolingShift, shift2d

__all__ = ["PoolingShift", "shift2d"]
