"""run: let actors take their steps in a written order."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Sequence

from minictx.stage.actor import ActorFunction
from minictx.stage.errors import OrderError
from minictx.stage.kinds import Kind
from minictx.stage.play import Play
from minictx.stage.result import Run

__all__ = ["run"]


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
    ``yield``, the last one at its end: with one ``yield`` it takes two steps.

    ``on`` says what each actor runs in: "threads", "greenlets" or "tasks" (there, actors
    may be async generators). A step that takes longer than ``seconds`` is an error. What
    an actor raises is raised here, too; and whatever happens, all actors are closed.
    """
    with Play(actors, on, seconds) as play:
        names = _parse(order, play.actors)
        play.begin()
        for name in names:
            play.step(name)
        play.end()
    return play.run


def _parse(order: str | Sequence[str], actors: Iterable[str]) -> list[str]:
    names = order.split() if isinstance(order, str) else list(order)
    if not names:
        raise OrderError('the order is empty: say who takes a step when, as in "A B A B"')
    for name in names:
        if name not in actors:
            shown = reprlib.repr(name)
            raise OrderError(f"the order names {shown}: the actors are {', '.join(actors)}")
    return names
