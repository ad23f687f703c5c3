from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from minictx.learn.check_course import WRONG, Findings, Wrong, check_course, check_exercise
from minictx.learn.course import OURS, Course
from tests.learn.courses import SOLUTION, list_exercises, write, write_exercise

CHECKS = """\
from {module} import answer


def test_the_answer_is_42():
    assert answer() == 42, f"T1 got {answer()}: look at answer()"
"""
# What is not here is taken from English.
GERMAN = """
[one]
title = "Eins"

["one-a"]
title = "Titel"
hints = ["eins", "zwei", "drei"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A course whose one exercise is as it must be."""
    # Of a kind that needs two wrong solutions only: the fewer, the quicker.
    write_exercise(tmp_path, "one-a", kind="predict", checks=CHECKS)
    write(tmp_path / WRONG_TOML, wholes(0, 1))
    write(tmp_path / "texts" / "de.toml", GERMAN)
    list_exercises(tmp_path, "one-a")
    return tmp_path


WRONG_TOML = "exercises/one-a/wrong.toml"


def wrong(number: int, how: str) -> str:
    """Return an entry of wrong.toml."""
    return f"[{number}]\nsays = 'T1 got {number}:'\n{how}\n"


def wholes(*numbers: int) -> str:
    """Return a wrong.toml of solutions that answer with these numbers."""
    return "".join(wrong(each, f"whole = 'def answer(): return {each}'") for each in numbers)


def problems(folder: Path) -> list[str]:
    course = Course.load(folder)
    return check_exercise(course, course.exercises[0], 2).problems


def test_an_exercise_that_is_as_it_must_be_has_no_problems(folder: Path) -> None:
    replace("texts/en.toml", "What to do.", "word " * 16 * 20)(folder)  # 20 lines, no more
    widest = f"    {'w' * 76}"  # 80 characters
    replace("texts/en.toml", "Why it is so.", rf"{'prose ' * 20}\n\n{widest}")(folder)
    replace("exercises/one-a/solution.py", "42", f"42  # {'w' * 79}")(folder)  # 96, too
    course = Course.load(folder)
    told: list[Findings] = []
    assert check_course(course, course.exercises, 2, told.append)
    assert [(each.name, each.problems, each.wrong) for each in told] == [("one-a", [], 2)]
    assert told[0].slowest > 0


def replace(file: str, old: str, new: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        path = folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return change


def remove(file: str) -> Callable[[Path], object]:
    return lambda folder: (folder / file).unlink()


WIDE = f"    {'w' * 77}"  # 81 characters
ONCE = "import pathlib\ncount = pathlib.Path(__file__).with_name('count')\n"
LUCK = f"{ONCE}def answer():\n    if count.exists():\n        return 0\n    count.touch()\n    "


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (replace("texts/en.toml", "What to do.", ""), "texts/en.toml has no text"),
        (replace("texts/en.toml", "Why it is so.", ""), "texts/en.toml has no after"),
        (replace("texts/en.toml", "Title of one-a", "one-a"), "texts/en.toml has no title"),
        (replace("texts/en.toml", '"first", ', ""), "texts/en.toml has 2 hints"),
        (replace("texts/en.toml", '"first"', '""'), "hints: write three"),
        (
            replace("texts/en.toml", "What to do.", "word " * 337),
            "texts/en.toml: the text is longer",
        ),
        (
            replace("texts/en.toml", "What to do.", r"x\n\n" * 11),
            "texts/en.toml: the text is longer",
        ),
        # Two words of 40 letters fit into no line of 80.
        (replace("texts/en.toml", "What to do.", f"{'w' * 40} " * 21), "the text is longer"),
        # Lines of code are not filled up.
        (
            replace("texts/en.toml", "What to do.", r"x\n\n" + r"    code\n" * 19),
            "the text is longer",
        ),
        (replace("texts/en.toml", '["one-a"]', '["one-b"]'), "texts/en.toml has no text"),
        (remove("texts/en.toml"), "cannot read"),
        (replace("texts/de.toml", '"eins", ', ""), "texts/de.toml has 2 hints"),
        (replace("texts/de.toml", "Titel", "one-a"), "texts/de.toml has no title"),
        (replace("texts/de.toml", "Titel", 'T"\ntext = "'), "texts/de.toml has no text"),
        (
            replace("texts/de.toml", "Titel", f'T"\ntext = "{"Wort " * 337}'),
            "texts/de.toml: the text is longer than 20 lines of 80 characters: a screen",
        ),
        (replace("texts/de.toml", "[one]", "[one"), "texts/de.toml: "),
        (
            replace("texts/en.toml", "What to do.", rf"Look:\n\n    code\n{WIDE}"),
            f"texts/en.toml, text: a line of code is wider than 80: {WIDE.strip()}",
        ),
        (
            replace("texts/en.toml", "Why it is so.", rf"Look:\n\n{WIDE}\n\nSo."),
            "texts/en.toml, after: a line of code is wider than 80",
        ),
        (
            replace("texts/en.toml", "second", rf"Look:\n\n{WIDE}"),
            "texts/en.toml, hint 2: a line of code is wider than 80",
        ),
        (
            replace("texts/de.toml", "zwei", rf"Seht:\n\n{WIDE}"),
            "texts/de.toml, hint 2: a line of code is wider than 80",
        ),
        (
            replace("exercises/one-a/solution.py", "42", f"42  # {'w' * 80}"),
            "solution.py, line 2: it is wider than 96 characters",
        ),
        (remove("exercises/one-a/solution.py"), "solution.py is missing"),
        (remove("exercises/one-a/checks.py"), "checks.py is missing"),
        (remove(WRONG_TOML), "0 wrong solutions: write 2 or more"),
        (
            replace("exercises/one-a/exercise.toml", "predict", "build"),
            "2 wrong solutions: write 5 or more",
        ),
        (
            replace("exercises/one-a/checks.py", ", f", "  # "),
            "checks.py, line 5: an assert without a message for the student",
        ),
        (
            replace("exercises/one-a/checks.py", "def test", "def def test"),
            "checks.py, line 4: invalid syntax",
        ),
        (
            replace("exercises/one-a/start.py", "0", "42"),
            "it passes as shipped: nothing is left to do",
        ),
        (
            replace("exercises/one-a/start.py", "return 0", "return )"),
            "as shipped it cannot be checked: SyntaxError",
        ),
        (
            replace("exercises/one-a/solution.py", "42", "43"),
            "the solution does not pass, at try 1: T1 got 43",
        ),
        (
            replace("exercises/one-a/solution.py", "def answer():\n    ", LUCK),
            "the solution does not pass, at try 2: T1 got 0",
        ),
        (replace(WRONG_TOML, "return 1", "return 42"), "wrong.toml, 1: it passes"),
        (
            replace(WRONG_TOML, "says = 'T1 got 1:'\n", ""),
            "wrong.toml, 1: says is missing: write a part of: T1 got 1: look at answer()",
        ),
        (
            replace(WRONG_TOML, "T1 got 1:", "T1 got 2:"),
            "wrong.toml, 1: it gets another message: T1 got 1: look at answer()",
        ),
        (
            replace(
                WRONG_TOML,
                "T1 got 1:'\nwhole = 'def answer(): return 1'",
                "T1 got'\nwhole = 'def answer(): return 0'",
            ),
            "wrong.toml, 1: it gets the same message as 0: T1 got 0: look at answer()",
        ),
        (replace(WRONG_TOML, "says = 'T1 got 1:'", "says = 1"), "says must be a string"),
        (replace(WRONG_TOML, "[1]", "[1"), "wrong.toml: "),
        (replace(WRONG_TOML, "[0]", "x = 0\n[0]"), "begin each wrong solution with its name"),
    ],
)
def test_what_is_wrong_with_an_exercise_is_said(
    folder: Path, change: Callable[[Path], object], problem: str
) -> None:
    change(folder)
    found = problems(folder)
    assert len(found) == 1 or (problem.endswith("has no text") and len(found) > 1)
    assert problem in found[0]


SOURCE = "def f():\n    x = 1\n\n    y = 1\n    x = 1\n    return y\n"


@pytest.mark.parametrize(
    ("diff", "source"),
    [
        ("-    y = 1\n+    y = 2\n", SOURCE.replace("y = 1", "y = 2")),
        ("-    y = 1", SOURCE.replace("    y = 1\n", "")),
        ("     y = 1\n-    x = 1\n", SOURCE.replace("y = 1\n    x = 1", "y = 1")),
        ("-    x = 1\n\n     y = 1\n", SOURCE.replace("    x = 1\n\n", "\n")),
        ("     return y\n+\n+# the end\n", f"{SOURCE}\n# the end\n"),
        (
            ' def f():\n+    """Do.\n+\n+    It."""\n',
            SOURCE.replace("def f():\n", 'def f():\n    """Do.\n\n    It."""\n'),
        ),
        # The first hunk moves the lines of the second.
        (
            " def f():\n+    z = 1\n+    w = 1\n@@\n-    return y\n+    return z\n",
            SOURCE.replace("f():\n", "f():\n    z = 1\n    w = 1\n").replace("n y", "n z"),
        ),
        # Two hunks, in another order than in the file.
        ("-    return y\n@@\n-def f():\n+def g():\n", "def g" + SOURCE[5:-13]),
        # What `diff -u` prints.
        (
            "--- a\n+++ b\n@@ -5,2 +5,2 @@\n     x = 1\n-    return y\n+    return x\n",
            SOURCE.replace("return y", "return x"),
        ),
    ],
)
def test_a_wrong_solution_is_told_by_how_it_differs(diff: str, source: str) -> None:
    assert Wrong("a", "", diff, "").source(SOURCE) == source


@pytest.mark.parametrize(
    ("diff", "problem"),
    [
        ("-    y = 2\n+    y = 3\n", "stand there 0 times: look at '    y = 2'"),
        ("-    y = 1\n-    return y\n", "stand there 0 times: look at '    y = 1'"),
        ("-    y = 1\n-    x = 2\n", "stand there 0 times: look at '    x = 2'"),
        ("-    x = 1\n", "stand there 2 times: look at '    x = 1'"),
        ("-  y = 1\n", "stand there 0 times"),  # another indentation
        ("-= 1\n", "stand there 0 times"),  # a part of a line
        ("+    return x\n", "a hunk only adds: give it the line before or after"),
        ("    y = 1\n+    z = 1\n", "stand there 0 times"),  # the space of a diff was forgotten
        ("y = 1\n", "begin each line with -, + or a space: 'y = 1'"),
        ("-    y = 1\n@@\n-    y = 1\n", "two hunks have the same line of solution.py"),
        ("", "give it either a diff or the whole file"),
    ],
)
def test_a_wrong_solution_that_no_longer_fits_is_told_in_one_line(
    folder: Path, diff: str, problem: str
) -> None:
    replace("exercises/one-a/solution.py", SOLUTION, SOURCE)(folder)
    write(folder / WRONG_TOML, f"[a]\nsays = 'x'\ndiff = '''\n{diff}'''\n[b]\nwhole = 'x'\n")
    course = Course.load(folder)
    for quick in (True, False):
        (found,) = check_exercise(course, course.exercises[0], 1, quick).problems
        assert found.startswith("wrong.toml, a: ")
        assert problem in found
        assert "\n" not in found


def test_all_wrong_solutions_that_no_longer_fit_are_told(folder: Path) -> None:
    diff = "diff = '''\n-    return 42\n+    return {}\n'''"
    write(folder / WRONG_TOML, "".join(wrong(each, diff.format(each)) for each in range(2)))
    assert problems(folder) == []
    replace("exercises/one-a/solution.py", "return 42", "return 40 + 2")(folder)
    found = problems(folder)
    assert [each.partition(":")[0] for each in found] == ["wrong.toml, 0", "wrong.toml, 1"]


@pytest.mark.slow
def test_a_quick_check_leaves_out_the_wrong_solutions_and_nothing_else(folder: Path) -> None:
    replace(WRONG_TOML, "return 1", "return 42")(folder)
    course = Course.load(folder)
    told: list[Findings] = []
    assert check_course(course, course.exercises, 1, told.append, quick=True)
    assert not check_course(course, course.exercises, 1, told.append)
    replace("exercises/one-a/solution.py", "42", "43")(folder)
    assert not check_course(course, course.exercises, 1, told.append, quick=True)


def test_one_exercise_with_a_problem_is_enough(folder: Path) -> None:
    write_exercise(folder, "one-b")
    course = list_exercises(folder, "one-b", "one-a")
    told: list[Findings] = []
    assert not check_course(course, course.exercises, 1, told.append)
    assert [bool(each.problems) for each in told] == [True, False]


def test_an_exercise_that_never_ends_as_shipped_cannot_be_checked(folder: Path) -> None:
    replace("exercises/one-a/exercise.toml", "file", "seconds = 0.5\nfile")(folder)
    replace("exercises/one-a/start.py", "return 0", "while True: pass")(folder)
    assert problems(folder)[0].startswith(
        "as shipped it cannot be checked: not done after 0.5 s"
    )


def test_of_each_kind_there_must_be_wrong_solutions() -> None:
    assert WRONG == {"build": 5, "repair": 5, "predict": 2}


def test_texts_that_nobody_reads_are_told(folder: Path) -> None:
    (folder / "texts" / "de.toml").write_text(GERMAN.replace("one", "eins"))
    course = Course.load(folder)
    told: list[Findings] = []
    assert not check_course(course, (), 1, told.append)
    assert [(each.name, each.problems) for each in told] == [
        (
            "texts/de.toml",
            [
                f"{key!r} is no exercise and no chapter of the course"
                for key in ("eins", "eins-a")
            ],
        )
    ]


def test_what_comes_before_is_solved(tmp_path: Path) -> None:
    write_exercise(tmp_path, "one-a", file="one.py")
    checks = "import two, one\ndef test_b():\n    assert two.answer() == one.answer(), 'no'\n"
    write_exercise(tmp_path, "one-b", file="two.py", checks=checks, kind="predict")
    toml = wholes(0).replace("T1 got 0:", "no") + "[1]\nsays = 'no'\nwhole = '1 / 0'\n"
    write(tmp_path / "exercises" / "one-b" / "wrong.toml", toml)
    course = list_exercises(tmp_path, "one-a", "one-b")
    found = check_exercise(course, course.exercises[1], 1).problems
    assert found == ["wrong.toml, 1: it gets another message: ZeroDivisionError: division by"
                     " zero\ntwo.py:1: 1 / 0"]  # fmt: skip


def test_the_first_of_ours_is_as_it_must_be() -> None:
    course = Course.load(OURS)
    assert check_exercise(course, course.find("running-dict"), 1).problems == []
