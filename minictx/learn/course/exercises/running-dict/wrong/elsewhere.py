# Says: nothing was added to notes
notes = {}
saved = None


def remember(note):
    global saved
    saved = note


def recall():
    return saved


def forget():
    remember(None)
