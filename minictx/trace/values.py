"""Show a value as a short text, whatever the value is, and without changing it.

The text is made at the moment of an event, in the middle of somebody's program. So a
`repr` that raises, that never ends, or that is a megabyte long must not harm anyone, and a
proxy must not be resolved by being looked at.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from time import perf_counter
from typing import Any

__all__ = ["describe", "is_proxy", "one_line"]

LENGTH = 120  # characters of a whole text
ITEMS = 6  # items of a container
MOST_ITEMS = 1000  # of one whose repr knows no limit
DEPTH = 3  # containers in containers
DIGITS = 100  # of an int: Python takes long to write a long one, or refuses
SECONDS = 0.1  # a type whose repr takes longer is not asked again

# An address is another one in every run, and says nothing to a reader.
_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+|(?<=memory):[0-9a-f]{6,}")
_slow: set[type] = set()


def describe(value: object, name_proxy: Callable[[object], str] = lambda _: "") -> str:
    """Return a short text for any value.

    >>> describe({"user": "alice", "roles": ["admin"] * 100})
    "{'user': 'alice', 'roles': ['admin', 'admin', 'admin', 'admin', 'admin', 'admin', ...]}"
    >>> class Broken:
    ...     def __repr__(self):
    ...         raise ValueError("no")
    >>> describe([Broken()])
    '[<Broken: repr raised ValueError>]'

    A proxy is not resolved, but named; ``name_proxy`` knows the names.
    """
    return one_line(_show(value, DEPTH, name_proxy))


def one_line(text: str, length: int = LENGTH) -> str:
    """Cut a text to ``length``, and write what a terminal would obey as an escape."""
    if len(text) > length:
        text = text[: length - 3] + "..."
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def is_proxy(value: object) -> bool:
    """Tell whether this is a LocalProxy, of minictx or werkzeug, without resolving it."""
    # isinstance() would ask value.__class__, which is that of the object it stands for.
    for base in type(value).__mro__:
        if base.__name__ == "LocalProxy" and base.__module__ in _MODULES:
            return True
    return False


_MODULES = frozenset({"minictx.proxy", "werkzeug.local"})


def _show(value: object, depth: int, name_proxy: Callable[[object], str]) -> str:
    cls = type(value)
    if cls is str or cls is bytes or cls is bytearray:
        return repr(value[:LENGTH])  # type: ignore[index]
    if cls is int and value.bit_length() > DIGITS * 3:  # type: ignore[attr-defined]
        return f"<int of {value.bit_length()} bits>"  # type: ignore[attr-defined]
    if cls in _CONTAINERS:
        return _show_container(value, depth, name_proxy)
    if is_proxy(value):
        return f"<{cls.__name__}{' ' * bool(name_proxy(value))}{name_proxy(value)}>"
    return _ask(value, cls)


def _show_container(value: Any, depth: int, name_proxy: Callable[[object], str]) -> str:
    cls = type(value)
    opening, closing = _CONTAINERS[cls]
    if not value:
        return repr(cls())
    if depth == 0:
        return f"{opening}...{closing}"
    items: Iterable[str]
    try:
        first = list(islice(value.items() if cls is dict else value, ITEMS))
    except RuntimeError:  # another thread changes it at this moment
        return f"{opening}...{closing}"
    if cls is dict:
        items = (
            f"{_show(key, depth - 1, name_proxy)}: {_show(item, depth - 1, name_proxy)}"
            for key, item in first
        )
    else:
        items = (_show(item, depth - 1, name_proxy) for item in first)
    text = ", ".join(items)
    if len(value) > ITEMS:
        text += ", ..."
    elif cls is tuple and len(value) == 1:
        text += ","
    return f"{opening}{text}{closing}"


_CONTAINERS: dict[type, tuple[str, str]] = {
    dict: ("{", "}"),
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
}


_SIZED = frozenset({dict, list, tuple, set, frozenset, deque})


def _ask(value: object, cls: type) -> str:
    for base in cls.__mro__:
        # Of a container that is none of the above, repr shows all that is in it.
        if base in _SIZED and (length := base.__len__(value)) > MOST_ITEMS:  # type: ignore[attr-defined]
            return f"<{cls.__name__} of {length} items>"
    if cls in _slow:
        return f"<{cls.__name__}: repr is slow>"
    start = perf_counter()
    try:
        if getattr(cls, "__repr__", None) is object.__repr__:
            return f"<{cls.__name__} object>"
        text = repr(value)
        if type(text) is not str:
            text = str.__str__(text)
    except KeyboardInterrupt:  # the user's, not the value's
        raise
    except BaseException as error:
        text = f"<{cls.__name__}: repr raised {type(error).__name__}>"
    if perf_counter() - start > SECONDS:
        _slow.add(cls)
    return _ADDRESS.sub("", text[: 2 * LENGTH])
