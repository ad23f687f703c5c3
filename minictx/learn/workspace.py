"""The student's folder: made by `init`, opened and mended, never overwritten."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from minictx.errors import MinictxError
from minictx.learn.course import OURS, Course, CourseError, Exercise
from minictx.learn.state import (
    PROGRESS,
    TURN,
    BrokenStateError,
    State,
    hash_of,
    in_turn,
    read,
    replace,
)
from minictx.learn.verify import check_all

__all__ = [
    "KEPT",
    "WorkspaceError",
    "bring_up_to_date",
    "find_workspace",
    "init",
    "load_course",
    "open_workspace",
    "reset",
]

KEPT = "kept"  # where `reset` puts the student's files


class WorkspaceError(MinictxError):
    """Say in one line why there is no workspace, and what to do."""


def find_workspace(folder: Path, course: Course | None = None) -> Path:
    """Return the workspace that a folder is, or is in.

    A folder without a state is one, too, if it has a file of the course: the state can be
    lost, or not be given to a grader.
    """
    folder = folder.resolve()
    for each in (folder, *folder.parents):
        if (each / PROGRESS).exists():
            return each
    if course is not None and any((folder / file).is_file() for file in course.files):
        return folder
    raise WorkspaceError(
        f"{folder} is no workspace: `minictx learn init DIR` makes one; then go there, or"
        " name it with -C DIR"
    )


def init(course: Course, folder: Path, course_folder: str | None) -> State:
    """Make a workspace in a folder that is new, or empty."""
    folder = folder.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise WorkspaceError(_why_not(folder))
        for file, shipped in course.files.items():
            _write_new(folder / file, shipped.read_bytes())
    except OSError as error:
        raise WorkspaceError(f"cannot write {error.filename}: {error.strerror}") from error
    state = State.load(folder, course)
    with state.changing() as data:
        data["course"] = course_folder
        data["shipped"] = {file: hash_of(path) for file, path in course.files.items()}
        data["current"] = course.exercises[0].key
    return state


def bring_up_to_date(state: State) -> list[str]:
    """Bring a workspace up to date with its course, and return what to tell the student.

    A file that the student has changed, or removed, stays as it is.
    """
    hashes = {file: hash_of(source) for file, source in state.course.files.items()}
    said: list[str] = []
    if all(state.data["shipped"].get(file) == now for file, now in hashes.items()):
        return said
    with state.changing() as data:
        shipped: dict[str, str] = data["shipped"]
        for file, now in hashes.items():
            before = shipped.get(file)
            if now != before:
                source = state.course.files[file]
                said.append(_renew(state.workspace / file, file, source, before))
                shipped[file] = now
    return said


def reset(state: State, exercise: Exercise) -> Path | None:
    """Bring a file back as it was shipped; return the copy of the student's own.

    Where an exercise goes on with the file of others, it begins with what they made of it;
    but what the student has not solved yet is not given away.
    """
    while exercise.before and not state.mark(exercise.before[-1]):
        exercise = exercise.before[-1]
    target = state.workspace / exercise.file
    source = exercise.shipped.read_bytes()
    try:
        with in_turn(state.workspace / TURN):  # two of them would take each other's copy
            copy = _keep(state.workspace, target)
            target.unlink(missing_ok=True)
            _write_new(target, source)
    except OSError as error:
        raise WorkspaceError(f"cannot write {error.filename}: {error.strerror}") from error
    return copy


def _why_not(folder: Path) -> str:
    if (folder / PROGRESS).exists():
        return f"{folder} is a workspace already: go there, and start `minictx learn`"
    return f"{folder} is not empty: name a folder that is new, or empty"


def _renew(path: Path, file: str, source: Path, before: str | None) -> str:
    """Write one file of a newer course, unless the student would lose something."""
    if not path.exists():
        if before is not None:
            return f"{file} is newer in the course; yours is gone, and stays away"
        _write_new(path, source.read_bytes())
        return f"{file} is new in the course"
    if hash_of(path) != before:
        return f"{file} is newer in the course; yours is kept (`minictx learn reset` takes it)"
    replace(path, source.read_bytes())
    return f"{file} is newer in the course; you had not changed it, so you have the new one"


def _keep(workspace: Path, path: Path) -> Path | None:
    if not path.is_file():
        return None
    content = path.read_bytes()
    (workspace / KEPT).mkdir(exist_ok=True)
    for number in count(1):
        copy = workspace / KEPT / f"{path.stem}-{number}.py"
        try:
            _write_new(copy, content)
        except FileExistsError:
            continue
        return copy
    return None


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there; raise FileExistsError if it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "xb") as stream:
        stream.write(content)


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
        say(f"{PROGRESS} is made again: all exercises are checked, which may take a minute")
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
    """Refuse to mix the files of one course with those of another."""
    if not any((workspace / file).exists() for file in course.files):
        raise WorkspaceError(
            f"{workspace} has no file of the course {course.title!r}: say which course it is"
            " for, with --course DIR"
        )


def _rebuild(course: Course, workspace: Path, course_folder: str | None) -> State:
    """Check all exercises to find out which pass."""
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
