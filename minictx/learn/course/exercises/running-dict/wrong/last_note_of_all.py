# Says: T1 read what T2 stored
from threading import get_ident

notes = {}


def remember(note):
    notes[get_ident()] = note


def recall():
    return list(notes.values())[-1] if notes else None


def forget():
    notes.pop(get_ident(), None)
