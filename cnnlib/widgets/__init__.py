"""Live pictures: each is one line in a notebook, and a static picture where it cannot run."""

from cnnlib.widgets.counter import Counter
from cnnlib.widgets.slide_filter_2d import SlideFilter2D

__all__ = ["Counter", "SlideFilter2D"]
