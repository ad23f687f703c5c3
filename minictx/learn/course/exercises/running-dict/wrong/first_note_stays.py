# Says: then remember('blue'), and read 'red'
from threading import get_ident

notes = {}


def remember(note):
    notes.setdefault(get_ident(), note)


def recall():
    return notes.get(get_ident())


def forget():
    notes.pop(get_ident(), None)
