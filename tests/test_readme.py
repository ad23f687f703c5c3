"""What the README says is so: its code runs, its commands work, its pictures are real."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


COMMANDS = [
    line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()
]
# They are run by .ci/run: one is this test run itself, one changes the environment.
TEST_COMMAND, INSTALL = "uv run pytest", 'pip install -e ".[all]" --group dev'


def run(command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the README in this environment, without uv choosing another."""
    program, *arguments = shlex.split(command.removeprefix("uv run "))
    if program.endswith(".py"):
        program, arguments = sys.executable, [program, *arguments]
    elif program == "minictx":
        program, arguments = sys.executable, ["-m", "minictx", *arguments]
    elif program == "python":
        program = sys.executable
    return subprocess.run([program, *arguments], capture_output=True, text=True, cwd=ROOT)


@pytest.mark.parametrize("code", blocks("python"), ids=lambda code: code.splitlines()[0])
def test_the_code_runs(code: str) -> None:
    exec(compile(code, "README.md", "exec"), {"__name__": "readme"})


@pytest.mark.parametrize("command", [c for c in COMMANDS if "p" in c and "install" not in c])
def test_the_commands_work(command: str) -> None:
    if command.removeprefix("uv run ") == "pytest":
        assert TEST_COMMAND in (ROOT / ".ci" / "run").read_text().splitlines()
        return
    result = run(command)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout


def test_there_is_one_way_to_install_and_the_first_two_commands_are_the_set_up() -> None:
    assert COMMANDS[:2] == ["uv run minictx demo", TEST_COMMAND]
    assert [command for command in COMMANDS if "install" in command] == [INSTALL]


@pytest.mark.slow
@pytest.mark.skipif(
    not os.environ.get("MINICTX_TEST_INSTALL"), reason="set MINICTX_TEST_INSTALL=1 to install"
)
def test_pip_alone_installs_what_the_demo_needs(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path], check=True)
    pip = [str(tmp_path / "bin" / "python"), "-m", "pip", "--quiet"]
    subprocess.run([*pip, "install", "--upgrade", "pip>=25.1"], check=True)
    subprocess.run([*pip, *shlex.split(INSTALL)[1:]], check=True, cwd=ROOT)
    for command in ("minictx demo", "pytest --version"):
        program, *arguments = command.split()
        subprocess.run([tmp_path / "bin" / program, *arguments], check=True, cwd=ROOT)


def test_the_demo_shows_what_the_readme_says() -> None:
    [shown] = blocks("text")
    printed = {line.strip() for line in run("minictx demo").stdout.splitlines()}
    assert [line for line in shown.splitlines() if line.strip() not in printed] == []


def test_the_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    here = [link for link in links if "://" not in link]
    assert len(here) >= 9
    headings = {
        f"#{re.sub('[^a-z -]', '', heading.lower()).replace(' ', '-')}"
        for heading in re.findall(r"^## (.+)$", README, re.MULTILINE)
    }
    assert [link for link in here if link not in headings and not (ROOT / link).exists()] == []


def test_the_reading_path_is_that_of_the_source() -> None:
    docstring = (ROOT / "minictx" / "__init__.py").read_text()
    path = re.findall(r"^\| \d \| \[`minictx/([^`]+)`\]", README, re.MULTILINE)
    assert path == re.findall(r"^\d\. ``([^`]+)``", docstring, re.MULTILINE)
    assert len(path) == 8
