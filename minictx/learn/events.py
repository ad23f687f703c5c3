"""What happens to the watcher, and what it does next."""

from __future__ import annotations

from dataclasses import dataclass

from minictx.learn.check import Result
from minictx.learn.course import Exercise

__all__ = [
    "Check",
    "Checked",
    "Event",
    "Press",
    "Quit",
    "Resized",
    "Said",
    "Saved",
    "Task",
    "Trace",
    "Wait",
]


@dataclass(frozen=True)
class Saved:
    """Files of the workspace were saved: "running/running_dict.py"."""

    files: frozenset[str]


@dataclass(frozen=True)
class Press:
    """A key was pressed, or a line was typed."""

    what: str


@dataclass(frozen=True)
class Checked:
    """A check ended."""

    exercise: Exercise
    result: Result


@dataclass(frozen=True)
class Said:
    """There is something that the student should know."""

    text: str


@dataclass(frozen=True)
class Resized:
    """The terminal has another size."""


@dataclass(frozen=True)
class Wait:
    """Wait for what happens next."""


@dataclass(frozen=True)
class Check:
    """Check an exercise."""

    exercise: Exercise


@dataclass(frozen=True)
class Trace:
    """Write the trace page of an exercise; what came of it is said."""

    exercise: Exercise


@dataclass(frozen=True)
class Quit:
    """End."""


Event = Saved | Press | Checked | Said | Resized
Task = Wait | Check | Trace | Quit
