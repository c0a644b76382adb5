"""The linked view: a layer as a network graph, as a matrix and as the equation of one unit."""

from cnnlib.widgets.linked_view.widget import MOST, LinkedView, free_weights, resize_filter, weight_colors

__all__ = ["MOST", "LinkedView", "free_weights", "resize_filter", "weight_colors"]
