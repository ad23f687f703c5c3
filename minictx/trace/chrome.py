"""Chrome: a trace as Chrome's trace event JSON, for ui.perfetto.dev or chrome://tracing.

Each context is a thread there, with slices for its life, the web framework's contexts,
hooks and views; arrows for the switches; a counter for each stack; a mark for the rest.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from minictx.files import whole_file
from minictx.trace.slices import Slice, Slices
from minictx.trace.state import State
from minictx.trace.words import clean, describe, owner_of

if TYPE_CHECKING:
    from minictx.trace.trace import Event, Trace

__all__ = ["chrome_events", "write_chrome"]

PID = 1  # all contexts are threads of one process

WITHOUT_MARK = {"begin", "switch", "end"}  # a slice or an arrow shows them
ARROWS = {"switch": "switch", "begin": "start"}  # {kind of the event: name of the arrow}
STACKED = {"inherit", "change", "push", "pop", "release"}


def write_chrome(trace: Trace, path: str | os.PathLike[str]) -> None:
    """Write the trace to a file that Perfetto and chrome://tracing open.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from minictx.trace.trace import Trace
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "trace.json")
    ...     write_chrome(Trace("app.py"), path)
    ...     path.read_text()[:15]
    '{"traceEvents":'
    """
    about = {"title": trace.title, "python": trace.python}
    whole = {"traceEvents": chrome_events(trace), "displayTimeUnit": "ms", "otherData": about}
    with whole_file(path) as file:
        json.dump(whole, file)


def chrome_events(trace: Trace) -> list[dict[str, Any]]:
    """Return the trace event objects, in the order of their timestamps (microseconds).

    >>> from minictx.trace.trace import Runner, Trace
    >>> trace = Trace("app.py", {1: Runner(1, "thread", "alice")})
    >>> place = {"file": None, "line": None, "function": None}
    >>> trace.events = [{"kind": "begin", "n": 1, "t": 0.5, "context": 1, **place}]
    >>> [(event["ph"], event["name"]) for event in chrome_events(trace)][-2:]
    [('B', 'alice'), ('E', 'alice')]
    """
    return _Chrome(trace).make()


class _Chrome:
    def __init__(self, trace: Trace) -> None:
        self.trace, self.state = trace, State()
        self.slices = {number: Slices() for number in trace.runners}
        self.over: set[int] = set()
        self.now = 0.0
        self.arrows = 0
        self.out: list[dict[str, Any]] = []

    def make(self) -> list[dict[str, Any]]:
        self.introduce()
        ended = None
        for event in self.trace.events:
            # An arrow starts inside of a slice: before the life that ended is closed.
            has_arrow = event["kind"] in ARROWS and self.start_arrow(event)
            if ended is not None:
                self.finish(ended)
            # A thread reads the clock before it takes its place in the order of events.
            self.now = max(self.now, round(event["t"] * 1e6, 3))
            self.live(event["context"])
            if has_arrow:
                name = ARROWS[event["kind"]]
                self.add("f", name, event["context"], "switch", id=self.arrows, bp="e")
            self.draw(event)
            ended = event["context"] if event["kind"] == "end" else None
        for number in self.trace.runners:
            self.finish(number)
        return self.out

    def add(self, phase: str, name: str, tid: int, category: str, **keys: Any) -> None:
        event = {"ph": phase, "name": name, "cat": category, "pid": PID, "tid": tid}
        self.out.append({**event, "ts": self.now, **keys})

    def add_slices(self, tid: int, parts: list[tuple[str, Slice]], **keys: Any) -> None:
        for phase, part in parts:
            self.add(phase, part.name, tid, part.kind, **keys)

    def introduce(self) -> None:
        """Name the process and its threads, and put them in order."""
        self.add("M", "process_name", 0, "", args={"name": clean(self.trace.title)})
        for index, runner in enumerate(self.trace.runners.values()):
            label = f"{clean(runner.label)} ({runner.type})"
            self.add("M", "thread_name", runner.id, "", args={"name": label})
            self.add("M", "thread_sort_index", runner.id, "", args={"sort_index": index})

    def live(self, context: int) -> None:
        """Begin a context's life with its first event, whichever that is."""
        if not self.slices[context].open and context not in self.over:
            life = Slice("life", clean(self.trace.runners[context].label))
            self.add_slices(context, self.slices[context].begin(life))

    def finish(self, context: int) -> None:
        self.over.add(context)
        self.add_slices(context, self.slices[context].end_all())

    def start_arrow(self, event: Event) -> bool:
        """Start an arrow where both ends of it have a slice to point to."""
        context = event["context"]
        origin = event.get("from", self.trace.runners[context].parent)
        if not (origin in self.slices and self.slices[origin].open) or context in self.over:
            return False
        self.arrows += 1
        self.add("s", ARROWS[event["kind"]], origin, "switch", id=self.arrows)
        return True

    def draw(self, event: Event) -> None:
        """Add what an event is in the format: a slice's begin or end, or a mark."""
        context, kind, phase = event["context"], event["kind"], event.get("phase")
        self.state.apply(event)
        part = _slice_of(self.trace, event)
        if part and kind != "context_pop" and phase == "begin":
            begun = self.slices[context].begin(part)
            self.add_slices(context, begun, args=_about(event))
        elif part and kind != "context_push" and phase == "end":
            self.add_slices(context, self.slices[context].end(part.kind, part.key))
        elif not part and (kind not in WITHOUT_MARK or event.get("left")):
            text = describe(self.trace, event, "=")
            self.add("i", text, context, kind, s="t", args=_about(event))
        if kind in STACKED:
            self.count(event)

    def count(self, event: Event) -> None:
        """Add how high the stack is now that was pushed on, or popped from."""
        owner, obj = owner_of(event), self.trace.objects.get(event["object"])
        if obj is None or obj.type == "Local" or owner not in self.trace.runners:
            return
        depth = len(self.state.stacks.get(obj.id, {}).get(owner, ()))
        name = clean(f"{obj.label} of {self.trace.runners[owner].label}")
        self.add("C", name, owner, "depth", args={"depth": depth})


def _slice_of(trace: Trace, event: Event) -> Slice | None:
    """Return the slice that an event begins or ends.

    The web framework's context begins when its push begins, and ends when its pop ends.
    """
    match event["kind"]:
        case "context_push" | "context_pop":
            key = (event.get("type"), event.get("value"))
            return Slice("context", clean(f"{event.get('type')} context"), key)
        case "hook" | "view":
            name = describe(trace, {**event, "phase": None, "error": None})
            return Slice(event["kind"], name, (event.get("name"), event.get("function_name")))
    return None


def _about(event: Event) -> dict[str, Any]:
    """Return what a viewer shows when the event is selected."""
    about = {"event": event["n"]}
    if event["file"] is not None:
        about["where"] = clean(f"{event['file']}:{event['line']} in {event['function']}")
    if event.get("left"):
        about["left"] = len(event["left"])
    keys = ("name", "value", "message", "error", "handled")
    return about | {key: clean(event[key]) for key in keys if event.get(key) is not None}
