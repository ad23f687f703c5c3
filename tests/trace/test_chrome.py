"""The rules are those of the Trace Event Format: one check for each."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from minictx.trace.chrome import chrome_events, write_chrome
from minictx.trace.trace import Trace
from tests.trace.traces import (
    Story,
    hostile,
    left_behind,
    limited,
    locals_of,
    many,
    two_requests,
)

REQUIRED = {
    "B": {"name", "cat", "pid", "tid", "ts"},
    "E": {"pid", "tid", "ts"},
    "M": {"name", "pid", "tid", "args"},
    "i": {"name", "pid", "tid", "ts", "s"},
    "C": {"name", "pid", "ts", "args"},
    "s": {"name", "cat", "pid", "tid", "ts", "id"},
    "f": {"name", "cat", "pid", "tid", "ts", "id", "bp"},
}

Events = list[dict[str, Any]]


def validate(events: Events) -> None:
    """Raise AssertionError where the events break a rule of the format."""
    json.dumps(events, allow_nan=False)
    open_slices: dict[int, list[str]] = defaultdict(list)
    starts: dict[int, dict[str, Any]] = {}
    now: dict[int, float] = defaultdict(float)
    for event in events:
        assert REQUIRED[event["ph"]] <= event.keys()
        assert isinstance(event["pid"], int) and isinstance(event["tid"], int)
        assert isinstance(event["name"], str) and event["name"]
        tid, slices = event["tid"], open_slices[event["tid"]]
        assert event["ts"] >= now[tid]
        now[tid] = event["ts"]
        match event["ph"]:
            case "B":
                slices.append(event["name"])
            case "E":
                assert slices.pop() == event["name"]
            case "s":
                assert slices, "an arrow starts inside of a slice"
                assert event["id"] not in starts
                starts[event["id"]] = event
            case "f":
                assert slices, "an arrow ends inside of a slice"
                start = starts.pop(event["id"])
                assert (start["name"], start["cat"]) == (event["name"], event["cat"])
                assert start["ts"] <= event["ts"] and start["tid"] != tid
            case "C":
                assert event["args"]
                assert all(isinstance(value, int) for value in event["args"].values())
            case "i":
                assert event["s"] in ("t", "p", "g")
    assert not any(open_slices.values()), "a slice is not closed"
    assert not starts, "an arrow does not arrive"
    assert [event["ts"] for event in events] == sorted(event["ts"] for event in events)


def names(events: Events, phase: str, tid: int | None = None) -> list[str]:
    return [
        event["name"]
        for event in events
        if event["ph"] == phase and tid in (None, event["tid"])
    ]


@pytest.mark.parametrize(
    "trace",
    [
        two_requests(),
        two_requests("task"),
        locals_of(),
        left_behind(),
        limited(),
        hostile(),
        many(50, 4),
        Trace("nothing.py"),
    ],
    ids=lambda trace: trace.title[:10],
)
def test_the_events_keep_all_rules_of_the_format(trace: Trace) -> None:
    validate(chrome_events(trace))


def test_each_context_is_a_thread_with_a_name_and_a_place() -> None:
    events = [event for event in chrome_events(two_requests()) if event["ph"] == "M"]
    threads = {
        event["tid"]: event["args"] for event in events if event["name"] == "thread_name"
    }
    assert threads == {
        1: {"name": "MainThread (thread)"},
        2: {"name": "alice (thread)"},
        3: {"name": "bob (thread)"},
    }
    order = [event["args"] for event in events if event["name"] == "thread_sort_index"]
    assert order == [{"sort_index": 0}, {"sort_index": 1}, {"sort_index": 2}]


def test_slices_are_the_life_the_context_the_hooks_and_the_view() -> None:
    events = chrome_events(two_requests())
    slices = [
        (event["ph"], event["name"])
        for event in events
        if event["tid"] == 2 and event["ph"] in "BE"
    ]
    assert slices == [
        ("B", "alice"),
        ("B", "request context"),
        ("B", "before_request load_user"),
        ("E", "before_request load_user"),
        ("B", "view hello"),
        ("E", "view hello"),
        ("E", "request context"),
        ("E", "alice"),
    ]


def test_a_context_that_outlasts_its_view_is_cut_so_that_slices_nest() -> None:
    story = Story()
    who = story.runner("main")
    ctx: dict[str, Any] = {"type": "app", "value": "<AppContext>"}
    story.add(who, "view", name="hello", phase="begin")
    story.add(who, "context_push", **ctx, phase="begin")
    story.add(who, "context_push", **ctx, phase="end")
    story.add(who, "view", name="hello", phase="end")
    story.add(who, "context_pop", **ctx, phase="begin")
    story.add(who, "context_pop", **ctx, phase="end")
    events = chrome_events(story.trace)
    validate(events)
    assert names(events, "B") == ["main", "view hello", "app context", "app context"]


def test_an_end_without_a_begin_is_nothing() -> None:
    story = Story()
    who = story.runner("main")
    story.add(who, "view", name="hello", phase="end")
    story.add(who, "context_pop", type="app", value="<AppContext>", phase="end")
    events = chrome_events(story.trace)
    validate(events)
    assert names(events, "B") == ["main"]


def test_a_switch_is_an_arrow_even_from_one_who_has_ended() -> None:
    trace = two_requests()
    events = chrome_events(trace)
    switches = [event for event in trace.events if event["kind"] == "switch"]
    arrows = [
        (start["tid"], end["tid"])
        for start in events
        for end in events
        if start["ph"] == "s" and end["ph"] == "f" and start["id"] == end["id"]
        if start["name"] == "switch"
    ]
    assert arrows == [(event["from"], event["context"]) for event in switches]


def test_a_life_lasts_until_its_end_and_does_not_begin_again() -> None:
    story = Story()
    main, worker = story.runner("main"), story.runner("worker")
    stack = story.object("stack", "LocalStack")
    for who in (main, worker):
        story.add(who, "push", object=stack, value="1")
    story.add(worker, "end", None, left=[])
    story.add(main, "push", object=stack, value="2")
    story.add(worker, "pop", object=stack, value="1")  # what a finalizer does, say
    story.add(main, "pop", object=stack, value="2")
    events = chrome_events(story.trace)
    validate(events)
    assert names(events, "B", worker) == ["worker"]
    end = next(event for event in events if event["ph"] == "E" and event["tid"] == worker)
    assert end["ts"] == 1000 * next(e["n"] for e in story.trace.events if e["kind"] == "end")


def test_a_context_that_begins_has_an_arrow_from_its_parent() -> None:
    events = chrome_events(two_requests())
    starts = [(event["ph"], event["tid"]) for event in events if event["name"] == "start"]
    assert starts == [("s", 1), ("f", 2), ("s", 1), ("f", 3)]


def test_a_counter_follows_each_stack_of_each_context() -> None:
    story = Story()
    main, other = story.runner("main"), story.runner("other")
    stack, local = story.object("stack", "LocalStack"), story.object("local", "Local")
    story.add(main, "push", object=stack, value="1")
    story.add(main, "push", object=stack, value="2")
    story.add(other, "push", object=stack, value="3")
    story.add(main, "push", object=stack, value="4", owner=other)
    story.add(main, "pop", object=stack, value="2")
    story.add(main, "release", object=stack)
    story.add(main, "release", object=local)
    counts = [
        (event["name"], event["args"]["depth"])
        for event in chrome_events(story.trace)
        if event["ph"] == "C"
    ]
    assert counts == [
        ("stack of main", 1),
        ("stack of main", 2),
        ("stack of other", 1),
        ("stack of other", 2),
        ("stack of main", 1),
        ("stack of main", 0),
    ]


def test_all_else_is_a_mark_in_words_with_its_place() -> None:
    events = chrome_events(locals_of(("thread",)))
    assert names(events, "i") == [
        "local.user is not there",
        "local.user = 'thread'",
        "local.n = 1",
        "local.user = 'thread'",
        "del local.user",
        "release local",
    ]
    mark = next(event for event in events if event["ph"] == "i")
    assert mark["args"]["where"] == "app.py:1 in hello"
    assert "ends, and leaves worker's" in "".join(names(chrome_events(left_behind()), "i"))


def test_time_is_in_microseconds_and_never_goes_back() -> None:
    trace = many(4, 2)
    for event in trace.events:
        event["t"] = {1: 0.001, 2: 0.003, 3: 0.002}.get(event["n"], 0.0045)
    events = chrome_events(trace)
    validate(events)
    assert {event["ts"] for event in events if event["ph"] != "M"} == {1000.0, 3000.0, 4500.0}


def test_the_file_is_the_object_that_viewers_open(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    write_chrome(two_requests(), path)
    whole = json.loads(path.read_text(encoding="utf-8"))
    assert whole["traceEvents"] == chrome_events(two_requests())
    assert whole["otherData"] == {"title": "app.py", "python": "3.11.7"}
    assert whole["displayTimeUnit"] in ("ms", "ns")
