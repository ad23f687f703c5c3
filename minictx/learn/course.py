"""A course: chapters of exercises, in a folder, and what the student reads about each.

course.toml                  version, title, and the chapters with their exercises
exercises/<key>/             exercise.toml, start.py, solution.py, checks.py, wrong.toml
texts/en.toml                what the student reads; beside it a file for each other language
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from minictx.errors import MinictxError
from minictx.learn.own import owners_in

__all__ = [
    "OURS",
    "Chapter",
    "Course",
    "CourseError",
    "Exercise",
    "Text",
    "Texts",
    "get",
    "read_table",
]


OURS = Path(__file__).with_name("course")
VERSION = 1
KINDS = ("build", "predict", "repair")
SECONDS = 10.0  # for the checks of an exercise that does not say how long they may take


@dataclass(frozen=True)
class Exercise:
    """What one exercise consists of."""

    key: str
    chapter: str
    folder: Path
    kind: str
    file: str  # the student's, relative to the workspace: "running/running_dict.py"
    seconds: float
    # Earlier exercises with the same file, which this one continues.
    before: tuple[Exercise, ...] = field(default=(), compare=False, repr=False)

    @property
    def checks(self) -> Path:
        """The tests that the student's file must pass."""
        return self.folder / "checks.py"

    @property
    def solution(self) -> Path:
        """The student's file, solved."""
        return self.folder / "solution.py"

    @property
    def shipped(self) -> Path:
        """The student's file as it is at the beginning."""
        start = self.folder / "start.py"
        return start if start.is_file() or not self.before else self.before[-1].solution

    @property
    def wrong(self) -> Path:
        """Plausible wrong solutions, by how they differ from the solution."""
        return self.folder / "wrong.toml"


@dataclass(frozen=True)
class Chapter:
    """Some exercises about one thing."""

    key: str
    title: str
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True)
class Course:
    """A course, read from its folder.

    >>> from minictx.learn.course import OURS, Course
    >>> course = Course.load(OURS)
    >>> course.find("running-dict").file
    'running/running_dict.py'
    """

    folder: Path
    title: str
    chapters: tuple[Chapter, ...]

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Course:
        """Read a course; raise `CourseError` if something is wrong with it."""
        folder = Path(folder).resolve()
        file = folder / "course.toml"
        table = read_table(file, "name the folder of a course, which has this file")
        if table.get("version") != VERSION:
            raise CourseError(f"{file}: version must be {VERSION}: this minictx reads no other")
        chapters: list[Chapter] = []
        before: dict[str, tuple[Exercise, ...]] = {}  # those that have the same file, by it
        for entry in get(table, "chapter", list, file):
            chapters.append(_load_chapter(folder, entry, before, file))
        course = cls(folder, get(table, "title", str, file), tuple(chapters))
        _find_twice(course, file)
        return course

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """All exercises, in the order of learning."""
        return tuple(each for chapter in self.chapters for each in chapter.exercises)

    @property
    def files(self) -> dict[str, Path]:
        """What a new workspace consists of: ``{file: where it is shipped}``."""
        return {each.file: each.shipped for each in self.exercises if not each.before}

    @cached_property
    def free(self) -> frozenset[str]:
        """Whose classes the files of the course use, so that a student may."""
        return owners_in(
            file for each in self.exercises for file in (each.shipped, each.solution)
        )

    @property
    def module_folders(self) -> tuple[str, ...]:
        """The folders of the student's modules, each importable by its bare name."""
        parents = (str(PurePosixPath(each.file).parent) for each in self.exercises)
        return tuple(dict.fromkeys((".", *parents)))

    def find(self, key: str) -> Exercise:
        """Return the exercise of this name."""
        for exercise in self.exercises:
            if exercise.key == key:
                return exercise
        raise CourseError(f"there is no exercise {key!r}: `minictx learn list` shows them all")

    def select(self, names: tuple[str, ...]) -> tuple[Exercise, ...]:
        """Return the exercises with these names; a chapter's name means all in it."""
        chapters = {chapter.key: chapter.exercises for chapter in self.chapters}
        chosen: dict[Exercise, None] = {}
        for name in names:
            chosen.update(dict.fromkeys(chapters.get(name) or (self.find(name),)))
        return tuple(each for each in self.exercises if each in chosen or not names)

    def after(self, exercise: Exercise) -> tuple[Exercise, ...]:
        """Return the exercises that come after this one, then those before it."""
        at = self.exercises.index(exercise)
        return self.exercises[at + 1 :] + self.exercises[:at]

    def text(self, exercise: Exercise) -> Text:
        """Return the text of an exercise, in the student's language if there is one."""
        return self.texts.of_exercise(exercise.key)

    def chapter_title(self, chapter: Chapter) -> str:
        """Return the title of a chapter, in the student's language if there is one."""
        return self.texts.of_chapter(chapter.key, chapter.title)

    @cached_property
    def texts(self) -> Texts:
        """The texts, in all languages."""
        return Texts(self.folder / "texts")


def _load_chapter(
    folder: Path, entry: Any, before: dict[str, tuple[Exercise, ...]], file: Path
) -> Chapter:
    if not isinstance(entry, dict):
        raise CourseError(f"{file}: begin each chapter with [[chapter]]")
    key = get(entry, "key", str, file)
    exercises = []
    for name in get(entry, "exercises", list, file):
        exercise = _load_exercise(folder / "exercises" / str(name), key, before)
        before[exercise.file] = (*exercise.before, exercise)
        exercises.append(exercise)
    return Chapter(key, get(entry, "title", str, file), tuple(exercises))


def _load_exercise(
    folder: Path, chapter: str, before: Mapping[str, tuple[Exercise, ...]]
) -> Exercise:
    file = folder / "exercise.toml"
    table = read_table(file, "each exercise needs one")
    kind = get(table, "kind", str, file)
    if kind not in KINDS:
        raise CourseError(f"{file}: the kind is {kind!r}: choose from {', '.join(KINDS)}")
    name = get(table, "file", str, file)
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not _is_module(path):
        raise CourseError(f"{file}: {name!r} is no file of a workspace: 'folder/module.py'")
    if name not in before and not (folder / "start.py").is_file():
        raise CourseError(f"{folder}: start.py is missing: no exercise before has {name}")
    seconds = float(get(table, "seconds", (int, float), file, SECONDS))
    return Exercise(folder.name, chapter, folder, kind, name, seconds, before.get(name, ()))


def _is_module(path: PurePosixPath) -> bool:
    hides = path.stem in sys.stdlib_module_names
    return path.suffix == ".py" and path.stem.isidentifier() and not hides


def _find_twice(course: Course, file: Path) -> None:
    keys = [each.key for each in course.exercises]
    for key in keys:
        if keys.count(key) > 1:
            raise CourseError(f"{file}: {key} is listed twice")


# What the student reads

ENGLISH = "en"


@dataclass(frozen=True)
class Text:
    """What the student reads about an exercise."""

    title: str
    text: str = ""
    hints: tuple[str, ...] = ()
    after: str = ""


class Texts:
    """The files of a folder: en.toml, and beside it others, such as de.toml.

    In each there is a table for an exercise, and there may be one for a chapter, with its
    title. What a language lacks is taken from English.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tables: dict[str, Mapping[str, Any]] = {}

    @cached_property
    def language(self) -> str:
        """The language of the environment, if there are texts in it; else English."""
        values = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
        language = re.split("[_.@]", next(filter(None, values), ENGLISH))[0].lower()
        return language if language in self.languages else ENGLISH

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages that there are texts in, English first: it must be there."""
        others = {file.stem for file in self.folder.glob("*.toml")} - {ENGLISH}
        return (ENGLISH, *sorted(others))

    def of_exercise(self, key: str, language: str | None = None) -> Text:
        """Return the text of an exercise, in this language, or the student's."""
        language = language or self.language
        entry = {**self._entry(ENGLISH, key), **self._entry(language, key)}
        file = self.file(language)
        hints = get(entry, "hints", list, file, [])
        return Text(
            get(entry, "title", str, file, key),
            get(entry, "text", str, file, "").strip(),
            tuple(str(hint).strip() for hint in hints),
            get(entry, "after", str, file, "").strip(),
        )

    def of_chapter(self, key: str, default: str) -> str:
        """Return the title of a chapter."""
        entry, file = self._entry(self.language, key), self.file(self.language)
        title: str = get(entry, "title", str, file, default)
        return title

    def table(self, language: str) -> Mapping[str, Any]:
        """Return all that there is in a language."""
        if language not in self._tables:
            file = self.file(language)
            self._tables[language] = read_table(file, "the texts of the exercises are there")
        return self._tables[language]

    def file(self, language: str) -> Path:
        """Return the file of a language."""
        return self.folder / f"{language}.toml"

    def _entry(self, language: str, key: str) -> Mapping[str, Any]:
        entry: Mapping[str, Any] = self.table(language).get(key, {})
        if not isinstance(entry, dict):
            raise CourseError(
                f'{self.file(language)}: begin the texts of an exercise with ["{key}"]'
            )
        return entry


# Files in TOML


class CourseError(MinictxError):
    """Say in one line what is wrong with a course, or with what is asked of it."""


def read_table(file: Path, advice: str) -> dict[str, Any]:
    """Read a TOML file; ``advice`` says what to do if it is missing."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CourseError(f"cannot read {file}: {error.strerror}: {advice}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{file}: {error}") from error


def get(table: Mapping[str, Any], name: str, kind: Any, file: Path, *default: Any) -> Any:
    """Return a value of a table that was read from ``file``, if it is of this kind."""
    value = table.get(name, *default)
    if not isinstance(value, kind):
        wanted = {str: "a string", list: "a list"}.get(kind, "a number")
        raise CourseError(f"{file}: {name} must be {wanted}")
    return value
