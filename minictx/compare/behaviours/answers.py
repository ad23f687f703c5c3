"""Answers: what happened, in a word; and what many behaviours need to find it out."""

from __future__ import annotations

import gc
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any
from weakref import ref

from minictx.compare.kit import NotThereError
from minictx.stage import run

__all__ = [
    "ROUNDS",
    "AsyncSteps",
    "Steps",
    "Value",
    "error_of",
    "is_gone",
    "wait_for_exit",
    "yes_or_no",
]

ROUNDS = 1000  # far more than it takes; the system decides

Steps = Generator[Any, None, Any]  # what an actor is: it yields where a step ends
AsyncSteps = AsyncGenerator[Any, None]


class Value:
    """Something that can be watched by a weak reference, as a text cannot."""


def yes_or_no(truth: object) -> str:
    """Return "yes" or "no"."""
    return "yes" if truth else "no"


def error_of(function: Callable[[], Any]) -> str:
    """Return the name of the error that a call raises, or "" if it raises none.

    >>> error_of(lambda: 1 / 0), error_of(lambda: 1)
    ('ZeroDivisionError', '')
    """
    try:
        function()
    except NotThereError:
        raise
    except Exception as error:
        return type(error).__name__
    return ""


def is_gone(watched: ref[Any]) -> bool:
    """Collect garbage, and return whether the object is freed."""
    for _ in range(5):  # what one round frees may have kept something else
        if watched() is None:
            return True
        gc.collect()
    return watched() is None


def wait_for_exit(number: int) -> None:
    """Wait until the system has done with a thread that has ended, and gives its number away.

    Until Python 3.13, ``join`` returns a little earlier than that, and greenlet clears up
    after it.
    """

    def look() -> Steps:
        yield threading.get_ident()

    crowd: Any = {f"thread{count}": look for count in range(20)}
    for _ in range(ROUNDS):
        if [number] in run([*crowd, *crowd], **crowd).yielded.values():
            return
