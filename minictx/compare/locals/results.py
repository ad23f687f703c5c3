"""Results: run the behaviours, add what was recorded, and find one by its name."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from contextvars import Context
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import resources
from typing import Any

from minictx.compare import CompareError
from minictx.compare.locals.behaviours import BEHAVIOURS, TOPICS, Behaviour, Topic
from minictx.compare.locals.implementations import (
    IMPLEMENTATIONS,
    PACKAGES,
    Implementation,
    Kit,
    NotThereError,
)
from minictx.stage import KindError

__all__ = [
    "NOTHING",
    "NOT_INSTALLED",
    "Answers",
    "Results",
    "ask",
    "find_behaviour",
    "find_implementation",
    "find_results",
    "load",
    "probe",
]

Answers = dict[str, dict[str, str]]  # {key of a behaviour: {key of an implementation: answer}}

NOTHING = "-"  # the implementation has no such thing
NOT_INSTALLED = "not installed"


def probe(
    behaviours: Iterable[Behaviour] | None = None,
    implementations: Iterable[Implementation] | None = None,
) -> Answers:
    """Run behaviours on the implementations that can be run; all of them by default.

    >>> answers = probe([BEHAVIOURS["threads-isolated"]], [IMPLEMENTATIONS["minictx"]])
    >>> answers
    {'threads-isolated': {'minictx': 'yes'}}

    Call it in the main thread: that is where greenlet clears up after a thread that has
    ended, and what that one stored in gevent's local is kept until then.
    """
    wanted = IMPLEMENTATIONS.values() if implementations is None else implementations
    kits = {each.key: load(each) for each in wanted if each.load}
    return {
        behaviour.key: {
            key: NOT_INSTALLED if kit is None else ask(behaviour, kit)
            for key, kit in kits.items()
        }
        for behaviour in (BEHAVIOURS.values() if behaviours is None else behaviours)
    }


def load(implementation: Implementation) -> Kit | None:
    """Return the classes of an implementation; None if its package is not installed."""
    assert implementation.load is not None
    try:
        return implementation.load()
    except ModuleNotFoundError:
        return None


def ask(behaviour: Behaviour, kit: Kit) -> str:
    """Run one behaviour on one kit, in a context of its own, and return the answer."""
    try:
        return Context().run(behaviour.run, kit)
    except (NotThereError, KindError):  # no such class; no greenlets here
        return NOTHING


@dataclass
class Results:
    """Hold the answers, and the recordings that some of them come from."""

    answers: Answers
    recordings: dict[str, Any]

    def note(self, implementation: Implementation) -> str:
        """Return what was recorded and when, that a package is missing, or nothing."""
        if recording := self.recordings.get(implementation.key):
            versions = ", ".join(map(" ".join, recording["versions"].items()))
            return f"recorded {recording['recorded']} ({versions})"
        first = next(iter(self.answers.values()))
        return NOT_INSTALLED if first[implementation.key] == NOT_INSTALLED else ""

    def rows(self, topic: Topic) -> Iterator[tuple[Behaviour, dict[str, str]]]:
        """Yield each behaviour of a topic with its answers."""
        for behaviour in topic.behaviours:
            yield behaviour, self.answers[behaviour.key]

    def columns(self, topic: Topic) -> list[Implementation]:
        """Return the implementations that have an answer in a topic."""
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
    golden = resources.files("minictx.compare.locals").joinpath("golden")
    recordings: dict[str, Any] = {
        key: json.loads(golden.joinpath(f"{key}.json").read_text("utf-8")) for key in PACKAGES
    }
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


def find_behaviour(key: str) -> Behaviour:
    """Return a behaviour, or say which ones have a name like that.

    >>> find_behaviour("thread-isolated")
    Traceback (most recent call last):
        ...
    minictx.compare.CompareError: there is no behaviour 'thread-isolated': did you mean \
threads-isolated or tasks-isolated or greenlets-isolated?
    """
    if key not in BEHAVIOURS:
        near = _nearest(key, BEHAVIOURS) or "minictx compare --help lists them"
        raise CompareError(f"there is no behaviour {key!r}: {near}")
    return BEHAVIOURS[key]


def find_implementation(key: str) -> Implementation:
    """Return an implementation that can be run, or say what can be."""
    can_run = [each.key for each in IMPLEMENTATIONS.values() if each.load]
    if key in can_run:
        return IMPLEMENTATIONS[key]
    use = f"use {', '.join(can_run)}"
    if key in IMPLEMENTATIONS:
        raise CompareError(f"{key} is recorded, it cannot be traced: {use}")
    raise CompareError(f"there is no implementation {key!r}: {_nearest(key, can_run) or use}")


def _nearest(key: str, keys: Collection[str]) -> str:
    near = get_close_matches(key, keys, cutoff=0.4) or [each for each in keys if key in each]
    return f"did you mean {' or '.join(near)}?" if near else ""
