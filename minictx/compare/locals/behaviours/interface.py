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
    """Can a name be deleted while others keep theirs?

    A ContextVar cannot be deleted, only reset to its previous value.
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
    """Does `release_local` delete all names here while others keep theirs?

    A server calls it at the end of a request. The other locals have nothing like it: every
    name must be deleted by itself.
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
    """Whose names does a loop over a Local give: all contexts', or the current one's?

    werkzeug 1.0 gave (ident, dict) pairs of all contexts, later versions give (name, value)
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
    """Whose values can be seen in one place: all contexts', the current one's, none?

    To understand a bug, you want to see what each context stored. A Local that is a dict in
    a dict can be printed; only Python knows the contexts of contextvars.
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
    """Can the function that answers "who is running?" be replaced?

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

    threading.local calls it when a thread first uses the object, so each thread can start
    with a value. Elsewhere it runs once, and only its caller has a value.
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
    """What does `copy.copy(local)` do: "yes", it copies, or which error?

    What a Local holds belongs to running contexts: a copy of it means nothing, and an error
    should say so. werkzeug's `__getattr__` looks for itself on the empty copy, and never
    ends.
    """
    local = kit.OwnLocal()
    local.user = "alice"
    return error_of(lambda: copy.copy(local)) or "yes"


@interface.behaviour
def deep_copied(kit: Kit) -> str:
    """What does `copy.deepcopy(local)` do: "yes", it copies, or which error?

    Tests copy settings and apps, with everything in them.
    """
    local = kit.OwnLocal()
    local.user = "alice"
    return error_of(lambda: copy.deepcopy(local)) or "yes"


@interface.behaviour
def pickled(kit: Kit) -> str:
    """What does `pickle.dumps(local)` do: "yes", it pickles, or which error?

    What is sent to another process is pickled first, and no context that stored something
    here runs there.
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

    As with a Local, that depends on what counts as a context.
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
    """Does a parent see what its child task pushed?

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
    """Does a child task's pop remove what its parent pushed?

    werkzeug 2.0 copied the list in push, but not in pop (issue 2102). One `pop` in place
    undoes all that the copying is for.
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

    It does if that list *is* the stack. Then its holder can bypass `pop`.
    """
    stack = kit.LocalStack()

    def alice() -> Steps:
        stack.push("outer").append("inner")
        yield stack.top

    return yes_or_no(run("A A", A=alice).yielded["A"] == ["inner"])


@stacks.behaviour
def empty_stack_pops(kit: Kit) -> str:
    """What does a pop from an empty stack do?

    A list would raise IndexError. Not raising is convenient, and hides one pop too many.
    """
    stack = kit.LocalStack()
    return error_of(stack.pop) or str(stack.pop())


@stacks.behaviour
def none_on_top_is_unbound(kit: Kit) -> str:
    """Is a proxy unbound if the top of the stack is None?

    `top` is None both for an empty stack and for a None on top. So do not push None.
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
    """Can you loop over the items of a stack?

    Then you can see what is current, and what waits below it.
    """
    stack = kit.LocalStack()
    stack.push("outer")
    stack.push("inner")
    return yes_or_no(not error_of(lambda: list(stack)))


@stacks.behaviour
def stack_released_here_only(kit: Kit) -> str:
    """Does `release_local` empty the stack here while others keep theirs?

    It removes at once all that a request left, however many pops are missing.
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
