# Says: the note of T1 was gone, too
from threading import get_ident

notes = {}


def remember(note):
    notes[get_ident()] = note


def recall():
    return notes.get(get_ident())


def forget():
    notes.clear()
