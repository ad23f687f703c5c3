from __future__ import annotations

from pathlib import Path

import pytest

from minictx.learn.check import check
from minictx.learn.check_course import read_wrong
from minictx.learn.course import Course, CourseError
from minictx.learn.new_exercise import write_exercise
from minictx.learn.workspace import init
from tests.learn.courses import course_of, write


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["build", "predict", "repair"])
def test_a_new_course_begins_with_an_exercise_that_works(tmp_path: Path, kind: str) -> None:
    folder = write_exercise(tmp_path / "course", "one-a", kind, None)
    course = Course.load(tmp_path / "course")
    (exercise,) = course.exercises
    assert (exercise.folder, exercise.kind, exercise.chapter) == (folder, kind, "one")
    workspace = init(course, tmp_path / "workspace", None).workspace
    for file, status in ((exercise.shipped, "failed"), (exercise.solution, "passed")):
        write(workspace / exercise.file, file.read_text())
        assert check(course, exercise, workspace).status == status
    assert len(course.text(exercise).hints) == 3
    wrong = read_wrong(exercise)
    assert len(wrong) == 2
    for each in wrong:
        write(workspace / exercise.file, each.source(exercise.solution.read_text()))
        assert each.says in check(course, exercise, workspace).message


def test_an_exercise_is_added_to_its_chapter_or_to_a_new_one(tmp_path: Path) -> None:
    course_of(tmp_path, "one-a")
    for name, chapter in (
        ("one-b", None),
        ("more-c", None),
        ("more-d", "one"),
        ("e-e", "more"),
    ):
        write_exercise(tmp_path, name, "build", chapter)
    course = Course.load(tmp_path)
    assert [(each.key, [e.key for e in each.exercises]) for each in course.chapters] == [
        ("one", ["one-a", "one-b", "more-d"]),
        ("more", ["more-c", "e-e"]),
    ]
    assert all(course.text(each).title != each.key for each in course.exercises)


def test_a_list_over_several_lines_gets_one_more(tmp_path: Path) -> None:
    course_of(tmp_path, "one-a", "one-b")
    file = tmp_path / "course.toml"
    text = file.read_text()
    file.write_text(text.replace("['one-a', 'one-b']", '[\n    "one-a",\n    "one-b",\n]'))
    write_exercise(tmp_path, "one-c", "build", None)
    assert [each.key for each in Course.load(tmp_path).exercises] == ["one-a", "one-b", "one-c"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    write_exercise(tmp_path, "one-a", "build", None)
    file = write(tmp_path / "exercises" / "one-a" / "start.py", "mine = 1\n")
    before = (tmp_path / "course.toml").read_text()
    with pytest.raises(CourseError, match="is there already: choose another name"):
        write_exercise(tmp_path, "one-a", "build", None)
    assert file.read_text() == "mine = 1\n"
    assert (tmp_path / "course.toml").read_text() == before


def test_a_course_that_is_broken_stays_as_it_is(tmp_path: Path) -> None:
    write(tmp_path / "course.toml", "version = 3\n")
    with pytest.raises(CourseError, match="version must be 1"):
        write_exercise(tmp_path, "one-a", "build", None)
    assert [each.name for each in tmp_path.iterdir()] == ["course.toml"]


@pytest.mark.parametrize("name", ["one", "One-a", "one-", "../one-a", "one a", ""])
def test_a_name_says_its_chapter(tmp_path: Path, name: str) -> None:
    with pytest.raises(CourseError, match="write it as chapter-what, in small letters"):
        write_exercise(tmp_path, name, "build", None)
    assert not list(tmp_path.iterdir())
