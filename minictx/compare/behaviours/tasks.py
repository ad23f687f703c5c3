"""Tasks: what asyncio takes along, and what stays behind."""

from __future__ import annotations

import asyncio

from minictx.compare.behaviours.answers import AsyncSteps, yes_or_no
from minictx.compare.behaviours.catalogue import Topic
from minictx.compare.kit import Kit
from minictx.stage import run

__all__ = ["tasks"]

tasks = Topic("Tasks")


@tasks.behaviour
def child_task_starts_from(kit: Kit) -> str:
    """What does a new task find of what its parent stored: the same, a copy, nothing?

    With a copy, a task can use the request that started it, and cannot spoil it. That is
    what contextvars are made for.
    """
    local = kit.Local()

    async def child() -> str:
        found: str = getattr(local, "user", "nothing")
        local.user = "bob"
        return found

    async def parent() -> AsyncSteps:
        local.user = "alice"
        yield await asyncio.create_task(child())
        yield local.user

    found, after = run("P P P", on="tasks", P=parent).yielded["P"]
    return "none" if found == "nothing" else "same" if after == "bob" else "copy"


@tasks.behaviour
def child_task_changes_a_list(kit: Kit) -> str:
    """Does a parent see that its child task changed a list that the parent had stored?

    The copy is shallow: both have the same list. So it is in every version that is built
    on contextvars; to be safe, store a new value instead of changing one.
    """
    local = kit.Local()

    async def child() -> None:
        getattr(local, "cart", []).append("tea")

    async def parent() -> AsyncSteps:
        local.cart = []
        await asyncio.create_task(child())
        yield local.cart

    (cart,) = run("P P", on="tasks", P=parent).yielded["P"]
    return yes_or_no(cart == ["tea"])


@tasks.behaviour
def later_write_seen_by_child(kit: Kit) -> str:
    """Does a child task that runs already see what its parent sets later?

    The copy is made once, when the task is made. What the parent does after that comes too
    late for a copy.
    """
    local = kit.Local()

    async def child(parent_has_set: asyncio.Event) -> str:
        await parent_has_set.wait()
        found: str = getattr(local, "user", "nothing")
        return found

    async def parent() -> AsyncSteps:
        has_set = asyncio.Event()
        task = asyncio.create_task(child(has_set))
        local.user = "alice"
        has_set.set()
        yield await task

    return yes_or_no(run("P P", on="tasks", P=parent).yielded["P"] == ["alice"])


@tasks.behaviour
def awaited_write_seen(kit: Kit) -> str:
    """Does whoever awaits a coroutine see what is set in there?

    A coroutine that is awaited is no task: it runs as a part of the one that awaits it.
    """
    local = kit.Local()

    async def helper() -> None:
        local.user = "bob"

    async def alice() -> AsyncSteps:
        local.user = "alice"
        await helper()
        yield local.user

    return yes_or_no(run("A A", on="tasks", A=alice).yielded["A"] == ["bob"])


@tasks.behaviour
def gathered_write_seen(kit: Kit) -> str:
    """Does whoever awaits `asyncio.gather(helper())` see what `helper` sets?

    `gather` makes a task of every coroutine that it is given, even if it is only one: the
    same helper, and another answer than where it is awaited directly.
    """
    local = kit.Local()

    async def helper() -> None:
        local.user = "bob"

    async def alice() -> AsyncSteps:
        local.user = "alice"
        await asyncio.gather(helper())
        yield local.user

    return yes_or_no(run("A A", on="tasks", A=alice).yielded["A"] == ["bob"])


@tasks.behaviour
def seen_in_to_thread(kit: Kit) -> str:
    """Is a task's value seen by what it calls with `asyncio.to_thread`?

    `to_thread` runs a function in another thread, but in a copy of the task's context. So
    a view that is async can call blocking code that uses `request`.
    """
    local = kit.Local()

    async def alice() -> AsyncSteps:
        local.user = "alice"
        yield await asyncio.to_thread(getattr, local, "user", "nothing")

    return yes_or_no(run("A A", on="tasks", A=alice).yielded["A"] == ["alice"])


@tasks.behaviour
def seen_in_executor(kit: Kit) -> str:
    """Is a task's value seen by what it calls with `loop.run_in_executor`?

    This does nearly the same as `to_thread`, but is older than contextvars, and copies no
    context. With it, `request` is unbound in the other thread.
    """
    local = kit.Local()

    async def alice() -> AsyncSteps:
        local.user = "alice"
        loop = asyncio.get_running_loop()
        yield await loop.run_in_executor(None, getattr, local, "user", "nothing")

    return yes_or_no(run("A A", on="tasks", A=alice).yielded["A"] == ["alice"])


@tasks.behaviour
def seen_in_callback(kit: Kit) -> str:
    """Is a task's value seen by a callback that it hands to `loop.call_soon`?

    The loop calls it when no task runs, in a copy of the context that it was handed over
    in. Who goes by the current task finds that there is none.
    """
    local = kit.Local()

    async def alice() -> AsyncSteps:
        local.user = "alice"
        loop = asyncio.get_running_loop()
        seen = loop.create_future()
        loop.call_soon(lambda: seen.set_result(getattr(local, "user", "nothing")))
        yield await seen

    return yes_or_no(run("A A", on="tasks", A=alice).yielded["A"] == ["alice"])
