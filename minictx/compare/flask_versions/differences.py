"""Diff: lay two stories side by side, and mark what only one of them has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby, pairwise, zip_longest
from typing import Any

from minictx.compare.flask_versions.recordings import PINS, story_of
from minictx.compare.flask_versions.scenarios import SCENARIOS
from minictx.compare.flask_versions.story import Story

__all__ = [
    "FACTS",
    "Fact",
    "Row",
    "compare",
    "count_changes",
    "describe_scenario",
    "find_facts",
    "overview",
    "pair",
]


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


TO_2_1 = ("1.1.4", "2.1.3")
TO_3_1_1 = ("1.1.4", "2.1.3", "2.3.3", "3.1.1")
FROM_2_3 = ("2.3.3", "3.1.1", "3.1.3", "minictx")
BETWEEN = ("2.3.3", "3.1.1")
FLASKS = tuple(PINS)
FROM_3_1_3 = ("3.1.3", "minictx")


@dataclass(frozen=True)
class Fact:
    """What is not the same in some versions and in some others, and a step that shows it."""

    words: str
    step: str
    some: tuple[str, ...]
    others: tuple[str, ...]
    times: dict[str, tuple[int, int]]  # {scenario: (times in some, times in the others)}


FACTS = [
    Fact(
        "Up to 2.1, what was registered with before_first_request ran at the start of the"
        " first request. 2.3 has it no longer.",
        "before_first_request prepare",
        *(TO_2_1, FROM_2_3),
        {"first-request": (1, 0)},
    ),
    Fact(
        "Up to 2.1, an error in debug mode left its contexts pushed, and the next request"
        " popped them. From 2.3 on, they are popped at once.",
        "* raised: AppError, in the view (current: nothing)",
        *(TO_2_1, FROM_2_3),
        {"debug-error": (0, 1)},
    ),
    Fact(
        "Up to 2.1, the test client kept the contexts of a request for the block, and teardown"
        " ran once. From 2.3 on, the request ends like any other, and the client pushes its"
        " contexts again: teardown runs twice.",
        "teardown_request first",
        *(TO_2_1, FROM_2_3),
        {
            "client-block": (2, 4),
            "client-block-redirect": (2, 4),
            "client-block-error": (1, 2),
            "session-transaction": (2, 4),
        },
    ),
    Fact(
        "2.3 and 3.1.1 pushed an app context twice for the block of the client, and 3.1.3"
        " pushes it once.",
        "push app context",
        *(BETWEEN, FROM_3_1_3),
        {
            "client-block": (6, 4),
            "client-block-redirect": (5, 4),
            "client-block-error": (3, 2),
            "session-transaction": (5, 4),
        },
    ),
    Fact(
        "In 2.3 and 3.1.1, the block saw the request that was redirected. In all others it sees"
        " the last one.",
        "* after the request (current: app, g1, /redirect)",
        *(BETWEEN, (*TO_2_1, *FROM_3_1_3)),
        {"client-block-redirect": (1, 0)},
    ),
    Fact(
        "From 2.3 on, session_transaction pushes a request context to open the session, and"
        " again to save it. Up to 2.1, one push was enough.",
        "push request context /",
        *(TO_2_1, FROM_2_3),
        {"session-transaction": (1, 2)},
    ),
    Fact(
        "All of them raise an AssertionError. Up to 2.1, the top of the stack was popped"
        " instead, and the context that was to go stayed. From 2.3 on, nothing stays current.",
        "* at the end (current: nothing)",
        *(TO_2_1, FROM_2_3),
        {
            "wrong-order-requests": (0, 1),
            "wrong-order-two-apps": (0, 1),
            "wrong-order-apps": (0, 1),
        },
    ),
    Fact(
        "Up to 3.1.1, the contexts stayed pushed until the end of the body, and teardown ran"
        " once, there. 3.1.3 tears down at the end of the request, pushes the contexts again"
        " for the body, and tears down once more.",
        "teardown_request first",
        *(TO_3_1_1, ("3.1.3",)),
        {
            "stream": (1, 2),
            "stream-served": (1, 2),
            "stream-abandoned": (1, 2),
            "stream-waits": (2, 3),
            "stream-error": (1, 2),
        },
    ),
    Fact(
        "MiniFlask tears down once, after the body, as Flask did up to 3.1.1.",
        "teardown_request first",
        *(("3.1.3",), ("minictx",)),
        {
            "stream": (2, 1),
            "stream-served": (2, 1),
            "stream-abandoned": (2, 1),
            "stream-waits": (3, 2),
            "stream-error": (2, 1),
        },
    ),
    Fact(
        "In MiniFlask, the contexts are current only while a chunk is made: no push keeps them"
        " for the time between two chunks.",
        "push request context /stream",
        *(FLASKS, ("minictx",)),
        {
            "stream": (2, 1),
            "stream-served": (2, 1),
            "stream-abandoned": (2, 1),
            "stream-waits": (2, 1),
            "stream-error": (2, 1),
        },
    ),
    Fact(
        "So the other request has an app context, and a g, of its own. In Flask it gets those"
        " of the stream that waits on the same thread.",
        "* the stream waits (current: nothing)",
        *(FLASKS, ("minictx",)),
        {"stream-waits": (0, 1)},
    ),
    Fact(
        "In Flask, an error in a teardown function keeps the request's other ones, and the"
        " signal, from coming. In MiniFlask all come, and all errors in one group.",
        "signal request_tearing_down (None)",
        *(FLASKS, ("minictx",)),
        {"error-in-second-teardown": (0, 1), "error-in-first-teardown": (0, 1)},
    ),
]


def find_facts(scenario: str, older: str, newer: str) -> list[str]:
    """Return what is known about the differences of a scenario between two versions.

    >>> find_facts("first-request", "2.1.3", "2.3.3")[0][:44]
    'Up to 2.1, what was registered with before_f'
    >>> find_facts("first-request", "2.3.3", "3.1.3")
    []
    """
    return [
        fact.words
        for fact in FACTS
        if scenario in fact.times
        and (
            (older in fact.some and newer in fact.others)
            or (newer in fact.some and older in fact.others)
        )
    ]


def describe_scenario(key: str, older: str, newer: str) -> dict[str, Any]:
    """Return a scenario's differences between two versions.

    >>> found = describe_scenario("first-request", "2.1.3", "2.3.3")
    >>> [row for row in found["rows"] if row["mark"] != "="]
    [{'mark': '-', 'step': 'before_first_request prepare', 'moved': False}]
    """
    rows = compare(story_of(older, key), story_of(newer, key))
    return {
        "scenario": key,
        "sentence": SCENARIOS[key].sentence,
        "from": older,
        "to": newer,
        "rows": [asdict(row) for row in rows],
        "facts": find_facts(key, older, newer),
    }


def overview(versions: list[str]) -> list[dict[str, Any]]:
    """Return for each scenario how many steps each version adds and removes.

    Those that change come first.

    >>> overview(["2.1.3", "2.3.3"])[0]["changes"]
    {'2.3.3': {'added': 0, 'removed': 1}}
    """
    entries = [
        {
            "scenario": key,
            "sentence": SCENARIOS[key].sentence,
            "steps": len(story_of(versions[0], key)),
            "changes": _changes(key, versions),
        }
        for key in SCENARIOS
    ]
    return sorted(entries, key=_is_the_same)


def _changes(key: str, versions: list[str]) -> dict[str, dict[str, int]]:
    changes = {}
    for older, newer in pairwise(versions):
        added, removed = count_changes(compare(story_of(older, key), story_of(newer, key)))
        changes[newer] = {"added": added, "removed": removed}
    return changes


def _is_the_same(entry: dict[str, Any]) -> bool:
    return not any(sum(change.values()) for change in entry["changes"].values())
