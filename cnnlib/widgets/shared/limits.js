// The limits of traits.py. Written by python -m cnnlib.widgets.joiner; a test holds the two equal.

/** Numbers that are edited go from −LIMIT to LIMIT. */
export const LIMIT = 10000;
