"""How far the student is: one JSON file in the workspace.

    {"version": 1,
     "course": null, or the folder of another course than ours,
     "current": "running-dict",
     "passed": {"running-dict": {"checks.py": HASH, "running/running_dict.py": HASH}},
     "hints": {"running-dict": 2},
     "shipped": {"running/running_dict.py": HASH}}

``passed`` has hashes of the files that a passed exercise depends on: if one has changed since,
the exercise must be checked again.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from minictx.errors import MinictxError
from minictx.learn.check import Result
from minictx.learn.course import Course, Exercise

__all__ = [
    "PROGRESS",
    "BrokenStateError",
    "BusyError",
    "State",
    "StateError",
    "alone",
    "hash_of",
    "in_turn",
]


PROGRESS = "progress.json"
TURN = "progress.json.lock"
VERSION = 1
EMPTY: dict[str, Any] = {
    "version": VERSION,
    "course": None,
    "current": "",
    "passed": {},
    "hints": {},
    "shipped": {},
}


class StateError(MinictxError):
    """Say in one line why the progress cannot be read or written."""


class BrokenStateError(StateError):
    """The file is there, but it is not what was written."""


def hash_of(file: Path) -> str:
    """Return a hash of the content; "" if there is no file."""
    try:
        if not file.is_file():  # the name may be that of a device, which has no end
            return ""
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except (OSError, ValueError):  # ValueError: no file can have this name
        return ""


class State:
    """What the student has passed, and the current exercise."""

    def __init__(self, workspace: Path, course: Course, data: dict[str, Any]) -> None:
        self.workspace, self.course, self.data = workspace, course, data

    @classmethod
    def load(cls, workspace: str | os.PathLike[str], course: Course) -> State:
        """Read the state of a workspace; without one, nothing has passed yet."""
        folder = Path(workspace).resolve()
        return cls(folder, course, read(folder / PROGRESS))

    @property
    def current(self) -> Exercise:
        """The current exercise; at first, the first one."""
        for exercise in self.course.exercises:
            if exercise.key == self.data["current"]:
                return exercise
        # The course may have changed since.
        open_ones = (each for each in self.course.exercises if not self.has_passed(each))
        return next(open_ones, self.course.exercises[0])

    def go_to(self, exercise: Exercise) -> None:
        """Make an exercise the current one."""
        with self.changing() as data:
            data["current"] = exercise.key

    def record(self, exercise: Exercise, result: Result) -> None:
        """Note the result of a check; earlier exercises in the same file pass with it."""
        with self.changing() as data:
            passed = data["passed"]
            if result.passed:
                for each in (*exercise.before, exercise):
                    if each == exercise or each.key in passed:
                        passed[each.key] = self._hashes(each, {each.file, *result.files})
            else:
                passed.pop(exercise.key, None)

    def has_passed(self, exercise: Exercise) -> bool:
        """Return whether an exercise passed, and nothing that it depends on changed since."""
        return self.mark(exercise) == "passed"

    def mark(self, exercise: Exercise) -> str:
        """Return "passed", or "changed" since it was, or "" if it has not passed yet."""
        hashes = self.data["passed"].get(exercise.key)
        if hashes is None:
            return ""
        # Working on a later exercise changes its file all the time; the earlier ones in
        # this file are checked together with it.
        current = next(
            (e for e in self.course.exercises if e.key == self.data["current"]), None
        )
        if current is not None and exercise in current.before:
            return "passed"
        return "passed" if hashes == self._hashes(exercise, hashes) else "changed"

    def marks(self) -> dict[str, str]:
        """Return the mark of every exercise, by its key."""
        return {each.key: self.mark(each) for each in self.course.exercises}

    def next_hint(self, exercise: Exercise) -> int:
        """Count the hints that were asked for; return the number of this one, from 1."""
        hints = len(self.course.text(exercise).hints)
        with self.changing() as data:
            level: int = min(data["hints"].get(exercise.key, 0) + 1, hints)
            data["hints"][exercise.key] = level
        return level

    @contextmanager
    def changing(self) -> Iterator[dict[str, Any]]:
        """Read the file, let the block change what was read, and write it.

        Other commands wait meanwhile: else one would write what it read before, and undo
        what the others have noted since. A block may not hold another.
        """
        file = self.workspace / PROGRESS
        with in_turn(self.workspace / TURN):
            if file.exists():
                self.data = read(file)
            yield self.data
            self.save()

    def save(self) -> None:
        """Write the file; whatever happens, the old or the new one is there, complete."""
        file = self.workspace / PROGRESS
        text = json.dumps(self.data, indent=1) + "\n"
        try:
            replace(file, text.encode())
        except OSError as error:
            raise StateError(f"cannot write {file}: {error.strerror}") from error

    def _hashes(self, exercise: Exercise, files: Any) -> dict[str, str]:
        hashes = {file: hash_of(self.workspace / file) for file in sorted(files)}
        return hashes | {"checks.py": hash_of(exercise.checks)}


def replace(file: Path, content: bytes) -> None:
    """Write a file under a new name, and then give it the name of the old one."""
    new = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with open(new, "xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(new, file)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def read(file: Path) -> dict[str, Any]:
    """Read the file of a state; raise `BrokenStateError` if it is damaged."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return json.loads(json.dumps(EMPTY))  # type: ignore[no-any-return]
    except OSError as error:
        raise StateError(f"cannot read {file}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BrokenStateError(f"{file} is damaged: {error}") from error
    version = data.get("version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise StateError(f"{file} was written by a newer minictx: install that one, or a newer")
    if version != VERSION or not _is_whole(data):
        raise BrokenStateError(f"{file} is damaged: something in it is not as it was written")
    return data  # type: ignore[no-any-return]


def _is_whole(data: dict[str, Any]) -> bool:
    kinds = {name: str | None if name == "course" else type(EMPTY[name]) for name in EMPTY}
    return (
        all(isinstance(data.get(name), kind) for name, kind in kinds.items())
        and all(isinstance(each, dict) for each in data["passed"].values())
        and all(isinstance(each, int) for each in data["hints"].values())
    )


# Locks between processes: one watcher in a workspace, one change of its progress at a time


class BusyError(MinictxError):
    """Say in one line which process has the workspace, or why none can have it."""


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int, wait: bool) -> None:
        os.lseek(file, 1 << 20, os.SEEK_SET)  # far behind the number that others read
        while True:
            try:
                return msvcrt.locking(file, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            except OSError:  # LK_LOCK gives up after ten seconds
                if not wait:
                    raise

else:
    try:
        import fcntl
    except ImportError:  # Python in a browser, which runs one process
        fcntl = None  # type: ignore[assignment]

    def _lock(file: int, wait: bool) -> None:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


@contextmanager
def in_turn(file: Path) -> Iterator[None]:
    """Hold the lock ``file`` inside the block; wait until no other process or thread has it.

    The system drops a lock when its process ends, however it ends: a file that is left behind
    holds up no other.
    """
    handle = _open(file)
    try:
        _lock(handle, wait=True)
        yield
    finally:
        os.close(handle)


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Hold the lock ``file`` inside the block; raise `BusyError` if another process has it."""
    handle = _open(file)
    try:
        try:
            _lock(handle, wait=False)
        except (BlockingIOError, PermissionError) as error:
            raise BusyError(_who(file)) from error
        os.lseek(handle, 0, os.SEEK_SET)
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)


def _open(file: Path) -> int:
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise BusyError(f"cannot write {file}: {error.strerror}") from error


def _who(file: Path) -> str:
    process = file.read_text(encoding="ascii", errors="replace").strip() or "unknown"
    return (
        f"another minictx learn watches {str(file.parent)!r} (process {process}):"
        " go on there, or end it first"
    )
