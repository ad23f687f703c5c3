"""The benchmarks run, and what they print is complete. No time is asserted here."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.actors import needs_greenlet

for package in ("flask", "gevent", "rich", "werkzeug"):
    pytest.importorskip(package)

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def run(*options: object) -> str:
    """Run the benchmarks, and return what they print."""
    command = [sys.executable, BENCHMARKS / "run.py", *options]
    done = subprocess.run(list(map(str, command)), text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The file that a quick run writes, and what it prints."""
    file = tmp_path_factory.mktemp("benchmarks") / "results.json"
    return file, run("--quick", "--json", file)


@needs_greenlet
def test_a_quick_run_prints_all_tables(measured: tuple[Path, str]) -> None:
    _, printed = measured
    for heading in (
        "Goals",
        "minictx to werkzeug 3.1",
        "All of them",
        "Requests",
        "With many live contexts",
        "On a deep stack",
        "Contexts that come and go",
        "To begin",
    ):
        assert heading in printed
    for peer in ("minictx.contextual", "threading.local", "gevent.local", "ContextVar"):
        assert peer in printed


@needs_greenlet
def test_each_operation_is_measured_on_minictx_and_on_werkzeug(
    measured: tuple[Path, str],
) -> None:
    file, _ = measured
    [python] = json.loads(file.read_text())["pythons"].values()
    operations: dict[str, Any] = python["today"]["operations"]
    assert len(operations) == 19
    for compared in operations.values():
        names = [name.partition(" ")[0] for name in compared]
        assert names[0] == "minictx"
        assert "werkzeug" in names
        assert all(found["ns"] > 0 and found["ratio"] > 0 for found in compared.values())


@needs_greenlet
def test_contexts_that_have_gone_leave_no_memory(measured: tuple[Path, str]) -> None:
    file, _ = measured
    [python] = json.loads(file.read_text())["pythons"].values()
    assert python["today"]["growth"]["coming"]["minictx"]["blocks"] < 200


@needs_greenlet
def test_what_was_measured_can_be_shown_again(measured: tuple[Path, str]) -> None:
    file, printed = measured
    assert run("--from", file) == printed


def test_the_page_on_reliability_has_the_figures_that_were_measured() -> None:
    """If this fails: uv run benchmarks/reliability.py"""
    namespace = runpy.run_path(str(BENCHMARKS / "reliability.py"))
    made = namespace["make_page"](
        namespace["read"]("soak.json"), namespace["read"]("fuzz.json")
    )
    assert (BENCHMARKS.parent / "docs" / "reliability.md").read_text("utf-8") == made


@pytest.mark.parametrize(
    ("script", "option", "value"),
    [
        ("soak.py", "--minutes", "nan"),
        ("soak.py", "--minutes", "x"),
        ("soak.py", "--requests", "0"),
        ("fuzz.py", "--minutes", "-1"),
        ("fuzz.py", "--executions", "1.5"),
        ("fuzz.py", "--jobs", "0"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(script: str, option: str, value: str) -> None:
    command = [sys.executable, str(BENCHMARKS / script), option, value]
    done = subprocess.run(command, text=True, capture_output=True, timeout=60)
    last = done.stderr.splitlines()[-1]
    assert re.fullmatch(
        rf"{script}: error: argument {option}: '{value}' is not a (whole )?number above zero",
        last,
    )
    assert (done.returncode, done.stdout) == (2, "")
