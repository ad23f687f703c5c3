# Says: at step 6 of 'T1 T2 T1 T3 T2 T4 T3 T4', T4 finds something else
"""Predict: what does each thread find when it starts?

You fill in `prediction`, at the end. Do not change anything above it.
"""

notes = {}  # {number of a thread: its note}
in_use = set()


def new_number():
    """Return a number for a thread that starts now: the smallest that no thread has."""
    number = min({1, 2, 3, 4} - in_use)
    in_use.add(number)
    return number


def thread(note):
    """Return what a thread does: start, look, write a note; and in its second step, end."""

    def actor():
        number = new_number()
        found = notes.get(number)
        notes[number] = note
        yield found
        in_use.remove(number)  # it ends, and its number is free again

    return actor


ORDER = "T1 T2 T1 T3 T2 T4 T3 T4"
THREADS = {
    "T1": thread("red"),
    "T2": thread("green"),
    "T3": thread("blue"),
    "T4": thread("black"),
}

# What T1, T2, T3 and T4 find when they start: a note, or None. Replace the four dots.
prediction = [None, None, "red", "blue"]
