"""Time several things in turn, and compare them turn by turn.

Other programs run on the machine, and its clock goes up and down. What is measured at one
moment cannot be compared with what is measured a minute later. So each thing is timed for
about a millisecond, then the next one, round after round, and the times of one round are
divided by each other. The median of these ratios is the result. The clock that is read
stands still while another program has the processor.

This is why the standard library's timeit does the timing here, and not pyperf: pyperf times
one thing to its end, in processes of its own, before it begins with the next.
"""

from __future__ import annotations

import time
import timeit
from collections.abc import Mapping
from statistics import median, quantiles
from typing import Any

__all__ = ["compare", "timer"]

COPIES = 10  # of a statement in the body of the loop, so that the loop itself weighs little


def timer(statement: str, names: Mapping[str, Any]) -> timeit.Timer:
    """Return a timer of a statement; the names that it uses are local variables.

    >>> timer("len(text)", {"text": "alice"}).timeit(1) < 1
    True
    """
    setup = "; ".join(f"{name} = names[{name!r}]" for name in names) or "pass"
    body = "\n".join([statement.replace("; ", "\n")] * COPIES)
    return timeit.Timer(body, setup, time.process_time, globals={"names": names})


def _loops(watch: timeit.Timer, seconds: float) -> int:
    """Return how many loops take so long; at least one."""
    watch.timeit(100)  # Python makes code faster that has run for a while
    loops = 1
    while (took := watch.timeit(loops)) < seconds / 4:
        loops *= 2
    return max(1, round(loops * seconds / took))


def compare(
    timers: Mapping[str, timeit.Timer], rounds: int, seconds: float = 0.001
) -> dict[str, dict[str, float]]:
    """Time each in turn; return its time in nanoseconds, and the first one's ratio to it.

    The ratio of a round is the first one's time, divided by this one's. ``low`` and ``high``
    are the quartiles of the ratios: half of the rounds lie between them.
    """
    loops = {name: _loops(watch, seconds) for name, watch in timers.items()}
    times: dict[str, list[float]] = {name: [] for name in timers}
    for turn in range(rounds):
        # Who comes first changes from round to round.
        order = list(timers)[turn % len(timers) :] + list(timers)[: turn % len(timers)]
        for name in order:
            took = timers[name].timeit(loops[name])
            times[name].append(took / loops[name] / COPIES * 1e9)
    first = next(iter(times.values()))
    result = {}
    for name, own in times.items():
        ratios = [mine / its for mine, its in zip(first, own, strict=True)]
        low, _, high = quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
        result[name] = {"ns": median(own), "ratio": median(ratios), "low": low, "high": high}
    return result
