"""Probe: run the behaviours on the implementations that are there."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import Context

from minictx.compare.behaviours import BEHAVIOURS, Behaviour
from minictx.compare.implementations import IMPLEMENTATIONS, Implementation
from minictx.compare.kit import Kit, NotThereError
from minictx.stage import KindError

__all__ = ["NOTHING", "NOT_INSTALLED", "Answers", "ask", "load", "probe"]

Answers = dict[str, dict[str, str]]  # {key of a behaviour: {key of an implementation: answer}}

NOTHING = "-"  # the implementation has no such thing
NOT_INSTALLED = "not installed"


def probe(
    behaviours: Iterable[Behaviour] | None = None,
    implementations: Iterable[Implementation] | None = None,
) -> Answers:
    """Run behaviours on implementations that are no recordings; all of them by default.

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
