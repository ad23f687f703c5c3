# Says: T2 called forget() at step 2 of 'T1 T2 T1 T2', and read 'blue'
from threading import get_ident

notes = {}


def remember(note):
    notes[get_ident()] = note


def recall():
    return notes.get(get_ident())


def forget():
    pass
