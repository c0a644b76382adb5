"""What a widget has been given and hands out: nobody changes it behind the widget's back."""

import copy
import json
import pickle
from io import BytesIO

import numpy as np
import pytest
from traitlets import Dict, List

from cnnlib import Conv2d, Flatten, Linear, Normalize, Sequential
from cnnlib.detection import Level
from cnnlib.widgets import (
    Channels,
    ConfusionExplorer,
    Counter,
    FaceFinder,
    LinkedView,
    LookInside,
    PatternDetector,
    Question,
    SlideFilter1D,
)
from cnnlib.widgets.traits import Held, HeldDict, held
from widget_examples import make

CHANGES = {
    "append": lambda value: value.append("x"),
    "clear": lambda value: value.clear(),
    "extend": lambda value: value.extend([1]),
    "insert": lambda value: value.insert(0, 1),
    "pop": lambda value: value.pop(),
    "remove": lambda value: value.remove(1),
    "reverse": lambda value: value.reverse(),
    "sort": lambda value: value.sort(),
    "assignment": lambda value: value.__setitem__(0, 50),
    "slice": lambda value: value.__setitem__(slice(None), [1]),
    "deletion": lambda value: value.__delitem__(0),
}


@pytest.fixture(autouse=True)
def own_answers(monkeypatch):
    monkeypatch.setattr("cnnlib.widgets.question.widget._COMMITTED", {})


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_lists_refuse_to_be_changed_in_place(change):
    view, slide, channels = LinkedView(), SlideFilter1D(), Channels()
    for value in (view.inputs, view.theta, view.weights[0], view.outputs, slide.signal, slide.output, channels.names,
                  channels.image[0][0], channels.counts[0]):
        before = copy.deepcopy(value)
        with pytest.raises(TypeError, match="assign a new one"):
            change(value)
        assert value == before


@pytest.mark.parametrize("kind", ["Backward", "Channels", "ConfusionExplorer", "Counter", "FaceFinder", "FilterBench",
                                  "LinkedView", "LookInside", "PatternDetector", "PoolingShift", "Question",
                                  "SlideFilter1D", "SlideFilter2D", "TrainingMonitor"])
def test_all_lists_and_dicts_of_a_widget_are_held(kind):
    widget = make(kind)
    own = [name for name in widget.traits() if name not in type(widget).__mro__[1].class_trait_names()]
    for name in own:
        value = getattr(widget, name)
        default = isinstance(widget.traits()[name], (List, Dict)) and not value
        assert not isinstance(value, (list, dict)) or isinstance(value, (Held, HeldDict)) or default, name


@pytest.mark.parametrize("change", [
    lambda value: value.__setitem__("edge", [1]), lambda value: value.__delitem__("edge"), lambda value: value.clear(),
    lambda value: value.pop("edge"), lambda value: value.popitem(), lambda value: value.setdefault("new", [1]),
    lambda value: value.update(edge=[1]), lambda value: value["edge"].append(1),
])
def test_dicts_refuse_to_be_changed_in_place(change):
    detector = PatternDetector()
    before = copy.deepcopy(detector.kernels)
    with pytest.raises(TypeError, match=r"a (dict|list) that a widget holds .* such as a changed (dict|list)\(…\) of it"):
        change(detector.kernels)
    assert detector.kernels == before and type(before) is dict and isinstance(detector.kernels, dict)
    detector.kernels |= {"edge": [-1, 1]}
    assert len(detector.output) == detector.image.shape[1] - 1


def test_a_layer_of_the_counter_is_not_changed_unheard():
    counter = Counter()
    with pytest.raises(TypeError, match="a dict that a widget holds"):
        counter.layers[0]["kernel_size"] = 3
    own = copy.deepcopy(counter.layers)
    own[-1]["out_features"] = 7
    counter.layers = own
    assert counter.layers == own and "7" in counter.describe()


def test_an_operator_that_assigns_is_an_assignment():
    widget = SlideFilter1D([1, 2, 3])
    widget.signal += [4]
    assert widget.signal == [1, 2, 3, 4] and widget.output == [4, 6]
    widget.signal *= 2
    assert widget.signal == [1, 2, 3, 4] * 2 and len(widget.output) == 6


def test_a_held_list_is_a_list_in_all_else():
    numbers = SlideFilter1D([1, 2, 3]).signal
    assert numbers == [1, 2, 3] and isinstance(numbers, list) and repr(numbers) == "[1, 2, 3]"
    assert json.dumps(numbers) == "[1, 2, 3]" and np.array(numbers).sum() == 6
    grid = held([[1, 2], [3]])
    for own in (copy.deepcopy(grid), pickle.loads(pickle.dumps(grid))):  # noqa: S301  our own
        assert type(own) is list and type(own[0]) is list and own == grid
        own[0].append(5)
    for own in (copy.copy(numbers), numbers.copy(), numbers[:], list(numbers), numbers + [], numbers * 1):
        assert type(own) is list
        own.append(4)
    assert grid == [[1, 2], [3]] and numbers == [1, 2, 3]


def test_a_list_that_was_given_stays_its_owners():
    signal = [1, 2, 3]
    widget = SlideFilter1D(signal)
    signal.append("x")
    assert widget.signal == [1, 2, 3] and widget.describe()


def test_the_answers_of_the_session_stay_what_they_were():
    question = Question("02.band")
    question.answer = [3]
    with pytest.raises(TypeError):
        question.answer[0] = "x"
    own = list(question.answer)
    own[0] = "x"
    assert Question("02.band").answer == [3]


def read_only(*arrays):
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    return True


def test_the_images_of_a_confusion_matrix_are_its_own():
    images, labels, outputs = np.full((3, 2, 2), 200), np.array([0, 1, 1]), np.eye(3, 2)
    explorer = ConfusionExplorer(images, labels, outputs)
    picture, chosen = drawn(explorer), explorer.chosen.tolist()
    images[...], labels[...], outputs[...] = 0, 0, 0
    assert drawn(explorer) == picture and read_only(explorer.chosen) and explorer.chosen.tolist() == chosen


def test_what_a_network_is_looked_into_with_is_the_widgets_own():
    images = np.random.default_rng(0).integers(0, 255, (2, 6, 6)).astype(np.float32)
    model = Sequential(Normalize(100, 50), Conv2d(1, 2, 3, rng=0), Flatten(), Linear(32, 2, rng=0))
    widget = LookInside(images, model)
    maps, picture = widget.maps().copy(), drawn(widget)
    images[...] = 0
    for layer in (model[1], model[3]):
        layer.weight[...] = 0
    assert (widget.maps() == maps).all() and drawn(widget) == picture
    assert read_only(widget.maps(), widget.weights()[0])
    np.asarray(widget.patch())[...] = 0
    assert drawn(widget) == picture


def test_the_scores_of_a_picture_are_its_own():
    picture, scores = np.full((9, 9), 0.5), np.eye(3)
    finder = FaceFinder(picture, [Level(5.0, 5, 2, picture, scores)])
    before, score = drawn(finder), finder.score
    picture[...], scores[...] = 0, -1
    assert drawn(finder) == before and finder.score == score == 1


def test_a_search_that_works_in_place_leaves_the_picture():
    def search(picture):
        level = Level(5.0, 5, 2, picture.copy(), np.eye(3))
        picture[...] = 0
        return [level]
    given = np.full((9, 9), 0.5)
    finder = FaceFinder(given, search=search)
    assert finder.photo["bytes"] == b"\x80" * 81 and (given == 0.5).all()


def test_the_pixels_of_a_row_are_its_own():
    image = np.full((2, 80), 9, np.uint8)
    detector = PatternDetector(image)
    image[...] = 0
    assert (detector.image == 9).all() and read_only(detector.image)


def drawn(widget):
    """The widget's picture as bytes."""
    file = BytesIO()
    widget.picture().savefig(file, format="png", dpi=50)
    return file.getvalue()
