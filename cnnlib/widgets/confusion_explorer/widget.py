"""A confusion matrix that can be asked: click a cell, see those images."""

import numpy as np
from traitlets import Bytes, Dict, List

from cnnlib import figures
from cnnlib._validate import check_array, check_finite, check_labels
from cnnlib.evaluation import confusion_matrix
from cnnlib.functional import softmax
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.traits import Index, held
from cnnlib.words import belief, grouped, t

LARGEST = 64  # rows and columns of an image
MOST = 24  # images of one cell: more would only be scrolled past


class ConfusionExplorer(TeachingWidget):
    """The confusion matrix of a network; each cell shows the images that it counts.

    In a cell of mistakes, those come first of which the network was most sure; on the diagonal,
    those that it was least sure of.

    Parameters
    ----------
    images : array_like, shape (N, H, W)
        Numbers from 0, paper, to 255, ink; at most 64×64.
    labels : array_like of int, shape (N,)
    outputs : array_like, shape (N, K)
        Logits of the network, with K from 2 to 12.
    row, col : int, optional
        True class and predicted class of the cell that is looked at. Default: the most frequent
        mistake.

    Attributes
    ----------
    counts : list of list of int
        The confusion matrix, K × K.
    chosen : ndarray of int
        Places in `images` of what the cell counts, at most 24, in the order of the page.

    Raises
    ------
    TypeError, ValueError
        If the arguments do not belong together, or there is no such cell.

    Examples
    --------
    >>> images = np.zeros((3, 2, 2), np.uint8)
    >>> explorer = ConfusionExplorer(images, [0, 1, 1], [[2.0, 0.0], [0.0, 1.0], [3.0, 1.0]])
    >>> explorer, explorer.counts, explorer.chosen
    (ConfusionExplorer(3 images, 1 mistake, cell (1, 0)), [[1, 0], [1, 1]], array([2]))
    """

    _root = "cnn-confusion"

    counts = List(read_only=True).tag(sync=True)
    row = Index(lambda self: len(self.counts)).tag(sync=True)
    col = Index(lambda self: len(self.counts)).tag(sync=True)
    _side = List(read_only=True).tag(sync=True)
    _pixels = Bytes(read_only=True).tag(sync=True)
    # For each cell "row,col": [place in images, place in _pixels, shares of the true and of the predicted class in
    # tenths of a per cent]
    _cells = Dict(read_only=True).tag(sync=True)

    def __init__(self, images, labels, outputs, row=None, col=None, **traits):
        images, outputs = check_array("images", images, 3), check_array("outputs", outputs, 2)
        check_finite("outputs", outputs)
        check_finite("images", images)
        classes = outputs.shape[1]
        if not 2 <= classes <= 12:
            raise ValueError(f"outputs must have 2 to 12 columns, got shape {outputs.shape}")
        if len(outputs) != len(images):
            raise ValueError(f"outputs must be as many as the {len(images)} images, got shape {outputs.shape}")
        if max(images.shape[1:]) > LARGEST:
            raise ValueError(f"images must have at most {LARGEST} rows and columns, got shape {images.shape}")
        if images.min() < 0 or images.max() > 255:
            raise ValueError(f"images must hold values from 0 to 255, got {images.min():g} to {images.max():g}")
        labels = check_labels("labels", labels, len(images), classes).astype(int)
        predictions, shares = outputs.argmax(axis=1), softmax(outputs.astype(float))
        counts = confusion_matrix(labels, predictions, classes)
        self._chosen, cells, kept = {}, {}, []
        for true, said in np.ndindex(counts.shape):
            inside = np.flatnonzero((labels == true) & (predictions == said))
            sure = shares[inside, said] * (1 if true == said else -1)
            self._chosen[true, said] = chosen = held(inside[np.argsort(sure, kind="stable")][:MOST])
            cells[f"{true},{said}"] = [
                [int(k), len(kept) + n, *(int(v) for v in np.rint(1000 * shares[k, [true, said]]))]
                for n, k in enumerate(chosen)
            ]
            kept.extend(chosen)
        self.set_trait("counts", counts.tolist())
        self.set_trait("_side", list(images.shape[1:]))
        self.set_trait("_cells", cells)
        self.set_trait("_pixels", images[kept].astype(np.uint8).tobytes())
        self._shares, self._images = shares, held(images)
        mistakes = counts - np.diag(np.diag(counts))
        first = np.unravel_index(mistakes.argmax(), counts.shape)
        super().__init__(
            row=int(first[0]) if row is None else row, col=int(first[1]) if col is None else col, **traits
        )

    @property
    def chosen(self):
        return self._chosen[self.row, self.col]

    def __repr__(self):
        counts = np.array(self.counts)
        mistakes = int(counts.sum() - counts.trace())
        plural = "s" * (mistakes != 1)
        return (
            f"ConfusionExplorer({counts.sum():,} images, {mistakes:,} mistake{plural}, cell ({self.row}, {self.col}))"
        )

    def describe(self):
        """Return what the chosen cell says, as one line of text.

        Examples
        --------
        >>> ConfusionExplorer(np.zeros((3, 2, 2)), [0, 1, 1], [[2, 0], [0, 1], [3, 1]]).describe()
        '1 of 2 images of a 1 is taken for a 0.'
        """
        count, total, right = self.counts[self.row][self.col], sum(self.counts[self.row]), self.row == self.col
        sure = t("confusion_explorer.least_sure" if right else "confusion_explorer.most_sure", most=MOST)
        more = sure if count > MOST else ""
        said = {"number": grouped(count), "total": grouped(total), "true": self.row, "more": more}
        if right:
            return t("confusion_explorer.says_right", count=count, **said)
        return t("confusion_explorer.says_wrong", count=count, said=self.col, **said)

    def picture(self):
        """Return the matrix and the chosen images as a `matplotlib.figure.Figure`."""
        colors, counts = figures.PALETTE["light"], np.array(self.counts)
        classes = len(counts)
        figure, ax = figures.canvas(28, 14.4, unit=0.32)
        small = {"color": colors["muted"], "fontsize": figures.points(ax, 0.5), "va": "center", "ha": "center"}
        pitch, left, top = 11.4 / classes, 1.7, 2.2
        most = (counts - np.diag(np.diag(counts))).max()
        for (true, said), count in np.ndenumerate(counts):
            place = (left + said * pitch, top + true * pitch)
            fill = colors["panel"] if true == said else figures.shade(count, most, "output")
            number = grouped(count)
            scale = figures.text_scale([number])
            figures.cell(ax, number if count else "", fill, place, size=pitch, scale=scale)
        figures.outline(ax, (left + self.col * pitch, top + self.row * pitch), pitch, pitch)
        for k in range(classes):
            ax.text(left + (k + 0.5) * pitch, top - 0.4, str(k), **small)
            ax.text(left - 0.4, top + (k + 0.5) * pitch, str(k), **small)
        ax.text(left + 5.7, 0.9, t("confusion_explorer.taken_for"), **small)
        ax.text(0.55, top + 5.7, t("confusion_explorer.true_class"), rotation=90, **small)
        across, side = (6, 1.9) if len(self.chosen) > 12 else (4, 2.9)
        for n, k in enumerate(self.chosen):
            place = (14.2 + n % across * (side + 0.4), 1.6 + n // across * (side + 1.1))
            figures.pixels(ax, self._images[k], "input", place=place, pitch=side / max(self._side), largest=255)
            figures.frame(ax, place, side, side)
            ax.text(place[0] + side / 2, place[1] + side + 0.4, belief(self._shares[k, self.col], brief=True), **small)
        title = t("confusion_explorer.how_sure", true=self.row, said=self.col)
        ax.text(14.2, 0.9, title, **{**small, "ha": "left"})
        ax.set(xlim=(0, 28), ylim=(14.4, 0))  # imshow moves them
        return figure
