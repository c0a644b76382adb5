'''One exercise: its question, its solution, and the catalogue of what people do instead.

An exercise is a class in the module of its lecture. The class is only a form to fill in::

    @exercise
    class q1:
        """A net has the widths 784, 300, 100, 10. How many weights does it have?"""

        def weights():
            return sum(before * after for before, after in zip(WIDTHS, WIDTHS[1:]))

        hints = "Count the lines between two neighbouring layers first.", "Then add up over the gaps."
        because = "One product for each gap between neighbouring layers, and a sum over the gaps."
        wrong = {
            "You added the units. A weight belongs to a pair of units.": lambda: sum(WIDTHS),
            "You multiplied all the widths.": lambda: math.prod(WIDTHS),
        }

The one function of the form is the solution, and its name is what the reader's answer is called.
If the form has `inputs` as well, the answer is a function: it is called with what
`inputs(rng)` yields each time, and compared with the solution::

    @exercise
    class q2:
        """Write `neuron(theta, x)`: the weighted sum of the inputs, through the sigmoid."""

        def neuron(theta, x):
            z = 0.0
            for weight, value in zip(theta, x):
                z += weight * value
            return 1 / (1 + np.exp(-z))

        def inputs(rng):
            for n in (1, 3, 4):
                yield rng.normal(size=n), rng.normal(size=n)

        hints = ...
        because = ...
        wrong = {
            "You return the sum z; it still has to go through g.": ("1 / (1 + np.exp(-z))", "z"),
            "Each round replaces the sum: `=` where `+=` belongs.": ("+= weight", "= weight"),
        }

A wrong program of the catalogue is a function, or a value, or an edit of the solution: pairs of
what stands there and what stands there instead. It is recognised by what it computes, never by
how it is written. Optional: `tolerance`, how far from the solution an answer may lie; `lists`,
if the function gets lists of its own to see.
'''

import functools
import inspect
import os
import re
import textwrap
from collections.abc import Iterator

import numpy as np

from cnnlib.exercises import _progress
from cnnlib.exercises._compare import near, near_value, parts, plain, same
from cnnlib.exercises._feedback import Feedback
from cnnlib.exercises._run import OutOfTime, call, run

SEED = 1989  # the drawn inputs are the same each time: a verdict never changes by luck


def exercise(form):
    """Turn the class `form` into an `Exercise`; see the module's docstring for what stands in it."""
    return Exercise(form)


class Exercise:
    """A question that checks its answer, gives hints, and has a solution."""

    def __init__(self, form):
        self.name = f"{form.__module__.rpartition('.')[2]}.{form.__name__}"
        self.question = inspect.cleandoc(form.__doc__)
        self.hints, self.because, self.wrong = form.hints, form.because, form.wrong
        self.tolerance = getattr(form, "tolerance", 0.0)
        self._inputs = vars(form).get("inputs")
        functions = [one for key, one in vars(form).items() if inspect.isfunction(one) and key != "inputs"]
        if len(functions) != 1:
            raise TypeError(f"{self.name} must have one function that solves it, got {len(functions)}")
        self.right, self.asks_for_code = functions[0], self._inputs is not None
        self._hinted = 0

    def __repr__(self):
        return f"{self.name}\n{self.question}"

    def _repr_markdown_(self):
        return f"**{self.name}** · {self.question}"

    # What the reader calls

    def check(self, answer=...):
        """Return what is to be said of `answer`: a value or, where a function is asked for, the function.

        Returns
        -------
        Feedback
            True if the exercise is solved. It never shows the right answer.

        Raises
        ------
        AssertionError
            Only under nbgrader's autograder, and only if the exercise is not solved.
        """
        feedback = self._examine(answer)
        if feedback.kind != "untried":
            _progress.record(self.name, "right" if feedback else "tried")
        if not feedback and os.environ.get("NBGRADER_EXECUTION") == "autograde":
            raise AssertionError(str(feedback))
        return feedback

    def hint(self):
        """Return the next hint; after the last one, the last one again."""
        self._hinted = min(self._hinted + 1, len(self.hints))
        return Feedback("hint", f"{self.name}: hint {self._hinted} of {len(self.hints)}", self.hints[self._hinted - 1])

    def solution(self):
        """Return the solution, and why it is so."""
        code = self.source if self.asks_for_code else f"{self.answer_name} = {show(self.right())}"
        return Feedback("solution", f"{self.name}: solution", self.because, code)

    def or_solution(self, answer):
        """Return `answer` if it is right, and the solution's own function or value if it is not.

        A lecture goes on with what comes back, whether its reader has written anything or not.
        """
        return answer if self._examine(answer) else self.right if self.asks_for_code else self.right()

    # What the tools need

    @property
    def answer_name(self):
        """str: the name of the reader's answer."""
        return self.right.__name__

    @functools.cached_property
    def source(self):
        """str: the solution as a program."""
        return textwrap.dedent(inspect.getsource(self.right)).rstrip()

    @functools.cached_property
    def starter(self):
        """str: what stands in the reader's cell at the beginning."""
        if not self.asks_for_code:
            return f"{self.answer_name} = ..."
        return f"def {self.answer_name}{inspect.signature(self.right)}:\n    ..."

    @functools.cached_property
    def tries(self):
        """list of tuples: the arguments on which a function is tried."""
        if not self.asks_for_code:
            return [()]
        drawn = self._inputs(np.random.default_rng(SEED))
        return [one if isinstance(one, tuple) else (one,) for one in drawn]

    @functools.cached_property
    def _rights(self):
        return [plain(call(self.right, arguments).value) for arguments in self.tries]

    def program(self, wrong):
        """Return an entry of the catalogue as a function."""
        if callable(wrong):
            return wrong
        if not (isinstance(wrong, tuple) and len(wrong) % 2 == 0 and all(isinstance(one, str) for one in wrong)):
            return lambda *_: wrong
        source = self.source
        for old, new in zip(wrong[::2], wrong[1::2]):
            if old not in source:
                raise ValueError(f"{self.name}: {old!r} does not stand in the solution")
            source = source.replace(old, new)
        return self.compiled(source)

    def compiled(self, source):
        """Return the function that `source` defines, among the names of the exercise's module."""
        names = dict(self.right.__globals__)
        exec(compile(source, f"<{self.name}>", "exec"), names)  # noqa: S102  our own solutions, edited
        return names[self.answer_name]

    @functools.cached_property
    def catalogue(self):
        """dict: for each sentence, what its wrong program gives on each try (an error: its type)."""
        def results(program):
            outcomes = [call(program, arguments) for arguments in self.tries]
            return [type(one.error) if one.error else plain(one.value) for one in outcomes]
        return {sentence: results(self.program(wrong)) for sentence, wrong in self.wrong.items()}

    def _examine(self, answer):
        return self._examine_function(answer) if self.asks_for_code else self._examine_value(answer)

    def _say(self, text):
        return Feedback("wrong", f"{self.name}: not yet", text)

    def _untried(self):
        return Feedback("untried", f"{self.name}: not tried yet")

    def _passed(self):
        return Feedback("right", f"{self.name}: right", self.because)

    def _known(self, results):
        """The catalogue's sentence for these results, if there is one."""
        return next((sentence for sentence, wrong in self.catalogue.items()
                     if len(wrong) == len(results) and all(map(self._equal, results, wrong))), None)

    def _equal(self, result, other):
        if isinstance(result, type) or isinstance(other, type):
            return result is other
        return same(result, other, self.tolerance)

    # Values

    def _examine_value(self, answer):
        if answer is ...:
            return self._untried()
        value, right = plain(answer), plain(self.right())
        if (complaint := self._kind_complaint(answer, value, right)):
            return self._say(complaint)
        if same(value, right, self.tolerance):
            return self._passed()
        return self._say(self._known([value]) or _about_value(value, right))

    def _kind_complaint(self, answer, value, right):
        name = self.answer_name
        if answer is None:
            return f"`{name}` is None: there is nothing in it yet. A function without `return` gives None."
        if callable(answer):
            return f"`{name}` is asked for as a value, and you gave a function. Call it, and give its result."
        if isinstance(right, str):
            choices = sorted({right, *(one for one in self.wrong.values() if isinstance(one, str))})
            if not isinstance(value, str) or value.lower() not in choices:
                return f"Choose one of {', '.join(repr(choice) for choice in choices)}."
            return ""
        if _has_text(value):
            verb = "is" if isinstance(value, str) else "contains"
            return f"`{name}` {verb} text. Write numbers without quotation marks."
        if value is None:
            return f"`{name}` should be made of numbers, and is {_kind(answer)}."
        if any(np.isnan(array.astype(float)).any() for array in parts(value)):
            return f"`{name}` contains NaN, which is no number: somewhere 0/0 or ∞−∞ was computed."
        return ""

    # Functions

    def _examine_function(self, answer):
        if answer is ... or _is_empty(answer):
            return self._untried()
        if not callable(answer):
            name = self.answer_name
            return self._say(f"The function itself is asked for: `{self.name}.check({name})`, without brackets "
                             f"behind `{name}`. You gave {_kind(answer)}.")
        if (complaint := self._signature_complaint(answer)):
            return self._say(complaint)
        outcomes = run(answer, self.tries)
        if outcomes and (outcomes[0].value is ... or isinstance(outcomes[0].error, NotImplementedError)):
            return self._untried()
        return self._judge(outcomes)

    def _signature_complaint(self, answer):
        names = list(inspect.signature(self.right).parameters)
        try:
            signature = inspect.signature(answer)
        except Exception:  # some functions of NumPy do not tell, and an object may raise anything
            return ""
        for arguments in self.tries:
            try:
                signature.bind(*arguments)
            except TypeError:
                count = len(signature.parameters)
                return (f"It is called as `{self.answer_name}({', '.join(names[:len(arguments)])})`, and your function "
                        f"takes {count} argument{'s' * (count != 1)}: {signature}.")
        return ""

    def _judge(self, outcomes):
        results = [type(one.error) if one.error else plain(one.value) for one in outcomes]
        rights = self._rights
        changed = next((k for one in outcomes for k in one.changed), None)
        if len(results) == len(rights) and all(map(self._equal, results, rights)) and changed is None:
            return self._passed()
        stopped = any(isinstance(one.error, OutOfTime) for one in outcomes)
        if not stopped and changed is None and (sentence := self._known(results)):
            return self._say(sentence)
        for outcome, arguments, right in zip(outcomes, self.tries, rights):
            if outcome.error or outcome.changed or (complaint := self._result_complaint(outcome.value, right)):
                where = "" if isinstance(outcome.error, OutOfTime) else f" It was called with {self._shown(arguments)}."
                text = (_about_error(outcome) if outcome.error else self._about_change(outcome) if outcome.changed
                        else complaint)
                return self._say(text + where)
        return self._say(self._difference(results, rights))

    @functools.cached_property
    def _several(self):
        """int: how many results the function returns, 0 if it is one."""
        value = call(self.right, self.tries[0]).value
        return len(value) if isinstance(value, tuple) else 0

    def _parts(self, result):
        return list(result) if self._several else parts(result)

    def _result_complaint(self, value, right):
        if value is None:
            return "It returns nothing. Is there a `return`, and does it stand where every way comes by?"
        result = plain(value)
        if isinstance(value, Iterator):
            return f"It returns {_kind(value)}, from which the numbers have yet to be drawn: `list(…)` does that."
        if self._several and _count(value) != self._several:
            return f"It should return {self._several} things, as in `return a, b`, and returns {_kind(value)}."
        if result is None or _has_text(result):
            holds = "text" if isinstance(result, tuple) else "None" if _has_none(value) else ""
            return f"It should return numbers, and returns {_kind(value)}" + (f" with {holds} in it." if holds else ".")
        numbers = parts(result)
        if any(np.isnan(one.astype(float)).any() for one in numbers) and not any(
                np.isnan(one.astype(float)).any() for one in parts(right)):
            return "Its result contains NaN, which is no number: somewhere 0/0, ∞−∞ or the log of a negative number."
        if any(np.isinf(one.astype(float)).any() for one in numbers) and not any(
                np.isinf(one.astype(float)).any() for one in parts(right)):
            return "Its result contains infinity: something is divided by 0, or grows beyond all bounds."
        return ""

    def _difference(self, results, rights):
        """In general terms, how results that are all proper ones differ."""
        good = [self._equal(result, right) for result, right in zip(results, rights)]
        failed = [k for k, fine in enumerate(good) if not fine]
        first = min(failed, key=lambda k: sum(np.size(part) for one in self.tries[k] for part in parts(plain(one))))
        general = ""
        columns = [(self._parts(result), self._parts(right)) for result, right in zip(results, rights)]
        names = inspect.signature(self.right).parameters
        echo = next((name for k, name in enumerate(names) if all(
            k < len(given) and same(result, plain(given[k])) for result, given in zip(results, self.tries))), None)
        if echo:
            general = f"It returns `{echo}` as it came."
        elif self._several == 2 and all(same(mine[0], its[1]) and same(mine[1], its[0]) for mine, its in columns):
            general = "The two results have changed places."
        elif all(len(mine) == len(its) for mine, its in columns) and columns[0][1]:
            for place, name in enumerate(["first", "second", "third", "fourth"][:len(columns[0][1])]):
                mine, its = [c[0][place] for c in columns], [c[1][place] for c in columns]
                if not all(map(same, mine, its)) and (general := near(mine, its)):
                    if len(columns[0][1]) > 1:
                        general = f"The {name} result: {general[0].lower()}{general[1:]}"
                    break
        count = (f"{sum(good)} of {len(good)} tries {'is' if sum(good) == 1 else 'are'} right. One that is not"
                 if any(good) else f"None of the {len(good)} tries is right. One")
        example = f"{count} is {self._shown(self.tries[first])}; there it returns {show(results[first])}."
        return f"{general} {example}".strip()

    def _about_change(self, outcome):
        names = list(inspect.signature(self.right).parameters)
        return (f"It changes `{names[outcome.changed[0]]}`, which belongs to the caller. Work on a copy (`.copy()`), "
                "or make a new array.")

    def _shown(self, arguments):
        names = inspect.signature(self.right).parameters
        return ", ".join(f"`{name}` = {show(value)}" for name, value in zip(names, arguments))


def show(value):
    """Return a value in a line that fits into a sentence."""
    if isinstance(value, tuple):
        return f"({', '.join(map(show, value))})"
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    if isinstance(value, list):
        if any(isinstance(one, np.ndarray) for one in value):
            return f"a list of {len(value)} arrays"
        return f"[{', '.join(map(show, value))}]" if len(value) <= 8 else f"a list of {len(value)}"
    if isinstance(value, np.ndarray):
        if not value.ndim:
            return f"{value.item():.6g}" if value.dtype.kind == "f" else str(value.item())
        if value.size > 16:
            return f"an array of shape {value.shape}"
        return f"[{', '.join(map(show, value.round(3) + 0.0 if value.dtype.kind == 'f' else value))}]"
    return getattr(value, "__name__", "").lstrip("_") or repr(value.item() if isinstance(value, np.generic) else value)


def _kind(value):
    """What kind of thing a value is, in a reader's words."""
    if isinstance(value, np.ma.MaskedArray):
        return "a masked array"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.dtype.kind in "buif" else f"an array of {value.dtype}"
    if value is None:
        return "None"
    if callable(value):
        return "a function"
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of {len(_items(value))}"
    if isinstance(value, (int, float, np.number)):
        return "a number"
    return "text" if isinstance(value, str) else f"a {type(value).__name__}"


def _count(value):
    """How many results a function has returned, if it has returned several."""
    several = isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim)
    return len(_items(value)) if several else 1


def _has_none(value):
    return isinstance(value, (list, tuple)) and any(one is None for one in _items(value))


def _items(value):
    """What stands in a sequence; one of the reader's own make may raise anything instead of telling."""
    try:
        return list(value)
    except Exception:
        return []


def _has_text(value):
    """Whether a plain value is text, or has text in it."""
    return isinstance(value, str) or (isinstance(value, tuple) and any(map(_has_text, value)))


def _empty(x):
    ...


def _is_empty(function):
    """Whether the body of a function is ``...`` or ``pass``, with or without a docstring."""
    code = getattr(function, "__code__", None)
    return (code is not None and code.co_code == _empty.__code__.co_code
            and all(constant is None or constant == function.__doc__ for constant in code.co_consts))


_ERRORS = {
    "IndexError": "It reaches for an entry that is not there",
    "NameError": "It uses a name that nobody has defined",
    "UnboundLocalError": "It uses a variable before it has a value",
    "ZeroDivisionError": "It divides by zero",
    "RecursionError": "It calls itself without end",
    "ValueError": "Its shapes or values do not fit together",
    "TypeError": "Something is used as what it is not",
    "AttributeError": "It asks something for what that does not have",
    "_UFuncOutputCastingError": "An array of integers is asked to hold numbers with a point",
    "MemoryError": "It asks for more memory than there is",
    "KeyError": "It looks for a key that is not there",
    "SystemExit": "It tries to leave Python",
    "KeyboardInterrupt": "It was interrupted",
    "AssertionError": "An assertion of yours fails",
}


def _about_error(outcome):
    error = outcome.error
    if isinstance(error, OutOfTime):
        return ("It did not come to an end in time, though the inputs are small: is there a loop that never stops, or "
                "one whose end never comes nearer?")
    words = _ERRORS.get(type(error).__name__, "It stops with an error")
    try:
        said = re.sub(r" at 0x[0-9a-fA-F]+", "", str(error)).strip()
    except Exception:  # it cannot even say what it is
        said = ""
    name = type(error).__name__.lstrip("_")
    line = outcome.line if len(outcome.line) <= 100 else f"{outcome.line[:99]}…"
    line = f" in the line `{line}`" if line else ""
    question = " Does a loop run too far, or have two axes changed places?" if isinstance(error, IndexError) else ""
    return f"{words}{line} ({name}{': ' + said if said else ''}).{question}"


def _about_value(value, right):
    """A general sentence on a wrong value."""
    if isinstance(right, str):
        return "That is not it."
    mine, its = parts(value), parts(right)
    if len(mine) != len(its) or isinstance(value, tuple) != isinstance(right, tuple):
        if mine and same(*(np.concatenate([one.ravel() for one in arrays]) for arrays in (mine, its))):
            return "The numbers are right, but they are nested: give them in one flat list."
        return "Your answer has another form: look again at how many numbers are asked for, and in which order."
    if len(its) == 1 and its[0].ndim == mine[0].ndim == 0:
        return _about_number(float(mine[0]), float(its[0]))
    if all(a.shape == r.shape for a, r in zip(mine, its)):
        if (sentence := near_value(mine, its)):
            return sentence
        good = sum(int(np.isclose(a, r, rtol=1e-5).sum()) for a, r in zip(mine, its))
        return f"{good} of {sum(r.size for r in its)} numbers are right."
    sentence = near_value(mine, its)
    if re.match("The numbers are|One number", sentence):
        return sentence
    return "Count once more how many numbers it should be."


def _about_number(value, right):
    if value == -right:
        return "The size is right, the sign is not."
    if abs(abs(value - right) - 1) < 1e-9 and right == int(right):
        return "You are off by one: does the count begin and end where you think?"
    if (abs(value - right) < 1 and right == int(right)) or value in [round(right, places) for places in range(4)]:
        return "Close, but not as exact as it is asked for: mind how it should be rounded."
    ratio = value / right if right else 0
    if any(abs(ratio * power - 1) < 1e-3 for power in (100, 0.01)):
        return "You are off by a factor of 100: per cent, or a share?"
    if any(abs(ratio * power - 1) < 0.08 for power in (1e3, 1e-3, 1e6, 1e-6, 1e9, 1e-9)):
        return "The digits are right, the unit is not: you are off by a power of a thousand."
    close = " Not by much, and yet by more than rounding." if abs(value - right) < 0.01 * abs(right) else ""
    return ("Too large." if value > right else "Too small.") + close
