"""The order of events is Flask's: the same apps, run on Flask and on MiniFlask.

The scenarios of which Flask and MiniFlask do not say the same are named here, each with
what is different; all the others must be equal to the last detail.
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from importlib.metadata import version

import pytest

import minictx.web
import minictx.web.sessions
from minictx.compare.flask_versions.kit import Entry, Kit
from minictx.compare.flask_versions.scenarios import SCENARIOS
from minictx.web import globals as web_globals

flask = pytest.importorskip("flask")
flask_sessions = pytest.importorskip("flask.sessions")

Log = list[Entry]

FLASK_VERSION = tuple(int(part) for part in version("flask").split(".")[:3])
STREAMS = {name for name in SCENARIOS if name.startswith("stream")}
TEARDOWN_ERRORS = {
    "error-in-second-teardown",
    "error-in-first-teardown",
}


@pytest.fixture(autouse=True)
def clean_stacks() -> Iterator[None]:
    """Take off what a scenario left, so that it cannot be seen by the next one."""
    yield
    for stack in (web_globals._request_ctx_stack, web_globals._app_ctx_stack):
        while stack.pop() is not None:
            pass


def run_on_flask(name: str) -> Log:
    kit = Kit(flask)
    # In a context of its own, for the same reason as above.
    contextvars.copy_context().run(SCENARIOS[name].run, kit)
    return kit.log


def run_on_miniflask(name: str) -> Log:
    kit = Kit(minictx.web)
    SCENARIOS[name].run(kit)
    return kit.log


@pytest.mark.parametrize("name", sorted(SCENARIOS.keys() - STREAMS - TEARDOWN_ERRORS))
def test_the_events_are_those_of_flask(name: str) -> None:
    if FLASK_VERSION < (3, 1, 3):
        pytest.skip("3.1.3 mended the test client, and tracks access to the session anew")
    log = run_on_flask(name)
    assert len(log) >= 3
    assert run_on_miniflask(name) == log


def events(log: Log) -> list[str]:
    return [event for event, *_ in log]


def test_when_a_teardown_function_raises_the_others_still_run() -> None:
    """Better than Flask 3.1, and as Flask's main: all run, then all errors in one group."""
    name = "error-in-second-teardown"
    theirs, ours = run_on_flask(name), run_on_miniflask(name)
    added = [entry for entry in ours if entry not in theirs]
    assert events(added) == [
        "teardown_request first",
        "signal request_tearing_down",
        "raised",
    ]
    assert added[-1][1:3] == ("group", "AppError: in teardown_request")
    removed = [entry for entry in theirs if entry not in ours]
    assert [entry[:2] for entry in removed] == [("raised", "AppError")]


def test_when_the_last_teardown_function_raises_the_signal_is_still_sent() -> None:
    """The second half of the same."""
    name = "error-in-first-teardown"
    theirs, ours = run_on_flask(name), run_on_miniflask(name)
    added = [entry for entry in ours if entry not in theirs]
    assert events(added) == ["signal request_tearing_down", "raised"]
    removed = [entry for entry in theirs if entry not in ours]
    assert [entry[:2] for entry in removed] == [("raised", "AppError")]


@pytest.mark.parametrize("name", sorted(STREAMS - {"stream-waits"}))
def test_a_streams_events_are_those_of_flask_3_1_1(name: str) -> None:
    """There is one teardown, after the body; Flask 3.1.2 added one before it.

    Better than 3.1.1: between the end of the request and the first chunk, and between two
    chunks, the contexts are on no stack, so that an abandoned stream leaves nothing there.
    """
    theirs, ours = run_on_flask(name), run_on_miniflask(name)
    if FLASK_VERSION >= (3, 1, 2):
        theirs = without_the_teardown_before_the_body(theirs)
    assert [entry[:-1] for entry in ours] == [entry[:-1] for entry in theirs]
    between_chunks = {"the app has returned", "response", "body"}
    for mine, other in zip(ours, theirs, strict=True):
        assert mine[-1] == ("-" if mine[0] in between_chunks else other[-1])
    assert events(ours).count("signal request_tearing_down") == 1


def test_a_request_that_comes_while_a_stream_waits_has_an_app_context_of_its_own() -> None:
    """Better than Flask 3.1, where it gets the stream's, and its g, with all that is there."""
    theirs, ours = run_on_flask("stream-waits"), run_on_miniflask("stream-waits")
    assert contexts_at("the stream waits", theirs) == ["app g1 /stream"]
    assert contexts_at("before_request first", theirs) == ["app g1 /stream", "app g1 /ok"]
    assert contexts_at("the stream waits", ours) == ["-"]
    assert contexts_at("before_request first", ours) == ["app g1 /stream", "app g2 /ok"]


def contexts_at(event: str, log: Log) -> list[str]:
    return [entry[-1] for entry in log if entry[0] == event]


def without_the_teardown_before_the_body(log: Log) -> Log:
    body = events(log).index("chunk")
    start = events(log).index("teardown_request second")
    end = events(log).index("signal appcontext_popped") + 1
    assert start < end < body, "there is no teardown before the body"
    pushed_again = body - 1
    assert events(log)[pushed_again] == "signal appcontext_pushed"
    return log[:start] + log[end:pushed_again] + log[body:]


def test_the_scenarios_cover_what_they_must() -> None:
    assert len(SCENARIOS) >= 40
