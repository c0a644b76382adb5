"""The filter bench: a hand-made kernel on a photograph, down to one window's products and sum."""

from cnnlib.widgets.filter_bench.widget import OWN, PHOTOS, FilterBench

__all__ = ["OWN", "PHOTOS", "FilterBench"]
