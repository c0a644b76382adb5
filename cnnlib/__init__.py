"""A small NumPy library of convolutional networks."""
__version__ = "0.1.0"
