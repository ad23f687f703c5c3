from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import flask
import pytest
import werkzeug.local

from minictx.trace import record
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
