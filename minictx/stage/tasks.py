"""on="tasks": each actor in an asyncio task of its own, all in one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextvars import Context
from functools import partial
from inspect import isawaitable
from typing import Any

from minictx.stage.actors import Actor, Outcome, refused
from minictx.stage.threads import Call, OneThreadRunner

__all__ = ["Tasks"]


class _Desk:
    """The queues to and from one task."""

    def __init__(self) -> None:
        self.calls: asyncio.Queue[Call] = asyncio.Queue()
        self.outcomes: asyncio.Queue[Outcome] = asyncio.Queue()
        self.in_call = False


class Tasks(OneThreadRunner):
    """Wake the task of the actor whose turn it is."""

    def _work(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.loop.set_exception_handler(_complain)
        self.desks = desks = {actor: _Desk() for actor in self.actors}
        self.tasks: dict[Actor, asyncio.Task[None]] = {
            actor: self.loop.create_task(
                _live(actor, desks[actor]), name=actor.name, context=Context()
            )
            for actor in self.actors
        }
        self.ready.put(None)
        # Waiting for the next call blocks the whole event loop, and that is intended: between
        # two steps nothing runs, not even a task that an actor has started.
        for actor, call in self._calls():
            desks[actor].calls.put_nowait(call)
            outcome = await desks[actor].outcomes.get()
            if actor.over:
                await self.tasks[actor]
            actor.outcomes.put(outcome)

    def ways_out(self, actor: Actor) -> Iterator[Callable[[], Any]]:
        yield partial(self.loop.call_soon_threadsafe, self._cancel, actor)
        yield from super().ways_out(actor)

    def _cancel(self, actor: Actor) -> None:
        if self.desks[actor].in_call:  # it may have returned in the meantime
            self.tasks[actor].cancel()


async def _live(actor: Actor, desk: _Desk) -> None:
    while not actor.over:
        call = await desk.calls.get()
        desk.in_call = True
        outcome = call()
        outcome = await outcome if isawaitable(outcome) else outcome
        desk.in_call = False
        desk.outcomes.put_nowait(outcome)


def _complain(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    if context.get("asyncgen") not in refused:  # `UnclosedError` tells of those
        loop.default_exception_handler(context)
