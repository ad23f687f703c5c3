"""Proxies: what they can stand for, and what they can say while they stand for nothing."""

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
    """Can a proxy stand for what a function returns, for a name of a Local, for a stack's top?

    These are the sources that there have always been: `LocalProxy(function)`,
    `local("name")` and `stack()`.
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

    It stands for an attribute of what is on top, as `request` does for that of the request
    context. Before this, it took a function that looks for the top.
    """
    stack = kit.LocalStack()
    stack.push(3 + 4j)
    return yes_or_no(not error_of(lambda: kit.LocalProxy(stack, "imag").is_integer()))


@proxies.behaviour
def proxy_to_name_of_function(kit: Kit) -> str:
    """Does `LocalProxy(function, name)` stand for an attribute of what the function returns?

    Else only a Local has names to give.
    """
    proxy = kit.LocalProxy(lambda: 3 + 4j, "imag")
    return yes_or_no(not error_of(lambda: proxy.is_integer()))


@proxies.behaviour
def proxy_says_your_message(kit: Kit) -> str:
    """Can you say what an unbound proxy's error tells the user?

    Flask's "Working outside of request context" tells beginners what to do.
    """
    message = "log in first"
    try:
        kit.LocalStack()(unbound_message=message).upper()
    except (RuntimeError, TypeError) as error:
        return yes_or_no(message in str(error))
    return "no"


def unbound(kit: Kit) -> Any:
    """Return a proxy that stands for nothing."""
    return kit.LocalStack()()


@proxies.behaviour
def unbound_used(kit: Kit) -> str:
    """What does the use of an unbound proxy raise?

    Everything that asks for the object does: there is none.
    """
    proxy = unbound(kit)
    return error_of(lambda: proxy.user) or "none"


@proxies.behaviour
def unbound_can_be_looked_at(kit: Kit) -> str:
    """Can an unbound proxy be printed, listed with `dir`, and tested with `if`?

    A debugger does all that without being asked, and must not fail.
    """
    proxy = unbound(kit)
    looks = [error_of(partial(look, proxy)) for look in (repr, dir, bool)]
    return yes_or_no(not any(looks))


@proxies.behaviour
def unbound_equals(kit: Kit) -> str:
    """What comes of `unbound == "alice"`: an answer, or which error?

    "False" hides a mistake: there is no user at all.
    """
    proxy = unbound(kit)
    return error_of(lambda: proxy == "alice") or str(proxy == "alice")


@proxies.behaviour
def unbound_hashed(kit: Kit) -> str:
    """What comes of `hash(unbound)`: a number, or which error?

    "TypeError: unhashable type" leads to a wrong track.
    """
    proxy = unbound(kit)
    return error_of(lambda: hash(proxy)) or "number"


@proxies.behaviour
def wrapped_is_function(kit: Kit) -> str:
    """Is the function that a proxy asks found as its `__wrapped__`, while it is unbound?

    `inspect` and `doctest` follow `__wrapped__` to the thing itself.
    """

    def find_user() -> None:
        raise RuntimeError("nobody is here")

    proxy = kit.LocalProxy(find_user)
    return yes_or_no(getattr(proxy, "__wrapped__", None) is find_user)


@proxies.behaviour
def wrapped_is_local(kit: Kit) -> str:
    """Is the Local that a proxy looks into found as its `__wrapped__`, while it is unbound?

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

    The proxy looks where it is used, and there is nothing. Pass what
    `_get_current_object()` returns, as the documentation of Flask says.
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

    It is no proxy any more, but the object itself: nobody has to look for it.
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
    """Does a method that was taken from a proxy stay with the object it was taken from?

    The proxy is asked when the method is *taken*, not when it is called. So
    `get = request.args.get`, kept for later, belongs to a request that is over.
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
