"""Call somebody else's function: for a limited time, on copies, with its words kept to itself."""

import contextlib
import copy
import ctypes
import io
import linecache
import threading
import time
import traceback
import warnings
from dataclasses import dataclass

import numpy as np

# Of a core, for all tries of one function together; loops over the drawn inputs take milliseconds. When a class
# checks at once, on one machine, they take seconds of a clock: what only waits has PATIENCE times as long.
SECONDS, PATIENCE = 4.0, 5


class OutOfTime(BaseException):
    """Raised inside a function that has used up its time. No `except Exception` in it catches this."""


@dataclass
class Outcome:
    """What a call came to: a value, or an error and the line where it arose."""

    value: object = None
    error: BaseException | None = None
    line: str = ""
    changed: tuple = ()  # numbers of the arguments that were changed


class _Silence:
    """Nothing is printed and nobody warned while somebody is inside.

    The streams belong to all threads: who comes in first turns them off, and who leaves last, on again.
    """

    def __init__(self):
        self._lock, self._inside, self._streams = threading.Lock(), 0, contextlib.ExitStack()

    def __enter__(self):
        with self._lock:
            if not self._inside:
                self._streams.enter_context(contextlib.redirect_stdout(io.StringIO()))
                self._streams.enter_context(contextlib.redirect_stderr(io.StringIO()))
                self._streams.enter_context(warnings.catch_warnings())
                warnings.simplefilter("ignore")
            self._inside += 1

    def __exit__(self, *_):
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._streams.close()


_SILENCE = _Silence()


def run(function, calls, seconds=None):
    """Call `function` with copies of each tuple of arguments; return one `Outcome` a call.

    The calls run in a thread of their own, so that even one that waits inside compiled code can be left
    behind. A call that exceeds the time ends the list.
    """
    outcomes, done, clock = [], threading.Event(), []
    limit = SECONDS if seconds is None else seconds

    def work():
        with contextlib.suppress(AttributeError, OSError):  # some systems have none, a browser's Python says so late
            clock.append(time.pthread_getcpuclockid(threading.get_ident()))
        try:
            for arguments in calls:
                outcomes.append(call(function, arguments))
                if isinstance(outcomes[-1].error, OutOfTime):
                    break
        except OutOfTime:  # it arrived between two calls
            outcomes.append(Outcome(error=OutOfTime()))
        finally:
            done.set()

    thread = threading.Thread(target=work, daemon=True)
    with _SILENCE:
        try:
            thread.start()
        except RuntimeError:  # a Python without threads, in a browser: no limit there
            work()
        try:
            _wait(done, clock, limit)
        finally:  # also when the reader has pressed the stop button
            if not done.is_set():
                _stop(thread, done)
    made = list(outcomes)
    if len(made) < len(calls) and not (made and isinstance(made[-1].error, OutOfTime)):
        made.append(Outcome(error=OutOfTime()))
    return made


def _wait(done, clock, limit):
    """Wait until it is done, or out of time: of its thread's clock, or where there is none, of everybody's."""
    begin, used = time.monotonic(), 0
    while not done.wait(0.02) and used <= limit:
        passed = time.monotonic() - begin
        if passed > PATIENCE * limit:
            break
        with contextlib.suppress(OSError):  # the thread has just ended
            used = time.clock_gettime(clock[0]) if clock else passed


def call(function, arguments):
    """Call `function` once with a copy of the arguments, whatever it raises."""
    given = copy.deepcopy(arguments)
    try:
        with np.errstate(all="ignore"):
            value = _own(function(*given))
    except BaseException as error:  # whatever it raises, sys.exit() too, is an answer and not our end
        return Outcome(error=error, line=_line(function, error))
    changed = tuple(k for k, (now, before) in enumerate(zip(given, arguments)) if not _untouched(now, before))
    return Outcome(value, changed=changed)


def _stop(thread, done, patience=0.5):
    """Raise `OutOfTime` in the thread until it ends; a function may catch it once, not always."""
    end = time.monotonic() + patience
    while thread.is_alive() and time.monotonic() < end:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(OutOfTime))
        done.wait(0.02)


def _own(value):
    """Return a copy that no later call can change, as far as there is one: a generator, for one, has none."""
    try:
        return copy.deepcopy(value)
    except Exception:  # it is not what any exercise asks for
        return value


def _untouched(now, before):
    """Whether an argument is what it was; what cannot be compared with that is something else."""
    try:
        return _equal(now, before)
    except Exception:  # an array where a number was has no truth, an object of the reader's own may raise anything
        return False


def _equal(now, before):
    if isinstance(before, np.ndarray):
        return now.shape == before.shape and np.array_equal(now, before, equal_nan=before.dtype.kind == "f")
    if isinstance(before, (list, tuple)):
        return len(now) == len(before) and all(map(_equal, now, before))
    return now is before or bool(now == before)


def _line(function, error):
    """Return the innermost line of the reader's own program on the way to an error."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return linecache.getline(file, own[-1].lineno).strip() if own else ""
