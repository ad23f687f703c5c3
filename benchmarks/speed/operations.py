"""The operations that are timed: the same statement for every library.

Each is a line of Python, and a function that makes what the line uses. Where a library
cannot do it, the function returns None.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from speed.kits import Kit

__all__ = ["OPERATIONS", "Operation"]

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
