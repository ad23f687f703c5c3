"""What scenarios write down, the stories that come of it, and which versions there are."""

from __future__ import annotations

import re
from importlib import metadata
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

import minictx.web
from minictx.compare import CompareError
from minictx.compare.flask_versions.differences import compare
from minictx.compare.flask_versions.kit import Kit, plain
from minictx.compare.flask_versions.recordings import (
    PINS,
    VERSIONS,
    find_scenario,
    find_version,
    load,
    story_of,
    tell,
)
from minictx.compare.flask_versions.scenarios import SCENARIOS, Scenario, get
from minictx.compare.flask_versions.story import make_story
from minictx.trace import record

# The kit


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


# Stories


def test_no_step_has_an_address_a_time_or_a_number_of_a_thread() -> None:
    of_one_run = re.compile(
        r"0x|object at|memory:|Thread|Executor|\d\.\d|\d{4}|\.py|/work|/home"
    )
    for version in VERSIONS:
        for key in SCENARIOS:
            for step in story_of(version, key):
                assert not of_one_run.search(step), (version, key, step)


def test_a_step_is_at_most_one_deeper_than_the_one_before() -> None:
    def depth(step: str) -> int:
        return len(step) - len(step.lstrip())

    for version in VERSIONS:
        for key in SCENARIOS:
            story = story_of(version, key)
            assert depth(story[0]) == 0
            for step, following in pairwise(story):
                assert depth(following) <= depth(step) + 2
                assert depth(following) % 2 == 0
            assert story[-1].startswith("* at the end (current: ")


def test_a_request_begins_with_a_push_and_ends_with_a_pop() -> None:
    for version in VERSIONS:
        outer = [step for step in story_of(version, "ok") if step[0] != " "]
        assert outer[0] == "push request context /ok"
        assert outer[-3] == "pop request context /ok"


def test_every_step_of_every_hook_is_in_the_story() -> None:
    story = [step.strip() for step in story_of("3.1.3", "ok")]
    hooks = ("before_request", "after_request", "teardown_request", "teardown_appcontext")
    for hook in hooks:
        assert [step for step in story if step.startswith(hook)] in (
            [f"{hook} first", f"{hook} second"],
            [f"{hook} second", f"{hook} first"],
        )


def test_what_happens_in_a_thread_says_so() -> None:
    for version in VERSIONS:
        story = story_of(version, "thread")
        assert "  in the thread: push request context /thread" in story
        seen = (
            "* the thread: has no g.user, hello, {'user': 'alice'} (current: app, g2, /thread)"
        )
        assert f"  {seen}" in story


def test_a_context_that_a_scenario_leaves_pushed_is_not_seen_by_the_next_one() -> None:
    def leave(kit: object) -> None:
        minictx.web.MiniFlask("left").app_context().push()

    left = tell(Scenario("left", "A context is left.", leave), minictx.web)
    assert left[-1] == "* at the end (current: left, g1)"
    assert not minictx.web.has_app_context()
    after = tell(Scenario("after", "Nothing happens.", lambda kit: None), minictx.web)
    assert after == ["* at the end (current: nothing)"]


def test_an_error_in_a_scenario_comes_out() -> None:
    def fail(kit: object) -> None:
        raise ZeroDivisionError

    try:
        tell(Scenario("fails", "It fails.", fail), minictx.web)
    except ZeroDivisionError:
        return
    raise AssertionError("the error is lost")


def test_a_recording_of_nothing_is_an_empty_story() -> None:
    with record() as trace:
        pass
    assert make_story(trace, []) == []


def test_stories_of_one_flask_differ_from_scenario_to_scenario() -> None:
    plain = get("/ok")
    assert tell(Scenario("plain", "", plain), minictx.web) == story_of("minictx", "ok")
    for version in PINS:
        stories = {tuple(story_of(version, key)) for key in SCENARIOS}
        assert len(stories) >= len(SCENARIOS) - 3  # HEAD, and alike


# Names of versions and scenarios


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("1.1", "1.1.4"),
        ("2.1", "2.1.3"),
        ("2.3", "2.3.3"),
        ("3.1", "3.1.3"),
        ("3", "3.1.3"),
        ("3.1.1", "3.1.1"),
        ("minictx", "minictx"),
    ],
)
def test_a_version_has_a_short_form(name: str, version: str) -> None:
    assert find_version(name) == version


@pytest.mark.parametrize("name", ["2.2", "", "3.1.", "flask", "1.1.4.5"])
def test_what_is_no_version_is_answered_with_all_that_are(name: str) -> None:
    with pytest.raises(CompareError) as caught:
        find_version(name)
    assert str(caught.value) == f"there is no version {name!r}; there are {', '.join(VERSIONS)}"


@pytest.mark.parametrize("name", ["two-apps", "two apps", "Two_Apps"])
def test_a_scenario_may_be_written_with_spaces(name: str) -> None:
    assert find_scenario(name) == "two-apps"


@pytest.mark.parametrize(
    ("name", "near"),
    [("strem", "stream"), ("none", "view-returns-none"), ("exit", "system-exit")],
)
def test_an_unknown_scenario_is_answered_with_the_nearest_ones(name: str, near: str) -> None:
    with pytest.raises(CompareError) as caught:
        find_scenario(name)
    message = str(caught.value)
    assert message.startswith(f"there is no scenario {name!r}; did you mean ")
    assert near in message
    assert "\n" not in message


def test_of_many_near_ones_four_are_named() -> None:
    with pytest.raises(CompareError) as caught:
        find_scenario("request")
    assert str(caught.value).count(", ") == 3


def test_what_is_near_to_nothing_is_answered_with_how_to_see_all() -> None:
    with pytest.raises(CompareError, match=r"'xyzzy'; without a name, all are listed$"):
        find_scenario("xyzzy")


def test_each_scenario_has_a_name_to_type_and_one_sentence() -> None:
    assert len(SCENARIOS) >= 48
    for key, scenario in SCENARIOS.items():
        assert scenario.key == key == find_scenario(key)
        assert scenario.sentence.endswith(".")
        assert "\n" not in scenario.sentence


# MiniFlask's stories


class Difference(NamedTuple):
    """Which Flask MiniFlask is nearest to, why it is another way, and all steps that differ."""

    flask: str
    reason: str
    steps: list[str]


TEARDOWN = "when one teardown function raises, the others still run"
STREAM = "one teardown, after the body, as in 3.1.1; and an abandoned stream leaves nothing"

DIFFERENCES = {
    "error-in-second-teardown": Difference(
        "3.1.3",
        TEARDOWN,
        [
            "+   teardown_request first",
            "+   signal request_tearing_down (None)",
            "- * raised: AppError, in teardown_request (current: nothing)",
            "+ * raised: group, AppError: in teardown_request (current: nothing)",
        ],
    ),
    "error-in-first-teardown": Difference(
        "3.1.3",
        TEARDOWN,
        [
            "+   signal request_tearing_down (None)",
            "- * raised: AppError, in teardown_request (current: nothing)",
            "+ * raised: group, AppError: in teardown_request (current: nothing)",
        ],
    ),
    "stream": Difference(
        "3.1.1",
        STREAM,
        [
            "-   push request context /stream",
            "- * response: 200 (current: app, g1, /stream)",
            "+ * response: 200 (current: nothing)",
        ],
    ),
    "stream-waits": Difference(
        "3.1.1",
        STREAM,
        [
            "-   push request context /stream",
            "- * the app has returned (current: app, g1, /stream)",
            "+ * the app has returned (current: nothing)",
            "- * the stream waits (current: app, g1, /stream)",
            "+ * the stream waits (current: nothing)",
            "+   push app context",
            "+     signal appcontext_pushed",
            "- * the other request is over (current: app, g1, /stream)",
            "+   pop app context",
            "+     teardown_appcontext second",
            "+     teardown_appcontext first",
            "+     signal appcontext_tearing_down (None)",
            "+     signal appcontext_popped",
            "+ * the other request is over (current: nothing)",
        ],
    ),
}
DIFFERENCES |= {
    key: Difference(
        "3.1.1",
        STREAM,
        [
            "-   push request context /stream",
            "- * the app has returned (current: app, g1, /stream)",
            "+ * the app has returned (current: nothing)",
        ],
    )
    for key in ("stream-served", "stream-abandoned", "stream-error")
}


@pytest.mark.parametrize("key", [key for key in SCENARIOS if key not in DIFFERENCES])
def test_miniflask_tells_the_story_of_flask_3_1(key: str) -> None:
    assert story_of("minictx", key) == story_of("3.1.3", key)


@pytest.mark.parametrize("key", DIFFERENCES)
def test_where_miniflask_differs_it_does_so_in_the_way_that_is_named(key: str) -> None:
    difference = DIFFERENCES[key]
    rows = compare(story_of(difference.flask, key), story_of("minictx", key))
    assert [f"{row.mark} {row.step}" for row in rows if row.mark != "="] == difference.steps


@pytest.mark.parametrize("key", DIFFERENCES)
def test_what_is_named_as_a_difference_is_one(key: str) -> None:
    assert story_of("minictx", key) != story_of("3.1.3", key)


@pytest.mark.parametrize("flask", PINS)
def test_each_flask_has_told_each_scenario_and_no_other(flask: str) -> None:
    assert load(flask)["versions"]["flask"] == flask
    assert load(flask)["stories"].keys() == SCENARIOS.keys()


def test_a_flask_that_is_installed_tells_what_was_recorded() -> None:
    web = pytest.importorskip("flask")
    pytest.importorskip("greenlet")
    if (installed := metadata.version("flask")) not in PINS:
        pytest.skip(f"Flask {installed} is not recorded")
    for key, scenario in SCENARIOS.items():
        assert tell(scenario, web) == story_of(installed, key)


def test_miniflask_tells_the_same_story_each_time() -> None:
    import minictx.web

    for key, scenario in SCENARIOS.items():
        assert tell(scenario, minictx.web) == story_of("minictx", key)
