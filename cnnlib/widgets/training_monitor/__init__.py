"""Watch a training while it goes on: curves, first-layer filters, what they make of one image; pause it, change it."""

from cnnlib.widgets.training_monitor.widget import TrainingMonitor

__all__ = ["TrainingMonitor"]
