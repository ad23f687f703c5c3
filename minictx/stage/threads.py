"""on="threads": each actor in a thread of its own, which waits until it is its turn.

First comes what all three kinds have in common: a runner takes calls to the place where each
actor runs. (Greenlets and tasks take turns on one thread, apart from the caller's.)
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from contextvars import Context
from functools import partial
from queue import SimpleQueue
from threading import Thread, get_ident
from typing import Any

from minictx.stage.actors import Actor, AsyncActor, Outcome

try:
    from ctypes import c_ulong, py_object, pythonapi

    _set_async_exc = pythonapi.PyThreadState_SetAsyncExc
except (ImportError, AttributeError):  # not CPython: nothing ends a step that never ends
    _set_async_exc = None  # type: ignore[assignment]

__all__ = ["PATIENCE", "Call", "OneThreadRunner", "Runner", "Threads", "raise_in"]

Call = Callable[[], Any]  # the `step` or `close` of an actor

PATIENCE = 0.5  # seconds that an actor has to end once it was told to


class Runner(ABC):
    """Run each actor in a place of its own, and one call at a time."""

    one_thread = False

    def __init__(self, actors: Sequence[Actor]) -> None:
        self.actors = actors

    @abstractmethod
    def begin(self) -> None:
        """Start the threads, greenlets or tasks. No actor takes a step yet."""

    def send(self, actor: Actor, call: Call) -> None:
        """Have ``call`` called where ``actor`` runs; `Actor.wait` returns its outcome."""
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

    def wait_until_gone(self, actor: Actor) -> None:
        """Wait until nothing is left of an actor that is over."""
        return

    @abstractmethod
    def leave(self) -> None:
        """Let everything that `begin` started come to its end, and wait for it."""


class Threads(Runner):
    """Give each actor a thread, and a queue that brings it the calls."""

    def __init__(self, actors: Sequence[Actor]) -> None:
        super().__init__(actors)
        self.calls: dict[Actor, SimpleQueue[Call | None]] = {
            actor: SimpleQueue() for actor in actors
        }
        self.threads: dict[Actor, Thread] = {}

    def begin(self) -> None:
        for actor in self.actors:
            # An empty context: some versions of Python give a new thread its starter's.
            live = partial(Context().run, self._live, actor)
            thread = Thread(target=live, name=actor.name, daemon=True)
            thread.start()
            self.threads[actor] = thread
            actor.outcomes.get()  # it has started: now the next one may

    def _live(self, actor: Actor) -> None:
        actor.outcomes.put(Outcome())
        with suppress(GeneratorExit):  # from `raise_in`, if it came a moment too late
            for call in iter(self.calls[actor].get, None):
                actor.outcomes.put(call())
                if actor.over:
                    break

    def _send(self, actor: Actor, call: Call) -> None:
        self.calls[actor].put(call)

    def thread_of(self, actor: Actor) -> Thread:
        return self.threads[actor]

    def ways_out(self, actor: Actor) -> Iterator[Callable[[], object]]:
        yield lambda: None  # the holder of the lock that it waits for may be closed by now
        yield partial(raise_in, self.threads[actor], GeneratorExit)

    def wait_until_gone(self, actor: Actor) -> None:
        self.threads[actor].join(PATIENCE)

    def leave(self) -> None:
        for actor in self.threads:
            self.calls[actor].put(None)
            if not actor.busy:
                self.wait_until_gone(actor)


class OneThreadRunner(Runner):
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
            if not actor.over:  # told to close, it may have come to its end before that
                yield actor, call

    def _run(self) -> None:
        with suppress(GeneratorExit):  # from `raise_in`, if it came a moment too late
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
        # The thread may wait for a lock that another actor holds, and would close that actor
        # only later. To free it, close the others from here, though on the wrong thread.
        raise_in(self.thread, None)
        for actor in self.actors:
            if not (actor.busy or actor.over or isinstance(actor, AsyncActor)):
                actor.close()

    def leave(self) -> None:
        self.calls.put(None)
        if self.thread.is_alive() and not any(actor.busy for actor in self.actors):
            self.thread.join(PATIENCE)


def raise_in(thread: Thread, error: type[BaseException] | None) -> None:
    """Raise ``error`` in a thread as soon as it runs Python code; None takes that back.

    Only CPython can do that; elsewhere this does nothing.
    """
    if _set_async_exc is None:
        return
    if sys.version_info < (3, 12) and sys.gettrace() is not None:
        return  # while lines are traced, CPython 3.11 would hang until the thread obeys
    _set_async_exc(
        c_ulong(thread.ident or 0), py_object() if error is None else py_object(error)
    )
    if error is None:
        _forget_that_an_error_waits()


class _NothingError(BaseException):
    """Raised only to be caught at once."""


def _forget_that_an_error_waits() -> None:
    # CPython notes once for all threads that an error waits for one of them, and forgets it
    # only when one is raised. With that note, 3.11 hangs when lines are traced, as a
    # debugger or coverage does. So raise an error here: now none waits.
    try:
        _set_async_exc(c_ulong(get_ident()), py_object(_NothingError))
        while True:
            pass
    except _NothingError:
        pass
