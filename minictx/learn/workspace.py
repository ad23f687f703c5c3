"""The student's folder: made by `init`, never overwritten."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from minictx.errors import MinictxError
from minictx.learn.course import Course, Exercise
from minictx.learn.lock import in_turn
from minictx.learn.state import PROGRESS, TURN, State, hash_of, replace

__all__ = ["KEPT", "WorkspaceError", "bring_up_to_date", "find_workspace", "init", "reset"]

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
    """Give a workspace of an older course what is new, and return what there is to say.

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
    """Write one file of a newer course, if that takes nothing away from the student."""
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
