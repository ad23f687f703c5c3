"""Fold: find what repeats in a trace, and tells nothing new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minictx.trace.trace import Event

__all__ = ["Part", "fold"]

REPEATABLE = {"get", "resolve", "unbound"}  # these change nothing
PHASED = {"hook", "view"}
LONGEST = 5  # rows in the longest round of a loop that is noticed


@dataclass(frozen=True)
class Part:
    """Hold events that are told in one row."""

    events: Sequence[Event]
    rows_above: int = 0  # if not 0: these events are the last so many rows, over and over


def fold(events: Sequence[Event]) -> Iterator[Part]:
    """Yield the parts of a trace, in order; none of its events is lost.

    >>> look = {"kind": "resolve", "context": 1, "object": 7, "value": "<Request>"}
    >>> push = {"kind": "push", "context": 1, "object": 8, "value": "<Request>"}
    >>> [len(part.events) for part in fold([push, push, look, look, look])]
    [1, 1, 3]
    """
    at = 0
    while at < len(events):
        period, times = find_repeat(events, at)
        if period == 1:
            times = 2 if is_one_event(events[at : at + 2]) else times
            yield Part(events[at : at + times])
        else:
            for event in events[at : at + period]:
                yield Part([event])
            yield Part(events[at + period : at + period * times], rows_above=period)
        at += period * times


def is_one_event(events: Sequence[Event]) -> bool:
    """Tell whether these are the two ends of the same thing, with nothing in between.

    >>> switch, begin = ({"kind": kind, "context": 1} for kind in ("switch", "begin"))
    >>> is_one_event([switch, begin]), is_one_event([switch, switch])
    (True, False)
    """
    if len(events) < 2:
        return False
    keys = ("context", "name", "function_name")
    if any(events[0].get(key) != events[1].get(key) for key in keys):
        return False
    if [event["kind"] for event in events] == ["switch", "begin"]:
        return True
    phases = [event.get("phase") for event in events]
    return events[0]["kind"] == events[1]["kind"] in PHASED and phases == ["begin", "end"]


def find_repeat(events: Sequence[Event], at: int) -> tuple[int, int]:
    """Return how many events are repeated from here on, and how often they are there.

    >>> look = {"kind": "resolve", "context": 1, "object": 7, "value": "<Request>"}
    >>> find_repeat([look, look, look, {"kind": "end", "context": 1}], 0)
    (1, 3)
    """
    for period in range(1, LONGEST + 1):
        if at + period > len(events) or events[at + period - 1]["kind"] not in REPEATABLE:
            break
        pattern = [_key(event) for event in events[at : at + period]]
        times, then = 1, at + period
        while pattern == [_key(event) for event in events[then : then + period]]:
            times, then = times + 1, then + period
        if times > (1 if period == 1 else 2):
            return period, times
    return 1, 1


def _key(event: Event) -> tuple[object, ...]:
    keys = ("kind", "context", "object", "name", "value", "message", "file", "line")
    return tuple(event.get(key) for key in keys)
