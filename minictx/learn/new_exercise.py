"""Start a new exercise: write files that say what to put into them."""

from __future__ import annotations

import re
from pathlib import Path

from minictx.learn.course import Course, CourseError

__all__ = ["write_exercise"]

COURSE = """\
version = 1
title = "The title of the course"
"""

CHAPTER = """
[[chapter]]
key = "{chapter}"
title = "The title of the chapter"
exercises = ["{name}"]
"""

EXERCISE = """\
kind = "{kind}"
file = "{chapter}/{module}.py"
"""

START = '''\
"""Say in one sentence what this file is."""


def answer():
    """Say what the student is to write."""
'''

SOLUTION = '''\
"""Say in one sentence what this file is."""


def answer():
    """Say what the student is to write."""
    return 42
'''

CHECKS = """\
from {module} import answer


def test_the_answer_is_a_number():
    assert isinstance(answer(), int), "answer() returns no number: what is asked for?"


def test_the_answer_is_right():
    assert answer() == 42, "answer() returns another number: look at the question again"
"""

WRONG = """\
# What a student could hand in instead of solution.py, and a part of the message for it.

[returns_text]
says = "returns no number"
diff = '''
-    return 42
+    return "42"
'''

[off_by_one]
says = "another number"
diff = '''
-    return 42
+    return 41
'''
"""

START_OF_PREDICTION = '''\
"""Predict: what does each actor read?

You fill in `prediction`, at the end. Do not change anything above it.
"""

shelf = ["empty"]


def alice():
    shelf[0] = "tea"
    yield shelf[0]
    yield shelf[0]


def bob():
    shelf[0] = "milk"
    yield shelf[0]


ORDER = "A B A A B"
ACTORS = {{"A": alice, "B": bob}}

# What A reads at step 1, B at step 2, and A at step 3. Replace the dots.
prediction = {prediction}
'''

CHECKS_OF_PREDICTION = """\
from pathlib import Path

import {module}

from minictx.learn.prediction import check_prediction, check_program
from minictx.stage import run


def test_the_program_is_as_it_was():
    check_program({module}.__file__, Path(__file__).with_name("start.py"))


def test_the_prediction_is_what_happens():
    {module}.shelf[0] = "empty"
    order = {module}.ORDER
    steps = run(order, **{module}.ACTORS).steps
    happened = [
        (f"at step {{number}} of {{order!r}}, {{step.actor}} reads", step.value)
        for number, step in enumerate(steps, 1)
        if not step.finished
    ]
    check_prediction({module}.prediction, happened)
"""

WRONG_PREDICTIONS = """\
# What a student could hand in instead of solution.py, and a part of the message for it.

[each_has_a_shelf]
says = "at step 3"
diff = '''
-prediction = ["tea", "milk", "milk"]
+prediction = ["tea", "milk", "tea"]
'''

[first_come]
says = "at step 2"
diff = '''
-prediction = ["tea", "milk", "milk"]
+prediction = ["tea", "tea", "tea"]
'''
"""

TEXT = '''
["{name}"]
title = "The title of the exercise"
text = """
The idea, in a few lines, with each new word explained.

**Question**: what is there to find out?

**Do**: what to change, in {chapter}/{module}.py.
"""
hints = [
    """
A nudge: where to look.
""",
    """
What to think about there.
""",
    """
Nearly the solution.
""",
]
after = """
Why the solution is so, and where Flask or werkzeug do the same.
"""
'''


def write_exercise(course: Path, name: str, kind: str, chapter: str | None) -> Path:
    """Write the files of a new exercise, and return its folder.

    Where there is no course yet, one is started. Nothing is overwritten.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", name):
        raise CourseError(f"{name!r} is no name: write it as chapter-what, in small letters")
    chapter = chapter or name.partition("-")[0]
    folder = course / "exercises" / name
    try:
        if (course / "course.toml").exists():
            Course.load(course)  # it must be in order before anything is added to it
        else:
            _write(course / "course.toml", COURSE)
        for file, content in _files(name, kind, chapter).items():
            _write(folder / file, content)
        _append(course / "texts" / "en.toml", TEXT, name, chapter)
        _list(course / "course.toml", name, chapter)
    except FileExistsError as error:
        raise CourseError(f"{error.filename} is there already: choose another name") from error
    except OSError as error:
        raise CourseError(f"cannot write {error.filename}: {error.strerror}") from error
    return folder


def _files(name: str, kind: str, chapter: str) -> dict[str, str]:
    names = {"name": name, "kind": kind, "chapter": chapter, "module": _module(name)}
    files = {"exercise.toml": EXERCISE.format(**names)}
    if kind != "predict":
        files |= {"start.py": START, "solution.py": SOLUTION, "wrong.toml": WRONG}
        return files | {"checks.py": CHECKS.format(**names)}
    for file, prediction in (
        ("start.py", "[..., ..., ...]"),
        ("solution.py", '["tea", "milk", "milk"]'),
    ):
        files[file] = START_OF_PREDICTION.format(prediction=prediction)
    checks = CHECKS_OF_PREDICTION.format(**names)
    return files | {"checks.py": checks, "wrong.toml": WRONG_PREDICTIONS}


def _module(name: str) -> str:
    return name.replace("-", "_")


def _list(file: Path, name: str, chapter: str) -> None:
    """Add the exercise to its chapter, at its end; the rest of the file stays as it is."""
    source = file.read_text(encoding="utf-8")
    entry = rf'(key = "{re.escape(chapter)}"(?:(?!\[\[chapter).)*?exercises = \[[^]]*?),?\s*\]'
    new, found = re.subn(entry, rf'\1, "{name}"]', source, count=1, flags=re.S)
    if not found:
        new = source + CHAPTER.format(chapter=chapter, name=name)
    file.write_text(new.replace("[, ", "["), encoding="utf-8")


def _append(file: Path, text: str, name: str, chapter: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "a", encoding="utf-8") as stream:
        stream.write(text.format(name=name, chapter=chapter, module=_module(name)))


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "x", encoding="utf-8") as stream:
        stream.write(content)
