"""Sizes and counts: what a layer's shape costs, before any number is computed.

Output sizes, receptive fields, parameters (numbers to learn) and links (multiplications,
one for each edge of the network graph; a bias counts as one link for each unit it feeds).
"""

from dataclasses import dataclass
from itertools import pairwise

from cnnlib._validate import check_bool, check_int, check_iterable, check_pair

PADDINGS = ("valid", "same", "full")


def resolve_padding(padding, kernel_size, dilation=1, *, stride=1):
    """Return how many zeros stand before and after an axis.

    Parameters
    ----------
    padding : int or {"valid", "same", "full"}
        A number of zeros on either side, or a rule: "valid" adds none, "same" makes the output
        as long as the input (stride 1 only, as in PyTorch), "full" lets the kernel overlap the
        input by a single entry at either end.
    kernel_size, dilation, stride : int
        Of this axis.

    Returns
    -------
    before, after : int
        Where "same" needs an odd number of zeros, the extra one goes after, as in PyTorch.

    Raises
    ------
    TypeError, ValueError
        If an argument is not an integer in range, or the rule is unknown.

    Examples
    --------
    >>> resolve_padding("same", 3), resolve_padding("same", 4), resolve_padding("full", 3)
    ((1, 1), (1, 2), (2, 2))
    """
    reach = check_int("dilation", dilation, 1) * (check_int("kernel_size", kernel_size, 1) - 1)
    stride = check_int("stride", stride, 1)
    if isinstance(padding, str):
        if padding == "valid":
            return 0, 0
        if padding == "full":
            return reach, reach
        if padding == "same":
            if stride != 1:
                raise ValueError(f'padding "same" needs stride 1, got stride {stride}: give padding as an integer')
            return reach // 2, reach - reach // 2
        raise ValueError(f'padding must be an integer, "valid", "same" or "full", got {padding!r}')
    return (check_int("padding", padding, 0),) * 2


def output_size(input_size, kernel_size, stride=1, padding=0, dilation=1):
    r"""Return how many positions a window takes along one axis.

    .. math:: \left\lfloor \frac{n + p_- + p_+ - d\,(m - 1) - 1}{s} \right\rfloor + 1

    Parameters
    ----------
    input_size, kernel_size : int
        :math:`n` and :math:`m`, entries along the axis.
    stride, dilation : int, default 1
        :math:`s`, the step of the window, and :math:`d`, the step inside it.
    padding : int or {"valid", "same", "full"}, default 0
        :math:`p_-` and :math:`p_+` zeros before and after; see `resolve_padding`.

    Returns
    -------
    int
        At least 1. Entries that the last whole step does not reach are left out (floor).

    Raises
    ------
    ValueError
        If the dilated kernel is longer than the padded input.

    Examples
    --------
    The lecture's ``n − m + 1``, and a stride that does not divide:

    >>> output_size(5, 3), output_size(28, 5, padding=2), output_size(6, 3, stride=2)
    (3, 28, 2)
    """
    n, m = check_int("input_size", input_size, 1), check_int("kernel_size", kernel_size, 1)
    s, d = check_int("stride", stride, 1), check_int("dilation", dilation, 1)
    before, after = resolve_padding(padding, m, d, stride=s)
    padded, span = n + before + after, d * (m - 1) + 1
    if span > padded:
        raise ValueError(
            f"kernel_size must fit into the padded input of {padded}, got a kernel that spans {span}"
            f" (kernel_size {m}, dilation {d}, input {n}, padding {before}+{after})"
        )
    return (padded - span) // s + 1


def output_shape2d(input_shape, kernel_size, stride=1, padding=0, dilation=1):
    """Return ``(height, width)`` of the output: `output_size` on either axis.

    Parameters
    ----------
    input_shape, kernel_size, stride, dilation : int or tuple of int
        One number for both axes, or ``(height, width)``.
    padding : int, tuple of int or {"valid", "same", "full"}
        Zeros on either side of both axes, or of each.

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> output_shape2d((28, 28), 5, padding=2), output_shape2d((14, 10), (5, 3), stride=(1, 2))
    ((28, 28), (10, 4))
    """
    n, m = check_pair("input_shape", input_shape, 1), check_pair("kernel_size", kernel_size, 1)
    s, d = check_pair("stride", stride, 1), check_pair("dilation", dilation, 1)
    p = (padding, padding) if isinstance(padding, str) else check_pair("padding", padding, 0)
    return tuple(output_size(n[axis], m[axis], s[axis], p[axis], d[axis]) for axis in (0, 1))


def resolve_padding2d(padding, kernel_size, dilation=(1, 1), *, stride=(1, 1)):
    """Return the zeros on the four sides: `resolve_padding` on either axis.

    Parameters
    ----------
    padding : int, tuple of int or {"valid", "same", "full"}
    kernel_size, dilation, stride : tuple of int
        ``(height, width)``.

    Returns
    -------
    (top, bottom), (left, right) : tuples of int

    Examples
    --------
    >>> resolve_padding2d("same", (3, 5)), resolve_padding2d((0, 2), (1, 5))
    (((1, 1), (2, 2)), ((0, 0), (2, 2)))
    """
    p = (padding, padding) if isinstance(padding, str) else check_pair("padding", padding, 0)
    m, d = check_pair("kernel_size", kernel_size, 1), check_pair("dilation", dilation, 1)
    s = check_pair("stride", stride, 1)
    return tuple(resolve_padding(p[axis], m[axis], d[axis], stride=s[axis]) for axis in (0, 1))


def options_1d_as_2d(stride, padding, dilation):
    """Return stride, padding and dilation of a 1-D signal seen as an image of one row.

    A padding rule leaves the one row alone by itself, since a kernel of height 1 asks for no zeros.
    """
    if not isinstance(padding, str):
        padding = 0, check_int("padding", padding, 0)
    return (1, check_int("stride", stride, 1)), padding, (1, check_int("dilation", dilation, 1))


@dataclass(frozen=True)
class ReceptiveField:
    """What one unit sees of the input, along one axis.

    Attributes
    ----------
    size : int
        Entries of the input that can change the unit.
    jump : int
        Entries of the input between neighbouring units.
    start : int
        First entry that unit 0 sees; negative inside the padding.
    """

    size: int = 1
    jump: int = 1
    start: int = 0

    def __post_init__(self):
        for name, minimum in (("size", 1), ("jump", 1), ("start", None)):  # as int: NumPy's would wrap around
            object.__setattr__(self, name, check_int(name, getattr(self, name), minimum))

    def through(self, kernel_size, stride=1, padding=0, dilation=1):
        """Return the field after one more layer.

        Examples
        --------
        LeNet's 5×5 convolution with two zeros of padding, then 2×2 pooling:

        >>> ReceptiveField().through(5, padding=2).through(2, stride=2)
        ReceptiveField(size=6, jump=2, start=-2)
        """
        m, d = check_int("kernel_size", kernel_size, 1), check_int("dilation", dilation, 1)
        s = check_int("stride", stride, 1)
        before, _ = resolve_padding(padding, m, d, stride=s)
        return ReceptiveField(
            size=self.size + d * (m - 1) * self.jump,
            jump=self.jump * s,
            start=self.start - before * self.jump,
        )

    def span(self, unit):
        """Return the first and one past the last input entry that `unit` sees."""
        first = self.start + check_int("unit", unit, 0) * self.jump
        return first, first + self.size


@dataclass(frozen=True)
class Cost:
    """What a layer costs.

    Attributes
    ----------
    parameters : int
        Numbers to learn.
    links : int
        Edges of the network graph: one multiplication for each image, or, from a bias, one addition.
    """

    parameters: int
    links: int

    def __post_init__(self):
        for name in ("parameters", "links"):
            object.__setattr__(self, name, check_int(name, getattr(self, name), 0))

    def __add__(self, other):
        if not isinstance(other, Cost):
            return NotImplemented
        return Cost(self.parameters + other.parameters, self.links + other.links)


def linear_cost(in_features, out_features, bias=True):
    """Return the `Cost` of a fully connected layer: every link has a weight of its own.

    Examples
    --------
    The 200×200 image and 400,000 hidden units of the lecture, which leaves the biases out:

    >>> linear_cost(200 * 200, 400_000, bias=False).parameters
    16000000000
    """
    n, units = check_int("in_features", in_features, 1), check_int("out_features", out_features, 1)
    links = (n + check_bool("bias", bias)) * units
    return Cost(parameters=links, links=links)


def conv2d_cost(in_channels, out_channels, kernel_size, output_shape, bias=True, shared=True):
    """Return the `Cost` of a layer of local connections, with or without shared weights.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int or tuple of int
        ``(height, width)`` of the patch each unit sees.
    output_shape : tuple of int
        ``(height, width)`` of each feature map; see `output_shape2d`. Links into the padding
        count: they are computed like any other.
    bias : bool, default True
    shared : bool, default True
        True for a convolution: the parameters do not depend on `output_shape`. False for a
        locally connected layer: as many as there are links.

    Returns
    -------
    Cost

    Examples
    --------
    LeNet's second convolution, 6 → 16 maps with 5×5 kernels on 14×14:

    >>> conv2d_cost(6, 16, 5, (10, 10))
    Cost(parameters=2416, links=241600)

    The lecture's 400,000 units that see 10×10 pixels each, and one filter for them all:

    >>> conv2d_cost(1, 1, 10, (1, 400_000), bias=False, shared=False).parameters
    40000000
    >>> conv2d_cost(1, 1, 10, (1, 400_000), bias=False).parameters
    100
    """
    height, width = check_pair("kernel_size", kernel_size, 1)
    rows, columns = check_pair("output_shape", output_shape, 1)
    fan_in = check_int("in_channels", in_channels, 1) * height * width + check_bool("bias", bias)
    one_position = fan_in * check_int("out_channels", out_channels, 1)
    links = one_position * rows * columns
    return Cost(parameters=one_position if check_bool("shared", shared) else links, links=links)


def fully_connected_parameters(widths, bias=True):
    """Return the parameters of a chain of fully connected layers, n₁n₂ + n₂n₃ + ….

    Parameters
    ----------
    widths : sequence of int
        Units of each layer, the input first; at least two.
    bias : bool, default True
        Whether each unit after the input has a bias.

    Returns
    -------
    int

    Examples
    --------
    >>> fully_connected_parameters([3, 4, 2], bias=False), fully_connected_parameters([3, 4, 2])
    (20, 26)
    """
    widths = check_iterable("widths", widths)
    if len(widths) < 2:
        raise ValueError(f"widths must hold at least two layers, got {widths}")
    widths = [check_int(f"widths[{k}]", width, 1) for k, width in enumerate(widths)]
    return sum(linear_cost(n, units, bias).parameters for n, units in pairwise(widths))
