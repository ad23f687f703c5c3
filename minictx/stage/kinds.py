"""The kinds of runner: what ``on=...`` may be, and the crew that each stands for."""

from __future__ import annotations

from typing import Literal

from minictx.stage.crew import Crew
from minictx.stage.errors import KindError
from minictx.stage.greenlets import Greenlets
from minictx.stage.tasks import Tasks
from minictx.stage.threads import Threads

__all__ = ["Kind", "crew_class"]

Kind = Literal["threads", "greenlets", "tasks"]


def crew_class(on: str) -> type[Crew]:
    """Return the crew that runs actors on this kind of runner."""
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
