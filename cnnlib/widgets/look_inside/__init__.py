"""Look inside a network: any unit, what it sees of the input, and how it got its number."""

from cnnlib.widgets.look_inside.widget import LookInside

__all__ = ["LookInside"]
