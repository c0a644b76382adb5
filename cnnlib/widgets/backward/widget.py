"""The backward pass of a convolution, position by position, beside central differences."""

import numpy as np
from traitlets import Dict, observe, validate

from cnnlib import figures
from cnnlib._validate import check_same_shape
from cnnlib.conv import conv2d_backward, cross_correlate2d
from cnnlib.gradcheck import numerical_gradient
from cnnlib.shapes import output_shape2d
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.slide_filter_2d import IMAGE, KERNEL
from cnnlib.widgets.traits import LIMIT, Cell, Flag, Index, InvalidTrait, Numbers, Whole, checked
from cnnlib.words import t

GRAD_OUTPUT = ((1, -1, 2), (-1, 1, 2), (2, 1, -1))
ARRAYS = ("image", "kernel", "grad_output")
LARGEST = 12  # rows and columns of an array


class Backward(TeachingWidget):
    r"""How the gradient of a convolution's output becomes those of its kernel and of its input.

    With :math:`y = x \star K` and :math:`G = \partial L / \partial y`, each position (i, j) adds
    its entry of G times its patch to one gradient, and times the kernel to the other:

    .. math::

        \frac{\partial L}{\partial K_{a,b}} = \sum_{i,j} G_{i,j}\, x_{s i + a,\, s j + b}, \qquad
        \frac{\partial L}{\partial x_{s i + a,\, s j + b}} \mathrel{+}= G_{i,j}\, K_{a,b}

    Parameters
    ----------
    image : array_like, shape (H, W)
        The input x. Default: the 5×5 image of the lecture. Up to about 8×8 reads well;
        12×12 is the largest. All numbers from −10,000 to 10,000.
    kernel : array_like, shape (KH, KW)
        Default: the 3×3 filter of the lecture.
    grad_output : array_like, shape (OH, OW), optional
        G. Default: an example for a 3×3 output, and ones for any other shape.
    stride : int, default 1
    row, col : int, default 0
        The position whose contribution is the last that has been added, in reading order.
    weight : (int, int), default (0, 0)
        The entry of the kernel whose gradient is written out.
    pixel : (int, int), optional
        The entry of the input whose gradient is written out. Default: the middle.

    Attributes
    ----------
    numerical : dict
        Both gradients by central differences of :math:`L = \sum G \odot y` ("image", "kernel"),
        and the arrays that they are for ("of"); follows every change.
    playing : bool
        Whether the positions are added by themselves.

    Raises
    ------
    ValueError
        If an argument has the wrong rank or range, or `grad_output` is not of the output's shape.
        A change that would lead there is refused, and the widget keeps what it had.

    Examples
    --------
    >>> widget = Backward(row=2, col=2)
    >>> widget
    Backward(image 5×5, kernel 3×3, stride=1, 9 of 9 positions)
    >>> widget.gradients()[1]
    array([[4., 2., 3.],
           [2., 5., 5.],
           [4., 7., 4.]])
    """

    _root = "cnn-backward"
    _follows = (("grad_output", ("image", "kernel", "stride")), ("pixel", ("image",)))

    image = Numbers(2, LARGEST).tag(sync=True)
    kernel = Numbers(2, LARGEST).tag(sync=True)
    grad_output = Numbers(2, LARGEST).tag(sync=True)
    stride = Whole(1, LIMIT).tag(sync=True)
    row = Index(lambda self: len(self.grad_output)).tag(sync=True)
    col = Index(lambda self: len(self.grad_output[0])).tag(sync=True)
    weight = Cell(lambda self: np.shape(self.kernel)).tag(sync=True)
    pixel = Cell(lambda self: np.shape(self.image)).tag(sync=True)
    playing = Flag().tag(sync=True)
    numerical = Dict(read_only=True).tag(sync=True)

    def __init__(self, image=IMAGE, kernel=KERNEL, grad_output=None, *, stride=1, row=0, col=0, weight=(0, 0),
                 pixel=None, **traits):
        kind = type(self)
        image, kernel, stride = kind.image.checked(image), kind.kernel.checked(kernel), kind.stride.checked(stride)
        if grad_output is None:
            shape = _output_shape(image, kernel, stride)
            grad_output = GRAD_OUTPUT if shape == np.shape(GRAD_OUTPUT) else np.ones(shape, int)
        super().__init__(
            image=image, kernel=kernel, grad_output=grad_output, stride=stride, row=row, col=col, weight=weight,
            pixel=[size // 2 for size in np.shape(image)] if pixel is None else pixel, **traits,
        )

    @validate(*ARRAYS, "stride")
    def _check_fit(self, proposal):
        self._check_geometry(**{proposal.trait.name: proposal.value})
        return proposal.value

    def _check_geometry(self, **changed):
        """Raise unless the arrays fit together."""
        now = {name: getattr(self, name) for name in (*ARRAYS, "stride")} | changed
        shape = _output_shape(now["image"], now["kernel"], now["stride"])
        checked(lambda name, value: check_same_shape(name, np.asarray(value), shape), "grad_output", now["grad_output"])

    @observe(*ARRAYS, "stride")
    def _follow(self, change):
        self.stay_inside()
        x, kernel, grad = (np.array(getattr(self, name), float) for name in ARRAYS)

        def loss(x, kernel):
            return float((grad * cross_correlate2d(x, kernel, self.stride)).sum())

        self.set_trait("numerical", {
            "image": _central(lambda x: loss(x, kernel), x).tolist(),
            "kernel": _central(lambda kernel: loss(x, kernel), kernel).tolist(),
            "of": [self.image, self.kernel, self.grad_output, self.stride],
        })

    @property
    def count(self):
        """How many positions have been added."""
        return self.row * np.shape(self.grad_output)[1] + self.col + 1

    def gradients(self, count=None):
        """Return the sums over the first positions, in reading order.

        Parameters
        ----------
        count : int, optional
            How many. Default: as many as the widget shows.

        Returns
        -------
        grad_image : ndarray, shape (H, W)
        grad_kernel : ndarray, shape (KH, KW)
        """
        x, kernel, grad = (np.array(getattr(self, name), float) for name in ARRAYS)
        grad.flat[self.count if count is None else count :] = 0
        grad_image, grad_kernel, _ = conv2d_backward(grad[None, None], x[None, None], kernel[None, None], self.stride)
        return grad_image[0, 0], grad_kernel[0, 0]

    def terms(self, which):
        """Return what adds up to the gradient of the chosen weight or pixel.

        Parameters
        ----------
        which : {"weight", "pixel"}

        Returns
        -------
        list of ((int, int), (int, int))
            A position of `grad_output`, and the entry of the image (or of the kernel) that meets it there.
        """
        (r, c), s = (self.weight if which == "weight" else self.pixel), self.stride
        places = [tuple(int(n) for n in place) for place in np.ndindex(*np.shape(self.grad_output))]
        if which == "weight":
            return [((i, j), (i * s + r, j * s + c)) for i, j in places]
        met = [((i, j), (r - i * s, c - j * s)) for i, j in places]
        rows, columns = np.shape(self.kernel)
        return [(place, (a, b)) for place, (a, b) in met if 0 <= a < rows and 0 <= b < columns]

    def __repr__(self):
        return (
            f"Backward(image {_size(self.image)}, kernel {_size(self.kernel)}, stride={self.stride}, "
            f"{self.count} of {np.size(self.grad_output)} positions)"
        )

    def describe(self):
        """Return what the picture says, as one line of text.

        Examples
        --------
        >>> Backward().describe()
        'Position (0, 0), 1 of 9: G is 1. It adds 1 × its patch to ∂L/∂K, and 1 × K to rows 0, 1, 2 and \
columns 0, 1, 2 of ∂L/∂x. Of ∂L/∂K(0, 0) this makes 1, in all 4; of ∂L/∂x(2, 2) 1, in all 5.'
        """
        number, g = figures.format_number, figures.format_number(self.grad_output[self.row][self.col])
        reach = [
            ", ".join(str(start * self.stride + step) for step in range(size))
            for start, size in zip((self.row, self.col), np.shape(self.kernel))
        ]
        parts = {}
        for name, place, side in (("weight", self.weight, 1), ("pixel", self.pixel, 0)):
            now, total = (gradients[side][tuple(place)] for gradients in (self.gradients(), self.gradients(self._all)))
            parts |= {name: ", ".join(map(str, place)), f"{name}_now": number(now), f"{name}_all": number(total)}
        return t(
            "backward.says", row=self.row, col=self.col, count=self.count, all=self._all, g=g,
            rows=t("shared.rows_listed", rows=reach[0], count=len(self.kernel)),
            columns=t("shared.columns_listed", columns=reach[1], count=len(self.kernel[0])), **parts,
        )

    @property
    def _all(self):
        return np.size(self.grad_output)

    def _ends(self):
        """Where the scales of both gradients end: no sum on the way goes beyond."""
        walk = [self.gradients(count) for count in range(1, self._all + 1)]
        return [max(float(np.abs(step[side]).max()) for step in walk) for side in (0, 1)]

    def picture(self):
        """Return the widget as it stands, as a `matplotlib.figure.Figure`."""
        x, kernel, grad = (np.array(getattr(self, name)) for name in ARRAYS)
        (now_x, now_k), ends = self.gradients(), self._ends()
        g, span = grad[self.row, self.col], kernel.shape
        at = self.row * self.stride, self.col * self.stride
        patch = x[at[0] : at[0] + span[0], at[1] : at[1] + span[1]]
        side, high, gap = max(x.shape[1], 5), max(x.shape[0], span[0]), 1.0
        room = [max(grad.shape[1], 3), 1, side, max(span[1], 3), side, side]  # at least that of their titles
        columns = [0.5 + sum(room[:k]) + k * gap for k in range(len(room))]
        width = columns[-1] + side + 0.5
        lanes = 0.4, 0.4 + high + 1.3
        blocks = [self.terms("weight"), self.terms("pixel")]
        rows = max(-(-len(terms) // self._per_line(terms)) for terms in blocks)
        bottom = max(lanes[1] + high + 1.7, 2 * high + 3.4)
        figure, ax = figures.canvas(width, bottom + max(rows * 1.25, 2) + 0.3, unit=min(0.5, 9.6 / width))
        muted = figures.PALETTE["light"]["muted"]
        style = {"color": muted, "ha": "center", "va": "center"}
        small = figures.points(ax, 0.42)

        def panel(values, role, lane, column, title, **options):
            wide, tall = values.shape[1], values.shape[0]
            place = columns[column] + (room[column] - wide) / 2, lanes[lane] + (high - tall) / 2
            if column == 0:
                place = place[0], lanes[0] + (2 * high + 1.3 - tall) / 2
            figures.grid(ax, values, role, origin=place, **options)
            ax.text(place[0] + wide / 2, place[1] + tall + 0.45, title, fontsize=small, **style)
            return place

        later = np.arange(grad.size).reshape(grad.shape) >= self.count
        place = panel(grad, "output", 0, 0, "G = ∂L/∂y", dashed=later)
        figures.outline(ax, (place[0] + self.col, place[1] + self.row), 1, 1)
        windows = np.zeros(x.shape, bool)
        windows[at[0] : at[0] + span[0], at[1] : at[1] + span[1]] = True
        reached = np.zeros(x.shape, bool)
        for i, j in np.argwhere(~later) * self.stride:
            reached[i : i + span[0], j : j + span[1]] = True
        for lane, factor, role, end, total, other in (
            (0, x, "input", ends[1], now_k, self.numerical["kernel"]),
            (1, kernel, "weight", ends[0], now_x, self.numerical["image"]),
        ):
            became = "weight" if lane == 0 else "input"
            panel(np.array([[g]]), "output", lane, 1, "", largest=np.abs(grad).max() or 1)
            seen = windows if lane == 0 else None
            name = t("backward.picture_kernel" if lane else "backward.picture_input", size=_size(kernel if lane else x))
            first = panel(factor, role, lane, 2, name, focus=seen)
            share, name = (patch, t("backward.times_patch", g="G")) if lane == 0 else (kernel, "G · K")
            panel(g * share, became, lane, 3, name, largest=end)
            name = t("backward.picture_sum", gradient=f"∂L/∂{'Kx'[lane]}", count=self.count, all=self._all)
            last = panel(total, became, lane, 4, name, largest=end, blank=None if lane == 0 else ~reached)
            panel(np.array(other), became, lane, 5, t("backward.differences"), largest=end)
            corner = first if lane == 0 else last
            figures.outline(ax, (corner[0] + at[1], corner[1] + at[0]), span[1], span[0])
            middle = lanes[lane] + high / 2
            for column, sign in ((2, "×"), (3, "="), (4, "→"), (5, "≈" if self.count == self._all else "")):
                ax.text(columns[column] - gap / 2, middle, sign, fontsize=figures.points(ax, 0.6), **style)
        for which, terms, left in zip(("weight", "pixel"), blocks, (0.5, width / 2 + 0.3)):
            self._write_terms(ax, which, terms, (left, bottom), ends)
        return figure

    def _per_line(self, terms):
        """The positions of one row of G stand on one line; at most four, for the room."""
        return min(sum(place[0] == terms[0][0][0] for place, _ in terms), 4) or 1

    def _write_terms(self, ax, which, terms, place, ends):
        """Write the terms of one gradient, coloured as the grids are; those not yet added are dashed."""
        number, style = figures.format_number, {"color": figures.PALETTE["light"]["muted"], "va": "center"}
        size, small = figures.points(ax, 0.42), figures.points(ax, 0.3)
        side, (r, c) = which == "weight", getattr(self, which)
        now, total = self.gradients()[side][r, c], self.gradients(self._all)[side][r, c]
        letter, values, role = ("x", np.array(self.image), "input") if side else ("K", np.array(self.kernel), "weight")
        grad, left, top = np.array(self.grad_output), *place
        scale = figures.text_scale(map(number, (*grad.flat, *values.flat)), 0.42)
        ax.text(left, top + 0.05, f"∂L/∂{'xK'[side]}{_subscript(r, c)}", fontsize=size, weight="bold", **style)
        fill = figures.shade(now, ends[side], "weight" if side else "input")
        figures.cell(ax, number(now), fill, (left, top + 0.4), size=0.9, scale=figures.text_scale([number(now)], 0.42))
        ax.text(left + 1.1, top + 0.85, t("backward.so_far"), fontsize=size, **style)
        ax.text(left, top + 1.7, t("backward.in_all", number=number(total)), fontsize=size, **style)
        for index, ((i, j), (a, b)) in enumerate(terms):
            per_line = self._per_line(terms)
            x, y = left + 3.2 + 2.6 * (index % per_line), top + 1.25 * (index // per_line) - 0.2
            added = i * grad.shape[1] + j < self.count
            for shift, value, kind, array, name in (
                (0, grad[i, j], "output", grad, f"G{_subscript(i, j)}"),
                (1.05, values[a, b], role, values, f"{letter}{_subscript(a, b)}"),
            ):
                shown = figures.shade(value, np.abs(array).max(), kind) if added else None
                figures.cell(ax, number(value), shown, (x + shift, y), size=0.8, scale=scale)
                ax.text(x + shift + 0.4, y + 0.97, name, fontsize=small, ha="center", **style)
            ax.text(x + 0.92, y + 0.4, "·", fontsize=size, ha="center", **style)
            if index + 1 < len(terms):
                ax.text(x + 2.22, y + 0.4, "+", fontsize=size, ha="center", **style)


def _output_shape(image, kernel, stride):
    try:
        return output_shape2d(np.shape(image), np.shape(kernel), stride)
    except ValueError as error:
        raise InvalidTrait(str(error)) from None


def _central(function, x):
    """Return central differences whose step suits the largest entry: less would drown in the rounding of its share."""
    size = 2.0 ** np.frexp(np.abs(x).max())[1]  # to divide by a power of two is exact
    return numerical_gradient(lambda x: function(size * x), x / size) / size


def _size(values):
    rows, columns = np.shape(values)
    return f"{rows}×{columns}"


def _subscript(row, column):
    comma = "," if max(row, column) > 9 else ""
    return f"{row}{comma}{column}".translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
