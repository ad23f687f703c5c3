"""One behaviour in full, and the trace of whoever differs."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

pytest.importorskip("rich")

from rich.console import Console

from minictx.compare import CompareError
from minictx.compare.command import compare_one
from minictx.compare.locals.behaviours import BEHAVIOURS
from minictx.compare.locals.implementations import IMPLEMENTATIONS
from minictx.compare.locals.results import (
    find_behaviour,
    find_implementation,
    find_results,
    load,
)
from minictx.compare.locals.show import print_behaviour
from minictx.compare.locals.tracing import choose, trace_behaviour
from minictx.files import OutputError
from minictx.trace.state import State
from tests.actors import needs_greenlet

LIVE = [key for key, each in IMPLEMENTATIONS.items() if each.load and load(each) is not None]


def chosen_for(key: str) -> str | None:
    behaviour = BEHAVIOURS[key]
    chosen = choose(behaviour, find_results([behaviour]))
    return None if chosen is None else chosen.key


def test_everything_about_a_behaviour_is_printed() -> None:
    behaviour = BEHAVIOURS["child-pop-seen-by-parent"]
    file = io.StringIO()
    results = find_results([behaviour])
    print_behaviour(behaviour, results, Console(file=file, width=200))
    text = file.getvalue()
    for wanted in (behaviour.question, behaviour.why, *behaviour.code.splitlines()):
        assert wanted in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for key, answer in results.answers[behaviour.key].items():
        assert f"{answer} {key} {IMPLEMENTATIONS[key].title}" in lines


@needs_greenlet
def test_the_first_that_answers_otherwise_than_minictx_is_traced() -> None:
    assert chosen_for("greenlets-isolated") == "threading"
    assert chosen_for("dead-threads-data-read") == "minictx-threads"
    assert chosen_for("child-task-starts-from") in ("asgiref", "contextvar")


def test_where_all_agree_minictx_is_traced() -> None:
    assert chosen_for("threads-isolated") == "minictx"


@pytest.mark.parametrize("key", LIVE)
def test_the_trace_shows_what_each_implementation_stores_and_finds(key: str) -> None:
    behaviour, implementation = BEHAVIOURS["tasks-isolated"], IMPLEMENTATIONS[key]
    trace = trace_behaviour(behaviour, implementation)
    events = [
        (trace.runners[event["context"]].label, event["kind"], event["name"], event["value"])
        for event in trace.events
        if event["kind"] in ("set", "get")
    ]
    kept = find_results([behaviour]).answers[behaviour.key][key] == "yes"
    assert events == [
        ("A", "set", "user", "'alice'"),
        ("B", "set", "user", "'bob'"),
        ("A", "get", "user", "'alice'" if kept else "'bob'"),
    ]
    (local,) = trace.objects.values()
    assert (local.type, local.label) == ("Local", "local")
    lines = {event["line"] for event in trace.events if event["kind"] in ("set", "get")}
    assert len(lines) == 3
    (file,) = {event["file"] for event in trace.events if event["line"] in lines}
    assert file.endswith("compare/locals/behaviours/isolation.py")


@pytest.mark.parametrize("key", LIVE)
def test_a_name_that_is_missing_or_deleted_is_traced_once(key: str) -> None:
    trace = trace_behaviour(BEHAVIOURS["child-task-starts-from"], IMPLEMENTATIONS[key])
    kinds = [event["kind"] for event in trace.events if event["kind"] in ("set", "get")]
    assert kinds == ["set", "get", "set", "get"]
    if key != "contextvar":
        trace = trace_behaviour(BEHAVIOURS["deleted-here-only"], IMPLEMENTATIONS[key])
        events = [event for event in trace.events if "name" in event]
        assert [event["kind"] for event in events] == ["set", "set", "delete", "get", "get"]
        assert [event.get("value") for event in events[3:]] == [None, "'alice'"]


@pytest.mark.parametrize("key", LIVE)
def test_after_the_trace_the_classes_are_as_they_were(key: str) -> None:
    kit = load(IMPLEMENTATIONS[key])
    assert kit is not None
    classes = [type(kit.Local()), *type(kit.Local()).__mro__]
    before = [dict(vars(cls)) for cls in classes]
    trace_behaviour(BEHAVIOURS["threads-isolated"], IMPLEMENTATIONS[key])
    assert [dict(vars(cls)) for cls in classes] == before


def test_an_object_that_takes_the_id_of_a_dead_one_is_another_in_the_trace() -> None:
    trace = trace_behaviour(BEHAVIOURS["entries-left-in-context"], IMPLEMENTATIONS["threading"])
    assert len(trace.objects) == 100


def test_the_trace_is_printed_and_written_as_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    page = tmp_path / "trace.html"
    compare_one("threads-isolated", "threading", str(page))
    printed = capsys.readouterr().out
    assert "threads-isolated, threading.local: 13 events, 3 threads" in printed
    assert "local.user → 'alice'" in printed
    assert f"the trace is in {page}" in printed
    assert "threads-isolated, threading.local" in page.read_text("utf-8")


def test_a_page_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(OutputError, match=r"^cannot write '.*': Is a directory$"):
        compare_one("is-none", None, str(tmp_path))


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("thread-isolated", "did you mean threads-isolated or "),
        ("pickle", "did you mean "),
        ("qqqqq", "minictx compare --help lists them"),
    ],
)
def test_a_behaviour_that_does_not_exist_is_answered_with_the_nearest(
    key: str, message: str
) -> None:
    with pytest.raises(CompareError) as error:
        find_behaviour(key)
    assert str(error.value).startswith(f"there is no behaviour {key!r}: {message}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("gevnt", "there is no implementation 'gevnt': did you mean gevent?"),
        ("qqqqq", "there is no implementation 'qqqqq': use threading, gevent, "),
        ("werkzeug-1.0", "werkzeug-1.0 is recorded, it cannot be traced: use threading, "),
    ],
)
def test_an_implementation_that_cannot_be_traced_is_answered_with_those_that_can(
    key: str, message: str
) -> None:
    with pytest.raises(CompareError) as error:
        find_implementation(key)
    assert str(error.value).startswith(message)


def test_what_an_implementation_does_not_have_cannot_be_traced() -> None:
    with pytest.raises(CompareError, match=r"^threading\.local has no such thing: "):
        compare_one("stack-for-each-thread", "threading")


@needs_greenlet
@pytest.mark.parametrize("key", ["threading", "minictx-threads"])
def test_what_greenlets_share_is_drawn_in_the_storage_of_their_thread(key: str) -> None:
    trace = trace_behaviour(BEHAVIOURS["greenlets-isolated"], IMPLEMENTATIONS[key])
    state = State()
    stored = []
    for event in trace.events:
        state.apply(event)
        if event["kind"] == "set":
            (namespaces,) = state.locals.values()
            stored.append({trace.runners[who].label: {**namespaces[who]} for who in namespaces})
    assert stored == [
        {"stage of A, B": {"user": "'alice'"}},
        {"stage of A, B": {"user": "'bob'"}},
    ]
    # minictx cannot know when a thread ends, where it is not asked who runs.
    kept = trace.events[-1]["left"]
    assert [entry["value"] for entry in kept] == ["'bob'"] * (key == "minictx-threads")


@needs_greenlet
def test_what_greenlets_do_not_share_is_drawn_in_their_own() -> None:
    trace = trace_behaviour(BEHAVIOURS["greenlets-isolated"], IMPLEMENTATIONS["minictx"])
    assert not any("owner" in event for event in trace.events)


@pytest.mark.parametrize("of", ["asgiref", "contextvar", "werkzeug", "contextual"])
def test_what_a_task_inherits_is_drawn_in_its_own(of: str) -> None:
    trace = trace_behaviour(BEHAVIOURS["child-task-starts-from"], IMPLEMENTATIONS[of])
    (inherited,) = [event for event in trace.events if event["kind"] == "inherit"]
    assert inherited["held"][0]["value"] == "'alice'"
