"""Names: find a behaviour or an implementation by what a user typed."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from minictx.compare.behaviours import BEHAVIOURS, Behaviour
from minictx.compare.implementations import IMPLEMENTATIONS, Implementation
from minictx.errors import MinictxError

__all__ = ["CompareError", "find_behaviour", "find_implementation"]


class CompareError(MinictxError):
    """Say in one line why the command cannot do what it was asked for."""


def find_behaviour(key: str) -> Behaviour:
    """Return a behaviour, or say which ones have a name like that.

    >>> find_behaviour("thread-isolated")
    Traceback (most recent call last):
        ...
    minictx.compare.names.CompareError: there is no behaviour 'thread-isolated': did you mean \
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
