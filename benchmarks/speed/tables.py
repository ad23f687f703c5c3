"""What was measured, as tables: each a heading, a row of titles, and rows of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from speed.goals import GOALS, geometric_mean, kit_named, ratios
from speed.operations import OPERATIONS

__all__ = ["Table", "tables"]

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
