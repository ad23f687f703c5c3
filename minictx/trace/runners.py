"""Who runs, under a name that a reader recognizes: threads, greenlets and tasks.

A thread or greenlet is known by the same owner as in `minictx/ident.py`, and watched by a
weak reference in the same way: the `id()` of a dead one is given away again, the number
that it has here is not. A task is asked for where an event loop runs; whatever it stores in
a Local goes to the namespace of its thread, its `base`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from itertools import count
from typing import Any, Literal
from weakref import ref

from minictx.ident import get_owners
from minictx.trace.trace import Runner

__all__ = ["Runners", "Who", "busy"]

# The ids of the owners for which a recorder works at this moment: it calls the repr of
# somebody's object, and what that does is no event of the program.
busy: set[int] = set()

Kind = Literal["thread", "greenlet", "task"]


class Who:
    """Know one who runs: a number, a base, and what it has stored so far."""

    __slots__ = ("base", "ended", "error", "id", "refs", "stored")

    def __init__(self, number: int, base: Who | None) -> None:
        self.id = number
        self.base = base or self
        self.ended = False
        self.error = 0  # the id of the exception that its web framework could not handle
        # {id of a Local: {name: text}, id of a LocalStack: [text, ...]}
        self.stored: dict[int, Any] = {}
        self.refs: list[ref[Any]] = []


def _kind_of(owner: object) -> str:
    """Return the name of a special greenlet's class, such as gevent's Hub."""
    name = type(owner).__name__
    return "" if name == "greenlet" else name


class Runners:
    """Find out who runs, and tell when somebody does for the first, or the last time."""

    def __init__(
        self,
        on_begin: Callable[[Who], None],
        on_end: Callable[[Who], None],
    ) -> None:
        self.known: dict[int, Runner] = {}
        self.all: list[Who] = []
        self._on_begin, self._on_end = on_begin, on_end
        self._numbers = count(1)
        self._labels: dict[str, int] = {}
        self._following: dict[str, count[int]] = {}  # the number that makes a label unique
        self._by_owner: dict[int, Who] = {}  # {id of a greenlet, thread or task: Who}
        self._parents: dict[int, tuple[ref[Any], int]] = {}  # those of threads and tasks to be

    def current(self) -> Who | None:
        """Return who runs this; None while it runs for a recorder."""
        owner, life = get_owners()
        key = id(owner)
        if busy and key in busy:
            return None
        who = self._by_owner.get(key)
        if who is None:
            who = self._discover(owner, life)
        asyncio = sys.modules.get("asyncio")
        if asyncio is not None:
            who = self._task(asyncio, owner, who)
        return None if who.ended else who

    def _task(self, asyncio: Any, owner: Any, who: Who) -> Who:
        try:
            if asyncio._get_running_loop() is None:  # far cheaper than the error below
                return who
            task = asyncio.current_task()
        except (AttributeError, RuntimeError):  # asyncio is being imported just now
            return who
        # A greenlet that a task started, to call code that blocks, is somebody of its own.
        if task is None or getattr(owner, "parent", None) is not None:
            return who
        found = self._by_owner.get(id(task))
        if found is None:
            found = self._add("task", task.get_name(), who, who.id, (task,))
            task.add_done_callback(lambda _: self.end(found))
        return found

    def begin_thread(self, thread: Any) -> None:
        """Note that this thread runs for the first time."""
        owner, life = get_owners()
        if id(owner) not in self._by_owner:
            self._discover(owner, life, thread=thread)

    def _discover(
        self, owner: Any, life: object, parent: int | None = None, thread: Any = None
    ) -> Who:
        if thread is None:
            # Not current_thread(): it would make a Thread for one that has none.
            active: dict[int, Any] = threading._active  # type: ignore[attr-defined]
            thread = active.get(threading.get_ident())
        if getattr(owner, "parent", None) is not None:  # not the main greenlet of a thread
            name = getattr(owner, "name", None)
            label = name if isinstance(name, str) and name else _kind_of(owner)
            if parent is None:
                above = self._by_owner.get(id(owner.parent))
                parent = above.id if above else None
            return self._add("greenlet", label, None, parent, (owner, life))
        label = thread.name if thread is not None else ""
        if parent is None:
            parent = self._parent_of(thread)
        return self._add("thread", label, None, parent, (owner, life))

    def begin_greenlet(self, origin: object) -> None:
        """Note the greenlet that runs, if it is a new one: ``origin`` switched to it first."""
        owner, life = get_owners()
        if id(owner) not in self._by_owner:
            parent = self._by_owner.get(id(origin))
            self._discover(owner, life, parent.id if parent else None)

    def _add(
        self, kind: Kind, label: str, base: Who | None, parent: int | None, owners: Any
    ) -> Who:
        if kind == "task":
            parent = self._parent_of(owners[0]) or parent
        who = Who(next(self._numbers), base)
        key = id(owners[0])

        def forget(_: ref[Any]) -> None:
            # Only its own: another one may have that id by now.
            if self._by_owner.get(key) is who:
                self._by_owner.pop(key, None)
            self.end(who)

        who.refs = [ref(owner, forget) for owner in owners]
        label = self._unique(label, kind, who.id)
        self.known[who.id] = Runner(who.id, kind, label, parent)
        self.all.append(who)
        self._by_owner[key] = who
        self._on_begin(who)
        return who

    def _unique(self, label: str, kind: Kind, number: int) -> str:
        wanted = label or f"{kind} 1"
        # setdefault: two threads may want the same label at the same moment.
        while self._labels.setdefault(wanted, number) != number:
            following = next(self._following.setdefault(label or kind, count(2)))
            wanted = f"{label} ({following})" if label else f"{kind} {following}"
        return wanted

    def started(self, runner: object) -> None:
        """Note that the one who runs starts this thread, or makes this task."""
        who = self.current()
        if who is not None:
            key = id(runner)
            self._parents[key] = ref(runner, lambda _: self._parents.pop(key, None)), who.id

    def _parent_of(self, runner: object) -> int | None:
        entry = self._parents.get(id(runner))
        return entry[1] if entry is not None and entry[0]() is runner else None

    def find(self, owner: object) -> Who | None:
        """Return the one whom this greenlet, thread or task belongs to, if it is known."""
        return self._by_owner.get(id(owner))

    def of_thread(self) -> Who | None:
        """Return the one whom the main greenlet of this thread belongs to, if it is known."""
        owner: Any = get_owners()[0]
        while getattr(owner, "parent", None) is not None:
            owner = owner.parent
        return self.find(owner)

    def end(self, who: Who) -> None:
        """Note that this one will not run again."""
        if not who.ended:
            who.ended = True
            self._on_end(who)
