"""What only the main thread can do is left to it, whoever asks: the limits of BLAS, the signals."""

import asyncio
import signal
import threading

import pytest
from threadpoolctl import threadpool_limits

from cnnlib.parallel import one_blas_thread
from test_background import blas_threads, forever


@pytest.fixture
def two_blas_threads():
    """Let BLAS have two threads, however many cores there are."""
    with threadpool_limits(2, "blas"):
        yield blas_threads()


def test_what_a_widgets_button_begins_is_begun_for_the_main_thread(monkeypatch, two_blas_threads):
    """A front end may hear the page's messages in a thread of their own: BLAS and signals obey only the main one."""
    before = two_blas_threads
    monkeypatch.setattr(signal, "signal", lambda number, handler: pressed.append(handler))
    monkeypatch.setattr(signal, "getsignal", lambda number: signal.SIG_IGN)  # as in an idle kernel
    pressed = []

    async def notebook():
        training = forever()
        await asyncio.to_thread(training.step)
        while not pressed or blas_threads() == before:
            await asyncio.sleep(0.01)
        assert blas_threads() == [1] * len(before)
        pressed[0]()  # the stop button, while no cell runs
        while training._thread.is_alive() or blas_threads() != before:
            await asyncio.sleep(0.01)
        assert training.state == "stopped"
        again = training.again()
        await asyncio.to_thread(again.start)
        await asyncio.to_thread(again.stop)
        while blas_threads() != before:
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(notebook(), 60))


def test_no_thread_but_the_main_one_limits_blas(two_blas_threads):
    """OpenBLAS obeys no other once that has set it; and what another has set may never be lifted."""
    before, seen = two_blas_threads, []

    def work():
        with one_blas_thread():
            seen.append(blas_threads())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    with one_blas_thread():
        assert blas_threads() == [1] * len(before)
    assert seen == [before] and blas_threads() == before
