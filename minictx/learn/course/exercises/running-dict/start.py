"""Notes: each thread writes its own, and reads only its own."""

from threading import get_ident

notes = {}


def remember(note):
    """Write down the note of the thread that runs this."""
    notes["note"] = note


def recall():
    """Return the note of the thread that runs this, or None where it has none."""
    return notes.get("note")


def forget():
    """Throw away the note of the thread that runs this, where it has one."""
    notes.pop("note", None)
