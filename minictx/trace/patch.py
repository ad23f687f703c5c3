"""Patches: put something in the place of a class's attribute, and put it back later."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import update_wrapper
from inspect import getattr_static
from types import FunctionType
from typing import Any

__all__ = ["Patches", "hide_frame", "recorders"]

# Whoever records at this moment. What is patched tells all of them; it is a tuple, and
# replaced as a whole, so that a thread can walk over it while another one begins to record.
recorders: tuple[Any, ...] = ()
# The ContextVars in which a web framework keeps its contexts.
context_vars: tuple[Any, ...] = ()


def hide_frame(error: BaseException) -> None:
    """Take the frame of whoever has just caught ``error`` out of its traceback.

    What is patched catches it and raises it again: a user shall see his own frames only.
    """
    if error.__traceback__ is not None:
        error.__traceback__ = error.__traceback__.tb_next


class Patches:
    """Remember what was patched, to put it back exactly as it was.

    >>> class Shop:
    ...     def open(self):
    ...         return "open"
    >>> before = dict(vars(Shop))
    >>> patches = Patches()
    >>> patches.wrap(Shop, "open", lambda original: lambda self: original(self) + "!")
    >>> Shop().open()
    'open!'
    >>> patches.undo()
    >>> Shop().open(), dict(vars(Shop)) == before
    ('open', True)
    """

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []

    def set(self, owner: Any, name: str, value: object) -> None:
        """Set an attribute of a class or module, until `undo`."""
        was_there = name in vars(owner)
        original = vars(owner).get(name)

        def undo() -> None:
            if vars(owner).get(name) is not value:
                return  # somebody else has patched it since, and this must not be undone
            if was_there:
                setattr(owner, name, original)
            else:  # it is inherited, or never was
                delattr(owner, name)

        self._undo.append(undo)
        setattr(owner, name, value)

    def wrap(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Replace an attribute, if there is one, by what ``make`` makes of the original."""
        original = getattr_static(owner, name, None)
        if original is not None:
            new = make(original)
            if isinstance(new, FunctionType):
                with suppress(AttributeError):  # of a property
                    update_wrapper(new, original)  # its name, signature and docstring
            self.set(owner, name, new)

    def call_later(self, function: Callable[[], None]) -> None:
        """Call ``function`` at `undo`, too."""
        self._undo.append(function)

    def undo(self) -> None:
        """Put everything back, the last one first."""
        while self._undo:
            self._undo.pop()()
