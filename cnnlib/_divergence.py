"""A training that diverges: where it was sound, and what to tell the user."""

import numpy as np

EXPLODED = 1e4  # times the first loss, or 1: from there nothing comes back


class SoundState:
    """Weights, buffers and velocity as they were before the last step that began with a sound loss.

    A rate that is too high rarely makes NaN in one step: the loss grows by powers of ten first. So
    the state of just one step earlier would be lost too. A loss is sound up to twice the first.
    """

    def __init__(self, model, optimizer):
        self._model, self._optimizer = model, optimizer
        self.step, self._loss, self._limit = None, None, None

    def _arrays(self, buffers):
        return [*self._model.parameters().values(), *self._optimizer.velocity().values(), *buffers]

    def begin(self):
        self.copy_buffers()
        self._copies = [array.copy() for array in self._arrays(self._buffers)]

    def copy_buffers(self):
        """Copy what the forward pass of the next step moves already."""
        self._buffers = [array.copy() for array in self._model.buffers().values()]

    def keep(self, history, loss):
        """Copy the state before this step, if the loss that has just been computed from it is sound."""
        if self._limit is None:
            first = history.loss[0] if history.loss else loss  # of a checkpoint, if the training goes on from one
            self._limit = first + abs(first)  # a loss may be negative
        if loss <= self._limit:
            self.step, self._loss = history.steps, loss
            for copy, array in zip(self._copies, self._arrays(self._buffers)):
                np.copyto(copy, array)

    def go_back(self, history, problem):
        """Restore the state, and return what to tell the user."""
        for copy, array in zip(self._copies, self._arrays(self._model.buffers().values())):
            np.copyto(array, copy)
        if self.step is None and history.steps:
            return (
                f"{problem} at step {history.steps}: the weights in the checkpoint have jumped too far already:"
                f" delete it, and try a tenth of its learning_rate, {history.learning_rate[-1] / 10:g}"
            )
        if self.step is None:
            return (
                f"{problem} at step {history.steps}, before the model has learned anything:"
                " look at the loss function, and at the size of the numbers in images"
            )
        rate = history.learning_rate[self.step]
        return (
            f"{problem} at step {history.steps}: with a learning_rate of {rate:g} the weights jumped too far."
            f" The model is again as it was before step {self.step}, where the loss was {self._loss:.3g}:"
            f" try a tenth of that rate, {rate / 10:g}"
        )


def lost(model):
    """Return the names of weights and buffers that hold NaN or infinity."""
    arrays = {**model.parameters(), **model.buffers()}
    return [name for name, array in arrays.items() if not np.isfinite(array).all()]


def check_weights(model):
    """Raise if a model is lost before it learns."""
    for name in lost(model):
        raise ValueError(f"model must have finite weights to learn from, got NaN or infinity in {name}: make it anew")
