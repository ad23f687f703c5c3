"""What docs/course.md says is so: its commands work, and its forms are the real ones."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("click")

from click.testing import CliRunner, Result

from minictx.cli import minictx
from minictx.learn.check_course import read_wrong
from minictx.learn.course import KINDS, OURS, Course
from minictx.learn.state import EMPTY, PROGRESS
from minictx.learn.workspace import init
from tests.learn.courses import SOLUTION, START, course_of, write, write_exercise

DOC = (Path(__file__).parent.parent.parent / "docs" / "course.md").read_text(encoding="utf-8")
FAILING = "verify"  # of exercises that are not solved yet


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL)


def minictx_run(command: str) -> Result:
    program, *arguments = shlex.split(command)
    assert program == "minictx"
    return CliRunner().invoke(minictx, arguments)


@pytest.mark.slow
def test_the_commands_work_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for block in blocks("console"):
        for command in block.splitlines():
            run = minictx_run(command.removeprefix("$ "))
            expected = 1 if FAILING in command else 0
            assert run.exit_code == expected, f"{command}\n{run.output}"
            if "--json" in command:
                assert without_seconds(run.stdout) == without_seconds(*blocks("json"))
    assert (tmp_path / "results.xml").is_file()


def without_seconds(text: str) -> Any:
    table = json.loads(text)
    for exercise in table["exercises"]:
        assert isinstance(exercise.pop("seconds"), float)
    return table


def test_every_command_that_is_named_is_there() -> None:
    named = set(re.findall(r"minictx learn ([a-z][a-z-]*)", DOC))
    assert {"init", "verify", "finale", "check-course", "new-exercise", "reset"} <= named
    help = minictx_run("minictx learn --help").output
    assert all(f"\n  {name}  " in help for name in named)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A workspace of a course with two of our chapters, the first of them solved."""
    folder = tmp_path / "course"
    chapters = [f'[[chapter]]\nkey = "{key}"\ntitle = "T"\n' for key in ("running", "local")]
    toml = 'version = 1\ntitle = "Small"\n'
    for chapter, key in zip(chapters, ("running-a", "local-a"), strict=True):
        write_exercise(folder, key)
        toml += f'{chapter}exercises = ["{key}"]\n'
    write(folder / "course.toml", toml)
    state = init(Course.load(folder), tmp_path / "workspace", str(folder))
    write(state.workspace / "one" / "running_a.py", SOLUTION)
    assert (state.workspace / "one" / "local_a.py").read_text() == START
    return state.workspace


def commands_of(snippet: str) -> list[str]:
    """Return the commands of a YAML file that a shell runs, up to a redirection."""
    found = re.findall(r"(minictx learn [^\n>&|]*)", snippet)
    return [command.strip() for command in found]


@pytest.mark.parametrize(("number", "exit_codes"), [(0, [0, 1]), (1, [1]), (2, [1])])
def test_the_commands_of_the_snippets_grade(
    small: Path, monkeypatch: pytest.MonkeyPatch, number: int, exit_codes: list[int]
) -> None:
    monkeypatch.chdir(small)
    commands = commands_of(blocks("yaml")[number])
    assert [minictx_run(command).exit_code for command in commands] == exit_codes
    assert all(command.startswith("minictx learn verify") for command in commands)


def test_without_a_state_the_exercises_of_ours_are_checked(small: Path) -> None:
    (small / PROGRESS).unlink()
    assert all("rm -f progress.json" in snippet for snippet in blocks("yaml"))
    run = minictx_run(f"minictx learn verify -C {small} running")
    assert run.exit_code == 2
    assert "is no workspace" in run.output


@pytest.mark.parametrize("snippet", blocks("yaml"), ids=lambda snippet: snippet.splitlines()[0])
def test_the_snippets_are_yaml(snippet: str) -> None:
    yaml = pytest.importorskip("yaml")
    table = yaml.safe_load(snippet)
    job = table["verify"] if "verify" in table else next(iter(table["jobs"].values()))
    assert job.get("steps") or job["script"]


@pytest.mark.parametrize("snippet", blocks("yaml"), ids=lambda snippet: snippet.splitlines()[0])
def test_the_snippets_are_indented_evenly(snippet: str) -> None:
    """It says less than to parse them, but needs no package for that."""
    before = 0
    for line in snippet.splitlines():
        indent = len(line) - len(line.lstrip(" "))
        assert "\t" not in line
        assert indent % 2 == 0
        assert indent <= before + 4
        assert re.match(r" *(- )?[\w-]+:( |$)|  +- \S", line), line
        before = indent


def test_the_grader_and_the_reporter_of_classroom_know_each_other() -> None:
    snippet = blocks("yaml")[0]
    ids = re.findall(r"^        id: (\w+)$", snippet, re.MULTILINE)
    assert f"runners: {','.join(ids)}\n" in snippet
    chapters = {chapter.key for chapter in Course.load(OURS).chapters}
    for each in ids:
        assert f"{each.upper()}_RESULTS: ${{{{ steps.{each}.outputs.result }}}}" in snippet
        assert f"command: minictx learn verify {each}\n" in snippet
        assert each in chapters


def test_all_that_is_stored_about_a_student_is_named() -> None:
    stored = DOC.partition("### What is stored")[2].partition("\n## ")[0]
    assert all(f"`{name}`" in stored for name in EMPTY)
    assert PROGRESS in stored


def test_every_file_of_a_course_is_explained() -> None:
    for file in ("course.toml", "texts/en.toml"):
        assert f"| `{file}` |" in DOC
        assert (OURS / file).is_file()
    files = {
        file.relative_to(exercise.folder).as_posix()
        for exercise in Course.load(OURS).exercises
        for file in exercise.folder.rglob("*")
        if file.suffix in (".toml", ".py")
    }
    assert all(f"| `exercises/NAME/{file}` |" in DOC for file in files)
    assert all(f'"{kind}"' in DOC for kind in KINDS)


def test_the_wrong_solutions_that_are_shown_are_wrong_solutions_of_a_course(
    tmp_path: Path,
) -> None:
    exercise = course_of(tmp_path, "one-a").exercises[0]
    write(exercise.wrong, "".join(blocks("toml")[:2]))
    assert [each.source(SOLUTION) for each in read_wrong(exercise)] == [
        "def answer():\n    return 41\n",
        "def answer():\n    ask()\n    return ask()\n",
        "def answer():\n    return ...\n",
    ]


def test_the_texts_that_are_shown_are_texts_of_a_course(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    english, german = blocks("toml")[2:]
    assert tomllib.loads(german)["shop"]["title"] == "Der Laden"
    write_exercise(tmp_path, "shop-cart")
    write(tmp_path / "texts" / "en.toml", english)
    write(tmp_path / "texts" / "de.toml", german)
    chapter = 'key = "shop"\ntitle = "Shop"\nexercises = ["shop-cart"]'
    write(tmp_path / "course.toml", f'version = 1\ntitle = "A"\n[[chapter]]\n{chapter}\n')
    monkeypatch.setenv("LC_ALL", "")
    monkeypatch.setenv("LC_MESSAGES", "")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    course = Course.load(tmp_path)
    text = course.text(course.exercises[0])
    assert (text.title, len(text.hints)) == ("Ein Korb f\u00fcr alle", 3)
    assert course.chapter_title(course.chapters[0]) == "Der Laden"
    assert "**Question**" in text.text
