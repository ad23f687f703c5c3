"""Real threads and real greenlets that do what a test tells them, one call at a time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

import pytest

__all__ = [
    "AbandonedActor",
    "GreenletActor",
    "ThreadActor",
    "Value",
    "actor_kinds",
    "greenlet",
    "needs_greenlet",
]

greenlet: Any = None
with contextlib.suppress(ImportError):
    import greenlet

needs_greenlet = pytest.mark.skipif(greenlet is None, reason="greenlet is not installed")


class ThreadActor:
    """A thread that runs the function it is given, hands back the result, and waits."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._results: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            result: tuple[Any, BaseException | None]
            try:
                result = call(), None
            except BaseException as error:
                result = None, error.with_traceback(None)
            call = None  # a waiting actor keeps nothing alive
            self._results.put(result)
            del result

    def do(self, call: Callable[[], Any]) -> Any:
        self._calls.put(call)
        value, error = self._results.get()
        if error is not None:
            raise error
        return value

    def die(self) -> None:
        """End the thread. Its Thread object stays, as it does for code that joined it."""
        self._calls.put(None)
        self._thread.join()


def _obey(call: Callable[[], Any] | None) -> None:
    while call is not None:
        result: tuple[Any, BaseException | None]
        try:
            result = call(), None
        except Exception as error:
            result = None, error.with_traceback(None)
        call = None
        call = greenlet.getcurrent().parent.switch(result)
        del result


class GreenletActor:
    """A greenlet that runs the function it is given, hands back the result, and pauses."""

    def __init__(self) -> None:
        self._greenlet: Any = greenlet.greenlet(_obey)
        # A greenlet keeps what it was started with, for as long as it lives.
        self._greenlet.switch(lambda: None)

    def do(self, call: Callable[[], Any]) -> Any:
        value, error = self._greenlet.switch(call)
        if error is not None:
            raise error
        return value

    def die(self) -> None:
        """Run to the end, and be dropped."""
        if self._greenlet is not None:
            self._greenlet.switch(None)
        self._greenlet = None


class AbandonedActor(GreenletActor):
    """A greenlet that is dropped while it is paused."""

    def die(self) -> None:
        self._greenlet = None


def actor_kinds() -> list[Any]:
    """Return the kinds of actor that this environment can run."""
    kinds: list[Any] = [ThreadActor]
    return kinds if greenlet is None else [*kinds, GreenletActor, AbandonedActor]


class Value:
    """Something that a weak reference can watch."""
