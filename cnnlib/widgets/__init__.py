"""Live pictures: each is one line in a notebook, and a static picture where it cannot run."""

from cnnlib.widgets.backward import Backward
from cnnlib.widgets.channels import Channels
from cnnlib.widgets.confusion_explorer import ConfusionExplorer
from cnnlib.widgets.counter import Counter
from cnnlib.widgets.digit_pad import DigitPad
from cnnlib.widgets.face_finder import FaceFinder
from cnnlib.widgets.filter_bench import FilterBench
from cnnlib.widgets.linked_view import LinkedView
from cnnlib.widgets.look_inside import LookInside
from cnnlib.widgets.pattern_detector import PatternDetector
from cnnlib.widgets.pooling_shift import PoolingShift
from cnnlib.widgets.question import Question
from cnnlib.widgets.slide_filter_1d import SlideFilter1D
from cnnlib.widgets.slide_filter_2d import SlideFilter2D
from cnnlib.widgets.training_monitor import TrainingMonitor
from cnnlib.words import language as language  # beside __all__, which lists the widgets

__all__ = [
    "Backward",
    "Channels",
    "ConfusionExplorer",
    "Counter",
    "DigitPad",
    "FaceFinder",
    "FilterBench",
    "LinkedView",
    "LookInside",
    "PatternDetector",
    "PoolingShift",
    "Question",
    "SlideFilter1D",
    "SlideFilter2D",
    "TrainingMonitor",
]
