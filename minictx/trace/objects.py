"""Which Local, LocalStack or LocalProxy it is: a number, and the name of its variable."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from inspect import CO_OPTIMIZED
from itertools import count
from types import FrameType, ModuleType
from typing import Any, Literal

from minictx.trace.places import is_user_file
from minictx.trace.trace import Object

__all__ = ["Kind", "Numbers", "Objects"]

Kind = Literal["Local", "LocalStack", "LocalProxy", "ContextVar"]

MOST_NAMES = 500  # so many objects are looked for in the variables, not all of a million
LIBRARIES = (
    *("minictx.web.globals", "minictx.web.logging"),
    *("flask.globals", "flask.logging", "__main__"),
)


class Numbers:
    """Count from 1. Two threads never get the same number, with no lock to wait for."""

    def __init__(self) -> None:
        self._next = count(1)
        self._given: dict[int, object] = {}

    def new(self) -> int:
        """Return the next number."""
        while True:
            number, mine = next(self._next), object()
            # Without a GIL, a count may give out a number twice; a dict is safe.
            if self._given.setdefault(number, mine) is mine:
                return number


class Objects:
    """Number the objects, and find out what their variables are called.

    Nothing is asked of the objects themselves, and none is kept alive: the classes are
    patched to tell when one is gone (`forget`), as a LocalProxy has no weak references.
    """

    def __init__(self) -> None:
        self.known: dict[int, Object] = {}
        self._numbers = Numbers()
        self._by_id: dict[int, int] = {}
        self._unnamed: dict[int, int] = {}  # {number: id()} of those without a name so far
        self._labels: dict[str, int] = {}
        self._counts: dict[str, Numbers] = defaultdict(Numbers)

    def number(self, obj: object, kind: Kind) -> int:
        """Return the number of an object, and look for its name if it is not known yet."""
        number = self._by_id.get(id(obj))
        if number is None:
            number = self._add(obj, kind)
        elif number in self._unnamed and self.known[number].type == "LocalProxy":
            # A proxy is made before it has a name: the first use comes after that.
            self._look(number, sys._getframe(2))
            self._unnamed.pop(number, None)
        return number

    def _add(self, obj: object, kind: Kind) -> int:
        new = self._numbers.new()
        self.known[new] = Object(new, kind, f"{kind} {self._counts[kind].new()}")
        number = self._by_id.setdefault(id(obj), new)
        if number != new:  # another thread was quicker
            del self.known[new]
        elif number <= MOST_NAMES:
            self._unnamed[number] = id(obj)
            if kind != "LocalProxy":
                self._look(number, sys._getframe(3))
        return number

    def label_proxy(self, proxy: object) -> str:
        """Return the name of a proxy's variable, or nothing."""
        if id(proxy) not in self._by_id:
            self.number(proxy, "LocalProxy")
        label = self.known[self.number(proxy, "LocalProxy")].label
        return "" if label.startswith("LocalProxy ") else label

    def forget(self, obj: object) -> int | None:
        """Give up, and return, the number of an object that is gone: its id() is free now."""
        number = self._by_id.pop(id(obj), None)
        if number is not None:
            self._unnamed.pop(number, None)
        return number

    def name_the_rest(self) -> None:
        """Look for the names that were not found so far in all modules of the user."""
        if not self._unnamed:
            return
        names: dict[int, str] = {}
        for module in list(sys.modules.values()):
            # A module of another type may do anything when it is asked for its attributes.
            if type(module) is ModuleType:
                variables = vars(module)
                file = variables.get("__file__") or "<frozen"
                if variables.get("__name__") in LIBRARIES or is_user_file(file):
                    for name, value in variables.copy().items():
                        names.setdefault(id(value), name)
        for number, wanted in list(self._unnamed.items()):
            if wanted in names:
                self._name(number, names[wanted])

    def _look(self, number: int, frame: FrameType | None) -> None:
        """Look for the name in the variables that the running code can see."""
        for variables in _variables(frame):
            if self._find_in(variables, number):
                return

    def _find_in(self, variables: dict[str, Any], number: int) -> bool:
        wanted = self._unnamed.get(number)
        # A copy, made at once: another thread may set a variable at this moment.
        for name, value in variables.copy().items():
            if id(value) == wanted and name != "self":
                self._name(number, name)
                return True
        return False

    def _name(self, number: int, name: str) -> None:
        self._unnamed.pop(number, None)
        label = name
        for following in count(2):
            if self._labels.setdefault(label, number) == number:
                break
            label = f"{name} ({following})"
        self.known[number] = Object(number, self.known[number].type, label)


def _variables(frame: FrameType | None) -> Iterator[dict[str, Any]]:
    seen: set[int] = set()
    frames = []
    while frame is not None:
        if is_user_file(frame.f_code.co_filename):
            frames.append(frame)
        frame = frame.f_back
    for each in frames:
        if id(each.f_globals) not in seen:
            seen.add(id(each.f_globals))
            yield each.f_globals
    for name in LIBRARIES:
        if name in sys.modules:
            yield vars(sys.modules[name])
    for each in frames:
        if each.f_code.co_flags & CO_OPTIMIZED:
            yield _locals_of(each)


def _locals_of(frame: FrameType) -> dict[str, Any]:
    names = frame.f_locals
    found = dict(names)
    # Until Python 3.12, the frame keeps this dict, and so everything in it alive. It can be
    # emptied unless the function has called locals(): then it has the same dict. The three
    # references are that of the frame, `names`, and the argument.
    if type(names) is dict and sys.getrefcount(names) <= 3:
        names.clear()
    return found
