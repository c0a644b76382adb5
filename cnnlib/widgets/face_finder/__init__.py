"""A net that looks through a window: drag it over a picture, and see what the net says of each place."""

from cnnlib.widgets.face_finder.widget import FaceFinder

__all__ = ["FaceFinder"]
