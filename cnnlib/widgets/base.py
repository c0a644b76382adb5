"""What all teaching widgets share: a script, a style, a static picture and a line of text."""

import base64
import difflib
import sys
from contextlib import contextmanager
from inspect import signature
from io import BytesIO
from pathlib import Path

import anywidget
from traitlets import TraitError, TraitType

from cnnlib.widgets.joiner import join_script, join_style
from cnnlib.widgets.traits import Cell, Index, InvalidTrait


class TeachingWidget(anywidget.AnyWidget):
    """A widget with a script and, where that cannot run, a picture and a line of text.

    A subclass stands in ``widget.py`` of a folder of its own, beside ``view.js`` and ``style.css``. It
    names in `_root` the class that its script gives to its outermost element, and defines `picture`,
    `describe` and `__repr__`.
    """

    _root = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
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

    @contextmanager
    def hold_trait_notifications(self):
        """Set several traits as one change: checked together, and told to the page in one message."""
        with self.hold_sync(), super().hold_trait_notifications():
            yield

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
        data, metadata = super()._repr_mimebundle_(**kwargs)
        figure, file = self.picture(), BytesIO()
        figure.savefig(file, format="png", dpi=figure.dpi)
        data["text/plain"] = self.describe()
        data["image/png"] = base64.b64encode(file.getvalue()).decode("ascii")
        # Drawn at twice the size it is shown at, to be crisp on any screen.
        metadata = dict(metadata or {}, **{"image/png": {"width": round(figure.get_figwidth() * figure.dpi / 2)}})
        return data, metadata
