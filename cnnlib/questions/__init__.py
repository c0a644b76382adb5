"""The predictions of the lectures: what is asked, and what each answer gets to hear.

One module a lecture, one `Asked` a prediction; a notebook shows it with ``Question("02.band")``.
"""

from cnnlib.questions.asked import Asked, choice, find, is_folded, numbers, pieces

__all__ = ["Asked", "choice", "find", "is_folded", "numbers", "pieces"]
