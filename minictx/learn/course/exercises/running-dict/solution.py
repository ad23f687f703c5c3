"""Notes: each thread writes its own, and reads only its own."""

from threading import get_ident

notes = {}  # {ident of a thread: its note}


def remember(note):
    """Write down the note of the thread that runs this."""
    notes[get_ident()] = note


def recall():
    """Return the note of the thread that runs this, or None where it has none."""
    return notes.get(get_ident())


def forget():
    """Throw away the note of the thread that runs this, where it has one."""
    notes.pop(get_ident(), None)
