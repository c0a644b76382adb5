"""A model's weights on disk."""

import numpy as np

from cnnlib._files import read_arrays, replaced_file
from cnnlib._validate import check_model, check_path

MOST_BYTES = 8  # of one weight in a file: float64
SLACK = 1 << 16  # bytes that a file may hold beyond the model's: enough to name what does not belong there


def save_weights(model, path):
    """Write a model's parameters and buffers to an ``.npz`` file.

    Written to a new file beside `path` that then replaces it: an interrupted save leaves the old
    weights whole.

    Parameters
    ----------
    model : Layer
    path : str or path-like
        Ends in ``.npz``.

    Raises
    ------
    ValueError
        If `path` has another suffix, or a weight is not finite.
    OSError
        If the file cannot be written: `FileNotFoundError` without its folder, `IsADirectoryError` if it is one itself,
        `PermissionError` if that takes no files. What is there stays as it is.
    """
    path, model = _weights_path(path), check_model("model", model)
    state = {**model.parameters(), **model.buffers()}
    for name, array in state.items():
        if not np.isfinite(array).all():
            raise ValueError(f"model must have finite weights to be saved, got NaN or infinity in {name}")
    with replaced_file(path) as file:
        np.savez_compressed(file, **state)


def load_weights(model, path):
    """Fill a model with the parameters and buffers of a file by `save_weights`.

    Everything is checked before anything is changed: on an error the model is as it was.

    Parameters
    ----------
    model : Layer
        Of the same architecture; keeps its dtype.
    path : str or path-like

    Returns
    -------
    Layer
        `model` itself.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not a whole ``.npz`` file, holds other names or shapes, numbers that are not
        finite, or promises more memory than the model's weights can take (8 bytes each, and 64 KiB).
    """
    path, model = _weights_path(path), check_model("model", model)
    state = {**model.parameters(), **model.buffers()}
    loaded = read_arrays(path, sum(array.size for array in state.values()) * MOST_BYTES + SLACK, "weights")
    if loaded.keys() != state.keys():
        different = ", ".join(sorted(loaded.keys() ^ state.keys()))
        raise ValueError(f"path must hold the weights of this model, got {path.name} which differs in {different}")
    for name, array in state.items():
        found = loaded[name]
        if found.shape != array.shape or found.dtype.kind != "f":
            raise ValueError(
                f"path must hold floating-point weights of shape {array.shape} for {name},"
                f" got {found.dtype} of shape {found.shape} in {path.name}"
            )
        if not (np.abs(found) <= np.finfo(array.dtype).max).all():
            raise ValueError(f"path must hold finite {array.dtype} weights for {name}, got {found} in {path.name}")
    for name, array in state.items():
        array[...] = loaded[name]
    return model


def _weights_path(path):
    path = check_path("path", path)
    if path.suffix != ".npz":
        raise ValueError(f"path must end in .npz, got {str(path)!r}")
    return path
