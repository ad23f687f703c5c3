"""The implementations: what is asked, and where it comes from.

Those that are installed are asked when you ask. Old versions of werkzeug were asked by
``python -m minictx.compare.record``, each in an environment of its own; their answers are in
``golden``.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Hashable
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from typing import Any

from minictx.local import Local, release_local
from minictx.proxy import LocalProxy
from minictx.stack import LocalStack

__all__ = [
    "IMPLEMENTATIONS",
    "PACKAGES",
    "ContextVarLocal",
    "Implementation",
    "Kit",
    "NotThereError",
]


class NotThereError(Exception):
    """An implementation has no such class: there is nothing to ask."""


@dataclass(frozen=True)
class Kit:
    """Hold the classes of one implementation; asking for a missing one raises NotThereError.

    >>> import threading
    >>> kit = Kit(threading.local)
    >>> kit.Local().user = "alice"
    >>> kit.LocalStack()
    Traceback (most recent call last):
        ...
    minictx.compare.locals.implementations.NotThereError: no LocalStack
    """

    local: type
    stack: type | None = None
    proxy: type | None = None
    release_local: Callable[[Any], None] | None = None
    is_adapter: bool = False  # the Local is ours, over something that is not a Local

    @property
    def Local(self) -> Any:  # noqa: N802  # the name of the class, as everywhere
        """The class, or what stands for it."""
        return self.local

    @property
    def OwnLocal(self) -> Any:  # noqa: N802
        """The class, if it is the implementation's own."""
        if self.is_adapter:
            raise NotThereError("no Local of its own")
        return self.local

    @property
    def LocalStack(self) -> Any:  # noqa: N802
        """The class."""
        return self._there(self.stack, "LocalStack")

    @property
    def LocalProxy(self) -> Any:  # noqa: N802
        """The class."""
        return self._there(self.proxy, "LocalProxy")

    @property
    def release(self) -> Any:
        """The function that forgets all that the current context has stored."""
        return self._there(self.release_local, "release_local")

    def _there(self, thing: Any, name: str) -> Any:
        if thing is None:
            raise NotThereError(f"no {name}")
        return thing


class ContextVarLocal:
    """Keep each attribute in a ContextVar of its own.

    >>> local = ContextVarLocal()
    >>> local.user = "alice"
    >>> local.user
    'alice'

    A ContextVar has no way to be deleted; `ContextVar.reset` gives it its former value.
    """

    __slots__ = ("__vars",)

    __vars: dict[str, ContextVar[Any]]

    def __init__(self) -> None:
        object.__setattr__(self, "_ContextVarLocal__vars", {})

    def __setattr__(self, name: str, value: Any) -> None:
        self.__vars.setdefault(name, ContextVar(name)).set(value)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__vars[name].get()
        except LookupError:
            raise AttributeError(f"no ContextVar {name!r} is set in this context") from None

    def __items__(self) -> list[tuple[str, Any]]:
        context = copy_context()
        return [(name, context[var]) for name, var in self.__vars.items() if var in context]


@dataclass(frozen=True)
class Implementation:
    """Know one implementation: its names, what it needs, and how to get at its classes."""

    key: str  # as it is typed
    head: str  # of its column: as short as can be
    title: str
    group: str  # whose columns stand together
    load: Callable[[], Kit] | None = None  # None: its answers are recorded
    package: str | None = None  # what must be installed for it


def load_threading() -> Kit:
    """Return Python's own, one value for each thread."""
    return Kit(threading.local)


def load_gevent() -> Kit:
    """Return gevent's, one value for each greenlet."""
    import gevent.local

    return Kit(gevent.local.local)


def load_asgiref() -> Kit:
    """Return Django's, over contextvars."""
    import asgiref.local

    return Kit(asgiref.local.Local)


def load_contextvar() -> Kit:
    """Return the bare ContextVar, with attributes."""
    return Kit(ContextVarLocal, is_adapter=True)


def load_werkzeug() -> Kit:
    """Return those of the installed werkzeug."""
    import werkzeug.local as werkzeug

    return Kit(werkzeug.Local, werkzeug.LocalStack, werkzeug.LocalProxy, werkzeug.release_local)


def load_minictx() -> Kit:
    """Return minictx's, as it is."""
    return Kit(Local, LocalStack, LocalProxy, release_local)


def load_minictx_by_thread() -> Kit:
    """Return minictx's, by thread."""
    return minictx_with(threading.get_ident)


def load_minictx_by_task() -> Kit:
    """Return minictx's, by asyncio task."""
    return minictx_with(current_task)


def load_contextual() -> Kit:
    """Return minictx's over contextvars."""
    from minictx import contextual

    return Kit(contextual.Local, contextual.LocalStack, LocalProxy, release_local)


def current_task() -> Hashable:
    """Return the running asyncio task, or the thread's number if there is none."""
    try:
        return asyncio.current_task() or threading.get_ident()
    except RuntimeError:  # no event loop runs here
        return threading.get_ident()


def minictx_with(ident_func: Callable[[], Hashable]) -> Kit:
    """Return minictx's, with a different ident function."""

    class LocalBy(Local):
        __slots__ = ()

        def __init__(self) -> None:
            super().__init__(ident_func)

    class LocalStackBy(LocalStack[object]):
        def __init__(self) -> None:
            super().__init__(ident_func)

    return Kit(LocalBy, LocalStackBy, LocalProxy, release_local)


_all = [
    Implementation("threading", "TL", "threading.local", "others", load_threading),
    Implementation("gevent", "GL", "gevent.local", "others", load_gevent, "gevent"),
    Implementation("asgiref", "AL", "asgiref.Local", "others", load_asgiref, "asgiref"),
    Implementation("contextvar", "CV", "a ContextVar", "others", load_contextvar),
    Implementation("werkzeug-1.0", "W1", "werkzeug 1.0 with greenlet", "werkzeug"),
    Implementation("werkzeug-1.0-threads", "W1T", "werkzeug 1.0 without greenlet", "werkzeug"),
    Implementation("werkzeug-2.0", "W2", "werkzeug 2.0", "werkzeug"),
    Implementation(
        "werkzeug", "W", "werkzeug, as installed", "werkzeug", load_werkzeug, "werkzeug"
    ),
    Implementation(
        "minictx-threads", "MT", "minictx by thread", "minictx", load_minictx_by_thread
    ),
    Implementation("minictx", "M", "minictx by greenlet, its default", "minictx", load_minictx),
    Implementation(
        "minictx-tasks", "MA", "minictx by asyncio task", "minictx", load_minictx_by_task
    ),
    Implementation("contextual", "MC", "minictx.contextual", "minictx", load_contextual),
]
IMPLEMENTATIONS = {each.key: each for each in _all}

# What the environment of each recorded implementation has, and nothing else.
PACKAGES = {
    "werkzeug-1.0": ["werkzeug==1.0.1", "greenlet"],
    "werkzeug-1.0-threads": ["werkzeug==1.0.1"],
    "werkzeug-2.0": ["werkzeug==2.0.3", "greenlet"],
}
