"""Show: the differences, in a terminal. What colours say, marks and words say, too."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from minictx.compare.flask_versions.differences import (
    Row,
    count_changes,
    describe_scenario,
    overview,
    pair,
)

__all__ = ["show_overview", "show_scenario"]

WIDE = 110  # columns: from here on two stories stand side by side
STYLES = {"=": "", "-": "red", "+": "green"}


def show_scenario(key: str, older: str, newer: str, console: Console) -> None:
    """Print how a scenario's story differs between two versions, and what that means.

    >>> show_scenario("ok", "2.1.3", "2.3.3", Console())  # doctest: +ELLIPSIS
    ok: A view answers.
    <BLANKLINE>
    The same in 2.1.3 and 2.3.3.
    <BLANKLINE>
      push request context /ok
        push app context
    ...
    """
    found = describe_scenario(key, older, newer)
    rows = [Row(**row) for row in found["rows"]]
    console.print(Text(f"{key}: {found['sentence']}"))
    console.print()
    console.print(Text(_summary(rows, older, newer)))
    console.print()
    if console.width >= WIDE and count_changes(rows) != (0, 0):
        console.print(_side_by_side(rows, older, newer))
    else:
        for row in rows:
            console.print(_line(row), soft_wrap=True)
    for fact in found["facts"]:
        console.print()
        console.print(Text(fact))


def _summary(rows: list[Row], older: str, newer: str) -> str:
    added, removed = count_changes(rows)
    if not added + removed:
        return f"The same in {older} and {newer}."
    moved = any(row.moved for row in rows)
    return (
        f"- {older} only, + {newer} only: {added} steps added, {removed} removed"
        + "; both have what is (moved), in another place" * moved
    )


def _line(row: Row) -> Text:
    mark = " " if row.mark == "=" else row.mark
    return Text(f"{mark} {row.step}{' (moved)' * row.moved}", STYLES[row.mark])


def _side_by_side(rows: list[Row], older: str, newer: str) -> Table:
    table = Table(box=None, padding=(0, 3, 0, 0))
    table.add_column(older, ratio=1)
    table.add_column(newer, ratio=1)
    for left, right in pair(rows):
        table.add_row(*(_line(row) if row else "" for row in (left, right)))
    return table


def show_overview(versions: list[str], console: Console) -> None:
    """Print a table of all scenarios: how many of their steps each version changed."""
    table = Table(box=None, padding=(0, 1, 0, 0))
    table.add_column("scenario", no_wrap=True)
    for version in versions:
        table.add_column(version, justify="right", no_wrap=True)
    for entry in overview(versions):
        changes = [_cell(change) for change in entry["changes"].values()]
        table.add_row(entry["scenario"], str(entry["steps"]), *changes)
    console.print(table)
    console.print()
    console.print(HELP, soft_wrap=True, markup=False)


def _cell(change: dict[str, int]) -> Text:
    if not any(change.values()):
        return Text("=", "dim")
    return Text(f"+{change['added']} -{change['removed']}", "bold")


HELP = """\
First column: how many steps. The others, against the version to their left:
= the same steps in the same order; +2 -1 two added, one removed. A step that
moved is both.

See one:          minictx compare flask SCENARIO
Other versions:   minictx compare flask SCENARIO --from 2.1 --to 2.3
All on a page:    minictx compare flask --page FILE"""
