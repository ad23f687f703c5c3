"""run: let actors take their steps in a written order.

A play sends each step to the place where the actor runs. Whatever happens, it closes all
actors at the end, so that neither they nor what they ran in stays behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Literal

from minictx.stage.actors import Actor, ActorFunction, Outcome, is_on, make_actors, where
from minictx.stage.errors import BlockedError, KindError, OrderError, UnfinishedError
from minictx.stage.greenlets import Greenlets
from minictx.stage.orders import Run, Step, parse_order
from minictx.stage.tasks import Tasks
from minictx.stage.threads import PATIENCE, Call, Runner, Threads, raise_in

__all__ = ["Kind", "Play", "run"]

Kind = Literal["threads", "greenlets", "tasks"]

SHOWN = 40  # how many steps of an order an error names


def run(
    order: str | Sequence[str],
    /,
    *,
    on: Kind = "threads",
    seconds: float = 5.0,
    **actors: ActorFunction,
) -> Run:
    """Let each actor take a step whenever the order names it.

    >>> from minictx.stage import run
    >>> shelf = ["the last cake"]
    >>> def alice():
    ...     sees_cake = bool(shelf)
    ...     yield
    ...     return shelf.pop() if sees_cake else None
    >>> def bob():
    ...     yield
    ...     return shelf.pop() if shelf else None
    >>> run("B A A B", A=alice, B=bob).returned
    {'A': 'the last cake', 'B': None}

    An actor is a generator function without arguments. Each of its steps ends at a
    ``yield``, and the last one at its end: with one ``yield`` it takes two steps.

    ``on`` says what each actor runs in: "threads", "greenlets" or "tasks" (where actors may
    be async generators). A step that takes longer than ``seconds`` is an error. An error of
    an actor is raised here; and whatever happens, all actors are closed.
    """
    with Play(actors, on, seconds) as play:
        names = parse_order(order, play.actors)
        play.begin()
        for name in names:
            play.step(name)
        play.end()
    return play.run


def _runner_class(on: str) -> type[Runner]:
    match on:
        case "threads":
            return Threads
        case "tasks":
            return Tasks
        case "greenlets":
            try:
                import greenlet  # noqa: F401
            except ImportError:
                raise KindError('on="greenlets" needs greenlet: pip install greenlet') from None
            return Greenlets
    raise KindError(f'there is no on={on!r}: use "threads", "greenlets" or "tasks"')


class Play:
    """Have actors take steps, each in its own place, and close them all afterwards."""

    def __init__(
        self, functions: Mapping[str, ActorFunction], on: Kind, seconds: float
    ) -> None:
        self.actors = make_actors(functions, on)
        self.runner = _runner_class(on)(list(self.actors.values()))
        self.seconds = seconds
        self.run = Run(on, list(self.actors))
        self.asked: list[str] = []  # the actors that took a step, or tried to
        self.blocked: BlockedError | None = None

    @property
    def order(self) -> str:
        """The order so far, with the step that is being taken."""
        return " ".join(self.asked)

    def so_far(self) -> str:
        """Return the order as an error names it: of a long one, the end."""
        names = self.asked if len(self.asked) <= SHOWN else ["...", *self.asked[-SHOWN:]]
        return repr(" ".join(names))

    def begin(self) -> None:
        """Start what the actors run in."""
        self.runner.begin()

    def unfinished(self) -> list[str]:
        """Return the names of the actors that have a step left to take."""
        return [name for name, actor in self.actors.items() if not actor.over]

    def step(self, name: str) -> None:
        """Let an actor take its next step; raise what it raises."""
        actor = self.actors[name]
        if actor.over:
            raise OrderError(
                f"there is no step {actor.steps + 1} of {name}: it finished with"
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
        """Raise an error if an actor has not finished."""
        if names := self.unfinished():
            places = "; ".join(self._where(self.actors[name]) for name in names)
            raise UnfinishedError(f"the order {self.so_far()} ends too early: {places}")

    def _ask(self, actor: Actor, call: Call) -> Outcome:
        self.runner.send(actor, call)
        outcome = actor.wait(self.seconds)
        if outcome is None:
            self.blocked = self._error_of_blocked(actor)
            raise self.blocked
        if actor.over:
            self.runner.wait_until_gone(actor)
        return outcome

    def _error_of_blocked(self, actor: Actor) -> BlockedError:
        place = self._where(actor)
        holds_up_all = self.runner.one_thread and is_on(actor, self.runner.thread_of(actor))
        return BlockedError(
            f"{actor.name} does not end its step {actor.steps}, on {self.run.on}, within"
            f" {self.seconds:g} s: {place}; the order so far: {self.so_far()}",
            place=place,
            others_can_go_on=not holds_up_all,
        )

    def _where(self, actor: Actor) -> str:
        return where(actor, self.runner.thread_of(actor))

    # Closing

    def __enter__(self) -> Play:
        return self

    def __exit__(
        self, _: object, error: BaseException | None, __: TracebackType | None
    ) -> None:
        problems = self._close_all(error)
        if problems and (error is None or isinstance(error, UnfinishedError)):
            raise problems[0] from error
        for problem in problems:
            assert error is not None
            error.add_note(f"then, closing the actors: {type(problem).__name__}: {problem}")

    def _close_all(self, error: BaseException | None) -> list[BaseException]:
        """End all actors, one after the other, each where it runs; return what went wrong.

        ``error`` is what ended the run, and will say so if something must be left behind.
        """
        problems: list[BaseException] = []
        for actor in self._closing_order():
            if actor.busy and not isinstance(error, BlockedError):
                actor.wait(PATIENCE)  # Ctrl-C: its step may end by itself, or about to begin
            if actor.busy and not self._free(actor):
                if not isinstance(error, BlockedError):  # such as Ctrl-C during a blocked step
                    error = BlockedError(f"{actor.name} does not end its step {actor.steps}")
                    problems.append(error)
                error.left_behind = True
            if not actor.over:
                problems += self._close(actor)
        self.runner.leave()
        return problems

    def _closing_order(self) -> list[Actor]:
        # On one thread, an actor that blocks it comes first: the others need that thread. One
        # on its own thread comes last: closing another may release what it waits for.
        begun = [a for a in self.actors.values() if a.busy or a.generator is not None]
        return sorted(begun, key=lambda actor: actor.busy, reverse=self.runner.one_thread)

    def _free(self, actor: Actor) -> bool:
        """Get an actor out of a call that does not end; return whether that worked."""
        thread = self.runner.thread_of(actor)
        for way_out in self.runner.ways_out(actor):
            way_out()
            outcome = actor.wait(PATIENCE)
            if outcome is not None:
                outcome.take_error()  # of no interest: it was told to end
                raise_in(thread, None)  # in case it came too late to hit this actor
                return True
        raise_in(thread, None)  # should the actor come back one day, it must not hit that
        return False

    def _close(self, actor: Actor) -> list[BaseException]:
        one_thread = self.runner.one_thread
        held_up = any(a.busy for a in self.actors.values() if one_thread or a is actor)
        self.runner.send(actor, actor.close)  # even if blocked: the thread may come back later
        if held_up:
            return []
        outcome = actor.wait(self.seconds)
        if outcome is None:
            blocked = BlockedError(
                f"{actor.name} does not end when it is closed: {self._where(actor)}"
            )
            blocked.left_behind = not self._free(actor)
            return [blocked]
        self.runner.wait_until_gone(actor)
        error = outcome.take_error()
        return [] if error is None else [error]
