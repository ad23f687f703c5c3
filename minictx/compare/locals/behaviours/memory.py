"""Memory: what is forgotten when a context ends, and what is kept for ever."""

from __future__ import annotations

import asyncio
import threading
from contextvars import copy_context
from typing import Any
from weakref import ref

from minictx.compare.locals.behaviours.catalogue import (
    ROUNDS,
    AsyncSteps,
    Steps,
    Topic,
    Value,
    is_gone,
    wait_for_exit,
    yes_or_no,
)
from minictx.compare.locals.implementations import Kit, NotThereError
from minictx.stage import run

__all__ = ["memory"]

memory = Topic("Memory")


@memory.behaviour
def dead_threads_data_read(kit: Kit) -> str:
    """Does a new thread that gets a dead thread's number read the dead thread's data?

    The system reuses the number of a thread that has ended. A Local that keeps data under
    that number, and misses the end, shows one user another user's data.
    """
    local = kit.Local()
    dead: set[int] = set()

    def worker() -> Steps:
        is_reused = threading.get_ident() in dead
        dead.add(threading.get_ident())
        found = getattr(local, "user", "nothing")
        local.user = "alice"
        yield is_reused, found

    for _ in range(ROUNDS):
        ((is_reused, found),) = run("W W", W=worker).yielded["W"]
        if is_reused:
            return yes_or_no(found == "alice")
    raise NotThereError("no thread has got the number of a dead one")


@memory.behaviour
def freed_with_thread(kit: Kit) -> str:
    """Is a value freed when the thread that stored it ends?

    If not, a server that starts a thread for each request grows with every request.
    """
    local = kit.Local()

    def alice() -> Steps:
        local.user = Value()
        yield ref(local.user), threading.get_ident()

    ((watched, number),) = run("A A", A=alice).yielded["A"]
    wait_for_exit(number)
    return yes_or_no(is_gone(watched))


@memory.behaviour
def freed_with_greenlet(kit: Kit) -> str:
    """Is a value freed when its greenlet ends, while the thread lives on?

    With werkzeug 1.0, a program that forgot to release a Local kept the data of every
    greenlet.
    """
    local = kit.Local()

    def child() -> ref[Value]:
        local.user = Value()
        return ref(local.user)

    def parent() -> Steps:
        from greenlet import greenlet

        watched = greenlet(child).switch()
        yield is_gone(watched)

    return yes_or_no(run("P P", on="greenlets", P=parent).yielded["P"] == [True])


@memory.behaviour
def freed_with_task(kit: Kit) -> str:
    """Is a value freed when its task ends, while the loop runs on?

    The context of a task goes with the task. A Local that uses the task as its ident must
    notice the end by other means: minictx cannot, and waits for `release_local`.
    """
    local = kit.Local()

    async def child() -> ref[Value]:
        local.user = Value()
        return ref(local.user)

    async def parent() -> AsyncSteps:
        watched = await asyncio.create_task(child())
        await asyncio.sleep(0)  # the loop lets go of the task that it has just run
        yield is_gone(watched)

    return yes_or_no(run("P P", on="tasks", P=parent).yielded["P"] == [True])


@memory.behaviour
def freed_with_local(kit: Kit) -> str:
    """Is a value freed when its Local is dropped, while the thread lives on?

    A ContextVar that was set stays in its context, and so does its value. Python's
    documentation says to make them only at the top of a module, never in a function.
    """

    def alice() -> Steps:
        local = kit.Local()
        local.user = Value()
        watched = ref(local.user)
        del local
        yield is_gone(watched)

    return yes_or_no(run("A A", A=alice).yielded["A"] == [True])


@memory.behaviour
def entries_left_in_context(kit: Kit) -> str:
    """Of 100 Locals that are used and dropped, how many entries stay in the context?

    Each of them is copied into every task that is made from then on.
    """

    def alice() -> Steps:
        before = len(copy_context())
        for _ in range(100):
            kit.Local().user = "alice"
        yield len(copy_context()) - before

    (left,) = run("A A", A=alice).yielded["A"]
    return str(left)


@memory.behaviour
def freed_with_itself(kit: Kit) -> str:
    """Is a dropped Local freed if a value in it refers to that Local?

    Python's garbage collector finds such a circle if all of it can be reached from the
    Local. It cannot if the context holds the values.
    """

    def alice() -> Steps:
        local: Any = kit.Local()
        value: Any = Value()
        value.local, local.user = local, value
        watched = ref(value)
        del local, value
        yield is_gone(watched)

    return yes_or_no(run("A A", A=alice).yielded["A"] == [True])
