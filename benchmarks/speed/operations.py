"""What is timed, and on which libraries: the same line of Python for each of them.

A kit has what one library offers. Libraries with only a Local have no stack and no proxy. A
ContextVar is not a Local: its kit says what each operation looks like there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import Any, NamedTuple

__all__ = ["KITS", "OPERATIONS", "Kit", "Operation", "load"]

# The libraries


@dataclass(frozen=True)
class Kit:
    """What one library offers: its classes, and what to write where it has none."""

    local: Callable[[], Any]
    stack: Callable[[], Any] | None = None
    release: Callable[[Any], None] | None = None
    statements: dict[str, str] = field(default_factory=dict)  # {operation: what to time}
    is_local: bool = True


def minictx_kit() -> Kit:
    """Return the Local and LocalStack of minictx."""
    from minictx import Local, LocalStack, release_local

    return Kit(Local, LocalStack, release_local)


def contextual_kit() -> Kit:
    """Return those of minictx over contextvars."""
    from minictx import release_local
    from minictx.contextual import Local, LocalStack

    return Kit(Local, LocalStack, release_local)


def werkzeug_kit() -> Kit:
    """Return those of the werkzeug that is installed, whatever its version is."""
    from werkzeug.local import Local, LocalStack, release_local

    return Kit(Local, LocalStack, release_local)


def threading_kit() -> Kit:
    """Return threading.local, which knows nothing of greenlets."""
    return Kit(threading.local)


def gevent_kit() -> Kit:
    """Return gevent's local, which is compiled to C."""
    from gevent.local import local

    return Kit(local)


def asgiref_kit() -> Kit:
    """Return asgiref's Local, for threads and tasks."""
    from asgiref.local import Local

    return Kit(Local)


def contextvar_kit() -> Kit:
    """Return a bare ContextVar: what Python itself offers."""
    statements = {
        "get": "local.get()",
        "set": "local.set('alice')",
        "miss": "local.get(None)",
    }
    return Kit(lambda: ContextVar("user"), statements=statements, is_local=False)


# {name in the tables: (the package that it is in, what makes the kit)}
KITS: dict[str, tuple[str | None, Callable[[], Kit]]] = {
    "minictx": (None, minictx_kit),
    "minictx.contextual": (None, contextual_kit),
    "werkzeug": ("werkzeug", werkzeug_kit),
    "threading.local": (None, threading_kit),
    "gevent.local": ("gevent", gevent_kit),
    "asgiref.Local": ("asgiref", asgiref_kit),
    "ContextVar": (None, contextvar_kit),
}


def load() -> dict[str, Kit]:
    """Return all kits that this environment has; werkzeug's name gets its version."""
    kits = {}
    for name, (package, make) in KITS.items():
        try:
            kit = make()
        except ImportError:
            continue
        if package == "werkzeug":
            name = f"werkzeug {version(package)}"
        kits[name] = kit
    return kits


# The operations: each is a line of Python, and a function that makes what the line uses.
# If a library cannot do it, the function returns None

Names = dict[str, Any]  # what a statement uses: {name: object}


class Operation(NamedTuple):
    """Something that is done to a Local, a stack or a proxy."""

    key: str
    group: str  # its goal: see goals.py
    title: str
    statement: str
    prepare: Callable[[Kit], Names | None]

    def of(self, kit: Kit) -> tuple[str, Names] | None:
        """Return the statement and its names for a kit; None if the kit cannot do it."""
        statement = kit.statements.get(self.key, self.statement)
        if not kit.is_local and self.key not in kit.statements:
            return None
        names = self.prepare(kit)
        return None if names is None else (statement, names)


class User:
    """Something to be current."""

    name = "alice"


def _nothing() -> None:
    """Do nothing, when called through a proxy."""


def _local(kit: Kit) -> Names:
    local = kit.local()
    if kit.is_local:
        local.user = "alice"
    else:
        local.set("alice")
    return {"local": local}


def _local_and_release(kit: Kit) -> Names | None:
    return None if kit.release is None else {"local": kit.local(), "release": kit.release}


def _stack(*items: object) -> Callable[[Kit], Names | None]:
    def prepare(kit: Kit) -> Names | None:
        if kit.stack is None:
            return None
        stack = kit.stack()
        for item in items:
            stack.push(item)
        return {"stack": stack, "item": "inner"}

    return prepare


def _proxy(*items: object) -> Callable[[Kit], Names | None]:
    def prepare(kit: Kit) -> Names | None:
        names = _stack(*items)(kit)
        return None if names is None else {"proxy": names["stack"](), **names}

    return prepare


def _greenlet(kit: Kit) -> Names | None:
    try:
        from greenlet import greenlet
    except ImportError:
        return None
    local = kit.local()
    return {"greenlet": greenlet, "work": partial(setattr, local, "user", "alice")}


OPERATIONS = [
    Operation("get", "get", "Local: get", "local.user", _local),
    Operation("set", "set", "Local: set", "local.user = 'alice'", _local),
    Operation("delete", "", "Local: set, delete", "local.other = 1; del local.other", _local),
    Operation(
        "release",
        "",
        "Local: set, release",
        "local.user = 1; release(local)",
        _local_and_release,
    ),
    Operation("miss", "", "Local: miss", "getattr(local, 'nobody', None)", _local),
    Operation("top", "top", "stack: top", "stack.top", _stack("outer")),
    Operation("top_empty", "top", "empty stack: top", "stack.top", _stack()),
    Operation(
        "push_pop",
        "push",
        "stack: push, pop",
        "stack.push(item); stack.pop()",
        _stack("outer"),
    ),
    Operation(
        "push_pop_empty",
        "push",
        "empty stack: push, pop",
        "stack.push(item); stack.pop()",
        _stack(),
    ),
    Operation("attribute", "proxied", "proxy: attribute", "proxy.name", _proxy(User())),
    Operation("call", "proxied", "proxy: call", "proxy()", _proxy(_nothing)),
    Operation("item", "proxied", "proxy: item", "proxy['user']", _proxy({"user": 1})),
    Operation("len", "proxied", "proxy: len", "len(proxy)", _proxy("alice")),
    Operation("add", "proxied", "proxy: +", "proxy + 1", _proxy(1)),
    Operation("eq", "proxied", "proxy: ==", "proxy == 1", _proxy(1)),
    Operation("bool", "proxied", "proxy: bool", "bool(proxy)", _proxy("alice")),
    Operation("in", "proxied", "proxy: in", "'user' in proxy", _proxy({"user": 1})),
    Operation("unbound", "proxied", "unbound proxy: repr", "repr(proxy)", _proxy()),
    Operation("context", "", "context: make, set, drop", "greenlet(work).switch()", _greenlet),
]
