"""Read the files of a course; say in one line what is wrong with one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from minictx.errors import MinictxError

__all__ = ["CourseError", "get", "read_table"]


class CourseError(MinictxError):
    """Say in one line what is wrong with a course, or with what is asked of it."""


def read_table(file: Path, advice: str) -> dict[str, Any]:
    """Read a TOML file; ``advice`` is for whoever does not have it."""
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
