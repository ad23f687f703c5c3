"""Stacks: what a LocalStack does, and who else notices."""

from __future__ import annotations

import asyncio

from minictx.compare.behaviours.answers import AsyncSteps, Steps, error_of, yes_or_no
from minictx.compare.behaviours.catalogue import Topic
from minictx.compare.kit import Kit
from minictx.stage import run

__all__ = ["stacks"]

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
