"""What an exercise says: a line of text, and the same with a coloured edge in a notebook."""

import html
import re

# The text keeps the page's own colour, so it can be read on light and dark. The edges are of the house's
# palette, taken where light and dark themes meet: each has a contrast of 3 or more on both surfaces.
_EDGES = {"right": "#1f9a6b", "wrong": "#d9602f", "untried": "#7d899b", "hint": "#4a82ea", "solution": "#9461cf"}
_MARKS = {"right": "✓", "wrong": "✗", "untried": "…", "hint": "?", "solution": "="}


class Feedback:
    """One answer of an exercise; true if it says that the exercise is solved.

    Parameters
    ----------
    kind : {"right", "wrong", "untried", "hint", "solution"}
    title : str
        What it is about, such as ``"ex03.q1: right"``.
    text : str
        One or a few sentences; ```x``` is code.
    code : str
        A program to show below, or nothing.

    Examples
    --------
    >>> Feedback("untried", "ex03.q1: not tried yet")
    … ex03.q1: not tried yet
    """

    def __init__(self, kind, title, text="", code=""):
        self.kind, self.title, self.text, self.code = kind, title, text, code

    def __bool__(self):
        return self.kind == "right"

    def __repr__(self):
        parts = [f"{_MARKS[self.kind]} {self.title}", self.text, self.code]
        return "\n".join(part for part in parts if part)

    def _repr_html_(self):
        text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(self.text, quote=False))
        body = f"<strong>{_MARKS[self.kind]} {html.escape(self.title)}</strong>"
        body += f"<div>{text}</div>" if text else ""
        code = html.escape(self.code, quote=False)
        body += f'<pre style="margin: 6px 0 0; overflow-x: auto;"><code>{code}</code></pre>' if code else ""
        style = (f"border-left: 5px solid {_EDGES[self.kind]}; padding: 4px 14px; margin: 4px 0; max-width: 760px; "
                 "line-height: 1.5;")
        return f'<div role="status" style="{style}">{body}</div>'
