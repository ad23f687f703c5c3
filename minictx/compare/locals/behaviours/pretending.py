"""Pretending: how far a bound proxy can be taken for the object itself."""

from __future__ import annotations

import copy
import json
import operator as op
import pickle
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Any

from minictx.compare.locals.behaviours.catalogue import Topic, error_of, yes_or_no
from minictx.compare.locals.implementations import Kit

__all__ = ["pretending"]

pretending = Topic("Pretending")


@pretending.behaviour
def isinstance_sees_object(kit: Kit) -> str:
    """Does `isinstance(proxy, str)` see the object's class?

    `isinstance` asks for `__class__`, and a proxy can answer with the object's. It cannot
    answer for `type`, which always says LocalProxy.
    """
    return yes_or_no(isinstance(kit.LocalProxy(lambda: "alice"), str))


@pretending.behaviour
def is_none(kit: Kit) -> str:
    """Is `proxy is None` true if the proxy stands for None?

    A proxy cannot answer for `is`: it is itself, whatever it stands for. Use `if proxy:`
    instead.
    """
    proxy = kit.LocalProxy(lambda: None)
    return yes_or_no(proxy is None)


@pretending.behaviour
def same_id(kit: Kit) -> str:
    """Is `id(proxy)` the object's?

    Signals recognise their sender by its `id`. A receiver that is connected to an app gets
    nothing from a signal sent with `current_app`: send it with `_get_current_object()`.
    """
    app = ["an app"]
    return yes_or_no(id(kit.LocalProxy(lambda: app)) == id(app))


@pretending.behaviour
def callable_anyway(kit: Kit) -> str:
    """Does `callable(proxy)` say yes although the proxy stands for a text?

    Python looks for `__call__` on the type, and a proxy's type has all such methods,
    whatever the proxy stands for.
    """
    return yes_or_no(callable(kit.LocalProxy(lambda: "alice")))


@pretending.behaviour
def dict_key(kit: Kit) -> str:
    """Does `{"alice": 1}[proxy]` find what was stored under the object?

    A dict asks for hash and equality, and both are the object's.
    """
    proxy = kit.LocalProxy(lambda: "alice")
    return yes_or_no({"alice": 1}.get(proxy) == 1)


@pretending.behaviour
def joined(kit: Kit) -> str:
    """What does `", ".join([proxy])` do: "yes", it works, or which error?

    Code in C often looks at the type itself, and does not accept a proxy. `str(proxy)` is a
    text.
    """
    proxy = kit.LocalProxy(lambda: "alice")
    return error_of(lambda: ", ".join([proxy])) or "yes"


@pretending.behaviour
def json_dumped(kit: Kit) -> str:
    """What does `json.dumps(proxy)` do if the proxy stands for a dict?

    `json` is written in C, too. `dict(proxy)` is a dict.
    """
    proxy = kit.LocalProxy(lambda: {"user": "alice"})
    return error_of(lambda: json.dumps(proxy)) or "yes"


@pretending.behaviour
def reflected_operators(kit: Kit) -> str:
    """Which operators work with the proxy on the right, as in `2 + proxy`?

    Python asks the left operand first, then the right one, by another method: `__radd__`.
    Each of these must be defined.
    """
    proxy = kit.LocalProxy(lambda: 3)
    operators: dict[str, Callable[[int, Any], Any]] = {
        **{"+": op.add, "-": op.sub, "*": op.mul, "/": op.truediv, "//": op.floordiv},
        **{"%": op.mod, "**": op.pow, "<<": op.lshift, ">>": op.rshift},
        **{"&": op.and_, "|": op.or_, "^": op.xor, "divmod": divmod},
    }
    missing = [name for name, do in operators.items() if error_of(partial(do, 2, proxy))]
    return f"not {' '.join(missing)}" if missing else "all"


@pretending.behaviour
def in_place_keeps_proxy(kit: Kit) -> str:
    """Is `proxy` still a proxy after `proxy += ["tea"]`?

    The statement assigns what `__iadd__` returns. If that is the object, a global name that
    was a proxy for every request now is one request's list.
    """
    cart: list[str] = []
    proxy = kit.LocalProxy(lambda: cart)
    proxy += ["tea"]
    return yes_or_no(type(proxy) is kit.LocalProxy and cart == ["tea"])


def finish(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never has to wait, so it needs no event loop."""
    with suppress(StopIteration):
        coroutine.send(None)


@pretending.behaviour
def newer_methods(kit: Kit) -> str:
    """Which of `await`, `async with`, `async for`, `round` and `format` work on a proxy?

    Every method that Python adds must be added to the proxy, too.
    """

    class Tea:
        def __await__(self) -> Any:
            return iter(())

        async def __aenter__(self) -> None: ...
        async def __aexit__(self, *error: object) -> None: ...

        def __aiter__(self) -> Any:
            return self

        async def __anext__(self) -> None:
            raise StopAsyncIteration

    tea = kit.LocalProxy(Tea)

    async def wait() -> None:
        await tea

    async def enter() -> None:
        async with tea:
            pass

    async def loop() -> None:
        async for _ in tea:
            pass

    uses: dict[str, Callable[[], Any]] = {
        "await": lambda: finish(wait()),
        "async with": lambda: finish(enter()),
        "async for": lambda: finish(loop()),
        "round": lambda: round(kit.LocalProxy(lambda: 1.25), 1),
        "format": lambda: f"{kit.LocalProxy(lambda: date(2020, 2, 20)):%Y}",
    }
    works = [name for name, use in uses.items() if not error_of(use)]
    return "all" if len(works) == len(uses) else ", ".join(works) or "none"


@pretending.behaviour
def copy_is_objects(kit: Kit) -> str:
    """Do `copy.copy(proxy)` and `copy.deepcopy(proxy)` copy the object?

    The copy is the object's alone: it is not a proxy, and does not change with the context.
    """
    proxy = kit.LocalProxy(lambda: ["tea"])
    copies = [copy.copy(proxy), copy.deepcopy(proxy)]
    return yes_or_no(all(type(each) is list and each == ["tea"] for each in copies))


@pretending.behaviour
def proxy_pickled(kit: Kit) -> str:
    """What does pickling and loading a proxy give: the object, a proxy, or which error?

    In another process, another object is current, or none. minictx says so.
    """
    cart = ["tea"]
    proxy = kit.LocalProxy(lambda: cart)
    if error := error_of(lambda: pickle.loads(pickle.dumps(proxy))):
        return error
    loaded = pickle.loads(pickle.dumps(proxy))
    return "object" if type(loaded) is list else "proxy"
