# Says: it has nothing to throw away
from threading import get_ident

notes = {}


def remember(note):
    notes[get_ident()] = note


def recall():
    return notes.get(get_ident())


def forget():
    del notes[get_ident()]
