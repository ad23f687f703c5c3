"""What only one of two stories has, what that means, and the command that shows it."""

from __future__ import annotations

import io
import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from minictx.compare import CompareError
from minictx.compare.command import compare_flask
from minictx.compare.flask_versions.differences import (
    FACTS,
    Fact,
    Row,
    compare,
    count_changes,
    find_facts,
    pair,
)
from minictx.compare.flask_versions.recordings import VERSIONS, story_of
from minictx.compare.flask_versions.scenarios import SCENARIOS
from minictx.compare.flask_versions.show import show_overview, show_scenario
from minictx.files import OutputError

stories = st.lists(st.sampled_from(["push", "  push", "view", "pop", "  pop"]), max_size=12)


@given(stories, stories)
def test_both_stories_can_be_read_from_the_rows(older: list[str], newer: list[str]) -> None:
    rows = compare(older, newer)
    assert [row.step for row in rows if row.mark in "=-"] == older
    assert [row.step for row in rows if row.mark in "=+"] == newer


@given(stories, stories)
def test_a_step_that_moved_is_marked_on_both_sides(older: list[str], newer: list[str]) -> None:
    rows = compare(older, newer)

    def texts(mark: str, moved: bool) -> list[str]:
        return sorted(
            row.step.strip() for row in rows if (row.mark, row.moved) == (mark, moved)
        )

    assert texts("-", moved=True) == texts("+", moved=True)
    assert not set(texts("-", moved=False)) & set(texts("+", moved=False))
    assert texts("=", moved=True) == []


@given(stories)
def test_a_story_has_no_differences_from_itself(story: list[str]) -> None:
    assert compare(story, story) == [Row("=", step) for step in story]


@given(stories, stories)
def test_side_by_side_stand_the_same_rows(older: list[str], newer: list[str]) -> None:
    rows = compare(older, newer)
    pairs = list(pair(rows))
    assert [left for left, _ in pairs if left] == [row for row in rows if row.mark != "+"]
    assert [right for _, right in pairs if right] == [row for row in rows if row.mark != "-"]
    for left, right in pairs:
        if (left and left.mark == "=") or (right and right.mark == "="):
            assert left is right


def test_a_step_that_went_inside_of_another_has_moved() -> None:
    rows = compare(["push", "view", "pop"], ["push", "  view", "pop"])
    assert rows[1:3] == [Row("-", "view", True), Row("+", "  view", True)]
    assert count_changes(rows) == (1, 1)


def test_of_two_like_steps_the_nearer_one_has_moved() -> None:
    older = ["a", "b", "c", "pop"]
    newer = ["  pop", "a", "b", "c", "  pop"]
    assert [row.moved for row in compare(older, newer)] == [
        *(False, False, False, False),
        *(True, True),
    ]


def test_a_step_that_most_of_a_long_story_repeats_is_still_compared() -> None:
    # Of stories of 200 steps and more, SequenceMatcher would leave out what is frequent.
    story = ["teardown"] * 250
    assert count_changes(compare(story, [*story, "end"])) == (1, 0)
    assert count_changes(compare(["start", *story], [*story, "end"])) == (1, 1)


# Facts


def count(version: str, key: str, step: str) -> int:
    return [each.strip() for each in story_of(version, key)].count(step)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.words[:40])
def test_a_fact_is_true_of_every_version_that_it_names(fact: Fact) -> None:
    for key, (in_some, in_others) in fact.times.items():
        assert in_some != in_others
        assert {count(version, key, fact.step) for version in fact.some} == {in_some}
        assert {count(version, key, fact.step) for version in fact.others} == {in_others}


def test_a_version_is_on_one_side_of_a_fact() -> None:
    for fact in FACTS:
        assert not set(fact.some) & set(fact.others)
        assert set(fact.some) | set(fact.others) <= set(VERSIONS)


@pytest.mark.parametrize("key", SCENARIOS)
def test_words_stand_beside_each_difference_and_beside_nothing_else(key: str) -> None:
    for older, newer in combinations(VERSIONS, 2):
        differs = story_of(older, key) != story_of(newer, key)
        assert bool(find_facts(key, older, newer)) == differs, (older, newer)
        assert find_facts(key, older, newer) == find_facts(key, newer, older)


# The command


Capture = pytest.CaptureFixture[str]


def printed(show: Any, *arguments: Any, width: int = 80) -> list[str]:
    """Return the lines that are printed on a terminal without colours."""
    file = io.StringIO()
    show(*arguments, Console(file=file, width=width, highlight=False))
    return [line.rstrip() for line in file.getvalue().splitlines()]


def run(
    capsys: Capture, scenario: str | None = None, *versions: str | None, as_json: bool = False
) -> str:
    older, newer = versions or (None, None)
    assert compare_flask(scenario, older, newer, None, as_json) == 0
    return capsys.readouterr().out


# One scenario


def test_at_80_columns_the_diff_is_one_column_with_marks() -> None:
    lines = printed(show_scenario, "first-request", "2.1.3", "2.3.3")
    assert "- before_first_request prepare" in lines
    assert "    push app context" in lines
    assert "  signal request_started" in lines
    assert "- 2.1.3 only, + 2.3.3 only: 0 steps added, 1 removed" in lines
    assert " ".join(lines[-2:]) == find_facts("first-request", "2.1.3", "2.3.3")[0]


def test_a_moved_step_says_so_where_it_was_and_where_it_is() -> None:
    lines = printed(show_scenario, "debug-error", "2.1.3", "2.3.3")
    assert "-   pop request context /raise/app (moved)" in lines
    assert "+ pop request context /raise/app (moved)" in lines
    assert "+ * raised: AppError, in the view (current: nothing)" in lines
    assert "both have what is (moved), in another place" in " ".join(lines)


def test_at_a_wide_terminal_the_stories_stand_side_by_side() -> None:
    lines = printed(show_scenario, "debug-error", "2.1.3", "2.3.3", width=130)
    head = next(line for line in lines if line.startswith("2.1.3 "))
    middle = head.index("2.3.3")
    left = [line[:middle].rstrip() for line in lines]
    right = [line[middle:].rstrip() for line in lines]
    assert "-   pop request context /raise/app (moved)" in left
    assert "+ pop request context /raise/app (moved)" in right
    assert not any(line.startswith("+ ") for line in left)
    assert not any(line.startswith("- ") for line in right[5:])


@pytest.mark.parametrize("width", [40, 80, 110, 130])
def test_no_step_is_cut_at_any_width(width: int) -> None:
    for key in ("client-block", "stream-waits"):
        lines = printed(show_scenario, key, "1.1.4", "minictx", width=width)
        text = " ".join(" ".join(lines).split())
        assert "…" not in text
        if width == 80:
            for step in (*story_of("1.1.4", key), *story_of("minictx", key)):
                assert any(line[2:].removesuffix(" (moved)") == step for line in lines)


def test_where_nothing_differs_the_story_is_told_once() -> None:
    for width in (80, 130):
        lines = printed(show_scenario, "ok", "1.1.4", "3.1.3", width=width)
        assert lines[0] == "ok: A view answers."
        assert lines[2] == "The same in 1.1.4 and 3.1.3."
        assert [line[2:] for line in lines[4:]] == story_of("3.1.3", "ok")


def test_the_first_and_the_last_flask_are_compared_if_nothing_else_is_said(
    capsys: Capture,
) -> None:
    assert "- 1.1.4 only, + 3.1.3 only" in run(capsys, "stream")
    assert "- 2.1.3 only, + 3.1.3 only" in run(capsys, "stream", "2.1", None)
    assert "- 1.1.4 only, + minictx only" in run(capsys, "stream", None, "minictx")


# All of them


def test_the_overview_has_a_row_a_scenario_and_fits_80_columns() -> None:
    lines = printed(show_overview, VERSIONS)
    head, rows = lines[0].split(), [line.split() for line in lines[1 : len(SCENARIOS) + 1]]
    assert head == ["scenario", *VERSIONS]
    assert {row[0] for row in rows} == set(SCENARIOS)
    assert ["first-request", "48", "=", "+0", "-1", "=", "=", "="] in rows
    assert ["ok", "24", "=", "=", "=", "=", "="] in rows
    assert max(map(len, lines)) <= 88
    assert "…" not in "".join(lines)


def test_the_scenarios_that_change_come_first() -> None:
    lines = printed(show_overview, VERSIONS)[1 : len(SCENARIOS) + 1]
    changed = ["+" in line for line in lines]
    assert changed == sorted(changed, reverse=True)
    assert any(changed)
    assert not all(changed)


def test_of_two_versions_the_overview_has_two_columns(capsys: Capture) -> None:
    head, *rows = run(capsys, None, "2.1", "2.3").splitlines()
    assert head.split() == ["scenario", "2.1.3", "2.3.3"]
    assert ["debug-error", "45", "+10", "-10"] in [row.split() for row in rows]
    assert run(capsys, None, None, "2.3").split()[:3] == ["scenario", "1.1.4", "2.3.3"]


# As data


def test_the_data_has_what_is_printed(capsys: Capture) -> None:
    found = json.loads(run(capsys, "two apps", "2.1", "minictx", as_json=True))
    assert found["scenario"] == "two-apps"
    assert found["sentence"] == SCENARIOS["two-apps"].sentence
    assert (found["from"], found["to"], found["facts"]) == ("2.1.3", "minictx", [])
    assert [row["step"] for row in found["rows"]] == story_of("minictx", "two-apps")
    assert {row["mark"] for row in found["rows"]} == {"="}


def test_the_overview_is_data_too(capsys: Capture) -> None:
    entries = {each["scenario"]: each for each in json.loads(run(capsys, as_json=True))}
    assert entries.keys() == SCENARIOS.keys()
    assert entries["first-request"]["steps"] == 48
    assert list(entries["first-request"]["changes"]) == VERSIONS[1:]
    assert entries["first-request"]["changes"]["2.3.3"] == {"added": 0, "removed": 1}


# Errors, and the page


@pytest.mark.parametrize(
    "arguments", [("nothing", None, None), ("ok", "9", None), (None, None, "x")]
)
def test_what_is_not_known_is_an_error_of_one_line(arguments: Any) -> None:
    scenario, older, newer = arguments
    with pytest.raises(CompareError) as caught:
        compare_flask(scenario, older, newer, None, False)
    assert str(caught.value).startswith("there is no ")
    assert "\n" not in str(caught.value)


def test_a_page_is_written_and_nothing_printed(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "page.html"
    assert compare_flask(None, None, None, str(file), False) == 0
    assert file.read_text("utf-8").startswith("<!doctype html>")
    assert capsys.readouterr().out == ""


def test_a_page_that_cannot_be_written_is_an_error_of_one_line(tmp_path: Path) -> None:
    path = str(tmp_path / "no" / "page.html")
    with pytest.raises(OutputError) as caught:
        compare_flask(None, None, None, path, False)
    assert str(caught.value) == f"cannot write {path!r}: No such file or directory"
