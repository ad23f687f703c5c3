from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue

import pytest

from minictx.learn.watcher.input import BACK, END, has_raw_keys, pressing

termios = pytest.importorskip("termios")
if sys.platform != "win32":
    import pty

SECONDS = 20


class Presses(SimpleQueue[str]):
    """What was pressed, in order."""

    def next(self) -> str:
        return self.get(timeout=SECONDS)

    def up_to_the_end(self) -> list[str]:
        return list(iter(self.next, END))


class Terminal:
    """A terminal of a test: what is typed on ``keyboard`` is read from ``file``."""

    def __init__(self) -> None:
        self.keyboard, self.file = pty.openpty()
        self.open = True

    def type(self, text: str) -> None:
        os.write(self.keyboard, text.encode())

    def hang_up(self) -> None:
        if self.open:
            os.close(self.keyboard)
        self.open = False

    def settings(self) -> list[object]:
        return list(termios.tcgetattr(self.file))


@pytest.fixture
def presses() -> Presses:
    return Presses()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    yield terminal
    terminal.hang_up()
    # The next terminal may have the same number: nothing may read from this one any more.
    for thread in threading.enumerate():
        if thread.name == "minictx learn: keys":
            thread.join()
    os.close(terminal.file)


@pytest.fixture
def piped() -> Iterator[Callable[[str], int]]:
    """Return a pipe with a text in it, at its end."""
    files = []

    def piped(text: str) -> int:
        out, into = os.pipe()
        files.append(out)
        os.write(into, text.encode())
        os.close(into)
        return out

    yield piped
    for file in files:
        os.close(file)


def test_on_a_terminal_each_key_counts_at_once(terminal: Terminal, presses: Presses) -> None:
    with pressing(presses.put, terminal.file):
        terminal.type("n")
        assert presses.next() == "n"
        terminal.type("hL")
        assert [presses.next(), presses.next()] == ["h", "l"]


def test_keys_that_are_no_characters_have_names(terminal: Terminal, presses: Presses) -> None:
    with pressing(presses.put, terminal.file):
        terminal.type("\x1b[A\x1bOB \r")
        assert [presses.next() for _ in range(4)] == ["up", "down", "space", "enter"]


def test_unknown_keys_are_not_taken_for_letters(terminal: Terminal, presses: Presses) -> None:
    delete, home, f5 = "\x1b[3~", "\x1bOH", "\x1b[15;2~"
    with pressing(presses.put, terminal.file):
        terminal.type(f"{delete}{home}{f5}q")
        assert presses.next() == "q"


def test_a_key_may_come_in_two_pieces(terminal: Terminal, presses: Presses) -> None:
    with pressing(presses.put, terminal.file):
        terminal.type("n\x1b[")
        assert presses.next() == "n"  # the first piece was read
        terminal.type("Aq")
        assert [presses.next(), presses.next()] == ["up", "q"]


def test_a_lone_escape_does_not_swallow_the_next_key(
    terminal: Terminal, presses: Presses
) -> None:
    with pressing(presses.put, terminal.file):
        terminal.type("\x1bn")
        assert presses.next() == "n"


@pytest.mark.parametrize("end", ["\x04", "\x03"])
def test_control_d_is_the_end(terminal: Terminal, presses: Presses, end: str) -> None:
    with pressing(presses.put, terminal.file):
        attributes = termios.tcgetattr(terminal.file)
        attributes[3] &= ~termios.ISIG  # or Ctrl-C would be a signal to the tests
        termios.tcsetattr(terminal.file, termios.TCSANOW, attributes)
        terminal.type(f"n{end}")
        assert presses.up_to_the_end() == ["n"]


def test_a_terminal_that_is_closed_is_the_end(terminal: Terminal, presses: Presses) -> None:
    with pressing(presses.put, terminal.file):
        terminal.hang_up()
        assert presses.up_to_the_end() == []


def test_keys_are_not_shown_and_control_c_stays_a_signal(
    terminal: Terminal, presses: Presses
) -> None:
    with pressing(presses.put, terminal.file):
        flags = termios.tcgetattr(terminal.file)[3]
        assert not flags & (termios.ECHO | termios.ICANON)
        assert flags & termios.ISIG


def test_the_terminal_is_as_it_was_afterwards(terminal: Terminal, presses: Presses) -> None:
    before = terminal.settings()
    with pytest.raises(KeyboardInterrupt), pressing(presses.put, terminal.file):
        assert terminal.settings() != before
        raise KeyboardInterrupt
    assert terminal.settings() == before


def test_keys_are_read_again_after_control_z_and_fg(
    terminal: Terminal, presses: Presses
) -> None:
    before, handler = terminal.settings(), signal.getsignal(signal.SIGCONT)
    with pressing(presses.put, terminal.file):
        raw = terminal.settings()
        termios.tcsetattr(terminal.file, termios.TCSANOW, before)  # as the shell does
        os.kill(os.getpid(), signal.SIGCONT)
        assert terminal.settings() == raw
        assert presses.next() == BACK
    assert signal.getsignal(signal.SIGCONT) == handler


def test_in_a_pipe_lines_count(piped: Callable[[str], int], presses: Presses) -> None:
    with pressing(presses.put, piped("hint\n\n  Next \r\ncheck all\nqui")):
        assert presses.up_to_the_end() == ["hint", "next", "check all", "qui"]


def test_a_terminal_without_raw_keys_gives_lines(
    terminal: Terminal, presses: Presses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert not has_raw_keys(terminal.file)
    with pressing(presses.put, terminal.file):
        terminal.type("hint\n")
        assert presses.next() == "hint"


def test_a_python_without_termios_gives_lines(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert has_raw_keys(terminal.file)
    monkeypatch.setitem(sys.modules, "termios", None)
    assert not has_raw_keys(terminal.file)


def test_a_pipe_has_no_raw_keys(piped: Callable[[str], int]) -> None:
    assert not has_raw_keys(piped(""))
