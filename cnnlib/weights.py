"""A model's weights on disk."""

import os
from pathlib import Path

import numpy as np


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
    """
    path = _weights_path(path)
    state = {**model.parameters(), **model.buffers()}
    for name, array in state.items():
        if not np.isfinite(array).all():
            raise ValueError(f"model must have finite weights to be saved, got NaN or infinity in {name}")
    temporary = path.with_name(f".{path.stem}-{os.getpid()}.npz")
    try:
        with open(temporary, "wb") as file:
            np.savez_compressed(file, **state)
            file.flush()
            os.fsync(file.fileno())  # on disk before it takes the old one's place
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


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
        If it is not a whole ``.npz`` file, holds other names or shapes, or numbers that are not finite.
    """
    path = _weights_path(path)
    state = {**model.parameters(), **model.buffers()}
    try:
        with np.load(path, allow_pickle=False) as file:
            loaded = {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy each have their own for a damaged file
        raise ValueError(f"path must be a whole .npz file of weights, got {path.name}: {error}") from error
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
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"path must end in .npz, got {str(path)!r}")
    return path
