"""A page's own rule of what it may load: nothing from outside."""

import base64
import hashlib
import html
import re

_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL | re.IGNORECASE)
_DATA = re.compile(r"""type=["']?(application/(ld\+)?json|text/x-)""", re.IGNORECASE)
_META = '<meta http-equiv="Content-Security-Policy" content="{}">'


def policy(page, also=None):
    """Return the Content-Security-Policy for a page: its own files, and the scripts that stand in it now.

    Parameters
    ----------
    page : str
        HTML.
    also : dict of str, optional
        What else is allowed, by directive.

    Returns
    -------
    str
        Scripts written into the page are named by their hashes, so that no other runs. Styles may stand in
        elements, as mathematics and widgets set them.
    """
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(found['body'].encode()).digest()).decode()}'"
        for found in _SCRIPT.finditer(page)
        if found["body"].strip() and "src=" not in found["attributes"] and not _DATA.search(found["attributes"])
    }
    own = "'self' file:"  # a page that lies on a disk is of no origin: there 'self' alone means nothing
    allowed = {
        "default-src": "'none'", "script-src": ' '.join([own, *sorted(hashes)]), "style-src": f"{own} 'unsafe-inline'",
        "img-src": f"{own} data: blob:", "font-src": f"{own} data:", "connect-src": own, "base-uri": "'none'",
        "form-action": "'self' file:",
    }
    for directive, places in (also or {}).items():
        allowed[directive] = f"{allowed.get(directive, '')} {places}".strip()
    return "; ".join(f"{directive} {places}" for directive, places in allowed.items())


def guarded(page, also=None):
    """Return a page with its policy, in place of one that it had; `also` as for `policy`.

    >>> guarded("<head></head>")[:60]
    '<head><meta http-equiv="Content-Security-Policy" content="de'
    """
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    meta = _META.format(html.escape(policy(page, also), quote=True).replace("&#x27;", "'"))
    return re.sub(r"<head[^>]*>", lambda head: head[0] + meta, page, count=1)
