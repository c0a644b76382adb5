"""Slide a filter over an image: window, products, sum and output cell in one linked view."""

import numpy as np
from traitlets import List, observe, validate

from cnnlib import figures
from cnnlib.conv import cross_correlate2d
from cnnlib.shapes import output_shape2d
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.traits import LIMIT, Flag, Index, InvalidTrait, Numbers, Whole
from cnnlib.words import t

IMAGE = ((1, 1, 1, 0, 0), (0, 1, 1, 1, 0), (0, 0, 1, 1, 1), (0, 0, 1, 1, 0), (0, 1, 1, 0, 0))
KERNEL = ((1, 0, 1), (0, 1, 0), (1, 0, 1))
LARGEST, LARGEST_KERNEL = 32, 11  # rows and columns: beyond it no screen has room for the numbers
SMALLEST = 8  # points of a caption
GEOMETRY = ("image", "kernel", "stride", "padding", "dilation")


class SlideFilter2D(TeachingWidget):
    r"""A kernel that you slide over an image by hand, and the output it leaves behind.

    .. math:: (I \star K)_{i,j} = \sum_{a,b} I_{s i + d a - p,\; s j + d b - p}\; K_{a,b}

    Parameters
    ----------
    image : array_like, shape (H, W)
        Default: the 5×5 image of the lecture. Up to about 12×12 reads well; 32×32 with
        its padding is the largest. From −10,000 to 10,000.
    kernel : array_like, shape (KH, KW)
        Default: the 3×3 filter of the lecture. At most 11×11.
    stride, dilation : int, default 1
        Step of the window :math:`s`, and step inside it :math:`d`.
    padding : int, default 0
        Zeros :math:`p` on each side of the image.
    row, col : int, default 0
        The output cell whose window is shown.
    reveal : bool, default False
        Show all outputs, not only those that the window has visited.

    Attributes
    ----------
    output : list of list of float, shape (OH, OW)
        The cross-correlation of `image` and `kernel`; follows every change, read only.
    playing : bool
        Whether the window moves by itself.

    Raises
    ------
    ValueError
        If an argument has the wrong rank or range, or the kernel exceeds the padded image.
        A change that would lead there is refused, and the widget keeps what it had.

    Examples
    --------
    >>> widget = SlideFilter2D(row=1, col=1)
    >>> widget
    SlideFilter2D(image 5×5, kernel 3×3, stride=1, padding=0, dilation=1, window at (1, 1))
    >>> widget.output
    [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    """

    _root = "cnn-slide-2d"

    image = Numbers(2, LARGEST).tag(sync=True)
    kernel = Numbers(2, LARGEST_KERNEL).tag(sync=True)
    stride = Whole(1, LIMIT).tag(sync=True)
    padding = Whole(0, LIMIT).tag(sync=True)
    dilation = Whole(1, LIMIT).tag(sync=True)
    row = Index(lambda self: self._check_geometry()[0]).tag(sync=True)
    col = Index(lambda self: self._check_geometry()[1]).tag(sync=True)
    reveal = Flag().tag(sync=True)
    playing = Flag().tag(sync=True)
    output = List(read_only=True)

    def __init__(self, image=IMAGE, kernel=KERNEL, *, stride=1, padding=0, dilation=1, row=0, col=0, **traits):
        super().__init__(
            image=image, kernel=kernel, stride=stride, padding=padding, dilation=dilation, row=row, col=col, **traits
        )

    @validate(*GEOMETRY)
    def _check_fit(self, proposal):
        self._check_geometry(**{proposal.trait.name: proposal.value})
        return proposal.value

    def _check_geometry(self, **changed):
        """Return the output's shape, or say why there is none."""
        now = {name: getattr(self, name) for name in GEOMETRY} | changed
        if (side := max(np.shape(now["image"])) + 2 * now["padding"]) > LARGEST:
            raise InvalidTrait(f"image must have at most {LARGEST} rows and columns with its padding, got {side}")
        try:
            return output_shape2d(
                np.shape(now["image"]), np.shape(now["kernel"]), now["stride"], now["padding"], now["dilation"]
            )
        except ValueError as error:
            raise InvalidTrait(str(error)) from None

    @observe(*GEOMETRY)
    def _follow(self, change):
        output = cross_correlate2d(self.image, self.kernel, self.stride, self.padding, self.dilation)
        self.set_trait("output", output.tolist())
        self.stay_inside()

    def __repr__(self):
        return (
            f"SlideFilter2D(image {_size(self.image)}, kernel {_size(self.kernel)}, stride={self.stride}, "
            f"padding={self.padding}, dilation={self.dilation}, window at ({self.row}, {self.col}))"
        )

    def describe(self):
        """Return what the picture says, as one line of text.

        Examples
        --------
        >>> SlideFilter2D(padding=1).describe()
        'Output (0, 0) of 5×5 is 2: the 3×3 kernel on rows −1, 0, 1 and columns −1, 0, 1 of the 5×5 image \
with padding 1.'
        """
        rows, columns = (", ".join(figures.format_number(index) for index in self._reach(axis)) for axis in (0, 1))
        value = figures.format_number(self.output[self.row][self.col])
        steps = {"stride": (self.stride, 1), "padding": (self.padding, 0), "dilation": (self.dilation, 1)}
        settings = ", ".join(
            f"{t(f'shared.step_{name}')} {value}" for name, (value, usual) in steps.items() if value != usual
        )
        said = {
            "row": self.row, "col": self.col, "output": _size(self.output), "sum": value, "kernel": _size(self.kernel),
            "rows": t("shared.rows_listed", rows=rows, count=len(self.kernel)), "image": _size(self.image),
            "columns": t("shared.columns_listed", columns=columns, count=len(self.kernel[0])),
        }
        if settings:
            return t("slide_filter_2d.says_with", settings=settings, **said)
        return t("slide_filter_2d.says", **said)

    def _reach(self, axis):
        """The rows (axis 0) or columns (axis 1) of the image that the window looks at."""
        start = (self.row, self.col)[axis] * self.stride - self.padding
        return [start + self.dilation * step for step in range(np.shape(self.kernel)[axis])]

    def picture(self):
        """Return the widget as it stands, as a `matplotlib.figure.Figure`.

        Outputs after the window, in reading order, are left blank unless `reveal` is set.
        """
        image, kernel, output = (np.array(values) for values in (self.image, self.kernel, self.output))
        padded = np.pad(image, self.padding)
        window = np.zeros(padded.shape, bool)
        window[np.ix_(*([index + self.padding for index in self._reach(axis)] for axis in (0, 1)))] = True
        outside = np.pad(np.zeros(image.shape, bool), self.padding, constant_values=True)
        order = np.arange(output.size).reshape(output.shape)
        blank = (order > order[self.row, self.col]) & (not self.reveal)

        widths = [values.shape[1] for values in (padded, kernel, output)]
        left = [0.5, widths[0] + 1.7, widths[0] + widths[1] + 2.9]
        tallest = max(values.shape[0] for values in (padded, kernel, output))
        width = max(sum(widths) + 3.4, 13.8)
        left = [x + (width - sum(widths) - 3.4) / 2 for x in left]
        top = [0.5 + (tallest - values.shape[0]) / 2 for values in (padded, kernel, output)]
        terms = [(padded[place], weight) for place, weight in zip(zip(*np.nonzero(window)), kernel.flat)]
        # Whole rows of the kernel on each line of the sum.
        per_line = max(int((width - 1.7) / 1.34) // widths[1], 1) * widths[1]
        lines = -(-len(terms) // per_line)
        height = tallest + 2.3 + 0.7 * lines

        figure, ax = figures.canvas(width, height, unit=min(0.5, 9 / width))
        figures.grid(ax, padded, "input", origin=(left[0], top[0]), focus=window, dashed=outside)
        figures.grid(ax, kernel, "weight", origin=(left[1], top[1]))
        figures.grid(ax, output, "output", origin=(left[2], top[2]), blank=blank)
        span = [self.dilation * (size - 1) + 1 for size in kernel.shape]
        corner = left[0] + self.col * self.stride, top[0] + self.row * self.stride
        figures.outline(ax, corner, span[1], span[0], linewidth=2.2 if self.dilation == 1 else 0.8)
        if self.dilation > 1:
            for row, column in np.argwhere(window):
                figures.outline(ax, (left[0] + column, top[0] + row), 1, 1)
        figures.outline(ax, (left[2] + self.col, top[2] + self.row), 1, 1)
        small, muted = max(figures.points(ax, 0.3), SMALLEST), figures.PALETTE["light"]["muted"]
        captions = [
            t(f"slide_filter_2d.picture_{name}", size=_size(values))
            for name, values in (("image", image), ("kernel", kernel), ("output", output))
        ]
        for caption, x, y, shown in zip(captions, left, top, (padded, kernel, output)):
            rows, columns = shown.shape
            ax.text(
                x + columns / 2, y + rows + 0.4, caption,
                color=muted, fontsize=small, ha="center", va="center",
            )
        for sign, x in (("⋆", left[1] - 0.6), ("=", left[2] - 0.6)):
            ax.text(x, 0.5 + tallest / 2, sign, color=muted, fontsize=2 * small, ha="center", va="center")
        self._write_sum(ax, terms, (left[0], tallest + 1.5), per_line)
        ax.text(
            left[0], height - 0.45,
            t("slide_filter_2d.picture_steps", stride=self.stride, padding=self.padding, dilation=self.dilation),
            color=muted, fontsize=small, va="center",
        )
        return figure

    def _write_sum(self, ax, terms, place, per_line):
        """Write the products and their sum, coloured as the grids are."""
        colors, number = figures.PALETTE["light"], figures.format_number
        ends = [np.abs(values).max() for values in (self.image, self.kernel, self.output)]
        style = {"color": colors["muted"], "ha": "center", "va": "center", "fontsize": figures.points(ax, 0.28)}
        total = self.output[self.row][self.col]
        if figures.points(ax, 1) < figures.LEGIBLE:
            said = t("slide_filter_2d.picture_sum", sum=number(total), count=len(terms))
            ax.text(*place, said, **style | {"ha": "left", "fontsize": SMALLEST})
            return
        scale = figures.text_scale([number(value) for value in (total, *np.ravel(terms))], 0.5)
        x, y = place
        figures.cell(ax, number(total), figures.shade(total, ends[2], "output"), (x, y), size=0.56, scale=scale)
        ax.text(x + 0.8, y + 0.28, "=", **style)
        for index, (value, weight) in enumerate(terms):
            left, top = x + 1.05 + 1.34 * (index % per_line), y + 0.7 * (index // per_line)
            focus = bool(value * weight)
            for shift, factor, role, end in ((0, value, "input", ends[0]), (0.66, weight, "weight", ends[1])):
                fill = figures.shade(factor, end, role, focus=focus)
                figures.cell(ax, number(factor), fill, (left + shift, top), size=0.56, scale=scale)
            ax.text(left + 0.61, top + 0.28, "·", **style)
            if index + 1 < len(terms):
                ax.text(left + 1.28, top + 0.28, "+", **style)


def _size(values):
    rows, columns = np.shape(values)
    return f"{rows}×{columns}"
