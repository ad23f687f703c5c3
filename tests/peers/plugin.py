"""A pytest plugin: write each test's outcome, and where the context-locals come from, as JSON.

It runs in the environment of a released suite, with whatever pytest that suite needs. The
environment variable REPORT_TO names the file.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

CLASSES = ("Local", "LocalStack", "LocalProxy")
PACKAGES = ("werkzeug", "flask")


class Report:
    """What the session leaves behind."""

    def __init__(self) -> None:
        self.top = os.getcwd()
        self.outcomes: dict[str, str] = {}
        self.messages: dict[str, str] = {}
        self.start: dict[str, list[str]] = {}

    def pytest_sessionstart(self) -> None:
        """Look whose classes they are before any test runs."""
        importlib.import_module("werkzeug.local")
        self.start = sources()

    def pytest_collectreport(self, report: Any) -> None:
        """Note a file that cannot be imported."""
        if report.failed:
            self.note(report, "failed")

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note how setup, call or teardown went: a failed teardown is a failed test."""
        if report.failed:
            self.note(report, "failed")
        elif hasattr(report, "wasxfail"):
            self.note(report, f"x{report.outcome}")
        elif report.skipped or report.when == "call":
            self.note(report, report.outcome)

    def note(self, report: Any, outcome: str) -> None:
        """Keep an outcome under the test's id, which may have a path in it as a parameter."""
        test = report.nodeid.replace(self.top, "TOP")
        self.outcomes[test] = outcome
        if outcome == "failed":
            crash = getattr(report.longrepr, "reprcrash", None)
            self.messages[test] = str(crash.message if crash else report.longrepr)

    def pytest_sessionfinish(self) -> None:
        """Look once more whose classes they are, and write everything."""
        report = {
            "outcomes": self.outcomes,
            "messages": self.messages,
            "versions": versions(),
            "start": self.start,
            "end": sources(),
        }
        Path(os.environ["REPORT_TO"]).write_text(json.dumps(report))


def sources() -> dict[str, list[str]]:
    """Return ``{class: [files]}``: where all that werkzeug and Flask hold of it is defined."""
    found: dict[str, set[str]] = {name: set() for name in CLASSES}
    for title, module in list(sys.modules.items()):
        if title.partition(".")[0] in PACKAGES:
            for name in CLASSES:
                found[name] |= files_of(vars(module).get(name))
    return {name: sorted(files) for name, files in found.items()}


def files_of(cls: Any) -> set[str]:
    """Return the files of a class and of its bases, but for Python's own."""
    if not isinstance(cls, type):
        return set()
    own = (base for base in cls.__mro__ if base.__module__ not in ("builtins", "typing"))
    return {str(Path(inspect.getsourcefile(base) or "").resolve()) for base in own}


def versions() -> dict[str, str]:
    """Return ``{name: version}`` of Python and all that is installed."""
    installed = {each.metadata["Name"]: each.version for each in metadata.distributions()}
    return {"Python": platform.python_version(), **installed}


def pytest_configure(config: pytest.Config) -> None:
    """Begin."""
    config.pluginmanager.register(Report())
