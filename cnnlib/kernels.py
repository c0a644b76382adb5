r"""Kernels made by hand: what the weights of a filter can mean before any are learned.

They are written for cross-correlation, as `cnnlib.conv.cross_correlate2d` and every convolutional
layer apply them: what you read is what lies over the image. Rows run down and columns to the
right, so `sobel_x` answers with a positive number where the image grows brighter to the right.

Two sums tell most of the story. On a flat area of brightness :math:`v` every kernel answers
:math:`v \sum_{a,b} K_{a,b}`: an edge detector sums to 0, a blur to 1. And independent noise of
standard deviation :math:`s` leaves with :math:`s \sqrt{\sum_{a,b} K_{a,b}^2}`.

`KERNELS` holds them by name, the six of the lecture first.
"""

from types import MappingProxyType

import numpy as np

from cnnlib._validate import check_int, check_number, check_size


def identity(size=3):
    """Return the kernel that leaves an image as it is: a 1 in the centre.

    Parameters
    ----------
    size : int, default 3
        Odd: an even kernel has no centre.

    Returns
    -------
    ndarray of float64, shape (size, size)

    Raises
    ------
    TypeError, ValueError
        If `size` is not an odd integer of at least 1.

    Examples
    --------
    >>> identity(3)
    array([[0., 0., 0.],
           [0., 1., 0.],
           [0., 0., 0.]])
    """
    size = _odd(size)
    check_size("size", (size, size))
    kernel = np.zeros((size, size))
    kernel[size // 2, size // 2] = 1
    return kernel


def edges_diagonal():
    r"""Return the lecture's first edge detector: corners and slanted edges.

    .. math:: K \star I \approx 4\, \frac{\partial^2 I}{\partial x\, \partial y}

    An edge along a row or a column lies on a plus and a minus of each pair and cancels: the
    answer there is 0.

    Returns
    -------
    ndarray of float64, shape (3, 3)
        Sums to 0.

    References
    ----------
    Central difference of the mixed derivative: Abramowitz & Stegun, Handbook of Mathematical
    Functions (1964), 25.3.26.

    Examples
    --------
    >>> edges_diagonal()
    array([[ 1.,  0., -1.],
           [ 0.,  0.,  0.],
           [-1.,  0.,  1.]])
    """
    return np.outer((1.0, 0.0, -1.0), (1.0, 0.0, -1.0)) + 0.0  # + 0.0: no negative zeros


def laplacian():
    r"""Return the lecture's second edge detector: four neighbours against the centre.

    .. math:: K \star I \approx \frac{\partial^2 I}{\partial x^2} + \frac{\partial^2 I}{\partial y^2}

    Positive on the dark side of an edge, negative on its bright side.

    Returns
    -------
    ndarray of float64, shape (3, 3)
        Sums to 0.

    References
    ----------
    Gonzalez & Woods, Digital Image Processing, 4th ed. (2018), section 3.6.

    Examples
    --------
    >>> laplacian()
    array([[ 0.,  1.,  0.],
           [ 1., -4.,  1.],
           [ 0.,  1.,  0.]])
    """
    return np.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])


def edges_all_round():
    r"""Return the lecture's third edge detector: the centre against eight neighbours.

    .. math:: (K \star I)_{i,j} = 9\, (I_{i,j} - \text{mean of the nine})

    Its sign is opposite to that of `laplacian`: a bright spot gives a positive answer.

    Returns
    -------
    ndarray of float64, shape (3, 3)
        Sums to 0.

    References
    ----------
    Gonzalez & Woods, Digital Image Processing, 4th ed. (2018), section 3.6.

    Examples
    --------
    >>> edges_all_round()
    array([[-1., -1., -1.],
           [-1.,  8., -1.],
           [-1., -1., -1.]])
    """
    return 9 * identity(3) - 1


def sharpen():
    r"""Return the image plus its edges: `identity` minus `laplacian`.

    .. math:: K \star I \approx I - \nabla^2 I

    Returns
    -------
    ndarray of float64, shape (3, 3)
        Sums to 1: flat areas keep their brightness.

    References
    ----------
    Gonzalez & Woods, Digital Image Processing, 4th ed. (2018), section 3.6.

    Examples
    --------
    >>> sharpen()
    array([[ 0., -1.,  0.],
           [-1.,  5., -1.],
           [ 0., -1.,  0.]])
    """
    return identity(3) - laplacian()


def box_blur(size=3):
    r"""Return the kernel of the mean: equal weights that sum to 1.

    .. math:: K_{a,b} = 1 / m^2

    Parameters
    ----------
    size : int, default 3
        Odd side :math:`m`.

    Returns
    -------
    ndarray of float64, shape (size, size)

    Raises
    ------
    TypeError, ValueError
        If `size` is not an odd integer of at least 1.

    Examples
    --------
    >>> box_blur(3) * 9
    array([[1., 1., 1.],
           [1., 1., 1.],
           [1., 1., 1.]])
    """
    size = _odd(size)
    check_size("size", (size, size))
    return np.full((size, size), 1 / size**2)


def gaussian_blur():
    r"""Return the 3×3 approximation of a Gaussian with weights 1, 2, 1.

    .. math:: K = \tfrac{1}{16}\, (1, 2, 1)^\top (1, 2, 1)

    The weights are binomial coefficients; their standard deviation is :math:`\sqrt{1/2}` pixels.

    Returns
    -------
    ndarray of float64, shape (3, 3)
        Sums to 1.

    See Also
    --------
    gaussian : of any width.

    References
    ----------
    Burt & Adelson, The Laplacian Pyramid as a Compact Image Code, IEEE Transactions on
    Communications 31 (1983), 532-540, builds its blurs in the same way.

    Examples
    --------
    >>> gaussian_blur() * 16
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    return np.outer((1.0, 2.0, 1.0), (1.0, 2.0, 1.0)) / 16


def sobel_x():
    r"""Return the slope to the right, smoothed down the columns.

    .. math:: K = (1, 2, 1)^\top (-1, 0, 1), \qquad K \star I \approx 8\, \frac{\partial I}{\partial x}

    Answers to vertical edges: positive where the right side is brighter. scikit-image's
    ``skimage.filters.sobel_v`` flips the kernel and divides by 4; its answer is that of this
    kernel, divided by 4.

    Returns
    -------
    ndarray of float64, shape (3, 3)
        Sums to 0.

    References
    ----------
    Sobel & Feldman, talk at the Stanford Artificial Intelligence Project (1968), as printed in
    Duda & Hart, Pattern Classification and Scene Analysis (1973), p. 271.

    Examples
    --------
    >>> sobel_x()
    array([[-1.,  0.,  1.],
           [-2.,  0.,  2.],
           [-1.,  0.,  1.]])
    """
    return np.outer((1.0, 2.0, 1.0), (-1.0, 0.0, 1.0)) + 0.0


def sobel_y():
    r"""Return the slope downwards, smoothed along the rows: `sobel_x`, transposed.

    .. math:: K = (-1, 0, 1)^\top (1, 2, 1), \qquad K \star I \approx 8\, \frac{\partial I}{\partial y}

    Answers to horizontal edges: positive where the lower side is brighter. Divided by 4, its
    answer is that of ``skimage.filters.sobel_h``.

    Returns
    -------
    ndarray of float64, shape (3, 3)
        Sums to 0.

    References
    ----------
    As `sobel_x`.

    Examples
    --------
    >>> sobel_y()
    array([[-1., -2., -1.],
           [ 0.,  0.,  0.],
           [ 1.,  2.,  1.]])
    """
    return np.ascontiguousarray(sobel_x().T)


def emboss():
    r"""Return the image lit from the upper left: itself plus its slope to the lower right.

    Returns
    -------
    ndarray of float64, shape (3, 3)
        Sums to 1.

    References
    ----------
    The weights that image editors use, such as the GNU Image Manipulation Program.

    Examples
    --------
    >>> emboss()
    array([[-2., -1.,  0.],
           [-1.,  1.,  1.],
           [ 0.,  1.,  2.]])
    """
    return np.array([[-2.0, -1.0, 0.0], [-1.0, 1.0, 1.0], [0.0, 1.0, 2.0]])


def gaussian(sigma=1.0, size=None):
    r"""Return a sampled Gaussian that sums to 1.

    .. math:: K_{a,b} \propto \exp\left(-\frac{a^2 + b^2}{2 \sigma^2}\right)

    It is the product of a column and a row, so two short passes do the work of one long.

    Parameters
    ----------
    sigma : float, default 1
        Standard deviation in pixels, at least 0.001.
    size : int, optional
        Odd side. Default: :math:`4\sigma`, rounded, to either side, as in ``skimage.filters.gaussian``.

    Returns
    -------
    ndarray of float64, shape (size, size)
        Rows and columns :math:`a, b` count from the centre.

    Raises
    ------
    TypeError, ValueError
        If `sigma` is not a number from 0.001 to 1e30, or `size` not an odd integer of at least 1.

    References
    ----------
    Gonzalez & Woods, Digital Image Processing, 4th ed. (2018), section 3.5.

    Examples
    --------
    >>> gaussian(1.0).shape
    (9, 9)
    >>> gaussian(1.0, 3).round(3)
    array([[0.075, 0.124, 0.075],
           [0.124, 0.204, 0.124],
           [0.075, 0.124, 0.075]])
    """
    distance, sigma = _distances(sigma, size)
    row = np.exp(-(distance**2) / (2 * sigma**2))
    row /= row.sum()
    return np.outer(row, row)


def laplacian_of_gaussian(sigma=1.0, size=None):
    r"""Return the edge detector that blurs first: noise is averaged away before edges are sought.

    .. math:: K_{a,b} = \frac{a^2 + b^2 - 2 \sigma^2}{\sigma^4}\, G_{a,b} - c

    with :math:`G` of `gaussian`, and :math:`c` the mean of the first term, so that the weights
    sum to 0 though the tails are cut off.

    Parameters
    ----------
    sigma : float, default 1
        Standard deviation of the blur in pixels, at least 0.001.
    size : int, optional
        Odd side. Default: :math:`4\sigma`, rounded, to either side.

    Returns
    -------
    ndarray of float64, shape (size, size)
        Negative in the centre, as `laplacian`.

    Raises
    ------
    TypeError, ValueError
        If `sigma` is not a number from 0.001 to 1e30, or `size` not an odd integer of at least 3.

    References
    ----------
    Marr & Hildreth, Theory of Edge Detection, Proceedings of the Royal Society B 207 (1980), 187-217.

    Examples
    --------
    >>> laplacian_of_gaussian(1.0, 3).round(3)
    array([[ 0.1  , -0.023,  0.1  ],
           [-0.023, -0.308, -0.023],
           [ 0.1  , -0.023,  0.1  ]])
    """
    distance, sigma = _distances(sigma, size, least=3)
    squares = distance[:, None] ** 2 + distance**2
    kernel = (squares - 2 * sigma**2) / sigma**4 * gaussian(sigma, len(distance))
    return kernel - kernel.mean()


def _distances(sigma, size, least=1):
    """Return the places -r .. r of a kernel's side, and sigma, checked."""
    sigma = check_number("sigma", sigma, 0.001, 1e30)
    radius = max(int(4 * sigma + 0.5), least // 2) if size is None else _odd(size, least) // 2
    check_size("sigma" if size is None else "size", (2 * radius + 1,) * 2)
    return np.arange(-radius, radius + 1.0), sigma


def _odd(size, least=1):
    size = check_int("size", size, least)
    if size % 2 == 0:
        raise ValueError(f"size must be odd, got {size}")
    return size


def _frozen(kernel):
    kernel.setflags(write=False)
    return kernel


LECTURE = ("edges, diagonal", "edges, Laplacian", "edges, all round", "sharpen", "box blur", "Gaussian blur")

KERNELS = MappingProxyType(
    {
        name: _frozen(kernel)
        for name, kernel in (
            *zip(LECTURE, (edges_diagonal(), laplacian(), edges_all_round(), sharpen(), box_blur(), gaussian_blur())),
            ("Sobel x", sobel_x()),
            ("Sobel y", sobel_y()),
            ("emboss", emboss()),
            ("Gaussian, σ = 1", gaussian(1.0, 5)),
            ("Laplacian of Gaussian", laplacian_of_gaussian(1.0, 5)),
            ("identity", identity()),
        )
    }
)
