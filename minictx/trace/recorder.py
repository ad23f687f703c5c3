"""Record: what happens between the first and the last line of a `with` block."""

from __future__ import annotations

import _thread
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Token
from functools import partial
from time import perf_counter
from types import SimpleNamespace
from typing import Any, NamedTuple
from weakref import ref

import minictx.trace.patch as patch
from minictx.ident import get_ident, get_owners
from minictx.trace.events import Events, Raw
from minictx.trace.inherited import Find, find_items
from minictx.trace.install import install
from minictx.trace.objects import Kind, Objects
from minictx.trace.patch import Patches
from minictx.trace.places import Files, Place, find_place, make_sources
from minictx.trace.runners import Held, Runners, Who, busy
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


def finish_all() -> None:
    """End all recordings of this process, which is about to end."""
    for recorder in patch.recorders:
        recorder.finish()


class Found(NamedTuple):
    """Who uses an object, its number, and whose namespace in it that is."""

    who: Who
    number: int
    base: Who
    ident: Any = None  # what the object's own ident function returned

    @property
    def owner(self) -> int | None:
        """The owner as an event has it: None where it is the one who runs."""
        return None if self.base is self.who else self.base.id


def _ident_func_of(obj: Any) -> Any:
    """Return what an object asks who is running; None if it is made of ContextVars."""
    try:  # without its own __getattr__, which may be recorded
        return object.__getattribute__(obj, "__ident_func__")
    except AttributeError:
        return None


def _no_stack() -> None:
    """Stand for a weak reference to a stack that is not known."""


def _contexts_below(top: Any) -> list[Any]:
    """Return the contexts of Flask up to this one; a token knows what was there before."""
    found: list[Any] = []
    while top is not None and not any(top is each for each in found):
        found.insert(0, top)
        token = (getattr(top, "_cv_tokens", None) or [None])[-1]
        if isinstance(token, tuple):
            token = token[0]
        below = getattr(token, "old_value", None)
        top = None if below is Token.MISSING else below
    return found


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
        self._on, self._finished = True, False
        self._start = perf_counter()
        self._lines: Any = None
        self._forgets: set[int] = set()  # numbers of objects that forget whoever has ended
        # {number of an object: {ident that its own function returned: who has that namespace}}
        self._namespaces: dict[int | None, dict[Any, Who]] = {}
        self._stacks: dict[int, Callable[[], Any]] = {}

    def begin(self, lines: bool) -> None:
        """Begin: whoever calls this is the first to run."""
        self.runners.current()
        if lines:
            from minictx.trace.lines import Lines

            self._lines = Lines(self)
            self._lines.start()

    def finish(self) -> None:
        """End the recording: say what is left, and read the source files."""
        if self._finished:
            return
        self._finished = True
        if self._lines is not None:
            self._lines.stop()
        who = self._who_and_contexts()
        for each in self.runners.all:
            self._settle(each)
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

    def _who_and_contexts(self) -> Who | None:
        """Return who runs, and tell first what has changed in the framework's ContextVars."""
        who = self.who()
        if who is not None and patch.context_vars:
            self._look_at_contexts(who)
        return who

    def tell(self, kind: str, *fields: Any, place: Place | None = None) -> None:
        """Take down an event of the one who runs; it may belong to a line of its own."""
        if (who := self._who_and_contexts()) is not None:
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
        shown: str = self._quietly(describe, value, self.objects.label_proxy)
        return shown

    # Who runs

    def thread_begins(self, thread: Any) -> None:
        """A thread runs its first line."""
        if self._on:
            self.runners.begin_thread(thread)

    def thread_ends(self) -> None:
        """A thread has run its last line; what it has stored is still there."""
        who = self._who_and_contexts()
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

    def _end(self, who: Who, is_gone: bool) -> None:
        if not is_gone:
            self._settle(who)
        # Whoever notices that it has ended runs some other code.
        self._append("end", who, self._left(who), place=(None, -1))
        # What was stored is gone with the one who stored it, where the Local forgets.
        for number in list(who.stored):
            if number in self._forgets:
                who.stored.pop(number, None)
                self._namespaces.pop(number, None)

    def _left(self, who: Who) -> list[Event]:
        """Return what is still there of what this one has stored."""
        return [
            entry
            for number, held in list(who.stored.items())
            for entry in self._entries(who, number, held, held.inherited)
            if entry["name"] is None or entry["name"] in held.own
        ]

    def _entries(self, who: Who, number: int, held: Held, first: int = 0) -> list[Event]:
        names = list(held.names.items()) + [(None, item) for item in held.items[first:]]
        return [
            {"object": number, "context": who.id, "name": name, "value": value}
            for name, value in names
        ]

    # Local and LocalStack

    def _find(self, obj: Any, kind: Kind) -> Found | None:
        """Return who runs, and in whose namespace the object keeps what is stored now."""
        if (who := self.who()) is None:
            return None
        number = self.objects.number(obj, kind)
        ident_func = _ident_func_of(obj)
        if ident_func is None:  # it is made of ContextVars: each task has its own
            self._forgets.add(number)
            return Found(who, number, who)
        owner = get_owners()[0]
        ident = id(owner)
        if ident_func is get_ident or isinstance(obj, threading.local):
            self._forgets.add(number)
        if ident_func is not get_ident:
            ident = self._quietly(ident_func)
        if ident is owner or (type(ident) is int and ident == id(owner)):
            return Found(who, number, who.base)
        # It is the object that says who shares a namespace. The first to store in it has it.
        base = self._namespaces.get(number, {}).get(ident)
        if base is None:
            is_thread = type(ident) is int and ident == threading.get_ident()
            base = (is_thread and self.runners.of_thread()) or who
        return Found(who, number, base, ident)

    def _quietly(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call a function of the user's; what it does is no event of the program."""
        key = id(get_owners()[0])
        is_first = key not in busy
        busy.add(key)
        try:
            return function(*args)
        finally:
            if is_first:
                busy.discard(key)

    def _held(self, found: Found) -> Held:
        """Return what the namespace holds, to store something in it."""
        held = found.base.stored.setdefault(found.number, Held())
        if found.ident is not None:
            namespaces = self._namespaces.setdefault(found.number, {})
            namespaces.setdefault(found.ident, found.base)
        return held

    def _drop(self, found: Found) -> None:
        """Note that a namespace is empty."""
        found.base.stored.pop(found.number, None)
        self._namespaces.get(found.number, {}).pop(found.ident, None)

    def forget(self, obj: object) -> None:
        """An object is gone, with all that it held."""
        self._namespaces.pop(self.objects.forget(obj), None)

    def look(self, obj: Any, kind: Kind, find: Find) -> None:
        """An object is about to be used: see what is in it that no event has told of."""
        if (found := self._find(obj, kind)) is None:
            return
        if found.number in found.base.stored:  # it is known what is in it here
            return
        items = list(find(obj))
        if items and kind == "LocalStack":
            self._inherit(found, items)
        elif items:
            held = self._held(found)
            held.names.update([(name, self.text(value)) for name, value in items])
            entries = self._entries(found.base, found.number, held)
            self._append("inherit", found.who, found.number, entries)

    def _inherit(self, found: Found, items: list[Any]) -> None:
        held = self._held(found)
        held.fill([(id(item), self.text(item)) for item in items])
        held.inherited = len(items)
        entries = self._entries(found.base, found.number, held)
        self._append("inherit", found.who, found.number, entries)

    def _compare(self, found: Found, held: Held, items: list[Any]) -> None:
        """Tell of a change of a stack's list, which `push` gave out, by hand."""
        if [id(item) for item in items] != held.ids:
            held.fill([(id(item), self.text(item)) for item in items])
            held.inherited = 0
            entries = self._entries(found.base, found.number, held)
            owner = found.owner
            self._append("change", found.who, found.number, entries, owner)

    def _watch(self, number: int, stack: Any) -> None:
        """Remember how to look at a stack when its user, or the recording, ends."""
        if number not in self._stacks:
            try:
                self._stacks[number] = ref(stack)
            except TypeError:  # a LocalStack of werkzeug; its ContextVar holds no value
                self._stacks[number] = partial(SimpleNamespace, _storage=stack._storage)

    def _settle(self, owner: Who) -> None:
        """See what is in the stacks of someone who ends."""
        who = self.who() or owner  # which has just ended
        for number, held in list(owner.stored.items()):
            stack = self._stacks.get(number, _no_stack)()
            if stack is None or not held.items:
                continue
            if _ident_func_of(stack) is not None:
                # Not asked for its ident: a thread that ends may have another one by now.
                storage = getattr(stack, "_local", stack).__storage__
                idents = {id(each()) for each in owner.refs}
                for ident, base in self._namespaces.get(number, {}).items():
                    idents |= {ident} if base is owner else set()
                stored = [names for ident, names in storage.items() if ident in idents]
                items = list(stored[0].get("stack", ())) if stored else []
            elif who is owner:
                items = self._quietly(find_items, stack)
            else:
                continue
            self._compare(Found(who, number, owner), held, items)

    def set(self, local: Any, name: str, value: object) -> None:
        """A name was set."""
        if (found := self._find(local, "Local")) is not None:
            text = self.text(value)
            held = self._held(found)
            held.names[name] = text
            held.own.add(name)
            self._append("set", found.who, found.number, name, text, found.owner)

    def get(self, local: Any, name: str, value: object) -> None:
        """A name was read; `MISSING` stands for one that was not there."""
        if (found := self._find(local, "Local")) is not None:
            text = None if value is self.MISSING else self.text(value)
            self._append("get", found.who, found.number, name, text, found.owner)

    def delete(self, local: Any, name: str) -> None:
        """A name was deleted."""
        if (found := self._find(local, "Local")) is not None:
            held = found.base.stored.get(found.number)
            if held is not None:
                held.names.pop(name, None)
                held.own.discard(name)
                if not held.names and found.ident is not None:
                    self._drop(found)
            self._append("delete", found.who, found.number, name, found.owner)

    def release(self, obj: Any, kind: Kind) -> None:
        """A Local or a LocalStack was released."""
        if (found := self._find(obj, kind)) is not None:
            self._drop(found)
            self._append("release", found.who, found.number, found.owner)

    def push(self, stack: Any, items: list[Any], value: object) -> None:
        """Something was pushed on a stack, which has these items now."""
        if (found := self._find(stack, "LocalStack")) is not None:
            held = self._held(found)
            if len(items) != len(held.ids) + 1 or (held.ids and id(items[-2]) != held.ids[-1]):
                self._compare(found, held, items[:-1])
            self._watch(found.number, stack)
            text = self.text(value)
            held.items.append(text)
            held.ids.append(id(value))
            self._append("push", found.who, found.number, text, found.owner)

    def pop(self, stack: Any, value: object) -> None:
        """The top was popped, or there was none."""
        if (found := self._find(stack, "LocalStack")) is not None:
            held = found.base.stored.get(found.number)
            if held and held.ids[-1:] != [id(value)]:
                items = self._quietly(find_items, stack)
                self._compare(found, held, items + [value] * (value is not None))
            # An empty stack and an item that is None look the same to the caller, not here.
            is_empty = value is None and not (held and held.items)
            text = None if is_empty else self.text(value)
            if held is not None:
                del held.items[-1:], held.ids[-1:]
                held.inherited = min(held.inherited, len(held.items))
                if not held.items and found.ident is not None:
                    self._drop(found)
            self._append("pop", found.who, found.number, text, found.owner)

    # ContextVars in which a web framework keeps its contexts: nothing tells of their changes.

    def _look_at_contexts(self, who: Who) -> None:
        for var in patch.context_vars:
            top = var.get(None)
            known = who.context_vars.setdefault(id(var), None if top is None else 0)
            if top is None and known is None:
                continue  # nothing in it, now and before
            number = self.objects.number(var, "ContextVar")
            self._forgets.add(number)
            found, held = Found(who, number, who), who.stored.get(number)
            if held is None and known == 0:
                self._inherit(found, _contexts_below(top))  # by the task that made this one
            else:
                self._step(found, held or self._held(found), top)
            who.context_vars[id(var)] = number

    def _step(self, found: Found, held: Held, top: Any) -> None:
        """Tell how a stack of contexts came to have this top."""
        who, number, *_ = found
        contexts = [] if top is None else _contexts_below(top)
        ids = [id(each) for each in contexts]
        if ids[-1:] == held.ids[-1:]:
            return
        if ids[:-1] == held.ids:
            held.items.append(self.text(top))
            held.ids.append(id(top))
            self._append("push", who, number, held.items[-1], None)
        elif ids[-1:] == held.ids[-2:-1]:
            text = held.items.pop()
            held.ids.pop()
            held.inherited = min(held.inherited, len(held.items))
            self._append("pop", who, number, text, None)
        else:
            self._compare(found, held, contexts)

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
        if (who := self._who_and_contexts()) is not None:
            number = self.objects.number(proxy, "LocalProxy")
            self._append("resolve", who, number, self.text(value))

    def unbound(self, proxy: Any, error: RuntimeError) -> None:
        """A proxy was used, and stood for nothing."""
        if (who := self._who_and_contexts()) is not None:
            number = self.objects.number(proxy, "LocalProxy")
            message = error.args[0] if error.args and type(error.args[0]) is str else ""
            if len(message) > MESSAGE:
                message = one_line(message, MESSAGE)
            self._append("unbound", who, number, message)

    # The web framework

    def phase(self, kind: str, *fields: Any, error: Any, place: Place | None) -> None:
        """A hook or a view begins or ends, perhaps by an ``error``."""
        if (who := self._who_and_contexts()) is not None:
            self._append(
                kind, who, *fields, None if error is None else self.text(error), place=place
            )

    def context(
        self, kind: str, type_: str, context: object, phase: str, error: Any = None
    ) -> None:
        """A context is pushed or popped; the phase "end" may be an ``error``."""
        if (who := self._who_and_contexts()) is not None:
            text = self.text(context)
            self._append(
                kind, who, type_, text, phase, None if error is None else self.text(error)
            )

    def signal(self, name: str, values: dict[str, object]) -> None:
        """A signal is sent."""
        if (who := self._who_and_contexts()) is not None:
            shown = [(key, value) for key, value in values.items() if key[0] != "_"]
            text = ", ".join(f"{key}={self.text(value)}" for key, value in shown)
            self._append("signal", who, name, one_line(text))

    def session(self, name: str, session: object) -> None:
        """A session was opened or saved."""
        if (who := self._who_and_contexts()) is not None:
            text = self.text(session)
            self._append("session", who, name, text)

    def error(self, error: BaseException, handled: list[bool]) -> None:
        """An exception reached the framework."""
        if (who := self._who_and_contexts()) is not None:
            text = self.text(error)
            self._append("error", who, text, handled)

    def gave_up(self, error: BaseException) -> None:
        """The framework has no answer to this exception: it will come once more."""
        if (who := self._who_and_contexts()) is not None:
            who.error = id(error)

    def error_at_last(self, error: BaseException) -> None:
        """An exception is answered with 500, or raised out of the framework."""
        if (who := self._who_and_contexts()) is not None:
            if who.error != id(error):  # it did not come by handle_user_exception
                text = self.text(error)
                self._append("error", who, text, [False])
            who.error = 0
