"""Check an exercise: run its tests on a workspace, in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType

from minictx.learn import messages, report
from minictx.learn.course import Course, Exercise
from minictx.learn.own import taken_imports, tell
from minictx.learn.process import PRINTED, Process, what_may_go_on
from minictx.learn.report import Facts, Job

__all__ = ["Checker", "Result", "check"]

START = 30.0  # seconds that a slow computer may need to start Python
GRACE = 5.0  # and to write down where it stands


@dataclass(frozen=True)
class Result:
    """What came of checking an exercise."""

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
    What it started is ended, on Linux even if it has left its group (see `guard.py`).
    """
    with Checker(course, workspace) as checker:
        return checker.check(exercise)


def _start() -> Process:
    return Process([sys.executable, "-P", "-X", "utf8", report.__file__])


class Checker:
    """Checks exercises one after the other.

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
            return Result(*messages.missing(exercise))
        process, self.spare = self.spare or _start(), None
        try:
            if self.prepare:  # now, not afterwards: who saves twice in a row waits less
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
            return Result(*messages.flooded(PRINTED), printed=printed)
        if text := _read(job.facts):
            if (facts := _facts(text, job.seal)) is None:
                return Result(*messages.forged(), printed=printed)
            return self._result_of(exercise, facts, printed)
        if stuck.startswith("Timeout") or process.status is None:
            told = messages.out_of_time(stuck, exercise.seconds, self.workspace)
        else:
            told = messages.ended(process.status, stuck, self.workspace)
        return Result(*told, printed=printed)

    def _result_of(self, exercise: Exercise, facts: Facts, printed: str) -> Result:
        if facts.outcome == "passed":
            files = [self.workspace / file for file in facts.files]
            if taken := taken_imports(files, self.course.free):
                facts.outcome, facts.text = "taken", tell(taken)
        may_go_on = what_may_go_on()
        return Result(
            *messages.of_facts(facts, exercise, self.workspace),
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
    """Return the facts, if it was `report.py` that wrote them."""
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
