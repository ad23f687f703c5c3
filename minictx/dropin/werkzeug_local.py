"""What stands in the place of ``werkzeug.local``: minictx's classes, under werkzeug's names.

``werkzeug.local.__file__`` is this file while the drop-in is installed. Where the installed
version of werkzeug differs from today's, the classes here are subclasses of minictx's.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextvars import ContextVar
from functools import cached_property
from importlib import metadata
from typing import Any, Literal

import minictx
import minictx.contextual

__all__ = ["STORAGES", "Storage", "names_of"]

Storage = Literal["ident", "contextvar"]
STORAGES: tuple[Storage, ...] = ("ident", "contextvar")


def names_of(storage: Storage) -> dict[str, Any]:
    """Return ``{name: object}`` of the ``werkzeug.local`` that is built on ``storage``.

    >>> sorted(names_of("contextvar"))
    ['Local', 'LocalManager', 'LocalProxy', 'LocalStack', 'release_local']
    """
    if storage not in STORAGES:
        raise ValueError(f"storage is {storage!r}: choose one of {', '.join(STORAGES)}")
    contexts = minictx.contextual if storage == "contextvar" else minictx
    names = {
        "Local": contexts.Local,
        "LocalManager": minictx.LocalManager,
        "LocalProxy": minictx.LocalProxy,
        "LocalStack": contexts.LocalStack,
        "release_local": minictx.release_local,
    }
    version = _werkzeug_version()
    return names | _special_names(names, storage, version)


def _werkzeug_version() -> tuple[int, ...]:
    major, minor = metadata.version("werkzeug").split(".")[:2]
    return int(major), int(minor)


def _special_names(
    names: dict[str, Any], storage: Storage, version: tuple[int, ...]
) -> dict[str, Any]:
    """Return the names that not every version of werkzeug has, or has in this way."""
    local, stack, proxy = names["Local"], names["LocalStack"], names["LocalProxy"]
    special: dict[str, Any] = {}
    if version >= (2, 2):
        if storage == "ident":
            local, stack = _takes_context_var(local), _takes_context_var(stack)
    else:
        proxy = _wraps_functions(proxy)
        local, stack = _makes_proxies(local, proxy), _makes_proxies(stack, proxy)
    if version < (2, 1):
        special["get_ident"] = minictx.get_ident
        if storage == "contextvar":
            local, stack = _has_ident_func(local), _has_ident_func(stack)
    if version < (2, 0):
        if storage == "contextvar":
            stack = _stores_by_ident(stack)
        local = _iterates_by_ident(local, storage)
    if version < (2, 2):
        stack = _shows_its_local(stack, by_ident=version < (2, 0))
    if version == (2, 0):
        special["ContextVar"] = ContextVar  # Flask 2.0 takes it from there
    return special | {"Local": local, "LocalStack": stack, "LocalProxy": proxy}


# Each of these returns a subclass with one difference.


def _takes_context_var(cls: Any) -> Any:
    """Since 2.2, a Local or LocalStack may be given a ContextVar to store in.

    Those that are kept by ident have no use for it.
    """

    class Given(cls):  # type: ignore[misc]
        __slots__ = ()

        def __init__(self, context_var: ContextVar[Any] | None = None) -> None:
            super().__init__()

    return _shown_as(cls, Given)


def _wraps_functions(cls: Any) -> Any:
    """Until 2.1, the ``__wrapped__`` of a proxy is its function, even if it is bound.

    Since then, a proxy that is bound has the ``__wrapped__`` of its object. Tools that follow
    it to a function, such as doctest, then ask which module that is from: it is that of the
    class, as in werkzeug.
    """

    class Wrapping(cls):  # type: ignore[misc]
        __slots__ = ("_source",)
        __doc__ = vars(cls)["__doc__"]

        def __init__(self, source: Any, *args: Any, **kwargs: Any) -> None:
            super().__init__(source, *args, **kwargs)
            object.__setattr__(self, "_source", source)

        def __getattribute__(self, name: str) -> Any:
            if name == "__wrapped__":
                source = object.__getattribute__(self, "_source")
                if callable(source) and not hasattr(type(source), "__release_local__"):
                    return source
            if name == "__module__":
                return type(self).__module__
            return super().__getattribute__(name)

    return _shown_as(cls, Wrapping)


def _makes_proxies(cls: Any, proxy: Any) -> Any:
    """Until 2.1, calling a Local or LocalStack makes proxies of the class above."""

    class Making(cls):  # type: ignore[misc]
        __slots__ = ()

        def __call__(self, *names: str) -> Any:
            return proxy(self, *names)

    return _shown_as(cls, Making)


def _has_ident_func(cls: Any) -> Any:
    """Until 2.0, both have an ``__ident_func__``; with ContextVars, setting it does nothing."""

    class Having(cls):  # type: ignore[misc]
        __slots__ = ()

        @property
        def __ident_func__(self) -> Callable[[], Hashable]:
            return minictx.get_ident

        @__ident_func__.setter
        def __ident_func__(self, ident_func: Callable[[], Hashable]) -> None:
            pass

    return _shown_as(cls, Having)


def _stores_by_ident(cls: Any) -> Any:
    """In 1.0, storage has an entry for each ident; with ContextVars, we know our own only."""

    class Storing(cls):  # type: ignore[misc]
        __slots__ = ()

        @property
        def __storage__(self) -> dict[Hashable, dict[str, Any]]:
            names = super().__storage__
            return {minictx.get_ident(): names} if names else {}

    return _shown_as(cls, Storing)


def _iterates_by_ident(cls: Any, storage: Storage) -> Any:
    """In 1.0, a Local iterates over all idents: ``(ident, {name: value})``."""

    class Iterating(cls):  # type: ignore[misc]
        __slots__ = ()

        def __iter__(self) -> Iterator[tuple[Hashable, dict[str, Any]]]:
            return iter(self.__storage__.items())

        @property
        def __storage__(self) -> dict[Hashable, dict[str, Any]]:
            if storage == "ident":
                stored: dict[Hashable, dict[str, Any]] = super().__storage__
                return stored
            names = dict(super().__iter__())
            return {minictx.get_ident(): names} if names else {}

        __repr__ = object.__repr__  # the other one iterates over names

    return _shown_as(cls, Iterating)


def _shows_its_local(cls: Any, by_ident: bool) -> Any:
    """Until 2.1, a LocalStack keeps its lists in a Local, and programs look into that."""

    class Showing(cls):  # type: ignore[misc]
        @cached_property
        def _local(self) -> StackAsLocal:
            return StackAsLocal(self, by_ident)

    return _shown_as(cls, Showing)


class StackAsLocal:
    """A LocalStack, seen as the Local in which werkzeug keeps it; it can be looked at."""

    def __init__(self, stack: Any, by_ident: bool) -> None:
        self._stack, self._by_ident = stack, by_ident

    @property
    def stack(self) -> list[Any]:
        """The items of the current context, from bottom to top; AttributeError if none."""
        items = list(self._stack)
        if not items:
            raise AttributeError("the stack is empty here")
        return items

    @property
    def __storage__(self) -> dict[Any, Any]:
        storage: dict[Any, Any] = self._stack.__storage__
        return storage

    @property
    def __ident_func__(self) -> Callable[[], Hashable]:
        ident_func: Callable[[], Hashable] = self._stack.__ident_func__
        return ident_func

    @__ident_func__.setter
    def __ident_func__(self, ident_func: Callable[[], Hashable]) -> None:
        self._stack.__ident_func__ = ident_func

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self._by_ident:
            return iter(self.__storage__.items())
        items = list(self._stack)
        return iter([("stack", items)] if items else [])

    def __release_local__(self) -> None:
        minictx.release_local(self._stack)


def _shown_as(cls: type, new: type) -> type:
    # A traceback, a test, or inspect.getsource() is led to minictx's own class.
    for attribute in ("__name__", "__qualname__", "__module__", "__firstlineno__"):
        if hasattr(cls, attribute):  # the last one since Python 3.13
            setattr(new, attribute, getattr(cls, attribute))
    return new
