"""Slide a filter over an image: window, products, sum and output cell in one linked view."""

from cnnlib.widgets.slide_filter_2d.widget import IMAGE, KERNEL, SlideFilter2D

__all__ = ["IMAGE", "KERNEL", "SlideFilter2D"]
