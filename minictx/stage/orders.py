"""What is known afterwards: the steps of one run, and which of many orders broke.

An order is a string of names, ``"A B A B"``: who takes a step, one after the other.
"""

from __future__ import annotations

import os
import reprlib
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from minictx.stage.errors import OrderError

__all__ = ["Broken", "Orders", "Run", "Step", "parse_order"]

SHOWN = 5  # how many broken orders are printed


def parse_order(order: str | Sequence[str], actors: Iterable[str]) -> list[str]:
    """Return the names in an order, each of which must be an actor's."""
    names = order.split() if isinstance(order, str) else list(order)
    if not names:
        raise OrderError('the order is empty: say who takes a step when, as in "A B A B"')
    for name in names:
        if name not in actors:
            shown = reprlib.repr(name)
            raise OrderError(f"the order names {shown}: the actors are {', '.join(actors)}")
    return names


@dataclass(frozen=True)
class Step:
    """What one step did: it yielded ``value``, or if it was the actor's last, returned it."""

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
    """The steps of a run; print it to see them in a table, with a column for each actor.

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
        """What each actor that has finished returned: ``{actor: value}``."""
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


class Broken(NamedTuple):
    """An order that breaks an assertion; ``run`` takes the order as it is."""

    order: str
    error: AssertionError

    def __str__(self) -> str:
        frame = traceback.extract_tb(self.error.__traceback__)[-1]
        place = f"{os.path.basename(frame.filename)}:{frame.lineno}, {frame.name}()"
        message = str(self.error).partition("\n")[0]
        return f"{self.order}  {place}: {frame.line}" + (f"  [{message}]" if message else "")


@dataclass(repr=False)
class Orders:
    """What `every_order` found; print it to read it."""

    on: str
    tried: int = 0
    broken: list[Broken] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)  # each ends with a step that must wait

    def __repr__(self) -> str:
        return f"<Orders on {self.on}: {self._summary()}>"

    def __str__(self) -> str:
        lines = [f"on {self.on}: {self._summary()}"]
        lines += [f"  {broken}" for broken in self.broken[:SHOWN]]
        if len(self.broken) > SHOWN:
            lines.append(f"  and {len(self.broken) - SHOWN} more")
        if self.impossible:
            waits = [f"{order} ..." for order in self.impossible[:SHOWN]]
            more = ", ..." if len(self.impossible) > SHOWN else ""
            lines.append(f"not possible, as the last must wait: {', '.join(waits)}{more}")
        return "\n".join(lines)

    def _summary(self) -> str:
        return f"{self.tried} orders tried, {len(self.broken)} broken"
