# Says: under 'T1'
from threading import current_thread

notes = {}


def remember(note):
    notes[current_thread().name] = note


def recall():
    return notes.get(current_thread().name)


def forget():
    notes.pop(current_thread().name, None)
