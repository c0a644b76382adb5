"""Settings for all tests."""

import signal

from hypothesis import settings

# Drawn cases are the same on every run and machine, so that a failure is news about the code.
# Look for new ones with `pytest --hypothesis-profile=explore`.
settings.register_profile("stable", derandomize=True, deadline=None, max_examples=60, database=None)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("stable")


def pytest_configure():
    """Hear interrupts, which some tests send themselves: a command that a shell has put aside with & ignores them."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
