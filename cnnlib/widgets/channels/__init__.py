"""A colour picture through a bank of filters: channels, slices, their sum, a stack of maps."""

from cnnlib.widgets.channels.widget import Channels

__all__ = ["Channels"]
