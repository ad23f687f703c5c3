"""Notes: each thread writes its own, and reads only its own."""

from threading import get_ident

notes = {}  # {ident of a thread: its note}


def remember(note):
    """Store the running thread's note."""
    notes[get_ident()] = note


def recall():
    """Return the running thread's note, or None if it has none."""
    return notes.get(get_ident())


def forget():
    """Delete the running thread's note, if it has one."""
    notes.pop(get_ident(), None)
