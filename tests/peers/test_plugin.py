"""The plugin, in real sessions of pytest: on werkzeug itself, and on minictx."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.peers.suites import Run, only_minictx, problems

SUITE = """\
import os
import pytest
from werkzeug.local import LocalProxy, LocalStack

@pytest.fixture
def bad_end():
    yield
    assert False

@pytest.fixture
def bad_start():
    assert False

def test_passes():
    stack = LocalStack()
    stack.push("top")
    assert LocalProxy(lambda: stack.top) == "top"

def test_fails():
    assert False

def test_fails_at_its_end(bad_end):
    pass

def test_fails_at_its_start(bad_start):
    pass

def test_skips():
    pytest.skip("here")

@pytest.mark.skip
def test_is_skipped():
    pass

@pytest.mark.xfail
def test_fails_as_expected():
    assert False

@pytest.mark.xfail
def test_passes_against_expectation():
    pass

@pytest.mark.parametrize("folder", [os.getcwd()])
def test_in(folder):
    pass
"""

OUTCOMES = {
    "test_passes": "passed",
    "test_fails": "failed",
    "test_fails_at_its_end": "failed",
    "test_fails_at_its_start": "failed",
    "test_skips": "skipped",
    "test_is_skipped": "skipped",
    "test_fails_as_expected": "xskipped",
    "test_passes_against_expectation": "xpassed",
    "test_in[TOP]": "passed",
}


def run(folder: Path, *dropin: str, suite: str = SUITE) -> Run:
    """Run a suite in a folder that is made for it."""
    folder.mkdir()
    (folder / "test_it.py").write_text(suite)
    (folder / "pytest.ini").touch()  # or pytest looks for one further up
    report = folder / "report.json"
    env = {
        "PYTHONPATH": str(only_minictx(folder)),
        "REPORT_TO": str(report),
        "PYTEST_ADDOPTS": "",  # it was meant for the session around this one
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    subprocess.run(
        [sys.executable, *dropin, "-m", "pytest", "-q", "-p", "peer_report", "test_it.py"],
        cwd=folder,
        env=os.environ | env,
        capture_output=True,
    )
    return Run.read(report)


@pytest.fixture(scope="module")
def werkzeug(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(tmp_path_factory.mktemp("werkzeug") / "top")


def test_every_outcome_is_written_under_the_id_of_its_test(werkzeug: Run) -> None:
    assert werkzeug.outcomes == {f"test_it.py::{id}": each for id, each in OUTCOMES.items()}


@pytest.mark.parametrize("storage", ["ident", "contextvar"])
def test_the_run_on_minictx_is_told_from_the_run_on_werkzeug(
    werkzeug: Run, storage: str, tmp_path: Path
) -> None:
    minictx = run(tmp_path / "top", "-m", "minictx.dropin", "--storage", storage)
    assert list(problems(werkzeug, minictx, storage, 2, {})) == []
    assert len(list(problems(werkzeug, werkzeug, storage, 2, {}))) == 6
    assert len(list(problems(minictx, minictx, storage, 2, {}))) == 6
    other = {"ident": "contextvar", "contextvar": "ident"}[storage]
    assert len(list(problems(werkzeug, minictx, other, 2, {}))) == 4


def test_a_replacement_that_is_undone_in_the_middle_is_found(
    werkzeug: Run, tmp_path: Path
) -> None:
    undo = (
        "\ndef test_undo():"
        "\n    import sys"
        "\n    [finder] = [each for each in sys.meta_path if hasattr(each, 'undo')]"
        "\n    finder.undo()"
        "\n    import werkzeug.local"
    )
    minictx = run(tmp_path / "top", "-m", "minictx.dropin", suite=SUITE + undo)
    assert minictx.outcomes["test_it.py::test_undo"] == "passed"
    lines = list(problems(werkzeug, minictx, "ident", 2, {}))
    assert [line.partition(" of ")[0] for line in lines[:3]] == [
        "Local at the end",
        "LocalStack at the end",
        "LocalProxy at the end",
    ]
    assert "Local at the start" not in str(lines)


def test_a_class_of_minictx_that_only_flask_has_is_found(werkzeug: Run, tmp_path: Path) -> None:
    keep = (
        "\ndef test_keep():"
        "\n    import sys, types, minictx"
        "\n    sys.modules['flask.kept'] = types.ModuleType('flask.kept')"
        "\n    sys.modules['flask.kept'].LocalStack = minictx.LocalStack"
    )
    mixed = run(tmp_path / "top", suite=SUITE + keep)
    assert mixed.outcomes["test_it.py::test_keep"] == "passed"
    assert [name for name in mixed.end if mixed.end[name] != werkzeug.end[name]] == [
        "LocalStack"
    ]


def test_a_file_that_cannot_be_imported_is_a_failure(tmp_path: Path) -> None:
    broken = run(tmp_path / "top", suite="import no_such_module")
    assert broken.outcomes == {"test_it.py": "failed"}
