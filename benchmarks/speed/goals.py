"""The goals, and whether they are met."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import exp, log
from typing import Any, NamedTuple

from speed.operations import OPERATIONS

__all__ = ["GOALS", "Goal", "Measured", "geometric_mean", "kit_named", "ratios"]

Measured = dict[str, Any]  # of one Python: {environment: {part: ...}}


class Goal(NamedTuple):
    """A limit, and what must not be greater."""

    title: str
    limit: float
    unit: str
    values: Callable[[Measured], dict[str, float]]

    def verdict(self, measured: Measured) -> str:
        """Say how one Python does; nothing, if this was not measured there."""
        try:
            values = self.values(measured).values()
        except (KeyError, ValueError):
            return ""
        worst = max(values)
        # Where two digits would hide on which side of the limit it is, there are more.
        digits = 2 if round(worst, 2) != self.limit else 4
        said = f"{worst:.{digits}f}{self.unit}: "
        met = sum(value <= self.limit for value in values)
        if met == len(values):
            return f"{said}met"
        return f"{said}{met} of {len(values)} met" if met else f"{said}not met"


def kit_named(compared: dict[str, Any], start: str) -> Any:
    """Return what was found of the kit whose name begins so: its version follows."""
    for name, found in compared.items():
        if name.startswith(start):
            return found
    raise KeyError(start)


def ratios(measured: Measured, environment: str = "today", group: str | None = None) -> Any:
    """Return minictx's ratios to werkzeug: {operation: ratio}, of one group or of all."""
    found = measured[environment]["operations"]
    return {
        operation.key: kit_named(found[operation.key], "werkzeug")["ratio"]
        for operation in OPERATIONS
        if group in (None, operation.group)
    }


def geometric_mean(values: Iterator[float] | Any) -> float:
    """Return the geometric mean.

    >>> geometric_mean([1, 4])
    2.0
    """
    logs = [log(value) for value in values]
    return exp(sum(logs) / len(logs))


def _each(group: str | None, environment: str = "today") -> Callable[[Measured], Any]:
    return lambda measured: ratios(measured, environment, group)


def _mean(measured: Measured) -> dict[str, float]:
    return {"mean": geometric_mean(ratios(measured).values())}


def _request(what: str) -> Callable[[Measured], Any]:
    return lambda measured: {
        what: kit_named(measured["today"]["requests"][what], "Flask")["ratio"]
    }


def _growth(measured: Measured) -> dict[str, float]:
    growth = measured["today"]["growth"]
    found = {**growth["live"]["minictx"], "request": growth["request"]}
    return {name: each["100000"]["times"] for name, each in found.items()}


def _start(what: str, factor: float = 1) -> Callable[[Measured], Any]:
    return lambda measured: {what: measured["today"]["start"][what] * factor}


GOALS = [
    Goal("geometric mean of all operations, to werkzeug 3.1", 0.60, "", _mean),
    Goal("each operation through a proxy", 0.50, "", _each("proxied")),
    Goal("push and pop", 0.60, "", _each("push")),
    Goal("set", 0.70, "", _each("set")),
    Goal("get", 1.10, "", _each("get")),
    Goal("top", 1.10, "", _each("top")),
    Goal("each operation, to werkzeug 1.0.1", 0.60, "", _each(None, "werkzeug 1.0.1")),
    Goal("a whole request, to Flask 3.1", 0.80, "", _request("request")),
    Goal("request.method in a view, to Flask 3.1", 0.55, "", _request("request.method")),
    Goal("cost with 100,000 live contexts, to that with one", 1.20, "", _growth),
    Goal("import minictx", 15, " ms", _start("import minictx", 1000)),
    Goal("minictx demo", 2, " s", _start("minictx demo")),
    Goal("minictx --help", 0.3, " s", _start("minictx --help")),
]
