from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.actors import needs_greenlet

ROOT = Path(__file__).parent.parent
CORE = ["test_ident", "test_local", "test_stack", "test_proxy", "test_model"]


def run(*args: str) -> str:
    """Run Python with greenlet hidden, and return what it printed."""
    env = {**os.environ, "MINICTX_HIDE_GREENLET": "1"}
    env.pop("PYTEST_ADDOPTS", None)  # meant for the run around this one
    done = subprocess.run(
        [sys.executable, *args], cwd=ROOT, env=env, text=True, capture_output=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@needs_greenlet  # without it, this run is the one that is meant
def test_the_core_passes_its_tests_without_greenlet(tmp_path: Path) -> None:
    # The owner of an ident is then the thread, and not its main greenlet.
    code = "import tests.conftest, minictx.ident; print(len(set(minictx.ident.get_owners())))"
    assert run("-c", code) == "1\n"

    report = tmp_path / "report.xml"
    files = [f"tests/{name}.py" for name in CORE]
    # Without its cache, so that --last-failed stays about the run around this one.
    run("-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={report}", *files)
    cases = ElementTree.parse(report)
    reasons = {skipped.get("message") for skipped in cases.iter("skipped")}
    assert "greenlet is not installed" in reasons
    passed = Counter(
        case.get("classname") for case in cases.iter("testcase") if not case.findall("skipped")
    )
    assert set(passed) == {f"tests.{name}" for name in CORE}
    assert passed.total() > 500
