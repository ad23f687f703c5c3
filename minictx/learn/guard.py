"""Run a command, and end all that it started: ``python guard.py FD COMMAND ...``, on Linux.

A process that leaves its group, as a daemon does, is not ended together with the group. So
this process asks Linux to make it the parent of each orphan below it (a "subreaper"). It ends
them all when the command ends, or when the other end of the pipe FD is closed: whoever holds
it wants that, or has died.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def main() -> None:
    """Run the command, and end as it does."""
    stop, command = int(sys.argv[1]), sys.argv[2:]
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    # The command dies with this process, too, if something kills that.
    process = subprocess.Popen(
        command,
        start_new_session=True,
        preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
    )
    ended = os.pidfd_open(process.pid)
    readable, _, _ = select.select([stop, ended], [], [])
    status = process.wait() if ended in readable else -signal.SIGKILL
    end_children()
    if status < 0:  # by a signal: end by the same
        os.kill(os.getpid(), -status)
    os._exit(status)


def prctl(option: int, value: int) -> None:
    try:
        import ctypes
    except ImportError:  # then only what stays below the command is ended
        return
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def end_children() -> None:
    """Kill every child until there is none: those of a dead one become ours."""
    while children := list(children_of(os.getpid())):
        for child in children:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
        os.waitpid(-1, 0)


def children_of(parent: int) -> Iterator[int]:
    for name in filter(str.isdecimal, os.listdir("/proc")):
        with suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
            # After the command's name, which may have any character, come state and parent.
            if int(file.read().rpartition(b")")[2].split()[1]) == parent:
                yield int(name)


if __name__ == "__main__":
    main()
