"""What comes of trying every order: how many there are, and which of them break."""

from __future__ import annotations

import os
import traceback
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Broken", "Orders"]

SHOWN = 5  # how many broken orders are printed


class Broken(NamedTuple):
    """Name an order that breaks an assertion; ``run`` takes the order as it is."""

    order: str
    error: AssertionError

    def __str__(self) -> str:
        frame = traceback.extract_tb(self.error.__traceback__)[-1]
        place = f"{os.path.basename(frame.filename)}:{frame.lineno}, {frame.name}()"
        message = str(self.error).partition("\n")[0]
        return f"{self.order}  {place}: {frame.line}" + (f"  [{message}]" if message else "")


@dataclass(repr=False)
class Orders:
    """Hold what `every_order` found; print it to read it."""

    on: str
    tried: int = 0
    broken: list[Broken] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)  # ends with a step that must wait

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
            lines.append(f"not possible, the last one has to wait: {', '.join(waits)}{more}")
        return "\n".join(lines)

    def _summary(self) -> str:
        return f"{self.tried} orders tried, {len(self.broken)} broken"
