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
from minictx.trace.objects import Numbers
from minictx.trace.trace import Runner

__all__ = ["Held", "Runners", "Who", "busy"]

# The ids of the owners for which a recorder works at this moment: it calls the repr of
# somebody's object, and what that does is no event of the program.
busy: set[int] = set()

Kind = Literal["thread", "greenlet", "task"]


class Held:
    """What one context holds in one object, in the texts of the trace.

    A Local has names; a stack has items, and their ids, by which a change of the list is
    noticed that no call has told of. ``own`` are the names that this context has set itself,
    and ``inherited`` the number of items that it has not pushed.
    """

    __slots__ = ("ids", "inherited", "items", "names", "own")

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.own: set[str] = set()
        self.items: list[str] = []
        self.ids: list[int] = []
        self.inherited = 0

    def fill(self, items: list[tuple[int, str]]) -> None:
        """Take these (id, text) for all the items."""
        self.ids, self.items = [id for id, _ in items], [text for _, text in items]

    def __len__(self) -> int:
        return len(self.names) or len(self.items)


class Who:
    """Know one who runs: a number, a base, and what it has stored so far."""

    __slots__ = ("base", "context_vars", "ended", "error", "id", "refs", "stored")

    def __init__(self, number: int, base: Who | None) -> None:
        self.id = number
        self.base = base or self
        self.ended = False
        self.error = 0  # the id of the exception that its web framework could not handle
        self.stored: dict[int, Held] = {}  # {number of an object: what it holds for this one}
        # {id of a framework's ContextVar: its number here; None: it was seen empty}
        self.context_vars: dict[int, int | None] = {}
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
        on_end: Callable[[Who, bool], None],
    ) -> None:
        self.known: dict[int, Runner] = {}
        self.all: list[Who] = []
        self._on_begin, self._on_end = on_begin, on_end
        self._numbers = Numbers()
        self._labels: dict[str, int] = {}
        self._following: dict[str, count[int]] = {}  # the number that makes a label unique
        self._by_owner: dict[int, Who] = {}  # {id of a greenlet, thread or task: Who}
        self._parents: dict[int, tuple[ref[Any], int]] = {}  # those of threads and tasks to be
        self._making: dict[int, Who] = {}  # {id of a greenlet: who makes a task in it}

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
            spawner = self._spawner_of(owner)
            if spawner is not None:
                parent = spawner.id
            elif parent is None:
                above = self._by_owner.get(id(owner.parent))
                parent = above.id if above else None
            return self._add("greenlet", label, None, parent, (owner, life))
        label = thread.name if thread is not None else ""
        if parent is None:
            parent = self._parent_of(thread)
        return self._add("thread", label, None, parent, (owner, life))

    def _spawner_of(self, owner: Any) -> Who | None:
        """Return who spawned a greenlet of gevent; it is the hub that switches to it."""
        spawner = getattr(owner, "spawning_greenlet", None)
        return self.find(spawner()) if isinstance(spawner, ref) else None

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
            maker = self._making.get(id(get_owners()[0]))
            parent = self._parent_of(owners[0]) or (maker.id if maker else parent)
        who = Who(self._numbers.new(), base)
        key = id(owners[0])

        def forget(_: ref[Any]) -> None:
            # Only its own: another one may have that id by now.
            if self._by_owner.get(key) is who:
                self._by_owner.pop(key, None)
            self.end(who, is_gone=True)

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

    def begin_making(self) -> Callable[[], None]:
        """Note that the one who runs makes a task now; return what notes that it has."""
        key, who = id(get_owners()[0]), self.current()
        before = self._making.get(key)
        if who is not None:
            self._making[key] = who

        def done() -> None:
            if before is None:
                self._making.pop(key, None)
            else:
                self._making[key] = before

        return done

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

    def end(self, who: Who, is_gone: bool = False) -> None:
        """Note that this one will not run again; ``is_gone``: its storage may be gone, too."""
        if not who.ended:
            who.ended = True
            self._on_end(who, is_gone)
