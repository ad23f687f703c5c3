"""Record: what happens between the first and the last line of a `with` block."""

from __future__ import annotations

import _thread
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import minictx.trace.patch as patch
from minictx.ident import get_ident, get_owners
from minictx.trace.events import Events, Raw
from minictx.trace.inherited import Find
from minictx.trace.install import install
from minictx.trace.objects import Kind, Objects
from minictx.trace.patch import Patches
from minictx.trace.places import Files, Place, find_place, make_sources
from minictx.trace.runners import Runners, Who, busy
from minictx.trace.trace import Event, Trace
from minictx.trace.values import describe, one_line

__all__ = ["Recorder", "record"]

MESSAGE = 1000  # characters of what an unbound proxy says; it has lines of its own
KINDS: tuple[Kind, Kind] = ("Local", "LocalStack")
_PLAIN = frozenset({int, float, bool, type(None)})

_installed = Patches()
# The collector may run a destructor of somebody while this thread holds it: that may record.
_lock = _thread.RLock()


@contextmanager
def record(
    *, title: str = "recording", limit: int = 1_000_000, lines: bool = False
) -> Iterator[Trace]:
    """Record what happens to locals, stacks, proxies and contexts in this ``with`` block.

    >>> from minictx import Local
    >>> local = Local()
    >>> with record() as trace:
    ...     local.user = "alice"
    >>> [(event["kind"], event.get("value")) for event in trace.events]
    [('begin', None), ('set', "'alice'"), ('left', None)]
    >>> trace.objects[1].label, trace.events[1]["line"]
    ('local', 2)

    All threads, greenlets and tasks are recorded. After ``limit`` events the recording
    stops, and says so; switches are not counted. With ``lines``, each line of user code
    that runs is an event.
    """
    recorder = Recorder(title, limit)
    try:
        with _lock:
            patch.recorders = (*patch.recorders, recorder)
            if len(patch.recorders) == 1:
                install(_installed)
        recorder.begin(lines)
        yield recorder.trace
    finally:
        recorder.finish()
        with _lock:
            patch.recorders = tuple(each for each in patch.recorders if each is not recorder)
            if not patch.recorders:
                _installed.undo()


class Recorder:
    """Take down what the patched classes tell, for one trace."""

    MISSING = object()

    def __init__(self, title: str, limit: int) -> None:
        self.raw: list[Raw] = []
        self.files = Files()
        self.objects = Objects()
        self.runners = Runners(self._begin, self._end)
        self.trace = Trace(
            title,
            runners=self.runners.known,
            objects=self.objects.known,
            events=Events(self.raw, self.files),
        )
        self._limit = limit
        self._on = True
        self._start = perf_counter()
        self._lines: Any = None
        # {number of a Local or LocalStack: ...}
        self._by_thread: dict[int, bool] = {}  # it is kept for a thread or greenlet, not a task
        self._whole: dict[int, bool] = {}  # it is kept for a thread with all its greenlets
        self._forgets: dict[int, bool] = {}  # it is gone with the one who stored it

    def begin(self, lines: bool) -> None:
        """Begin: whoever calls this is the first to run."""
        self.runners.current()
        if lines:
            from minictx.trace.lines import Lines

            self._lines = Lines(self)
            self._lines.start()

    def finish(self) -> None:
        """End the recording: say what is left, and read the source files."""
        if self._lines is not None:
            self._lines.stop()
        who = self.runners.current()
        left = [entry for each in self.runners.all for entry in self._left(each)]
        if who is not None:
            self._append("left", who, left)
        self._on = False
        self.objects.name_the_rest()
        assert isinstance(self.trace.events, Events)
        self.trace.sources.extend(make_sources(self.trace.events.places(), self.files))

    # How an event is taken down

    def who(self) -> Who | None:
        """Return who runs; None where nothing is to be recorded."""
        return self.runners.current() if self._on else None

    def tell(self, kind: str, *fields: Any, place: Place | None = None) -> None:
        """Take down an event of the one who runs; it may belong to a line of its own."""
        if (who := self.who()) is not None:
            self._append(kind, who, *fields, place=place)

    def _append(self, kind: str, who: Who, *fields: Any, place: Place | None = None) -> None:
        if not self._on:
            return
        time = perf_counter() - self._start
        if len(self.raw) >= self._limit:
            with _lock:
                if not self._on:
                    return
                self._on = False
            kind, fields = "limit", (self._limit,)
        code, lasti = place or find_place(sys._getframe(1))
        self.raw.append((kind, time, who.id, code, lasti, *fields))

    def text(self, value: object) -> str:
        """Return a short text for a value; what its repr does is not recorded."""
        cls = type(value)
        if cls is str:
            if len(value) < 100:  # type: ignore[arg-type]
                text = repr(value)
                if text.isascii() and len(text) < 120:
                    return text
        elif cls in _PLAIN and (cls is not int or -(10**18) < value < 10**18):  # type: ignore[operator]
            return repr(value)
        key = id(get_owners()[0])
        busy.add(key)
        try:
            return describe(value, self.objects.label_proxy)
        finally:
            busy.discard(key)

    # Who runs

    def thread_begins(self, thread: Any) -> None:
        """A thread runs its first line."""
        if self._on:
            self.runners.begin_thread(thread)

    def thread_ends(self) -> None:
        """A thread has run its last line; what it has stored is still there."""
        who = self.runners.current()
        if who is not None:
            self.runners.end(who)

    def switched(self, origin: Any, target: Any) -> None:
        """One greenlet was switched to from another one, on the same thread."""
        if not self._on:
            return
        was = self.runners.find(origin)
        if was is not None and origin.dead:
            self.runners.end(was)
        self.runners.begin_greenlet(origin)
        self.tell("switch")

    def _begin(self, who: Who) -> None:
        self._append("begin", who)

    def _end(self, who: Who) -> None:
        # Whoever notices that it has ended runs some other code.
        self._append("end", who, self._left(who), place=(None, -1))
        # What was stored is gone with the one who stored it, where the Local forgets.
        for number in list(who.stored):
            if self._forgets.get(number):
                del who.stored[number]

    def _left(self, who: Who) -> list[Event]:
        return [
            entry
            for number, stored in list(who.stored.items())
            for entry in self._entries(who, number, stored)
        ]

    def _entries(self, who: Who, number: int, stored: Any) -> list[Event]:
        if isinstance(stored, list):
            names: list[str | None] = [None] * len(stored)
            values = stored.copy()
        else:
            names, values = list(stored.keys()), list(stored.values())
        return [
            {"object": number, "context": who.id, "name": name, "value": value}
            for name, value in zip(names, values, strict=False)
        ]

    # Local and LocalStack

    def _find(self, obj: Any, kind: Kind) -> tuple[Who, int, dict[int, Any], int | None] | None:
        """Return who runs, the object's number, all that its owner has stored, and the owner.

        The owner is the one in whose namespace the object keeps what is stored in it; None
        where it is the one who runs.
        """
        if (who := self.who()) is None:
            return None
        number = self.objects.number(obj, kind)
        by_thread = self._by_thread.get(number)
        if by_thread is None:
            # Without an ident function, it is made of ContextVars: each task has its own.
            ident_func = getattr(type(obj), "__ident_func__", None) and obj.__ident_func__
            name = getattr(ident_func, "__name__", "")
            by_thread = self._by_thread[number] = name in {"get_ident", "getcurrent"}
            self._whole[number] = ident_func is threading.get_ident
            forgets = ident_func is get_ident or ident_func is None
            self._forgets[number] = forgets or isinstance(obj, threading.local)
        base = who.base if by_thread else who
        if self._whole[number]:
            base = self.runners.of_thread() or base
        return who, number, base.stored, None if base is who else base.id

    def inherit(self, obj: Any, kind: Kind, find: Find) -> None:
        """An object over contextvars is about to be used, perhaps for the first time here."""
        if (found := self._find(obj, kind)) is None:
            return
        who, number, stored, _ = found
        if number in stored:  # it is known what is in it here
            return
        items = [(name, self.text(value)) for name, value in find(obj)]
        if items:
            texts = [text for _, text in items]
            stored[number] = texts if kind == "LocalStack" else dict(items)
            self._append("inherit", who, number, self._entries(who, number, stored[number]))

    def set(self, local: Any, name: str, value: object) -> None:
        """A name was set."""
        if (found := self._find(local, "Local")) is not None:
            who, number, stored, owner = found
            text = self.text(value)
            if number not in stored:
                stored[number] = {}
            stored[number][name] = text
            self._append("set", who, number, name, text, owner)

    def get(self, local: Any, name: str, value: object) -> None:
        """A name was read; `MISSING` stands for one that was not there."""
        if (found := self._find(local, "Local")) is not None:
            who, number, _, owner = found
            text = None if value is self.MISSING else self.text(value)
            self._append("get", who, number, name, text, owner)

    def delete(self, local: Any, name: str) -> None:
        """A name was deleted."""
        if (found := self._find(local, "Local")) is not None:
            who, number, stored, owner = found
            stored.get(number, {}).pop(name, None)
            self._append("delete", who, number, name, owner)

    def release(self, obj: Any, kind: Kind) -> None:
        """A Local or a LocalStack was released."""
        if (found := self._find(obj, kind)) is not None:
            who, number, stored, owner = found
            stored.pop(number, None)
            self._append("release", who, number, owner)

    def push(self, stack: Any, value: object) -> None:
        """Something was pushed."""
        if (found := self._find(stack, "LocalStack")) is not None:
            who, number, stored, owner = found
            text = self.text(value)
            if number not in stored:
                stored[number] = []
            stored[number].append(text)
            self._append("push", who, number, text, owner)

    def pop(self, stack: Any, value: object) -> None:
        """The top was popped, or there was none."""
        if (found := self._find(stack, "LocalStack")) is not None:
            who, number, stored, owner = found
            items = stored.get(number)
            # An empty stack and an item that is None look the same to the caller, not here.
            text = None if value is None and not items else self.text(value)
            if items:
                items.pop()
            self._append("pop", who, number, text, owner)

    # LocalProxy

    def made(self, proxy: Any, source: Any, name: str | None) -> None:
        """A proxy was made."""
        if (who := self.who()) is not None:
            number = self.objects.number(proxy, "LocalProxy")
            of = None
            for kind in KINDS:
                if any(cls.__name__ == kind for cls in type(source).__mro__):
                    of = self.objects.number(source, kind)
            self._append("proxy", who, number, of, name)

    def resolve(self, proxy: Any, value: object) -> None:
        """A proxy was used, and stood for ``value``."""
        if (who := self.who()) is not None:
            number = self.objects.number(proxy, "LocalProxy")
            self._append("resolve", who, number, self.text(value))

    def unbound(self, proxy: Any, error: RuntimeError) -> None:
        """A proxy was used, and stood for nothing."""
        if (who := self.who()) is not None:
            number = self.objects.number(proxy, "LocalProxy")
            message = error.args[0] if error.args and type(error.args[0]) is str else ""
            if len(message) > MESSAGE:
                message = one_line(message, MESSAGE)
            self._append("unbound", who, number, message)

    # The web framework

    def context(self, kind: str, type_: str, context: object, phase: str) -> None:
        """A context is pushed or popped."""
        if (who := self.who()) is not None:
            text = self.text(context)
            self._append(kind, who, type_, text, phase)

    def signal(self, name: str, values: dict[str, object]) -> None:
        """A signal is sent."""
        if (who := self.who()) is not None:
            shown = [(key, value) for key, value in values.items() if key[0] != "_"]
            text = ", ".join(f"{key}={self.text(value)}" for key, value in shown)
            self._append("signal", who, name, one_line(text))

    def session(self, name: str, session: object) -> None:
        """A session was opened or saved."""
        if (who := self.who()) is not None:
            text = self.text(session)
            self._append("session", who, name, text)

    def error(self, error: BaseException, handled: list[bool]) -> None:
        """An exception reached the framework."""
        if (who := self.who()) is not None:
            text = self.text(error)
            self._append("error", who, text, handled)

    def gave_up(self, error: BaseException) -> None:
        """The framework has no answer to this exception: it will come once more."""
        if (who := self.who()) is not None:
            who.error = id(error)

    def error_at_last(self, error: BaseException) -> None:
        """An exception is answered with 500, or raised out of the framework."""
        if (who := self.who()) is not None:
            if who.error != id(error):  # it did not come by handle_user_exception
                text = self.text(error)
                self._append("error", who, text, [False])
            who.error = 0
