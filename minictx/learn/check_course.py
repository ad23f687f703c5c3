"""For authors of exercises: does each exercise do what it must?"""

from __future__ import annotations

import ast
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from textwrap import wrap

from minictx.learn.check import Checker, Result
from minictx.learn.course import Course, CourseError, Exercise, get, read_table

__all__ = ["Bench", "Findings", "Wrong", "check_course", "check_exercise", "read_wrong"]

WRONG = {"build": 5, "repair": 5, "predict": 2}  # how many wrong solutions, at least
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
        findings.wrong, findings.slowest = len(read_wrong(exercise)), bench.slowest
    return findings


@dataclass(frozen=True)
class Wrong:
    """A wrong solution that a student could hand in: an entry of wrong.toml."""

    name: str
    says: str  # a part of the message that it must get
    diff: str  # how it differs from the solution; or
    whole: str  # all of it

    def source(self, solution: str) -> str:
        """Return what the student would hand in.

        Hunks have no line numbers: ``CourseError`` unless the old lines of each stand in the
        solution exactly once. So a change of the solution shows what no longer fits.

        >>> off_by_one = Wrong("off_by_one", "another number", "-return 42\\n+return 41\\n", "")
        >>> off_by_one.source("def answer():\\nreturn 42\\n")
        'def answer():\\nreturn 41\\n'
        """
        if bool(self.diff) == bool(self.whole):
            raise self._error("give it either a diff or the whole file")
        if self.whole:
            return self.whole
        lines = solution.split("\n")
        edits = sorted((self._place(old, lines), old, new) for old, new in self._hunks())
        for (first, old, _), (second, _, _) in pairwise(edits):
            if second < first + len(old):
                raise self._error(
                    f"two hunks have the same line of solution.py: {lines[second]!r}"
                )
        for place, old, new in reversed(edits):
            lines[place : place + len(old)] = new
        return "\n".join(lines)

    def _hunks(self) -> Iterator[tuple[list[str], list[str]]]:
        """Yield the old and the new lines of each hunk. An empty line is in both."""
        for hunk in re.split(r"^@@.*\n", self.diff, flags=re.MULTILINE):
            if hunk and not hunk.startswith("--- "):  # the names of two files, from `diff -u`
                lines = hunk.removesuffix("\n").split("\n")
                for line in lines:
                    if line and line[0] not in "-+ ":
                        raise self._error(f"begin each line with -, + or a space: {line!r}")
                old = [line[1:] for line in lines if not line.startswith("+")]
                new = [line[1:] for line in lines if not line.startswith("-")]
                yield old, new

    def _place(self, old: list[str], lines: list[str]) -> int:
        """Return where the old lines of a hunk stand in the solution."""
        places = [at for at in range(len(lines)) if lines[at : at + len(old)] == old]
        if not old:
            raise self._error("a hunk only adds: give it the line before or after")
        if len(places) != 1:
            told = next((line for line in old if line not in lines), old[0])
            raise self._error(
                f"the old lines of each hunk must stand in solution.py exactly once, and these"
                f" stand there {len(places)} times: look at {told!r}"
            )
        return places[0]

    def _error(self, message: str) -> CourseError:
        return CourseError(f"wrong.toml, {self.name}: {message}")


def read_wrong(exercise: Exercise) -> list[Wrong]:
    """Return the wrong solutions of an exercise."""
    file = exercise.wrong
    if not file.is_file():
        return []
    found = []
    for name, entry in read_table(file, "").items():
        if not isinstance(entry, dict):
            raise CourseError(
                f"{file}: begin each wrong solution with its name, as in [{name}]"
            )
        says, diff, whole = (
            get(entry, key, str, file, "") for key in ("says", "diff", "whole")
        )
        found.append(Wrong(name, says, diff, whole))
    return found


class Bench:
    """A workspace where all that comes before the exercise is solved."""

    def __init__(self, course: Course, exercise: Exercise, folder: Path) -> None:
        self.exercise = exercise
        self.folder = folder
        self.slowest = 0.0
        files = dict(course.files)
        files |= {
            each.file: each.solution
            for each in course.exercises[: course.exercises.index(exercise)]
        }
        for file, source in files.items():
            if source.is_file():
                self._put(file, source.read_text(encoding="utf-8"))
        self.checker = Checker(course, folder, prepare=True)

    def _put(self, file: str, source: str) -> None:
        target = self.folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source, encoding="utf-8")

    def try_out(self, source: str) -> Result:
        """Check the exercise with this as the student's file."""
        self._put(self.exercise.file, source)
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
    if exercise.solution.is_file():
        yield from _wide_lines(exercise.solution)
        yield from _problems_of_edits(exercise)
    if exercise.checks.is_file():
        yield from _checks_without_a_message(exercise.checks)


def _wide_lines(file: Path) -> Iterator[str]:
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if len(line) > WIDEST:
            yield f"{file.name}, line {number}: it is wider than {WIDEST} characters"


def _problems_of_edits(exercise: Exercise) -> Iterator[str]:
    """Find what is wrong with wrong.toml before anything of it is run."""
    solution = exercise.solution.read_text(encoding="utf-8")
    try:
        wrong = read_wrong(exercise)
    except CourseError as error:
        yield str(error)
        return
    if len(wrong) < WRONG[exercise.kind]:
        yield f"{len(wrong)} wrong solutions: write {WRONG[exercise.kind]} or more"
    for each in wrong:
        try:
            each.source(solution)
        except CourseError as error:
            yield str(error)


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
    result = bench.try_out(bench.exercise.shipped.read_text(encoding="utf-8"))
    if result.passed:
        yield "it passes as shipped: nothing is left to do"
    elif result.status in ("error", "timeout"):
        yield f"as shipped it cannot be checked: {result.message}"


def _problems_of_solution(bench: Bench, times: int) -> Iterator[str]:
    solution = bench.exercise.solution.read_text(encoding="utf-8")
    for number in range(1, times + 1):
        result = bench.try_out(solution)
        if not result.passed:
            yield f"the solution does not pass, at try {number}: {result.message}"
            return


def _problems_of_wrong(bench: Bench) -> Iterator[str]:
    solution = bench.exercise.solution.read_text(encoding="utf-8")
    told: dict[str, str] = {}  # {message: the name of the one that got it}
    for wrong in read_wrong(bench.exercise):
        where = f"wrong.toml, {wrong.name}"
        result = bench.try_out(wrong.source(solution))
        if result.passed:
            yield f"{where}: it passes"
        elif not wrong.says:
            yield f"{where}: says is missing: write a part of: {result.message}"
        elif wrong.says not in result.message:
            yield f"{where}: it gets another message: {result.message}"
        elif (other := told.setdefault(result.message, wrong.name)) != wrong.name:
            yield f"{where}: it gets the same message as {other}: {result.message}"
