"""Events: a long list of small tuples that reads like a list of dicts.

A million dicts would take a gigabyte. An event is kept as

    (kind, t, context, code, lasti, what its kind has...)

and becomes the dict that docs/trace-format.md describes when somebody looks at it. Switches
are not kept at all: there is one wherever two events that follow each other have different
contexts. That cannot be wrong, even where two threads record at the same moment.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from types import CodeType
from typing import Any, overload

from minictx.trace.places import Files, Place, line_of
from minictx.trace.trace import KINDS, OPTIONAL, Event

__all__ = ["Events", "Raw"]

Raw = tuple[Any, ...]


class Events(Sequence[Event]):
    """Show tuples as events, numbered from 1, with the switches between them.

    >>> raw = [("begin", 0.0, 1, None, -1), ("begin", 0.1, 2, None, -1)]
    >>> raw.append(("set", 0.2, 1, None, -1, 7, "user", "'alice'", None))
    >>> events = Events(raw, Files())
    >>> [(event["n"], event["kind"], event["context"]) for event in events]
    [(1, 'begin', 1), (2, 'begin', 2), (3, 'switch', 1), (4, 'set', 1)]
    >>> events[2]["from"]
    2
    """

    def __init__(self, raw: list[Raw], files: Files) -> None:
        self._raw, self._files = raw, files
        # For each event the index of its tuple; -1 - index for the switch before that one.
        self._index = array("q")
        self._seen = 0  # tuples that have their place in the index
        self._running: int | None = None  # the context of the last of them

    def _catch_up(self) -> array[int]:
        raw, index = self._raw, self._index
        if self._seen and raw[self._seen - 1][0] == "limit":
            return index
        for number in range(self._seen, len(raw)):
            kind, _, context, *_ = raw[number]
            is_new = context != self._running
            if is_new and kind not in ("begin", "end", "switch"):
                index.append(-1 - number)
            if is_new or kind != "switch":
                index.append(number)
            if kind != "end":  # somebody else may see it end, and goes on
                self._running = context
            self._seen = number + 1
            if kind == "limit":  # another thread may have added one more, just then
                break
        return index

    def __len__(self) -> int:
        return len(self._catch_up())

    @overload
    def __getitem__(self, position: int) -> Event: ...
    @overload
    def __getitem__(self, position: slice) -> list[Event]: ...
    def __getitem__(self, position: int | slice) -> Event | list[Event]:
        index = self._catch_up()
        if isinstance(position, slice):
            return [self._make(at) for at in range(len(index))[position]]
        return self._make(range(len(index))[position])

    def __iter__(self) -> Iterator[Event]:
        at = 0
        while at < len(self):
            yield self._make(at)
            at += 1

    def _make(self, at: int) -> Event:
        number = self._index[at]
        kind, t, context, code, lasti, *values = self._raw[
            number if number >= 0 else -1 - number
        ]
        event: Event = {"kind": kind, "n": at + 1, "t": round(t, 7), "context": context}
        event |= {"file": None, "line": None, "function": None}
        if code is not None:
            event["file"] = self._files.name(code.co_filename)
            event["line"], event["function"] = line_of((code, lasti)), code.co_qualname
        if number < 0 or kind == "switch":
            event["kind"], event["from"] = "switch", self._context_before(at)
            return event
        event.update(zip(KINDS[kind], values, strict=True))
        for key in OPTIONAL:
            if event.get(key, "") is None:
                del event[key]
        if kind == "error":  # known only after the framework has dealt with it
            event["handled"] = event["handled"][0]
        return event

    def _context_before(self, at: int) -> int | None:
        for number in reversed(self._index[max(at - 100, 0) : at]):
            raw = self._raw[number if number >= 0 else -1 - number]
            if raw[0] != "end":
                context: int = raw[2]
                return context
        return None

    def places(self) -> set[Place]:
        """Return where all this happened."""
        seen: dict[tuple[int, int], Place] = {}
        for raw in self._raw:
            code: CodeType | None = raw[3]
            if code is not None:
                seen.setdefault((id(code), raw[4]), (code, raw[4]))
        return set(seen.values())

    def __repr__(self) -> str:
        return f"<{len(self)} events>"
