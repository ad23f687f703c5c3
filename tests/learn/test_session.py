from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("click")
pytest.importorskip("rich")
pytest.importorskip("watchfiles")

from rich.console import Console

from minictx.learn.check import Checker, Result
from minictx.learn.course import Course, Exercise
from minictx.learn.state import State
from minictx.learn.watcher.input import END
from minictx.learn.watcher.position import Check, Checked, Position, Press, Wait
from minictx.learn.watcher.screen import Screen, new_console
from minictx.learn.watcher.session import Session
from minictx.learn.workspace import init
from tests.learn.courses import SOLVED, new_course

ROOT = Path(__file__).parent.parent.parent
SECONDS = 30
ON_TERMINAL = (
    "import os, sys; os.login_tty(int(sys.argv[1])); os.execv(sys.argv[2], sys.argv[2:])"
)


def environment(**changes: str) -> dict[str, str]:
    names = ("LC_ALL", "LC_CTYPE", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")
    ours = {name: value for name, value in os.environ.items() if name not in names}
    return {**ours, "TERM": "xterm", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **changes}


def command(folder: Path, *options: str) -> list[str]:
    course, workspace = str(folder / "course"), str(folder / "workspace")
    learn = ["learn", "--course", course, "-C", workspace, *options]
    return [sys.executable, "-m", "minictx", *learn]


class Terminal:
    """A terminal with a watcher on it."""

    def __init__(
        self, command: list[str], width: int, height: int, env: dict[str, str]
    ) -> None:
        self.master, self.slave = os.openpty()
        self.resize(width, height)
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(
            [sys.executable, "-c", ON_TERMINAL, str(self.slave), *command],
            pass_fds=[self.slave],
            env=env,
        )
        self.shown = ""

    def resize(self, width: int, height: int) -> None:
        size = struct.pack("HHHH", height, width, 0, 0)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def see(self, text: str) -> str:
        """Wait until a text is shown; return all that was shown since the last time."""
        while text not in self.shown:
            ready, _, _ = select.select([self.master], [], [], SECONDS)
            assert ready, f"{text!r} is not shown, but {self.shown!r}"
            self.shown += os.read(self.master, 65536).decode()
        end = self.shown.index(text) + len(text)
        seen, self.shown = self.shown[:end], self.shown[end:]
        return seen

    def close(self) -> None:
        if self.master >= 0:
            os.close(self.master)
        self.master = -1

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.close()
        os.close(self.slave)
        self.end = lambda: None  # type: ignore[method-assign]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    course = Course.load(new_course(tmp_path / "course"))
    init(course, tmp_path / "workspace", None)
    return tmp_path


Open = Callable[..., Terminal]


@pytest.fixture
def watch(folder: Path) -> Iterator[Open]:
    """Open a terminal with a watcher on it."""
    terminals = []

    def watch(*options: str, width: int = 80, height: int = 24, **changes: str) -> Terminal:
        terminal = Terminal(command(folder, *options), width, height, environment(**changes))
        terminals.append(terminal)
        return terminal

    yield watch
    for terminal in terminals:
        terminal.end()


@pytest.fixture
def one(folder: Path) -> Path:
    """The file of the first exercise."""
    return folder / "workspace" / "first" / "first_one.py"


# On a terminal


def test_from_the_first_look_to_the_next_exercise(watch: Open, one: Path) -> None:
    terminal = watch()
    terminal.see("Task of one.")
    terminal.see("first-one: 0 is no answer")
    terminal.see("q quit")
    one.write_text("answer = 1\n")
    terminal.see("first-one: 1 is no answer")
    terminal.see("q quit")
    one.write_text(SOLVED)
    terminal.see("1/3")
    terminal.see("Why one is so.")
    terminal.see("PASSED first-one. To go on: press n")
    terminal.type("n")
    terminal.see("first-two: 0 is no answer")
    terminal.see("q quit")
    terminal.type("q")
    terminal.see(f"1 of 3 passed. To go on: minictx learn -C {one.parent.parent}\r\n")
    assert terminal.process.wait(SECONDS) == 0
    assert termios.tcgetattr(terminal.slave) == terminal.before


def test_auto_advance_is_asked_for(watch: Open, one: Path) -> None:
    terminal = watch("--auto-advance")
    terminal.see("first-one: 0 is no answer")
    one.write_text(SOLVED)
    terminal.see("first-two: 0 is no answer")
    terminal.see("first-one passed: this is the next")


def test_that_the_reason_is_on_another_page_is_said(watch: Open, folder: Path) -> None:
    texts = folder / "course" / "texts" / "en.toml"
    long = "\\n\\n".join(f"line {number}" for number in range(20))
    texts.write_text(texts.read_text().replace("Task of one.", long))
    terminal = watch(width=50, height=20)
    screen = terminal.see("NOT YET; why: press space")
    assert "0 is no answer" not in screen
    seen = ""
    while "0 is no answer" not in seen:
        terminal.see("q quit")
        terminal.type(" ")
        seen = terminal.see("NOT YET")


def test_a_new_size_is_drawn_at_once(watch: Open) -> None:
    terminal = watch()
    terminal.see("NOT YET")
    terminal.see("q quit")
    terminal.resize(60, 20)
    assert f"[{'.' * 54}] 0/3" in terminal.see("Task of one.")


def colours(text: str) -> list[str]:
    codes = re.findall(r"\x1b\[([0-9;]*)m", text)
    return [code for code in codes if re.search(r"\b[34]\d\b|\b(9|10)\d\b", code)]


def test_after_control_z_and_fg_the_keys_work_and_all_is_drawn_again(watch: Open) -> None:
    terminal = watch()
    terminal.see("q quit")
    terminal.process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED)
    termios.tcsetattr(terminal.slave, termios.TCSANOW, terminal.before)  # as the shell does
    terminal.process.send_signal(signal.SIGCONT)
    terminal.see("Task of one.")
    terminal.see("q quit")
    terminal.type("h")
    terminal.see("Nudge.")


def test_with_no_color_there_are_no_colours(watch: Open) -> None:
    terminal = watch()
    assert colours(terminal.see("q quit"))
    terminal.end()
    assert not colours(watch(NO_COLOR="1").see("q quit"))


def test_where_the_terminal_knows_ascii_only_nothing_else_is_written(
    watch: Open, folder: Path
) -> None:
    texts = folder / "course" / "texts" / "en.toml"
    texts.write_text(texts.read_text().replace("Task of one.", "Task: “one” → é\\n\\n- a list"))
    seen = watch(LC_ALL="C").see("q quit")
    assert seen.isascii()
    assert 'Task: "one" -> ?' in seen
    assert " * " in seen


def test_on_a_dumb_terminal_words_are_typed(watch: Open) -> None:
    terminal = watch(TERM="dumb", width=60)
    lines = terminal.see("go NAME, reset").splitlines()
    assert 50 < max(map(len, lines)) <= 60
    terminal.type("hint\n")
    terminal.see("Nudge.")
    terminal.type("quit\n")
    assert "\x1b[" not in terminal.see("To go on")
    assert terminal.process.wait(SECONDS) == 0


def test_the_second_watcher_is_told(watch: Open, folder: Path) -> None:
    first = watch()
    first.see("q quit")
    second = subprocess.run(
        command(folder), env=environment(), capture_output=True, text=True, timeout=SECONDS
    )
    assert second.returncode == 2
    assert second.stderr.startswith("minictx: another minictx learn watches")
    assert len(second.stderr.splitlines()) == 1


def test_a_failing_check_can_be_stepped_through(watch: Open, folder: Path, one: Path) -> None:
    page = folder / "workspace" / "trace.html"
    terminal = watch()
    terminal.see("NOT YET")
    told = f"the trace is in trace.html, to open in a browser: {page.as_uri()}"
    assert letters(told) in traced(terminal)
    assert "<title>the answer" in page.read_text()
    one.write_text("1 / 0\n")
    terminal.see("ZeroDivisionError")
    told = "there is no trace: no check was run to its end"
    assert letters(told) in traced(terminal)
    assert not page.exists()
    page.mkdir()
    assert letters(f"cannot write '{page}': it is a folder") in traced(terminal)


def traced(terminal: Terminal) -> str:
    """Have the trace written; return the screen after that."""
    terminal.see("q quit")
    terminal.type("t")
    terminal.see("writing the trace of first-one ...")
    terminal.see("q quit")
    screen = terminal.see("n next")
    return letters(screen)


def letters(shown: str) -> str:
    """Return a text without colours and spaces, wherever it is wrapped."""
    return "".join(re.sub(r"\x1b\[[0-9;]*m", "", shown).split())


def test_what_was_said_at_the_start_is_on_the_first_screen(watch: Open, folder: Path) -> None:
    (folder / "workspace" / "progress.json").write_text("{")
    terminal = watch()
    screen = letters(terminal.see("NOT YET").rpartition("\x1b[H")[2])
    said = [
        "it is kept as progress.json.broken-1",
        "progress.json is made again",
        "Task of one.",
    ]
    places = [screen.find(letters(text)) for text in said]
    assert -1 not in places
    assert places == sorted(places)


# The end


@pytest.fixture
def endless(folder: Path, one: Path) -> Path:
    """Have the check of the first exercise run for ever; a pipe tells while it runs."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    one.write_text(
        f"file = open({str(pipe)!r}, 'w')\nprint('here', file=file, flush=True)\n"
        "while True:\n    pass\n"
    )
    with open(folder / "course" / "exercises" / "first-one" / "exercise.toml", "a") as file:
        file.write("seconds = 600\n")
    return pipe


@pytest.mark.slow
@pytest.mark.parametrize(
    "how, status",
    [("Ctrl-C", 130), ("closed terminal", 129), ("SIGTERM", 143), ("SIGHUP", 129)],
)
def test_nothing_is_left_running(watch: Open, endless: Path, how: str, status: int) -> None:
    terminal = watch()
    with open(endless) as checked:
        assert checked.readline() == "here\n"  # the check runs
        match how:
            case "Ctrl-C":
                terminal.type("\x03")
            case "closed terminal":
                os.close(terminal.slave)
                terminal.slave = os.open(os.devnull, os.O_RDONLY)
                terminal.close()
            case name:
                terminal.process.send_signal(signal.Signals[name])
        ended, _, _ = select.select([checked], [], [], SECONDS)
        assert ended
        assert checked.read() == ""
    assert terminal.process.wait(SECONDS) == status


def test_a_terminal_is_as_it_was_after_control_c(watch: Open) -> None:
    terminal = watch()
    terminal.see("q quit")
    terminal.type("\x03")
    terminal.see("0 of 3 passed. To go on: minictx learn")
    assert terminal.process.wait(SECONDS) == 130
    assert termios.tcgetattr(terminal.slave) == terminal.before


# In a pipe


def piped(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(folder),
        input=text,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def test_in_a_pipe_words_are_read_and_nothing_is_overwritten(folder: Path) -> None:
    run = piped(folder, "hint\nlist\nhnit\ntrace\n")
    assert (run.returncode, run.stderr) == (0, "")
    assert "\x1b" not in run.stdout
    expected = [
        "checking first-one ...",
        "Task of one.",
        "first-one: 0 is no answer",
        "NOT YET",
        "type next, hint, list",
        "Hint 1 of 3",
        "Nudge.",
        "> ",
        "there is no 'hnit'",
        "writing the trace of first-one ...",
        "the trace is in trace.html, to open in a browser:",
        "0 of 3 passed. To go on: minictx learn",
    ]
    places = [run.stdout.find(text) for text in expected]
    assert -1 not in places
    assert places == sorted(places)
    assert run.stdout.count("Task of one.") == run.stdout.count("Second things") == 1


def test_in_a_pipe_what_was_said_at_the_start_is_not_said_twice(folder: Path) -> None:
    (folder / "workspace" / "progress.json").unlink()
    run = piped(folder, "")
    said = "progress.json is made again: all exercises are checked, which may take a minute"
    assert run.stderr == f"minictx: {said}\n"
    assert "made again" not in run.stdout


def test_in_the_workspace_it_goes_on_without_an_option(folder: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "minictx", "learn", "--course", str(folder / "course")],
        cwd=folder / "workspace",
        input="",
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert run.stdout.endswith("To go on: minictx learn\n")


def test_a_folder_with_a_space_is_quoted(folder: Path) -> None:
    workspace = (folder / "workspace").rename(folder / "my workspace")
    run = subprocess.run(
        [*command(folder), "-C", workspace.name],
        cwd=folder,
        input="",
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert run.stdout.endswith("To go on: minictx learn -C 'my workspace'\n")


def test_the_end_of_the_input_is_the_end(folder: Path) -> None:
    run = piped(folder, "")
    assert run.returncode == 0
    assert "NOT YET" in run.stdout


def test_a_closed_pipe_is_the_end_without_a_word(folder: Path) -> None:
    process = subprocess.Popen(
        command(folder),
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert errors == b""


# While a check runs


class Impatient(Checker):
    """A checker for students who press keys while a check runs."""

    session: Session

    def check(self, exercise: Exercise, page: Path | None = None) -> Result:
        for key in ("n", "h", END):
            self.session.pressed(key)
        return super().check(exercise, page)


@pytest.mark.parametrize("has_keys, taken", [(True, [END]), (False, ["n", "h", END])])
def test_keys_are_ignored_while_a_check_runs_but_lines_are_not(
    folder: Path, has_keys: bool, taken: list[str]
) -> None:
    course = Course.load(folder / "course")
    state = State.load(folder / "workspace", course)
    checker = Impatient(course, state.workspace)
    with checker:
        position = Position(course, state, has_keys=has_keys)
        session = Session(position, checker, Screen(new_console()))
        checker.session = session
        event = session.do(Check(position.exercise))
    assert isinstance(event, Checked)
    assert [session.events.get_nowait() for _ in taken] == [Press(key) for key in taken]
    assert session.events.empty()
    session.pressed("n")
    assert session.events.get_nowait() == Press("n")


def test_a_terminal_that_is_gone_is_the_end(folder: Path) -> None:
    course = Course.load(folder / "course")
    state = State.load(folder / "workspace", course)
    master, slave = os.openpty()
    os.close(master)
    gone = open(slave, "w")  # noqa: SIM115  # to close it fails, too
    with Checker(course, state.workspace) as checker:
        session = Session(Position(course, state), checker, Screen(Console(file=gone)))
        with pytest.raises(SystemExit):
            session.show(Wait())
    with suppress(OSError):
        gone.close()
