"""A prediction: commit to an answer, then see."""

from cnnlib.widgets.question.widget import Question

__all__ = ["Question"]
