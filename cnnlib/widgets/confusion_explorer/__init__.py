"""A confusion matrix that can be asked: click a cell, see those images."""

from cnnlib.widgets.confusion_explorer.widget import MOST, ConfusionExplorer

__all__ = ["MOST", "ConfusionExplorer"]
