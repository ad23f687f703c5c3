"""A story is readable, and says nothing that is of one run only."""

from __future__ import annotations

import re
from itertools import pairwise

import minictx.web
from minictx.compare.flask_versions.recordings import PINS, VERSIONS, story_of, tell
from minictx.compare.flask_versions.scenarios import SCENARIOS, Scenario, get
from minictx.compare.flask_versions.story import make_story
from minictx.trace import record


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


def test_a_scenario_that_leaves_a_context_leaves_it_to_nobody() -> None:
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
