"""Exercises that know the mistake: one module a notebook, `check`, `hint` and `solution` for each.

In a notebook::

    from cnnlib.exercises import ex03
    ex03.q1.check(...)      # not tried yet
    ex03.q1.hint()          # each call says a little more
    ex03.q1.solution()

`progress` shows what you have solved, over all notebooks. It is kept in one file on this computer.

An exercise is added in one place, its module; see `cnnlib.exercises._exercise`.
"""

from cnnlib.exercises._progress import progress

__all__ = ["progress"]
