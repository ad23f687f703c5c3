"""Where it happened: the line of user code that an event goes back to.

The innermost frame is seldom it: ``request.path`` runs code of the proxy, of the stack and
of werkzeug. What is not the user's is left out: the standard library, minictx itself, and
the frameworks below.
"""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
from collections.abc import Iterable
from types import CodeType, FrameType

from minictx.trace.trace import Source

__all__ = ["Files", "Place", "find_place", "is_user_file", "line_of", "make_sources"]

PACKAGES = (
    *("werkzeug", "flask", "jinja2", "blinker", "itsdangerous", "markupsafe", "click"),
    *("greenlet", "gevent", "asgiref"),
)
NO_FILES = ("<frozen", "<string", "<template", "<werkzeug", "<attrs", "<__array")
AROUND = 4  # lines of source before and after each one where something happened
MOST_LINES = 20_000  # of source, in one trace

OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Programs of ours that are like any of a user's.
SHOWN = (
    os.path.join(OURS, "demo.py"),
    os.path.join(OURS, "compare", "locals", "behaviours") + os.sep,
)

# A code object, and how far in it: the number of the line is looked up when it is needed.
Place = tuple[CodeType | None, int]


def find_place(frame: FrameType | None) -> Place:
    """Return where the innermost frame of user code is, from ``frame`` outwards."""
    while frame is not None:
        code = frame.f_code
        if _is_user[code.co_filename]:
            return code, frame.f_lasti
        frame = frame.f_back
    return None, -1


def is_user_file(filename: str) -> bool:
    """Tell whether a file, as a code object names it, is the user's own.

    >>> import threading
    >>> is_user_file(threading.__file__), is_user_file("shop.py")
    (False, True)
    """
    return _is_user[filename]


class _Answers(dict[str, bool]):
    def __missing__(self, filename: str) -> bool:
        self[filename] = answer = _belongs_to_user(filename)
        return answer


_is_user = _Answers()


def _belongs_to_user(filename: str) -> bool:
    if filename.startswith("<"):
        # <stdin> and a notebook's cell are the user's; code that code wrote is not.
        return not filename.startswith(NO_FILES)
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    if not filename.endswith(".py") and filename != main:
        return False  # a template: its lines are not those of its file
    path = os.path.abspath(filename)
    if path.startswith(sysconfig.get_path("scripts") + os.sep):
        return False  # what an installed command begins with
    if path.startswith(SHOWN):
        return True
    if any(path.startswith(folder) for folder in _folders_of_frameworks()):
        return False
    in_library = any(
        path.startswith(sysconfig.get_path(name) + os.sep) for name in ("stdlib", "platstdlib")
    )
    return not in_library or "site-packages" in path or "dist-packages" in path


def _folders_of_frameworks() -> Iterable[str]:
    yield OURS + os.sep
    for name in PACKAGES:
        # It is loaded, if code of it runs.
        file = getattr(sys.modules.get(name), "__file__", None)
        if file:
            yield os.path.dirname(os.path.abspath(file)) + os.sep


def line_of(place: Place) -> int | None:
    """Return the number of the line."""
    code, lasti = place
    if code is None:
        return None
    lines = _lines.get(code)
    if lines is None:
        lines = _lines[code] = [start for start, *_ in code.co_positions()]
    index = max(lasti, 0) // 2  # an instruction has two bytes
    line = lines[index] if index < len(lines) else None
    return code.co_firstlineno if line is None else line


_lines: dict[CodeType, list[int | None]] = {}


class Files:
    """Name files as a reader does: relative to the folder that he is in."""

    def __init__(self) -> None:
        self._folder = os.getcwd() + os.sep
        self._names: dict[str, str] = {}

    def name(self, filename: str) -> str:
        """Return the name to show for what a code object calls ``filename``."""
        name = self._names.get(filename)
        if name is None:
            path = filename if filename.startswith("<") else os.path.abspath(filename)
            name = path.removeprefix(self._folder).replace(os.sep, "/")
            self._names[filename] = name
        return name


def make_sources(places: Iterable[Place], files: Files) -> list[Source]:
    """Read the lines around all these places, each only once."""
    wanted: dict[str, set[int]] = {}
    for place in places:
        line = line_of(place)
        if place[0] is not None and line is not None:
            around = range(max(line - AROUND, 1), line + AROUND + 1)
            wanted.setdefault(place[0].co_filename, set()).update(around)
    sources: list[Source] = []
    left = MOST_LINES
    for filename in sorted(wanted):
        text = linecache.getlines(filename)
        for first, last in _ranges(sorted(wanted[filename])):
            lines = [line.rstrip("\n") for line in text[first - 1 : last]][:left]
            left -= len(lines)
            if lines:
                sources.append(Source(files.name(filename), first, lines))
    return sources


def _ranges(numbers: list[int]) -> Iterable[tuple[int, int]]:
    first = previous = numbers[0]
    for number in numbers[1:]:
        if number != previous + 1:
            yield first, previous
            first = number
        previous = number
    yield first, previous
