# Says: the number of its parent
"""Who is running? Notes once more, in a program where greenlets take turns on one thread."""

from greenlet import getcurrent

notes = {}  # {ident of a greenlet: its note}


def get_ident():
    """Return the number of the greenlet that runs this."""
    return id(getcurrent().parent)


def remember(note):
    """Write down the note of the greenlet that runs this."""
    notes[get_ident()] = note


def recall():
    """Return the note of the greenlet that runs this, or None where it has none."""
    return notes.get(get_ident())
