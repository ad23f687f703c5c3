"""Check an exercise in a separate process, and tell the student the result."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType

from minictx.learn import report
from minictx.learn.course import Course, Exercise
from minictx.learn.own import taken_imports, tell
from minictx.learn.process import PRINTED, Process, what_may_go_on
from minictx.learn.report import Facts, Job

__all__ = ["Checker", "Result", "check"]

START = 30.0  # seconds that a slow computer may need to start Python
GRACE = 5.0  # and to write down where it stands


@dataclass(frozen=True)
class Result:
    """The result of checking an exercise."""

    status: str  # "passed", "failed", "error" or "timeout"
    message: str = ""
    place: str | None = None  # of the student's: "running/running_dict.py:12"
    seconds: float = 0.0
    check: str = ""  # the function that failed
    printed: str = ""  # what the student's code printed, the end of it
    files: tuple[str, ...] = ()  # of the workspace, that the checks imported
    off: tuple[str, ...] = ()  # what this system does not limit: "memory"

    @property
    def passed(self) -> bool:
        """Whether all checks passed."""
        return self.status == "passed"


def check(course: Course, exercise: Exercise, workspace: str | os.PathLike[str]) -> Result:
    """Run the checks of one exercise on the student's file.

    The student's modules are taken from the workspace, the checks from the course. Whatever
    the student's code does, the answer comes soon after ``exercise.seconds`` at the latest.
    What it started is ended, on Linux even if it has left its group (see `process.py`).
    """
    with Checker(course, workspace) as checker:
        return checker.check(exercise)


def _start() -> Process:
    return Process([sys.executable, "-P", "-X", "utf8", report.__file__])


class Checker:
    """Check exercises one after another.

    With ``prepare=True`` the process of the next check is started in advance, and waits: a
    check is then several times quicker, since most of its time goes into importing pytest.
    """

    def __init__(
        self, course: Course, workspace: str | os.PathLike[str], *, prepare: bool = False
    ) -> None:
        if importlib.util.find_spec("pytest") is None:
            raise ModuleNotFoundError("No module named 'pytest'", name="pytest")
        self.course = course
        self.workspace = Path(workspace).resolve()
        self.prepare = prepare
        self.spare: Process | None = _start() if prepare else None

    def check(self, exercise: Exercise, page: Path | None = None) -> Result:
        """Run the checks of one exercise; write a trace of the last that ran to ``page``."""
        start = time.perf_counter()
        if not (self.workspace / exercise.file).is_file():
            return Result(*missing(exercise))
        process, self.spare = self.spare or _start(), None
        try:
            if self.prepare:  # now, not afterwards: a second save soon after waits less
                self.spare = _start()
            result = self._check(exercise, process, page)
        finally:
            process.end()
        return _with_seconds(result, time.perf_counter() - start)

    def _check(self, exercise: Exercise, process: Process, page: Path | None) -> Result:
        with _folder() as folder:
            job = self._job(exercise, folder, page)
            process.send(json.dumps(asdict(job)))
            # It ends itself when its time is over, and says where it stood. If it does not,
            # as the student's code can call that off, it is ended soon after.
            begun, left = Path(job.stuck), exercise.seconds + GRACE
            process.wait(exercise.seconds + START, begun, left)
            return self._result(exercise, job, process)

    def _job(self, exercise: Exercise, folder: Path, page: Path | None) -> Job:
        path = PurePosixPath(exercise.file)
        own = str(path.parent)
        folders = dict.fromkeys((own, *self.course.module_folders))
        return Job(
            workspace=str(self.workspace),
            folders=[os.path.normpath(self.workspace / each) for each in folders],
            module=path.stem,
            # Its own first: what they say is what the student works on.
            checks=[str(each.checks) for each in (exercise, *reversed(exercise.before))],
            seconds=exercise.seconds,
            facts=str(folder / "facts.json"),
            stuck=str(folder / "stuck.txt"),
            free=sorted(self.course.free),
            seal=secrets.token_hex(16),
            page=None if page is None else str(page.resolve()),
        )

    def _result(self, exercise: Exercise, job: Job, process: Process) -> Result:
        printed = process.printed.decode(errors="replace")
        stuck = _read(job.stuck)
        if process.flooded:
            return Result(*flooded(PRINTED), printed=printed)
        if text := _read(job.facts):
            if (facts := _facts(text, job.seal)) is None:
                return Result(*forged(), printed=printed)
            return self._result_of(exercise, facts, printed)
        if stuck.startswith("Timeout") or process.status is None:
            told = out_of_time(stuck, exercise.seconds, self.workspace)
        else:
            told = ended(process.status, stuck, self.workspace)
        return Result(*told, printed=printed)

    def _result_of(self, exercise: Exercise, facts: Facts, printed: str) -> Result:
        if facts.outcome == "passed":
            files = [self.workspace / file for file in facts.files]
            if taken := taken_imports(files, self.course.free):
                facts.outcome, facts.text = "taken", tell(taken)
        may_go_on = what_may_go_on()
        return Result(
            *of_facts(facts, exercise, self.workspace),
            check=facts.check,
            printed=printed,
            files=tuple(facts.files),
            off=(*facts.off, *([may_go_on] if may_go_on else [])),
        )

    def close(self) -> None:
        """End the process that waits for the next check."""
        if self.spare is not None:
            self.spare.end()
            self.spare = None

    def __enter__(self) -> Checker:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="minictx-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _facts(text: str, seal: str) -> Facts | None:
    """Return the facts, if `report.py` wrote them."""
    try:
        facts = Facts(**json.loads(text))
    except (TypeError, ValueError, RecursionError):
        return None
    return facts if facts.seal == seal else None


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def _with_seconds(result: Result, seconds: float) -> Result:
    return Result(**{**vars(result), "seconds": round(seconds, 3)})


# What the student reads when a check did not pass

Told = tuple[str, str, str | None]  # status, message, "file:line"

ADVICE = {
    "SystemExit": "it ends the whole program, the checks too: take out sys.exit()",
    "KeyboardInterrupt": "it ends the whole program, the checks too: take it out",
    "ImportError": "is it written there yet? An exercise before this one may ask for it",
    "RecursionError": "the function calls itself again and again, with no end",
    "MemoryError": "it uses all of the memory that it may: is there a loop with no end?",
    "EOFError": "no input can be typed here: take out input()",
}


def sentence(check: str) -> str:
    """Return what the name of a check says.

    >>> sentence("test_two_threads_read_back_two_notes")
    'two threads read back two notes'
    """
    return check.removeprefix("test_").replace("_", " ")


def of_facts(facts: Facts, exercise: Exercise, workspace: Path) -> Told:
    """Tell the result of checks that ran to the end, or to the first that failed."""
    if facts.outcome == "passed":
        return "passed", "", None
    if facts.outcome == "broken":
        return "error", f"the exercise is broken: {facts.text}: tell its author", None
    if facts.outcome == "taken":
        return "failed", facts.text, None
    place = facts.places[-1] if facts.places else None
    status = "failed" if facts.check else "error"
    if facts.outcome == "failed":
        message = facts.text or f"not yet: {sentence(facts.check)}"
    else:
        message = _of_error(facts, place, workspace)
    if facts.exercise not in ("", exercise.key):
        message = f"{facts.exercise}, which passed before: {message}"
    return status, message, _name(place)


def _of_error(facts: Facts, place: tuple[str, int] | None, workspace: Path) -> str:
    message = f"{facts.type}: {facts.text}".strip(": \n")
    if advice := ADVICE.get(facts.type):
        message = f"{message}: {advice}"
    if line := _line(place, workspace):
        message = f"{message}\n{_name(place)}: {line}"
    return message


def out_of_time(stuck: str, seconds: float, workspace: Path) -> Told:
    """Say where the student's code stood when the time was over."""
    places = list(_standing(stuck, workspace))
    message = f"not done after {seconds:g} s"
    if not places:
        return "timeout", f"{message}: is there a loop that does not end?", None
    names = " and at ".join(_with_line(place, workspace) for place in places)
    if len(places) > 1:
        why = "do they wait for each other?"
        return "timeout", f"{message}: threads stand at {names}: {why}", _name(places[0])
    why = "is it a loop that does not end, or a wait for what never comes?"
    return "timeout", f"{message}: it stands at {names}: {why}", _name(places[0])


def ended(status: int, stuck: str, workspace: Path) -> Told:
    """Say how Python ended, if it left no facts."""
    place = next(_standing(stuck, workspace), None)
    where = f", at {_with_line(place, workspace)}" if place else ""
    if status < 0:
        why = f"Python broke down ({_signal(-status)}){where}"
    else:
        why = f"Python was ended, with exit code {status}, before the checks were done{where}"
    return "error", f"{why}: undo what you changed last, or take out os._exit()", _name(place)


def forged() -> Told:
    """Say that minictx did not write the result."""
    message = "the result of this check was not written by minictx: take out what writes it"
    return "error", message, None


def flooded(limit: int) -> Told:
    """Say that too much was printed."""
    message = f"more than {limit // 1000} kB were printed: is there a print() in a loop?"
    return "error", message, None


def missing(exercise: Exercise) -> Told:
    """Say that there is nothing to check."""
    advice = f"minictx learn reset {exercise.key} brings it back"
    return "error", f"there is no {exercise.file} in the workspace: {advice}", None


def _standing(stuck: str, workspace: Path) -> Iterator[tuple[str, int]]:
    """Yield the student's line that each thread runs, from what faulthandler wrote."""
    for thread in re.split(r"^(?:Current thread|Thread) ", stuck, flags=re.M):
        for file, line in re.findall(r'^  File "(.*)", line (\d+) in ', thread, flags=re.M):
            if Path(file).is_relative_to(workspace):
                yield Path(file).relative_to(workspace).as_posix(), int(line)
                break


def _name(place: tuple[str, int] | None) -> str | None:
    return f"{place[0]}:{place[1]}" if place else None


def _with_line(place: tuple[str, int], workspace: Path) -> str:
    # The line may end in a colon, as the text before and after it does.
    line = _line(place, workspace)
    return f"{_name(place)}, `{line}`" if line else f"{place[0]}:{place[1]}"


def _line(place: tuple[str, int] | None, workspace: Path) -> str:
    if place is None:
        return ""
    try:
        text = (workspace / place[0]).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    lines = text.splitlines()
    return lines[place[1] - 1].strip() if place[1] <= len(lines) else ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
