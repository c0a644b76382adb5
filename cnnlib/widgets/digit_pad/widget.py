"""Draw a digit; a network says which, and its feature maps show what it looks at."""

import itertools
import textwrap

import numpy as np
from traitlets import Bytes, Float, Int, List, Unicode, observe

from cnnlib import figures
from cnnlib.functional import softmax
from cnnlib.layers import BatchNorm2d, Conv2d, LeakyReLU, Normalize, ReLU, Sigmoid, Tanh
from cnnlib.networks import load_lenet5
from cnnlib.pictures import read_grey
from cnnlib.sequential import Sequential
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.look_inside.widget import describe_layers
from cnnlib.widgets.traits import Checked, InvalidTrait, Whole, checked
from cnnlib.words import belief, t

SIDE = 140  # of the pad, in its own pixels
PEN = 6.5  # radius of the pen
FIELD, BOX = 28, 20  # MNIST's image, and the box that its digits fill


def _arc(x, y, width, height, start, stop):
    """Points of an ellipse about (x, y), angles in degrees, clockwise from the right."""
    turn = np.radians(np.linspace(start, stop, max(3, abs(stop - start) // 12 + 1)))
    return [(x + width * np.cos(t), y + height * np.sin(t)) for t in turn]


# One way to write each digit: strokes of points from 0 to SIDE, across and down.
_STROKES = (
    [_arc(70, 70, 27, 42, -90, 270)],
    [[(58, 42), (73, 28), (68, 112)]],
    [[*_arc(68, 52, 26, 24, -165, 30), (46, 110), (98, 107)]],
    [_arc(66, 48, 25, 20, -150, 90) + _arc(66, 90, 28, 22, -90, 145)],
    [[(54, 28), (43, 72), (98, 70)], [(86, 36), (80, 114)]],
    [[(94, 30), (54, 30), (50, 66), *_arc(66, 84, 28, 25, -115, 140)]],
    [[(84, 27), (62, 48), *_arc(70, 86, 25, 26, 180, -180)]],
    [[(42, 33), (97, 31), (80, 66), (66, 113)]],
    [_arc(70, 49, 21, 21, 90, -270) + _arc(70, 91, 24, 22, -90, 270)],
    [[*_arc(68, 54, 24, 23, 0, -360), (90, 70), (80, 113)]],
)
EXAMPLES = [[[[round(float(v), 1) for v in point] for point in line] for line in strokes] for strokes in _STROKES]


def example(digit):
    """Return the drawing of an example digit.

    Parameters
    ----------
    digit : int, 0 to 9

    Returns
    -------
    ndarray of uint8, shape (140, 140)
        0 is paper, 255 ink.
    """
    y, x = np.indices((SIDE, SIDE)) + 0.5
    nearest = np.full((SIDE, SIDE), np.inf)
    for line in EXAMPLES[digit]:
        for (ax, ay), (bx, by) in itertools.pairwise(line):
            dx, dy = bx - ax, by - ay
            share = np.clip(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy or 1), 0, 1)
            nearest = np.minimum(nearest, np.hypot(x - ax - share * dx, y - ay - share * dy))
    return np.floor(255 * np.clip(PEN + 0.5 - nearest, 0, 1) + 0.5).astype(np.uint8)


def as_mnist(drawing):
    r"""Return a drawing as an image in MNIST's manner.

    The ink's bounding box is scaled, with its aspect ratio, until the longer side measures 20
    pixels; each new pixel is the mean of the area that it covers, which smooths the edges. Then the
    digit is moved, by whole pixels, until its centre of mass lies on pixel (14, 14) of 28×28:

    .. math:: \left(\sum_{i,j} i\, p_{i,j},\ \sum_{i,j} j\, p_{i,j}\right) \Big/ \sum_{i,j} p_{i,j} \approx (14, 14)

    Parameters
    ----------
    drawing : array_like, shape (H, W)
        As `cnnlib.pictures.read_grey` takes it: 0 is paper; full ink is 255 in integers, 1 in
        floats, and True.

    Returns
    -------
    ndarray of uint8, shape (28, 28)
        All 0 where nothing is drawn. An image of MNIST comes back as it is.

    Raises
    ------
    TypeError, ValueError
        If `drawing` is no such picture.

    Notes
    -----
    Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits".

    Examples
    --------
    A stroke of 80 by 8 in a corner becomes one of 20 by 2 in the middle.

    >>> drawing = np.zeros((140, 140))
    >>> drawing[:80, :8] = 1
    >>> rows, columns = as_mnist(drawing).nonzero()
    >>> int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())
    (4, 23, 14, 15)
    """
    drawing = 255 * read_grey(drawing, "drawing")
    field = np.zeros((FIELD, FIELD), np.uint8)
    rows, columns = (np.flatnonzero(drawing.any(axis)) for axis in (1, 0))
    if not len(rows):
        return field
    digit = drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    high, wide = (max(1, round(BOX * n / max(digit.shape))) for n in digit.shape)
    # Rounded up, so that no faint edge is lost and a second pass finds the same bounding box.
    digit = np.ceil(_area_means(digit.shape[0], high) @ digit @ _area_means(digit.shape[1], wide).T - 1e-9)
    top, left = (
        int(np.clip(round(FIELD / 2 - np.arange(size) @ digit.sum(axis) / digit.sum()), 0, FIELD - size))
        for size, axis in ((high, 1), (wide, 0))
    )
    field[top : top + high, left : left + wide] = digit
    return field


def _area_means(size, wanted):
    """The matrix, shape (wanted, size), that takes means over `wanted` equal parts of `size` pixels."""
    edges = np.arange(wanted + 1) * size / wanted
    left, right = edges[:-1, None], edges[1:, None]
    overlap = np.minimum(right, np.arange(1, size + 1)) - np.maximum(left, np.arange(size))
    return np.maximum(overlap, 0) * wanted / size


def _activations(model, image):
    """Return what each layer makes of an image, in evaluation mode."""
    with np.errstate(all="ignore"):  # a net that has diverged is shown as well
        # A replica has caches of its own: the model may be in training meanwhile.
        return model.replica().eval().activations(image[None])


def _checked_model(name, model):
    if not isinstance(model, Sequential):
        raise TypeError(f"{name} must be a Sequential, got {model!r:.80}")
    blank = np.zeros((FIELD, FIELD), np.uint8)
    try:
        shape = tuple(model.output_shape(blank.shape))
        if shape == (10,):
            _activations(model, blank)
    except (TypeError, ValueError) as error:
        hint = "" if any(isinstance(layer, Normalize) for layer in model.layers) else ", which a Normalize layer does"
        raise ValueError(f"{name} must take uint8 images of {FIELD}×{FIELD}{hint}: {error}") from None
    if shape != (10,):
        raise ValueError(f"{name} must give 10 outputs, got shape {shape}")
    return model


def _ink(name, value):
    """Check the pad's pixels, as the page sends them."""
    name = name.lstrip("_")
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{name} must be bytes, got {type(value).__name__}")
    value = bytes(value)
    if len(value) != SIDE * SIDE:
        raise ValueError(f"{name} must have {SIDE * SIDE:,} pixels, got {len(value):,}")
    return value


def _as_bytes(drawing):
    grey = checked(lambda name, value: read_grey(value, name), "drawing", drawing)
    if grey.shape != (SIDE, SIDE):
        raise InvalidTrait(f"drawing must have shape ({SIDE}, {SIDE}), got {grey.shape}")
    return np.floor(255 * grey + 0.5).astype(np.uint8).tobytes()


class DigitPad(TeachingWidget):
    """A pad to draw a digit on; the network's answer and its feature maps follow the pen.

    Parameters
    ----------
    model : Sequential, optional
        Takes (N, 28, 28) uint8 images and returns (N, 10) logits. Default: the LeNet-5 that is
        shipped with its weights, `cnnlib.load_lenet5`.
    drawing : str, path, bytes, file object, PIL.Image.Image or array_like, shape (140, 140), optional
        A picture, or a file of one, as `cnnlib.pictures.read_grey` takes it: black is paper, white is ink, as in
        MNIST. Default: the example of a seven.

    Attributes
    ----------
    drawing : ndarray of uint8, shape (140, 140)
        What is on the pad; may be set.
    image : ndarray of uint8, shape (28, 28)
        What the network sees: `as_mnist` of the drawing.
    probabilities : ndarray of float32, shape (10,)
        The softmax of the model's outputs; NaN where they are no finite numbers.
    maps : list of ndarray of float32, shape (C, H, W)
        Of each convolution, after its activation function; 0 for what is no finite number.

    Raises
    ------
    ValueError
        If `model` is no Sequential, does not take such images or does not tell ten classes apart,
        or the drawing has another shape or range. What is refused changes nothing.

    Examples
    --------
    >>> pad = DigitPad()
    >>> pad
    DigitPad(model with 61,706 parameters, says 7)
    >>> pad.image.shape, [maps.shape for maps in pad.maps]
    ((28, 28), [(6, 28, 28), (16, 10, 10)])
    """

    _root = "cnn-digit-pad"
    _pictures = (("_drawing", "drawing", SIDE),)

    model = Checked(_checked_model)
    _drawing = Checked(_ink).tag(sync=True)
    _image = Bytes(read_only=True).tag(sync=True)
    _probabilities = Bytes(read_only=True).tag(sync=True)
    _maps = Bytes(read_only=True).tag(sync=True)
    _stages = List(read_only=True).tag(sync=True)
    # What a unit of each convolution is computed from, for the ledger on the page.
    _inside = List(read_only=True).tag(sync=True)
    _sources = Bytes(read_only=True).tag(sync=True)
    _weights = Bytes(read_only=True).tag(sync=True)
    _problem = Unicode(read_only=True).tag(sync=True)  # why there is no answer
    _examples = List(EXAMPLES, read_only=True).tag(sync=True)
    _pen = Float(PEN, read_only=True).tag(sync=True)
    # The page numbers its drawings; the answer carries the number of the one it belongs to.
    _asked = Whole().tag(sync=True)
    _answered = Int(0, read_only=True).tag(sync=True)
    _seen = None  # the drawing that the model has looked at

    def __init__(self, model=None, drawing=None, **traits):
        super().__init__(
            model=load_lenet5() if model is None else model,
            _drawing=_as_bytes(example(7) if drawing is None else drawing),
            **traits,
        )

    @property
    def drawing(self):
        return np.frombuffer(self._drawing, np.uint8).reshape(SIDE, SIDE)

    @drawing.setter
    def drawing(self, value):
        self._drawing = _as_bytes(value)

    @property
    def image(self):
        return np.frombuffer(self._image, np.uint8).reshape(FIELD, FIELD)

    @property
    def probabilities(self):
        shares = np.frombuffer(self._probabilities, np.float32)
        return np.full_like(shares, np.nan) if self._problem else shares

    @property
    def maps(self):
        values, start, stages = np.frombuffer(self._maps, np.float32), 0, []
        for stage in self._stages:
            shape = stage["shape"]
            stages.append(values[start : start + np.prod(shape)].reshape(shape))
            start += stages[-1].size
        return stages

    @observe("model", "_drawing", "_asked")
    def _follow(self, change):
        # A drawing from the page comes together with its number, and one look at both is enough.
        done = {"_drawing": self._drawing is self._seen, "_asked": self._asked == self._answered}
        if not done.get(change["name"]):
            self.look()

    def look(self):
        """Let the model look at the drawing again, for example after its weights have changed."""
        image = as_mnist(self.drawing)
        outputs = _activations(self.model, image)
        stages = conv_stages(self.model)
        maps = [outputs[last][0] for _, last in stages]
        known = np.isfinite(outputs[-1]).all()
        inside, sources, weights = _insides(self.model, image, outputs)
        self.tell(
            _inside=inside,
            _sources=_float_bytes(sources),
            _weights=_float_bytes(weights),
            _image=image.tobytes(),
            _problem="" if known else t("digit_pad.no_answer"),
            _probabilities=(softmax(outputs[-1])[0] if known else np.zeros(10)).astype(np.float32).tobytes(),
            _stages=[
                {"name": name, "shape": list(values.shape), "signed": bool((values < 0).any())}
                for (name, _), values in zip(stages, maps)
            ],
            _maps=_float_bytes(maps),
            _answered=self._asked,
        )
        self._seen = self._drawing

    def __repr__(self):
        parameters = sum(array.size for array in self.model.parameters().values())
        says = "no answer" if self._problem else f"says {self.probabilities.argmax()}"
        return f"DigitPad(model with {parameters:,} parameters, {says})"

    def describe(self):
        """Return what the network says, as one line of text."""
        if self._problem:
            return t("digit_pad.no_answer")
        first, second = np.argsort(-self.probabilities, kind="stable")[:2]
        shares = [belief(self.probabilities[digit]) for digit in (first, second)]
        key = "digit_pad.says" if self.image.any() else "digit_pad.says_empty"
        return t(key, first=first, share=shares[0], second=second, other=shares[1])

    def picture(self):
        """Return the widget as it stands, as a `matplotlib.figure.Figure`."""
        colors = figures.PALETTE["light"]
        stages = list(zip(self._stages, self.maps))
        steps = [41.7 / max(values.shape[0], 6) for _, values in stages]
        tops = [17.6 + sum(step + 1.6 for step in steps[:k]) for k in range(len(steps) + 1)]
        figure, ax = figures.canvas(43, tops[-1] - 0.5, unit=0.21)
        small = figures.points(ax, 0.65)
        caption = {"color": colors["muted"], "fontsize": small, "va": "center"}
        figures.pixels(ax, self.drawing, "input", place=(0.8, 0.8), pitch=14 / SIDE, largest=255)
        figures.frame(ax, (0.8, 0.8), 14, 14, linewidth=1)
        ax.text(7.8, 15.6, t("digit_pad.your_drawing"), ha="center", **caption)
        figures.pixels(ax, self.image, "input", place=(17, 4.3), pitch=7 / FIELD, largest=255)
        figures.frame(ax, (17, 4.3), 7, 7)
        ax.text(20.5, 12.1, t("digit_pad.sees"), ha="center", **caption)
        if self._problem:
            ax.text(27, 7.8, textwrap.fill(t("digit_pad.no_answer"), 34), **{**caption, "color": colors["alert"]})
        for digit, share in enumerate([] if self._problem else self.probabilities):
            y, likely = 1.5 + 1.4 * digit, digit == self.probabilities.argmax()
            weight = "bold" if likely else "normal"
            text = {"color": colors["ink"], "fontsize": 1.15 * small, "va": "center", "fontweight": weight}
            ax.text(27, y, str(digit), ha="right", **text)
            ax.add_patch(figures.Rectangle((27.6, y - 0.42), 10.6, 0.84, facecolor=colors["output_zero"]))
            ax.add_patch(figures.Rectangle((27.6, y - 0.42), 10.6 * float(share), 0.84, facecolor=colors["output"]))
            ax.text(42.2, y, belief(share, brief=True), ha="right", **text)
        for k, (stage, values) in enumerate(stages):
            count, rows, columns = values.shape
            y, step = tops[k], steps[k]
            name = t("digit_pad.stage", name=stage_name(stage["name"]), count=count, rows=rows, cols=columns)
            ax.text(0.8, y - 0.3, name, **caption)
            largest = figures.strongest(values)
            for index, one in enumerate(values):
                place = (0.8 + index * step, y + 0.5)
                pitch = (step - 0.3) / max(rows, columns)
                figures.pixels(ax, one, "output", place=place, pitch=pitch, largest=largest)
                figures.frame(ax, place, columns * pitch, rows * pitch)
        ax.set(xlim=(0, 43), ylim=(tops[-1] - 0.5, 0))  # imshow moves them
        return figure


def stage_name(name):
    """Return a name of `conv_stages` in the language chosen."""
    name = name.replace("convolution", t("digit_pad.convolution")).replace("batch norm", t("digit_pad.batch_norm"))
    one, _, other = name.rpartition(" and ")
    return t("shared.and", one=one, other=other) if one else name


def conv_stages(model):
    """The name of each convolution and the place of its last activation in `model.layers`."""
    stages = []
    for place, layer in enumerate(model.layers):
        if isinstance(layer, Conv2d):
            last, names = place, ["convolution"]
            for follower in model.layers[place + 1 :]:
                if not isinstance(follower, (BatchNorm2d, ReLU, LeakyReLU, Sigmoid, Tanh)):
                    break
                last += 1
                names.append("batch norm" if isinstance(follower, BatchNorm2d) else type(follower).__name__)
            stages.append((" and ".join(filter(None, [", ".join(names[:-1]), names[-1]])), last))
    return stages


def _insides(model, image, outputs):
    """What the ledger of a unit is made of, a convolution an entry: its layer, its input, its weights."""
    try:
        layers, parameters = describe_layers(model, image.shape)
    except ValueError:  # a layer that has no ledger
        return [], [], []
    index = {one["place"]: k for k, one in enumerate(layers)}
    inside, sources, weights = [], [], []
    for name, last in conv_stages(model):
        place = max(k for k, layer in enumerate(model.layers[: last + 1]) if isinstance(layer, Conv2d))
        one, k = layers[index[place]], index[place]
        before = layers[k - 1] if k else {"place": -1, "shape": [1, *image.shape]}
        after = name.removeprefix("convolution").removeprefix(",").removeprefix(" and").strip()
        inside.append({**one, "after": after, "source": {"place": before["place"], "shape": before["shape"]}})
        sources.append(outputs[before["place"]][0] if k else image)
        weights += parameters[one["parameters"] : one["parameters"] + 2]
    return inside, sources, weights


def _float_bytes(arrays):
    """Numbers as they travel to the page; 0 for what is no finite number."""
    return b"".join(np.nan_to_num(np.asarray(one, np.float32), posinf=0, neginf=0).tobytes() for one in arrays)
