"""Actors: generators that are advanced one step at a time, and closed at the end.

Nothing here knows about threads, greenlets or tasks. They differ only in *where* they call
`Actor.step` and `Actor.close`.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from queue import Empty, SimpleQueue
from reprlib import Repr
from threading import Thread
from types import FrameType, TracebackType
from typing import Any

from minictx.stage.errors import ActorError, UnclosedError

__all__ = [
    "Actor",
    "ActorFunction",
    "AsyncActor",
    "Outcome",
    "is_on",
    "make_actors",
    "refused",
    "where",
]

ActorFunction = Callable[[], Iterator[Any] | AsyncIterator[Any]]

_short = Repr()
_short.maxstring = _short.maxother = 40


class Outcome:
    """How a step ended: with a value that was yielded or returned, or with an error.

    It wraps the call, as in ``with Outcome() as outcome: outcome.value = next(generator)``.
    """

    def __init__(self) -> None:
        self.value: Any = None
        self.shown = ""  # the value as text, made by the actor at that moment
        self.finished = False
        self.error: BaseException | None = None

    def take_error(self) -> BaseException | None:
        """Return the error, and forget it.

        The frames in its traceback hold this outcome: a cycle, if this held the error.
        """
        error, self.error = self.error, None
        return error

    def __enter__(self) -> Outcome:
        return self

    def __exit__(
        self, _: object, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        self.finished = error is not None
        if isinstance(error, StopIteration):
            self.value = error.value
        elif error is not None and not isinstance(error, StopAsyncIteration):
            assert traceback is not None
            # Let the traceback begin at the generator: our call of it is of no interest.
            self.error = error.with_traceback(traceback.tb_next)
        if self.error is None and self.value is not None:
            self.shown = _short.repr(self.value)
        return True


class _Curtain(BaseException):
    """End a generator that ignores GeneratorExit."""


_FAREWELLS = (GeneratorExit, GeneratorExit, _Curtain)

# A generator that refuses to end complains again when it is freed, and `UnclosedError` has
# told that already. So it is never freed.
refused: list[Any] = []


class Actor:
    """Advance and close one plain generator, and note how each step ended."""

    def __init__(self, name: str, function: ActorFunction) -> None:
        self.name = name
        self.function = function
        self.generator: Any = None  # made by the first step, in the place where it runs
        self.steps = 0
        self.over = False
        self.busy = False  # it was sent a call whose outcome has not come back
        self.outcomes: SimpleQueue[Outcome] = SimpleQueue()

    def step(self) -> Any:
        """Run to the next ``yield``, or to the end."""
        self._begin_step()
        with Outcome() as outcome:
            outcome.value = next(self.generator)
        return self._end_step(outcome)

    def close(self) -> Any:
        """End the generator where it stands, so that its ``finally`` blocks run."""
        yielded: list[Any] = []
        with Outcome() as outcome:
            for farewell in _FAREWELLS if self.generator else ():
                yielded.append(self.generator.throw(farewell))
        return self._end_close(outcome, yielded)

    def wait(self, seconds: float) -> Outcome | None:
        """Return the outcome of the call that was sent, or None if it is still running."""
        try:
            outcome = self.outcomes.get(timeout=seconds)
        except Empty:
            return None
        self.busy = False
        return outcome

    def _begin_step(self) -> None:
        self.steps += 1
        if self.generator is None:
            self.generator = self.function()

    def _end_step(self, outcome: Outcome) -> Outcome:
        if outcome.finished:
            self.over, self.generator = True, None
        return outcome

    def _end_close(self, outcome: Outcome, yielded: list[Any]) -> Outcome:
        if len(yielded) == len(_FAREWELLS):
            refused.append(self.generator)
        if isinstance(outcome.error, _FAREWELLS):
            outcome.error = None
        if yielded:
            outcome.error = UnclosedError(
                f"{self.name} yields when it is closed: do not yield in `finally`"
                " or `except GeneratorExit`"
            )
        self.over, self.generator = True, None
        return outcome


class AsyncActor(Actor):
    """Do the same with an async generator: each step may also await."""

    async def step(self) -> Any:
        self._begin_step()
        with Outcome() as outcome:
            outcome.value = await anext(self.generator)
        return self._end_step(outcome)

    async def close(self) -> Any:
        yielded: list[Any] = []
        with Outcome() as outcome:
            for farewell in _FAREWELLS if self.generator else ():
                yielded.append(await self.generator.athrow(farewell))
        return self._end_close(outcome, yielded)


# From functions to actors


def make_actors(functions: Mapping[str, ActorFunction], on: str) -> dict[str, Actor]:
    """Return an `Actor` for each function; raise `ActorError` for one that cannot be one."""
    if not functions:
        raise ActorError('there are no actors: name them, as in run("A B", A=alice, B=bob)')
    return {name: _make_actor(name, function, on) for name, function in functions.items()}


def _make_actor(name: str, function: ActorFunction, on: str) -> Actor:
    is_async = inspect.isasyncgenfunction(function)
    if inspect.isgenerator(function) or inspect.isasyncgen(function):
        problem = f"was called already: give the function, {name}={_title(function)}"
    elif not is_async and not inspect.isgeneratorfunction(function):
        problem = (
            "is not a generator function: add a `yield` where a step ends"
            " (and to pass arguments, use functools.partial, not a lambda)"
        )
    elif is_async and on != "tasks":
        problem = 'is an async generator: use on="tasks"'
    else:
        try:
            inspect.signature(function).bind()
        except TypeError as error:
            problem = f"needs arguments ({error}): pass them with functools.partial"
        else:
            return (AsyncActor if is_async else Actor)(name, function)
    raise ActorError(f"actor {name}: {_title(function)} {problem}")


def _title(function: ActorFunction) -> str:
    name: str | None = getattr(function, "__name__", None)
    # A partial has no name; its repr() calls that of its arguments, so only errors ask for it.
    return repr(function) if name is None else name


# Where does an actor stand? On a line of the student's, not of a library


def where(actor: Actor, thread: Thread) -> str:
    """Say which file, line and function an actor runs, or is suspended in."""
    if actor.generator is None:
        return f"{actor.name} has not begun"
    frames = _running(actor, thread) or _suspended(actor.generator)
    if not frames:
        return f"{actor.name} stands at its end"
    # The innermost frame of the student's own: waiting ends in `threading` or `asyncio`.
    frame = next((frame for frame in frames if _is_of_interest(frame)), frames[-1])
    code = frame.f_code
    place = f"{os.path.basename(code.co_filename)}:{frame.f_lineno}, {code.co_name}()"
    return f"{actor.name} stands at {place}"


def is_on(actor: Actor, thread: Thread) -> bool:
    """Return whether ``thread`` is running this actor at this moment."""
    return bool(_running(actor, thread))


def _running(actor: Actor, thread: Thread) -> list[FrameType]:
    """Return the frames on the thread, innermost first, down to the actor's own."""
    own = next(_own_frames(actor.generator), None)
    frame = sys._current_frames().get(thread.ident or 0)
    frames = []
    while frame is not None:
        frames.append(frame)
        if frame is own:
            return frames
        frame = frame.f_back
    return []


def _suspended(generator: Any) -> list[FrameType]:
    """Return the frames of what the generator awaits or delegates to, innermost first."""
    return list(_own_frames(generator))[::-1]


def _own_frames(awaited: Any) -> Iterator[FrameType]:
    # Generators, async generators and coroutines have the same attributes under other names.
    while awaited is not None:
        prefix = next((p for p in ("gi", "ag", "cr") if hasattr(awaited, f"{p}_frame")), None)
        if prefix is None or getattr(awaited, f"{prefix}_frame") is None:
            return
        yield getattr(awaited, f"{prefix}_frame")
        awaited = getattr(awaited, "gi_yieldfrom" if prefix == "gi" else f"{prefix}_await")


def _is_of_interest(frame: FrameType) -> bool:
    module = frame.f_globals.get("__name__", "")
    is_library = module.partition(".")[0] in sys.stdlib_module_names
    # A doctest and a script are called __main__, which is also a name in the library.
    return module == "__main__" or not (is_library or module.startswith(f"{__package__}."))
