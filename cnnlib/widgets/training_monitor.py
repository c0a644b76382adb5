"""Watch a training: loss and accuracy, drawn while `cnnlib.train.fit` goes on."""

import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from traitlets import Int, List

from cnnlib import figures
from cnnlib._validate import check_int
from cnnlib.widgets._base import TeachingWidget

POINTS = 100  # of each curve: more could not be told apart


class TrainingMonitor(TeachingWidget):
    """Two curves that grow while a network learns: the callback that `cnnlib.train.fit` takes.

    Each point is the mean over the latest hundredth of the steps, of batches seen before the
    network learned from them: an honest, if noisy, view of images new to it in the first epoch.

    Parameters
    ----------
    steps : int
        Steps that the whole training takes: epochs times batches.

    Attributes
    ----------
    curve : list of [int, float, float]
        Steps done, mean loss, mean accuracy in [0, 1].

    Raises
    ------
    TypeError, ValueError
        If `steps` is not an integer of at least 1.

    Examples
    --------
    >>> from cnnlib.train import History
    >>> monitor = TrainingMonitor(steps=2)
    >>> monitor(History(loss=[2.0], accuracy=[0.25]))
    >>> monitor.curve, monitor
    ([[1, 2.0, 0.25]], TrainingMonitor(1 of 2 steps))
    """

    _script = "training_monitor"

    steps = Int().tag(sync=True)
    curve = List().tag(sync=True)

    def __init__(self, steps):
        super().__init__(steps=check_int("steps", steps, 1))
        self._shown = None

    def show(self):
        """Display the monitor; when the last step is done, its stored picture follows."""
        self._shown = display(self, display_id=True)

    def __call__(self, history):
        """Take up what has happened since the last point."""
        done, every = history.steps, max(1, self.steps // POINTS)
        if done % every and done != self.steps:
            return
        loss, accuracy = np.mean(history.loss[-every:]), np.mean(history.accuracy[-every:])
        # a history that begins again begins a new curve
        kept = self.curve if self.curve and self.curve[-1][0] < done else []
        self.curve = [*kept, [done, float(loss), float(accuracy)]]
        if done == self.steps and self._shown is not None:
            self._shown.update(self)

    def describe(self):
        """Return what the curves say, as one line of text.

        Examples
        --------
        >>> TrainingMonitor(steps=938).describe()
        'Nothing trained yet: 938 steps to go.'
        """
        if not self.curve:
            return f"Nothing trained yet: {self.steps} steps to go."
        (_, first_loss, first_accuracy), (done, loss, accuracy) = self.curve[0], self.curve[-1]
        return (
            f"{done} of {self.steps} steps: loss from {first_loss:.2f} to {loss:.2f}, "
            f"accuracy on the batches from {first_accuracy:.0%} to {accuracy:.0%}."
        )

    def __repr__(self):
        return f"TrainingMonitor({self.curve[-1][0] if self.curve else 0} of {self.steps} steps)"

    def picture(self):
        """Return both curves as a `matplotlib.figure.Figure`."""
        colors = figures.PALETTE["light"]
        figure = Figure(figsize=(9, 3.2), dpi=144, facecolor=colors["surface"], layout="constrained")
        done, loss, accuracy = np.array(self.curve).reshape(-1, 3).T
        top = max(loss, default=1) * 1.05
        for ax, values, role, title, end in (
            (figure.add_subplot(1, 2, 1), loss, "weight", "loss of the batches", top),
            (figure.add_subplot(1, 2, 2), 100 * accuracy, "output", "accuracy on the batches, %", 100),
        ):
            ax.plot(done, values, color=colors[role], linewidth=2, clip_on=False)
            ax.set(xlim=(0, self.steps), ylim=(0, end))
            ax.set_title(title, loc="left", color=colors["ink"], fontsize=12)
            ax.set_xlabel("steps", color=colors["muted"])
            ax.tick_params(colors=colors["muted"])
            ax.grid(color=colors["line"], linewidth=0.6)
            ax.spines[["top", "right"]].set_visible(False)
            ax.spines[["left", "bottom"]].set_color(colors["line"])
        return figure
