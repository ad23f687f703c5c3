"""MiniFlask's stories are those that Flask 3.1 told, but for the differences named here."""

from __future__ import annotations

from importlib.metadata import version
from typing import NamedTuple

import pytest

from minictx.compare.flask_versions.differences import compare
from minictx.compare.flask_versions.recordings import PINS, load, story_of, tell
from minictx.compare.flask_versions.scenarios import SCENARIOS


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
    if (installed := version("flask")) not in PINS:
        pytest.skip(f"Flask {installed} is not recorded")
    for key, scenario in SCENARIOS.items():
        assert tell(scenario, web) == story_of(installed, key)


def test_miniflask_tells_the_same_story_each_time() -> None:
    import minictx.web

    for key, scenario in SCENARIOS.items():
        assert tell(scenario, minictx.web) == story_of("minictx", key)
