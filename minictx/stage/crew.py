"""What the three kinds have in common: a crew carries calls to where each actor runs."""

from __future__ import annotations

import ctypes
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Thread, get_ident
from typing import Any

from minictx.stage.actor import Actor, AsyncActor

__all__ = ["PATIENCE", "Call", "Crew", "OneThreadCrew", "raise_in"]

Call = Callable[[], Any]  # the `step` or `close` of an actor

_set_error = ctypes.pythonapi.PyThreadState_SetAsyncExc

PATIENCE = 0.5  # seconds that whoever was told to end may take to do so


class Crew(ABC):
    """Run each actor in a place of its own, and one call at a time."""

    one_thread = False

    def __init__(self, actors: Sequence[Actor]) -> None:
        self.actors = actors

    @abstractmethod
    def begin(self) -> None:
        """Start whatever the actors run in. None of them takes a step yet."""

    def send(self, actor: Actor, call: Call) -> None:
        """Have ``call`` called where ``actor`` runs; `Actor.wait` has the outcome."""
        actor.busy = True
        self._send(actor, call)

    @abstractmethod
    def _send(self, actor: Actor, call: Call) -> None: ...

    @abstractmethod
    def thread_of(self, actor: Actor) -> Thread:
        """Return the thread that ``actor`` runs on."""

    @abstractmethod
    def ways_out(self, actor: Actor) -> Iterator[Callable[[], object]]:
        """Yield what may end a step of ``actor`` that does not end, the gentlest first."""

    @abstractmethod
    def leave(self) -> None:
        """Let what `begin` started come to its end, and wait for it."""

    def gone(self, actor: Actor) -> None:
        """Wait until nothing is left of an actor that is over."""
        return


class OneThreadCrew(Crew):
    """Run all actors on one thread, apart from the caller's.

    So the caller, which may have an event loop running, can wait with a time limit.
    """

    one_thread = True

    def __init__(self, actors: Sequence[Actor]) -> None:
        super().__init__(actors)
        self.calls: SimpleQueue[tuple[Actor, Call] | None] = SimpleQueue()
        self.ready: SimpleQueue[None] = SimpleQueue()
        name = f"stage of {', '.join(actor.name for actor in actors)}"
        self.thread = Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def _work(self) -> None:
        """Put None into ``ready``, then do all `_calls`."""

    def _calls(self) -> Iterator[tuple[Actor, Call]]:
        """Yield what to do, until a None comes."""
        for actor, call in iter(self.calls.get, None):
            if not actor.over:  # it was told to close, but came to its end before that
                yield actor, call

    def _run(self) -> None:
        with suppress(GeneratorExit):  # from raise_in, where that came a moment too late
            self._work()

    def begin(self) -> None:
        self.thread.start()
        self.ready.get()

    def _send(self, actor: Actor, call: Call) -> None:
        self.calls.put((actor, call))

    def thread_of(self, actor: Actor) -> Thread:
        return self.thread

    def ways_out(self, actor: Actor) -> Iterator[Callable[[], object]]:
        yield partial(raise_in, self.thread, GeneratorExit)
        yield self._close_others_from_outside

    def _close_others_from_outside(self) -> None:
        # The thread may wait for a lock that another actor holds, and would close that one
        # only later. To free it, that is done from here, though it is the wrong thread.
        raise_in(self.thread, None)
        for actor in self.actors:
            if not (actor.busy or actor.over or isinstance(actor, AsyncActor)):
                actor.close()

    def leave(self) -> None:
        self.calls.put(None)
        if self.thread.is_alive() and not any(actor.busy for actor in self.actors):
            self.thread.join(PATIENCE)


def raise_in(thread: Thread, error: type[BaseException] | None) -> None:
    """Raise ``error`` in a thread as soon as it runs Python code; None takes that back."""
    if sys.version_info < (3, 12) and sys.gettrace() is not None:
        return  # while lines are traced, CPython 3.11 would hang until the thread obeys
    value = ctypes.py_object() if error is None else ctypes.py_object(error)
    _set_error(ctypes.c_ulong(thread.ident or 0), value)
    if error is None:
        _forget_that_an_error_waits()


class _NothingError(BaseException):
    """Raised only to be caught at once."""


def _forget_that_an_error_waits() -> None:
    # CPython notes once for all threads that an error waits for one of them, and forgets it
    # only when one is raised. With that note, 3.11 hangs where lines are traced, as a
    # debugger or coverage does. So an error is raised here, and now none waits.
    try:
        _set_error(ctypes.c_ulong(get_ident()), ctypes.py_object(_NothingError))
        while True:
            pass
    except _NothingError:
        pass
