"""Pages that are alive without a kernel: what the site and the slides are made of.

`harvest` runs in a notebook's kernel and tells what its widgets hold; `live` executes notebooks, keeps
what it harvested, and writes the scripts, styles and marks that a page needs; `runtime.js` and
``stand_ins/`` are the page's side: a model in the page, and what answers in Python's place.
"""
