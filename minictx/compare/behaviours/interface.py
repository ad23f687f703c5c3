"""Interface: what can be done with a Local itself."""

from __future__ import annotations

import copy
import pickle
from typing import Any

from minictx.compare.behaviours.answers import Steps, error_of, yes_or_no
from minictx.compare.behaviours.catalogue import Topic
from minictx.compare.kit import Kit, NotThereError
from minictx.stage import run

__all__ = ["interface"]

interface = Topic("Interface")


@interface.behaviour
def deleted_here_only(kit: Kit) -> str:
    """Can a name be deleted, so that others keep theirs?

    A ContextVar cannot be deleted, only be given its former value with `reset`.
    """
    local = kit.OwnLocal()

    def alice() -> Steps:
        local.user = "alice"
        yield
        yield local.user

    def bob() -> Steps:
        local.user = "bob"
        del local.user
        yield hasattr(local, "user")

    seen = run("A B A B A", A=alice, B=bob).yielded
    return yes_or_no(seen == {"A": [None, "alice"], "B": [False]})


@interface.behaviour
def released_here_only(kit: Kit) -> str:
    """Does `release_local` forget all names here, so that others keep theirs?

    A server calls it when a request is over. The other locals know nothing like it: every
    name must be deleted.
    """
    release, local = kit.release, kit.Local()

    def alice() -> Steps:
        local.user, local.page = "alice", 1
        yield
        yield local.user, local.page

    def bob() -> Steps:
        local.user, local.page = "bob", 2
        release(local)
        yield hasattr(local, "user") or hasattr(local, "page")

    seen = run("A B A B A", A=alice, B=bob).yielded
    return yes_or_no(seen == {"A": [None, ("alice", 1)], "B": [False]})


@interface.behaviour
def iteration_gives(kit: Kit) -> str:
    """Whose names does a loop over a Local give: those of all, or those of who is here?

    werkzeug 1.0 gave (ident, dict) pairs of all contexts, later ones give (name, value)
    pairs of the current one.
    """
    local = kit.OwnLocal()
    if error_of(lambda: iter(local)):
        raise NotThereError("no iteration")

    def alice() -> Steps:
        local.user = "alice"
        yield

    def bob() -> Steps:
        local.user = "bob"
        yield str(list(local))

    (seen,) = run("A B A B", A=alice, B=bob).yielded["B"]
    return "all" if "alice" in seen else "here"


@interface.behaviour
def storage_shows(kit: Kit) -> str:
    """Whose values can be looked at in one place: those of all, those of who is here, none?

    To understand a mistake, one wants to see who has stored what. A Local that is a dict in
    a dict can be printed; the contexts of contextvars are known to nobody but Python.
    """
    local = kit.OwnLocal()

    def alice() -> Steps:
        local.user = "alice"
        yield

    def bob() -> Steps:
        local.user = "bob"
        dicts = [getattr(local, name, None) for name in ("__storage__", "__dict__")]
        yield str(dicts)

    (seen,) = run("A B A B", A=alice, B=bob).yielded["B"]
    return "all" if "alice" in seen else "here" if "bob" in seen else "none"


@interface.behaviour
def ident_can_be_replaced(kit: Kit) -> str:
    """Can one give another answer to "who is running?"?

    With plain numbers as idents, isolation can be tested without a single thread. Django's
    and Python's ask in C, or leave it to contextvars.
    """
    local = kit.OwnLocal()
    who = "alice"
    if error_of(lambda: object.__setattr__(local, "__ident_func__", lambda: who)):
        return "no"
    local.user = "alice"
    who = "bob"
    return yes_or_no(not hasattr(local, "user"))


@interface.behaviour
def subclass_init_runs_in_each(kit: Kit) -> str:
    """Does the `__init__` of a subclass run once in each thread?

    threading.local calls it whenever a thread uses the object for the first time: so each
    thread can start with a value. Elsewhere it runs once, and only its caller has one.
    """
    calls: list[int] = []

    class Counted(kit.OwnLocal):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            calls.append(1)

    if error_of(Counted):
        raise NotThereError("it cannot be subclassed")
    local = Counted()
    calls.clear()

    def alice() -> Steps:
        local.user = "alice"
        yield

    run("A B A B", A=alice, B=alice)
    return yes_or_no(len(calls) == 2)


@interface.behaviour
def copied(kit: Kit) -> str:
    """What comes of `copy.copy(local)`: "yes", or which error?

    What a Local holds belongs to those who run: a copy of it means nothing. An error should
    say so. werkzeug's `__getattr__` looks for itself on the empty copy, and never ends.
    """
    local = kit.OwnLocal()
    local.user = "alice"
    return error_of(lambda: copy.copy(local)) or "yes"


@interface.behaviour
def deep_copied(kit: Kit) -> str:
    """What comes of `copy.deepcopy(local)`: "yes", or which error?

    Settings and apps are copied in tests, with all that is in them.
    """
    local = kit.OwnLocal()
    local.user = "alice"
    return error_of(lambda: copy.deepcopy(local)) or "yes"


@interface.behaviour
def pickled(kit: Kit) -> str:
    """What comes of `pickle.dumps(local)`: "yes", or which error?

    Whatever is sent to another process is pickled first, and there, nobody of those who
    have stored something runs.
    """
    local: Any = kit.OwnLocal()
    local.user = "alice"
    return error_of(lambda: pickle.loads(pickle.dumps(local))) or "yes"
