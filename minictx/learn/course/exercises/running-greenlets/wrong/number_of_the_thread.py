# Says: returns the number of the thread in G1
"""Who is running? Notes once more, in a program where greenlets take turns on one thread."""

from threading import get_ident as get_thread_ident

from greenlet import getcurrent

notes = {}  # {ident of a greenlet: its note}


def get_ident():
    """Return the number of the greenlet that runs this."""
    return get_thread_ident()


def remember(note):
    """Write down the note of the greenlet that runs this."""
    notes[get_ident()] = note


def recall():
    """Return the note of the greenlet that runs this, or None where it has none."""
    return notes.get(get_ident())
