"""The linked view: a layer as a network graph, as a matrix and as the equation of one unit."""

import numpy as np
from matplotlib.patches import Circle, PathPatch
from matplotlib.path import Path
from traitlets import Dict, List, observe, validate

from cnnlib import figures
from cnnlib.functional import sigmoid
from cnnlib.matrices import KINDS, NO_EDGE, conv1d_index, parameter_count, weight_matrix
from cnnlib.shapes import output_size
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.traits import LIMIT, Choice, Index, InvalidTrait, Numbers, Whole
from cnnlib.words import t

MOST = 12
INPUTS = (1, 1, 1, 0, 0)
ACTIVATIONS = ("identity", "sigmoid")
PADDINGS = ("same", "valid")


class LinkedView(TeachingWidget):
    r"""One layer seen three ways at once: its edges, its weight matrix, the equation of a unit.

    .. math:: a'_i = g\Big(\sum_j \Theta_{i,j}\, a_j\Big), \qquad
        \Theta_{i,j} = \theta_{j - s i + p} \text{ where weights are shared}

    Parameters
    ----------
    n : int, default 5
        Inputs, 1 to 12; taken from `inputs` where those are given.
    kernel_size : int, default 3
        Neighbouring inputs that a unit may see, at most `n`; odd for "same" padding.
        Taken from `theta` where that is given.
    kind : {"full", "local", "shared"}
    inputs : array_like, shape (n,), optional
        The activations :math:`a`. Default: 1, 1, 1, 0, 0 and so on.
    theta : array_like, shape (kernel_size,), optional
        The shared filter :math:`\theta`. Default: 1, 0, 1 and so on.
    weights : array_like, shape (n, n), optional
        The free weights of "full"; "local" uses those that have an edge.
    row : int, optional
        The unit :math:`i` that is looked at. Default: the middle one.
    padding : {"same", "valid"}
        "same": ``(kernel_size − 1) / 2`` zeros :math:`p` on each side, which have no column in
        Θ. "valid": none, and fewer units.
    stride : int, default 1
        Step of the window :math:`s` from one unit to the next.
    activation : {"identity", "sigmoid"}
        :math:`g`.

    Attributes
    ----------
    index : ndarray of int64, shape (units, n)
        Which parameter sits on which edge; −1 where there is none.
    matrix : ndarray, shape (units, n)
        Θ.
    outputs : list of float, shape (units,)
        The activations :math:`a'`; follows every change, read only.
    parameters, links : int
        Different weights, and edges.

    Raises
    ------
    ValueError
        If an argument has the wrong rank, range or length. A change that would lead there is
        refused, and the widget keeps what it had.

    Examples
    --------
    >>> widget = LinkedView(kind="shared")
    >>> widget
    LinkedView(n=5, kernel_size=3, kind='shared', row=2, padding='same', stride=1, activation='identity')
    >>> widget.outputs
    [1, 2, 1, 1, 0]
    >>> [LinkedView(kind=kind).parameters for kind in ("full", "local", "shared")]
    [25, 13, 3]
    """

    _root = "cnn-linked"
    _follows = (("row", ("n", "inputs", "kernel_size", "theta", "padding", "stride")), ("theta", ("kernel_size",)))

    n = Whole(1, MOST).tag(sync=True)
    kernel_size = Whole(1, MOST).tag(sync=True)
    kind = Choice(*KINDS).tag(sync=True)
    inputs = Numbers(1, MOST).tag(sync=True)
    theta = Numbers(1, MOST).tag(sync=True)
    weights = Numbers(2, MOST).tag(sync=True)
    row = Index(lambda self: self._units()).tag(sync=True)
    padding = Choice(*PADDINGS).tag(sync=True)
    stride = Whole(1, LIMIT).tag(sync=True)
    activation = Choice(*ACTIVATIONS).tag(sync=True)
    outputs = List(read_only=True)
    _colors = Dict(read_only=True).tag(sync=True)

    def __init__(self, n=None, kernel_size=None, kind="full", *, inputs=None, theta=None, weights=None, row=None,
                 padding="same", stride=1, activation="identity", **traits):
        kind_of = type(self)
        inputs, theta = (trait.checked(value) if value is not None else None
                         for trait, value in ((kind_of.inputs, inputs), (kind_of.theta, theta)))
        n = _length(kind_of.n, n, inputs, len(INPUTS))
        m = _length(kind_of.kernel_size, kernel_size, theta, min(3, n - 1 + n % 2))
        padding, stride = kind_of.padding.checked(padding), kind_of.stride.checked(stride)
        _check_kernel(m, n, padding)
        units = output_size(n, m, stride, _zeros(m, padding))
        self.set_trait("_colors", {theme: weight_colors(theme) for theme in figures.PALETTE})
        super().__init__(
            n=n, kernel_size=m, kind=kind, padding=padding, stride=stride, activation=activation,
            inputs=[INPUTS[j % 5] for j in range(n)] if inputs is None else inputs,
            theta=[1 - k % 2 for k in range(m)] if theta is None else theta,
            weights=free_weights(n) if weights is None else weights,
            row=(units - 1) // 2 if row is None else row, **traits,
        )

    # Checks ---------------------------------------------------------------------------------------

    @validate("kernel_size", "padding")
    def _check_fit(self, proposal):
        _check_kernel(**{"m": self.kernel_size, "n": self.n, "padding": self.padding}
                      | {"m" if proposal.trait.name == "kernel_size" else "padding": proposal.value})
        return proposal.value

    @validate("theta")
    def _check_theta(self, proposal):
        _check_kernel(len(proposal.value), self.n, self.padding)
        return proposal.value

    @validate("weights")
    def _check_weights(self, proposal):
        if np.shape(proposal.value) != (self.n, self.n):
            raise InvalidTrait(f"weights must have shape {(self.n, self.n)}, got {np.shape(proposal.value)}")
        return proposal.value

    # What follows from what -----------------------------------------------------------------------

    @observe("n", "kernel_size", "inputs", "theta", "weights", "kind", "padding", "stride", "activation")
    def _follow(self, change):
        # A size that is set resizes the numbers, numbers that are set resize.
        if change.name in ("inputs", "theta"):
            setattr(self, {"inputs": "n", "theta": "kernel_size"}[change.name], len(change.new))
        if self.kernel_size > self.n:
            self.kernel_size = self.n - (self.n % 2 == 0)
        if len(self.inputs) != self.n:
            self.inputs = (self.inputs + [INPUTS[j % 5] for j in range(len(self.inputs), self.n)])[: self.n]
        if len(self.theta) != self.kernel_size:
            self.theta = resize_filter(self.theta, self.kernel_size)
        if len(self.weights) != self.n:
            kept = self.weights
            self.weights = [[kept[i][j] if max(i, j) < len(kept) else value for j, value in enumerate(line)]
                            for i, line in enumerate(free_weights(self.n))]
        z = self.matrix @ np.array(self.inputs)
        self.set_trait("outputs", (z if self.activation == "identity" else sigmoid(z.astype(float))).tolist())
        self.stay_inside()

    @property
    def index(self):
        edges = conv1d_index(self.n, self.kernel_size, self.stride, self._zeros())
        if self.kind == "shared":
            return edges
        free = np.ones(edges.shape, bool) if self.kind == "full" else edges != NO_EDGE
        index = np.full(edges.shape, NO_EDGE)
        index[free] = np.arange(free.sum())
        return index

    @property
    def matrix(self):
        index = self.index
        if self.kind == "shared":
            return weight_matrix(index, self.theta)
        return weight_matrix(index, np.array(self.weights)[: len(index)][index != NO_EDGE])

    @property
    def links(self):
        return int((self.index != NO_EDGE).sum())

    @property
    def parameters(self):
        # A filter is learned whole, even where a stride leaves one of its weights without an edge.
        return self.kernel_size if self.kind == "shared" else parameter_count(self.index)

    def _zeros(self):
        return _zeros(self.kernel_size, self.padding)

    def _units(self):
        m = min(self.kernel_size, self.n)  # a shorter layer is followed by its kernel a moment later
        return output_size(self.n, m, self.stride, _zeros(m, self.padding))

    # Words ----------------------------------------------------------------------------------------

    def __repr__(self):
        names = ("n", "kernel_size", "kind", "row", "padding", "stride", "activation")
        return f"LinkedView({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    def formula(self):
        """Return how the number of parameters follows from n and m.

        Examples
        --------
        >>> [LinkedView(9, 5, kind).formula() for kind in ("full", "local", "shared")]
        ['n²', '5n − 6', 'm']
        """
        m = self.kernel_size
        if self.kind == "shared":
            return "m"
        if self.stride > 1:
            return t("linked_view.units_n") if self.kind == "full" else t("linked_view.one_a_link")
        if self.padding == "valid":
            shrunk = f"n − {m - 1}" if m > 1 else "n"
            return f"n({shrunk})" if self.kind == "full" else f"{m}({shrunk})"
        missing = (m * m - 1) // 4
        return "n²" if self.kind == "full" else f"{m}n − {missing}" if missing else "n"

    def terms(self):
        """Return the names in the sum of the unit looked at, as (weight, input) pairs."""
        return [(self._name(self.row, j), f"a{_low(j)}") for j in np.flatnonzero(self.index[self.row] != NO_EDGE)]

    def _name(self, i, j):
        return f"θ{_low(self.index[i, j])}" if self.kind == "shared" else f"Θ{_low(i)}{_comma(self.n)}{_low(j)}"

    def describe(self):
        """Return what the picture says, as one line of text.

        Examples
        --------
        >>> LinkedView(kind="local", row=0).describe()
        'Unit 0 (of 0 to 4), local: a′₀ = g(Θ₀₀·a₀ + Θ₀₁·a₁) = −1.25. 13 parameters (3n − 2), 13 links; 18 with biases.'
        """
        i, z = self.row, " + ".join(f"{weight}·{a}" for weight, a in self.terms())
        biases = 1 if self.kind == "shared" else len(self.index)
        return t(
            "linked_view.says", row=i, last=len(self.index) - 1, kind=t(f"linked_view.kind_{self.kind}"),
            sum=f"a′{_low(i)} = g({z})", value=figures.format_number(self.outputs[i]), formula=self.formula(),
            parameters=t("linked_view.parameters", count=self.parameters),
            links=t("linked_view.links", count=self.links), count=self.parameters + biases,
        )

    # The static picture ---------------------------------------------------------------------------

    def color(self, index, theme="light"):
        """Return the colour of a parameter: its own among all, or in "shared" that of θ."""
        return weight_colors(theme)["shared" if self.kind == "shared" else "free"][index]

    def picture(self):
        """Return the widget as it stands, as a `matplotlib.figure.Figure`."""
        index, (units, n), i = self.index, self.index.shape, self.row
        figure, ax = figures.canvas(n + 11.6, n + 4.6, unit=min(0.5, 9.4 / (n + 11.6)))
        top, left, right, product = 1.9, 1.3, 5.7, 7.7
        colors, number = figures.PALETTE["light"], figures.format_number
        rows = [top + (n - units) / 2 + unit for unit in range(units)]
        centre = [top + unit * self.stride + (self.kernel_size - 1) / 2 - self._zeros() for unit in range(units)]
        window = np.flatnonzero(index[i] != NO_EDGE)

        for unit, j in sorted(np.argwhere(index != NO_EDGE).tolist(), key=lambda edge: edge[0] == i):
            own = self.color(index[unit, j])
            (x0, y0), (x1, y1) = (left, top + j + 0.5), (right, centre[unit] + 0.5)
            curve = [(x0, y0), ((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1), (x1, y1)]
            ax.add_patch(PathPatch(
                Path(curve, [Path.MOVETO] + [Path.CURVE4] * 3), facecolor="none", zorder=1,
                edgecolor=own if unit == i else figures.mix("#ffffff", own, 0.45), linewidth=2.4 if unit == i else 0.8,
            ))
        ends = np.abs(self.inputs).max(), np.abs(self.outputs).max()
        small = {"color": colors["muted"], "fontsize": figures.points(ax, 0.3), "ha": "center", "va": "center"}
        for role, x, places, values, name, seen, end in (
            ("input", left, [top + j for j in range(n)], self.inputs, "a", set(window.tolist()), ends[0]),
            ("output", right, centre, self.outputs, "a′", {i}, ends[1]),
        ):
            for k, (y, value) in enumerate(zip(places, values)):
                fill = figures.shade(value, end, role, focus=k in seen)
                style = {"facecolor": fill, "edgecolor": colors[role], "linewidth": 0.8}
                ax.add_patch(Circle((x, y + 0.5), 0.36, zorder=2, **style))
                ax.text(x, y + 0.5, number(value), color=figures.readable(fill), fontweight="bold", ha="center",
                        va="center_baseline", fontsize=figures.points(ax, 0.72 * figures.text_scale([number(value)])),
                        )
                side = {"ha": "right"} if role == "input" else {"ha": "left"}
                ax.text(x + (-0.58 if role == "input" else 0.5), y + 0.5, f"{name}{_low(k)}", **small | side)
        for x in (left - 0.46, product + n + 0.55):
            width = 0.92 if x < left else 1
            figures.outline(ax, (x, top + window[0]), width, len(window))

        for unit, j in np.ndindex(units, n):
            edge = index[unit, j] != NO_EDGE
            fill = colors["panel"]
            if edge:
                fill = figures.mix("#ffffff", self.color(index[unit, j]), 1 if unit == i else figures.UNFOCUSED)
            figures.cell(ax, self._name(unit, j) if edge else "0", fill, (product + j, rows[unit]), scale=0.28)
        figures.outline(ax, (product, rows[i]), n, 1)
        figures.grid(ax, np.c_[self.inputs], "input", origin=(product + n + 0.55, top),
                     focus=np.isin(np.arange(n), window)[:, None])
        figures.grid(ax, np.c_[self.outputs], "output", origin=(product + n + 2.1, rows[0]),
                     focus=(np.arange(units) == i)[:, None])
        for text, x in (("·", product + n + 0.28), ("=" if self.activation == "identity" else "→", product + n + 1.83)):
            ax.text(x, top + n / 2, text, **small | {"fontsize": figures.points(ax, 0.5)})
        for text, x in ((t("linked_view.picture_edges"), (left + right) / 2), (f"Θ  {units}×{n}", product + n / 2),
                        ("a", product + n + 1.05), ("a′", product + n + 2.6)):
            ax.text(x, top + n + 0.45, text, **small)

        bold = {"color": colors["ink"], "fontsize": figures.points(ax, 0.42), "fontweight": "bold", "va": "center"}
        ax.text(0.5, 0.85, t(f"linked_view.title_{self.kind}"), **bold)
        total = t(
            "linked_view.picture_parameters", formula=self.formula(),
            parameters=t("linked_view.parameters", count=self.parameters),
        )
        ax.text(product + n + 3.1, 0.85, total, ha="right", **bold)
        sums = [f"{weight}·{a}" for weight, a in self.terms()]
        lines = [" + ".join(sums[k : k + 6]) for k in range(0, len(sums), 6)]
        ax.text(0.5, top + n + 1.75, f"a′{_low(i)} = g( " + " +\n ".join(lines) + f" ) = {number(self.outputs[i])}",
                **bold | {"fontsize": figures.points(ax, 0.36), "fontweight": "normal"})
        return figure


def free_weights(n):
    """Return the free weights that a fresh layer of `n` inputs starts with: quarters, none of them 0.

    >>> free_weights(2)
    [[-1.0, -0.25], [0.5, -0.5]]
    """
    steps = [[(5 * i + 3 * j + 2 * i * j) % 8 for j in range(n)] for i in range(n)]
    return [[(step - 4 + (step >= 4)) / 4 for step in line] for line in steps]


def resize_filter(theta, m):
    """Return a filter of `m` weights with the same middle: zeros are added, or ends cut, on both sides.

    >>> resize_filter([1, 2, 3], 5), resize_filter([1, 2, 3], 1)
    ([0, 1, 2, 3, 0], [2])
    """
    start = (m - len(theta)) // 2
    return [theta[k - start] if 0 <= k - start < len(theta) else 0 for k in range(m)]


def weight_colors(theme):
    """Return the colours of weights: {"free": one for each of 144, "shared": one for each θ of a filter}.

    Free weights run through the warm hues, violet to lime, and leave blue to inputs and green to
    outputs; neighbours lie far apart (steps of the golden ratio, three lightnesses).
    """
    ids = np.arange(MOST * MOST)
    hue = np.radians(335 + 140 * (ids * 0.6180339887 % 1))
    lightness = (0.7 if theme == "dark" else 0.465) + 0.045 * (ids % 3)
    theta, ink = figures.PALETTE[theme]["theta"], figures.PALETTE[theme]["ink"]
    return {
        "free": [_oklch(*color) for color in zip(lightness, np.full(len(ids), 0.15), hue)],
        "shared": theta + [figures.mix(color, ink, 0.5) for color in theta[: MOST - len(theta)]],
    }


def _oklch(lightness, chroma, hue):
    """Return a colour of the OKLCH space as ``#rrggbb`` (Ottosson 2020, "A perceptual color space")."""
    a, b = chroma * np.cos(hue), chroma * np.sin(hue)
    cones = np.array([[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728],
                      [1, -0.0894841775, -1.2914855480]]) @ (lightness, a, b)
    linear = np.array([[4.0767416621, -3.3077115913, 0.2309699292], [-1.2684380046, 2.6097574011, -0.3413193965],
                       [-0.0041960863, -0.7034186147, 1.7076147010]]) @ cones**3
    linear = linear.clip(0, 1)
    srgb = np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)
    return "#" + "".join(f"{round(255 * value):02x}" for value in srgb)


def _length(trait, value, numbers, default):
    """Return a length that is given, or that of the numbers that are given, or the default."""
    length = default if numbers is None else len(numbers)
    value = length if value is None else trait.checked(value)
    if numbers is not None and value != length:
        raise ValueError(f"{trait.name} must be {length}, as many as the numbers given with it, got {value}")
    return value


def _zeros(m, padding):
    return (m - 1) // 2 if padding == "same" else 0


def _check_kernel(m, n, padding):
    if m > n:
        raise InvalidTrait(f"kernel_size must be at most n = {n}, got {m}")
    if padding == "same" and m % 2 == 0:
        raise InvalidTrait(f"kernel_size must be odd with padding 'same', got {m}")
    return m


def _low(number):
    """Return a subscript."""
    return "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(number))


def _comma(n):
    return "‚" if n > 10 else ""  # the low quotation mark: there is no subscript comma
