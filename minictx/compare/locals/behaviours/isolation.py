"""Isolation: who has a value of their own, and who shares one?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from minictx.compare.locals.behaviours.catalogue import AsyncSteps, Steps, Topic, yes_or_no
from minictx.compare.locals.implementations import Kit
from minictx.stage import Kind, run

__all__ = ["isolation", "tasks"]

isolation = Topic("Isolation")


def each_keeps_its_own(kit: Kit, on: Kind) -> bool:
    """Let two set the same name, one after the other, and the first one look again."""
    local = kit.Local()

    def alice() -> Steps:
        local.user = "alice"
        yield
        return local.user  # bob has set his in between

    def bob() -> Steps:
        local.user = "bob"
        yield

    seen = run("A B A B", on=on, A=alice, B=bob).returned["A"]
    return bool(seen == "alice")


@isolation.behaviour
def threads_isolated(kit: Kit) -> str:
    """Does each thread have its own value?

    A server that answers each request in a thread needs this: what one request stores, no
    other may see. It is what all of them can do.
    """
    return yes_or_no(each_keeps_its_own(kit, "threads"))


@isolation.behaviour
def greenlets_isolated(kit: Kit) -> str:
    """Does each greenlet have its own value?

    Under gevent, thousands of requests share one thread. Where the thread is all that
    counts, they overwrite each other's values.
    """
    return yes_or_no(each_keeps_its_own(kit, "greenlets"))


@isolation.behaviour
def tasks_isolated(kit: Kit) -> str:
    """Does each asyncio task have its own value?

    All tasks of an event loop run on one thread, and in one greenlet. Only a context of
    their own tells them apart: this is why werkzeug went over to contextvars.
    """
    return yes_or_no(each_keeps_its_own(kit, "tasks"))


@isolation.behaviour
def copied_context_isolated(kit: Kit) -> str:
    """Does a value that is set in a copy of the context stay in there?

    `copy_context().run` is the way to try something out and leave no trace; to anything
    that asks for the thread or the greenlet, it is still the same one.
    """
    local = kit.Local()

    def alice() -> Steps:
        local.user = "alice"
        copy_context().run(setattr, local, "user", "bob")
        yield local.user

    return yes_or_no(run("A A", A=alice).yielded["A"] == ["alice"])


@isolation.behaviour
def pool_job_sees_last_job(kit: Kit) -> str:
    """Does a job in a thread pool see what the job before it left there?

    A pool gives the same thread to one job after the other, as a server gives it to one
    request after the other. What a job does not clear away, the next one finds.
    """
    local = kit.Local()

    def store() -> None:
        local.user = "alice"

    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(store).result()
        seen = pool.submit(getattr, local, "user", "nothing").result()
    return yes_or_no(seen == "alice")


@isolation.behaviour
def greenlet_starts_from(kit: Kit) -> str:
    """What does a new greenlet find of what its parent stored: the same, a copy, nothing?

    A task starts with a copy of the context that it was made in, a greenlet with an empty
    one. Whoever spawns a greenlet in a request must give it what it needs.
    """
    local = kit.Local()

    def child() -> str:
        found = getattr(local, "user", "nothing")
        local.user = "bob"
        return found

    def parent() -> Steps:
        from greenlet import greenlet

        local.user = "alice"
        yield greenlet(child).switch()
        yield local.user

    found, after = run("P P P", on="greenlets", P=parent).yielded["P"]
    return "none" if found == "nothing" else "same" if after == "bob" else "copy"


@isolation.behaviour
def generator_write_seen(kit: Kit) -> str:
    """Does the caller of a generator see what is set in there?

    A generator runs in the context of whoever asks it for the next value. It has none of
    its own: PEP 568 wanted to give it one, and was not accepted.
    """
    local = kit.Local()

    def generator() -> Iterator[None]:
        local.user = "bob"
        yield

    def alice() -> Steps:
        local.user = "alice"
        next(generator())
        yield local.user

    return yes_or_no(run("A A", A=alice).yielded["A"] == ["bob"])


@isolation.behaviour
def generator_moved_context(kit: Kit) -> str:
    """Does a generator still see what it set, when it is resumed in another context?

    So it goes to a streamed response that the server reads after the request is over: the
    first half of the generator ran where the request was, the other half runs where it is
    not. `stream_with_context` exists for that.
    """
    local = kit.Local()

    def stream() -> Iterator[str]:
        local.user = "alice"
        yield "first half"
        yield getattr(local, "user", "nothing")

    def server() -> Steps:
        response = stream()
        copy_context().run(next, response)
        yield copy_context().run(next, response)

    return yes_or_no(run("S S", S=server).yielded["S"] == ["alice"])


@isolation.behaviour
def generator_moved_thread(kit: Kit) -> str:
    """Does a generator still see what it set, when it is resumed in another thread?

    A value belongs to who runs, and never to the function that stored it.
    """
    local = kit.Local()

    def stream() -> Iterator[str]:
        local.user = "alice"
        yield "first half"
        yield getattr(local, "user", "nothing")

    response = stream()

    def reader() -> Steps:
        yield next(response)

    seen = run("A B A B", A=reader, B=reader).yielded["B"]
    return yes_or_no(seen == ["alice"])


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
