"""What a task inherits through contextvars is in the trace, from its first use on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from types import ModuleType
from typing import Any

import pytest
import werkzeug.local

from minictx import Local, contextual
from minictx.trace import Trace, record
from minictx.trace.chrome import chrome_events
from minictx.trace.rows import make_rows
from minictx.trace.state import State
from tests.trace.test_recorder import told

MODULES = [contextual, werkzeug.local]


def with_child(parent: Callable[[], Any], child: Callable[[], Any]) -> Trace:
    """Record a task that runs parent(), and then one that it makes, which runs child()."""

    async def run_child() -> None:
        child()

    async def run_parent() -> None:
        parent()
        await asyncio.create_task(run_child(), name="child")

    with record() as trace:
        asyncio.run(run_parent())
    return trace


def inherited(trace: Trace) -> list[tuple[str, list[Any]]]:
    """Return who inherited, and the names and values of what."""
    return [
        (
            trace.runners[event["context"]].label,
            [(entry["name"], entry["value"]) for entry in event["held"]],
        )
        for event in trace.events
        if event["kind"] == "inherit"
    ]


STACK_USES: list[Callable[[Any], Any]] = [
    lambda stack: stack.push("inner"),
    lambda stack: stack.pop(),
    lambda stack: stack.top,
    lambda stack: str(stack("upper")()),
    lambda stack: stack.__release_local__(),
]


@pytest.mark.parametrize("module", MODULES, ids=["contextual", "werkzeug"])
@pytest.mark.parametrize("use", STACK_USES, ids=["push", "pop", "top", "proxy", "release"])
def test_what_is_on_an_inherited_stack_is_told_before_its_first_use(
    module: ModuleType, use: Callable[[Any], Any]
) -> None:
    stack = module.LocalStack()

    def parent() -> None:
        stack.push("a")
        stack.push("b")

    trace = with_child(parent, lambda: (use(stack), use(stack)))
    assert inherited(trace) == [("child", [(None, "'a'"), (None, "'b'")])]
    assert {entry["context"] for entry in trace.events[-1]["left"]} <= {1}
    kinds = [event["kind"] for event in trace.events]
    (of_stack,) = {event["object"] for event in trace.events if event["kind"] == "inherit"}
    assert trace.objects[of_stack].type == "LocalStack"
    assert kinds.index("inherit") < len(kinds) - kinds[::-1].index("end")


LOCAL_USES: list[Callable[[Any], Any]] = [
    lambda local: setattr(local, "user", "bob"),
    lambda local: local.user,
    lambda local: hasattr(local, "missing"),
    lambda local: delattr(local, "user"),
    lambda local: local.__release_local__(),
]


@pytest.mark.parametrize("module", MODULES, ids=["contextual", "werkzeug"])
@pytest.mark.parametrize("use", LOCAL_USES, ids=["set", "get", "miss", "delete", "release"])
def test_what_is_in_an_inherited_local_is_told_before_its_first_use(
    module: ModuleType, use: Callable[[Any], Any]
) -> None:
    local = module.Local()

    def parent() -> None:
        local.user, local.n = "alice", 1

    trace = with_child(parent, lambda: use(local))
    assert inherited(trace) == [("child", [("user", "'alice'"), ("n", "1")])]


def test_the_state_of_a_child_begins_with_what_it_inherited() -> None:
    stack, local = contextual.LocalStack[str](), contextual.Local()

    def parent() -> None:
        stack.push("a")
        stack.push("b")
        local.user = "alice"

    def child_work() -> None:
        stack.push("c")
        local.n = 1

    trace = with_child(parent, child_work)
    child = next(id for id, runner in trace.runners.items() if runner.label == "child")
    state = State().apply_all(trace.events)
    (stacks,), (names,) = state.stacks.values(), state.locals.values()
    assert stacks[child] == ["'a'", "'b'", "'c'"]
    assert names[child] == {"user": "'alice'", "n": "1"}
    (end,) = [
        event for event in trace.events if event["kind"] == "end" and event["context"] == child
    ]
    # What it has only inherited is not left behind by it.
    assert [entry["value"] for entry in end["left"]] == ["'c'", "1"]


def test_the_transcript_and_the_chart_show_it_too() -> None:
    stack = contextual.LocalStack[str]()
    trace = with_child(lambda: (stack.push("a"), stack.push("b")), lambda: stack.top)
    (row,) = [row for row in make_rows(trace) if row.event["kind"] == "inherit"]
    assert row.holding is not None
    assert row.holding.items == ["'a'", "'b'"]
    assert row.file == "", "no line of code does it"
    depths = [event["args"]["depth"] for event in chrome_events(trace) if event["ph"] == "C"]
    assert depths == [1, 2, 2]


def test_a_context_that_begins_empty_inherits_nothing() -> None:
    stack = contextual.LocalStack[str]()
    trace = with_child(lambda: None, lambda: (stack.push("a"), stack.pop(), stack.top))
    assert inherited(trace) == []


def test_what_was_stored_before_the_recording_is_found_there() -> None:
    def work() -> None:
        local = contextual.Local()
        local.user = "alice"
        with record() as trace:
            local.user = "bob"
        assert inherited(trace) == [(trace.runners[1].label, [("user", "'alice'")])]
        assert told(trace, "set")[0][-1] == "'bob'"

    copy_context().run(work)


def test_a_local_that_is_kept_by_ident_has_nothing_to_inherit() -> None:
    local = Local()
    trace = with_child(lambda: setattr(local, "user", "alice"), lambda: local.user)
    assert inherited(trace) == []


def test_an_error_in_a_recorded_use_does_not_show_who_looked() -> None:
    local = contextual.Local()
    with record(), pytest.raises(AttributeError) as caught:
        local.missing  # noqa: B018
    files = [entry.path.name for entry in caught.traceback if hasattr(entry.path, "name")]
    assert files == ["test_inherited.py", "contextual.py"]
