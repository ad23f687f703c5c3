"""Every example prints what stands at its end, and keeps to the form."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.actors import greenlet

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("[0-9][0-9]_*.py"))


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.name)
def example(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    if greenlet is None and "from greenlet import" in path.read_text():
        pytest.skip("greenlet is not installed")
    return path


def test_an_example_prints_what_stands_at_its_end(example: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", str(example)], capture_output=True, text=True
    )
    _, _, expected = example.read_text().partition("# Output:\n")
    assert expected, "there is no `# Output:` at the end"
    lines = [line.removeprefix("# ").removeprefix("#") for line in expected.splitlines()]
    assert run.stdout.splitlines() == lines
    assert (run.returncode, run.stderr) == (0, "")


def test_an_example_fits_on_a_screen_and_asks_a_question(example: Path) -> None:
    source = example.read_text()
    docstring = ast.get_docstring(ast.parse(source)) or ""
    assert "\n\nLook for " in docstring
    assert "\n\nQuestion: " in docstring
    assert "\n# Answer: " in source
    code, _, output = source.partition("# Output:\n")
    assert len(code.splitlines()) <= 80
    assert len(source.splitlines()) <= 90
    assert max(len(line) for line in output.splitlines()) <= 80


def test_each_example_has_a_number_of_its_own() -> None:
    numbers = [path.name[:2] for path in EXAMPLES]
    assert numbers
    assert len(numbers) == len(set(numbers))
