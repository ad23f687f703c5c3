"""on="threads": each actor in a thread of its own, which waits until it is its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from contextvars import Context
from functools import partial
from queue import SimpleQueue
from threading import Thread

from minictx.stage.actor import Actor
from minictx.stage.crew import PATIENCE, Call, Crew, raise_in
from minictx.stage.outcome import Outcome

__all__ = ["Threads"]


class Threads(Crew):
    """Give each actor a thread, and a queue that brings it what to call."""

    def __init__(self, actors: Sequence[Actor]) -> None:
        super().__init__(actors)
        self.calls: dict[Actor, SimpleQueue[Call | None]] = {
            actor: SimpleQueue() for actor in actors
        }
        self.threads: dict[Actor, Thread] = {}

    def begin(self) -> None:
        for actor in self.actors:
            # An empty context, which not every version of Python gives to a new thread.
            live = partial(Context().run, self._live, actor)
            thread = Thread(target=live, name=actor.name, daemon=True)
            thread.start()
            self.threads[actor] = thread
            actor.outcomes.get()  # it is there: the next one may be started

    def _live(self, actor: Actor) -> None:
        actor.outcomes.put(Outcome())
        with suppress(GeneratorExit):  # from raise_in, where that came a moment too late
            for call in iter(self.calls[actor].get, None):
                actor.outcomes.put(call())
                if actor.over:
                    break

    def _send(self, actor: Actor, call: Call) -> None:
        self.calls[actor].put(call)

    def thread_of(self, actor: Actor) -> Thread:
        return self.threads[actor]

    def ways_out(self, actor: Actor) -> Iterator[Callable[[], object]]:
        yield lambda: None  # whoever held the lock that it waits for may be closed by now
        yield partial(raise_in, self.threads[actor], GeneratorExit)

    def gone(self, actor: Actor) -> None:
        self.threads[actor].join(PATIENCE)

    def leave(self) -> None:
        for actor in self.threads:
            self.calls[actor].put(None)
            if not actor.busy:
                self.gone(actor)
