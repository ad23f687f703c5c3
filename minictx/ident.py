"""Who is running? Everything that is "local" in minictx hangs on the answer.

A greenlet is a function that can pause in the middle and let another one run, on the same
thread. Every thread has a main greenlet, so one rule covers both: what runs now is always
the current greenlet. Where greenlet is not installed, it is the current thread.

The answer is a number, the ident: the ``id()`` of an object, its owner, that lives as long
as that greenlet or thread. Two live objects never have the same ``id()``. From when it is
first asked for, the owner carries the number as an attribute: that is found sooner than made.
(It must be the owner's own. A greenlet whose class passes on the attributes of its parent
would be taken for the parent.)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from types import SimpleNamespace
from typing import Any

__all__ = ["get_ident", "get_owners", "owner_func"]


def get_ident() -> int:
    """Return the number of the greenlet, or thread, that runs this line.

    >>> import threading
    >>> from minictx import get_ident
    >>> idents = [get_ident(), get_ident()]
    >>> thread = threading.Thread(target=lambda: idents.append(get_ident()))
    >>> thread.start(); thread.join()
    >>> idents[0] == idents[1], idents[0] == idents[2]
    (True, False)
    """
    owner = get_owner()
    try:
        return owner.minictx_ident
    except AttributeError:
        owner.minictx_ident = id(owner)
        return owner.minictx_ident


# At a first reading, skip the rest: it only answers when an ident is no longer in use. The
# id() of a dead object is given to a new one. Whoever stores data under an ident must
# forget it when the owner is gone, or the next one would find it.


class _Life:
    """The life of one thread, from its first use here until it ends."""

    __slots__ = ("__weakref__", "minictx_ident")
    minictx_ident: int


class _ThisThread(threading.local):
    """This thread's `_Life`, in the one place that every thread clears as it ends.

    A Thread object may be kept for long after that, and the main greenlet of a thread is
    freed by Python's main thread, which may be waiting for something. So neither tells.

    This is all that threading.local is needed for. It cannot take the place of a Local: it
    knows nothing of greenlets, and nobody can look at what the other threads have in it.
    """

    def __init__(self) -> None:  # runs in each thread, when it first uses _this_thread
        self.life = _Life()


_this_thread = _ThisThread()

get_owner: Callable[[], _Life]  # a greenlet, typed as what takes its place
try:
    from greenlet import getcurrent as get_owner  # type: ignore[assignment]
except ImportError:

    def get_owner() -> _Life:
        return _this_thread.life


def get_owners() -> tuple[object, object]:
    """Return the two objects that the current ident lives by: its greenlet and its thread.

    When either is gone, nothing runs under this ident any more. Refer to them weakly:

    >>> import weakref
    >>> from minictx.ident import get_owners
    >>> greenlet, life = [weakref.ref(owner) for owner in get_owners()]
    """
    return get_owner(), _this_thread.life


def owner_func(ident_func: Callable[[], Hashable]) -> Callable[[], Any]:
    """Return what finds the owner of an ident, so that the ident can be read from it.

    ``owner_func(get_ident)().minictx_ident`` is what get_ident() returns, sooner: where there
    is greenlet, it calls no function that is written in Python. An owner whose ident nobody
    has asked for does not have the attribute yet.

    >>> from minictx.ident import get_ident, owner_func
    >>> get_ident() == owner_func(get_ident)().minictx_ident
    True
    """
    if ident_func is get_ident:
        return get_owner
    return lambda: SimpleNamespace(minictx_ident=ident_func())
