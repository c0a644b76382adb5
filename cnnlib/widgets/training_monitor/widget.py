"""Watch a training while it goes on: curves, first-layer filters, what they make of one image; pause it, change it."""

import threading
import time

import numpy as np
from IPython.display import display
from traitlets import Bytes, Dict, Float, Int, List, Unicode, observe, validate

from cnnlib import figures
from cnnlib.background import Training
from cnnlib.functional import softmax, softmax_cross_entropy
from cnnlib.layers import Conv2d
from cnnlib.optim import scheduled_rate
from cnnlib.sequential import Sequential
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.digit_pad import conv_stages
from cnnlib.widgets.traits import InvalidTrait, Whole, whole
from cnnlib.words import belief, in_each, percent, t

POINTS = 100  # of each curve: more could not be told apart
PERIOD = 0.12  # seconds between two messages to the page
MOST_MAPS = 8
LARGEST_DIGIT = 10**9  # labels may be any classes; ten of them are shown
CHARTS = (("loss", "", "weight"), ("accuracy", ", %", "output"), ("rate", "", "ink"))


class TrainingMonitor(TeachingWidget):
    """A training in the background: its curves, its first filters at work, and the buttons that steer it.

    Each point of the curves is the mean over the latest hundredth of all steps, of batches as they
    were before the network learned from them: in the first epoch, of images that are new to it.

    Parameters
    ----------
    training : Training
        May go on already.
    digit : int, default 0
        Whose first example among the training images is shown; 0 to 9, as the labels say.

    Attributes
    ----------
    curve : list of [int, float, float, float]
        Steps done, mean loss, mean accuracy in [0, 1] (None for a net without classes), learning rate.
    plan : list of [int, float]
        Steps done, and the learning rate that the schedule foresees.
    filters : ndarray of float32, shape (C, KH, KW)
        Of the first convolution, at most eight; none where it has several input channels.
    maps : ndarray of float32, shape (C, H, W)
        What the first convolution and its activation function make of the example.
    probabilities : ndarray of float32, shape (K,)
        What the network says of it; empty where it tells no classes apart, or by another loss than
        `softmax_cross_entropy`.

    Raises
    ------
    ValueError
        If `training` is no `Training`, or there is no such digit.

    Examples
    --------
    >>> from cnnlib import SGD, lenet5
    >>> model = lenet5(rng=0)
    >>> images, labels = np.zeros((128, 28, 28), np.uint8), np.arange(128) % 10
    >>> monitor = TrainingMonitor(Training(model, images, labels, optimizer=SGD(model, 0.1), rng=0), digit=3)
    >>> monitor, monitor.filters.shape, monitor.maps.shape
    (TrainingMonitor(ready, 0 of 2 steps, digit 3), (6, 5, 5), (6, 28, 28))
    >>> monitor.describe()
    'Nothing trained yet: 2 steps to go.'
    """

    _root = "cnn-monitor"

    # The page sends messages and never sets a trait: so one lock is enough to let the training's
    # thread and the notebook's both change them.
    state = Unicode("ready", read_only=True).tag(sync=True)
    steps = Int(read_only=True).tag(sync=True)
    done = Int(read_only=True).tag(sync=True)
    curve = List(read_only=True).tag(sync=True)
    plan = List(read_only=True).tag(sync=True)
    digit = Whole(0, LARGEST_DIGIT).tag(sync=True)
    digits = List(read_only=True).tag(sync=True)
    _exponent = Float(0, read_only=True).tag(sync=True)  # of the rate's factor, a power of two
    _shapes = Dict(read_only=True).tag(sync=True)
    _image = Bytes(read_only=True).tag(sync=True)
    _filters = Bytes(read_only=True).tag(sync=True)
    _maps = Bytes(read_only=True).tag(sync=True)
    _heard = Int(0, read_only=True).tag(sync=True)  # the number of the page's last wish
    _says = Dict(read_only=True).tag(sync=True)  # by language, and so the answer
    _answer = Dict(read_only=True).tag(sync=True)
    _read = None  # as which digit the model reads the image, and how surely
    probabilities = np.zeros(0, np.float32)

    def __init__(self, training, digit=0, **traits):
        if not isinstance(training, Training):
            raise InvalidTrait(f"training must be a Training, got {training!r}")
        self.training, self._points, self._sent = training, [], 0.0
        self._before = 0  # steps of the trainings that this one goes on with
        self._lock, self._handle = threading.RLock(), None
        images, labels = np.asarray(training.images), np.asarray(training.labels)
        pictures = images[:, 0] if images.ndim == 4 and images.shape[1] == 1 else images
        self._examples, digits = {}, []
        if pictures.ndim == 3 and labels.ndim == 1 and labels.dtype.kind in "iu":
            digits, first = np.unique(labels, return_index=True)
            self._examples = {int(d): (images[i], pictures[i]) for d, i in zip(digits[:10], first)}
        self.tell(digits=list(self._examples))
        super().__init__(digit=digit, **traits)
        self._watch()
        self.on_msg(self._obey)

    def _watch(self):
        """Follow the training at hand, which may go on with another."""
        steps, before = self.training.steps, self._before
        ahead = np.unique(np.linspace(0, steps - 1, POINTS).astype(int)).tolist()
        plan = [[before + step + 1, scheduled_rate(self.training.schedule, step, steps)] for step in ahead]
        self.tell(steps=before + steps, plan=[point for point in self.plan if point[0] <= before] + plan)
        self._update()
        self.training.listeners.append(self._follow)

    @validate("digit")
    def _check_digit(self, proposal):
        if proposal.value not in (self.digits or [proposal.value]):
            raise InvalidTrait(f"digit must be one of {', '.join(map(str, self.digits))}, got {proposal.value!r}")
        return proposal.value

    @observe("digit")
    def _on_digit(self, change):
        self._update()

    @property
    def filters(self):
        return np.frombuffer(self._filters, np.float32).reshape(self._shapes["filters"])

    @property
    def maps(self):
        return np.frombuffer(self._maps, np.float32).reshape(self._shapes["maps"])

    def show(self):
        """Display the monitor; once the training has ended, its stored picture follows."""
        self._handle = display(self, display_id=True)

    def go_on(self):
        """Train on when all steps are done, or the training was stopped: as many steps again, see `Training.again`.

        The curves go on with them; `training` is the new one from now on.
        """
        training = self.training.again()
        with self._lock:
            if self.training.history.steps:
                self._points = [point for point in self._points if point[0] < self._done] + [self._point()]
            self.training, self._before = training, self._done
            self._watch()
        training.start()

    @property
    def _done(self):
        """Steps of all the trainings together."""
        return self._before + self.training.history.steps

    def _follow(self, training):
        """Called by the training, from its thread, after each step and each change of state."""
        done, every = self._done, max(1, training.steps // POINTS)
        news = training.state != self.state
        if not news and (done % every == 0 or done == self.steps):
            self._points.append(self._point())
        if news or training.state == "paused" or time.perf_counter() - self._sent >= PERIOD:
            self._update()
        if training.ended and self._handle is not None:
            self._handle.update(self)

    def _point(self):
        history, every = self.training.history, max(1, self.training.steps // POINTS)
        steps = history.steps  # once: the training may go on meanwhile
        if not steps:
            return self._points[-1]
        latest = (np.mean(values[max(0, steps - every) : steps]) for values in (history.loss, history.accuracy))
        loss, accuracy = map(float, latest)
        accuracy = None if np.isnan(accuracy) else accuracy  # no classes: and JSON knows no NaN
        return [self._before + steps, loss, accuracy, float(history.learning_rate[steps - 1])]

    def _update(self):
        """Look at the training and at the model, and tell the page, in one message."""
        if not hasattr(self, "training"):
            return
        with self._lock, self.hold_sync():
            exponent = float(np.log2(self.training.rate_factor))
            self.tell(state=self.training.state, done=self._done, _exponent=exponent)
            if self.training.history.steps:
                self.tell(curve=[point for point in self._points if point[0] < self.done] + [self._point()])
            with np.errstate(all="ignore"):  # a training that diverges is shown as well
                self._look()
            self.tell(_says=in_each(self.describe), _answer=in_each(self._reading))
        self._sent = time.perf_counter()

    def _look(self):
        image, picture = self._examples.get(self.digit, (None, None))
        if image is None:
            self.tell(_shapes={"filters": [0, 0, 0], "maps": [0, 0, 0], "image": [0, 0]})
            return
        # A replica has caches of its own: the model may be in the middle of a step.
        model = self.training.model.replica().eval()
        if not isinstance(model, Sequential):  # a layer alone is trained as well
            model = Sequential(model)
        outputs = model.activations(image[None])
        first = conv_stages(model)[:1]
        maps = outputs[first[0][1]][0][:MOST_MAPS] if first else np.zeros((0, 0, 0))
        weights = [layer.weight for layer in model.layers if isinstance(layer, Conv2d) and layer.in_channels == 1]
        filters = weights[0][:MOST_MAPS, 0] if weights and first else np.zeros((0, 0, 0))
        end = float(picture.max()) or 1.0
        filters, maps = (np.nan_to_num(array, posinf=0, neginf=0).astype(np.float32) for array in (filters, maps))
        self.tell(
            _shapes={"filters": list(filters.shape), "maps": list(maps.shape), "image": list(picture.shape)},
            _image=np.nan_to_num(picture / end * 255).clip(0, 255).astype(np.uint8).tobytes(),
            _filters=filters.tobytes(), _maps=maps.tobytes(),
        )
        classes = outputs[-1].ndim == 2 and outputs[-1].shape[1] > 1 and np.isfinite(outputs[-1]).all()
        self.probabilities, self._read = np.zeros(0, np.float32), None
        if classes:
            said = int(outputs[-1][0].argmax())
            self._read = said, None
            if self.training.loss is softmax_cross_entropy:  # under another loss the outputs are no logits
                self.probabilities = softmax(outputs[-1])[0].astype(np.float32)
                self._read = said, self.probabilities[said]

    def _reading(self):
        """What the model makes of the image, in words; nothing where it gives no answer."""
        if self._read is None:
            return ""
        said, share = self._read
        if share is None:
            return t("training_monitor.answer", said=said)
        return t("training_monitor.answer_sure", said=said, share=belief(share))

    def _obey(self, _, message, buffers):
        """Do what the hand asks for on the page."""
        training, wish = self.training, message.get("do")
        if wish in ("start", "pause", "step", "stop"):
            getattr(training, wish)()
        elif wish == "again" and training.ended:  # of two hasty presses the second comes too late
            self.go_on()
        elif wish == "rate":
            training.rate_factor = 2.0 ** whole("exponent", message.get("value"), -10, 10)
            self._update()
        elif wish == "digit":
            with self._lock:
                self.digit = message.get("value")
        with self._lock:  # or it could be lost in a message that the training's thread is about to send
            self.tell(_heard=whole("number", message.get("number")))

    def describe(self):
        """Return what the pictures say, as one line of text."""
        done = self._done
        if self.training.state == "failed":
            return t("training_monitor.says_failed", done=done, count=self.steps, error=self.training.error)
        if not done:
            return t("training_monitor.says_nothing", count=self.steps)
        point = self._point()
        (_, first_loss, first_accuracy, _), (_, loss, accuracy, rate) = (self._points or [point])[0], point
        factor = self.training.rate_factor
        said = t(
            "training_monitor.says", state=t(f"training_monitor.state_named_{self.training.state}"), done=done,
            count=self.steps, first_loss=f"{first_loss:.2f}", loss=f"{loss:.2f}",
            first_accuracy=percent(first_accuracy), accuracy=percent(accuracy), rate=f"{rate:.3g}",
            factor=t("training_monitor.your_factor", factor=f"{factor:g}") if factor != 1 else "",
        )
        answer = self._reading()
        return t("training_monitor.says_digit", says=said, digit=self.digit, answer=answer) if answer else said

    def __repr__(self):
        digit = f", digit {self.digit}" if self.digits else ""
        return f"TrainingMonitor({self.training.state}, {self._done} of {self.steps} steps{digit})"

    def picture(self):
        """Return curves, filters and maps as a `matplotlib.figure.Figure`."""
        colors = figures.PALETTE["light"]
        count = max(self._shapes["filters"][0], self._shapes["maps"][0])
        figure, canvas = figures.canvas(45, 26 if count else 13, unit=0.2)
        width, height = 45, canvas.get_ylim()[0]
        done, loss, accuracy, rate = np.array(self.curve, float).reshape(-1, 4).T
        for k, ((name, unit, role), values) in enumerate(zip(CHARTS, (loss, 100 * accuracy, rate))):
            ax = figure.add_axes(((2.6 + 14.8 * k) / width, 1 - 10.6 / height, 12 / width, 8.6 / height))
            plan = self.plan if k == 2 else []
            ax.plot(*np.array(plan).reshape(-1, 2).T, color=colors["control"], linewidth=1, linestyle="--")
            ax.plot(done, values, color=colors[role], linewidth=2, clip_on=False)
            heights = [value for value in (*values, *(rate for _, rate in plan)) if np.isfinite(value)]
            top = max(heights, default=1) * 1.05 or 1
            ax.set(xlim=(0, self.steps), ylim=(0, 100 if k == 1 else top))
            ax.set_title(t(f"training_monitor.chart_{name}") + unit, loc="left", color=colors["ink"], fontsize=12)
            ax.tick_params(colors=colors["muted"], labelsize=9)
            ax.locator_params(nbins=5)
            ax.grid(color=colors["line"], linewidth=0.6)
            ax.spines[["top", "right"]].set_visible(False)
            ax.spines[["left", "bottom"]].set_color(colors["line"])
        if not count:
            return figure
        style = {"color": colors["muted"], "fontsize": figures.points(canvas, 0.75), "va": "center"}
        side = min(5.6, 42 / (count + 1) - 0.6)
        picture = np.frombuffer(self._image, np.uint8).reshape(self._shapes["image"])
        figures.pixels(canvas, picture, "input", place=(1, 19.6), pitch=side / max(picture.shape), largest=255)
        figures.frame(canvas, (1, 19.6), side, side)
        canvas.text(1, 13.4, t("training_monitor.picture_filters"), **style)
        canvas.text(1, 19, t("training_monitor.picture_input", digit=self.digit), **style)
        canvas.text(1 + side + 1, 19, t("training_monitor.picture_maps"), **style)
        for role, values, top in (("weight", self.filters, 14.2), ("output", self.maps, 19.6)):
            end = np.abs(values).max(initial=0) or 1
            for k, one in enumerate(values):
                place = 1 + (side + 0.6) * (k + 1) + 0.4, top
                pitch = (4 if role == "weight" else side) / max(one.shape)
                figures.pixels(canvas, one, role, place=place, pitch=pitch, largest=end)
                figures.frame(canvas, place, one.shape[1] * pitch, one.shape[0] * pitch)
        if self._read:
            canvas.text(1, 19.6 + side + 0.6, self._reading(), **style)
        canvas.set(xlim=(0, width), ylim=(height, 0))  # imshow moves them
        return figure
