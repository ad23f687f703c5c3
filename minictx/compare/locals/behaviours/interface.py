"""Interface: what can be done with a Local itself."""

from __future__ import annotations

import asyncio
import copy
import pickle
from typing import Any

from minictx.compare.locals.behaviours.catalogue import (
    AsyncSteps,
    Steps,
    Topic,
    error_of,
    yes_or_no,
)
from minictx.compare.locals.implementations import Kit, NotThereError
from minictx.stage import run

__all__ = ["interface", "stacks"]

interface = Topic("Interface")


@interface.behaviour
def deleted_here_only(kit: Kit) -> str:
    """Can a name be deleted, so that others keep theirs?

    A ContextVar cannot be deleted, only be given its former value with `reset`.
    """
    local = kit.OwnLocal()

    def alice() -> Steps:
        local.user = "alice"
        yield
        yield local.user

    def bob() -> Steps:
        local.user = "bob"
        del local.user
        yield hasattr(local, "user")

    seen = run("A B A B A", A=alice, B=bob).yielded
    return yes_or_no(seen == {"A": [None, "alice"], "B": [False]})


@interface.behaviour
def released_here_only(kit: Kit) -> str:
    """Does `release_local` forget all names here, so that others keep theirs?

    A server calls it when a request is over. The other locals know nothing like it: every
    name must be deleted.
    """
    release, local = kit.release, kit.Local()

    def alice() -> Steps:
        local.user, local.page = "alice", 1
        yield
        yield local.user, local.page

    def bob() -> Steps:
        local.user, local.page = "bob", 2
        release(local)
        yield hasattr(local, "user") or hasattr(local, "page")

    seen = run("A B A B A", A=alice, B=bob).yielded
    return yes_or_no(seen == {"A": [None, ("alice", 1)], "B": [False]})


@interface.behaviour
def iteration_gives(kit: Kit) -> str:
    """Whose names does a loop over a Local give: those of all, or those of who is here?

    werkzeug 1.0 gave (ident, dict) pairs of all contexts, later ones give (name, value)
    pairs of the current one.
    """
    local = kit.OwnLocal()
    if error_of(lambda: iter(local)):
        raise NotThereError("no iteration")

    def alice() -> Steps:
        local.user = "alice"
        yield

    def bob() -> Steps:
        local.user = "bob"
        yield str(list(local))

    (seen,) = run("A B A B", A=alice, B=bob).yielded["B"]
    return "all" if "alice" in seen else "here"


@interface.behaviour
def storage_shows(kit: Kit) -> str:
    """Whose values can be looked at in one place: those of all, those of who is here, none?

    To understand a mistake, one wants to see who has stored what. A Local that is a dict in
    a dict can be printed; the contexts of contextvars are known to nobody but Python.
    """
    local = kit.OwnLocal()

    def alice() -> Steps:
        local.user = "alice"
        yield

    def bob() -> Steps:
        local.user = "bob"
        dicts = [getattr(local, name, None) for name in ("__storage__", "__dict__")]
        yield str(dicts)

    (seen,) = run("A B A B", A=alice, B=bob).yielded["B"]
    return "all" if "alice" in seen else "here" if "bob" in seen else "none"


@interface.behaviour
def ident_can_be_replaced(kit: Kit) -> str:
    """Can one give another answer to "who is running?"?

    With plain numbers as idents, isolation can be tested without a single thread. Django's
    and Python's ask in C, or leave it to contextvars.
    """
    local = kit.OwnLocal()
    who = "alice"
    if error_of(lambda: object.__setattr__(local, "__ident_func__", lambda: who)):
        return "no"
    local.user = "alice"
    who = "bob"
    return yes_or_no(not hasattr(local, "user"))


@interface.behaviour
def subclass_init_runs_in_each(kit: Kit) -> str:
    """Does the `__init__` of a subclass run once in each thread?

    threading.local calls it whenever a thread uses the object for the first time: so each
    thread can start with a value. Elsewhere it runs once, and only its caller has one.
    """
    calls: list[int] = []

    class Counted(kit.OwnLocal):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            calls.append(1)

    if error_of(Counted):
        raise NotThereError("it cannot be subclassed")
    local = Counted()
    calls.clear()

    def alice() -> Steps:
        local.user = "alice"
        yield

    run("A B A B", A=alice, B=alice)
    return yes_or_no(len(calls) == 2)


@interface.behaviour
def copied(kit: Kit) -> str:
    """What comes of `copy.copy(local)`: "yes", or which error?

    What a Local holds belongs to those who run: a copy of it means nothing. An error should
    say so. werkzeug's `__getattr__` looks for itself on the empty copy, and never ends.
    """
    local = kit.OwnLocal()
    local.user = "alice"
    return error_of(lambda: copy.copy(local)) or "yes"


@interface.behaviour
def deep_copied(kit: Kit) -> str:
    """What comes of `copy.deepcopy(local)`: "yes", or which error?

    Settings and apps are copied in tests, with all that is in them.
    """
    local = kit.OwnLocal()
    local.user = "alice"
    return error_of(lambda: copy.deepcopy(local)) or "yes"


@interface.behaviour
def pickled(kit: Kit) -> str:
    """What comes of `pickle.dumps(local)`: "yes", or which error?

    Whatever is sent to another process is pickled first, and there, nobody of those who
    have stored something runs.
    """
    local: Any = kit.OwnLocal()
    local.user = "alice"
    return error_of(lambda: pickle.loads(pickle.dumps(local))) or "yes"


stacks = Topic("Stacks")


@stacks.behaviour
def stack_for_each_thread(kit: Kit) -> str:
    """Does each thread have its own stack?

    Two requests push and pop at the same time, in any order, and none pops the other's.
    """
    stack = kit.LocalStack()

    def alice() -> Steps:
        stack.push("alice")
        yield stack.top
        yield stack.pop()

    def bob() -> Steps:
        stack.push("bob")
        yield stack.top
        yield stack.pop()

    seen = run("A B A B A B", A=alice, B=bob).yielded
    return yes_or_no(seen == {"A": ["alice", "alice"], "B": ["bob", "bob"]})


@stacks.behaviour
def stack_for_each_greenlet(kit: Kit) -> str:
    """Does each greenlet have its own stack?

    The same as with a Local: it depends on who is told apart.
    """
    stack = kit.LocalStack()

    def alice() -> Steps:
        stack.push("alice")
        yield
        yield stack.top

    def bob() -> Steps:
        stack.push("bob")
        yield

    seen = run("A B A B A", on="greenlets", A=alice, B=bob).yielded["A"]
    return yes_or_no(seen == [None, "alice"])


@stacks.behaviour
def child_push_seen_by_parent(kit: Kit) -> str:
    """Does a parent see what its child task has pushed?

    A child that pushes a context of its own would change the parent's current request.
    """
    stack = kit.LocalStack()

    async def child() -> None:
        stack.push("child")

    async def parent() -> AsyncSteps:
        stack.push("parent")
        await asyncio.create_task(child())
        yield stack.top

    return yes_or_no(run("P P", on="tasks", P=parent).yielded["P"] == ["child"])


@stacks.behaviour
def child_pop_seen_by_parent(kit: Kit) -> str:
    """Does a child task that pops take away what its parent has pushed?

    werkzeug 2.0 copied the list when it pushed, but not when it popped (issue 2102). It
    needs no more than one `pop` in place to undo all that copying is for.
    """
    stack = kit.LocalStack()

    async def child() -> None:
        stack.pop()

    async def parent() -> AsyncSteps:
        stack.push("outer")
        stack.push("inner")
        await asyncio.create_task(child())
        yield stack.top

    return yes_or_no(run("P P", on="tasks", P=parent).yielded["P"] == ["outer"])


@stacks.behaviour
def pushed_list_is_the_stack(kit: Kit) -> str:
    """Does changing the list that `push` returns change the stack?

    It does where that list *is* the stack. Then whoever has it can reach around `pop`.
    """
    stack = kit.LocalStack()

    def alice() -> Steps:
        stack.push("outer").append("inner")
        yield stack.top

    return yes_or_no(run("A A", A=alice).yielded["A"] == ["inner"])


@stacks.behaviour
def empty_stack_pops(kit: Kit) -> str:
    """What comes of a pop from an empty stack?

    A list would raise IndexError. That there is no error is convenient, and hides a pop
    too many.
    """
    stack = kit.LocalStack()
    return error_of(stack.pop) or str(stack.pop())


@stacks.behaviour
def none_on_top_is_unbound(kit: Kit) -> str:
    """Is a proxy unbound where None was pushed on top?

    `top` says None both for "nothing is there" and for "None is there". So None is not a
    thing to push.
    """
    stack = kit.LocalStack()
    proxy = stack()

    def alice() -> Steps:
        stack.push("alice")
        stack.push(None)
        yield error_of(proxy._get_current_object)

    return yes_or_no(run("A A", A=alice).yielded["A"] == ["RuntimeError"])


@stacks.behaviour
def stack_can_be_looped_over(kit: Kit) -> str:
    """Can one loop over the items of a stack?

    To look at what is current, and at what is waiting below it.
    """
    stack = kit.LocalStack()
    stack.push("outer")
    stack.push("inner")
    return yes_or_no(not error_of(lambda: list(stack)))


@stacks.behaviour
def stack_released_here_only(kit: Kit) -> str:
    """Does `release_local` empty the stack here, so that others keep theirs?

    It clears away all at once what a request has left, however many pops are missing.
    """
    release, stack = kit.release, kit.LocalStack()

    def alice() -> Steps:
        stack.push("alice")
        yield
        yield stack.top

    def bob() -> Steps:
        stack.push("bob")
        stack.push("bob, too")
        release(stack)
        yield stack.top

    seen = run("A B A B A", A=alice, B=bob).yielded
    return yes_or_no(seen == {"A": [None, "alice"], "B": [None]})
