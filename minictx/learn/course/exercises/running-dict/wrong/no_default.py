# Says: got a KeyError: what can you ask
from threading import get_ident

notes = {}


def remember(note):
    notes[get_ident()] = note


def recall():
    return notes[get_ident()]


def forget():
    notes.pop(get_ident(), None)
