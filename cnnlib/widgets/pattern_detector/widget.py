"""A filter as a pattern detector: its response along one row of a photograph."""

import numpy as np
from matplotlib.figure import Figure
from traitlets import Bytes, List, observe, validate

from cnnlib import figures
from cnnlib._validate import check_array, check_finite
from cnnlib.conv import cross_correlate1d
from cnnlib.datasets import load_photograph
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.traits import Checked, Flag, Index, InvalidTrait, as_numbers, checked, choice, label
from cnnlib.words import known_name, t

KERNELS = {
    "edge": [-1 / 6] * 6 + [1 / 6] * 6,
    "coin": [-1 / 24] * 12 + [1 / 40] * 40 + [-1 / 24] * 12,
    "blur": [1 / 9] * 9,
}

LARGEST = 4096  # rows and columns of the image
HIGHEST = 12  # inches of the photograph in the picture


def _coins():
    return load_photograph("coins")[96:156]


def _as_pixels(name, image):
    """The image as bytes: 0 black, 255 white."""
    image = check_array(name, image, 2)
    check_finite(name, image)
    if max(image.shape) > LARGEST:
        raise ValueError(f"{name} must have at most {LARGEST:,} rows and columns, got shape {image.shape}")
    if image.dtype == np.uint8:
        return image.copy()
    if image.min() < 0 or image.max() > 1:
        raise ValueError(f"{name} must be uint8 or lie in [0, 1], got {image.min():g} to {image.max():g}")
    return np.round(255 * image.astype(float)).astype(np.uint8)


def _named_filters(name, value):
    if not isinstance(value, dict) or not value:
        raise TypeError(f"{name} must be a dict of at least one filter by its name, got {value!r:.80}")
    return {
        label(f"the names in {name}", one): as_numbers(f"{name}[{one!r}]", weights, 1) for one, weights in value.items()
    }


class PatternDetector(TeachingWidget):
    r"""Slide a filter along a row of pixels and watch where it responds.

    .. math:: y_i = \sum_{j=0}^{m-1} \theta_j\, x_{i+j}

    Brightness runs from 0 (black) to 1 (white). A response is drawn below the middle of its window.

    Parameters
    ----------
    image : ndarray of uint8 or of float in [0, 1], shape (H, W), optional
        Default: a band of scikit-image's ``coins`` with six coins in it.
    kernels : dict of str to array_like, shape (m,), optional
        Filters by name. Default: "edge" (right half minus left half), "coin" (inside minus
        outside) and "blur" (the mean).
    row : int, optional
        The row of pixels that is the signal; default the middle one.
    selected : str, optional
        Name of the filter in use; default the first.
    position : int, default 0
        Where the window begins.
    reveal : bool, default False
        Show the whole response, not only what the window has visited.

    Attributes
    ----------
    output : ndarray of float, shape (W − m + 1,)
        The response of the selected filter on the row; read only.
    playing : bool
        Whether the window moves by itself.

    Raises
    ------
    ValueError
        If an argument has the wrong rank or range, or a filter is longer than a row.

    Examples
    --------
    >>> widget = PatternDetector(np.array([[0.0, 0, 1, 1, 0]]), {"step": [-1, 1]}, position=1)
    >>> widget
    PatternDetector(image 1×5, row=0, filter 'step' of 2, window at 1)
    >>> widget.output
    array([ 0.,  1.,  0., -1.])
    """

    _root = "cnn-detector"

    image = Checked(_as_pixels)
    kernels = Checked(_named_filters).tag(sync=True)
    selected = Checked(label).tag(sync=True)
    row = Index(lambda self: len(self.image)).tag(sync=True)
    position = Index(lambda self: self._count).tag(sync=True)
    reveal = Flag().tag(sync=True)
    playing = Flag().tag(sync=True)
    pixels = Bytes(read_only=True).tag(sync=True)
    shape = List(read_only=True).tag(sync=True)

    def __init__(self, image=None, kernels=None, *, row=None, selected=None, **traits):
        image = type(self).image.checked(_coins() if image is None else image)
        kernels = type(self).kernels.checked(KERNELS if kernels is None else kernels)
        super().__init__(
            image=image,
            kernels=kernels,
            row=len(image) // 2 if row is None else row,
            selected=next(iter(kernels)) if selected is None else selected,
            **traits,
        )

    @validate("image", "kernels")
    def _check_fit(self, proposal):
        width = (proposal.value if proposal.trait.name == "image" else self.image).shape[1]
        for name, weights in (proposal.value if proposal.trait.name == "kernels" else self.kernels).items():
            if len(weights) > width:
                raise InvalidTrait(f"kernels[{name!r}] must fit into a row of {width}, got {len(weights)} weights")
        return proposal.value

    @validate("selected")
    def _check_selected(self, proposal):
        return checked(lambda name, value: choice(name, value, tuple(self.kernels)), "selected", proposal.value)

    @observe("image", "kernels", "selected")
    def _follow(self, change):
        if self.selected not in self.kernels:
            self.selected = next(iter(self.kernels))
        self.tell(pixels=self.image.tobytes(), shape=list(self.image.shape))
        self.stay_inside()

    @property
    def kernel(self):
        """The weights in use, ndarray of shape (m,)."""
        return np.array(self.kernels[self.selected])

    @property
    def signal(self):
        """The brightness of the row, ndarray of float in [0, 1], shape (W,)."""
        return self.image[self.row] / 255

    @property
    def output(self):
        return cross_correlate1d(self.signal, self.kernel)

    @property
    def _count(self):
        # New kernels may lack the one that is selected until `_follow` has chosen another.
        kernel = self.kernels.get(self.selected, next(iter(self.kernels.values())))
        return self.image.shape[1] - len(kernel) + 1

    def __repr__(self):
        height, width = self.image.shape
        return (
            f"PatternDetector(image {height}×{width}, row={self.row}, filter {self.selected!r} of {len(self.kernel)}, "
            f"window at {self.position})"
        )

    def describe(self):
        """Return what the picture says, as one line of text.

        Examples
        --------
        >>> PatternDetector(np.array([[0.0, 0, 1, 1, 0]]), {"step": [-1, 1]}, reveal=True).describe()
        'Filter “step”, 2 weights, on row 0: the window at 0 gives 0. Strongest: 1 at 1.'
        """
        number, output = figures.format_number, self.output
        peak = int(output.argmax())
        name, weights = known_name("pattern_detector.name_", self.selected), t("shared.weights", count=len(self.kernel))
        says = t(
            "pattern_detector.says", name=name, weights=weights, row=self.row, place=self.position,
            value=number(output[self.position]),
        )
        if not self.reveal:
            return says
        return t("pattern_detector.strongest", says=says, value=number(output[peak]), place=peak)

    def picture(self):
        """Return photograph, row, filter and response, as a `matplotlib.figure.Figure`.

        The response after the window is left blank unless `reveal` is set.
        """
        colors = figures.PALETTE["light"]
        (height, width), m, output = self.image.shape, len(self.kernel), self.output
        band = min(max(8.6 * height / width, 0.2), HIGHEST)
        figure = Figure(figsize=(9, band + 3.9), dpi=144, facecolor=colors["surface"], layout="constrained")
        axes = figure.subplots(4, 1, sharex=True, height_ratios=[band, 1.1, 0.8, 1.3])
        window = slice(self.position, self.position + m)
        middle = np.arange(len(output)) + (m - 1) / 2
        shown = len(output) if self.reveal else self.position + 1

        axes[0].imshow(self.image, cmap="gray", vmin=0, vmax=255, aspect="auto", extent=(-0.5, width - 0.5, height, 0))
        axes[0].axhline(self.row + 0.5, color=colors["input"], linewidth=1.5)
        axes[1].plot(self.signal, color=colors["input"], linewidth=1.2)
        axes[1].set_ylim(0, 1.05)
        places = np.arange(width)[window]
        axes[2].bar(places, self.kernel, 1, color=[colors["weight" if w >= 0 else "negative"] for w in self.kernel])
        axes[2].set_ylim(*(1.15 * max(np.abs(self.kernel).max(), 1e-9) * np.array([-1, 1])))
        end = 1.15 * max(np.abs(output).max(), 1e-9)
        axes[3].set_ylim(-end, end)
        for above, role in ((True, "output"), (False, "negative")):
            part = np.where((output >= 0) == above, output, 0)[:shown]
            axes[3].fill_between(middle[:shown], part, color=colors[role], alpha=0.5, linewidth=0)
        axes[3].plot(middle[:shown], output[:shown], color=colors["ink"], linewidth=1)
        axes[3].plot(middle[self.position], output[self.position], "o", color=colors["window"], markersize=6)
        if self.reveal:
            peak = int(output.argmax())
            axes[3].plot(middle[peak], output[peak], "v", color=colors["output"], markersize=9)
        for ax in axes[1:3]:
            ax.axvspan(window.start - 0.5, window.stop - 0.5, fill=False, edgecolor=colors["window"], linewidth=2)
        labels = [t("pattern_detector.photograph"), t("pattern_detector.picture_row"),
                  t("pattern_detector.picture_filter", count=m), t("pattern_detector.picture_response")]
        for ax, word in zip(axes, labels):
            ax.set_ylabel(word, color=colors["muted"])
            ax.spines[:].set_visible(False)
            ax.tick_params(length=0, labelcolor=colors["muted"])
            if ax in axes[2:]:
                ax.axhline(0, color=colors["control"], linewidth=0.8)
        axes[0].set_yticks([])
        axes[0].set_xlim(-0.5, width - 0.5)
        return figure
