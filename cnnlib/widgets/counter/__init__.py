"""Build a net from layers and see what it costs: parameters, links, memory, multiply-adds."""

from cnnlib.widgets.counter.widget import FIELDS, MOST_LAYERS, PRESETS, Counter, count_layers, format_bytes

__all__ = ["FIELDS", "MOST_LAYERS", "PRESETS", "Counter", "count_layers", "format_bytes"]
