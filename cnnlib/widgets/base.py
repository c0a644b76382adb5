"""What all teaching widgets share: a script, a style, a static picture and a line of text."""

import base64
import sys
from io import BytesIO
from pathlib import Path

import anywidget
import numpy as np
from traitlets import TraitError, TraitType

from cnnlib._validate import check_array, check_finite
from cnnlib.widgets.joiner import join_script, join_style


class InvalidTrait(TraitError, ValueError):
    """A value that a widget refuses.

    traitlets restores the values of before only for its own error; callers expect `ValueError`.
    """


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
