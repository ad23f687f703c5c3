"""Locks between processes: one watcher in a workspace, one change of its progress at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from minictx.errors import MinictxError

__all__ = ["BusyError", "alone", "in_turn"]


class BusyError(MinictxError):
    """Say in one line who has the workspace, or that it cannot be had."""


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
