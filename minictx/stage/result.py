"""What comes of a run: its steps, in the order that they happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Run", "Step"]


@dataclass(frozen=True)
class Step:
    """Say what one step did: it yielded ``value``, or as the actor's last one, returned it."""

    actor: str
    number: int  # counts the steps of this actor, from 1
    value: Any
    finished: bool
    shown: str = field(default="", compare=False, repr=False)  # the value, as it was then

    def __str__(self) -> str:
        if self.finished:
            return f"returns {self.shown}" if self.shown else "ends"
        return f"yields {self.shown}" if self.shown else "yields"


@dataclass(repr=False)
class Run:
    """Hold the steps of a run; print it to see them in a table, a column for each actor.

    >>> from minictx.stage import run
    >>> def alice():
    ...     yield "tea"
    ...     return 2
    >>> result = run("A B B A", A=alice, B=alice)
    >>> print(result)
       A             B
    1  yields 'tea'
    2                yields 'tea'
    3                returns 2
    4  returns 2
    >>> result.yielded, result.returned
    ({'A': ['tea'], 'B': ['tea']}, {'A': 2, 'B': 2})
    """

    on: str
    actors: list[str]
    steps: list[Step] = field(default_factory=list)

    @property
    def order(self) -> str:
        """Who took a step, one after the other: ``"A B A B"``."""
        return " ".join(step.actor for step in self.steps)

    @property
    def yielded(self) -> dict[str, list[Any]]:
        """What each actor yielded: ``{actor: [value, ...]}``."""
        return {
            actor: [s.value for s in self.steps if s.actor == actor and not s.finished]
            for actor in self.actors
        }

    @property
    def returned(self) -> dict[str, Any]:
        """What each actor that is finished returned: ``{actor: value}``."""
        returned = {step.actor: step.value for step in self.steps if step.finished}
        return {actor: returned[actor] for actor in self.actors if actor in returned}

    def __repr__(self) -> str:
        return f"<Run of {self.order!r} on {self.on}>"

    def __str__(self) -> str:
        rows = [["", *self.actors]]
        for number, step in enumerate(self.steps, 1):
            cells = [str(step) if step.actor == actor else "" for actor in self.actors]
            rows.append([str(number), *cells])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
