"""What the student does: keys, or lines of text, and files that are saved."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

__all__ = ["BACK", "END", "has_raw_keys", "input_file", "pressing", "watching"]

# Keys, or lines of text

END = ""  # what is pressed at the end of the input
BACK = "again"  # the program is back after Ctrl-Z, and the screen must be drawn again

# On a terminal, a key that is no character sends several, which begin with escape.
NAMES = {
    "\x1b[A": "up",
    "\x1bOA": "up",
    "\x1b[B": "down",
    "\x1bOB": "down",
    " ": "space",
    "\r": "enter",
    "\n": "enter",
    "\x03": END,  # Ctrl-C, if it is not a signal
    "\x04": END,  # Ctrl-D
}
ONE_KEY = re.compile(r"\x1b[\[O][0-9;]*[A-Za-z~]|\x1b(?![\[O])|[^\x1b]", re.DOTALL)

Split = Callable[[str], tuple[list[str], str]]


def split_keys(text: str) -> tuple[list[str], str]:
    r"""Return the keys in what a terminal sent, and the beginning of one that is not whole.

    >>> split_keys("nH \x1b[A\x1b[")
    (['n', 'h', 'space', 'up'], '\x1b[')
    """
    keys, end = [], 0
    while found := ONE_KEY.match(text, end):
        end = found.end()
        name = NAMES.get(found[0], found[0].lower())
        if not name.startswith("\x1b"):
            keys.append(name)
    return keys, text[end:]


def split_lines(text: str) -> tuple[list[str], str]:
    r"""Return the lines in a text, and the beginning of one that is not whole.

    >>> split_lines("hint\r\n\nnext\nli")
    (['hint', 'next'], 'li')
    """
    *lines, rest = text.split("\n")
    return [line.strip().lower() for line in lines if line.strip()], rest


def input_file() -> int:
    """Return the number of the standard input, even if it is closed: then it is at its end."""
    return 0 if sys.stdin is None else sys.stdin.fileno()


def has_raw_keys(file: int) -> bool:
    """Tell whether single keys can be read: on a terminal that Python can set up."""
    try:
        import termios  # noqa: F401
    except ImportError:  # Windows
        return False
    return os.isatty(file) and os.environ.get("TERM") != "dumb"


def read(file: int) -> bytes:
    try:
        return os.read(file, 1024)
    except OSError:  # the terminal was closed
        return b""


def listen(file: int, split: Split, pressed: Callable[[str], None]) -> None:
    """Call ``pressed`` for each key or line that is read, and then with `END`."""
    rest = ""
    # Not sys.stdin: Python cannot end while a thread waits inside of it.
    while data := read(file):
        presses, rest = split(rest + data.decode(errors="replace"))
        for press in presses:
            pressed(press)
    if rest and split is split_lines:  # the last line may have no end
        pressed(rest.strip().lower())
    pressed(END)


@contextmanager
def pressing(pressed: Callable[[str], None], file: int | None = None) -> Iterator[None]:
    """Call ``pressed`` with each key, or line, that is read inside the block, and at its end.

    ``pressed`` is called on a thread of its own. A terminal is as it was after the block.
    """
    file = input_file() if file is None else file
    raw = has_raw_keys(file)
    split = split_keys if raw else split_lines
    listener = threading.Thread(
        target=listen, args=(file, split, pressed), name="minictx learn: keys", daemon=True
    )
    with raw_keys(file, pressed) if raw else nullcontext():
        listener.start()
        yield


@contextmanager
def raw_keys(file: int, pressed: Callable[[str], None]) -> Iterator[None]:
    """Have a terminal hand on each key at once, unseen, but for Ctrl-C and Ctrl-Z."""
    import termios
    import tty

    def set_up(*_: object) -> None:
        with suppress(termios.error):  # the terminal was closed
            tty.setcbreak(file)

    def set_up_again(*_: object) -> None:
        set_up()
        pressed(BACK)

    before = termios.tcgetattr(file)
    set_up()
    # After Ctrl-Z and `fg`, the shell has set up the terminal as it wants it.
    with handling("SIGCONT", set_up_again):
        try:
            yield
        finally:
            with suppress(termios.error):
                termios.tcsetattr(file, termios.TCSADRAIN, before)


@contextmanager
def handling(name: str, handler: Callable[..., None]) -> Iterator[None]:
    """Handle a signal inside the block, if the system has it."""
    number = getattr(signal, name, None)
    if number is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


# Files that are saved

POLL = 0.2  # seconds between two looks, without watchfiles
LOOK = 1000  # milliseconds after which files are looked at, whatever watchfiles says
GATHER = 20  # milliseconds: an editor that empties a file and writes it saves it once

Stamp = tuple[int, int, int] | None
Wake = Callable[[Iterable[Path], threading.Event], Iterator[object]]


def stamp(file: Path) -> Stamp:
    """Return what changes whenever a file is saved; None if there is no file."""
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
    """Call ``saved`` with the files that were saved, and ``say`` if it must poll."""

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
