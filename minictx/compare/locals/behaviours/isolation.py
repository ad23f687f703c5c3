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
    """Let two actors set the same name in turn, and let the first one look again."""
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

    A server that answers each request in a thread needs this: no request may see what
    another stored. All implementations can do it.
    """
    return yes_or_no(each_keeps_its_own(kit, "threads"))


@isolation.behaviour
def greenlets_isolated(kit: Kit) -> str:
    """Does each greenlet have its own value?

    Under gevent, thousands of requests share one thread. If only the thread counts, they
    overwrite each other's values.
    """
    return yes_or_no(each_keeps_its_own(kit, "greenlets"))


@isolation.behaviour
def tasks_isolated(kit: Kit) -> str:
    """Does each asyncio task have its own value?

    All tasks of an event loop run in one thread and one greenlet. Only their contexts tell
    them apart: this is why werkzeug moved to contextvars.
    """
    return yes_or_no(each_keeps_its_own(kit, "tasks"))


@isolation.behaviour
def copied_context_isolated(kit: Kit) -> str:
    """Does a value that is set in a copy of the context stay in that copy?

    With `copy_context().run` you can try something out without a trace. Code that asks for
    the thread or the greenlet sees no difference.
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

    A pool runs one job after the other in the same thread, as a server does with requests.
    What a job does not clear, the next one finds.
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
    """What does a new greenlet see of what its parent stored: the same, a copy, nothing?

    A task starts with a copy of the context in which it was made, a greenlet with an empty
    one. A request that spawns a greenlet must pass on what the greenlet needs.
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
    """Does the caller of a generator see what the generator sets?

    A generator runs in the context of its caller. It has none of its own: PEP 568 wanted to
    give it one, and was not accepted.
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
    """Does a generator still see what it set when it is resumed in another context?

    This happens to a streamed response that the server reads after the request: the first
    half of the generator ran inside the request, the other half runs outside.
    `stream_with_context` exists for that.
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
    """Does a generator still see what it set when it is resumed in another thread?

    A value belongs to the running context, never to the function that stored it.
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
    """What does a new task see of what its parent stored: the same, a copy, nothing?

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
    """Does a parent see a change that its child task made to a list the parent stored?

    The copy is shallow: both have the same list. That is so in every version built on
    contextvars; to be safe, store a new value instead of changing one.
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
    """Does a running child task see what its parent sets later?

    The copy is made once, with the task. What the parent does later is not in it.
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
    """Does code that awaits a coroutine see what the coroutine sets?

    An awaited coroutine is not a task: it runs as part of the code that awaits it.
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
    """Does code that awaits `asyncio.gather(helper())` see what `helper` sets?

    `gather` makes a task of every coroutine, even of a single one: the same helper behaves
    differently when it is awaited directly.
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
    """Does a function called with `asyncio.to_thread` see the task's value?

    `to_thread` runs a function in another thread, but in a copy of the task's context. So
    an async view can call blocking code that uses `request`.
    """
    local = kit.Local()

    async def alice() -> AsyncSteps:
        local.user = "alice"
        yield await asyncio.to_thread(getattr, local, "user", "nothing")

    return yes_or_no(run("A A", on="tasks", A=alice).yielded["A"] == ["alice"])


@tasks.behaviour
def seen_in_executor(kit: Kit) -> str:
    """Does a function called with `loop.run_in_executor` see the task's value?

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
    """Does a callback passed to `loop.call_soon` see the task's value?

    The loop calls it while no task runs, in a copy of the context in which it was passed.
    Code that asks for the current task finds none.
    """
    local = kit.Local()

    async def alice() -> AsyncSteps:
        local.user = "alice"
        loop = asyncio.get_running_loop()
        seen = loop.create_future()
        loop.call_soon(lambda: seen.set_result(getattr(local, "user", "nothing")))
        yield await seen

    return yes_or_no(run("A A", on="tasks", A=alice).yielded["A"] == ["alice"])
