"""One watcher for each workspace: two would write the same state."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from minictx.errors import MinictxError

__all__ = ["BusyError", "alone"]


class BusyError(MinictxError):
    """Say in one line who has the workspace."""


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        os.lseek(file, 1 << 20, os.SEEK_SET)  # far behind the number that others read
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Hold the lock ``file`` inside the block; raise `BusyError` if another process has it.

    The system drops the lock when the process ends, however it ends: a lock file that is
    left behind holds up nobody.
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            _lock(handle)
        except (BlockingIOError, PermissionError) as error:
            raise BusyError(_who(file)) from error
        os.lseek(handle, 0, os.SEEK_SET)
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)


def _who(file: Path) -> str:
    process = file.read_text(encoding="ascii", errors="replace").strip() or "unknown"
    return (
        f"another minictx learn watches {str(file.parent)!r} (process {process}):"
        " go on there, or end it first"
    )
