"""Put a prediction: it takes an answer, locks it, and then says what is right and what was thought."""

from traitlets import Dict, Unicode, validate

from cnnlib.questions import find, pieces
from cnnlib.questions.asked import write_all
from cnnlib.widgets.base import TeachingWidget
from cnnlib.widgets.traits import Checked, InvalidTrait, held
from cnnlib.words import t

_COMMITTED = {}  # the answers of this session by question: a cell that is run again keeps its answer


class Question(TeachingWidget):
    """A prediction of a lecture, to be committed before the answer is seen.

    The answer is kept when the cell is run again, and by the browser when the notebook is opened
    again. Where no widget can run, the question stands with its answer folded.

    Parameters
    ----------
    name : str
        Lecture and question, such as ``"02.band"``: see `cnnlib.questions`.

    Attributes
    ----------
    answer : None, str or list of float
        What has been committed: a choice, or one number a box.

    Raises
    ------
    TypeError, ValueError
        If there is no such question, or an answer does not fit it.

    Examples
    --------
    >>> question = Question("02.band")
    >>> question
    Question('02.band')
    >>> question.answer = [15]
    >>> question.describe()
    'Predict. A layer has 5 inputs, 5 units and 25 parameters. If each unit may only see its own input and the two \
beside it, how many parameters are left? You said 15.'
    >>> question.answer = None
    """

    _root = "cnn-question"
    _passing = ("answer",)  # "ask me again" is its way back

    name = Unicode(read_only=True).tag(sync=True)
    asked = Dict(read_only=True).tag(sync=True)
    answer = Checked(lambda name, value: value).tag(sync=True)

    def __init__(self, name, **traits):
        self._asked = find(name)
        self.set_trait("name", name)
        self.set_trait("asked", for_page(self._asked))
        super().__init__(**{"answer": _COMMITTED.get(name)} | traits)
        self.observe(lambda change: _COMMITTED.update({self.name: change.new}), "answer")

    @validate("answer")
    def _check_answer(self, proposal):
        answer, asked = proposal.value, self._asked
        if answer is None:
            return None
        if asked.choices:
            if not isinstance(answer, str) or answer not in asked.choices:
                raise InvalidTrait(f"answer must be one of {list(asked.choices)}, got {answer!r:.80}")
            return answer
        numbers = list(answer) if isinstance(answer, (list, tuple)) else [answer]
        if len(numbers) != len(asked.boxes) or not all(_is_number(one) for one in numbers):
            raise InvalidTrait(f"answer must be {len(asked.boxes)} finite numbers, got {answer!r:.80}")
        return held(numbers)  # it is kept for the session as well

    def __repr__(self):
        return f"Question({self.name!r})"

    def describe(self):
        """Return the question, and what has been answered, as one line of text."""
        text = "".join(words for _, words in pieces(self._asked.text))
        if self.answer is None:
            return t("question.describe", text=text)
        return t("question.describe_said", text=text, said=self._said())

    def _said(self):
        return self.answer if self._asked.choices else write_all(self.answer)

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super(TeachingWidget, self)._repr_mimebundle_(**kwargs)
        data["text/plain"], data["text/html"] = self.describe(), stored_html(self._asked)
        return data, metadata


# What a notebook stores has the card's measures (style.css), so that nothing jumps when it becomes live. Styles stand
# in the marks themselves: a notebook that nobody has trusted yet has no others.
_LINE = "border:1px solid #8886;border-radius:8px"
_STYLES = {
    "card": f"box-sizing:border-box;max-width:900px;margin:4px 0;padding:16px 16px 16px 19px;{_LINE};"
            "font-family:system-ui,sans-serif;font-size:14px;line-height:21px",
    "text": "margin:0 0 10px;font-size:15px;line-height:22.5px",
    "choices": "list-style:none;margin:0;padding:0",
    "choice": "box-sizing:border-box;min-height:40px;margin:0 0 6px;padding:8px 12px 8px 56px;"
              f"{_LINE};line-height:21px",
    "boxes": "box-sizing:border-box;margin:0;padding:8px 0;font-size:13px;line-height:21px",
    "answer": "margin:0;padding:12px 0 0",
    "note": "margin:0;font-size:13px;line-height:20px;text-align:right",
}


def stored_html(asked):
    """Return a question as a notebook stores it: as high as its card, in words, with its answer folded."""
    rest = 30 if asked.choices else 36  # pixels of the button, less the gap below the last choice
    high = 61.5 if any(asked.boxes) else 40  # of a field, and of what it is called
    styles = _STYLES | {"answer": f"{_STYLES['answer']};min-height:{rest}px",
                        "boxes": f"{_STYLES['boxes']};min-height:{high:g}px"}
    return asked.to_html(styles)


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15


def for_page(asked):
    """What the page needs of a question; texts in pieces, so that it never reads any as HTML."""
    wrong = [[key if asked.choices else list(key), pieces(sentence)] for key, sentence in asked.hears.items()]
    return {
        "text": pieces(asked.text),
        "choices": [[choice, pieces(choice)] for choice in asked.choices],
        "boxes": list(asked.boxes),
        "right": asked.right if asked.choices else list(asked.right),
        "said": asked.said(),
        "why": pieces(asked.why),
        "hears": wrong,
        "otherwise": pieces(asked.otherwise),
        "factor": asked.factor,
    }
