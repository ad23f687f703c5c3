# Says: the notes still have an entry: [None]
from threading import get_ident

notes = {}


def remember(note):
    notes[get_ident()] = note


def recall():
    return notes.get(get_ident())


def forget():
    notes[get_ident()] = None
