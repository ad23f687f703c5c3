"""Compare two runs of one suite: on werkzeug itself, and with minictx in its place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["ROOT", "Differences", "Run", "problems", "unequal"]

ROOT = Path(__file__).resolve().parent.parent.parent

# {test id: why it passes on one of the two only}
Differences = Mapping[str, str]

# {storage: {class: the file that defines it}}
FILES = {
    "ident": {"Local": "local.py", "LocalStack": "stack.py", "LocalProxy": "proxy.py"},
    "contextvar": {
        "Local": "contextual.py",
        "LocalStack": "contextual.py",
        "LocalProxy": "proxy.py",
    },
}


@dataclass(frozen=True)
class Run:
    """What one run of a suite left behind, as `plugin.py` writes it."""

    outcomes: dict[str, str]  # {test id: "passed", "failed", "skipped", ...}
    versions: dict[str, str]  # {package: version}
    start: dict[str, list[str]]  # {class: the files that define it}, before the first test
    end: dict[str, list[str]]  # the same after the last one
    messages: dict[str, str] = field(default_factory=dict)  # {failed test: how it failed}

    @classmethod
    def read(cls, path: Path) -> Run:
        """Return what is written in a file."""
        return cls(**json.loads(path.read_text()))

    @property
    def passed(self) -> set[str]:
        """The ids of the tests that passed."""
        return {test for test, outcome in self.outcomes.items() if outcome == "passed"}


def problems(
    werkzeug: Run, minictx: Run, storage: str, minimum: int, known: Differences
) -> Iterator[str]:
    """Yield a line for each thing that is not as it must be; none if minictx is as good.

    ``minimum`` is how many tests must pass on werkzeug, so that an empty run is no success.
    ``known`` are the tests that differ on purpose: each must differ.
    """
    if len(werkzeug.passed) < minimum:
        yield f"only {len(werkzeug.passed)} tests pass on werkzeug: at least {minimum} must"
    if werkzeug.versions != minictx.versions:
        yield f"{werkzeug.versions} was compared with {minictx.versions}"
    yield from _not_off(werkzeug)
    yield from _not_on(minictx, storage)
    differing = unequal(werkzeug, minictx)
    for test in sorted(differing - known.keys()):
        yield f"{test}: {_outcome(werkzeug, test)} on werkzeug, {_outcome(minictx, test)} here"
    for test in sorted(known.keys() - differing):
        yield f"{test}: no longer differs; take it out of the table"


def unequal(werkzeug: Run, minictx: Run) -> set[str]:
    """Return the ids of the tests that pass on one of the two only, or are in one only."""
    return (werkzeug.passed ^ minictx.passed) | (
        werkzeug.outcomes.keys() ^ minictx.outcomes.keys()
    )


def _outcome(run: Run, test: str) -> str:
    return run.outcomes.get(test, "not run")


def _not_off(run: Run) -> Iterator[str]:
    for when, files in _classes(run):
        if not files or any(
            Path(file).parts[-2:] != ("werkzeug", "local.py") for file in files
        ):
            yield f"{when} of the run on werkzeug, there was {files or 'nothing'}"


def _not_on(run: Run, storage: str) -> Iterator[str]:
    ours = ROOT / "minictx"
    for when, files in _classes(run):
        wanted = str(ours / FILES[storage][when.split()[0]])
        foreign = any(not Path(file).is_relative_to(ours) for file in files)
        if wanted not in files or foreign:
            yield f"{when} of the run on minictx, there was {files or 'nothing'}"


def _classes(run: Run) -> Iterator[tuple[str, list[str]]]:
    """Yield a name such as "Local at the start", and its files."""
    for when, sources in (("start", run.start), ("end", run.end)):
        for name in FILES["ident"]:
            yield f"{name} at the {when}", sources.get(name, [])
