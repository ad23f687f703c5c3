"""What a screen consists of, whatever it is shown on."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GAP", "Code", "Line", "Part", "Prose", "Rows", "View"]


@dataclass(frozen=True)
class Prose:
    """Markdown."""

    text: str


@dataclass(frozen=True)
class Line:
    """Text as it is, wrapped where it is too long."""

    text: str
    style: str = ""


@dataclass(frozen=True)
class Code:
    """Python code."""

    text: str


@dataclass(frozen=True)
class Rows:
    """Lines that are cut where they are too long; one of them may be chosen."""

    rows: tuple[str, ...]
    chosen: int | None = None


Part = Prose | Line | Code | Rows
GAP = Line("")


@dataclass(frozen=True)
class View:
    """One screen: a bar, a title, a body that may take several pages, and a status."""

    title: str
    done: int
    total: int
    body: tuple[Part, ...]
    status: str
    style: str = ""
    keys: str = ""
    page: int = 0
    passing: bool = False  # the next view comes without the student doing anything
    reason: Part | None = None  # the part of the body that says why the status is as it is
    ahead: str = ""  # the status as long as the reason is on a later page
