"""Targets that are files: a saved trace, and how far a student is."""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from rich.console import Console

from minictx.learn.state import PROGRESS, State, StateError
from minictx.trace.chrome import chrome_events
from minictx.trace.notebook import trace_html
from minictx.trace.page import render_page
from minictx.trace.trace import Trace, TraceError
from minictx.trace.transcript import print_transcript
from tests.fuzz.target import Target, mutated
from tests.learn.courses import course_of

__all__ = ["TARGETS"]

FOLDER = tempfile.TemporaryDirectory(prefix="minictx-fuzz-")

# A trace


def feed_trace(data: bytes) -> None:
    """Read a trace; whatever the reader accepts, everything can draw."""
    path = Path(FOLDER.name) / "trace.jsonl"
    path.write_bytes(data)
    draw(Trace.load(path))


def draw(trace: Trace) -> None:
    """Make all that can be made from a trace, and check that no text in it gets out."""
    page = render_page(trace)
    assert page.count("<script") == 2
    assert page.count("</script") == 2
    json.dumps(chrome_events(trace))
    trace_html(trace)
    for plain in (True, False):
        out = io.StringIO()
        print_transcript(trace, Console(file=out, width=80), plain=plain)
        assert "\x1b" not in out.getvalue(), "a control character for the terminal"
    again = Trace.read(list(trace.lines()))
    assert list(again.lines()) == list(trace.lines())


def lines_of(*records: dict[str, Any]) -> bytes:
    """Return the bytes of a trace file."""
    header = {"format": "minictx-trace", "version": 1, "title": "app.py", "python": "3.11.7"}
    return "\n".join(json.dumps(record) for record in (header, *records)).encode()


ALICE = {"kind": "context", "id": 1, "type": "thread", "label": "alice", "parent": None}
STACK = {"kind": "object", "id": 7, "type": "LocalStack", "label": "stack"}
SOURCE = {"kind": "source", "file": "app.py", "first": 1, "lines": ["x = 1"]}
PLACE = {"context": 1, "file": "app.py", "line": 1, "function": "work"}
PUSH = {"kind": "push", "n": 1, "t": 0.0, **PLACE, "object": 7, "value": "1"}
LEFT = {"kind": "left", "n": 2, "t": 0.1, **PLACE}
LEFT["left"] = [{"object": 7, "context": 1, "name": None, "value": "1"}]
TRACES = (lines_of(), lines_of(ALICE, STACK, SOURCE, PUSH), lines_of(ALICE, STACK, PUSH, LEFT))

# Any JSON in the place of a key's value: most of it is wrong, and the reader must say so.
any_json: SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 9), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=3,
)


@st.composite
def odd_traces(draw: st.DrawFn) -> bytes:
    """Return a trace in which some values are replaced."""
    records = [dict(record) for record in (ALICE, STACK, SOURCE, PUSH, LEFT)]
    for _ in range(draw(st.integers(1, 2))):
        record = draw(st.sampled_from(records))
        key = draw(st.sampled_from(sorted({*record, "owner", "from", "held", "phase"})))
        record[key] = draw(any_json)
    return lines_of(*records)


texts = st.text(max_size=10)
entries = st.fixed_dictionaries(
    {"context": st.just(1), "object": st.just(2), "name": st.none(), "value": texts}
)
KINDS = {
    "set": {"object": 1, "name": texts, "value": texts},
    "get": {"object": 1, "name": texts, "value": st.none() | texts},
    "delete": {"object": 1, "name": texts},
    "push": {"object": 2, "value": texts},
    "pop": {"object": 2, "value": st.none() | texts},
    "release": {"object": 2},
    "inherit": {"object": 2, "held": st.lists(entries, min_size=1, max_size=3)},
    "proxy": {"object": 3, "source": st.none() | st.integers(1, 3), "name": st.none() | texts},
    "resolve": {"object": 3, "value": texts},
    "unbound": {"object": 3, "message": texts},
    "begin": {},
    "end": {"left": []},
    "switch": {"from": st.integers(1, 2)},
    "context_push": {"type": st.sampled_from(["app", "request"]), "value": texts},
    "hook": {"name": texts, "function_name": texts},
    "view": {"name": texts},
    "signal": {"name": texts, "value": texts},
    "session": {"name": st.sampled_from(["open", "save"]), "value": texts},
    "error": {"value": texts, "handled": st.booleans()},
    "line": {},
    "limit": {"limit": st.integers(1, 9)},
}
PHASED = ("context_push", "hook", "view")


@st.composite
def right_traces(draw: st.DrawFn) -> bytes:
    """Return a trace as the format's description has it, with any text in it."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), max_size=8))
    types = st.sampled_from(["thread", "greenlet", "task"])
    records: list[dict[str, Any]] = [
        {"kind": "context", "id": n, "type": draw(types), "label": draw(texts), "parent": None}
        for n in (1, 2)
    ]
    for n, kind in enumerate(("Local", "LocalStack", "LocalProxy"), 1):
        records.append({"kind": "object", "id": n, "type": kind, "label": draw(texts)})
    name = draw(texts)
    records.append({"kind": "source", "file": name, "first": 1, "lines": [draw(texts)]})
    for n, kind in enumerate(kinds, 1):
        event = {"kind": kind, "n": n, "t": n / 1000, "context": draw(st.integers(1, 2))}
        event |= {"file": name, "line": 1, "function": draw(texts)}
        if kind in PHASED:
            event["phase"] = draw(st.sampled_from(["begin", "end"]))
        for key, value in KINDS[kind].items():  # type: ignore[attr-defined]
            event[key] = draw(value) if isinstance(value, SearchStrategy) else value
        records.append(event)
    return lines_of(*records)


# How far the student is


COURSE = course_of(Path(FOLDER.name) / "course", "one-a", "one-b")
WORKSPACE = Path(FOLDER.name) / "workspace"
WORKSPACE.mkdir()


def feed_state(data: bytes) -> None:
    """Read a state, and ask it all that can be asked."""
    (WORKSPACE / PROGRESS).write_bytes(data)
    state = State.load(WORKSPACE, COURSE)
    assert state.current in COURSE.exercises
    assert set(state.marks()) == {"one-a", "one-b"}


WHOLE: dict[str, Any] = {
    "version": 1,
    "course": None,
    "current": "one-b",
    "passed": {"one-a": {"checks.py": "1f", "running/one_a.py": "2e"}},
    "hints": {"one-a": 2},
    "shipped": {"running/one_a.py": "1f"},
}
STATES = (json.dumps(WHOLE).encode(), json.dumps({**WHOLE, "version": 2}).encode())


@st.composite
def odd_states(draw: st.DrawFn) -> bytes:
    """Return a state in which something is replaced."""
    state = json.loads(json.dumps(WHOLE))
    place = draw(
        st.sampled_from([state, state["passed"], state["passed"]["one-a"], state["hints"]])
    )
    place[draw(st.sampled_from([*place, "one-b"]) | st.text(max_size=3))] = draw(any_json)
    return json.dumps(state).encode()


# The parser of JSON gives up on them with an error of its own kind.
deep = st.sampled_from([b"[" * 100_000, b'{"a":' * 50_000, b"9" * 5_000])

TARGETS = [
    Target(
        "trace",
        st.one_of(mutated(*TRACES), odd_traces(), deep),
        feed_trace,
        (TraceError,),
        seeds=TRACES,
        cost=5,
    ),
    Target("drawings", right_traces(), feed_trace, cost=20),
    Target(
        "state",
        st.one_of(mutated(*STATES), odd_states(), deep),
        feed_state,
        (StateError,),
        seeds=STATES,
    ),
]
