"""The results: whether the goals are met, and all figures as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import exp, log
from typing import Any, NamedTuple

from speed.operations import OPERATIONS

__all__ = ["GOALS", "Goal", "Table", "geometric_mean", "ratios", "tables"]

# The goals

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

# The tables: each has a heading, a row of titles, and rows of text

Results = dict[str, Any]  # {"pythons": {version: Measured}, ...}


class Table(NamedTuple):
    """A table, and what to know to read it."""

    heading: str
    about: str
    titles: list[str]
    rows: list[list[str]]
    has_code: bool = False  # in its second column


def tables(results: Results) -> Iterator[Table]:
    """Yield all tables."""
    pythons = results["pythons"]
    yield _goals(pythons)
    for environment, peer in (
        ("today", "werkzeug 3.1"),
        ("werkzeug 2.0.3", "werkzeug 2.0.3"),
        ("werkzeug 1.0.1", "werkzeug 1.0.1"),
    ):
        if all(environment in measured for measured in pythons.values()):
            yield _to_werkzeug(pythons, environment, peer)
    for version, measured in pythons.items():
        yield _nanoseconds(version, measured["today"]["operations"])
    yield _parts(pythons)
    yield _requests(pythons)
    yield from _growth(pythons)
    yield _start(pythons)


def _goals(pythons: Any) -> Table:
    rows = [
        [
            goal.title,
            f"{goal.limit:g}{goal.unit}",
            *(goal.verdict(measured) for measured in pythons.values()),
        ]
        for goal in GOALS
    ]
    about = (
        "What the maintainers aim at. Where a goal is about several operations, the figure is"
        " that of the worst."
    )
    return Table("Goals", about, ["", "at most", *_named(pythons)], rows)


def _to_werkzeug(pythons: Any, environment: str, peer: str) -> Table:
    found = {version: ratios(measured, environment) for version, measured in pythons.items()}
    rows = [
        [
            operation.title,
            operation.statement,
            *(f"{each[operation.key]:.2f}" for each in found.values()),
        ]
        for operation in OPERATIONS
    ]
    means = [f"{geometric_mean(each.values()):.2f}" for each in found.values()]
    about = (
        f"The time of minictx, divided by that of {peer} in the same run: below 1, minictx is"
        " faster."
    )
    return Table(
        f"minictx to {peer}",
        about,
        ["operation", "what is timed", *_named(pythons)],
        [*rows, ["geometric mean", "", *means]],
        has_code=True,
    )


def _nanoseconds(version: str, operations: Any) -> Table:
    kits = list(operations["get"])
    rows = [
        [
            operation.title,
            *(
                f"{operations[operation.key][kit]['ns']:.0f}"
                if kit in operations[operation.key]
                else ""
                for kit in kits
            ),
        ]
        for operation in OPERATIONS
    ]
    about = (
        "They depend on the machine; the ratios above do much less. The Pythons were measured"
        " one after the other: do not compare one table with another."
    )
    return Table(f"Nanoseconds, Python {version}", about, ["operation", *kits], rows)


def _parts(pythons: Any) -> Table:
    found = {version: measured["today"]["parts"] for version, measured in pythons.items()}
    rows = [
        [what, *(f"{each[what]['ns']:.0f}" for each in found.values())]
        for what in next(iter(found.values()))
    ]
    about = "Nanoseconds, medians: what operations are made of."
    return Table("Single steps", about, ["", *_named(pythons)], rows)


def _requests(pythons: Any) -> Table:
    rows = []
    for version, measured in pythons.items():
        for what, compared in measured["today"]["requests"].items():
            mine, flask = compared["minictx"], kit_named(compared, "Flask")
            rows.append(
                [
                    f"Python {version}: {what}",
                    f"{mine['ns'] / 1000:.2f} µs",
                    f"{flask['ns'] / 1000:.2f} µs",
                    f"{flask['ratio']:.2f}",
                ]
            )
    about = (
        "A request as a server hands it over, with a session that is read and changed, a"
        " function before it, a function after it, and a view that uses all four names."
    )
    return Table("Requests", about, ["", "MiniFlask", "Flask 3.1", "ratio"], rows)


def _growth(pythons: Any) -> Iterator[Table]:
    version, measured = list(pythons.items())[-1]  # the only one where it is measured
    growth = measured["today"]["growth"]
    mine, theirs = growth["live"]["minictx"], kit_named(growth["live"], "werkzeug")
    numbers = list(mine["get"])
    found = {
        **{f"minictx: {key}": each for key, each in mine.items()},
        **{f"werkzeug 3.1: {key}": each for key, each in theirs.items()},
        "MiniFlask: a request": growth["request"],
    }
    yield Table(
        f"With many live contexts, Python {version}",
        "How many times the cost with one live context.",
        ["", *(f"{int(number):,}" for number in numbers)],
        [[name, *(f"{each[n]['times']:.2f}" for n in numbers)] for name, each in found.items()],
    )
    depths = list(growth["depth"]["minictx"])
    yield Table(
        f"On a deep stack, Python {version}",
        "push and pop, in nanoseconds, on a stack that has so many items already.",
        ["", *(f"{int(depth):,}" for depth in depths)],
        [
            [name, *(f"{each[depth]['ns']:,.0f}" for depth in depths)]
            for name, each in growth["depth"].items()
        ],
    )
    coming = growth["coming"]
    yield Table(
        f"Contexts that come and go, Python {version}",
        f"Bytes of a live context beside its greenlet, for one name in a Local or one item on a"
        f" stack; and the seconds that {coming['contexts']:,} greenlets take, each of which"
        " stores something and ends, with the memory blocks that are left afterwards.",
        ["", "Local", "LocalStack", "seconds", "blocks left"],
        [
            [
                name,
                f"{each['Local']:.0f}",
                f"{each['LocalStack']:.0f}",
                f"{coming[name]['seconds']:.2f}",
                f"{coming[name]['blocks']}",
            ]
            for name, each in growth["bytes"].items()
        ],
    )


def _start(pythons: Any) -> Table:
    found = {version: measured["today"]["start"] for version, measured in pythons.items()}
    names = list(next(iter(found.values())))
    return Table(
        "To begin",
        "Milliseconds of the processor, at the best of several times. `python` is the bare"
        " interpreter, and `import minictx` is what it takes beyond that.",
        ["", *_named(pythons)],
        [[name, *(f"{each[name] * 1000:.0f}" for each in found.values())] for name in names],
    )


def _named(pythons: Any) -> list[str]:
    return [f"Python {version}" for version in pythons]
