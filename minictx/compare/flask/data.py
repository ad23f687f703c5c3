"""Data: all differences, ready to be printed, drawn or written as JSON."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from typing import Any

from minictx.compare.flask.diff import compare, count_changes
from minictx.compare.flask.facts import find_facts
from minictx.compare.flask.recordings import story_of
from minictx.compare.flask.scenarios import SCENARIOS

__all__ = ["describe_scenario", "overview"]


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
