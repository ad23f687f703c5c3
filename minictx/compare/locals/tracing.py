"""Tracing: record one behaviour on one implementation, and see what is done to its Locals.

The recorder patches the classes of minictx and werkzeug by itself. The others are patched
here in the same way if they are written in Python. Those written in C cannot be patched:
an object of a subclass takes their place.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import replace
from typing import Any

import minictx.trace.patch as patch
from minictx.compare.locals.behaviours import Behaviour
from minictx.compare.locals.implementations import IMPLEMENTATIONS, Implementation, Kit
from minictx.compare.locals.results import NOT_INSTALLED, NOTHING, Results, load
from minictx.ident import get_ident
from minictx.trace.core import patch_storage
from minictx.trace.inherited import Find, patch_looks
from minictx.trace.patch import Patches
from minictx.trace.recorder import record
from minictx.trace.trace import Trace

__all__ = ["choose", "telling", "trace_behaviour"]

# {class: what returns its (name, value) pairs}: those over contextvars, where a task inherits.
INHERITED: dict[str, Find] = {
    "ContextVarLocal": lambda local: local.__items__(),
    "_DefaultLocal": lambda local: local._storage._storage().data.items(),  # asgiref's
}


@contextmanager
def telling(kit: Kit) -> Iterator[Kit]:
    """Tell the active recorders what is done to the Locals of a kit.

    >>> import threading
    >>> from minictx.trace import record
    >>> with record() as trace, telling(Kit(threading.local)) as kit:
    ...     local = kit.Local()
    ...     local.user = "alice"
    >>> trace.events[1]["kind"], trace.events[1]["name"]
    ('set', 'user')
    """
    patches = Patches()
    cls = type(kit.Local())
    try:
        if kit.stack is not None:
            yield kit
        elif hasattr(cls, "__getattr__"):
            if cls.__name__ in INHERITED:
                patch_looks(patches, cls, "Local", INHERITED[cls.__name__])
            patch_storage(patches, cls, _NoStack)
            yield kit
        else:
            yield replace(kit, local=_make_subclass(cls))
    finally:
        patches.undo()


class _NoStack:
    """Stand in for the LocalStack that the kit lacks."""


def _make_subclass(cls: Any) -> type:
    ident_func = threading.get_ident if cls is threading.local else get_ident

    class TellingLocal(cls):  # type: ignore[misc]
        # A task has no namespace of its own here: it uses that of its thread or greenlet.
        __ident_func__ = staticmethod(ident_func)

        def __setattr__(self, name: str, value: object) -> None:
            super().__setattr__(name, value)
            for recorder in patch.recorders:
                recorder.set(self, name, value)

        def __getattribute__(self, name: str) -> Any:
            try:
                value = super().__getattribute__(name)
            except AttributeError:
                _tell_get(self, name)
                raise
            _tell_get(self, name, value)
            return value

        def __delattr__(self, name: str) -> None:
            super().__delattr__(name)
            for recorder in patch.recorders:
                recorder.delete(self, name)

        def __del__(self) -> None:
            for recorder in patch.recorders:
                recorder.forget(self)

    return TellingLocal


def _tell_get(local: object, name: str, *value: object) -> None:
    """Tell the recorders of a name that was read; without a value, the name was missing."""
    if not name.startswith("_"):
        for recorder in patch.recorders:
            recorder.get(local, name, *(value or [recorder.MISSING]))


def choose(behaviour: Behaviour, results: Results) -> Implementation | None:
    """Return the first implementation that can be run and differs from minictx.

    If all agree, that is minictx itself; None if it has no such thing.
    """
    row = results.answers[behaviour.key]
    for key, implementation in IMPLEMENTATIONS.items():
        if implementation.load and row[key] not in (row["minictx"], NOTHING, NOT_INSTALLED):
            return implementation
    return None if row["minictx"] == NOTHING else IMPLEMENTATIONS["minictx"]


def trace_behaviour(behaviour: Behaviour, implementation: Implementation) -> Trace:
    """Run a behaviour on one implementation once more, and record what happens."""
    kit = load(implementation)
    assert kit is not None
    with (
        telling(kit) as told,
        record(title=f"{behaviour.key}, {implementation.title}") as trace,
    ):
        Context().run(behaviour.run, told)
    return trace
