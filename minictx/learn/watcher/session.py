"""A session of the watcher: keys, saved files and checks become one queue of events."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from minictx.errors import MinictxError
from minictx.learn.check import Checker, Result
from minictx.learn.course import Course, Exercise
from minictx.learn.state import State, alone
from minictx.learn.verify import NO_TRACE, PAGE, write_trace
from minictx.learn.watcher.input import (
    END,
    handling,
    has_raw_keys,
    input_file,
    pressing,
    watching,
)
from minictx.learn.watcher.position import (
    Check,
    Checked,
    Event,
    Position,
    Press,
    Quit,
    Resized,
    Said,
    Saved,
    Task,
    Trace,
)
from minictx.learn.watcher.screen import Screen, new_console
from minictx.learn.watcher.views import look

__all__ = ["watch_workspace"]

LOCK = ".minictx.lock"
WAKE = 0.5  # seconds
INTERRUPTED = 130  # what a shell says of a command that Ctrl-C ended


def watch_workspace(
    workspace: str | os.PathLike[str],
    course: Course,
    auto_advance: bool = False,
    said: Sequence[str] = (),
    again: str = "minictx learn",
) -> int:
    """Show an exercise, check it whenever it is saved, and do what the keys say.

    ``said`` are lines that were printed before: where the first screen scrolls them away,
    they are on it. ``again`` is the command to go on with later. Return the
    exit code, as soon as the student quits; nothing is left running.
    """
    folder = Path(workspace).resolve()
    with alone(folder / LOCK):
        return _watch(folder, course, auto_advance, said, again)


def _watch(
    workspace: Path, course: Course, auto_advance: bool, said: Sequence[str], again: str
) -> int:
    screen = Screen(new_console())
    position = Position(
        course,
        State.load(workspace, course),
        auto_advance=auto_advance,
        has_keys=has_raw_keys(input_file()),
        said=said if screen.in_place else (),
    )
    with ending_by_signals(), Checker(course, workspace, prepare=True) as checker:
        session = Session(position, checker, screen, again)
        try:
            with session.listening():
                session.run()
        except KeyboardInterrupt:
            session.say_where()
            return INTERRUPTED
        session.say_where()
        return 0


class Session:
    """Do one task after another, and show each."""

    def __init__(
        self,
        position: Position,
        checker: Checker,
        screen: Screen,
        again: str = "minictx learn",
    ) -> None:
        self.position, self.checker, self.screen = position, checker, screen
        self.again = again
        self.events: SimpleQueue[Event] = SimpleQueue()
        self.checking = False
        self.off: tuple[str, ...] = ()  # what is not limited, as the student was told

    def run(self) -> None:
        """Go on until the student quits."""
        task: Task = Check(self.position.exercise)
        while not isinstance(task, Quit):
            self.show(task)
            task = self.position.take(self.do(task))

    def do(self, task: Task) -> Event:
        """Do a task, and return what happened."""
        if not isinstance(task, Check | Trace):
            return self.wait()
        self.checking = True
        try:
            if isinstance(task, Trace):
                return Said(self.trace(task.exercise))
            return Checked(task.exercise, self.check(task.exercise))
        finally:
            self.checking = False

    def check(self, exercise: Exercise) -> Result:
        """Check an exercise; after the first check, say what the system cannot limit."""
        result = self.checker.check(exercise)
        if result.off and not self.off:
            self.off = result.off
            line = f"not limited on this system: {', '.join(result.off)}"
            self.position.said = (*self.position.said, line)
        return result

    def trace(self, exercise: Exercise) -> str:
        """Write the trace of an exercise, and return where it is, or why there is none."""
        page = self.checker.workspace / PAGE
        try:
            _, is_written = write_trace(self.checker, exercise, page)
        except MinictxError as error:
            return str(error)
        if not is_written:
            return NO_TRACE
        return f"the trace is in {PAGE}, to open in a browser: {page.as_uri()}"

    def wait(self) -> Event:
        """Return what happens next."""
        while True:
            # Another thread may have caught a signal: this one must run to handle it.
            with suppress(Empty):
                return self.events.get(timeout=WAKE)

    def show(self, task: Task) -> None:
        """Draw how things stand."""
        try:
            self.screen.draw(look(self.position, task))
        except OSError:  # the terminal, or the pipe, was closed
            raise SystemExit(1) from None

    def say_where(self) -> None:
        """Say how far the student is, as the last thing."""
        view = look(self.position, Quit())
        self.screen.say(f"{view.done} of {view.total} passed. To go on: {self.again}")

    def pressed(self, what: str) -> None:
        """Take a key or a line; a key that is pressed during a check is an accident."""
        if what == END or not (self.checking and self.position.has_keys):
            self.events.put(Press(what))

    def saved(self, files: set[Path]) -> None:
        """Take files that were saved."""
        names = (file.relative_to(self.checker.workspace).as_posix() for file in files)
        self.events.put(Saved(frozenset(names)))

    def said(self, text: str) -> None:
        """Take a line that the student should read."""
        self.events.put(Said(text))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take keys, saved files and signals as events."""
        files = {self.checker.workspace / each.file for each in self.position.course.exercises}
        with ExitStack() as stack:
            if self.screen.in_place:
                resized = handling("SIGWINCH", lambda *_: self.events.put(Resized()))
                stack.enter_context(resized)
            stack.enter_context(watching(files, self.saved, self.said))
            stack.enter_context(pressing(self.pressed))
            yield


@contextmanager
def ending_by_signals() -> Iterator[None]:
    """Tidy up when the terminal is closed, or the process is told to end."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    with handling("SIGTERM", end), handling("SIGHUP", end):
        yield
