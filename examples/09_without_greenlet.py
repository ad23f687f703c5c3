"""A thread that has ended leaves its number to a new one, with all that is stored under it.

Look for whom 100 threads find, each of which looks before it stores a user of its own.

Question: the idents of minictx are used again as well. Why does nobody find anything there?
"""

import sys

sys.modules["greenlet"] = None  # from here on, Python can't import it: it is "not installed"

import threading
from functools import partial
from importlib.util import find_spec

from minictx import Local, get_ident, release_local
from minictx.stage import run


def at_once(local):
    """Let two threads store a user at the same time; return what each of them reads."""

    def visit(user):
        local.user = user
        yield  # here the other one comes in between
        return local.user

    return run("A B A B", A=partial(visit, "alice"), B=partial(visit, "bob")).returned


def in_a_row(title, ident_func, release=False):
    """Start 100 threads, each when the one before has ended; print whom they find."""
    local = Local(ident_func)
    found, idents = set(), []

    def visit():
        idents.append(ident_func())
        found.add(getattr(local, "user", "nobody"))
        local.user = "somebody who has left"
        if release:
            release_local(local)

    for _ in range(100):
        thread = threading.Thread(target=visit)
        thread.start()
        thread.join()
    print(title)
    print("    find:             ", " or ".join(sorted(found)))
    print("    idents used again:", len(set(idents)) < len(idents))
    print("    is all forgotten: ", not local.__storage__)


print("is greenlet installed:", find_spec("greenlet") is not None)
print("two threads at once:", at_once(Local()))

print("\n100 threads in a row")
in_a_row("the number of the thread, as in werkzeug 1.0", threading.get_ident)
in_a_row("the same, and release_local at the end", threading.get_ident, release=True)
in_a_row("minictx.get_ident", get_ident)

# Answer: without greenlet, the ident is the id() of an object that lives as long as the
# thread. A Local refers to it weakly: it is told when the object is gone, and forgets what
# was stored, before another gets the ident. A plain number tells nothing; with those (or any
# ident_func of your own), call release_local when the work is done.
#
# Chapter: Who is running
# Topics: 2 (docs/topics.md)
#
# Output:
# is greenlet installed: False
# two threads at once: {'A': 'alice', 'B': 'bob'}
#
# 100 threads in a row
# the number of the thread, as in werkzeug 1.0
#     find:              nobody or somebody who has left
#     idents used again: True
#     is all forgotten:  False
# the same, and release_local at the end
#     find:              nobody
#     idents used again: True
#     is all forgotten:  True
# minictx.get_ident
#     find:              nobody
#     idents used again: True
#     is all forgotten:  True
