"""A play: actors take steps, whoever decides on their order, and are closed at the end."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType

from minictx.stage.actor import Actor, ActorFunction
from minictx.stage.casting import cast_actors
from minictx.stage.closing import close_all
from minictx.stage.crew import Call
from minictx.stage.errors import BlockedError, OrderError, UnfinishedError
from minictx.stage.kinds import Kind, crew_class
from minictx.stage.outcome import Outcome
from minictx.stage.result import Run, Step
from minictx.stage.where import is_on, where

__all__ = ["Play"]

SHOWN = 40  # how many steps of an order an error names


class Play:
    """Have actors take steps, each in its own place, and close them all afterwards."""

    def __init__(
        self, functions: Mapping[str, ActorFunction], on: Kind, seconds: float
    ) -> None:
        self.actors = cast_actors(functions, on)
        self.crew = crew_class(on)(list(self.actors.values()))
        self.seconds = seconds
        self.run = Run(on, list(self.actors))
        self.asked: list[str] = []  # who took a step, or tried to
        self.blocked: BlockedError | None = None

    @property
    def order(self) -> str:
        """The order so far, with the step that is being taken."""
        return " ".join(self.asked)

    def begin(self) -> None:
        """Start what the actors run in."""
        self.crew.begin()

    def waiting(self) -> list[str]:
        """Return the names of those who are not finished."""
        return [name for name, actor in self.actors.items() if not actor.over]

    def step(self, name: str) -> None:
        """Let an actor take its next step; raise what it raises."""
        actor = self.actors[name]
        if actor.over:
            raise OrderError(
                f"there is no step {actor.steps + 1} of {name}: it is finished with"
                f" step {actor.steps}; the order so far: {self.so_far()}"
            )
        self.asked.append(name)
        outcome = self._ask(actor, actor.step)
        error = outcome.take_error()
        if error is None:
            self.run.steps.append(
                Step(name, actor.steps, outcome.value, outcome.finished, outcome.shown)
            )
            return
        error.add_note(
            f"raised by {name} in its step {actor.steps}, on {self.run.on};"
            f" the order so far: {self.so_far()}"
        )
        try:
            raise error
        finally:
            del error

    def end(self) -> None:
        """Raise an error if an actor is not finished."""
        if names := self.waiting():
            places = "; ".join(self._where(name) for name in names)
            raise UnfinishedError(f"the order {self.so_far()} ends too early: {places}")

    def _ask(self, actor: Actor, call: Call) -> Outcome:
        self.crew.send(actor, call)
        outcome = actor.wait(self.seconds)
        if outcome is None:
            self.blocked = self._error_of_blocked(actor)
            raise self.blocked
        if actor.over:
            self.crew.gone(actor)
        return outcome

    def _error_of_blocked(self, actor: Actor) -> BlockedError:
        thread = self.crew.thread_of(actor)
        place = where(actor, thread)
        return BlockedError(
            f"{actor.name} does not end its step {actor.steps}, on {self.run.on}, within"
            f" {self.seconds:g} s: {place}; the order so far: {self.so_far()}",
            place=place,
            others_can_go_on=not (self.crew.one_thread and is_on(actor, thread)),
        )

    def _where(self, name: str) -> str:
        actor = self.actors[name]
        return where(actor, self.crew.thread_of(actor))

    def so_far(self) -> str:
        """Return the order as an error names it."""
        names = self.asked if len(self.asked) <= SHOWN else ["...", *self.asked[-SHOWN:]]
        return repr(" ".join(names))

    def __enter__(self) -> Play:
        return self

    def __exit__(
        self, _: object, error: BaseException | None, __: TracebackType | None
    ) -> None:
        problems = close_all(self.crew, self.seconds, error)
        if problems and (error is None or isinstance(error, UnfinishedError)):
            raise problems[0] from error
        for problem in problems:
            assert error is not None
            error.add_note(f"then, closing the actors: {type(problem).__name__}: {problem}")
