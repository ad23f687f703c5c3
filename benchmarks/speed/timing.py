"""Time several things in turn, and compare them turn by turn.

Other programs run on the machine, and its clock speed goes up and down, so a measurement
cannot be compared with one made a minute later. Here each thing is timed for about a
millisecond, then the next one, round after round, and the times of one round are divided by
each other. The median of these ratios is the result. The clock that is read stands still while
another program has the processor.

That is why the standard library's timeit does the timing, and not pyperf: pyperf times one
thing to its end, in processes of its own, before it begins the next.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import timeit
from collections.abc import Mapping
from contextvars import ContextVar
from statistics import median, quantiles
from typing import Any

from greenlet import getcurrent

from minictx import get_ident

__all__ = ["compare", "measure_parts", "measure_start", "timer"]

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
        # The first one changes from round to round.
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


# What single steps cost: they tell why an operation costs what it does


class Falls:
    """Have no attribute but those that ``__getattr__`` makes."""

    def __getattr__(self, name: str) -> int:
        return 1


def _raises() -> None:
    raise RuntimeError("unbound")


def _catches() -> str:
    try:
        _raises()
    except RuntimeError:
        return "unbound"
    return "bound"


def measure_parts(rounds: int) -> dict[str, Any]:
    """Time each step, in turn: {what it is: times}."""
    var = ContextVar("user", default="alice")
    names = {
        "getcurrent": getcurrent,
        "var": var,
        "get_ident": get_ident,
        "falls": Falls(),
        "catches": _catches,
    }
    statements = {
        "ContextVar.get()": "var.get()",
        "greenlet.getcurrent()": "getcurrent()",
        "id(greenlet.getcurrent())": "id(getcurrent())",
        "get_ident()": "get_ident()",
        "make and drop {'stack': []}": "{'stack': []}",
        "an attribute from __getattr__": "falls.name",
        "raise an error, and catch it outside": "catches()",
    }
    timers = {title: timer(statement, names) for title, statement in statements.items()}
    return compare(timers, rounds)


# How long `import minictx` and two commands take, in processor time: other programs run, too

COMMANDS = {
    "python": ["-c", ""],
    "import minictx": ["-c", "import minictx"],
    "minictx --help": ["-m", "minictx", "--help"],
    "minictx demo": ["-m", "minictx", "demo"],
}


def seconds(arguments: list[str]) -> float:
    """Run Python with these arguments, and return the processor's time."""
    # With this set, Python would compile minictx anew each time.
    usual = {
        key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"
    }
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=usual,
    )
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode:
        raise SystemExit(f"python {' '.join(arguments)} failed:\n{errors.decode()}")
    return usage.ru_utime + usage.ru_stime


def measure_start(rounds: int) -> dict[str, float]:
    """Return the time of each in seconds, when it was disturbed the least.

    That of ``import minictx`` is what it adds to the time of the bare interpreter.
    """
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for turn in range(rounds + 1):
        for name, arguments in COMMANDS.items():
            took = seconds(arguments)
            if turn:  # the first time, Python compiles what it imports
                times[name].append(took)
    found = {name: min(taken) for name, taken in times.items()}
    return {**found, "import minictx": found["import minictx"] - found["python"]}
