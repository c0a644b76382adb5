"""Slide a filter along a signal: window, products, sum and the lit row of the weight matrix."""

from cnnlib.widgets.slide_filter_1d.widget import SlideFilter1D

__all__ = ["SlideFilter1D"]
