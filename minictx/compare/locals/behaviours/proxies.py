"""Proxies: what they can stand for, and what they do while they are unbound."""

from __future__ import annotations

from contextvars import ContextVar
from functools import partial
from typing import Any

from minictx.compare.locals.behaviours.catalogue import Steps, Topic, error_of, yes_or_no
from minictx.compare.locals.implementations import Kit
from minictx.stage import run

__all__ = ["proxies"]

proxies = Topic("Proxies")


@proxies.behaviour
def proxy_to_function(kit: Kit) -> str:
    """Can a proxy stand for a function's result, a name of a Local, the top of a stack?

    These sources have always existed: `LocalProxy(function)`, `local("name")` and
    `stack()`.
    """
    local, stack = kit.Local(), kit.LocalStack()
    texts = [kit.LocalProxy(lambda: "alice"), kit.LocalProxy(partial(str, "alice"))]
    texts += [local("user"), kit.LocalProxy(local, "user"), stack()]
    local.user = "alice"
    stack.push("alice")
    return yes_or_no(all(text.upper() == "ALICE" for text in texts))


@proxies.behaviour
def proxy_to_contextvar(kit: Kit) -> str:
    """Can a proxy stand for the value of a ContextVar?

    Flask has kept its contexts in ContextVars since 2.2, and its proxies stand for them.
    """
    user: ContextVar[str] = ContextVar("user")
    user.set("alice")
    return yes_or_no(not error_of(lambda: kit.LocalProxy(user).upper()))


@proxies.behaviour
def proxy_to_stack(kit: Kit) -> str:
    """Can a proxy be made with `LocalProxy(stack, name)`?

    It stands for an attribute of the top item, as `request` does for that of the request
    context. Before this, it took a function that looks for the top.
    """
    stack = kit.LocalStack()
    stack.push(3 + 4j)
    return yes_or_no(not error_of(lambda: kit.LocalProxy(stack, "imag").is_integer()))


@proxies.behaviour
def proxy_to_name_of_function(kit: Kit) -> str:
    """Does `LocalProxy(function, name)` stand for an attribute of the function's result?

    If not, only a Local has names to give.
    """
    proxy = kit.LocalProxy(lambda: 3 + 4j, "imag")
    return yes_or_no(not error_of(lambda: proxy.is_integer()))


@proxies.behaviour
def proxy_says_your_message(kit: Kit) -> str:
    """Can you choose the message of an unbound proxy's error?

    Flask's "Working outside of request context" tells beginners what to do.
    """
    message = "log in first"
    try:
        kit.LocalStack()(unbound_message=message).upper()
    except (RuntimeError, TypeError) as error:
        return yes_or_no(message in str(error))
    return "no"


def unbound(kit: Kit) -> Any:
    """Return a proxy that is unbound."""
    return kit.LocalStack()()


@proxies.behaviour
def unbound_used(kit: Kit) -> str:
    """What does using an unbound proxy raise?

    All that needs the object raises this: there is no object.
    """
    proxy = unbound(kit)
    return error_of(lambda: proxy.user) or "none"


@proxies.behaviour
def unbound_can_be_looked_at(kit: Kit) -> str:
    """Can an unbound proxy be printed, listed with `dir`, and tested with `if`?

    A debugger does all of that by itself, and must not fail.
    """
    proxy = unbound(kit)
    looks = [error_of(partial(look, proxy)) for look in (repr, dir, bool)]
    return yes_or_no(not any(looks))


@proxies.behaviour
def unbound_equals(kit: Kit) -> str:
    """What does `unbound == "alice"` give: an answer, or which error?

    "False" hides a mistake: there is no user at all.
    """
    proxy = unbound(kit)
    return error_of(lambda: proxy == "alice") or str(proxy == "alice")


@proxies.behaviour
def unbound_hashed(kit: Kit) -> str:
    """What does `hash(unbound)` give: a number, or which error?

    "TypeError: unhashable type" is misleading.
    """
    proxy = unbound(kit)
    return error_of(lambda: hash(proxy)) or "number"


@proxies.behaviour
def wrapped_is_function(kit: Kit) -> str:
    """Is `__wrapped__` of an unbound proxy the function that it asks?

    `inspect` and `doctest` follow `__wrapped__` to the thing itself.
    """

    def find_user() -> None:
        raise RuntimeError("no user here")

    proxy = kit.LocalProxy(find_user)
    return yes_or_no(getattr(proxy, "__wrapped__", None) is find_user)


@proxies.behaviour
def wrapped_is_local(kit: Kit) -> str:
    """Is `__wrapped__` of an unbound proxy the Local that it looks into?

    Then a proxy can tell where it looks, whatever it was made from.
    """
    local = kit.Local()
    proxy = kit.LocalProxy(local, "user")
    try:
        return yes_or_no(proxy.__wrapped__ is local)
    except (AttributeError, RuntimeError):
        return "no"


@proxies.behaviour
def proxy_in_thread(kit: Kit) -> str:
    """Does a proxy that is passed to a new thread find its object there?

    The proxy looks where it is used, and nothing is there. Pass what
    `_get_current_object()` returns, as Flask's documentation says.
    """
    stack = kit.LocalStack()
    proxy = stack()

    def view() -> Steps:
        stack.push("alice")
        yield
        yield proxy.upper()

    def helper() -> Steps:
        yield error_of(lambda: proxy.upper())

    seen = run("V H H V V", V=view, H=helper).yielded["H"]
    return yes_or_no(seen == [""])


@proxies.behaviour
def object_in_thread(kit: Kit) -> str:
    """Does what `_get_current_object()` returned work in a new thread?

    It is the object itself, not a proxy: nothing has to be looked up.
    """
    stack = kit.LocalStack()
    passed: list[str] = []

    def view() -> Steps:
        stack.push("alice")
        passed.append(stack()._get_current_object())
        yield

    def helper() -> Steps:
        yield passed[0].upper()

    return yes_or_no(run("V H H V", V=view, H=helper).yielded["H"] == ["ALICE"])


@proxies.behaviour
def method_taken_stays(kit: Kit) -> str:
    """Does a method taken from a proxy stay with the object it was taken from?

    The proxy is asked when the method is *taken*, not when it is called. So `get =
    request.args.get`, kept for later, belongs to a request that is over.
    """
    stack = kit.LocalStack()
    proxy = stack()

    def alice() -> Steps:
        stack.push("alice")
        method = proxy.upper
        stack.push("bob")
        yield method(), proxy.upper()

    seen = run("A A", A=alice).yielded["A"]
    return yes_or_no(seen == [("ALICE", "BOB")])
