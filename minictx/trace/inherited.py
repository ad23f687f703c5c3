"""What somebody finds in an object over contextvars before they have used it themselves.

A task begins with a copy of its parent's context, and nothing happens to a Local or a
LocalStack at that moment. So it is looked at before its first use by each who runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from types import FunctionType
from typing import Any

import minictx.trace.patch as patch
from minictx.trace.objects import Kind
from minictx.trace.patch import Patches, hide_frame

__all__ = ["Find", "patch_inherited", "patch_inherited_storage"]

USES = ("__getattr__", "__setattr__", "__delattr__", "__release_local__", "push", "pop", "top")

Find = Callable[[Any], Iterable[tuple[str | None, object]]]


def patch_inherited_storage(patches: Patches, local_class: Any, stack_class: Any) -> None:
    """Patch a Local and a LocalStack which are each over one ContextVar.

    So they are in `minictx.contextual`, and in werkzeug since 2.2. In 2.0 and 2.1, a stack was
    kept in a Local: what is inherited there is not seen.
    """
    if hasattr(local_class, "_Local__storage"):
        patch_inherited(patches, local_class, "Local", iter)
        patch_inherited(patches, stack_class, "LocalStack", _find_items)


def _find_items(stack: Any) -> Iterable[tuple[None, object]]:
    return [(None, item) for item in stack._storage.get(())]


def patch_inherited(patches: Patches, cls: Any, kind: Kind, find: Find) -> None:
    """Have the recorders look at an object of this class before each use of it.

    ``find`` returns the (name, value) pairs of a Local, and those of a stack, whose names are
    None, from bottom to top.
    """

    def look(obj: Any) -> None:
        for recorder in patch.recorders:
            recorder.inherit(obj, kind, find)

    def wrap(original: Any) -> Any:
        if isinstance(original, property):
            return property(wrap(original.fget))

        @wraps(original)
        def looked_at(self: Any, *args: Any) -> Any:
            look(self)
            try:
                return original(self, *args)
            except AttributeError as error:
                hide_frame(error)
                raise

        return looked_at

    for name in USES:
        if isinstance(vars(cls).get(name), FunctionType | property):
            patches.wrap(cls, name, wrap)
