"""Notes: each thread writes its own, and reads only its own."""

from threading import get_ident

notes = {}


def remember(note):
    """Store the running thread's note."""
    notes["note"] = note


def recall():
    """Return the running thread's note, or None if it has none."""
    return notes.get("note")


def forget():
    """Delete the running thread's note, if it has one."""
    notes.pop("note", None)
