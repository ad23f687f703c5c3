from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("click")


def errors(script: Path, *arguments: str) -> list[str]:
    # In a process of its own: a trace ends with what Python does at its end.
    command = [sys.executable, "-m", "minictx", "trace", str(script), *arguments]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return [line for line in run.stderr.splitlines() if line.startswith("minictx: ")]


def test_an_option_behind_a_script_that_does_not_know_it_is_told(tmp_path: Path) -> None:
    script = tmp_path / "shop.py"
    script.write_text("print('open')\n")
    assert errors(script, "--page", "out.html", "--limit=3", "--other") == [
        f"minictx: --page went to {script}: for trace, put it before",
        f"minictx: --limit went to {script}: for trace, put it before",
    ]
    assert errors(script, "page", "-p") == []


def test_a_script_that_is_not_there_is_told_only_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "minictx", "trace", str(tmp_path / "no.py"), "--page", "x"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode != 0
    assert "Traceback" not in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_an_option_of_the_script_itself_is_no_mistake(tmp_path: Path) -> None:
    script = tmp_path / "shop.py"
    script.write_text("import sys\nprint('--page' in sys.argv)\n")
    assert errors(script, "--page", "3") == []
