"""Draw a digit; a network says which, and its feature maps show what it looks at."""

from cnnlib.widgets.digit_pad.widget import EXAMPLES, SIDE, DigitPad, as_mnist, conv_stages, example

__all__ = ["EXAMPLES", "SIDE", "DigitPad", "as_mnist", "conv_stages", "example"]
