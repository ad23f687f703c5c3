"""Summary: what stands above and below every picture of a trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from minictx.trace.words import clean, list_left

if TYPE_CHECKING:
    from minictx.trace.trace import Trace

__all__ = ["sum_up", "title"]


def title(trace: Trace) -> str:
    """Return what is recorded, and how much of it.

    >>> from minictx.trace.trace import Trace
    >>> title(Trace("app.py"))
    'app.py: 0 events'
    """
    counts = Counter(runner.type for runner in trace.runners.values())
    shown = [_count(len(trace.events), "event"), *(_count(counts[t], t) for t in counts)]
    return f"{clean(trace.title)}: {', '.join(shown)}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"


def sum_up(trace: Trace, told: int) -> Iterator[str]:
    """Yield what must not be missed: what is not told, not recorded, or left behind.

    ``told`` is the number of the last event that is told.

    >>> from minictx.trace.trace import Trace
    >>> trace = Trace("app.py", events=[{"kind": "left", "context": 1, "left": []}])
    >>> list(sum_up(trace, told=1))
    ['Nothing was left behind.']
    """
    untold = len(trace.events) - told
    if untold:
        yield (
            f"{untold} more event{'s are' if untold > 1 else ' is'} not shown:"
            " --json FILE writes all, --page FILE draws all."
        )
    leaks, is_complete = 0, False
    for event in trace.events:
        if event["kind"] == "limit":
            yield (
                f"The limit of {event.get('limit')} events was reached:"
                " nothing after that was recorded."
            )
        if event["kind"] in ("end", "left"):
            when = "at the end"
            if event["kind"] == "end":
                when = f"when {clean(trace.runners[event['context']].label)} ended"
            left = list_left(trace, event.get("left") or ())
            yield from (f"Left behind {when}: {text}" for text in left)
            leaks, is_complete = leaks + len(left), event["kind"] == "left"
    if trace.is_cut:
        yield "The end of the trace is missing: its file was cut off."
    if is_complete and not leaks:
        yield "Nothing was left behind."
