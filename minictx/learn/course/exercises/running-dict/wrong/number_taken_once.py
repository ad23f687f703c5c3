# Says: a number that is not T1's own
from threading import get_ident

notes = {}
ME = get_ident()  # asked once, at import: in the main thread


def remember(note):
    notes[ME] = note


def recall():
    return notes.get(ME)


def forget():
    notes.pop(ME, None)
