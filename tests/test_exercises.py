"""Every exercise: its solution passes, each catalogued mistake gets its own sentence, nothing else passes."""

import re
import sys
import threading
import time
import warnings

import numpy as np
import pytest

from cnnlib.exercises import _run
from cnnlib.exercises._compare import near, plain, same
from cnnlib.exercises._exercise import show
from cnnlib.exercises._progress import exercises, read, sheets
from tools import mutate_exercises

SHEETS = sheets()
EVERY = [one for sheet in SHEETS for one in exercises(sheet)]
CODE = [one for one in EVERY if one.asks_for_code]
VALUES = [one for one in EVERY if not one.asks_for_code]
WRONG = [pytest.param(one, sentence, id=f"{one.name}-{k}") for one in EVERY for k, sentence in enumerate(one.wrong)]


@pytest.fixture(autouse=True)
def own_progress(monkeypatch, tmp_path):
    monkeypatch.setenv("CNNLIB_PROGRESS", str(tmp_path / "progress.json"))


def by_name(one):
    return one.name


def answer(one, program=None):
    """What a reader hands in: the function, or what it gives."""
    program = program or one.right
    return program if one.asks_for_code else program()


def test_there_are_enough():
    assert len(SHEETS) == 13 and min(len(exercises(sheet)) for sheet in SHEETS) >= 5
    assert len(EVERY) >= 70 and len(CODE) >= 24
    assert all(any(one.asks_for_code for one in exercises(sheet)) for sheet in SHEETS)


@pytest.mark.parametrize("one", EVERY, ids=by_name)
def test_solution_passes_and_is_written_out(one):
    assert one.check(answer(one)), one.check(answer(one))
    if one.asks_for_code:
        assert one.check(one.compiled(one.source))
        assert one.source in one.solution().code
    else:
        assert show(one.right()) in one.solution().code


@pytest.mark.parametrize("one, sentence", WRONG)
def test_catalogued_mistake_gets_its_own_sentence(one, sentence):
    feedback = one.check(answer(one, one.program(one.wrong[sentence])))
    assert not feedback and feedback.text == sentence


@pytest.mark.parametrize("one", EVERY, ids=by_name)
def test_catalogue_is_unambiguous(one):
    """No two wrong programs agree on all tries, none agrees with the solution, and none only raises."""
    results = {"the solution": one._rights, **one.catalogue}
    names = list(results)
    for k, first in enumerate(names):
        assert not all(isinstance(result, type) for result in results[first]), first
        for second in names[k + 1:]:
            assert not all(map(one._equal, results[first], results[second])), (first, second)
    assert len(one.wrong) >= (6 if one.asks_for_code else 2)


@pytest.mark.parametrize("one", EVERY, ids=by_name)
def test_untouched_is_not_tried_yet(one):
    for untouched in (..., one.compiled(one.starter) if one.asks_for_code else ...):
        assert one.check(untouched).kind == "untried"
    assert read() == {}


def answer_strings(one):
    """The right answer, as it could be printed; too short ones say nothing."""
    right = plain(one.right())
    return [text for text in {show(right), str(one.right())} if len(text) > 2]


@pytest.mark.parametrize("one", VALUES, ids=by_name)
def test_nothing_but_the_solution_shows_the_answer(one):
    said = [one.question, *one.wrong, *[one.check(wrong() if callable(wrong) else wrong).text
                                        for wrong in one.wrong.values()]]
    for answer in answer_strings(one):
        for text in said:
            assert answer not in text, (answer, text)


@pytest.mark.parametrize("one", VALUES, ids=by_name)
def test_strange_values_get_a_clear_line(one):
    right = plain(one.right())
    text = isinstance(right, str)
    expected = {"nothing in it": None, "function": len, "Choose" if text else "quotation marks": "twelve",
                "Choose" if text else "numbers": {"a": 1}}
    if not text:
        expected["NaN"] = float("nan") if not right.ndim else np.full(right.shape, np.nan)
    for words, strange in expected.items():
        feedback = one.check(strange)
        assert feedback.kind == "wrong" and words in feedback.text, (strange, feedback)
    if not text and right.ndim:
        assert not one.check(np.append(right, 1)) and not one.check(right.ravel()[:-1])
        assert not one.check(right + 1) and one.check(right + 1).text
    elif not text:
        for off in (right + 1, right - 1, 2 * right + 1, -right - 3):
            assert not one.check(off) and one.check(off).text


def raises(*arguments):
    return arguments[0].no_such_thing


def forgets_to_return(*arguments):
    result = arguments[0]  # noqa: F841  that it is not returned is the mistake


def loops(*arguments):
    while True:
        pass


def prints(one):
    def function(*arguments):
        print("noise")
        return one.right(*arguments)
    return function


@pytest.mark.parametrize("one", CODE, ids=by_name)
def test_strange_functions_get_a_clear_line(one, capsys):
    nan = np.full(3, np.nan)
    strange = {"returns nothing": forgets_to_return, "no_such_thing": raises, "takes 0 arguments": lambda: 1,
               "without brackets": 3.0, "returns text": lambda *_: "twelve"}
    for words, function in strange.items():
        feedback = one.check(function)
        assert feedback.kind == "wrong" and words in feedback.text, (words, feedback)
    assert not one.check(lambda *_: nan) and one.check(lambda *_: nan).text
    assert not one.check(lambda *_: np.zeros((2, 3, 1, 4, 5)))
    assert not one.check(lambda *_: 12345.678)
    assert one.check(prints(one)) and capsys.readouterr().out == ""


@pytest.mark.parametrize("one", CODE, ids=by_name)
def test_inputs_are_varied(one):
    assert len(one.tries) >= 3
    assert len({show(arguments) for arguments in one.tries}) == len(one.tries)


@pytest.mark.parametrize("one", CODE, ids=by_name)
def test_arguments_are_the_readers_own(one):
    """What a function does to its arguments is seen, and does not reach the exercise's own data."""
    def spoils(*arguments):
        result = one.right(*arguments)
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                argument[...] = 0
            elif isinstance(argument, list):
                argument.clear()
        return result
    if any(isinstance(argument, (np.ndarray, list)) for arguments in one.tries for argument in arguments):
        assert "belongs to the caller" in one.check(spoils).text
    assert one.check(one.right)


@pytest.mark.parametrize("endless", [
    loops,
    lambda *_: time.sleep(30),
    lambda *_: [0 for _ in iter(int, 1)],
], ids=["loop", "sleep", "comprehension"])
def test_endless_function_is_stopped(endless, monkeypatch):
    with monkeypatch.context() as limited:
        limited.setattr(_run, "SECONDS", 0.3)
        feedback = CODE[0].check(endless)
    assert not feedback and "did not come to an end" in feedback.text
    assert CODE[0].check(CODE[0].right)


@pytest.mark.skipif(not hasattr(time, "pthread_getcpuclockid"), reason="threads have no clocks here")
def test_a_function_that_had_no_core_for_a_while_is_not_endless(monkeypatch):
    monkeypatch.setattr(_run, "SECONDS", 0.3)
    waits = iter([0.5])  # as on a machine on which the whole class checks at once

    def slow(*arguments):
        time.sleep(next(waits, 0))
        return CODE[0].right(*arguments)

    assert CODE[0].check(slow)


def test_what_is_stopped_does_not_go_on(monkeypatch):
    monkeypatch.setattr(_run, "SECONDS", 0.3)
    runner, stop = [], time.monotonic() + 60

    def endless(*_):
        runner.append(threading.current_thread())
        while time.monotonic() < stop:
            pass
    assert isinstance(_run.run(endless, [()])[-1].error, _run.OutOfTime)
    runner[0].join(30)
    assert not runner[0].is_alive()


def test_function_that_catches_everything_is_stopped(monkeypatch):
    monkeypatch.setattr(_run, "SECONDS", 0.3)
    stop = time.monotonic() + 5

    def stubborn(*arguments):
        while time.monotonic() < stop:
            try:
                while time.monotonic() < stop:
                    pass
            except Exception:
                continue
    assert "did not come to an end" in CODE[0].check(stubborn).text


def test_leaving_python_is_only_a_mistake():
    def leave(*_):
        raise SystemExit
    assert "leave Python" in CODE[0].check(leave).text


def test_what_cannot_be_compared_with_an_argument_has_changed_it():
    def neuron(theta, x, bias):
        x[0] = np.array([1, 2])  # not one truth, but two
        return 0.0
    assert "changes `x`" in SHEETS[0].q1.check(neuron).text


class NoArray:
    def __array__(self, *arguments, **options):
        raise RuntimeError("no array")


class NoList(list):
    def __iter__(self):
        raise OSError("nothing to read")


def nested(depth):
    """A list in a list, so many deep; with no depth, one that holds itself, twice."""
    tangle = [1.0]
    if not depth:
        tangle[:] = [tangle, tangle]
    for _ in range(depth):
        tangle = [tangle]
    return tangle


@pytest.mark.parametrize("one", EVERY, ids=by_name)
def test_strange_objects_are_only_mistakes(one):
    for strange in (NoArray(), [NoArray()], NoList([1]), (NoList([1]), 2), nested(0), nested(5000),
                    np.longdouble("1e4000"), [np.longdouble("1e4000")], np.ma.masked, [np.ma.masked, 1.0], np.ma.ones(3)):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            feedback = one.check((lambda *_, value=strange: value) if one.asks_for_code else strange)
        assert feedback.kind == "wrong" and feedback.text


@pytest.mark.parametrize("one", EVERY, ids=by_name)
def test_an_answer_under_a_mask_is_none(one):
    hidden = np.ma.masked_array(np.ones(2), [1, 0])
    feedback = one.check((lambda *_: hidden) if one.asks_for_code else hidden)
    assert feedback.kind == "wrong" and (not one.asks_for_code or "masked array" in feedback.text or "things" in feedback.text)


def test_error_that_cannot_say_what_it_is():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError("no words")

    def mute(*_):
        raise Mute
    assert "(Mute)" in SHEETS[0].q1.check(mute).text


def test_two_checks_at_once_leave_the_streams_as_they_were():
    """The first comes to its end while the second runs on, and takes its silence from it."""
    before, begun, ended, heard = (sys.stdout, sys.stderr, list(warnings.filters)), threading.Event(), [], []

    def long(*_):
        begun.set()
        while not ended:
            time.sleep(0.01)
        heard.append(sys.stdout is not before[0])
        return 0

    first = threading.Thread(target=lambda: SHEETS[0].q1.check(lambda *_: begun.wait(2) and 0))
    second = threading.Thread(target=lambda: SHEETS[0].q1.check(long))
    first.start()
    second.start()
    first.join()
    ended.append(True)
    second.join()
    after = sys.stdout, sys.stderr, list(warnings.filters)
    sys.stdout, sys.stderr, warnings.filters[:] = before  # lest a failure be felt by other tests
    assert after == before and all(heard)


def test_error_is_told_with_the_readers_line():
    def correlate(x, theta):
        y = np.zeros(len(x))
        for i in range(len(x)):
            y[i] += theta[len(x)] * x[i]
        return y
    ex03 = SHEETS[2]
    feedback = ex03.q1.check(correlate)
    assert "y[i] += theta[len(x)] * x[i]" in feedback.text and "IndexError" in feedback.text


def test_hints_say_more_each_time_and_stop():
    one = EVERY[0]
    one._hinted = 0
    texts = [one.hint().text for _ in range(len(one.hints) + 2)]
    assert texts[:len(one.hints)] == list(one.hints) and set(texts[len(one.hints):]) == {one.hints[-1]}


def test_feedback_is_html_in_a_notebook_and_text_elsewhere():
    feedback = EVERY[0].check(3)
    assert "✗" in repr(feedback) and "<strong>" in feedback._repr_html_()
    assert "<" not in repr(feedback).replace("<=", "")
    assert "&lt;b&gt;" in type(feedback)("wrong", "t", "<b> `a < b`")._repr_html_()
    quoted = type(feedback)("wrong", "t", 'say "a"', "print('b')")._repr_html_()
    assert 'say "a"' in quoted and "print('b')" in quoted, "as it is written: it is stored in a notebook"


def test_autograder_hears_of_a_wrong_answer(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    one = EVERY[0]
    assert one.check(one.right)
    for wrong in (..., 3):
        with pytest.raises(AssertionError, match=r"ex01\.q1"):
            one.check(wrong)


# Answers that no catalogue lists: a general sentence, and never "right".

@pytest.mark.parametrize("change, words", [
    (lambda y: -y, "sign"), (lambda y: y[::-1], "reverse"), (lambda y: 3 * y, "same factor"),
    (lambda y: y / len(y), "mean"), (lambda y: y + 1, "same amount"), (lambda y: y.astype(int), "integers"),
    (lambda y: y[None], "axis of length 1"), (lambda y: y[1:], "missing stands at the beginning"),
    (lambda y: y[:-1], "missing stands at the end"), (lambda y: np.append(y, 0), "too much stands at the end"),
    (lambda y: np.append(0, y), "too much stands at the beginning"), (lambda y: np.append(y, y + 1)[::-1], "too long. Count"),
    (np.sort, "another order"), (lambda y: y / 0, "infinity"), (lambda y: y.round(2), "rounded to 2 places"),
    (lambda y: y.round(), "rounded to whole"), (np.abs, "signs are lost"), (lambda y: np.maximum(y, 0), "negative is 0"),
    (np.square, "squares"), (np.zeros_like, "is 0: is anything"), (np.cumsum, "set back"), (np.sum, "the sum of all"),
    (np.mean, "the mean of all"), (np.max, "the maximum of all"), (lambda y: y * (np.arange(len(y)) == 0), "inside the loop"),
    (lambda y: y + (np.arange(len(y)) == len(y) - 1), "Only the last number is wrong"),
    (lambda y: y - (np.arange(len(y)) == 0), "Only the first number is wrong"),
    (lambda y: iter(y.tolist()), "yet to be drawn"), (lambda y: [str(one) for one in y], "text in it"),
    (str, "returns text"), (lambda y: y[:, None] * np.ones(2), "2 axes, and it should have fewer"),
])
def test_near_misses_of_a_list(change, words):
    q6 = SHEETS[1].q6
    feedback = q6.check(lambda theta, a: change(q6.right(theta, a)))
    assert not feedback and words in feedback.text


@pytest.mark.parametrize("change, words", [
    (lambda y: y.T, "transposed"), (lambda y: y[::-1], "reverse order along axis 0"),
    (lambda y: y[:, ::-1], "reverse order along axis 1"), (lambda y: y[1:], "too short along axis 0"),
    (lambda y: np.pad(y, ((0, 0), (0, 1))), "too long along axis 1"),
    (lambda y: y * (np.arange(y.shape[1]) != 0), "Only the first column is wrong"),
    (lambda y: y * (np.arange(len(y)) != len(y) - 1)[:, None], "Only the last row is wrong"),
    (lambda y: y * (np.arange(len(y)) == 0)[:, None], "inside the outer loop"), (lambda y: y.ravel(), "another shape"),
    (lambda y: np.tile(y[-1], (len(y), 1)), "All rows of your result are the same"), (lambda y: y.cumsum(0), "set back"),
    (lambda y: y.sum(0), "1 axis, and it should have more"), (lambda y: y.round(), "rounded to whole"),
])
def test_near_misses_of_a_picture(change, words):
    q2 = SHEETS[3].q2
    feedback = q2.check(lambda image, kernel: change(q2.right(image, kernel)))
    assert not feedback and re.search(words, feedback.text), feedback


@pytest.mark.parametrize("name, wrong, words", [
    ("ex12.q4", 16.244, "rounded"), ("ex08.q7", 4.6, "rounded"), ("ex09.q3", 96.3, "per cent"), ("ex01.q2", 2666.1, "per cent"),
    ("ex01.q7", 12.5, "unit"),
    ("ex01.q2", 266611, "off by one"), ("ex01.q2", -266610, "sign"), ("ex01.q2", 7, "Too small"),
    ("ex01.q2", 10**6 + 7, "Too large"), ("ex04.q6", [24, 42, 144, 9], "3 of 4 numbers"), ("ex06.q3", [16, 10, 10], "how many"),
    ("ex04.q5", [[9, 6, 3], [8, 5, 2], [7, 4, 1]], "transposed"), ("ex03.q2", 3, "how many"),
    ("ex06.q3", [(16, 10, 10), 2416], "nested"), ("ex05.q3", [100], "One number is asked for"),
    ("ex02.q5", ["156", "46", "4"], "contains text"), ("ex02.q4", [[5], [6], [3], [1], [0]], "length 1"),
    ("ex08.q7", 4.61, "rounded"), ("ex08.q7", 4.63, "by more than rounding"),
])
def test_near_misses_of_a_value(name, wrong, words):
    one = next(one for one in EVERY if one.name == name)
    feedback = one.check(wrong)
    assert not feedback and words in feedback.text


def test_results_are_compared_part_by_part():
    q1 = SHEETS[6].q1
    feedback = q1.check(lambda G, a, Theta: (q1.right(G, a, Theta)[0], -q1.right(G, a, Theta)[1]))
    assert feedback.text.startswith("The second result: the size is right")


def pair_of_results():
    return next(one for one in CODE if one.name == "ex11.q4")


@pytest.mark.parametrize("change, words", [
    (lambda first, second: (second, first), "changed places"), (lambda first, second: first, "2 things"),
    (lambda first, second: [first], "2 things"), (lambda first, second: (first, 7.1 * second), "The second result: all numbers"),
    (lambda first, second: (first, second, 0), "a tuple of 3"), (lambda first, second: (first, None), "None in it"),
])
def test_pairs_of_numbers(change, words):
    one = pair_of_results()
    feedback = one.check(lambda *arguments: change(*one.right(*arguments)))
    assert not feedback and words in feedback.text


def test_pairs_may_come_in_any_sequence():
    one = pair_of_results()
    assert one.check(lambda *arguments: list(one.right(*arguments)))
    assert one.check(lambda *arguments: np.array(one.right(*arguments)))


def test_what_comes_back_unchanged_is_told():
    q6 = SHEETS[1].q6
    assert q6.check(lambda theta, a: a).text.startswith("It returns `a` as it came.")


@pytest.mark.parametrize("argument", [[1.0, np.nan], [1, 2], ["a", "b"], [True, False]], ids=repr)
def test_an_array_is_changed_where_it_is_not_what_it_was(argument):
    assert _run.call(lambda a: None, (np.array(argument),)).changed == ()
    assert _run.call(lambda a: a.put(0, a[1]), (np.array(argument),)).changed == (0,)


def test_other_arguments_are_changed_where_they_are_not_equal():
    assert _run.call(lambda *_: None, ({"a": 1}, float("nan"), "b", None)).changed == ()
    assert _run.call(lambda *all: all[1].clear(), (1, {"a": 1})).changed == (1,)


def test_a_list_that_is_put_in_order_is_changed():
    """Its numbers stay the same; the place of each does not."""
    one = next(one for one in CODE if one.name == "ex12.q2")

    def sorts(boxes, most, iou):
        boxes.sort(key=lambda box: -box[3])
        return one.right(boxes, most, iou)
    assert "It changes `boxes`" in one.check(sorts).text


def test_comparison():
    assert same(plain([1, 2]), plain(np.array([1.0, 2.0]))) and same(plain("A "), plain("a"))
    assert same(plain((1, [2, 3])), plain((1.0, np.array([2, 3]))))
    assert not same(plain([1, 2]), plain([[1, 2]])) and plain({"a": 1}) is None and plain([1, "a"]) is not None


def test_every_small_change_of_a_solution_is_noticed(monkeypatch, capsys):
    monkeypatch.setattr(_run, "SECONDS", _run.SECONDS)  # both are put back afterwards
    assert not mutate_exercises.main([sheet.__name__.rpartition(".")[2] for sheet in SHEETS]), capsys.readouterr().out


def test_a_lecture_goes_on_with_the_readers_own_answer_if_it_is_right():
    function, value = CODE[0], VALUES[0]
    mine = function.compiled(function.source)
    assert function.or_solution(mine) is mine
    assert function.or_solution(lambda *_: 1) is function.or_solution(...) is function.right
    assert value.or_solution(value.right()) == value.or_solution(...) == value.or_solution(None) == value.right()
    assert read() == {}  # only `check` counts as a try


def test_what_is_transposed_is_told_also_where_another_try_is_a_vector():
    vector, square = np.array([1.0, 2.0, 4.0]), np.arange(9.0).reshape(3, 3)
    assert "transposed" in near([vector, square.T], [vector, square])
    assert "reverse order" in near([vector[::-1]], [vector])


def test_a_single_number_that_is_0_is_no_array_that_nobody_wrote_into():
    assert near([np.zeros(())] * 3, [np.array(one) for one in (1.0, 2.0, 5.0)]) == ""
    assert "is anything written" in near([np.zeros(2)] * 2, [np.array([1.0, 2.0]), np.array([3.0, 4.0])])


def test_single_numbers_that_are_wrong_are_no_mean_for_a_sum():
    wrong, right = ([np.array([float(one)]) for one in numbers] for numbers in ((2, 9, 20), (1, 3, 5)))
    assert near(wrong, right) == ""
    assert "a mean where a sum belongs" in near([np.repeat(one, 2) for one in wrong], [np.repeat(one, 2) for one in right])
