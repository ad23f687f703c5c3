"""Trace: what was recorded, and its file: JSON lines, described in docs/trace-format.md."""

from __future__ import annotations

import json
import os
import platform
import reprlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Literal

from minictx.errors import MinictxError

__all__ = ["Event", "Object", "Runner", "Source", "Trace", "TraceError"]

FORMAT, VERSION = "minictx-trace", 1

Event = dict[str, Any]  # {"kind": ..., "n": ..., "context": ..., and what its kind has}

REQUIRED = ("n", "t", "context", "file", "line", "function")

# What may stand under a key, wherever it is used. Other keys are not read.
TYPES: dict[str, Any] = {
    "kind": str, "n": int, "t": int | float, "context": int,
    "file": str | None, "line": int | None, "function": str | None,
    "id": int, "label": str, "parent": int | None, "first": int, "lines": list,
    "object": int | None, "owner": int, "from": int, "source": int | None,
    "type": str, "name": str | None, "value": str | None, "message": str,
    "function_name": str | None, "phase": str, "handled": bool, "limit": int,
    "left": list, "held": list,
}  # fmt: skip
# What an event of a kind must have besides: whoever draws it relies on that.
NEEDED = {
    "set": ("object", "name", "value"), "get": ("object", "name"), "delete": ("object", "name"),
    "release": ("object",), "inherit": ("object", "held"), "push": ("object", "value"),
    "pop": ("object",), "proxy": ("object",), "resolve": ("object", "value"),
    "unbound": ("object",), "switch": ("from",),
}  # fmt: skip


class TraceError(MinictxError, ValueError):
    """Say in one line what is wrong with a trace file, and where."""


@dataclass(frozen=True)
class Runner:
    """Someone who runs: a thread, a greenlet or a task."""

    id: int
    type: Literal["thread", "greenlet", "task"]
    label: str
    parent: int | None = None


@dataclass(frozen=True)
class Object:
    """A Local, a LocalStack or a LocalProxy."""

    id: int
    type: Literal["Local", "LocalStack", "LocalProxy"]
    label: str


@dataclass(frozen=True)
class Source:
    """Lines of a source file, around those where something happened."""

    file: str
    first: int
    lines: list[str]


@dataclass
class Trace:
    """Hold a recording: who ran, what they used, and what happened, in order.

    >>> from io import StringIO
    >>> alice = Runner(1, "thread", "alice")
    >>> event = {"kind": "begin", "n": 1, "t": 0.0, "context": 1}
    >>> event |= {"file": "app.py", "line": 1, "function": "work"}
    >>> file = StringIO()
    >>> Trace("app.py", runners={1: alice}, events=[event]).write(file)
    >>> print(file.getvalue().splitlines()[1])
    {"kind": "context", "id": 1, "type": "thread", "label": "alice", "parent": null}
    >>> Trace.read(file.getvalue().splitlines()).runners[1].label
    'alice'
    """

    title: str
    runners: dict[int, Runner] = field(default_factory=dict)
    objects: dict[int, Object] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    events: Sequence[Event] = field(default_factory=list)
    python: str = field(default_factory=platform.python_version)

    def lines(self) -> Iterator[str]:
        """Yield the lines of the trace's file, without their line ends.

        What is recorded while they are read may be left out.
        """
        header = {"format": FORMAT, "version": VERSION, "title": self.title}
        yield json.dumps(header | {"python": self.python})
        for runner in list(self.runners.values()):
            yield json.dumps({"kind": "context", **vars(runner)})
        for obj in list(self.objects.values()):
            yield json.dumps({"kind": "object", **vars(obj)})
        for source in list(self.sources):
            yield json.dumps({"kind": "source", **vars(source)})
        for event in self.events:
            yield json.dumps(event)

    def write(self, file: IO[str]) -> None:
        """Write the trace to an open file."""
        for line in self.lines():
            file.write(line + "\n")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the trace to a file of that name."""
        with open(path, "w", encoding="utf-8") as file:
            self.write(file)

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows for a trace."""
        from minictx.trace.notebook import trace_html

        return trace_html(self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Trace:
        """Read a trace from a file of that name; a TraceError names the line that is wrong."""
        try:
            with open(path, encoding="utf-8") as file:
                return cls.read(file, name=os.fspath(path))
        except UnicodeDecodeError as error:
            raise TraceError(f"{os.fspath(path)}: this is no trace: it is not UTF-8") from error

    @classmethod
    def read(cls, lines: Iterator[str] | list[str] | IO[str], name: str = "trace") -> Trace:
        """Read a trace from its lines."""
        trace = cls(title="")
        events: list[Event] = []
        number = 0
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
                if number == 1:
                    trace.title, trace.python = _header(record)
                else:
                    trace._add(record, events)
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
                raise TraceError(f"{name}, line {number}: {_reason(error)}") from error
        if not number:
            raise TraceError(f"{name}: this is no trace: it is empty")
        trace.events = events
        return trace

    def _add(self, record: dict[str, Any], events: list[Event]) -> None:
        _check_types(record)
        kind = record.pop("kind")
        if kind == "context":
            runner = Runner(record["id"], record["type"], record["label"], record["parent"])
            self.runners[runner.id] = runner
        elif kind == "object":
            obj = Object(record["id"], record["type"], record["label"])
            self.objects[obj.id] = obj
        elif kind == "source":
            if not all(isinstance(line, str) for line in record["lines"]):
                raise TraceError("a line of source that is no text")
            self.sources.append(Source(str(record["file"]), record["first"], record["lines"]))
        else:
            self._check(kind, record, len(events) + 1)
            events.append({"kind": kind, **record})

    def _check(self, kind: str, event: Event, number: int) -> None:
        missing = [key for key in (*REQUIRED, *NEEDED.get(kind, ())) if key not in event]
        if missing:
            raise TraceError(f"an event without {missing[0]!r}")
        if kind == "inherit" and not event["held"]:
            raise TraceError("an 'inherit' of nothing")
        if event["n"] != number:
            raise TraceError(f"event {event['n']} where event {number} should be")
        if event["context"] not in self.runners:
            raise TraceError(f"an event of context {event['context']}, which is not introduced")
        if event.get("object", None) is not None and event["object"] not in self.objects:
            raise TraceError(f"an event of object {event['object']}, which is not introduced")


def _check_types(record: dict[str, Any]) -> None:
    for key, value in record.items():
        is_stray_bool = isinstance(value, bool) and key != "handled"
        if key in TYPES and (is_stray_bool or not isinstance(value, TYPES[key])):
            raise TraceError(f"{key!r} may not be {reprlib.repr(value)}")
    for key in ("left", "held"):
        for entry in record.get(key) or ():
            keys = {"context", "object", "name", "value"}
            if not isinstance(entry, dict) or not keys <= set(entry) or entry["value"] is None:
                raise TraceError(f"{reprlib.repr(entry)} may not be in {key!r}")
            _check_types(entry)


def _header(record: Any) -> tuple[str, str]:
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise TraceError("this is no minictx trace")
    if record.get("version") != VERSION:
        raise TraceError(
            f"version {reprlib.repr(record.get('version'))} of the format; this minictx"
            f" reads {VERSION}"
        )
    return str(record["title"]), str(record["python"])


def _reason(error: Exception) -> str:
    match error:
        case TraceError():
            return str(error)
        case json.JSONDecodeError():
            return f"this is not JSON: {error.msg}"
        case KeyError():
            return f"there is no {error.args[0]!r}"
        case _:
            return "this is not an object of the trace format"
