"""For whoever writes exercises: does each of them do what an exercise must do?"""

from __future__ import annotations

import ast
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import wrap

from minictx.learn.check import Checker, Result
from minictx.learn.course import Course, CourseError, Exercise

__all__ = ["Findings", "check_course", "check_exercise"]

WRONG = {"build": 5, "repair": 5, "predict": 2}  # how many wrong solutions, at least
SAYS = "# Says: "
LINES, COLUMNS = 20, 80  # of a text: one screen
WIDEST = 96  # a line of a solution
CODE = "    "  # what a paragraph of a text begins with, if it is code


@dataclass
class Findings:
    """What is wrong with an exercise, or with a file of texts, and how much was tried."""

    name: str
    problems: list[str] = field(default_factory=list)
    wrong: int = 0
    slowest: float = 0.0


def check_course(
    course: Course,
    exercises: tuple[Exercise, ...],
    times: int,
    tell: Callable[[Findings], None],
    *,
    quick: bool = False,
) -> bool:
    """Check exercises, tell what is found one by one, and return whether all are well.

    A quick check leaves out the wrong solutions, which take most of the time.
    """
    well = True
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda each: check_exercise(course, each, times, quick), exercises)
        for findings in (*_check_texts(course), *found):
            tell(findings)
            well = well and not findings.problems
    return well


def check_exercise(
    course: Course, exercise: Exercise, times: int, quick: bool = False
) -> Findings:
    """Try an exercise as shipped, its solution ``times`` times, and its wrong solutions."""
    findings = Findings(exercise.key)
    problems = findings.problems
    for language in course.texts.languages:
        # What English lacks, the others lack, too: it is told once.
        problems += [] if problems else _problems_of_text(course, exercise, language)
    problems += _problems_of_files(exercise)
    if problems:
        return findings
    with tempfile.TemporaryDirectory(prefix="minictx-") as folder:
        bench = Bench(course, exercise, Path(folder).resolve())
        with bench.checker:
            problems += _problems_of_shipped(bench)
            problems += _problems_of_solution(bench, times)
            problems += [] if quick else _problems_of_wrong(bench)
        findings.wrong, findings.slowest = len(exercise.wrong), bench.slowest
    return findings


class Bench:
    """A workspace where all that comes before the exercise is solved."""

    def __init__(self, course: Course, exercise: Exercise, folder: Path) -> None:
        self.exercise = exercise
        self.folder = folder
        self.slowest = 0.0
        for file, shipped in course.files.items():
            self._put(shipped, file)
        for each in course.exercises[: course.exercises.index(exercise)]:
            self._put(each.solution, each.file)
        self.checker = Checker(course, folder, prepare=True)

    def _put(self, source: Path, file: str) -> None:
        target = self.folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_file():
            shutil.copyfile(source, target)

    def try_out(self, source: Path) -> Result:
        self._put(source, self.exercise.file)
        result = self.checker.check(self.exercise)
        self.slowest = max(self.slowest, result.seconds)
        return result


def _check_texts(course: Course) -> Iterator[Findings]:
    """Find the texts that nobody ever reads."""
    chapters = {chapter.key for chapter in course.chapters}
    known = chapters | {exercise.key for exercise in course.exercises}
    for language in course.texts.languages:
        try:
            strays = [key for key in course.texts.table(language) if key not in known]
        except CourseError:  # it is told with each exercise
            continue
        problems = [f"{key!r} is no exercise and no chapter of the course" for key in strays]
        if problems:
            yield Findings(f"texts/{language}.toml", problems)


def _problems_of_text(course: Course, exercise: Exercise, language: str) -> Iterator[str]:
    file = f"texts/{language}.toml"
    try:
        text = course.texts.of_exercise(exercise.key, language)
    except CourseError as error:
        yield str(error)
        return
    for name in ("text", "after"):
        if not getattr(text, name):
            yield f"{file} has no {name}"
    if text.title == exercise.key:
        yield f"{file} has no title"
    if len(text.hints) != 3 or not all(text.hints):
        yield f"{file} has {len(text.hints)} hints: write three, the last the clearest"
    if _height(text.text) > LINES:
        yield f"{file}: the text is longer than {LINES} lines of {COLUMNS} characters: a screen"
    hints = ((f"hint {number}", hint) for number, hint in enumerate(text.hints, 1))
    for name, each in (("text", text.text), *hints, ("after", text.after)):
        for line in _code_lines(each):
            if len(line) > COLUMNS:
                yield f"{file}, {name}: a line of code is wider than {COLUMNS}: {line.strip()}"


def _height(text: str) -> int:
    """Return how many lines a text takes on the screen, which fills those of prose anew."""
    paragraphs = text.split("\n\n")
    lines = [
        paragraph.splitlines() if paragraph.startswith(CODE) else wrap(paragraph, COLUMNS)
        for paragraph in paragraphs
    ]
    return sum(map(len, lines)) + len(paragraphs) - 1


def _code_lines(text: str) -> Iterator[str]:
    """Yield the lines of a text that are code: a screen shows them as they are."""
    for paragraph in text.split("\n\n"):
        if paragraph.startswith(CODE):
            yield from paragraph.splitlines()


def _problems_of_files(exercise: Exercise) -> Iterator[str]:
    for file in (exercise.shipped, exercise.solution, exercise.checks):
        if not file.is_file():
            yield f"{file.name} is missing"
    if len(exercise.wrong) < WRONG[exercise.kind]:
        yield f"{len(exercise.wrong)} wrong solutions: write {WRONG[exercise.kind]} or more"
    if exercise.solution.is_file():
        yield from _wide_lines(exercise.solution)
    if exercise.checks.is_file():
        yield from _checks_without_a_message(exercise.checks)


def _wide_lines(file: Path) -> Iterator[str]:
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if len(line) > WIDEST:
            yield f"{file.name}, line {number}: it is wider than {WIDEST} characters"


def _checks_without_a_message(checks: Path) -> Iterator[str]:
    try:
        tree = ast.parse(checks.read_text(encoding="utf-8"))
    except SyntaxError as error:
        yield f"checks.py, line {error.lineno}: {error.msg}"
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and node.msg is None:
            yield f"checks.py, line {node.lineno}: an assert without a message for the student"


def _problems_of_shipped(bench: Bench) -> Iterator[str]:
    result = bench.try_out(bench.exercise.shipped)
    if result.passed:
        yield "it passes as shipped: nothing is left to do"
    elif result.status in ("error", "timeout"):
        yield f"as shipped it cannot be checked: {result.message}"


def _problems_of_solution(bench: Bench, times: int) -> Iterator[str]:
    for number in range(1, times + 1):
        result = bench.try_out(bench.exercise.solution)
        if not result.passed:
            yield f"the solution does not pass, at try {number}: {result.message}"
            return


def _problems_of_wrong(bench: Bench) -> Iterator[str]:
    told: dict[str, str] = {}  # {message: the file that got it}
    for file in bench.exercise.wrong:
        first = file.read_text(encoding="utf-8").partition("\n")[0]
        result = bench.try_out(file)
        if result.passed:
            yield f"wrong/{file.name} passes"
        elif not first.startswith(SAYS):
            yield f"wrong/{file.name} must begin with '{SAYS}' and a part of: {result.message}"
        elif first.removeprefix(SAYS) not in result.message:
            yield f"wrong/{file.name} gets another message: {result.message}"
        elif (other := told.setdefault(result.message, file.name)) != file.name:
            yield f"wrong/{file.name} gets the same message as {other}: {result.message}"
