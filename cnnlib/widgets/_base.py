"""What all teaching widgets share: one script core, one style sheet, a static picture."""

import base64
import json
import re
from io import BytesIO
from pathlib import Path

import anywidget
import numpy as np
from traitlets import TraitError, TraitType

from cnnlib._validate import check_array, check_finite
from cnnlib.figures import PALETTE, UNFOCUSED

_HERE = Path(__file__).parent


def join_script(name):
    """Return the ES module of a widget: the palette, the shared core and ``name.js`` in one.

    An anywidget module cannot import its neighbours, so they are joined when they are read.
    """
    head = f"const PALETTE = {json.dumps(PALETTE)};\nconst UNFOCUSED = {UNFOCUSED};\n"
    return head + "\n".join((_HERE / file).read_text(encoding="utf-8") for file in ("core.js", f"{name}.js"))


def join_style(name):
    """Return the shared style sheet, followed by ``name.css`` where a widget has one.

    A page has one set of styles for all its widgets, so a widget's own rules hold only inside the
    element that its script makes its root: the one with the classes ``cnn`` and its own.
    """
    own, script = _HERE / f"{name}.css", (_HERE / f"{name}.js").read_text(encoding="utf-8")
    shared = (_HERE / "style.css").read_text(encoding="utf-8")
    if not own.exists():
        return shared
    root = re.search(r'class: "cnn (cnn-[\w-]+)"', script)[1]
    # Inside @scope a rule means what is below the root; the root itself is called :scope there.
    rules = re.sub(rf"\.({root}|cnn)(?![\w-])", ":scope", own.read_text(encoding="utf-8"))
    return f"{shared}\n@scope (.{root}) {{\n{rules}}}\n"


class InvalidTrait(TraitError, ValueError):
    """A value that a widget refuses.

    traitlets restores the values of before only for its own error; callers expect `ValueError`.
    """


class TeachingWidget(anywidget.AnyWidget):
    """A widget with a script and, where that cannot run, a picture and a line of text.

    A subclass names its script in `_script` (``slide_filter_2d`` for ``slide_filter_2d.js``) and
    defines `picture`, `describe` and `__repr__`.
    """

    _script = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.__dict__.get("_script"):
            cls._esm = join_script(cls._script)
            cls._css = join_style(cls._script)
        for trait in vars(cls).values():
            if isinstance(trait, TraitType):
                # The page tells a hand's change a little later than it shows it. An echo of what it has
                # told would reach it when the hand is further on, and take the hand back.
                trait.tag(echo_update=False)

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


def as_numbers(name, value, ndim):
    """Return finite numbers as nested lists, which is what travels to the browser.

    Raises
    ------
    InvalidTrait
        A `ValueError`, if `value` is not an `ndim`-D array of finite numbers.
    """
    try:
        array = check_array(name, value, ndim)
        check_finite(name, array)
    except (TypeError, ValueError) as error:
        raise InvalidTrait(str(error)) from None
    return (array.astype(np.int64) if array.dtype.kind == "b" else array).tolist()
