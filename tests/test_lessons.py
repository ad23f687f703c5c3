"""The `examples` command, and the lists that are made of what the examples say."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from minictx.lessons.example import FOLDER, Example, load_all

ROOT = Path(__file__).parent.parent

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
