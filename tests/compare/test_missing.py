"""What is not installed is said to be missing, and the rest works."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("click")
pytest.importorskip("rich")

ROOT = Path(__file__).parent.parent.parent


def compare_without(packages: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    hide = "".join(f"sys.modules[{package!r}] = None\n" for package in packages)
    code = (
        f"import sys; sys.argv[1:] = ['compare', *{list(arguments)!r}]\n{hide}"
        "from minictx.__main__ import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60
    )


def answers_without(packages: list[str]) -> dict[str, Any]:
    result = compare_without(packages, "--json")
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("package", ["gevent", "asgiref", "werkzeug"])
def test_a_missing_package_is_said_to_be_missing(package: str) -> None:
    found = answers_without([package])
    assert found["implementations"][package]["note"] == "not installed"
    assert {row["answers"][package] for row in found["behaviours"].values()} == {
        "not installed"
    }
    assert found["behaviours"]["threads-isolated"]["answers"]["minictx"] == "yes"


def test_the_table_leaves_out_a_missing_package_and_says_so() -> None:
    result = compare_without(["asgiref"])
    assert result.returncode == 0, result.stderr
    assert "AL    asgiref.Local: not installed" in result.stdout
    assert "AL" not in result.stdout.splitlines()[0].split()
    assert "TL" in result.stdout.splitlines()[0].split()


def test_without_greenlet_only_the_rows_about_greenlets_have_no_answer() -> None:
    found = answers_without(["greenlet", "gevent"])
    silent = {
        key for key, row in found["behaviours"].items() if row["answers"]["minictx"] == "-"
    }
    assert silent == {
        "greenlets-isolated",
        "greenlet-starts-from",
        "freed-with-greenlet",
        "stack-for-each-greenlet",
    }


def test_without_greenlet_there_is_nothing_to_trace_in_such_a_row() -> None:
    result = compare_without(["greenlet", "gevent"], "greenlets-isolated")
    assert result.returncode == 2
    assert result.stderr == "minictx: there is nothing to trace: greenlet is not installed\n"
    assert "Does each greenlet have its own value?" in result.stdout


def test_a_missing_package_cannot_be_traced() -> None:
    result = compare_without(["gevent"], "threads-isolated", "--of", "gevent")
    assert result.returncode == 2
    assert result.stderr == (
        "minictx: gevent is not installed: pip install 'minictx[all]' brings it\n"
    )
