"""The end of the course: MiniFlask, and real Flask, on the student's own files."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path

from minictx.dropin.code import NEEDED
from minictx.errors import MinictxError
from minictx.learn.process import Process

__all__ = ["FinaleError", "run_finale"]

HERE = Path(__file__).parent
# An installed minictx has the tests beside this file; a checkout has them in its root.
ROOT = HERE / "miniflask" if (HERE / "miniflask").is_dir() else HERE.parent.parent
SECONDS = 300.0
PACKAGES = ("werkzeug", "jinja2", "itsdangerous", "blinker", "pytest")  # of our extras

Say = Callable[[str], None]


class FinaleError(MinictxError):
    """Say in one line what is missing."""


def run_finale(workspace: Path, page: Path, say: Say) -> bool:
    """Run both, say what came of it, and write the trace of the real app as a page."""
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
    command = [sys.executable, "-m", "minictx.learn.carry", str(workspace)]
    options = ["-q", "-x", "--tb=short", "--no-header", "-p", "no:cacheprovider"]
    options += ["-c", os.devnull, "--rootdir", str(ROOT)]
    tests = ROOT / "tests" / "web"
    # It needs a package that only who works on minictx has, and contexts play no part in it.
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
