"""The words of the widgets, one table a language, for Python and for the page.

A table is a JSON file of this folder: a text for each key. ``{name}`` in a text is a place for a word or a
number. A text with forms for one and for many is an object, ``{"one": ..., "other": ...}``, whose names are the
plural forms of CLDR; the number called ``count`` chooses among them. Error messages are not here: they are
English, as Python's own are.
"""

import json
import math
import weakref
from contextvars import ContextVar
from functools import cache
from pathlib import Path

import numpy as np

from cnnlib._validate import check_bool, check_callable, check_choice, check_int, check_number, check_text

FOLDER = Path(__file__).parent
_ONE = {  # whether a number of things is named by the form "one"; the rules of CLDR for whole numbers and others
    "en": lambda count: count == 1,
    "de": lambda count: count == 1,
    "es": lambda count: count == 1,
    "fr": lambda count: 0 <= count < 2,
}
_MANY = {"es", "fr"}  # whose whole millions have a form of their own: "un millón de pesos"
LANGUAGES = tuple(_ONE)
LARGEST = 1e300  # of a share: per cent of it are a number

_wanted = ""  # "" is the page's language, and English for what Python says itself
_meanwhile = ContextVar("_meanwhile", default="")  # the language of `in_each`, in one thread
_followers = weakref.WeakSet()  # widgets, to be told of another language


def language(code):
    """Choose the language of all widgets, of those that are shown already too.

    Without a choice each widget speaks the language of the page that it is on, if that is one of these, and
    English if it is not; JupyterLab's page has the language that is chosen in its settings. What Python itself
    says, such as the picture that stands for a widget where it cannot run, is English then.

    Parameters
    ----------
    code : {"en", "de", "es", "fr"} or None
        English, German, Spanish or French; None leaves it to the page.

    Raises
    ------
    ValueError
        If it is none of these.

    Examples
    --------
    >>> language("de")
    >>> t("shared.undo")
    'rückgängig'
    >>> language(None)
    """
    global _wanted
    if code is not None:
        check_choice("code", code, LANGUAGES)
    _wanted = code or ""
    for widget in list(_followers):
        widget.tell(_language=_wanted)


def follow(widget):
    """Tell a widget the language now, and each other one that is chosen."""
    if isinstance(widget, type) or not hasattr(widget, "tell"):
        raise TypeError(f"widget must be one that can be told something, got {widget!r:.60}")
    _followers.add(widget)
    widget.tell(_language=_wanted)


def table(code):
    """Return the entries of a language, by key."""
    return _table(check_choice("code", code, LANGUAGES))


@cache
def _table(code):
    return json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))


def plural(code, count):
    """Return the name of the plural form of a number: "one", "many" or "other".

    Examples
    --------
    >>> plural("en", 0), plural("fr", 0), plural("fr", 2_000_000)
    ('other', 'one', 'many')
    """
    check_choice("code", code, tuple(_ONE))
    whole = isinstance(count, (int, np.integer))
    count = check_int("count", count) if whole else check_number("count", count)
    if _ONE[code](count):
        return "one"
    return "many" if code in _MANY and count and count % 1_000_000 == 0 else "other"


def t(key, **places):
    """Return an entry's text in the language that was chosen, English if none was.

    Parameters
    ----------
    key : str
    **places
        What stands at its places. `count` chooses the plural form.

    Raises
    ------
    TypeError, ValueError
        If there is no such entry, or something is missing at its places.

    Examples
    --------
    >>> t("shared.weights", count=1), t("shared.weights", count=3)
    ('1 weight', '3 weights')
    """
    code = _code()
    if check_text("key", key) not in table(code):
        raise ValueError(f"key must be that of an entry, got {key!r:.60}")
    entry = table(code)[key]
    try:
        if isinstance(entry, dict):
            entry = entry.get(plural(code, places["count"]), entry["other"])
        return entry.format(**places)
    except KeyError as missing:
        raise TypeError(f"places of {key} must hold {missing}, got {', '.join(places) or 'none'}") from None


def known_name(start, name):
    """Return a name that is given in English, such as a default, in the language that was chosen.

    Parameters
    ----------
    start : str
        How the keys of such names begin.
    name : str
        Another one than these stays as it is.

    Examples
    --------
    >>> known_name("pattern_detector.name_", "edge"), known_name("pattern_detector.name_", "Mine")
    ('edge', 'Mine')
    """
    check_text("start", start), check_text("name", name)
    return next((t(key) for key, text in table("en").items() if key.startswith(start) and text == name), name)


def grouped(number):
    """Return a whole number with its thousands apart.

    English has a comma there. The other languages have a narrow space: a comma is a decimal one in them.

    >>> grouped(62006)
    '62,006'
    """
    return f"{check_int('number', number):,}".replace(",", "," if _code() == "en" else "\u202f")


def percent(share, brief=False):
    """Return a share in whole per cent: not 0 where there is something, not 100 where something is missing.

    Parameters
    ----------
    share : float
        1 for all of it; None or NaN, where there is nothing to measure, is a dash.
    brief : bool
        Beside a bar, not in a sentence.

    Raises
    ------
    TypeError, ValueError
        If `share` is something else, or infinite.

    Examples
    --------
    >>> [percent(share).replace("\\u00a0", " ") for share in (0, 0.001, 0.145, 0.999, 1)]
    ['0 %', 'under 1 %', '15 %', 'over 99 %', '100 %']
    >>> percent(0.001, brief=True).replace("\\u00a0", " ").replace("\\u202f", " ")
    '< 1 %'
    """
    brief = check_bool("brief", brief)
    if share is None or math.isnan(share := _measured("share", share)):
        return "–"
    if 0 < share < 0.005:
        return "<\u202f1\u00a0%" if brief else t("shared.under", share="1\u00a0%")
    if 0.995 <= share < 1:
        return ">\u202f99\u00a0%" if brief else t("shared.over", share="99\u00a0%")
    return f"{math.floor(1000 * share / 10 + 0.5)}\u00a0%"  # 14.5 % is rounded up as it stands


def belief(probability, brief=False):
    """Return a network's probability in per cent: it is never sure, and a 0 or a 1 is a rounded number.

    >>> belief(1.0).replace("\\u00a0", " ")
    'over 99 %'
    """
    return percent(min(max(_measured("probability", probability), 1e-9), 1 - 1e-9), brief)


def _measured(name, value):
    """Return a number, or NaN, as a `float`."""
    nothing = isinstance(value, (float, np.floating)) and math.isnan(value)
    return math.nan if nothing else check_number(name, value, -LARGEST, LARGEST)


def in_each(say):
    """Return what a function says, by language: for a page whose language only the page knows.

    >>> in_each(lambda: t("shared.undo"))
    {'en': 'undo', 'de': 'rückgängig', 'es': 'deshacer', 'fr': 'annuler'}
    """
    said, say = {}, check_callable("say", say)
    for code in LANGUAGES:
        token = _meanwhile.set(code)
        try:
            said[code] = say()
        finally:
            _meanwhile.reset(token)
    return said


def _code():
    return _meanwhile.get() or _wanted or "en"
