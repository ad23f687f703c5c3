"""What can go wrong on the stage. All of it is a `StageError`; what an actor raises is not."""

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
    """Be the base of all errors of the stage itself."""


class KindError(StageError):
    """There is no such kind of runner, or what it needs is not installed."""


class ActorError(StageError):
    """Something that is not a generator function, or needs arguments, was given as an actor."""


class OrderError(StageError):
    """The order is empty, names nobody, or has a step for an actor that is finished."""


class UnfinishedError(OrderError):
    """The order ends before its actors do."""


class UnclosedError(StageError):
    """An actor that was told to end yielded instead."""


class SceneError(StageError):
    """A scene does not do what a scene must, or not the same each time."""


class TooManyOrdersError(StageError):
    """The actors have more interleavings than the limit."""


class BlockedError(StageError):
    """A step did not end in time.

    ``place`` says where it stands. ``others_can_go_on`` is false where it holds up the one
    thread that all run on; ``left_behind`` is true where Python has no means to end it.
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
    """Each actor that is not finished waits for another."""
