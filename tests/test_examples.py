"""Every example prints what stands at its end, and keeps to the form."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from minictx.lessons.example import FOLDER, Example
from tests.actors import greenlet

EXAMPLES = sorted(FOLDER.glob("[0-9][0-9]_*.py"))


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.name)
def path(request: pytest.FixtureRequest) -> Path:
    """The file of an example."""
    path: Path = request.param
    return path


def test_an_example_prints_what_stands_at_its_end(path: Path) -> None:
    if greenlet is None and "greenlet" in path.read_text():
        pytest.skip("greenlet is not installed")
    # The default database and broker: tests/examples/ tries others.
    hidden = {"MINICTX_DATABASE_URL", "MINICTX_BROKER_URL"}
    environ = {name: value for name, value in os.environ.items() if name not in hidden}
    command = [sys.executable, "-W", "error", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, env=environ)
    if run.returncode == 2 and not os.environ.get("MINICTX_REQUIRE_SERVICES"):
        [reason] = run.stderr.splitlines()
        pytest.skip(reason)
    assert run.stdout == Example.read(path).output
    assert (run.returncode, run.stderr) == (0, "")


def test_an_example_fits_on_a_screen_and_asks_a_question(path: Path) -> None:
    source = path.read_text()
    docstring = ast.get_docstring(ast.parse(source)) or ""
    assert "\n\nLook for " in docstring
    assert "\n\nQuestion: " in docstring
    code, answer, _ = source.partition("\n# Answer: ")
    assert answer
    assert len(code.splitlines()) <= 84
    assert len(source.splitlines()) <= 100
    example = Example.read(path)
    assert example.output
    assert max(len(line) for line in example.output.splitlines()) <= 80


def test_the_examples_are_numbered() -> None:
    numbers = [path.name[:2] for path in EXAMPLES]
    assert numbers == [f"{number:02}" for number in range(1, len(numbers) + 1)]
