"""Each process of a recorded program writes a file of its own, whatever ends it.

A program may fork workers, end by a signal or by ``os._exit``, or let another program take
its place. None of these runs the lines after it. So the trace is saved before.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from minictx.trace.patch import Patches

__all__ = ["Names", "saved_early", "say"]


def say(text: str) -> None:
    """Print one line to standard error, if it is there."""
    with contextlib.suppress(AttributeError, ValueError, OSError):
        print(f"minictx: {text}", file=sys.stderr, flush=True)


class Names:
    """The names of the files that a process writes, so that no other one writes the same.

    >>> names = Names([])
    >>> names.of("trace.json")
    'trace.json'
    >>> names.of("trace-%p.json") == f"trace-{os.getpid()}.json"
    True

    A name without ``%p`` belongs to the process that asked for it first. A forked one, or
    one that a reloader has started with the same command, has its number added.
    """

    def __init__(self, paths: list[str]) -> None:
        self._pid = os.getpid()
        # A lock each, which lasts as long as this process. It lies among the temporary files:
        # the program may look into the folder that it writes to.
        self._locks = {path: _lock(path) for path in paths if "%p" not in path}

    @property
    def is_first(self) -> bool:
        """Whether this is the process that was started, and not one that it forked."""
        return os.getpid() == self._pid

    def of(self, path: str) -> str:
        """Return the name that this process writes to in the place of ``path``."""
        if "%p" in path:
            return path.replace("%p", str(os.getpid()))
        if self.is_first and self._locks.get(path, 0) is not None:
            return path
        stem, extension = os.path.splitext(path)
        return f"{stem}-{os.getpid()}{extension}"


def _lock(path: str) -> int | None:
    """Lock a name; return None if another process has it."""
    try:
        import fcntl
    except ImportError:  # Windows, where nothing forks; a reloader must be told %p there
        return 0
    name = hashlib.sha256(os.path.realpath(path).encode()).hexdigest()[:20]
    place = os.path.join(tempfile.gettempdir(), f"minictx-{os.getuid()}-{name}.lock")
    try:
        file = os.open(place, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError:
        return 0
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return None
    return file


@contextmanager
def saved_early(save: Callable[[], None]) -> Iterator[None]:
    """Call ``save`` in each process that ends without a way back to here.

    What is not followed, such as a Python that the program starts, is said in one line.
    """
    patches = Patches()
    saved: set[int] = set()

    def save_once() -> None:
        if os.getpid() not in saved:
            saved.add(os.getpid())
            try:
                save()
            except OSError as error:
                say(f"cannot write {error.filename!r}: {error.strerror}")

    def wrap_exit(original: Any) -> Any:
        def _exit(*args: Any, **options: Any) -> None:
            save_once()
            original(*args, **options)

        return _exit

    def wrap_exec(original: Any) -> Any:
        def execute(path: Any, *args: Any, **options: Any) -> None:
            if os.access(path, os.X_OK):  # others are only tried
                say(f"{os.fsdecode(path)} takes the place of this process: it is not recorded")
                save_once()
            original(path, *args, **options)

        return execute

    patches.wrap(os, "_exit", wrap_exit)
    patches.wrap(os, "execv", wrap_exec)
    patches.wrap(os, "execve", wrap_exec)
    patches.wrap(subprocess.Popen, "__init__", _wrap_popen)
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                _save_at_signal(patches, getattr(signal, name), save_once)
    try:
        yield
    finally:
        patches.undo()


def _save_at_signal(patches: Patches, number: int, save: Callable[[], None]) -> None:
    """Save before a signal ends the process, if the program does nothing else about it."""
    if signal.getsignal(number) is not signal.SIG_DFL:
        return

    def end(*_: object) -> None:
        signal.signal(number, signal.SIG_IGN)  # a second one would end the writing
        save()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def put_back() -> None:
        if signal.getsignal(number) is end:
            signal.signal(number, signal.SIG_DFL)

    signal.signal(number, end)
    patches.call_later(put_back)


def _wrap_popen(original: Any) -> Any:
    said: set[str] = set()

    def __init__(self: Any, args: Any, *more: Any, **options: Any) -> None:  # noqa: N807
        original(self, args, *more, **options)
        given = [args] if isinstance(args, str | bytes | os.PathLike) else list(args)
        words = [os.fsdecode(word) for word in given]
        is_python = os.path.basename((words or [""])[0]).startswith("python")
        if is_python and "minictx" not in words and not said:
            said.add("it")
            say("a Python process that this program starts is not recorded")

    return __init__


def patch_multiprocessing(patches: Patches, module: Any) -> None:
    """Say so where a process does not begin as a copy of this one."""
    said: set[str] = set()

    def wrap(original: Any) -> Any:
        def start(self: Any) -> None:
            original(self)
            method = getattr(self._popen, "method", "fork")
            if method != "fork" and method not in said:
                said.add(method)
                say(f"processes that multiprocessing starts by {method!r} are not recorded")

        return start

    patches.wrap(module.BaseProcess, "start", wrap)
