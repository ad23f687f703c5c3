"""Notice which files of a workspace are saved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["watching"]

POLL = 0.2  # seconds between two looks, without watchfiles
LOOK = 1000  # milliseconds after which files are looked at, whatever watchfiles says
GATHER = 20  # milliseconds: an editor that empties a file and writes it saves it once

Stamp = tuple[int, int, int] | None
Wake = Callable[[Iterable[Path], threading.Event], Iterator[object]]


def stamp(file: Path) -> Stamp:
    """Return what changes whenever a file is saved; None where there is no file."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


class Stamps:
    """What a set of files was like when they were last looked at."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.stamps = {file: stamp(file) for file in files}

    def changed(self) -> set[Path]:
        """Return the files that are not as they were at the last look."""
        before, self.stamps = self.stamps, {file: stamp(file) for file in self.stamps}
        return {file for file, now in self.stamps.items() if now != before[file]}


def wake_by_watchfiles(folders: Iterable[Path], stop: threading.Event) -> Iterator[object]:
    """Yield as soon as something happens in one of the folders, and once a second."""
    from watchfiles import watch

    # The second is for file systems of other machines, which do not tell what happens there.
    return watch(
        *folders,
        watch_filter=None,
        step=GATHER,
        rust_timeout=LOOK,
        yield_on_timeout=True,
        recursive=False,
        stop_event=stop,
    )


def wake_by_polling(_: Iterable[Path], stop: threading.Event) -> Iterator[object]:
    """Yield five times a second."""
    while not stop.wait(POLL):
        yield None


class Watcher(threading.Thread):
    """Calls ``saved`` with the files that were saved, and ``say`` where it must poll."""

    def __init__(
        self,
        files: Iterable[Path],
        saved: Callable[[set[Path]], None],
        say: Callable[[str], None],
        wake: Wake = wake_by_watchfiles,
    ) -> None:
        super().__init__(name="minictx learn: watch", daemon=True)
        # Looked at before the thread runs: what is saved from here on is seen.
        self.stamps = Stamps(files)
        self.folders = {file.parent for file in self.stamps.stamps if file.parent.is_dir()}
        self.saved, self.say, self.wake = saved, say, wake
        self.stopping = threading.Event()

    def run(self) -> None:
        try:
            self.watch(self.wake)
        except (ImportError, OSError, RuntimeError) as error:
            self.say(f"looking at the files every {POLL} s, without watchfiles: {error}")
            self.watch(wake_by_polling)

    def watch(self, wake: Wake) -> None:
        for _ in wake(self.folders, self.stopping):
            if changed := self.stamps.changed():
                self.saved(changed)

    def stop(self) -> None:
        """End the thread, and wait for its end."""
        self.stopping.set()
        self.join()


@contextmanager
def watching(
    files: Iterable[Path],
    saved: Callable[[set[Path]], None],
    say: Callable[[str], None],
    wake: Wake = wake_by_watchfiles,
) -> Iterator[None]:
    """Call ``saved`` with the files that are saved inside the block.

    Both functions are called on a thread of the watcher. ``say`` gets one line if watchfiles
    cannot be used and the files are looked at again and again instead.
    """
    watcher = Watcher(files, saved, say, wake)
    watcher.start()
    try:
        yield
    finally:
        watcher.stop()
