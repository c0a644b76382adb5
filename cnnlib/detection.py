"""Finding things in a picture: a net for patches at every place and several sizes, then the best boxes.

A box is a row of four numbers, ``(row, col, side, score)``: its top left corner and its side in
pixels of the picture, and what the net says of it.
"""

from dataclasses import dataclass

import numpy as np

from cnnlib._validate import check_array, check_callable, check_finite, check_int, check_iterable, check_number
from cnnlib.parallel import one_blas_thread

LONGEST = 1e100  # of a box: its area is a number
FARTHEST = 1e9  # sides from the corner of the picture: of more, too few digits would be left for the side


@dataclass(frozen=True, eq=False)
class Level:
    """One size of window, at all its places.

    Attributes
    ----------
    side : float
        Of the window, in pixels of the picture that was scanned.
    patch, stride : int
        Of the window and between neighbouring windows, in pixels of `picture`.
    picture : ndarray of float32, shape (H, W)
        The scanned picture, made so small that the window is as large as the net's patch.
    scores : ndarray of float32, shape ((H − patch) // stride + 1, (W − patch) // stride + 1)
        The net's answer at each place.

    Raises
    ------
    TypeError, ValueError
        If one of the two is no 2-D array of numbers.
    """

    side: float
    patch: int
    stride: int
    picture: np.ndarray
    scores: np.ndarray

    def __post_init__(self):
        for name in ("picture", "scores"):
            object.__setattr__(self, name, check_array(name, getattr(self, name), 2))

    @property
    def step(self):
        """Between neighbouring windows, in pixels of the picture that was scanned.

        The shrunk picture has whole pixels: where its size had to be rounded, the last boxes reach past the edge, or
        stay away from it, by up to half of its pixels, ``side / patch / 2``.
        """
        return self.stride * self.side / self.patch

    def __repr__(self):
        rows, cols = self.scores.shape
        return f"Level({rows}×{cols} windows of {self.side:.0f} pixels)"


def scan(model, picture, sides, *, patch, stride):
    """Slide a net over a picture, with windows of several sizes.

    A larger window is the same window on a smaller picture: the net stays as it is.

    Parameters
    ----------
    model : callable
        Takes (1, 1, H, W) and returns (1, 1, OH, OW), such as a net by
        `cnnlib.sliding.fully_convolutional`.
    picture : ndarray of float, shape (H, W)
        Grey, in the unit that `model` was trained on.
    sides : sequence of float
        Sides of the window in pixels, each at least `patch`; those that do not fit are left out.
    patch : int
        Side of the patch that `model` was made for.
    stride : int
        Pixels between neighbouring answers of `model`: the product of its layers' strides.

    Returns
    -------
    list of Level

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, shape or range, or `model` has another patch or stride.

    Examples
    --------
    The mean of 2×2 pixels as a net, with windows of 2 and of 4 pixels:

    >>> from cnnlib.conv import conv2d
    >>> picture = np.zeros((4, 8), np.float32)
    >>> picture[:, :4] = 1
    >>> mean = lambda x: conv2d(x, np.full((1, 1, 2, 2), 0.25, np.float32))
    >>> small, large = scan(mean, picture, (2, 4), patch=2, stride=1)
    >>> small, large
    (Level(3×7 windows of 2 pixels), Level(1×3 windows of 4 pixels))
    >>> small.scores[0], large.step
    (array([1. , 1. , 1. , 0.5, 0. , 0. , 0. ], dtype=float32), 2.0)
    """
    from skimage.transform import resize  # here: whoever only compares boxes need not wait for it

    with np.errstate(over="ignore"):  # what is too large for float32 is refused in the next line
        picture = check_array("picture", picture, 2).astype(np.float32, copy=False)
    check_finite("picture", picture)
    check_callable("model", model, "pictures")
    patch, stride = check_int("patch", patch, 1), check_int("stride", stride, 1)
    levels = []
    for side in check_iterable("sides", sides):
        zoom = check_number("sides", side, patch) / patch
        if side > min(picture.shape):
            continue
        shape = tuple(round(n / zoom) for n in picture.shape)
        small = resize(picture, shape, anti_aliasing=True).astype(np.float32, copy=False)
        levels.append(_look(model, float(side), patch, stride, small))
    return levels


def rescan(model, levels):
    """Let another net look at what `scan` has looked at: shrinking a picture is half of the work.

    Parameters
    ----------
    model : callable
        As for `scan`, of the same patch and stride.
    levels : sequence of Level

    Returns
    -------
    list of Level
        The same pictures, with this net's scores.

    Raises
    ------
    TypeError
        If `levels` holds anything but levels.
    ValueError
        If `model` has another patch or stride.

    Examples
    --------
    >>> from cnnlib.conv import conv2d
    >>> mean, total = (lambda x, w=w: conv2d(x, np.full((1, 1, 2, 2), w, np.float32)) for w in (0.25, 1))
    >>> levels = scan(mean, np.ones((4, 8)), (2, 4), patch=2, stride=1)
    >>> rescan(total, levels)[1].scores
    array([[4., 4., 4.]], dtype=float32)
    """
    check_callable("model", model, "pictures")
    levels = _checked_levels(levels)
    return [_look(model, level.side, level.patch, level.stride, level.picture) for level in levels]


def _checked_levels(levels):
    levels = check_iterable("levels", levels)
    for level in levels:
        if not isinstance(level, Level):
            raise TypeError(f"levels must be what scan returns, got {level!r:.60} in it")
    return levels


def _look(model, side, patch, stride, picture):
    with one_blas_thread():
        scores = check_array("model's answer", model(picture[None, None]), 4, axes="(1, 1, OH, OW)")[0, 0]
    places = tuple((n - patch) // stride + 1 for n in picture.shape)
    if scores.shape != places:
        raise ValueError(
            f"model must give {places} answers for {picture.shape} pixels, got {scores.shape}: see patch and stride"
        )
    return Level(side, patch, stride, picture, scores)


def boxes_above(levels, threshold):
    """Return the windows of all levels whose score is above a threshold, best first.

    Parameters
    ----------
    levels : sequence of Level
    threshold : float

    Returns
    -------
    ndarray of float64, shape (N, 4)
        Rows of ``(row, col, side, score)``.

    Examples
    --------
    >>> level = Level(10.0, 5, 2, np.zeros((5, 9)), np.array([[-1.0, 3.0, 0.5]]))
    >>> boxes_above([level], 0)
    array([[ 0. ,  4. , 10. ,  3. ],
           [ 0. ,  8. , 10. ,  0.5]])
    """
    threshold = check_number("threshold", threshold)
    found = [np.empty((0, 4))]
    for level in _checked_levels(levels):
        i, j = np.nonzero(level.scores > np.float64(threshold))
        found.append(np.column_stack([i * level.step, j * level.step, np.full(len(i), level.side), level.scores[i, j]]))
    found = np.concatenate(found)
    return found[np.argsort(-found[:, 3], kind="stable")]


def intersection_over_union(boxes, box):
    r"""Return how much boxes have in common with one: intersection over union.

    .. math:: \frac{|A \cap B|}{|A \cup B|}

    Parameters
    ----------
    boxes : array_like, shape (N, 3) or more columns
        Rows that begin with ``row, col, side``.
    box : array_like, 3 numbers or more
        Likewise.

    Returns
    -------
    ndarray of float64, shape (N,)
        0 for boxes apart, 1 for the same box.

    Raises
    ------
    TypeError, ValueError
        If a row is too short or not finite, a side is not above 0, or a box so far away that its place would swallow
        its side.

    Examples
    --------
    >>> intersection_over_union([[0, 0, 2], [0, 1, 2], [5, 5, 2]], [0, 0, 2]).round(3)
    array([1.   , 0.333, 0.   ])
    """
    box = _checked_boxes("box", box, 1, 3)
    if _none(boxes):
        return np.empty(0)
    top, left, side = _checked_boxes("boxes", boxes, 2, 3).T[:3]
    height = np.minimum(top + side, box[0] + box[2]) - np.maximum(top, box[0])
    width = np.minimum(left + side, box[1] + box[2]) - np.maximum(left, box[1])
    common = height.clip(0) * width.clip(0)
    return common / (side**2 + box[2] ** 2 - common)


def _none(boxes):
    return isinstance(boxes, (list, tuple, np.ndarray)) and getattr(boxes, "ndim", 1) > 0 and len(boxes) == 0


def _checked_boxes(name, boxes, ndim, columns):
    """Return boxes, or one, as float64: differences of unsigned integers would wrap around."""
    boxes = check_array(name, boxes, ndim).astype(np.float64)
    check_finite(name, boxes)
    if boxes.shape[-1] < columns or (boxes[..., 2] <= 0).any():
        raise ValueError(
            f"{name} must have {columns} numbers or more in a row, the third a side above 0, got shape {boxes.shape}"
            f" with sides from {boxes[..., 2:3].min(initial=np.inf):g}"
        )
    places, sides = np.abs(boxes[..., :3]).max(), boxes[..., 2].min()
    if places > LONGEST or sides < 1 / LONGEST:  # areas would be infinite, or 0
        raise ValueError(
            f"{name} must have sides of at least {1 / LONGEST:g}, and places and sides up to {LONGEST:g},"
            f" got {sides:g} and {places:g}"
        )
    away = (np.abs(boxes[..., :2]) / boxes[..., 2:3]).max()
    if away > FARTHEST:
        raise ValueError(f"{name} must lie within {FARTHEST:g} sides of (0, 0), got {away:g}")
    return boxes


def non_max_suppression(boxes, iou_threshold=0.3):
    """Keep the best of boxes that overlap.

    The box with the highest score is kept, those whose intersection over union
    with it is above `iou_threshold` are dropped, and so on with what is left.

    Parameters
    ----------
    boxes : array_like, shape (N, 4) or more columns
        As from `boxes_above`, in any order.
    iou_threshold : float, default 0.3
        In [0, 1].

    Returns
    -------
    ndarray of float64, shape (M, 4)
        Best first. Those above a higher threshold are what a scan with that threshold would keep.

    Raises
    ------
    TypeError, ValueError
        As `intersection_over_union`, and if `iou_threshold` is not a number in [0, 1].

    Examples
    --------
    >>> non_max_suppression(np.array([[0, 0, 10, 2.0], [0, 1, 10, 5.0], [0, 30, 10, 1.0]]))
    array([[ 0.,  1., 10.,  5.],
           [ 0., 30., 10.,  1.]])
    """
    iou_threshold = check_number("iou_threshold", iou_threshold, 0, 1)
    if _none(boxes):
        return np.empty((0, 4))
    boxes, kept = _checked_boxes("boxes", boxes, 2, 4), []
    boxes = boxes[np.argsort(-boxes[:, 3], kind="stable")]
    while len(boxes):
        kept.append(boxes[0])
        boxes = boxes[1:][intersection_over_union(boxes[1:], boxes[0]) <= iou_threshold]
    return np.array(kept)


def voted(boxes, votes, *, iou_threshold=0.5):
    """Keep the best of boxes that overlap, each with the score that enough of its neighbours reach.

    A thing that is there is seen by many windows, a chance resemblance often by one only. So a box
    that survives `non_max_suppression` gets as its score the `votes`-th best score among the boxes
    that overlap it by more than `iou_threshold`, itself included, or its own if that is lower. It is
    above a threshold if it and so many windows are.

    Parameters
    ----------
    boxes : ndarray, shape (N, 4)
        As from `boxes_above`, in any order.
    votes : int
        1 changes nothing.
    iou_threshold : float, default 0.5
        In [0, 1].

    Returns
    -------
    ndarray, shape (M, 4)
        Best first by the new score; boxes with fewer than `votes` neighbours are left out.

    Raises
    ------
    TypeError, ValueError
        If `votes` or `iou_threshold` is out of range.

    Examples
    --------
    Two windows agree at the top, one stands alone below:

    >>> boxes = np.array([[0, 0, 10, 2.0], [0, 1, 10, 5.0], [30, 0, 10, 9.0]])
    >>> voted(boxes, 2)
    array([[ 0.,  1., 10.,  2.]])
    """
    votes, iou_threshold = check_int("votes", votes, 1), check_number("iou_threshold", iou_threshold, 0, 1)
    if _none(boxes):
        return np.empty((0, 4))
    boxes, found = _checked_boxes("boxes", boxes, 2, 4), []
    for box in non_max_suppression(boxes):
        near = np.sort(boxes[intersection_over_union(boxes, box) > iou_threshold, 3])[::-1]
        if len(near) >= votes:
            found.append([*box[:3], min(box[3], near[votes - 1])])
    found = np.array(found).reshape(-1, 4)
    return found[np.argsort(-found[:, 3], kind="stable")]
