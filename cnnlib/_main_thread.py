"""What only the main thread can do: BLAS takes the number of its threads from no other, and signals are heard there.

A notebook's cells run in the main thread, in an event loop. What a widget's page says may be heard in another.
"""

import contextlib
import threading

_loop = None  # the main thread's event loop, where it has been seen to have one


def is_main_thread():
    """Return whether this is the main thread."""
    return threading.current_thread() is threading.main_thread()


def running_loop():
    """Return this thread's running event loop, or None."""
    import asyncio  # here, as it would double the time of `import cnnlib`

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def know_loop():
    """Note the main thread's event loop, which no other thread could find."""
    global _loop
    if is_main_thread():
        _loop = running_loop()


def in_main_loop(work, after=0.0):
    """Let the main thread do `work` in its event loop, `after` so many seconds; where there is none, nobody does it."""
    if _loop is not None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            _loop.call_soon_threadsafe(*((_loop.call_later, after, work) if after else (work,)))


def on_main_thread(work):
    """Let the main thread do `work`: at once, if this is it."""
    if is_main_thread():
        work()
    else:
        in_main_loop(work)
