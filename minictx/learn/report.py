"""The program that runs the checks of one exercise, with pytest, in a separate process.

`check.py` starts this file as a script, and writes a job to its standard input: one line of
JSON. The result, the facts, is written to a file: nothing that the student's code prints or
closes gets in its way.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import wraps
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import ModuleType
from typing import Any

__all__ = ["Facts", "Job", "main"]

MEMORY = 4 << 30  # bytes: a list that grows without end fails before the computer does


@dataclass(frozen=True)
class Job:
    """What to check, and where to write the result. All paths are absolute."""

    workspace: str
    folders: list[str]  # where the student's modules are, the exercise's own first
    module: str
    checks: list[str]
    seconds: float
    facts: str
    stuck: str  # for Python's own words on where it stood when the time was over
    free: list[str]  # whose classes the student may use, as the course itself does
    seal: str  # must be in the facts: else something other than this file wrote them
    page: str | None = None  # write a trace of the check that fails to this file


@dataclass
class Facts:
    """The result of the checks, up to the first that did not pass."""

    # "passed"; "failed": an assertion; "raised": something else; "broken": nothing was run;
    # "taken": it is not the student's own
    outcome: str = "passed"
    exercise: str = ""  # whose check it was: this exercise's, or an earlier one's
    check: str = ""  # the function, "" where the student's file cannot be imported
    type: str = ""
    text: str = ""
    places: list[tuple[str, int]] = field(default_factory=list)  # in the workspace, inner last
    files: list[str] = field(default_factory=list)  # of the workspace, that were imported
    off: list[str] = field(default_factory=list)  # what this system does not limit
    seal: str = ""


def main() -> None:
    """Import what every job needs, wait for one, do it, and end this process."""
    import pytest  # noqa: F401  # all of this takes longer than a job

    _find_minictx()
    import minictx.learn.own
    import minictx.stage  # noqa: F401

    line = sys.stdin.readline()
    if line:  # else the process that started this one has ended
        do(Job(**json.loads(line)))
    # Threads of the student's may be left: nothing waits for them.
    os._exit(0)


def do(job: Job) -> None:
    """Run the checks, and write the facts."""
    from minictx.learn.own import taken_values, tell, watch_solutions

    facts = Facts()
    _limit_time(job)
    if not _limit_memory():
        facts.off.append("memory")
    sys.meta_path.insert(0, _Finder(job.folders))
    opened = watch_solutions(os.path.dirname(os.path.dirname(job.checks[0])))
    try:
        module = importlib.import_module(job.module)
        _run_checks(job, facts)
        taken = [*taken_values(module, job.free), *opened]
        if facts.outcome == "passed" and taken:
            facts.outcome, facts.text = "taken", tell(taken)
    except BaseException as error:
        _note(facts, error, job)
    facts.files = sorted(_imported_from(job.workspace))
    facts.seal = job.seal
    faulthandler.cancel_dump_traceback_later()
    for stream in (sys.stdout, sys.stderr):
        _flush(stream)
    _write(job.facts, json.dumps(asdict(facts)))


def _run_checks(job: Job, facts: Facts) -> None:
    import pytest

    options = ["-x", "-s", "--noconftest", "--assert=plain", "--import-mode=importlib"]
    options += [f"-p no:{name}" for name in ("cacheprovider", "terminal", "faulthandler")]
    # No file of settings: one above the course's folder is meant for other tests.
    options += ["-c", os.devnull, f"--rootdir={os.path.dirname(job.checks[0])}", *job.checks]
    reporter = _Reporter(job, facts)
    status = pytest.main(options, plugins=[reporter])
    if facts.outcome == "passed" and (status != 0 or not reporter.checks):
        facts.outcome, facts.text = "broken", "no check was run"
    elif facts.outcome == "passed" and reporter.checks != len(reporter.finished):
        # It says that all have passed. But one did not return: it was not run, or it failed.
        facts.outcome, facts.text = "taken", "a part of pytest was replaced: take that out"


class _Reporter:
    """The plugin that pytest tells what happens."""

    def __init__(self, job: Job, facts: Facts) -> None:
        self.job = job
        self.facts = facts
        self.trace: Any = None  # of the check that ran last
        self.checks = 0
        self.finished: list[str] = []  # those that returned: pytest itself could be changed

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        self.checks = len(items)
        for item in items:
            item.obj = self._counted(item.obj)
            if self.job.page is not None:
                item.obj = self._recorded(item.obj)

    def _counted(self, check: Callable[..., None]) -> Callable[..., None]:
        @wraps(check)
        def counted(**fixtures: Any) -> None:
            check(**fixtures)
            self.finished.append(check.__name__)

        return counted

    def _recorded(self, check: Callable[..., None]) -> Callable[..., None]:
        from minictx.trace.recorder import record

        @wraps(check)
        def recorded(**fixtures: Any) -> None:
            title = check.__name__.removeprefix("test_").replace("_", " ")
            with record(title=title, lines=True) as self.trace:
                check(**fixtures)

        return recorded

    def pytest_sessionfinish(self) -> None:
        if self.trace is not None:
            from minictx.trace.page import write_page

            write_page(self.trace, str(self.job.page))

    def pytest_exception_interact(self, node: Any, call: Any) -> None:
        self.facts.exercise = node.path.parent.name
        self.facts.check = getattr(node, "originalname", "")
        _note(self.facts, call.excinfo.value, self.job)

    def pytest_keyboard_interrupt(self, excinfo: Any) -> None:
        if self.facts.outcome == "passed":  # else it is pytest's own, for -x
            _note(self.facts, excinfo.value, self.job)

    def pytest_internalerror(self, excinfo: Any) -> None:
        _note(self.facts, excinfo.value, self.job)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.skipped:
            self.facts.outcome, self.facts.text = "broken", "a check was skipped"


def _note(facts: Facts, error: BaseException, job: Job) -> None:
    """Note an error, as the student will read it."""
    if type(error).__name__ == "CollectError" and error.__cause__ is not None:
        error = error.__cause__  # pytest's report of it says more than a student needs
    is_verdict = isinstance(error, AssertionError) or type(error).__name__ == "Failed"
    facts.outcome = "failed" if is_verdict else "raised"
    facts.type = type(error).__name__
    facts.text = _text_of(error).replace(job.workspace + os.sep, "")
    facts.places = list(_places(error, job.workspace))


def _text_of(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return error.msg or ""
    try:
        text = str(error)
    except BaseException:  # it may be of a class of the student's
        text = "an error whose str() fails"
    return "\n".join([text, *getattr(error, "__notes__", ())])


def _places(error: BaseException, workspace: str) -> Iterator[tuple[str, int]]:
    """Yield the student's lines that an error went through, the innermost last."""
    inside = workspace + os.sep
    if error.__cause__ is not None:
        yield from _places(error.__cause__, workspace)
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith(inside):
            yield frame.filename.removeprefix(inside), frame.lineno or 0
    if isinstance(error, SyntaxError) and (error.filename or "").startswith(inside):
        yield (error.filename or "").removeprefix(inside), error.lineno or 0


class _Finder(MetaPathFinder):
    """Finds the student's modules in the workspace, whatever else is installed."""

    def __init__(self, folders: list[str]) -> None:
        self.folders = folders

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module, but not one that would hide Python's own."""
        for folder in self.folders:
            file = os.path.join(folder, f"{name}.py")
            if name not in sys.stdlib_module_names and os.path.isfile(file):
                return spec_from_file_location(name, file, loader=_Loader(name, file))
        return None


class _Loader(SourceFileLoader):
    """Reads the source, always: bytecode may be of a save within the same second."""

    def path_stats(self, path: Any) -> Any:
        raise OSError("no bytecode")


def _imported_from(workspace: str) -> Iterator[str]:
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None) or ""
        if isinstance(file, str) and file.startswith(workspace + os.sep):
            yield file.removeprefix(workspace + os.sep).replace(os.sep, "/")


def _limit_time(job: Job) -> None:
    """End this process when the time is over, even if no Python code can run any more."""
    stuck = open(job.stuck, "w", encoding="utf-8")  # noqa: SIM115  # needed to the very end
    faulthandler.enable(stuck)
    faulthandler.dump_traceback_later(job.seconds, exit=True, file=stuck)


def _limit_memory() -> bool:
    """Limit the memory of this process, and return whether it is limited."""
    try:
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
    except (ImportError, AttributeError, ValueError, OSError):  # Windows; macOS says ValueError
        return False
    return True


def _flush(stream: Any) -> None:
    try:
        stream.flush()
    except Exception:  # it may be closed, or something of the student's
        return


def _write(path: str, text: str) -> None:
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(f"{path}.new", path)


def _find_minictx() -> None:
    """Let the checks import minictx where it is not installed, but run from its folder."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if root not in sys.path:
        sys.path.append(root)


if __name__ == "__main__":
    main()
