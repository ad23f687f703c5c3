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
from minictx.files import whole_file

__all__ = ["Event", "Object", "Runner", "Source", "Trace", "TraceError"]

FORMAT, VERSION = "minictx-trace", 1

Event = dict[str, Any]  # {"kind": ..., "n": ..., "context": ..., and what its kind has}

REQUIRED = ("n", "t", "context", "file", "line", "function")

TEXT, NUMBER = str | None, int | None
_STORED = {"object": int, "name": str, "value": str, "owner": int}
_PHASED = {"phase": ("begin", "end"), "error": str}

# The kinds of events, and for each what it has besides: {key: its type, or what it may be}.
# This is the order in which a recorder has the values, too.
KINDS: dict[str, dict[str, Any]] = {
    "begin": {},
    "switch": {"from": int},
    "end": {"left": list},
    "set": _STORED,
    "get": {**_STORED, "value": TEXT},
    "delete": {"object": int, "name": str, "owner": int},
    "release": {"object": int, "owner": int},
    "inherit": {"object": int, "held": list},
    "push": {"object": int, "value": str, "owner": int},
    "pop": {"object": int, "value": TEXT, "owner": int},
    "change": {"object": int, "held": list, "owner": int},
    "proxy": {"object": int, "source": NUMBER, "name": TEXT},
    "resolve": {"object": int, "value": str},
    "unbound": {"object": int, "message": str},
    "context_push": {"type": str, "value": str, **_PHASED},
    "context_pop": {"type": str, "value": str, **_PHASED},
    "hook": {"name": str, "function_name": str, **_PHASED},
    "view": {"name": str, **_PHASED},
    "signal": {"name": str, "value": str},
    "session": {"name": str, "value": str},
    "error": {"value": str, "handled": bool},
    "line": {},
    "left": {"left": list},
    "limit": {"limit": int},
}
OPTIONAL = {"owner", "error"}  # left out where there is none

# What else may stand under a key, in a kind that is not known, or in what is no event.
TYPES: dict[str, Any] = {
    "kind": str, "n": int, "t": int | float, "context": int,
    "file": TEXT, "line": NUMBER, "function": TEXT,
    "id": int, "label": str, "parent": NUMBER, "first": int, "lines": list,
    "object": NUMBER, "source": NUMBER, "owner": int, "from": int, "type": str,
    "name": TEXT, "value": TEXT, "message": str, "function_name": str, "phase": str,
    "error": str, "handled": bool, "limit": int, "left": list, "held": list,
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
    """A Local, a LocalStack, a LocalProxy, or a ContextVar with a framework's contexts."""

    id: int
    type: Literal["Local", "LocalStack", "LocalProxy", "ContextVar"]
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
    is_cut: bool = field(default=False, compare=False, repr=False)  # its file lacks the end

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
        with whole_file(path) as file:
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
        trace.is_cut = not events or events[-1]["kind"] not in ("left", "limit")
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
        fields = KINDS.get(kind, {})
        missing = [key for key in (*REQUIRED, *fields) if key not in {*event, *OPTIONAL}]
        if missing:
            raise TraceError(f"an event without {missing[0]!r}")
        for key, wanted in fields.items():
            _check_value(key, event.get(key), wanted, key in OPTIONAL and key not in event)
        if kind == "inherit" and not event["held"]:
            raise TraceError("an 'inherit' of nothing")
        if event["n"] != number:
            raise TraceError(f"event {event['n']} where event {number} should be")
        if event["context"] not in self.runners:
            raise TraceError(f"an event of context {event['context']}, which is not introduced")
        if event.get("object", None) is not None and event["object"] not in self.objects:
            raise TraceError(f"an event of object {event['object']}, which is not introduced")


def _check_value(key: str, value: Any, wanted: Any, may_lack: bool = False) -> None:
    if isinstance(wanted, tuple):
        is_good = value in wanted
    else:
        is_stray_bool = isinstance(value, bool) and wanted is not bool
        is_good = isinstance(value, wanted) and not is_stray_bool
    if not is_good and not may_lack:
        raise TraceError(f"{key!r} may not be {reprlib.repr(value)}")


def _check_types(record: dict[str, Any]) -> None:
    for key, value in record.items():
        if key in TYPES:
            _check_value(key, value, TYPES[key])
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
