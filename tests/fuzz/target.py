"""A target: what is fed to a part of minictx, and which errors it may answer with."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

__all__ = ["Findings", "Target", "mutated"]

LONGEST = 2_000  # characters of an error's message


@dataclass(frozen=True)
class Target:
    """Name something that takes input from outside, and call it.

    ``feed`` raises what that part of minictx raises, and an AssertionError where an answer
    is wrong. An error of the classes ``allowed`` is right, if its message is one clear line.
    """

    name: str
    inputs: SearchStrategy[Any]
    feed: Callable[[Any], object]
    allowed: tuple[type[Exception], ...] = ()
    seeds: tuple[bytes, ...] = ()  # if there are any, `feed` takes bytes: atheris can make them
    cost: int = 1  # how many times as long as a cheap one it takes, about

    def try_one(self, given: Any) -> None:
        """Feed it one input; raise nothing if the answer, or the error, is a right one."""
        try:
            self.feed(given)
        except self.allowed as error:
            message = str(error)
            assert message.isprintable(), f"the message is not one line: {message!r}"
            assert 0 < len(message) <= LONGEST, f"{len(message)} characters of message"


@dataclass
class Findings:
    """Try inputs, and keep one of each kind of failure: the shortest."""

    target: Target
    executions: int = 0
    found: dict[str, tuple[str, str]] = field(
        default_factory=dict
    )  # {kind: (input, traceback)}

    def try_one(self, given: Any) -> None:
        """Try one input; note it if it fails."""
        self.executions += 1
        try:
            self.target.try_one(given)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt | MemoryError):
                raise
            kind, text = _kind(error), repr(given)
            if kind not in self.found or len(text) < len(self.found[kind][0]):
                trace = "".join(traceback.format_exception(error))
                self.found[kind] = (text, trace[-4_000:])


def _kind(error: BaseException) -> str:
    """Return the same text for errors of one class from one place."""
    frames = traceback.extract_tb(error.__traceback__)
    place = frames[-1]
    return f"{type(error).__name__} at {os.path.basename(place.filename)}:{place.lineno}"


def mutated(*seeds: bytes) -> SearchStrategy[bytes]:
    """Return bytes: any, or one of the seeds with a part of it replaced."""

    def replace(seed: bytes, at: float, length: int, by: bytes) -> bytes:
        start = int(at * len(seed))
        return seed[:start] + by + seed[start + length :]

    part = st.one_of(st.binary(max_size=8), st.sampled_from(seeds).map(lambda seed: seed[-9:]))
    near = st.builds(replace, st.sampled_from(seeds), st.floats(0, 1), st.integers(0, 20), part)
    return st.one_of(near, near, st.binary(max_size=300))
