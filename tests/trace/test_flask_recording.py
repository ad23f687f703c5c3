from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from contextlib import suppress
from contextvars import copy_context
from itertools import groupby
from pathlib import Path

import flask
import pytest
import werkzeug.local

from minictx.trace import Trace, record
from minictx.trace.state import State
from minictx.trace.summary import sum_up
from minictx.trace.words import describe
from tests.trace import peers
from tests.trace.web_app import make_app

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    "check",
    [peers.check_requests, peers.check_stacks, peers.check_unbound, peers.check_put_back],
)
def test_flask_is_recorded(check: object) -> None:
    check(flask)  # type: ignore[operator]


def test_flask_is_recorded_when_it_is_imported_during_the_recording() -> None:
    result = subprocess.run(
        [sys.executable, "tests/trace/peers.py"], capture_output=True, text=True, cwd=ROOT
    )
    assert (result.stdout.partition(" ")[0], result.stderr) == ("Flask", "")


def test_the_functions_of_a_blueprint_are_recorded() -> None:
    app = make_app(flask)
    blueprint = flask.Blueprint("cart", __name__)

    @blueprint.before_request
    def before_cart() -> None: ...

    @blueprint.route("/cart")
    def show() -> str:
        return "empty"

    app.register_blueprint(blueprint)
    with record() as trace:
        app.test_client().get("/cart")
    names = [
        event.get("function_name", event["name"])
        for event in trace.events
        if event["kind"] in ("hook", "view") and event["phase"] == "begin"
    ]
    assert names == [
        *("preprocess", "before", "before_cart", "cart.show", "after"),
        *("tear_down", "tear_down_app"),
    ]


def test_an_app_context_is_recorded_where_the_user_pushes_it() -> None:
    app = make_app(flask)
    with record() as trace:
        with app.app_context():
            flask.g.user = "alice"
        with pytest.raises(RuntimeError):
            _ = flask.g.user
    words = [
        (event["kind"], event.get("phase"))
        for event in trace.events
        if event["kind"] in ("context_push", "context_pop", "resolve", "unbound")
    ]
    assert words == [
        ("context_push", "begin"),
        ("context_push", "end"),
        ("resolve", None),
        ("context_pop", "begin"),
        ("context_pop", "end"),
        ("unbound", None),
    ]
    assert all(
        event["file"] == "tests/trace/test_flask_recording.py"
        for event in trace.events
        if event["kind"].startswith("context_")
    )


def test_the_locals_of_werkzeug_belong_to_the_task() -> None:
    local = werkzeug.local.Local()

    async def work(name: str) -> str:
        local.user = name
        await asyncio.sleep(0)
        return str(local.user)

    async def main() -> list[str]:
        return list(
            await asyncio.gather(
                *[asyncio.create_task(work(name), name=name) for name in ("alice", "bob")]
            )
        )

    with record() as trace:
        assert asyncio.run(main()) == ["alice", "bob"]
    assert [
        (trace.runners[event["context"]].label, event["value"], "owner" in event)
        for event in trace.events
        if event["kind"] == "set"
    ] == [("alice", "'alice'", False), ("bob", "'bob'", False)]


def left_of(trace: Trace) -> list[str]:
    return [text for text in sum_up(trace, len(trace.events)) if "eft behind" in text]


def test_a_context_that_is_never_popped_is_left_behind() -> None:
    app = make_app(flask)
    ctx = app.app_context()
    with record() as trace:
        ctx.push()
    ctx.pop()
    (text,) = left_of(trace)
    assert "_cv_app = [<AppContext object>]" in text

    with record() as trace:
        thread = threading.Thread(target=lambda: app.test_request_context("/lost").push())
        thread.start()
        thread.join()
    app_context, request_context = left_of(trace)
    assert "ended" in app_context
    assert "/lost" in request_context


def test_a_pop_that_raises_is_told_as_one() -> None:
    app = make_app(flask)
    outer, inner = app.app_context(), app.app_context()

    def fail(error: object) -> None:
        raise KeyError("teardown")

    with record() as trace:
        with pytest.raises(LookupError):
            outer.pop()  # it is not there
        outer.push()
        inner.push()
        with pytest.raises(AssertionError, match="wrong app context"):
            outer.pop()  # it is not on top
    ends = [
        event
        for event in trace.events
        if event["kind"].startswith("context_") and event["phase"] == "end"
    ]
    assert [event.get("error", "")[:14] for event in ends] == [
        "LookupError(<C",
        "",
        "",
        "AssertionError",
    ]
    assert "raises AssertionError" in describe(trace, ends[-1])
    # What was pushed and popped is what Flask has done, whether it raised or not.
    kinds = [event["kind"] for event in trace.events]
    assert [kind for kind in kinds if kind in ("push", "pop", "change")] == [
        *("push", "push"),
        "change",  # the token of the outer one was for "nothing"
    ]
    assert left_of(trace) == ["Nothing was left behind."]
    with suppress(LookupError, AssertionError):
        inner.pop()

    app.teardown_appcontext(fail)
    with record() as trace, pytest.raises(KeyError), app.app_context():
        pass
    words = [describe(trace, event) for event in trace.events]
    assert "teardown_appcontext fail raises KeyError('teardown')" in words
    assert "pop of the app context raises KeyError('teardown')" in words
    assert left_of(trace) == ["Nothing was left behind."]


def test_a_task_is_drawn_with_the_contexts_that_it_inherits() -> None:
    app = make_app(flask)

    async def child() -> str:
        return str(flask.current_app.name)

    async def parent() -> str:
        with app.app_context():
            return await asyncio.create_task(child(), name="child")

    with record() as trace:
        assert asyncio.run(parent()) == "shop"
    (inherit,) = [event for event in trace.events if event["kind"] == "inherit"]
    assert trace.runners[inherit["context"]].label == "child"
    assert trace.objects[inherit["object"]].label == "_cv_app"
    after = trace.events[inherit["n"] :]
    assert after[0]["kind"] == "resolve"
    state = State().apply_all(trace.events[: inherit["n"]])
    assert list(state.stacks[inherit["object"]].values()) == [["<AppContext object>"]] * 2
    assert left_of(trace) == ["Nothing was left behind."]


def test_contexts_that_nest_or_change_at_once_are_followed() -> None:
    app = make_app(flask)
    empty = copy_context()
    with record() as trace, app.app_context(), app.test_request_context("/"):
        request = flask.request.path
        empty.run(lambda: flask.has_request_context() or bool(flask.request))
        assert flask.request.path == request
    assert left_of(trace) == ["Nothing was left behind."]
    state = State()
    heights = []
    for event in trace.events:
        state.apply(event)
        if event["kind"] in ("resolve", "unbound"):
            heights.append(
                sum(map(len, (s for o in state.stacks.values() for s in o.values())))
            )
    assert [height for height, _ in groupby(heights)] == [2, 0, 2]
