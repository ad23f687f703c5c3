"""An actor: a generator that is advanced one step at a time, and closed at the end.

Nothing here knows about threads, greenlets or tasks. They only differ in *where* `step` and
`close` are called.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Any

from minictx.stage.errors import UnclosedError
from minictx.stage.outcome import Outcome

__all__ = ["Actor", "ActorFunction", "AsyncActor", "refused"]

ActorFunction = Callable[[], Iterator[Any] | AsyncIterator[Any]]


class Curtain(BaseException):
    """End a generator that does not listen to GeneratorExit."""


FAREWELLS = (GeneratorExit, GeneratorExit, Curtain)

# A generator that refuses to end complains once more when it is freed. Nobody wants to
# hear it again, after `UnclosedError`: so it is never freed.
refused: list[Any] = []


class Actor:
    """Advance and close one plain generator, and pass on how each step ended."""

    def __init__(self, name: str, function: ActorFunction) -> None:
        self.name = name
        self.function = function
        self.generator: Any = None  # made by the first step, in the place where it runs
        self.steps = 0
        self.over = False
        self.busy = False  # a call was sent to it, and has not come back
        self.outcomes: SimpleQueue[Outcome] = SimpleQueue()

    def step(self) -> Any:
        """Run to the next ``yield``, or to the end."""
        self._begin_step()
        with Outcome() as outcome:
            outcome.value = next(self.generator)
        return self._end_step(outcome)

    def close(self) -> Any:
        """Make the generator end where it stands, so that its ``finally`` blocks run."""
        yielded: list[Any] = []
        with Outcome() as outcome:
            for farewell in FAREWELLS if self.generator else ():
                yielded.append(self.generator.throw(farewell))
        return self._end_close(outcome, yielded)

    def wait(self, seconds: float) -> Outcome | None:
        """Return how the call ended that was sent to this actor, or None if it still runs."""
        try:
            outcome = self.outcomes.get(timeout=seconds)
        except Empty:
            return None
        self.busy = False
        return outcome

    def _begin_step(self) -> None:
        self.steps += 1
        if self.generator is None:
            self.generator = self.function()

    def _end_step(self, outcome: Outcome) -> Outcome:
        if outcome.finished:
            self.over, self.generator = True, None
        return outcome

    def _end_close(self, outcome: Outcome, yielded: list[Any]) -> Outcome:
        if len(yielded) == len(FAREWELLS):
            refused.append(self.generator)
        if isinstance(outcome.error, FAREWELLS):
            outcome.error = None
        if yielded:
            outcome.error = UnclosedError(
                f"{self.name} yields while it is closed: do not yield in `finally`"
                " or `except GeneratorExit`"
            )
        self.over, self.generator = True, None
        return outcome


class AsyncActor(Actor):
    """Do the same with an async generator: each step may also await."""

    async def step(self) -> Any:
        self._begin_step()
        with Outcome() as outcome:
            outcome.value = await anext(self.generator)
        return self._end_step(outcome)

    async def close(self) -> Any:
        yielded: list[Any] = []
        with Outcome() as outcome:
            for farewell in FAREWELLS if self.generator else ():
                yielded.append(await self.generator.athrow(farewell))
        return self._end_close(outcome, yielded)
