"""Rows: a trace as a list to read, with what repeats folded into one row."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from minictx.trace.fold import Part, fold
from minictx.trace.state import State
from minictx.trace.words import clean, describe, owner_of

if TYPE_CHECKING:
    from minictx.trace.trace import Event, Trace

__all__ = ["Holding", "Row", "make_rows"]

ENOUGH = 18  # columns that tell a value from others, mostly
CHANGES = {"inherit", "change", "set", "delete", "release", "push", "pop"}
NOWHERE = {"begin", "switch", "inherit", "end", "left", "limit"}  # no line of code says this


@dataclass(frozen=True)
class Holding:
    """What one context holds in a Local or a LocalStack."""

    label: str
    items: list[str]
    brackets: tuple[str, str]

    def text(self) -> str:
        """Return all of it.

        >>> Holding("stack", ["<Context '/first'>", "<Context '/second'>"], ("[", "]")).text()
        "stack: [<Context '/first'>, <Context '/second'>]"
        """
        begin, end = self.brackets
        return f"{self.label}: {begin}{', '.join(self.items)}{end}"

    def lines(self, width: int) -> list[str]:
        """Return one line, or two where the items do not fit: they are cut, the top comes last.

        >>> held = Holding("stack", ["<Context '/first'>", "<Context '/second'>"], ("[", "]"))
        >>> print(*held.lines(30), sep="\\n")
        stack:
        […, <Context '/second'>]
        """
        if len(self.text()) <= width or not self.items:
            return [self.text()]
        begin, end = self.brackets
        items: list[str] = []
        for item in reversed(self.items):  # of a high stack, what is on top
            if sum(min(len(each), ENOUGH) + 2 for each in [*items, item]) > width - 3 and items:
                items.insert(0, "…")
                break
            items.insert(0, item)
        items = _cut_evenly(items, width - 2 * len(items))
        return [f"{self.label}:", f"{begin}{', '.join(items)}{end}"]


def _cut_evenly(items: list[str], room: int) -> list[str]:
    """Cut the long ones, so that all fit; what the short ones do not need is for them."""
    share = room // len(items)
    short = [len(item) for item in items if len(item) <= share]
    if len(short) < len(items):
        share = max((room - sum(short)) // (len(items) - len(short)), 6)
    return [item if len(item) <= share else item[: share - 1] + "…" for item in items]


@dataclass(frozen=True)
class Row:
    """One row: an event, or several that are told in one."""

    event: Event
    last: int  # the number of the last event that the row stands for
    text: str
    file: str = ""  # without its folder; "" where no line of code says this
    line: int = 0
    code: str = ""
    holding: Holding | None = None
    depth: int = 0  # inside of how many hooks, views, pushes and pops
    alive: frozenset[int] = frozenset()


def make_rows(trace: Trace, arrow: str = "→") -> Iterator[Row]:
    """Yield the rows of a trace.

    >>> from minictx.trace.trace import Object, Runner, Trace
    >>> trace = Trace("app.py", {1: Runner(1, "thread", "alice")}, {7: Object(7, "Local", "l")})
    >>> place = {"n": 1, "t": 0.0, "context": 1, "file": None, "line": None, "function": None}
    >>> trace.events = [{"kind": "set", **place, "object": 7, "name": "n", "value": "1"}]
    >>> for row in make_rows(trace):
    ...     print(row.text, "|", row.holding.text())
    l.n = 1 | l: {'n': 1}
    """
    return _Rows(trace, arrow).make()


class _Rows:
    def __init__(self, trace: Trace, arrow: str) -> None:
        self.trace, self.arrow = trace, arrow
        self.state = State()
        self.depths: dict[int, int] = {}  # {context: depth}
        self.code = {
            (source.file, number): line.strip()
            for source in trace.sources
            for number, line in enumerate(source.lines, source.first)
        }

    def make(self) -> Iterator[Row]:
        for part in fold(self.trace.events):
            yield self.note(part) if part.rows_above else self.row(part.events)

    def row(self, events: Sequence[Event]) -> Row:
        event, last = events[0], events[-1]
        text = describe(self.trace, event, self.arrow)
        if event["kind"] != last["kind"]:
            text = describe(self.trace, last, self.arrow)
        elif event.get("phase") != last.get("phase"):
            text = describe(self.trace, {**last, "phase": None}, self.arrow)
        elif len(events) > 1:
            text += f" ({len(events)} times)"
        for each in events:
            self.apply(each)
        depth = self.depths.get(event["context"], 0)
        if event.get("phase") == "begin" == last.get("phase"):
            depth -= 1  # the row that begins it stands outside of it
        return Row(
            event,
            last["n"],
            text,
            *self.where(event),
            self.holding(event),
            0 if event["kind"] in NOWHERE else depth,
            frozenset(self.state.alive),
        )

    def note(self, part: Part) -> Row:
        for event in part.events:
            self.apply(event)
        first, last = part.events[0], part.events[-1]
        times = len(part.events) // part.rows_above
        text = f"(the {part.rows_above} rows above, {times} times more)"
        depth = self.depths.get(first["context"], 0)
        return Row(first, last["n"], text, depth=depth, alive=frozenset(self.state.alive))

    def apply(self, event: Event) -> None:
        context = event["context"]
        self.state.apply(event)
        # A context that was there before the recording has no beginning in the trace.
        if event["kind"] != "end":
            self.state.alive.add(context)
        change = {"begin": 1, "end": -1}.get(event.get("phase") or "", 0)
        self.depths[context] = max(self.depths.get(context, 0) + change, 0)

    def where(self, event: Event) -> tuple[str, int, str]:
        if event["file"] is None or event["kind"] in NOWHERE:
            return "", 0, ""
        code = self.code.get((event["file"], event["line"]), f"in {event['function']}")
        return clean(os.path.basename(event["file"])), event["line"], clean(code)

    def holding(self, event: Event) -> Holding | None:
        if event["kind"] not in CHANGES or event["object"] not in self.trace.objects:
            return None
        obj, owner = self.trace.objects[event["object"]], owner_of(event)
        if obj.type != "Local":
            items = [clean(item) for item in self.state.stacks.get(obj.id, {}).get(owner, [])]
            return Holding(clean(obj.label), items, ("[", "]"))
        names = self.state.locals.get(obj.id, {}).get(owner, {})
        items = [clean(f"{name!r}: {value}") for name, value in names.items()]
        return Holding(clean(obj.label), items, ("{", "}"))
