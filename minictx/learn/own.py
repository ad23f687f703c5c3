"""Is what passed the student's own, or minictx's, werkzeug's, or the course's solution?

It finds what is plainly taken over. It is no proof: see "Grading" in docs/course.md.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

__all__ = ["taken_imports", "taken_values", "tell", "watch_solutions"]

Taken = tuple[str, str]  # its name, and whose it is
# Whose classes the students rebuild; what tools they may use.
OWNERS = {"minictx": "minictx's", "werkzeug.local": "werkzeug's", "flask": "Flask's"}
TOOLS = ("minictx.stage", "minictx.trace")


def owner_of(module: str) -> str:
    """Return whose a module is; "" if students may use what is in it.

    >>> owner_of("minictx.local"), owner_of("werkzeug.wrappers"), owner_of("minictx.stage")
    ("minictx's", '', '')
    """
    if any(_is_in(module, tool) for tool in TOOLS):
        return ""
    return next((owner for name, owner in OWNERS.items() if _is_in(module, name)), "")


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def tell(taken: Iterable[Taken]) -> str:
    """Return what the student reads.

    >>> tell([("Local", "minictx's"), ("release_local", "minictx's")])
    "Local, release_local: these are minictx's; write your own"
    """
    names, owners = (" and ".join(dict.fromkeys(each)) for each in zip(*taken, strict=True))
    return f"{names.replace(' and ', ', ')}: these are {owners}; write your own"


def owners_in(files: Iterable[Path]) -> frozenset[str]:
    """Return whose names some files import: what a course itself uses, its students may."""
    return frozenset(owner_of(name) for file in files for name in _imports_in(file))


def taken_imports(files: Iterable[Path], free: Collection[str]) -> list[Taken]:
    """Return what files import and should define; what is of a ``free`` owner may be used."""
    found = dict.fromkeys(name for file in files for name in _imports_in(file))
    taken = [(name, owner_of(name)) for name in found]
    return [(name, owner) for name, owner in taken if owner and owner not in free]


def _imports_in(file: Path) -> Iterator[str]:
    """Yield the names that a file imports: ``from a import b`` is "a.b"."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, ValueError, SyntaxError):  # then nothing is imported from it, either
        return
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Import(names=names):
                yield from (alias.name for alias in names)


def taken_values(module: ModuleType, free: Collection[str]) -> list[Taken]:
    """Return what a student's module has and does not define.

    A class counts as taken if any class that it inherits from is, or any of its functions.
    """
    taken = []
    for name, value in list(vars(module).items()):
        # type(), as a proxy answers isinstance() for its object.
        if type(value) is not ModuleType and not name.startswith("__"):
            owners = (owner_of(origin) for origin in _origins(value))
            taken += [(name, owner) for owner in owners if owner and owner not in free][:1]
    return taken


def _origins(value: Any) -> Iterator[str]:
    cls = value if issubclass(type(value), type) else type(value)
    for each in cls.__mro__:
        functions = [member for member in vars(each).values() if type(member) is FunctionType]
        yield from (str(member.__module__) for member in (each, *functions))
    if type(value) is FunctionType:
        yield str(value.__module__)


def watch_solutions(course: str) -> list[Taken]:
    """Return a list that gets each solution in the folder ``course`` that is opened."""
    opened: list[Taken] = []
    inside = os.path.realpath(course) + os.sep

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or type(arguments[0]) not in (str, bytes):
            return
        path = os.path.realpath(os.fsdecode(arguments[0]))
        if not path.startswith(inside):
            return
        exercise, *folders, name = path.removeprefix(inside).split(os.sep)
        if name.startswith("solution.") or "right" in folders:  # solution.cpython-313.pyc, too
            opened.append((f"the solution of {exercise}", "the course's"))

    sys.addaudithook(hook)
    return opened
