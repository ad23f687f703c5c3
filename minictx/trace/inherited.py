"""Look at a Local or a LocalStack before its first use, for what no call has told of.

A task begins with a copy of its parent's context, and nothing happens to a Local or a
LocalStack over contextvars at that moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from types import FunctionType
from typing import Any

import minictx.trace.patch as patch
from minictx.trace.objects import Kind
from minictx.trace.patch import Patches, hide_frame

__all__ = ["Find", "find_items", "patch_inherited_storage", "patch_looks"]

USES = ("__getattr__", "__setattr__", "__delattr__", "__release_local__", "push", "pop", "top")

Find = Callable[[Any], Iterable[Any]]


def patch_inherited_storage(patches: Patches, local_class: Any, stack_class: Any) -> None:
    """Patch a Local and a LocalStack which are each over one ContextVar.

    So they are in `minictx.contextual`, and in werkzeug since 2.2. Before that, a stack was
    kept in a Local: what is inherited there is not seen.
    """
    if hasattr(local_class, "_Local__storage"):
        patch_looks(patches, local_class, "Local", iter)
        patch_looks(patches, stack_class, "LocalStack", find_items)


def find_items(stack: Any) -> list[Any]:
    """Return the items of any LocalStack, of the one who runs, from bottom to top."""
    if hasattr(type(stack), "__iter__"):  # only minictx's has it
        return list(stack)
    if hasattr(stack, "_storage"):
        return list(stack._storage.get(()))
    return list(getattr(stack._local, "stack", None) or ())  # of werkzeug until 2.1


def patch_looks(patches: Patches, cls: Any, kind: Kind, find: Find) -> None:
    """Have the recorders look at an object of this class before each use of it.

    ``find`` returns the (name, value) pairs of a Local, or the items of a stack, from bottom
    to top.
    """

    def look(obj: Any) -> None:
        for recorder in patch.recorders:
            recorder.look(obj, kind, find)

    def wrap(original: Any) -> Any:
        if isinstance(original, property):
            return property(wrap(original.fget))

        @wraps(original)
        def looked_at(self: Any, *args: Any, **options: Any) -> Any:
            look(self)
            try:
                return original(self, *args, **options)
            except AttributeError as error:
                hide_frame(error)
                raise

        return looked_at

    for name in USES:
        if isinstance(vars(cls).get(name), FunctionType | property):
            patches.wrap(cls, name, wrap)
