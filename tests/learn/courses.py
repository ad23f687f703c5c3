"""Small courses, made for a test."""

from __future__ import annotations

from pathlib import Path

from minictx.learn.check import Result, check
from minictx.learn.course import Course

CHECKS = """\
from {module} import answer


def test_the_answer_is_42():
    assert answer() == 42, "T1 got another answer, after step 1 of 'T1': look at answer()"
"""
START = "def answer():\n    return 0\n"
SOLUTION = "def answer():\n    return 42\n"
TEXTS = """
["{key}"]
title = "Title of {key}"
text = "What to do."
hints = ["first", "second", "third"]
after = "Why it is so."
"""


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def write_exercise(
    folder: Path,
    key: str,
    *,
    file: str = "",
    toml: str = "",
    kind: str = "build",
    start: str | None = START,
    solution: str = SOLUTION,
    checks: str = CHECKS,
) -> None:
    """Write an exercise that asks for 42."""
    file = file or f"one/{key.replace('-', '_')}.py"
    exercise = folder / "exercises" / key
    write(exercise / "exercise.toml", f'kind = "{kind}"\nfile = "{file}"\n{toml}')
    if start is not None:
        write(exercise / "start.py", start)
    write(exercise / "solution.py", solution)
    write(exercise / "checks.py", checks.replace("{module}", Path(file).stem))
    texts = folder / "texts" / "en.toml"
    before = texts.read_text(encoding="utf-8") if texts.exists() else ""
    write(texts, before + TEXTS.format(key=key))


def list_exercises(folder: Path, *keys: str) -> Course:
    """Write the course.toml of one chapter, and load the course."""
    chapter = f'[[chapter]]\nkey = "one"\ntitle = "One"\nexercises = {list(keys)}\n'
    write(folder / "course.toml", f'version = 1\ntitle = "A course"\n{chapter}')
    return Course.load(folder)


def course_of(folder: Path, *keys: str) -> Course:
    """Write a course of exercises that all ask for 42."""
    for key in keys:
        write_exercise(folder, key)
    return list_exercises(folder, *keys)


class Bench:
    """A course of one exercise, and a workspace to try answers in.

    Its checks may take long: where tests run side by side, a computer is slow.
    """

    def __init__(self, folder: Path, seconds: float = 30, **options: str) -> None:
        self.workspace = folder / "workspace"
        write_exercise(folder / "course", "one-a", toml=f"seconds = {seconds}\n", **options)
        self.course = list_exercises(folder / "course", "one-a")
        self.exercise = self.course.exercises[0]
        self.file = self.workspace / self.exercise.file

    def check(self, source: str) -> Result:
        write(self.file, source)
        return check(self.course, self.exercise, self.workspace)


# For tests of what shows a course: two chapters, three exercises

SMALL = """\
version = 1
title = "Small"

[[chapter]]
key = "first"
title = "First things"
exercises = ["first-one", "first-two"]

[[chapter]]
key = "second"
title = "Second things"
exercises = ["second-three"]
"""
SOLVED = "answer = 42\n"


def new_course(folder: Path) -> Path:
    """Write the course: each exercise is solved when its ``answer`` is 42."""
    (folder / "texts").mkdir(parents=True)
    (folder / "course.toml").write_text(SMALL)
    texts = []
    for key in ("first-one", "first-two", "second-three"):
        chapter, _, name = key.partition("-")
        exercise = folder / "exercises" / key
        exercise.mkdir(parents=True)
        (exercise / "exercise.toml").write_text(
            f'kind = "build"\nfile = "{chapter}/{chapter}_{name}.py"\n'
        )
        (exercise / "start.py").write_text("answer = 0\n")
        (exercise / "solution.py").write_text(SOLVED)
        (exercise / "checks.py").write_text(
            f"import {chapter}_{name} as it\n\n\n"
            f"def test_the_answer():\n"
            f'    assert it.answer == 42, f"{key}: {{it.answer}} is no answer"\n'
        )
        texts.append(
            f'["{key}"]\ntitle = "Title of {name}"\ntext = "Task of {name}."\n'
            f'hints = ["Nudge.", "Push.", "Shove."]\nafter = "Why {name} is so."\n'
        )
    (folder / "texts" / "en.toml").write_text("\n".join(texts))
    return folder
