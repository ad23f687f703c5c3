"""What can go wrong on the stage: every error of its own is a `StageError`.

An error that an actor or a scene raises is not wrapped: it is raised as it is, with a note.
"""

from __future__ import annotations

__all__ = [
    "ActorError",
    "BlockedError",
    "DeadlockError",
    "KindError",
    "OrderError",
    "SceneError",
    "StageError",
    "TooManyOrdersError",
    "UnclosedError",
    "UnfinishedError",
]


class StageError(Exception):
    """The base class of all errors of the stage itself."""


class KindError(StageError):
    """``on=...`` is not one of the three kinds, or its package is not installed."""


class ActorError(StageError):
    """An actor is not a generator function, needs arguments, or misbehaves in a step."""


class OrderError(StageError):
    """The order is empty, names an unknown actor, or goes on after an actor has finished."""


class UnfinishedError(OrderError):
    """The order ends before its actors do."""


class UnclosedError(StageError):
    """An actor yielded when it was closed."""


class SceneError(StageError):
    """A scene does not yield its actors once, or behaves differently from run to run."""


class TooManyOrdersError(StageError):
    """The actors have more orders, or more steps, than the limit."""


class BlockedError(StageError):
    """A step did not end in time.

    ``place`` says where the actor stands. ``others_can_go_on`` is false if it blocks the
    one thread that all actors run on. ``left_behind`` is true if Python cannot end it.
    """

    def __init__(self, message: str, place: str = "", others_can_go_on: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.others_can_go_on = others_can_go_on
        self.left_behind = False

    def __str__(self) -> str:
        if not self.left_behind:
            return self.message
        return f"{self.message}; nothing can end it: its thread is left behind"


class DeadlockError(BlockedError):
    """Every actor that has not finished is waiting for another."""
