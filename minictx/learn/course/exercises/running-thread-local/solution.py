"""Predict: what does a `threading.local` keep apart?

You fill in `prediction`, at the end. Do not change anything above it.
"""

import threading

box = threading.local()


def writer(note):
    """Return what A and B do: store a note; and in the second step, read it back."""

    def actor():
        box.note = note
        yield "stored"
        yield box.note

    return actor


def reader():
    """C stores nothing. It reads what is there, or None."""
    yield getattr(box, "note", None)


ORDER = "A B A C B A B C"
ACTORS = {"A": writer("red"), "B": writer("blue"), "C": reader}

# What A reads at step 3, C at step 4 and B at step 5: first as three threads,
# then as three greenlets on one thread.
prediction = ["red", None, "blue", "blue", "blue", "blue"]
