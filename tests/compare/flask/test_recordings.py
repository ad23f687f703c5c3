"""Versions and scenarios are found by what a user types; an error says what there is."""

from __future__ import annotations

import pytest

from minictx.compare import CompareError
from minictx.compare.flask_versions.recordings import (
    VERSIONS,
    find_scenario,
    find_version,
)
from minictx.compare.flask_versions.scenarios import SCENARIOS


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
