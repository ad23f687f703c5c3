"""Run a command with limits: on what it prints, on its time, and on what it leaves running.

This file is also a program: the guard, which runs between us and a command on Linux.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread

__all__ = ["PRINTED", "Process"]

PRINTED = 1_000_000  # bytes: what prints more is ended
SHOWN = 4_000  # bytes: of what is printed, so much is kept
ENDING = 10.0  # seconds for the guard to end what is left
HAS_GUARD = sys.platform == "linux" and hasattr(os, "pidfd_open")


def what_may_go_on() -> str:
    """Return what `Process.end` does not end on this system; "" if it ends all."""
    if HAS_GUARD:
        return ""
    leavers = "processes that leave their group" if hasattr(os, "killpg") else "processes"
    return f"{leavers} that it starts"


class Process:
    """A process whose output is read, up to a limit, and which can be ended as a whole."""

    def __init__(self, command: Sequence[str], cwd: str | Path | None = None) -> None:
        self.stop: int | None = None  # closed to have the guard end everything
        fds: list[int] = []
        if HAS_GUARD:
            told, self.stop = os.pipe()
            fds, guard = [told], [sys.executable, "-I", "-S", __file__, str(told)]
            command = [*guard, *command]
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            pass_fds=fds,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_environment(),
            start_new_session=True,  # a group of processes, which can be ended together
        )
        for fd in fds:
            os.close(fd)
        self.status: int | None = None  # the exit code; None while it runs
        self.printed = b""  # the end of what it printed
        self.flooded = False
        # It must be read all the time: a process that prints to a full pipe waits.
        self.reader = Thread(target=self._read, name="minictx learn: read", daemon=True)
        self.reader.start()

    def send(self, line: str) -> None:
        """Write the only line of its standard input."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended already: `wait` will see
            self.process.stdin.write(f"{line}\n".encode())
            self.process.stdin.close()

    def wait(self, seconds: float, begun: Path | None = None, left: float = 0.0) -> None:
        """Wait until it has ended, or has printed too much, or the time is over.

        As soon as the file ``begun`` is there, the time that is left is ``left``.
        """
        end = time.monotonic() + seconds
        # Its output ends with it, unless something that it started goes on.
        while self.reader.is_alive() and self.process.poll() is None:
            if begun is not None and begun.exists():
                begun, end = None, time.monotonic() + left
            if time.monotonic() > end:
                return
            self.reader.join(0.05)
        if not self.flooded:
            with suppress(subprocess.TimeoutExpired):
                self.status = self.process.wait(max(end - time.monotonic(), 0))

    def end(self) -> None:
        """End it, and what it started."""
        if self.stop is not None:
            os.close(self.stop)
            self.stop = None
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(ENDING)
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        self.process.wait()
        self.reader.join(1)
        self._close()

    def _close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None and not self.reader.is_alive():
                with suppress(BrokenPipeError):
                    pipe.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        size = 0
        while part := os.read(self.process.stdout.fileno(), 65536):
            size += len(part)
            self.printed = (self.printed + part)[-SHOWN:]
            if size > PRINTED:
                self.flooded = True
                return


def _environment() -> dict[str, str]:
    """Return our environment, without variables that change what pytest does."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    return ours | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


# The guard

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def main() -> None:
    """Run a command, and end all that it started: ``python process.py FD COMMAND ...``.

    A process that leaves its group, as a daemon does, is not ended together with the group.
    So this process asks Linux to make it the parent of each orphan below it (a "subreaper").
    It ends them all when the command ends, or when the other end of the pipe FD is closed:
    the process that holds it wants that, or has died.
    """
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
