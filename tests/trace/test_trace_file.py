from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from minictx.trace import Trace
from minictx.trace.state import State
from minictx.trace.trace import (
    KINDS,
    NUMBER,
    OPTIONAL,
    TEXT,
    Object,
    Runner,
    Source,
    TraceError,
)
from minictx.trace.words import describe

HEADER = {"format": "minictx-trace", "version": 1, "title": "app.py", "python": "3.11.7"}
ALICE = {"kind": "context", "id": 1, "type": "thread", "label": "alice", "parent": None}
STACK = {"kind": "object", "id": 1, "type": "LocalStack", "label": "stack"}
SOURCE = {"kind": "source", "file": "app.py", "first": 1, "lines": ["a", "b"]}
BEGIN = {"kind": "begin", "n": 1, "t": 0.0, "context": 1, "file": None, "line": None}
BEGIN = BEGIN | {"function": None}
PUSH = BEGIN | {"kind": "push", "n": 2, "object": 1, "value": "'a'"}


def lines(*records: Any) -> list[str]:
    return [json.dumps(record) for record in records]


def test_a_trace_is_read_as_it_was_written() -> None:
    written = lines(HEADER, ALICE, STACK, SOURCE, BEGIN, PUSH)
    trace = Trace.read(written)
    assert trace == Trace(
        "app.py",
        {1: Runner(1, "thread", "alice")},
        {1: Object(1, "LocalStack", "stack")},
        [Source("app.py", 1, ["a", "b"])],
        [BEGIN, PUSH],
        "3.11.7",
    )
    file = StringIO()
    trace.write(file)
    assert [json.loads(line) for line in file.getvalue().splitlines()] == [
        json.loads(line) for line in written
    ]


def test_keys_and_kinds_that_are_not_known_are_ignored() -> None:
    new = {**PUSH, "kind": "news", "n": 2, "more": 1}
    trace = Trace.read(
        lines(HEADER | {"by": "me"}, ALICE | {"color": "red"}, STACK, BEGIN, new)
    )
    assert trace.events[1]["more"] == 1
    assert State().apply_all(trace.events).running == 1


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ([], "trace: this is no trace: it is empty"),
        ([""], "trace, line 1: this is not JSON: Expecting value"),
        (["[]"], "trace, line 1: this is no minictx trace"),
        (lines({"format": "other"}), "trace, line 1: this is no minictx trace"),
        (
            lines(HEADER | {"version": 2}),
            "trace, line 1: version 2 of the format; this minictx reads 1",
        ),
        (
            lines({"format": "minictx-trace", "version": 1}),
            "trace, line 1: there is no 'title'",
        ),
        ([*lines(HEADER), "{"], "trace, line 2: this is not JSON: Expecting property name"),
        (lines(HEADER, []), "trace, line 2: this is not an object of the trace format"),
        (lines(HEADER, 1), "trace, line 2: this is not an object of the trace format"),
        (lines(HEADER, {}), "trace, line 2: there is no 'kind'"),
        (lines(HEADER, {"kind": "context", "id": 1}), "trace, line 2: there is no 'type'"),
        (
            lines(HEADER, BEGIN),
            "trace, line 2: an event of context 1, which is not introduced",
        ),
        (
            lines(HEADER, ALICE, BEGIN, PUSH),
            "trace, line 4: an event of object 1, which is not introduced",
        ),
        (
            lines(HEADER, ALICE, STACK, PUSH),
            "trace, line 4: event 2 where event 1 should be",
        ),
        (
            lines(HEADER, ALICE, {"kind": "begin", "n": 1, "t": 0}),
            "trace, line 3: an event without 'context'",
        ),
        (
            lines(HEADER, ALICE, STACK, BEGIN, {**PUSH, "value": None}),
            "trace, line 5: 'value' may not be None",
        ),
        (
            lines(HEADER, ALICE, BEGIN | {"kind": "view", "name": "index", "phase": "middle"}),
            "trace, line 3: 'phase' may not be 'middle'",
        ),
        (
            lines(HEADER, ALICE, BEGIN | {"kind": "hook", "name": None}),
            "trace, line 3: an event without 'function_name'",
        ),
    ],
)
def test_a_broken_trace_is_refused_with_the_number_of_the_line(
    written: list[str], message: str
) -> None:
    with pytest.raises(TraceError) as error:
        Trace.read(written)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_a_file_is_named_in_the_error(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_text("{}\n")
    with pytest.raises(TraceError, match=r"trace\.jsonl, line 1: this is no minictx trace"):
        Trace.load(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TraceError, match="this is no trace: it is not UTF-8"):
        Trace.load(path)


def test_what_a_task_stores_is_shown_where_it_is_kept() -> None:
    state = State()
    for event in (
        {"kind": "set", "context": 2, "owner": 1, "object": 7, "name": "a", "value": "1"},
        {"kind": "push", "context": 2, "owner": 1, "object": 8, "value": "'x'"},
        {"kind": "push", "context": 2, "owner": 1, "object": 8, "value": "'y'"},
        {"kind": "pop", "context": 2, "owner": 1, "object": 8, "value": "'y'"},
    ):
        state.apply(event)
    assert state.running == 2
    assert state.locals == {7: {1: {"a": "1"}}}
    assert state.stacks == {8: {1: ["'x'"]}}
    state.apply({"kind": "delete", "context": 2, "owner": 1, "object": 7, "name": "a"})
    state.apply({"kind": "release", "context": 2, "owner": 1, "object": 8})
    assert not any(state.locals[7].values())
    assert not state.stacks[8]


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_of_any_kind_needs_what_its_kind_has(kind: str) -> None:
    good: dict[Any, Any] = {int: 1, bool: True, list: [], TEXT: None, NUMBER: None}
    event = (
        BEGIN
        | {"kind": kind}
        | {
            key: wanted[0] if isinstance(wanted, tuple) else good.get(wanted, "x")
            for key, wanted in KINDS[kind].items()
        }
    )
    if "held" in event:
        event["held"] = [{"object": 1, "context": 1, "name": None, "value": "1"}]
    trace = Trace.read(lines(HEADER, ALICE, STACK, event))
    assert "None" not in describe(trace, event) or kind in ("get", "pop")
    for key, wanted in KINDS[kind].items():
        if key not in OPTIONAL:
            with pytest.raises(TraceError, match=f"line 4: an event without '{key}'"):
                Trace.read(
                    lines(HEADER, ALICE, STACK, {k: event[k] for k in event if k != key})
                )
        with pytest.raises(TraceError, match=f"line 4: '{key}' may not be"):
            Trace.read(lines(HEADER, ALICE, STACK, event | {key: {"no": wanted is str}}))
