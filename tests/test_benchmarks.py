"""The benchmarks run, and what they print is complete. No time is asserted here."""

from __future__ import annotations

import importlib
import json
import re
import runpy
import subprocess
import sys
from email.message import Message
from pathlib import Path
from types import SimpleNamespace
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
        "Nanoseconds",
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
def test_a_quick_run_calls_no_goal_met_that_it_has_not_tried(
    measured: tuple[Path, str],
) -> None:
    [row] = [line for line in measured[1].splitlines() if "cost with 100,000" in line]
    assert "met" not in row


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.704], "0.7040: not met"),
        ([0.7], "0.7000: met"),
        ([0.5, 0.91], "0.91: 1 of 2 met"),
        ([0.5, 0.6], "0.60: met"),
    ],
)
def test_at_its_limit_a_goal_is_told_to_more_digits(
    monkeypatch: pytest.MonkeyPatch, values: list[float], said: str
) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    goal = importlib.import_module("speed.results").Goal(
        "set", 0.7, "", lambda measured: dict(enumerate(values))
    )
    assert goal.verdict({}) == said


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


# The soak test: what it counts as wrong


@pytest.fixture
def soak(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The names of benchmarks/soak.py."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return SimpleNamespace(**runpy.run_path(str(BENCHMARKS / "soak.py")))


def outcome(soak: Any, *, mixes: bool = False, **changes: Any) -> Any:
    """Return what came of a run in which all is well but for the changes."""
    tally = {"asked": {"plain": 10}, "wrong": [], "failed": []}
    after = {"contexts": 0, "stored": 0, "threads": 0, "problems": [], "megabytes": 52.0}
    for name, value in changes.items():
        (tally if name in tally else after)[name] = value
    run = SimpleNamespace(mixes=mixes)
    return soak.Outcome(run, SimpleNamespace(**tally), 2.0, {"megabytes": 50.0}, after)


def test_a_soak_in_which_all_is_well_has_no_problems(soak: Any) -> None:
    assert outcome(soak).problems == []
    assert outcome(soak).figures["a second"] == 5


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"contexts": 1}, "1 contexts are left"),
        ({"stored": 2}, "2 stored are left"),
        ({"threads": 3}, "3 threads are left"),
        ({"problems": ["teardown of a found b"]}, "teardown of a found b"),
        ({"megabytes": 52.1}, "memory has grown by 2.1 MB"),
        ({"wrong": ["plain of c1-1: signed for c2-1"]}, "plain of c1-1: signed for c2-1"),
        ({"failed": ["plain of c1: timed out"]}, "plain of c1: timed out"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_whatever_is_left_or_mixed_or_not_answered_is_a_problem_of_the_soak(
    soak: Any, change: dict[str, Any], problem: str
) -> None:
    assert outcome(soak, **change).problems == [problem]


def test_the_run_that_must_mix_answers_has_a_problem_if_it_does_not(soak: Any) -> None:
    [problem] = outcome(soak, mixes=True, stored=5).problems
    assert "proves nothing" in problem
    assert outcome(soak, mixes=True, wrong=["plain of c1-1: signed for c2-1"]).problems == []


RIGHT = {"status": 200, "header": "c1-1", "body": "/plain|c1-1|c1-1|c1|1|load"}


@pytest.mark.parametrize(
    "change",
    [
        {"header": "c2-1"},
        {"header": None},
        {"body": "/nested|c1-1|c1-1|c1|1|load"},
        {"body": "/plain|c2-1|c1-1|c1|1|load"},
        {"body": "/plain|c1-1|c2-1|c1|1|load"},
        {"body": "/plain|c1-1|c1-1|c2|1|load"},
        {"body": "/plain|c1-1|c1-1|c1|2|load"},
        {"body": "/plain|c1-1|c1-1|c1|1|other"},
        {"body": "broken off"},
    ],
    ids=str,
)
def test_a_client_notices_each_part_of_an_answer_that_is_not_its_own(
    soak: Any, change: dict[str, Any]
) -> None:
    assert _problem(soak, RIGHT) == ""
    assert _problem(soak, RIGHT | change)


def _problem(soak: Any, answer: dict[str, Any]) -> str:
    response = SimpleNamespace(status=answer["status"], headers=Message())
    if answer["header"]:
        response.headers["X-Token"] = answer["header"]
    client = soak.Client("c1", 0, soak.Tally())
    problem: str = client.problem_with("plain", "c1-1", response, answer["body"])
    return problem


def test_the_page_on_reliability_has_the_figures_that_were_measured() -> None:
    """If this fails: uv run benchmarks/reliability.py"""
    namespace = runpy.run_path(str(BENCHMARKS / "reliability.py"))
    made = namespace["make_page"](
        namespace["read"]("soak.json"), namespace["read"]("fuzz.json")
    )
    assert (BENCHMARKS.parent / "docs" / "reliability.md").read_text("utf-8") == made


def test_figures_are_written_a_row_a_line(tmp_path: Path) -> None:
    write_json = runpy.run_path(str(BENCHMARKS / "arguments.py"))["write_json"]
    file = tmp_path / "figures.json"
    figures = {"runs": {"a": {"x": 1, "y": None}, "b": {}}, "rows": [[1, 2], []], "note": "é"}
    write_json(figures, file)
    assert json.loads(file.read_text()) == figures
    assert file.read_text().splitlines()[1:5] == [
        ' "runs": {',
        '  "a": {"x": 1, "y": null},',
        '  "b": {}',
        " },",
    ]
    for kept in (BENCHMARKS.parent / "docs").glob("*.json"):
        write_json(json.loads(kept.read_text()), file)
        assert kept.read_text() == file.read_text(), f"{kept.name} was written by hand"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--from", "nofile.json"], "cannot read nofile.json: No such file or directory"),
        (["--from", "README.md"], "README.md was not written by --json"),
        (["--from", "docs/soak.json"], "docs/soak.json was not written by --json"),
        (["--json", "no/such/x.json"], "argument --json: cannot write no/such/x.json: No such"),
        (["--quick", "--docs"], "--quick measures roughly, and for one Python: too little for"),
    ],
)
def test_what_cannot_be_done_is_said_before_it_is_measured(
    options: list[str], told: str
) -> None:
    command = [sys.executable, str(BENCHMARKS / "run.py"), *options]
    done = subprocess.run(command, text=True, capture_output=True, cwd=BENCHMARKS.parent)
    assert done.stderr.splitlines()[-1].startswith(f"run.py: error: {told}")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    ("script", "option", "value"),
    [
        ("soak.py", "--minutes", "nan"),
        ("soak.py", "--minutes", "inf"),
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
