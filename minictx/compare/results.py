"""Results: the answers of all implementations, those that were recorded among them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

from minictx.compare.behaviours import BEHAVIOURS, TOPICS, Behaviour, Topic
from minictx.compare.implementations import IMPLEMENTATIONS, Implementation
from minictx.compare.probe import NOT_INSTALLED, NOTHING, Answers, probe

__all__ = ["Results", "find_results"]


@dataclass
class Results:
    """Hold the answers, and what is to be said about where they come from."""

    answers: Answers
    recordings: dict[str, Any]

    def note(self, implementation: Implementation) -> str:
        """Return what was recorded and when, that a package is missing, or nothing."""
        if recording := self.recordings.get(implementation.key):
            versions = ", ".join(map(" ".join, recording["versions"].items()))
            return f"recorded {recording['date']} ({versions})"
        first = next(iter(self.answers.values()))
        return NOT_INSTALLED if first[implementation.key] == NOT_INSTALLED else ""

    def rows(self, topic: Topic) -> Iterator[tuple[Behaviour, dict[str, str]]]:
        """Yield each behaviour of a topic with its answers."""
        for behaviour in topic.behaviours:
            yield behaviour, self.answers[behaviour.key]

    def columns(self, topic: Topic) -> list[Implementation]:
        """Return the implementations that have anything to say about a topic."""
        return [
            each
            for each in IMPLEMENTATIONS.values()
            if any(row[each.key] != NOTHING for _, row in self.rows(topic))
        ]

    def to_json(self) -> str:
        """Return all of it as JSON: {"implementations": ..., "behaviours": ...}."""
        implementations = {
            each.key: {"title": each.title, "note": self.note(each)}
            for each in IMPLEMENTATIONS.values()
        }
        behaviours = {
            behaviour.key: {
                "topic": topic.title,
                "question": behaviour.question,
                "why": behaviour.why,
                "answers": row,
            }
            for topic in TOPICS
            for behaviour, row in self.rows(topic)
        }
        return json.dumps(
            {"implementations": implementations, "behaviours": behaviours}, indent=2
        )


def find_results(behaviours: Iterable[Behaviour] = tuple(BEHAVIOURS.values())) -> Results:
    """Run the behaviours, and add what was recorded.

    >>> results = find_results([BEHAVIOURS["tasks-isolated"]])
    >>> row = results.answers["tasks-isolated"]
    >>> row["werkzeug-1.0"], row["minictx"], row["contextual"]
    ('no', 'no', 'yes')
    """
    behaviours = list(behaviours)
    file = resources.files("minictx.compare").joinpath("recorded.json")
    recordings: dict[str, Any] = json.loads(file.read_text("utf-8"))
    found = probe(behaviours)
    answers = {
        behaviour.key: {
            key: found[behaviour.key][key]
            if implementation.load
            else recordings[key]["answers"].get(behaviour.key, "not recorded")
            for key, implementation in IMPLEMENTATIONS.items()
        }
        for behaviour in behaviours
    }
    return Results(answers, recordings)
