"""Open a workspace: find it, mend what is broken in it, bring it up to date."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from minictx.learn.course import OURS, Course, CourseError
from minictx.learn.lock import in_turn
from minictx.learn.state import PROGRESS, TURN, BrokenStateError, State, hash_of, read
from minictx.learn.verify import check_all
from minictx.learn.workspace import WorkspaceError, bring_up_to_date, find_workspace

__all__ = ["load_course", "open_workspace"]


def open_workspace(folder: str, course_folder: str | None, say: Callable[[str], None]) -> State:
    """Return the state of the workspace in a folder; ``say`` what had to be done for that."""
    given = load_course(course_folder)
    workspace = find_workspace(Path(folder), given)
    file = workspace / PROGRESS
    try:
        data = read(file) if file.exists() else None
    except BrokenStateError:
        _check_that_it_fits(given, workspace)
        data = _read_or_put_aside(file, say)
    if data is None:
        say(f"{PROGRESS} is made anew: all exercises are checked, which may take a minute")
        state = _rebuild(given, workspace, course_folder)
    else:
        course = given if course_folder else load_course(data["course"])
        _check_that_it_fits(course, workspace)
        state = State.load(workspace, course)
        _remember(state, course_folder)
    for line in bring_up_to_date(state):
        say(line)
    return state


def load_course(folder: str | None) -> Course:
    """Load another course, or ours."""
    try:
        course = Course.load(folder or OURS)
    except CourseError as error:
        if folder is None or Path(folder).is_dir():
            raise
        raise CourseError(
            f"there is no course in {folder}: say where it is with --course DIR"
        ) from error
    if not course.exercises:
        raise CourseError(f"the course in {course.folder} has no exercises")
    return course


def _check_that_it_fits(course: Course, workspace: Path) -> None:
    """See that the files of one course are not put among those of another."""
    if not any((workspace / file).exists() for file in course.files):
        raise WorkspaceError(
            f"{workspace} has no file of the course {course.title!r}: say which course it is"
            " for, with --course DIR"
        )


def _rebuild(course: Course, workspace: Path, course_folder: str | None) -> State:
    """Find out what passes, by checking all."""
    state = State.load(workspace, course)
    for exercise, result in check_all(course, workspace, course.exercises):
        state.record(exercise, result)
    with state.changing() as data:
        data["course"] = _absolute(course_folder)
        data["current"] = state.current.key
        # It is not known what was shipped: what is there, and differs, is the student's.
        files = course.files.items()
        data["shipped"] = {
            file: hash_of(path) for file, path in files if (workspace / file).exists()
        }
    return state


def _remember(state: State, course_folder: str | None) -> None:
    """Keep where the course is, if the student has said it."""
    folder = _absolute(course_folder)
    if folder is not None and folder != state.data["course"]:
        with state.changing() as data:
            data["course"] = folder


def _read_or_put_aside(file: Path, say: Callable[[str], None]) -> dict[str, Any] | None:
    """Put a damaged file aside, if no other command has done so meanwhile."""
    with in_turn(file.with_name(TURN)):
        try:
            return read(file) if file.exists() else None
        except BrokenStateError as error:
            say(f"{error}: it is kept as {_put_aside(file).name}")
            return None


def _put_aside(file: Path) -> Path:
    for number in count(1):
        aside = file.with_name(f"{file.name}.broken-{number}")
        if not aside.exists():
            os.replace(file, aside)
            return aside
    raise AssertionError("count() does not end")


def _absolute(folder: str | None) -> str | None:
    return None if folder is None else str(Path(folder).resolve())
