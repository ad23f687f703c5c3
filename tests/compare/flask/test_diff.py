"""A comparison loses no step of either story, and pairs what has moved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from minictx.compare.flask_versions.differences import Row, compare, count_changes, pair

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
