from __future__ import annotations

from pathlib import Path

import pytest

from minictx.learn.check import Result
from minictx.learn.course import Course
from minictx.learn.state import PROGRESS, State
from minictx.learn.workspace import WorkspaceError, find_workspace, init, open_workspace, reset
from tests.learn.courses import (
    SOLUTION,
    START,
    course_of,
    list_exercises,
    write,
    write_exercise,
)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return course_of(tmp_path / "course", "one-a", "one-b")


@pytest.fixture
def state(tmp_path: Path, course: Course) -> State:
    return init(course, tmp_path / "workspace", str(course.folder))


def opened(state: State) -> tuple[State, list[str]]:
    """Open the workspace again, with the course as it now is; return what is said."""
    said: list[str] = []
    return open_workspace(str(state.workspace), None, said.append), said


def content(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text()
        for file in folder.rglob("*")
        if file.is_file() and not file.name.startswith(PROGRESS)
    }


# init


def test_a_new_workspace_has_every_file_as_shipped(state: State) -> None:
    assert content(state.workspace) == {"one/one_a.py": START, "one/one_b.py": START}
    assert state.current.key == "one-a"
    assert opened(state)[1] == []


def test_an_empty_folder_becomes_a_workspace(tmp_path: Path, course: Course) -> None:
    (tmp_path / "empty").mkdir()
    init(course, tmp_path / "empty", None)
    assert (tmp_path / "empty" / "one" / "one_a.py").is_file()


@pytest.mark.parametrize("file", ["notes.txt", ".git/config", "one/one_a.py"])
def test_a_folder_with_anything_in_it_is_refused_and_stays_as_it_is(
    tmp_path: Path, course: Course, file: str
) -> None:
    write(tmp_path / "full" / file, "mine\n")
    with pytest.raises(WorkspaceError, match="is not empty: name a folder that is new"):
        init(course, tmp_path / "full", None)
    assert content(tmp_path / "full") == {file: "mine\n"}


def test_a_workspace_is_not_made_twice(state: State, course: Course) -> None:
    with pytest.raises(WorkspaceError, match="is a workspace already: go there"):
        init(course, state.workspace, None)


def test_a_file_is_no_folder(tmp_path: Path, course: Course) -> None:
    write(tmp_path / "file", "")
    with pytest.raises(WorkspaceError, match="cannot write"):
        init(course, tmp_path / "file", None)


def test_a_workspace_is_found_from_the_folders_in_it(state: State) -> None:
    assert find_workspace(state.workspace / "one") == state.workspace
    with pytest.raises(WorkspaceError, match="is no workspace: `minictx learn init DIR`"):
        find_workspace(state.workspace.parent)


# reset


def test_reset_keeps_a_copy_each_time(state: State) -> None:
    exercise = state.course.exercises[0]
    file = state.workspace / exercise.file
    for number in (1, 2):
        write(file, f"mine = {number}\n")
        copy = reset(state, exercise)
        assert copy == state.workspace / "kept" / f"one_a-{number}.py"
        assert copy.read_text() == f"mine = {number}\n"
        assert file.read_text() == START


def test_reset_without_a_place_for_the_copy_changes_nothing(state: State) -> None:
    exercise = state.course.exercises[0]
    write(state.workspace / exercise.file, "mine = 1\n")
    write(state.workspace / "kept", "a file of the student's\n")
    with pytest.raises(WorkspaceError, match=r"cannot write .*kept: File exists"):
        reset(state, exercise)
    assert (state.workspace / exercise.file).read_text() == "mine = 1\n"


def test_reset_brings_a_missing_file_back(state: State) -> None:
    exercise = state.course.exercises[0]
    (state.workspace / exercise.file).unlink()
    assert reset(state, exercise) is None
    assert (state.workspace / exercise.file).read_text() == START


def test_reset_does_not_give_away_what_is_not_solved_yet(tmp_path: Path) -> None:
    for key, start in (("one-a", START), ("one-b", None), ("one-c", None)):
        solution = f"{SOLUTION}# {key}\n"
        write_exercise(tmp_path / "c", key, file="one.py", start=start, solution=solution)
    course = list_exercises(tmp_path / "c", "one-a", "one-b", "one-c")
    state = init(course, tmp_path / "workspace", None)
    a, b, c = course.exercises
    file = state.workspace / "one.py"
    reset(state, c)
    assert file.read_text() == START
    state.record(a, Result("passed", files=("one.py",)))
    reset(state, c)
    assert file.read_text() == a.solution.read_text()
    state.record(b, Result("passed", files=("one.py",)))
    reset(state, c)
    assert file.read_text() == b.solution.read_text()


# an older course


def test_files_that_are_new_in_the_course_are_added(state: State) -> None:
    course_of(state.course.folder, "one-a", "one-b", "one-c")
    again, said = opened(state)
    assert said == ["one/one_c.py is new in the course"]
    assert [each.key for each in again.course.exercises] == ["one-a", "one-b", "one-c"]
    assert (state.workspace / "one" / "one_c.py").read_text() == START
    assert opened(state)[1] == []


def test_a_file_that_the_student_has_not_touched_becomes_the_newer_one(state: State) -> None:
    write(state.course.exercises[0].shipped, "newer = 1\n")
    assert opened(state)[1] == [
        "one/one_a.py is newer in the course; you had not changed it, so you have the new one"
    ]
    assert (state.workspace / "one" / "one_a.py").read_text() == "newer = 1\n"
    assert opened(state)[1] == []


def test_a_file_that_the_student_has_changed_stays(state: State) -> None:
    write(state.course.exercises[0].shipped, "newer = 1\n")
    write(state.workspace / "one" / "one_a.py", "mine = 1\n")
    assert opened(state)[1] == [
        "one/one_a.py is newer in the course; yours is kept (`minictx learn reset` takes it)"
    ]
    assert (state.workspace / "one" / "one_a.py").read_text() == "mine = 1\n"
    assert opened(state)[1] == []


def test_a_file_that_the_student_has_removed_stays_away(state: State) -> None:
    write(state.course.exercises[0].shipped, "newer = 1\n")
    (state.workspace / "one" / "one_a.py").unlink()
    assert opened(state)[1] == [
        "one/one_a.py is newer in the course; yours is gone, and stays away"
    ]
    assert not (state.workspace / "one" / "one_a.py").exists()


def test_a_file_of_the_students_own_with_the_name_of_a_new_one_stays(state: State) -> None:
    write(state.workspace / "one" / "one_c.py", "mine = 1\n")
    course_of(state.course.folder, "one-a", "one-b", "one-c")
    assert "yours is kept" in opened(state)[1][0]
    assert (state.workspace / "one" / "one_c.py").read_text() == "mine = 1\n"


def test_an_exercise_that_is_gone_from_the_course_keeps_its_progress(state: State) -> None:
    a = state.course.exercises[0]
    state.record(a, Result("passed", files=(a.file,)))
    list_exercises(state.course.folder, "one-b")
    opened(state)
    course_of(state.course.folder, "one-a", "one-b")
    assert opened(state)[0].has_passed(a)


# a state that is broken, or lost


def test_a_broken_state_is_kept_aside_and_found_again_by_checking_all(state: State) -> None:
    b = state.course.exercises[1]
    write(state.workspace / b.file, SOLUTION)
    for number in (1, 2):
        write(state.workspace / PROGRESS, "{")
        said: list[str] = []
        again = open_workspace(str(state.workspace), str(state.course.folder), said.append)
        assert (
            "is damaged: Expecting property name enclosed in double quotes: line 1" in said[0]
        )
        assert said[0].endswith(f"it is kept as {PROGRESS}.broken-{number}")
        assert said[1:] == [
            f"{PROGRESS} is made again: all exercises are checked, which may take a minute"
        ]
        assert again.marks() == {"one-a": "", "one-b": "passed"}
        assert (state.workspace / f"{PROGRESS}.broken-{number}").read_text() == "{"
    assert opened(again)[1] == []
    assert opened(again)[0].marks() == {"one-a": "", "one-b": "passed"}


def test_a_lost_state_is_found_again_too(state: State) -> None:
    a = state.course.exercises[0]
    write(state.workspace / a.file, SOLUTION)
    (state.workspace / PROGRESS).unlink()
    said: list[str] = []
    again = open_workspace(str(state.workspace), str(state.course.folder), said.append)
    assert said == [
        f"{PROGRESS} is made again: all exercises are checked, which may take a minute"
    ]
    assert (again.marks(), again.current.key) == ({"one-a": "passed", "one-b": ""}, "one-b")
