"""What all teaching widgets share: a script, a style, a static picture and a line of text."""

import base64
import difflib
import sys
import threading
from collections import deque
from contextlib import contextmanager
from functools import wraps
from inspect import Parameter, signature
from io import BytesIO
from pathlib import Path

import anywidget
from matplotlib import style
from traitlets import All, Dict, EventHandler, TraitError, TraitType, Unicode

from cnnlib.colours import PALETTE
from cnnlib.widgets.joiner import join_script, join_style
from cnnlib.widgets.traits import Cell, Index, InvalidTrait, held
from cnnlib.words import follow, t

if sys.platform == "emscripten":
    from cnnlib.widgets._browser import speak_json

    speak_json()


LOADER = (Path(__file__).parent / "loader.js").read_text(encoding="utf-8")


class _Waiting(threading.local):
    """Calls of observers that wait until a change is whole, by the widget's id; each thread has its own."""

    def __init__(self):
        self.calls = {}


_WAITING = _Waiting()


class TeachingWidget(anywidget.AnyWidget):
    """A widget with a script and, where that cannot run, a picture and a line of text.

    A subclass stands in ``widget.py`` of a folder of its own, beside ``view.js`` and ``style.css``. It
    names in `_root` the class that its script gives to its outermost element, and defines `picture`,
    `describe` and `__repr__`.
    """

    _root = None
    _passing = ("playing",)  # traits that are no part of what the widget shows: no undo, no argument
    _follows = ()  # arguments whose defaults depend on others: they are written where one of those is
    _stands = ()  # traits that no line can hold, and what is written instead: {argument: text, or None to leave it out}
    _pictures = ()  # traits that are a grey picture's bytes: (trait, the argument that makes it, pixels in a row)
    _call = Dict(read_only=True).tag(sync=True)  # how Python makes the widget, for shared/python.js
    _language = Unicode(read_only=True).tag(sync=True)  # for shared/words.js; "" leaves it to the page

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "__init__" in cls.__dict__:
            cls.__init__ = _remembered(cls.__init__)
        if cls.__dict__.get("_root"):
            folder = Path(sys.modules[cls.__module__].__file__).parent
            cls._esm = join_script(folder / "view.js")
            cls._css = join_style(folder, cls._root)
        for trait in vars(cls).values():
            if isinstance(trait, TraitType):
                # The page tells a hand's change a little later than it shows it. An echo of what it has
                # told would reach it when the hand is further on, and take the hand back.
                trait.tag(echo_update=False)

    def __init__(self, **traits):
        known = {name for name, trait in self.traits().items() if not trait.read_only}
        for name in sorted(traits.keys() - known):
            near = difflib.get_close_matches(name, sorted(known | {*signature(type(self)).parameters}), 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"{type(self).__name__}() has no argument {name!r}{hint}")
        super().__init__(**traits)
        follow(self)

    def get_state(self, *args, **kwargs):
        """Return what the page is told: its script as the source of what a short one loads, see loader.js."""
        state = super().get_state(*args, **kwargs)
        if "_esm" in state:
            state |= {"_esm": LOADER, "_esm_source": state["_esm"]}
        return state

    def set_state(self, sync_data):
        """Take what the page says, all of it or nothing; it passes the checks of an assignment.

        Where something is refused, the page is told what holds, lest it go on showing something else.
        """
        try:
            for name in sync_data:
                if self.has_trait(name) and self.traits()[name].read_only:
                    raise InvalidTrait(f"{name} is read-only, the page cannot set it")
            super().set_state(sync_data)
        except TraitError:
            self.send_state([name for name in sync_data if name in self.keys])
            raise

    def _remember(self, arguments):
        """Keep with which arguments the widget was made, and what became of them."""
        self._made = arguments, {name: getattr(self, name) for name in self._arguments()}
        self._tell_call()

    def _arguments(self):
        """Return the names of the traits that are arguments, or made by one, and that the page may change."""
        others = {*anywidget.AnyWidget.class_trait_names(), *self._passing}
        own = {name for name, trait in self.traits(sync=True).items() if not trait.read_only} - others
        return sorted({name for name in own if not name.startswith("_")} | {trait for trait, _, _ in self._pictures})

    def _default(self, name):
        """Return the value that a trait has where its argument is not given, None if that depends."""
        try:
            return self.traits()[name].validate(self, signature(type(self)).parameters[name].default)
        except (KeyError, TraitError):
            return None

    def _tell_call(self):
        arguments, made = self._made
        argument = {name: name for name in made} | {trait: name for trait, name, _ in self._pictures}
        written = [
            name for name, value in made.items()
            if getattr(self, name) != (self._default(name) if argument[name] in arguments else value)
        ]
        given = [[name, _as_source(name, value)] for name, value in arguments.items() if name not in argument.values()]
        self.set_trait("_call", {
            "name": type(self).__name__, "given": given, "written": written, "traits": list(made),
            "follows": {name: list(others) for name, others in self._follows}, "stands": dict(self._stands),
            "pictures": {trait: [name, width] for trait, name, width in self._pictures},
        })

    @contextmanager
    def hold_trait_notifications(self):
        """Set several traits as one change: checked together, and told to the page in one message."""
        with self.hold_sync(), self._others_last(), super().hold_trait_notifications():
            yield

    def _notify_observers(self, event):
        """Let the widget's own observers (`@observe`) hear of a change at once, and all others when it is whole.

        What follows from a change is then in place before anybody from outside looks at the widget, or raises:
        the widget is never left between two states, of which it could show neither.
        """
        told = self._trait_notifiers
        handlers = [one for name in (event["name"], All) for kind in (event["type"], All)
                    for one in told.get(name, {}).get(kind, ())]
        with self._others_last() as calls:
            calls.extend((one, event) for one in handlers if not isinstance(one, EventHandler))
            for one in handlers:
                if isinstance(one, EventHandler):
                    getattr(self, one.name)(event)

    @contextmanager
    def _others_last(self):
        """Keep the calls of other observers until a change is whole, then make them in the order of the changes.

        One that raises keeps no other from its call; the first error is raised after all.
        """
        if id(self) in _WAITING.calls:
            yield _WAITING.calls[id(self)]
            return
        calls = _WAITING.calls[id(self)] = deque()
        errors = []
        try:
            yield calls
        finally:
            try:
                while calls:
                    observer, event = calls.popleft()
                    try:
                        observer(event)
                    except Exception as error:
                        errors.append(error)
            finally:
                del _WAITING.calls[id(self)]
        if errors:
            raise errors[0]

    def set_trait(self, name, value):
        """Set a trait, one that is read-only too; lists are kept so that nobody changes them unheard."""
        super().set_trait(name, held(value))

    def tell(self, **values):
        """Set traits that are read-only for everybody else, in one message to the page."""
        with self.hold_sync():
            for name, value in values.items():
                self.set_trait(name, value)

    def stay_inside(self):
        """Move each index and cell that the widget no longer has to the nearest that it has."""
        for name, trait in self.traits().items():
            if isinstance(trait, (Index, Cell)):
                self.set_trait(name, trait.inside(self, getattr(self, name)))

    def picture(self):
        """Return what the widget shows now as a `matplotlib.figure.Figure` on white."""
        raise NotImplementedError

    def describe(self):
        """Return what the picture says, as one line of text."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs):
        self._tell_call()
        data, metadata = super()._repr_mimebundle_(**kwargs)
        file = BytesIO()
        with style.context("default"):  # it looks the same whatever style the notebook draws its own figures in
            figure = _with_note(self.picture(), t("shared.run"))
            # A reader waits for it: packed more tightly it is a seventh smaller, and takes up to a third longer.
            figure.savefig(file, format="png", dpi=figure.dpi, pil_kwargs={"compress_level": 1})
        data["text/plain"] = self.describe()
        data["image/png"] = base64.b64encode(file.getvalue()).decode("ascii")
        # Drawn at twice the size it is shown at, to be crisp on any screen.
        metadata = dict(metadata or {}, **{"image/png": {"width": round(figure.get_figwidth() * figure.dpi / 2)}})
        return data, metadata


def _with_note(figure, text):
    """Return the figure with a line of text below all that it shows."""
    high, line = figure.get_figheight(), 0.3  # inches
    places = [ax.get_position() for ax in figure.axes]
    figure.set_figheight(high + line)
    for ax, box in zip(figure.axes, places):
        ax.set_position([box.x0, (box.y0 * high + line) / (high + line), box.width, box.height * high / (high + line)])
    for one in figure.texts:
        one.set_y((one.get_position()[1] * high + line) / (high + line))
    figure.text(0.99, 0.3 * line / (high + line), f"▶ {text}", ha="right", fontsize=11, color=PALETTE["light"]["muted"])
    return figure


def _remembered(init):
    """Let a constructor remember its arguments, as the outermost one of the class that is made."""

    @wraps(init)
    def made(self, *args, **kwargs):
        init(self, *args, **kwargs)
        if type(self).__init__ is made:
            bound = signature(init).bind(self, *args, **kwargs).arguments
            rest = bound.pop(next((name for name, one in signature(init).parameters.items()
                                   if one.kind is Parameter.VAR_KEYWORD), ""), {})
            self._remember(dict(list(bound.items())[1:]) | rest)

    return made


def _as_source(name, value):
    """Return how an argument is written that is no trait: what is not a short text or number, by its name."""
    return repr(value) if isinstance(value, (str, int, float)) or value is None else name
