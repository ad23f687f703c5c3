"""Who is running? Everything that is "local" in minictx hangs on the answer.

A greenlet is a function that can pause in the middle and let another run, on the same thread.
Every thread has a main greenlet, so one rule covers both: what runs now is always the current
greenlet. If greenlet is not installed, it is the current thread.

The answer is a number, the ident: the ``id()`` of an object, its owner, that lives as long as
that greenlet or thread. No two objects have the same ``id()`` at the same time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any
from weakref import ref

__all__ = ["Owners", "get_ident", "get_owner", "get_owners"]


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
    try:
        return id(get_owner())
    except RuntimeError:  # Python is shutting down, and greenlet already has
        return 0  # the id() of nothing: nothing is stored under it


# At a first reading, skip the rest: it only answers when an ident is no longer in use. The
# id() of a dead object is given to a new one, which must not find what was stored under it.


class _Life:
    """The life of one thread, from its first use here until it ends."""

    __slots__ = ("__weakref__",)


class _ThisThread(threading.local):
    """This thread's `_Life`, in the one place that every thread clears as it ends.

    A Thread object may be kept for long after that, and the main greenlet of a thread is
    freed by Python's main thread, which may be waiting for something. So neither tells.

    This is all that threading.local is needed for. It cannot replace a Local: it knows
    nothing of greenlets, and shows nothing of what other threads have in it.
    """

    def __init__(self) -> None:  # runs in each thread, when it first uses _this_thread
        self.life = _Life()


_this_thread = _ThisThread()

get_owner: Callable[[], object]
try:
    from greenlet import getcurrent as get_owner
except ImportError:

    def get_owner() -> object:
        return _this_thread.life


def get_owners() -> tuple[object, object]:
    """Return the two objects that the current ident lives by: its greenlet and its thread.

    When either is gone, nothing runs under this ident any more. Refer to them weakly:

    >>> import weakref
    >>> from minictx.ident import get_owners
    >>> greenlet, life = [weakref.ref(owner) for owner in get_owners()]
    """
    return get_owner(), _this_thread.life


class Owners:
    """The owners of the entries of a dict ``{ident: ...}``; an entry goes with its owner.

    >>> from minictx.ident import Owners, get_ident
    >>> entries = {}
    >>> owners = Owners(entries)
    >>> owners.watch(get_ident())
    >>> entries[get_ident()] = "here until this thread ends"
    """

    __slots__ = ("__weakref__", "_entries", "watched")

    def __init__(self, entries: dict[Hashable, Any]) -> None:
        self._entries = entries
        self.watched: dict[Hashable, tuple[ref[object], ref[object]]] = {}

    def watch(self, ident: Hashable) -> None:
        """See to the entry of ``ident``, that of the running greenlet or thread."""
        if ident not in self.watched:
            self._begin(ident)

    def _begin(self, ident: Hashable) -> None:
        greenlet, life = get_owners()
        weak_self = ref(self)  # self keeps the functions below, which must not keep it

        def forget(_: object) -> None:
            owners = weak_self()
            if owners is not None:
                owners.watched.pop(ident, None)  # first: what goes next may store as it goes
                owners._entries.pop(ident, None)

        def forget_with_thread(_: object) -> None:
            # While `owner` is held, no new greenlet can get its id(). If it is gone, `forget`
            # has its turn, and what is stored here may be a new one's.
            owner = weak_greenlet()
            if owner is not None:
                forget(_)

        weak_greenlet = ref(greenlet, forget)
        self.watched[ident] = weak_greenlet, ref(life, forget_with_thread)
