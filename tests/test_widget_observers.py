"""Observers from outside, links among them: they see a widget that is whole, and cannot leave it otherwise."""

import threading

import numpy as np
import pytest
from traitlets import link

from cnnlib.widgets import Backward, Channels, LinkedView, SlideFilter1D


def fails(change):
    raise ZeroDivisionError(change["name"])


def test_an_observer_that_raises_leaves_a_widget_that_can_be_shown():
    widget = SlideFilter1D(position=2)
    widget.observe(fails, "output")
    with pytest.raises(ZeroDivisionError, match="output"):
        widget.signal = [1, 2, 3]
    assert (widget.output, widget.position) == ([4], 0)
    assert "length 1 is 4" in widget.describe() and widget.picture()


def test_what_follows_from_a_change_is_there_whatever_an_observer_raises():
    widget = Backward(row=2, col=2)
    widget.observe(fails, "row")
    with pytest.raises(ZeroDivisionError), widget.hold_trait_notifications():
        widget.row, widget.image, widget.grad_output = 0, np.ones((4, 4)), np.ones((2, 2))
    assert widget.numerical["of"][0] == widget.image and widget.col == 1


def test_a_link_that_is_refused_leaves_its_source_whole():
    one, other = Channels(), Channels()
    link((one, "names"), (other, "names"))
    one.chosen = 4
    with pytest.raises(ValueError, match="names must hold 6 texts"), one.hold_trait_notifications():
        one.filters, one.bias = np.ones((2, 3, 3, 3)), [0, 1]
    assert (one.chosen, len(one.names), len(one.counts)) == (1, 2, 2) and "2 filters" in one.describe()
    assert (len(other.filters), len(other.names)) == (6, 6) and other.describe()


def test_links_pass_changes_on_in_their_order():
    """The new length comes first, and the weights of that length after it."""
    one, other = LinkedView(), LinkedView()
    for name in ("n", "weights"):
        link((one, name), (other, name))
    one.n = 3
    assert other.n == 3 and other.weights == one.weights and len(other.outputs) == 3
    one.inputs = [1, 2, 3, 4]
    assert other.n == 4 and other.weights == one.weights and len(other.outputs) == 4


def test_every_observer_hears_and_the_first_error_is_raised():
    widget, heard = SlideFilter1D(), []
    for name in ("signal", "output", "stride"):
        widget.observe(fails, name)
        widget.observe(lambda change: heard.append(change["name"]), name)
    widget.observe(lambda change: heard.append(f"any {change['name']}"))
    with pytest.raises(ZeroDivisionError, match="signal"):
        widget.signal = [1, 2, 3, 4]
    assert heard == ["signal", "any signal", "output", "any output"]
    heard.clear()
    with pytest.raises(ZeroDivisionError, match="stride"), widget.hold_trait_notifications():
        widget.stride, widget.signal = 2, [1, 2, 3, 4, 5]
    assert heard == ["stride", "any stride", "output", "any output", "signal", "any signal"]


def test_an_observer_may_change_the_widget_and_look_at_it():
    widget, seen = SlideFilter1D(), []

    def shorten(change):
        seen.append((len(widget.signal), len(widget.output)))
        if len(change["new"]) > 3:
            widget.signal = change["new"][:-1]
            seen.append((len(widget.signal), len(widget.output)))
    widget.observe(shorten, "signal")
    widget.signal = [1, 2, 3, 4, 5, 6]
    assert seen == [(6, 4), (5, 3), (5, 3), (4, 2), (4, 2), (3, 1), (3, 1)]
    assert widget.describe()


def test_an_observer_that_takes_its_time_does_not_keep_another_thread_waiting():
    widget, begun, go, heard = SlideFilter1D(), threading.Event(), threading.Event(), []

    def slow(change):
        begun.set()
        assert go.wait(60)
    widget.observe(slow, "stride")
    widget.observe(lambda change: heard.append(change["new"]), "reveal")
    thread = threading.Thread(target=lambda: setattr(widget, "stride", 2))
    thread.start()
    assert begun.wait(60)
    widget.reveal = True
    assert heard == [True]
    go.set()
    thread.join()


def test_a_refused_change_calls_nobody():
    widget, heard = SlideFilter1D(), []
    widget.observe(heard.append)
    for refused in ({"signal": "x"}, {"signal": [1, 2], "kernel": [1, 2, 3]}):
        with pytest.raises(ValueError), widget.hold_trait_notifications():  # noqa: PT012  as of one assignment
            for name, value in refused.items():
                setattr(widget, name, value)
    assert heard == [] and widget.describe()
    widget.stride = 2
    assert [change["name"] for change in heard] == ["stride", "output"]
