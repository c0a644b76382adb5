"""Slide a filter along a signal: window, products, sum and the lit row of the weight matrix."""

import numpy as np
from traitlets import List, observe, validate

from cnnlib import figures
from cnnlib.conv import convolve1d, cross_correlate1d
from cnnlib.matrices import NO_EDGE, conv1d_index
from cnnlib.shapes import PADDINGS, output_size, resolve_padding
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.traits import LIMIT, Choice, Flag, Index, InvalidTrait, Numbers, Whole
from cnnlib.words import t

SIGNAL = (1, 1, 1, 0, 0)
KERNEL = (1, 0, 1)
LONGEST = {"signal": 16, "kernel": len(figures.PALETTE["light"]["theta"]), "padded": 64}
GEOMETRY = ("signal", "kernel", "stride", "padding", "dilation", "flip")


class SlideFilter1D(TeachingWidget):
    r"""A filter that you slide along a signal by hand; the row of its matrix lights up.

    .. math:: y_i = \sum_j \theta_j\, x_{s i + d j - p}

    Under the signal stands the matrix of the same layer, column below entry: as the window moves
    to the right, the lit row moves down. Each weight has its own colour.

    Parameters
    ----------
    signal : array_like, shape (n,)
        Default: the lecture's x. At most 16 numbers from −10,000 to 10,000, 64 with padding.
    kernel : array_like, shape (m,)
        Default: the lecture's θ. At most 7 weights.
    stride, dilation : int, default 1
        Step of the window :math:`s`, and step inside it :math:`d`.
    padding : {"valid", "same", "full"}, default "valid"
        Which rule says how many zeros :math:`p` stand before and after the signal.
    flip : bool, default False
        Mirror the kernel first: the convolution of mathematics, `cnnlib.convolve1d`.
    position : int, default 0
        The output whose window is shown.
    reveal : bool, default False
        Show all outputs, not only those that the window has visited.

    Attributes
    ----------
    output : list of float, shape (output_size,)
        Follows every change, read only.
    playing : bool
        Whether the window moves by itself.

    Raises
    ------
    ValueError
        If an argument has the wrong rank or range, or the kernel exceeds the padded signal.
        A change that would lead there is refused, and the widget keeps what it had.

    Examples
    --------
    >>> widget = SlideFilter1D(position=1)
    >>> widget
    SlideFilter1D(signal of 5, kernel of 3, stride=1, padding='valid', dilation=1, flip=False, window at 1)
    >>> widget.output
    [2, 1, 1]
    """

    _root = "cnn-slide-1d"

    signal = Numbers(1, LONGEST["signal"]).tag(sync=True)
    kernel = Numbers(1, LONGEST["kernel"]).tag(sync=True)
    stride = Whole(1, LIMIT).tag(sync=True)
    dilation = Whole(1, LIMIT).tag(sync=True)
    padding = Choice(*PADDINGS).tag(sync=True)
    flip = Flag().tag(sync=True)
    position = Index(lambda self: self._check_geometry()).tag(sync=True)
    reveal = Flag().tag(sync=True)
    playing = Flag().tag(sync=True)
    output = List(read_only=True)

    def __init__(self, signal=SIGNAL, kernel=KERNEL, *, stride=1, padding="valid", dilation=1, position=0, **traits):
        super().__init__(
            signal=signal, kernel=kernel, stride=stride, padding=padding, dilation=dilation, position=position, **traits
        )

    @validate(*GEOMETRY)
    def _check_fit(self, proposal):
        self._check_geometry(**{proposal.trait.name: proposal.value})
        return proposal.value

    def _check_geometry(self, **changed):
        """Return the output's length, or say why there is none."""
        now = {name: getattr(self, name) for name in GEOMETRY} | changed
        n, m, stride, padding, dilation = len(now["signal"]), len(now["kernel"]), *(now[name] for name in GEOMETRY[2:5])
        try:
            count = output_size(n, m, stride, padding, dilation)
            padded = n + sum(resolve_padding(padding, m, dilation, stride=stride))
        except ValueError as error:
            raise InvalidTrait(str(error)) from None
        if padded > LONGEST["padded"]:
            raise InvalidTrait(f"signal must have at most {LONGEST['padded']} places with its padding, got {padded}")
        return count

    @observe(*GEOMETRY)
    def _follow(self, change):
        operation = convolve1d if self.flip else cross_correlate1d
        output = operation(self.signal, self.kernel, self.stride, self.padding, self.dilation)
        self.set_trait("output", output.tolist())
        self.stay_inside()

    def __repr__(self):
        return (
            f"SlideFilter1D(signal of {len(self.signal)}, kernel of {len(self.kernel)}, stride={self.stride}, "
            f"padding={self.padding!r}, dilation={self.dilation}, flip={self.flip}, window at {self.position})"
        )

    @property
    def index(self):
        """Which weight sits on each edge, as `cnnlib.conv1d_index`; flipped when `flip` is set.

        Returns
        -------
        ndarray of int64, shape (output_size, n)
            −1 where there is no edge.

        Examples
        --------
        >>> SlideFilter1D(flip=True).index
        array([[ 2,  1,  0, -1, -1],
               [-1,  2,  1,  0, -1],
               [-1, -1,  2,  1,  0]])
        """
        n, m = len(self.signal), len(self.kernel)
        before, after = self._zeros()
        index = conv1d_index(before + n + after, m, self.stride, 0, self.dilation)[:, before : before + n]
        return np.where(index == NO_EDGE, NO_EDGE, m - 1 - index) if self.flip else index

    def _zeros(self):
        """Zeros before and after the signal; flipping the kernel mirrors them too."""
        before, after = resolve_padding(self.padding, len(self.kernel), self.dilation, stride=self.stride)
        return (after, before) if self.flip else (before, after)

    def _taps(self):
        """The window's terms from left to right: where in the signal, its value, which weight."""
        m, start = len(self.kernel), self.position * self.stride - self._zeros()[0]
        places = [start + self.dilation * slot for slot in range(m)]
        weights = range(m)[::-1] if self.flip else range(m)
        return [(at, self.signal[at] if 0 <= at < len(self.signal) else 0, j) for at, j in zip(places, weights)]

    def describe(self):
        """Return what the picture says, as one line of text.

        Examples
        --------
        >>> SlideFilter1D(padding="same").describe()
        'Output y[0] of length 5 is 1: the filter (1, 0, 1) on x[−1], x[0], x[1] = (0, 1, 1) \
with “same” padding.'
        """
        number, taps = figures.format_number, self._taps()
        weights = ", ".join(number(self.kernel[j]) for _, _, j in taps)
        places = ", ".join(f"x[{number(at)}]" for at, _, _ in taps)
        values = ", ".join(number(value) for _, value, _ in taps)
        unusual = [t("slide_filter_1d.rule", rule=self.padding)] if self.padding != "valid" else []
        steps = {name: value for name in ("stride", "dilation") if (value := getattr(self, name)) != 1}
        unusual += [f"{t(f'shared.step_{name}')} {value}" for name, value in steps.items()]
        return t(
            f"slide_filter_1d.says{'_flipped' * self.flip}{'_with' * bool(unusual)}",
            place=self.position, count=len(self.output), value=number(self.output[self.position]),
            weights=weights, places=places, values=values, settings=", ".join(unusual),
        )

    def picture(self):
        """Return the widget as it stands, as a `matplotlib.figure.Figure`.

        Outputs after the window are left blank unless `reveal` is set.
        """
        number, colors = figures.format_number, figures.PALETTE["light"]
        n, m, count = len(self.signal), len(self.kernel), len(self.output)
        before, after = self._zeros()
        taps, padded = self._taps(), np.pad(self.signal, (before, after))
        ends = [max(map(abs, values), default=0) for values in (self.signal, self.output)]
        fit = {
            name: figures.text_scale(map(number, values))
            for name, values in (("input", padded), ("weight", self.kernel), ("output", self.output))
        }

        left = m + 2.4  # where column 0 of the padded signal stands
        width = max(left + max(len(padded) + 1.6, before + n + 2.4), 13.8)
        shift = (width - left - max(len(padded) + 0.6, before + n + 2.1)) / 2
        home, left = shift - 0.3 + 0.6, left + shift - 0.3
        top, matrix = 1.3, 5.0
        height = matrix + count + 1.3
        figure, ax = figures.canvas(width, height, unit=min(0.5, 9 / width))
        small = figures.points(ax, 0.3)
        note = {"color": colors["muted"], "fontsize": small, "ha": "center", "va": "center"}

        def weight(j, place, focus=True):
            fill = theta(j, focus)
            figures.cell(ax, number(self.kernel[j]), fill, place, scale=fit["weight"])

        # The filter at home, and the signal with the window on it
        for j in range(m):
            weight(j, (home + j, top))
            ax.text(home + j + 0.5, top - 0.3, f"θ{subscript(j)}", **note)
        for c, value in enumerate(padded):
            at = c - before
            focus = any(at == place for place, _, _ in taps)
            inside = 0 <= at < n
            fill = figures.shade(value, ends[0], "input", focus=focus) if inside else None
            figures.cell(ax, number(value), fill, (left + c, top), scale=fit["input"])
            ax.text(left + c + 0.5, top - 0.3, number(at), **note)
        for slot, (at, value, j) in enumerate(taps):
            x = left + before + at
            weight(j, (x, top + 1))
            ax.text(x + 0.5, top + 2.4, number(value * self.kernel[j]), **note | {"color": colors["ink"]})
            if slot:
                ax.text(x - (self.dilation - 1) / 2, top + 2.4, "+", **note)
        start, span = left + self.position * self.stride, self.dilation * (m - 1) + 1
        ax.text(start + span + 0.15, top + 2.4, f"= {number(self.output[self.position])}", **note | {"ha": "left"})
        figures.outline(ax, (start, top), span, 2.8, linewidth=2.2 if self.dilation == 1 else 0.8)
        if self.dilation > 1:
            for at, _, _ in taps:
                figures.outline(ax, (left + before + at, top), 1, 2.8)

        # The matrix below the signal, column under entry, and the output beside it
        for (i, c), j in np.ndenumerate(self.index):
            place = (left + before + c, matrix + i)
            if j == NO_EDGE:
                figures.cell(ax, "", colors["panel"], place)
                ax.text(place[0] + 0.5, place[1] + 0.5, "0", **note)
            else:
                weight(j, place, focus=i == self.position)
        out = left + before + n + 0.9
        for i, value in enumerate(self.output):
            hidden = i > self.position and not self.reveal
            text, fill = ("", None) if hidden else (number(value), figures.shade(value, ends[1], "output"))
            figures.cell(ax, text, fill, (out, matrix + i), scale=fit["output"])
        figures.outline(ax, (left + before, matrix + self.position), n, 1)
        figures.outline(ax, (out, matrix + self.position), 1, 1)
        ax.text(out - 0.45, matrix + count / 2, "=", **note | {"fontsize": 1.6 * small})

        ax.text(home + m / 2, top + 1.35, f"{t('slide_filter_1d.filter')} · {m}", **note)
        ax.text(left - 0.2, top + 0.5, "x", **note | {"ha": "right"})
        ax.text(left + before + n / 2, matrix + count + 0.4, f"Θ · {count} × {n}", **note)
        ax.text(out + 0.5, matrix + count + 0.4, f"y · {count}", **note)
        steps = t(
            f"slide_filter_1d.picture_steps{'_flipped' * self.flip}",
            rule=self.padding, stride=self.stride, dilation=self.dilation,
        )
        ax.text(home, height - 0.45, steps, **note | {"ha": "left"})
        return figure


def theta(j, focus=True):
    """The colour of weight j in the light theme; outside the lit row it steps back."""
    colors = figures.PALETTE["light"]
    return figures.mix(colors["surface"], colors["theta"][j], 1 if focus else figures.UNFOCUSED)


def subscript(index):
    """Return an integer in subscript digits.

    >>> subscript(12)
    '₁₂'
    """
    return str(index).translate(str.maketrans("0123456789-", "₀₁₂₃₄₅₆₇₈₉₋"))
