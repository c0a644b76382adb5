"""A filter as a pattern detector: its response along one row of a photograph."""

from cnnlib.widgets.pattern_detector.widget import PatternDetector

__all__ = ["PatternDetector"]
