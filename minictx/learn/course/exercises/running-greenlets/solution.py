"""Who is running? Notes again, in a program whose greenlets take turns on one thread."""

from greenlet import getcurrent

notes = {}  # {ident of a greenlet: its note}


def get_ident():
    """Return the number of the running greenlet."""
    return id(getcurrent())


def remember(note):
    """Store the running greenlet's note."""
    notes[get_ident()] = note


def recall():
    """Return the running greenlet's note, or None if it has none."""
    return notes.get(get_ident())
