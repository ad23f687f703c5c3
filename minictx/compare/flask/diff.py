"""Diff: lay two stories side by side, and mark what only one of them has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby, zip_longest

from minictx.compare.flask.story import Story

__all__ = ["Row", "compare", "count_changes", "pair"]


@dataclass(frozen=True)
class Row:
    """A step of both stories (=), of the older one (-), or of the newer one (+).

    It is moved if the other story has it, too: earlier, later, or inside of another step.
    """

    mark: str
    step: str
    moved: bool = False


def compare(older: Story, newer: Story) -> list[Row]:
    """Return a row for each step, in order.

    >>> for row in compare(["push", "view", "pop"], ["push", "  pop", "end"]):
    ...     print(row)
    Row(mark='=', step='push', moved=False)
    Row(mark='-', step='view', moved=False)
    Row(mark='-', step='pop', moved=True)
    Row(mark='+', step='  pop', moved=True)
    Row(mark='+', step='end', moved=False)
    """
    rows: list[Row] = []
    matcher = SequenceMatcher(a=older, b=newer, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            rows += [Row("=", step) for step in older[start:end]]
        else:
            rows += [Row("-", step) for step in older[start:end]]
            rows += [Row("+", step) for step in newer[new_start:new_end]]
    moved = _find_moved(rows)
    return [replace(row, moved=number in moved) for number, row in enumerate(rows)]


def _find_moved(rows: list[Row]) -> set[int]:
    """Return the numbers of removed rows and, for each, of the nearest added one like it."""
    moved: set[int] = set()
    free = [number for number, row in enumerate(rows) if row.mark == "+"]
    for number, row in enumerate(rows):
        if row.mark == "-":
            same = [n for n in free if rows[n].step.strip() == row.step.strip()]
            if same:
                nearest = min(same, key=lambda n: abs(n - number))
                free.remove(nearest)
                moved |= {number, nearest}
    return moved


def count_changes(rows: list[Row]) -> tuple[int, int]:
    """Return how many steps the newer story has added, and how many it has removed.

    >>> count_changes([Row("=", "push"), Row("-", "view"), Row("+", "  pop")])
    (1, 1)
    """
    marks = Counter(row.mark for row in rows)
    return marks["+"], marks["-"]


def pair(rows: list[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Yield what stands side by side: on the left the older story, on the right the newer.

    >>> list(pair([Row("-", "view"), Row("+", "  pop"), Row("+", "end")]))[1]
    (None, Row(mark='+', step='end', moved=False))
    """
    for is_same, group in groupby(rows, key=lambda row: row.mark == "="):
        run = list(group)
        if is_same:
            yield from zip(run, run, strict=True)
        else:
            older = [row for row in run if row.mark == "-"]
            yield from zip_longest(older, [row for row in run if row.mark == "+"])
