"""The end of the course: MiniFlask, and real Flask, on the student's own files."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path

import minictx
import minictx.local
import minictx.manager
import minictx.proxy
import minictx.stack
from minictx.dropin.code import NEEDED, CodeError, load_code
from minictx.errors import MinictxError
from minictx.learn.process import Process

__all__ = ["FinaleError", "carry", "main", "run_finale"]

HERE = Path(__file__).parent
# An installed minictx has the tests beside this file; a checkout has them in its root.
ROOT = HERE / "miniflask" if (HERE / "miniflask").is_dir() else HERE.parent.parent
SECONDS = 300.0
PACKAGES = ("werkzeug", "jinja2", "itsdangerous", "blinker", "pytest")  # of our extras

Say = Callable[[str], None]


class FinaleError(MinictxError):
    """Say in one line what is missing."""


def run_finale(workspace: Path, page: Path, say: Say) -> bool:
    """Run both, say how they ended, and write a page that traces the real app."""
    _check_files(workspace)
    for package in PACKAGES:
        if importlib.util.find_spec(package) is None:
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    say(f"MiniFlask's own tests, on {', '.join(f'{name}.py' for name in NEEDED)} of yours:")
    if not _run_tests(workspace, say):
        return False
    if importlib.util.find_spec("flask") is None:
        raise FinaleError("real Flask is not installed: pip install flask, and come back")
    say("\nA real Flask app, on the same files:")
    if not _run_app(workspace, page, say):
        return False
    say(f"\nThe trace of it, to step through: {page}")
    return True


def _run_tests(workspace: Path, say: Say) -> bool:
    command = [sys.executable, "-m", "minictx.learn.finale", str(workspace)]
    options = ["-q", "-x", "--tb=short", "--no-header", "-p", "no:cacheprovider"]
    options += ["-c", os.devnull, "--rootdir", str(ROOT)]
    tests = ROOT / "tests" / "web"
    # It needs a package for development only, and contexts play no part in it.
    options += [f"--ignore={tests / 'test_json.py'}"]
    return _run([*command, *options, str(tests)], ROOT, say)


def _run_app(workspace: Path, page: Path, say: Say) -> bool:
    command = [sys.executable, "-P", "-m", "minictx.dropin", "--code", str(workspace)]
    command += ["-m", "minictx", "trace", "--page", str(page), str(HERE / "flask_app.py")]
    return _run(command, workspace, say)


def _run(command: list[str], folder: Path, say: Say) -> bool:
    """Run a command to its end, say what it printed, and return whether it went well."""
    process = Process(command, cwd=folder)
    try:
        process.wait(SECONDS)
    finally:
        process.end()
    say(process.printed.decode(errors="replace").strip())
    if process.status is None:
        why = "it printed without end" if process.flooded else f"not done after {SECONDS:g} s"
        say(f"{why}: check all exercises again, with `minictx learn verify`")
    return process.status == 0


def _check_files(workspace: Path) -> None:
    absent = [f"{name}.py" for name in NEEDED if not (workspace / f"{name}.py").is_file()]
    if absent:
        raise FinaleError(
            f"{workspace} has no {', no '.join(absent)}: they are written in the chapters"
            " before; `minictx learn list` shows what is open"
        )


# In a process of its own

# These look into the storage of a LocalStack, which Flask does not need.
WITH_STORAGE = (
    "test_eight_threads_with_many_requests_each_see_their_own_values",
    "test_a_thread_that_dies_without_popping_leaves_nothing_on_the_stacks",
)
MODULES = (minictx, minictx.local, minictx.stack, minictx.proxy, minictx.manager)


def carry(folder: str) -> None:
    """Replace minictx's classes by the student's, in every module that has them.

    Call it before anything imports `minictx.web`: each module keeps what it has imported.
    """
    assert "minictx.web.globals" not in sys.modules, "minictx.web is imported already"
    for name, value in load_code(folder).items():
        for module in MODULES:
            if hasattr(module, name):
                setattr(module, name, value)


def main() -> None:
    """Run pytest on the student's classes: ``python -m minictx.learn.finale DIR ARGUMENTS``."""
    import pytest

    folder, *arguments = sys.argv[1:]
    try:
        carry(folder)
    except CodeError as error:
        raise SystemExit(f"minictx: {error}") from error
    if not hasattr(minictx.LocalStack, "__storage__"):
        arguments += ["-k", " and ".join(f"not {name}" for name in WITH_STORAGE)]
    raise SystemExit(pytest.main(arguments))


if __name__ == "__main__":
    main()
