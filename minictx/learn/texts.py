"""What the student reads about each exercise: a file for each language."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from minictx.learn.tables import CourseError, get, read_table

__all__ = ["Text", "Texts"]

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
        """Return the text of an exercise, in the student's language or another one."""
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
