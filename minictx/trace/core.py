"""Record what is done to Local, LocalStack and LocalProxy, by patching the classes.

Those of minictx, and those of werkzeug, from 1.0 on. The classes themselves know nothing
of it: while nobody records, they are as they were written.
"""

from __future__ import annotations

import sys
from functools import partial
from inspect import unwrap
from types import FunctionType, MethodType
from typing import Any

import minictx.trace.patch as patch
from minictx import LocalProxy, proxy
from minictx.trace.patch import Patches, hide_frame

__all__ = ["patch_proxies", "patch_storage"]


def patch_storage(patches: Patches, local_class: Any, stack_class: Any) -> None:
    """Patch a Local class, and the LocalStack class that goes with it."""
    inner = _codes_of(stack_class)
    _patch_stack(patches, stack_class)
    _patch_local(patches, local_class, inner)


def _codes_of(cls: type) -> set[int]:
    """Return the ids of the code of a class's methods, to tell who calls."""
    functions = [
        value.fget if isinstance(value, property) else value for value in vars(cls).values()
    ]
    # Some of them may be wrapped by now, to look before each use.
    return {id(unwrap(each).__code__) for each in functions if isinstance(each, FunctionType)}


def _patch_local(patches: Patches, cls: Any, inner: set[int]) -> None:
    def is_inner(depth: int = 2) -> bool:
        # werkzeug's stacks kept their list in a Local until 2.1: that is no event.
        if not inner:
            return False
        frame = sys._getframe(depth)
        return id(frame.f_code) in inner or (
            frame.f_code.co_name == "release_local"
            and frame.f_back is not None
            and id(frame.f_back.f_code) in inner
        )

    def wrap_set(original: Any) -> Any:
        def recorded(self: Any, name: str, value: Any) -> None:
            original(self, name, value)
            if not is_inner():
                for recorder in patch.recorders:
                    recorder.set(self, name, value)

        return recorded

    def wrap_get(original: Any) -> Any:
        def recorded(self: Any, name: str) -> Any:
            try:
                value = original(self, name)
            except AttributeError as error:
                hide_frame(error)
                # Python, and who inspects an object, look for many names like __this__.
                if not name.startswith("__") and not is_inner():
                    for recorder in patch.recorders:
                        recorder.get(self, name, recorder.MISSING)
                raise
            if not is_inner():
                for recorder in patch.recorders:
                    recorder.get(self, name, value)
            return value

        return recorded

    def wrap_delete(original: Any) -> Any:
        def recorded(self: Any, name: str) -> None:
            original(self, name)
            for recorder in patch.recorders:
                recorder.delete(self, name)

        return recorded

    def wrap_release(original: Any) -> Any:
        def recorded(self: Any) -> None:
            original(self)
            if not is_inner():
                for recorder in patch.recorders:
                    recorder.release(self, "Local")

        return recorded

    patches.wrap(cls, "__setattr__", wrap_set)
    patches.wrap(cls, "__getattr__", wrap_get)
    patches.wrap(cls, "__delattr__", wrap_delete)
    patches.wrap(cls, "__release_local__", wrap_release)
    patch_end(patches, cls)


def _patch_stack(patches: Patches, cls: Any) -> None:
    def wrap_push(original: Any) -> Any:
        def push(self: Any, *args: Any, **options: Any) -> Any:
            stack = original(self, *args, **options)
            for recorder in patch.recorders:
                recorder.push(self, stack, *args, *options.values())
            return stack

        return push

    def wrap_pop(original: Any) -> Any:
        def pop(self: Any) -> Any:
            top = original(self)
            for recorder in patch.recorders:
                recorder.pop(self, top)
            return top

        return pop

    def wrap_release(original: Any) -> Any:
        def recorded(self: Any) -> None:
            original(self)
            for recorder in patch.recorders:
                recorder.release(self, "LocalStack")

        return recorded

    patches.wrap(cls, "push", wrap_push)
    patches.wrap(cls, "pop", wrap_pop)
    patches.wrap(cls, "__release_local__", wrap_release)
    patch_end(patches, cls)


def patch_proxies(patches: Patches, cls: Any) -> None:
    """Patch a LocalProxy class."""

    def wrap_init(original: Any) -> Any:
        def recorded(self: Any, *args: Any, **options: Any) -> None:
            original(self, *args, **options)
            given = dict(zip(("source", "name"), args, strict=False)) | options
            source = given.get("source", given.get("local"))  # werkzeug calls it `local`
            for recorder in patch.recorders:
                recorder.made(self, source, given.get("name"))

        return recorded

    def wrap_resolve(original: Any) -> Any:
        is_method = isinstance(original, FunctionType)

        def _get_current_object(self: Any) -> Any:
            try:
                obj = original(self) if is_method else original.__get__(self, cls)()
            except RuntimeError as error:
                hide_frame(error)
                for recorder in patch.recorders:
                    recorder.unbound(self, error)
                raise
            for recorder in patch.recorders:
                recorder.resolve(self, obj)
            return obj

        if is_method:  # werkzeug until 2.1
            return _get_current_object
        # The class has a slot for the function: what takes its place must let it be set.
        return property(partial(MethodType, _get_current_object), original.__set__)

    patches.wrap(cls, "__init__", wrap_init)
    patches.wrap(cls, "_get_current_object", wrap_resolve)
    if cls is LocalProxy:  # what is done to one of these reads the slot by its own way
        patches.set(proxy, "_finder", vars(cls)["_get_current_object"].fget)
    patch_end(patches, cls)


def patch_end(patches: Patches, cls: Any) -> None:
    """Let the recorders know when an object is gone, and its id() free for another."""
    original = cls.__dict__.get("__del__")

    def recorded(self: Any) -> None:
        if original is not None:
            original(self)
        for recorder in patch.recorders:
            recorder.forget(self)

    patches.set(cls, "__del__", recorded)
