from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from minictx.learn.check import Result
from minictx.learn.course import Course, Exercise
from minictx.learn.verify import as_json, as_junit, as_lines, check_all
from tests.learn.courses import SOLUTION, START, course_of, write

LINES = "two lines\nof text"
RESULTS = [
    Result("passed", seconds=0.5),
    Result("failed", LINES, "one/one_b.py:3", 0.25, "test_b"),
    Result("error", "a \x1b[31m\x00 <control> & \ud800 character"),
    Result("timeout", "not done after 5 s"),
]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return course_of(tmp_path / "course", "one-a", "one-b", "one-c", "one-d")


@pytest.fixture
def results(course: Course) -> list[tuple[Exercise, Result]]:
    return list(zip(course.exercises, RESULTS, strict=True))


def test_all_are_checked_and_told_in_their_order(course: Course, tmp_path: Path) -> None:
    sources = [SOLUTION, START, SOLUTION, "1 / 0\n"]
    for exercise, source in zip(course.exercises, sources, strict=True):
        write(tmp_path / "workspace" / exercise.file, source)
    found = list(check_all(course, tmp_path / "workspace", course.exercises))
    assert [exercise.key for exercise, _ in found] == ["one-a", "one-b", "one-c", "one-d"]
    assert [result.status for _, result in found] == ["passed", "failed", "passed", "error"]


def test_a_line_says_what_came_of_it_and_the_message_is_below(course: Course) -> None:
    assert as_lines(course.exercises[0], RESULTS[0]) == "passed   one-a"
    below = "\n         "
    assert as_lines(course.exercises[1], RESULTS[1]) == (
        f"failed   one-b{below}two lines{below}of text"
    )


def test_json_has_every_exercise(
    course: Course, results: list[tuple[Exercise, Result]]
) -> None:
    table = json.loads(as_json(course, results))
    assert (table["version"], table["course"], table["passed"]) == (1, "A course", 1)
    assert [each["status"] for each in table["exercises"]] == [
        "passed",
        "failed",
        "error",
        "timeout",
    ]
    assert table["exercises"][1] == {
        "name": "one-b",
        "chapter": "one",
        "status": "failed",
        "message": LINES,
        "place": "one/one_b.py:3",
        "check": "test_b",
        "seconds": 0.25,
    }


def test_junit_counts_and_tells(course: Course, results: list[tuple[Exercise, Result]]) -> None:
    suite = ElementTree.fromstring(as_junit(course, results))
    assert suite.attrib == {"name": "A course", "tests": "4", "failures": "1", "errors": "2"}
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == ["one-a", "one-b", "one-c", "one-d"]
    assert [[child.tag for child in case] for case in cases] == [
        [],
        ["failure"],
        ["error"],
        ["error"],
    ]
    assert cases[0].attrib == {"classname": "one", "name": "one-a", "time": "0.500"}
    failure = cases[1][0]
    assert (failure.get("message"), failure.text) == (LINES, "one/one_b.py:3")
    assert cases[2][0].get("message") == "a ?[31m? <control> & ? character"
