"""What a prediction is: a text, the answers to choose from, and a sentence for each of them.

Texts are plain but for ``*emphasis*`` and `` `code` ``, so that a page can build them as nodes and nothing
in them is ever read as HTML.
"""

import difflib
import html
import importlib
import re
from dataclasses import dataclass, field
from types import MappingProxyType

from cnnlib._validate import check_choice
from cnnlib.words import t

_FOLDED = re.compile(
    r"(?:<div[^>]*>)?<p[^>]*><b>[^<]+</b> .*</p>(?:<ul[^>]*>.*</ul>)?"
    r"<details[^>]*><summary>[^<]+</summary><p><b>.*</details>(?:<p[^>]*>[^<]*</p></div>)?", re.DOTALL
)
_MARKS = re.compile(r"\*(?P<em>[^*\s](?:[^*]*[^*\s])?)\*|`(?P<code>[^`]+)`")


@dataclass(frozen=True)
class Asked:
    """A question, its right answer, and the sentence that belongs to each answer.

    Make one with `choice` or `numbers`.

    Attributes
    ----------
    text : str
        The question.
    choices : tuple of str
        What one can choose; empty where numbers are typed.
    boxes : tuple of str
        What each number is; empty where one chooses.
    right : str or tuple of float
        The right answer: one of `choices`, or one number a box.
    why : str
        Why it is right.
    hears : dict
        For each foreseen wrong answer, what was thought there and where it goes astray.
    otherwise : str
        The same for numbers that nobody foresaw.
    factor : float
        Numbers count as right within this factor; 1 for exact ones.
    """

    text: str
    right: object
    why: str
    hears: dict = field(default_factory=dict)
    choices: tuple = ()
    boxes: tuple = ()
    otherwise: str = ""
    factor: float = 1.0

    def is_right(self, answer):
        """Return whether `answer` is right.

        Examples
        --------
        >>> numbers("How many?", 13, "Count.").is_right([13])
        True
        """
        if self.choices:
            return answer == self.right
        return len(answer) == len(self.right) and all(map(self._is_close, answer, self.right))

    def _is_close(self, given, right):
        if self.factor == 1 or given * right <= 0:
            return abs(given - right) <= 1e-9 * max(1, abs(right))
        return 1 / self.factor <= given / right <= self.factor

    def said(self):
        """Return the right answer in words."""
        if self.choices:
            return self.right
        return "; ".join(f"{name} {write(value)}".strip() for name, value in zip(self.boxes, self.right))

    def to_html(self, styles=MappingProxyType({})):
        """Return the question with its answer folded: for pages that cannot run the widget.

        `is_folded` knows it again. "Predict" and "Answer" are said in the language that was chosen.

        Parameters
        ----------
        styles : mapping of str to str, optional
            The style of each part: "text", "choices", "choice", "boxes", "answer", "note", and "card" around all.
            The names of the boxes and the note, that the cell makes it live, are said only where they have one.

        Examples
        --------
        >>> numbers("How many?", 13, "Count.").to_html()
        '<p><b>Predict.</b> How many?</p><details><summary>Answer</summary><p><b>13</b>. Count.</p></details>'
        """
        def part(name, tag, content):
            style = f' style="{styles[name]}"' if name in styles else ""
            return f"<{tag}{style}>{content}</{tag}>"

        predict, answer = t("question.predict"), t("question.answer")
        options = "".join(part("choice", "li", to_html(option)) for option in self.choices)
        wrong = "".join(
            f"<li><b>{html.escape(key if self.choices else write_all(key))}</b>: {to_html(sentence)}</li>"
            for key, sentence in self.hears.items()
        )
        said = (
            part("text", "p", f"<b>{predict}.</b> {to_html(self.text)}")
            + (part("choices", "ul", options) if options else "")
            + (part("boxes", "p", html.escape(" · ".join(self.boxes))) if "boxes" in styles and self.boxes else "")
            + part("answer", "details", f"<summary>{answer}</summary>"
                   f"<p><b>{html.escape(self.said())}</b>. {to_html(self.why)}</p>"
                   + (f"<ul>{wrong}</ul>" if wrong else ""))
        )
        note = part("note", "p", f"▶ {t('shared.run')}") if "note" in styles else ""
        return part("card", "div", said + note) if "card" in styles else said + note


def is_folded(page):
    """Return whether HTML is a question with its answer folded, in whatever language.

    Parameters
    ----------
    page : str

    Returns
    -------
    bool

    Examples
    --------
    >>> is_folded(numbers("How many?", 13, "Count.").to_html()), is_folded("<p><b>Predict.</b> How many?</p>")
    (True, False)
    """
    return _FOLDED.fullmatch(page) is not None


def choice(text, hears, *, right, why):
    """Return a question with answers to choose from.

    Parameters
    ----------
    text : str
    hears : dict of str to str
        The wrong answers and what each gets to hear, in the order shown; the right one stands among
        them with ``None``, so that its place does not give it away.
    right : str
        The right answer.
    why : str
        Why it is.

    Returns
    -------
    Asked

    Raises
    ------
    ValueError
        If `right` is not the one answer without a sentence of its own.

    Examples
    --------
    >>> hears = {"yes": "Mathematics does.", "no": None}
    >>> asked = choice("Does a convolution flip?", hears, right="no", why="It is learned.")
    >>> asked.choices, asked.hears
    (('yes', 'no'), {'yes': 'Mathematics does.'})
    """
    check_choice("right", right, tuple(hears))
    silent = [answer for answer, sentence in hears.items() if sentence is None]
    if silent != [right]:
        raise ValueError(f"hears must give a sentence to every answer but {right!r}, got none for {silent}")
    wrong = {answer: sentence for answer, sentence in hears.items() if answer != right}
    return Asked(text, right, why, wrong, choices=tuple(hears))


def numbers(text, right, why, *, hears=None, otherwise="Not this one.", boxes=("",), factor=1.0):
    """Return a question that is answered by one number or several.

    Parameters
    ----------
    text : str
    right : float or sequence of float
        One number a box, computed rather than typed wherever that can be.
    why : str
    hears : dict of (float or tuple of float) to str, optional
        Foreseen wrong answers and what each gets to hear.
    otherwise : str
        What any other answer gets to hear.
    boxes : sequence of str
        What each number is, as ``("rows", "columns")``.
    factor : float, default 1
        How far off an estimate may be: 10 for the nearest power of ten.

    Returns
    -------
    Asked

    Raises
    ------
    ValueError
        If there is not one number a box, or a wrong answer is right.

    Examples
    --------
    >>> hears = {(3, 4): "The other way."}
    >>> asked = numbers("Shape?", (4, 3), "To before from.", hears=hears, boxes=("rows", "columns"))
    >>> asked.is_right([4, 3]), asked.said()
    (True, 'rows 4; columns 3')
    """
    right = _numbers(right)
    hears = {_numbers(key): sentence for key, sentence in (hears or {}).items()}
    asked = Asked(text, right, why, hears, boxes=tuple(boxes), otherwise=otherwise, factor=factor)
    for answer in (right, *hears):
        if len(answer) != len(asked.boxes):
            raise ValueError(f"each answer must have {len(asked.boxes)} numbers, one a box, got {answer}")
        if answer in hears and asked.is_right(answer):
            raise ValueError(f"hears must hold wrong answers, got {answer}, which is right")
    return asked


def _numbers(value):
    values = value if isinstance(value, (tuple, list)) else (value,)
    return tuple(int(one) if float(one).is_integer() else float(one) for one in values)


def find(name):
    """Return the question with a name such as ``"02.band"``: lecture, then what is asked.

    Raises
    ------
    TypeError, ValueError
        If `name` is no such name.

    Examples
    --------
    >>> find("02.band").right
    (13,)
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a str such as '02.band', got {type(name).__name__}")
    lecture, _, key = name.partition(".")
    try:
        module = importlib.import_module(f"cnnlib.questions.q{lecture}")
    except ModuleNotFoundError:
        raise ValueError(f"name must begin with a lecture that asks, such as '02.band', got {name!r}") from None
    known = questions_of(module)
    if key not in known:
        near = difflib.get_close_matches(key, known, 1, 0)[0]
        raise ValueError(f"name must be a question of lecture {lecture}, such as '{lecture}.{near}', got {name!r}")
    return known[key]


def questions_of(module):
    """Return the questions of a lecture's module by name, in the order in which they are asked."""
    return {key: value for key, value in vars(module).items() if isinstance(value, Asked)}


def write(value):
    """Return a number as a reader writes it: thousands apart, a true minus sign.

    >>> write(-1792), write(0.25)
    ('−1,792', '0.25')
    """
    return (f"{value:,}" if isinstance(value, int) else f"{value:,.6g}").replace("-", "−")


def write_all(values):
    """Return an answer of several numbers."""
    return "; ".join(map(write, values))


def pieces(text):
    """Return a text as pairs of a mark ("", "em" or "code") and the words under it.

    >>> pieces("the *sum* of `x`")
    [['', 'the '], ['em', 'sum'], ['', ' of '], ['code', 'x']]
    """
    found, last = [], 0
    for match in _MARKS.finditer(text):
        if match.start() > last:
            found.append(["", text[last:match.start()]])
        found.append([match.lastgroup, match[match.lastgroup]])
        last = match.end()
    return found + ([["", text[last:]]] if last < len(text) else [])


def to_html(text):
    """Return a text as HTML, with all of it escaped.

    >>> to_html("*a* < `b`")
    '<em>a</em> &lt; <code>b</code>'
    """
    return "".join(
        f"<{mark}>{html.escape(words)}</{mark}>" if mark else html.escape(words) for mark, words in pieces(text)
    )
