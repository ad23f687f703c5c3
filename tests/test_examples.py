"""Each example prints what stands at its end; the command and the lists find them all."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from minictx.examples import FOLDER, Example, load_all
from tests.actors import greenlet

ROOT = Path(__file__).parent.parent
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


SCRIPT = '''\
"""An idea,
in two lines.

Look for nothing.

Question: is it
answered?
"""

print("yes")

# Answer: it is, and
# more.
#
# Chapter: A chapter
# Topics: 1, 12 (docs/topics.md)
# Learners ask: 3 (docs/topics.md)
#
# Output:
# yes
#
# no
'''


def minictx(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "minictx", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


def test_an_example_is_read_without_being_run(tmp_path: Path) -> None:
    path = tmp_path / "07_name.py"
    path.write_text(SCRIPT)
    example = Example.read(path)
    assert example.number == 7
    assert example.idea == "An idea, in two lines."
    assert example.question == "is it answered?"
    assert example.answer == "it is, and more."
    assert example.chapter == "A chapter"
    assert (example.topics, example.learners_ask) == ((1, 12), (3,))
    assert example.output == "yes\n\nno\n"


def test_topics_and_questions_may_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "08_name.py"
    path.write_text(
        SCRIPT.replace(
            "# Topics: 1, 12 (docs/topics.md)\n# Learners ask: 3 (docs/topics.md)\n", ""
        )
    )
    example = Example.read(path)
    assert (example.chapter, example.topics, example.learners_ask) == ("A chapter", (), ())


def test_the_lists_of_examples_and_topics_are_up_to_date() -> None:
    command = [sys.executable, "docs/lists.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.mark.parametrize(
    ("kind", "attribute"), [("topic", "topics"), ("question", "learners_ask")]
)
def test_every_topic_and_question_is_covered(kind: str, attribute: str) -> None:
    entries = tomllib.loads((ROOT / "docs/topics.toml").read_text())[kind]
    wanted = {entry["number"] for entry in entries}
    by_examples = {number for each in load_all() for number in getattr(each, attribute)}
    assert by_examples <= wanted
    elsewhere = {entry["number"] for entry in entries if entry.get("also")}
    assert by_examples | elsewhere == wanted
    for path in (path for entry in entries for path in entry.get("also", ())):
        assert (ROOT / path).exists()


def test_chapters_stand_together() -> None:
    chapters = [each.chapter for each in load_all()]
    order = list(dict.fromkeys(chapters))
    assert chapters == sorted(chapters, key=order.index)
    assert all(chapters)


def test_all_examples_are_listed_by_chapter() -> None:
    done = minictx("examples")
    assert (done.returncode, done.stderr) == (0, "")
    words = " ".join(done.stdout.split())
    for each in load_all():
        assert each.chapter in words
        assert each.idea in words
        assert str(each.number) in words


def test_an_example_is_run_by_its_number() -> None:
    done = minictx("examples", "17")
    (path,) = FOLDER.glob("17_*.py")
    assert (done.returncode, done.stderr) == (0, "")
    example = Example.read(path)
    before, after = done.stdout.split(example.output)
    assert before.split() == f"{example.idea} Question: {example.question}".split()
    assert after == f"\nThe answer is at the end of {path}\n"


def test_an_example_is_traced(tmp_path: Path) -> None:
    done = minictx("examples", "17", "--trace")
    (path,) = FOLDER.glob("17_*.py")
    assert Example.read(path).output in done.stdout
    assert f"{path.name}:" in done.stdout
    assert "MainThread" in done.stdout
    assert "Nothing was left behind." in done.stdout
    [page] = [Path(word) for word in done.stdout.split() if word.endswith(".html")]
    assert "<!doctype html>" in page.read_text().lower()
    page.unlink()
    page.parent.rmdir()


def test_an_example_that_does_not_exist_is_refused_in_one_line() -> None:
    last = load_all()[-1].number
    done = minictx("examples", "99")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"minictx: there is no example 99: choose from 1 to {last}\n"
