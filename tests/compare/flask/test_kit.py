"""The log of a kit tells what is current, and is the same for all frameworks."""

from __future__ import annotations

from typing import Any

import pytest

from minictx.compare.flask_versions.kit import Kit, plain
from minictx.trace import record


@pytest.fixture(params=["minictx.web", "flask"])
def web(request: pytest.FixtureRequest) -> Any:
    """What a test says with this fixture is true of MiniFlask and of Flask."""
    return pytest.importorskip(request.param)


def test_each_g_has_a_number_from_the_first_time_that_it_is_seen(web: Any) -> None:
    kit = Kit(web)
    assert kit.contexts() == "-"
    with kit.app.app_context():
        assert [kit.contexts(), kit.contexts()] == ["app g1 -"] * 2
        with kit.app.app_context():
            assert [kit.contexts(), kit.contexts()] == ["app g2 -"] * 2
        assert kit.contexts() == "app g1 -"
        with kit.app_class("silent").app_context():
            assert [kit.contexts(), kit.contexts()] == ["silent g3 -"] * 2
        with kit.app.test_request_context("/ok"):
            assert kit.contexts() == "app g1 /ok"


def test_what_is_said_knows_how_many_events_came_before(web: Any) -> None:
    with record() as trace:
        kit = Kit(web, trace)
        kit.say("first", 1)
        kit.note("noted only")
        with kit.app.app_context():
            kit.say("second")
    (before_first, first), (before_second, second) = kit.said
    assert (first, second) == (("first", 1, "-"), ("second", "app g1 -"))
    between = trace.events[before_first:before_second]
    assert [e["kind"] for e in between if e["kind"].startswith("context")] == [
        "context_push"
    ] * 2
    assert [entry[0] for entry in kit.log if entry[0][:6] != "signal"] == [
        *("first", "noted only", "second"),
        *("teardown_appcontext second", "teardown_appcontext first"),
    ]


def test_an_error_that_is_expected_is_said_and_each_of_a_group() -> None:
    kit = Kit(pytest.importorskip("minictx.web"))

    def fail(error: BaseException) -> None:
        raise error

    kit.expect_error(lambda: None)
    kit.expect_error(lambda: fail(SystemExit("now. Or later")))
    kit.expect_error(lambda: fail(ExceptionGroup("both", [KeyError("a"), ValueError("b")])))
    assert kit.log == [
        ("raised nothing", "-"),
        ("raised", "SystemExit", "now", "-"),
        ("raised", "group", "KeyError: 'a'", "ValueError: b", "-"),
    ]


def test_what_only_one_framework_puts_in_a_context_is_not_in_the_log() -> None:
    context = {"g": object(), "request": object(), "session": object(), "error": KeyError("a")}
    assert plain(context) == {"error": "KeyError: 'a'"}


def test_the_log_has_hooks_signals_and_sessions_with_what_they_were_given(web: Any) -> None:
    kit = Kit(web)
    kit.app.test_client().get("/ok")
    log = {entry[0]: entry[1:] for entry in kit.log}
    assert log["session opened"] == ({}, "app g1 /ok")
    assert log["session saved"] == ({"seen": True}, True, "app g1 /ok")
    assert log["signal request_finished"] == (True, {"response": "response 200"}, "app g1 /ok")
    assert log["url_value_preprocessor"] == ("ok", {}, "app g1 /ok")
    assert log["after_request first"] == (200, "app g1 /ok")
    assert log["teardown_appcontext first"] == (None, "app g1 -")
