"""Measure: in each Python that is found, with today's packages and with old ones.

uv makes each environment anew, with nothing in it but what is measured. There, this module is
run as a program, and prints what it found as JSON.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextvars import Context
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from speed.operations import OPERATIONS, Kit, Operation, load
from speed.timing import compare, timer

__all__ = ["environments", "find_pythons", "measure", "measure_here"]

# Here: find the environments, and start a process in each

ROOT = Path(__file__).parent.parent.parent
PYTHONS = ("3.11", "3.12", "3.13")

TODAY = (
    *("werkzeug>=3.1,<3.2", "flask>=3.1,<3.2", "greenlet", "gevent", "asgiref"),
    *("click", "rich", "watchfiles", "pytest"),  # for the commands of minictx
)
PARTS = ("operations", "parts", "requests", "start")


class Environment(NamedTuple):
    """A Python with some packages, and what is measured there."""

    python: str
    name: str
    packages: tuple[str, ...]
    parts: tuple[str, ...]


def find_pythons() -> dict[str, str]:
    """Return the Pythons that are here, and run: {version: path}.

    A python3.12 on the path may be a shim of pyenv's that has nothing to run.
    """
    found = {}
    for wanted in PYTHONS:
        homes = Path.home() / ".pyenv" / "versions"
        for path in [f"python{wanted}", *map(str, homes.glob(f"{wanted}.*/bin/python"))]:
            code = "import sys; print(sys.executable, '%d.%d' % sys.version_info[:2])"
            try:
                run = subprocess.run([path, "-c", code], capture_output=True, text=True)
            except OSError:
                continue
            if run.returncode == 0 and run.stdout.split()[-1] == wanted:
                found[wanted] = run.stdout.rsplit(maxsplit=1)[0]
                break
    return found


def environments(pythons: dict[str, str]) -> Iterator[Environment]:
    """Yield all environments; how cost grows is measured in the newest Python only."""
    for python in pythons:
        growth = ("growth",) if python == list(pythons)[-1] else ()
        yield Environment(python, "today", TODAY, (*PARTS, *growth))
        for old in ("1.0.1", "2.0.3"):
            packages = (f"werkzeug=={old}", "greenlet")
            yield Environment(python, f"werkzeug {old}", packages, ("operations",))


def measure(environment: Environment, path: str) -> dict[str, Any]:
    """Measure in an environment, in a process of its own, and return what was found."""
    command = ["uv", "run", "--quiet", "--isolated", "--no-project", "--python", path]
    for package in environment.packages:
        command += ["--with", package]
    return _json_of([*command, "python", "-m", "speed.measure", *environment.parts])


def measure_here() -> dict[str, Any]:
    """Measure roughly, and with the Python and the packages that run this."""
    return _json_of([sys.executable, "-m", "speed.measure", *PARTS, "growth", "--quick"])


def _json_of(command: list[str]) -> dict[str, Any]:
    folders = os.pathsep.join([str(ROOT), str(ROOT / "benchmarks")])
    env = {**os.environ, "PYTHONPATH": folders, "UV_PYTHON_DOWNLOADS": "never"}
    env.pop("VIRTUAL_ENV", None)  # it has nothing to do with where this is measured
    run = subprocess.run(command, env=env, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(
            f"{' '.join(command)} failed:\n{run.stdout[-1000:]}{run.stderr[-3000:]}"
        )
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


# There: measure, and print

PACKAGES = ("werkzeug", "flask", "greenlet", "gevent", "asgiref")


def versions() -> dict[str, str]:
    """Return the versions of what is measured."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def measure_operation(operation: Operation, kits: dict[str, Kit], rounds: int) -> Any:
    """Time an operation on all kits that can do it, in turn."""
    todo = {name: operation.of(kit) for name, kit in kits.items()}
    timers = {name: timer(*what) for name, what in todo.items() if what is not None}
    return compare(timers, rounds)


def measure_operations(quick: bool) -> dict[str, Any]:
    """Time all operations: {operation: {kit: times}}."""
    # Each in an empty context: what else was set there would make a ContextVar slower.
    kits = load()
    rounds = 3 if quick else 60
    return {
        operation.key: Context().run(measure_operation, operation, kits, rounds)
        for operation in OPERATIONS
    }


def main(parts: list[str], quick: bool) -> None:
    """Measure the parts that are asked for."""
    found: dict[str, Any] = {"versions": versions()}
    for part in parts:
        if part == "operations":
            found[part] = measure_operations(quick)
        elif part == "requests":
            from speed.growth import measure_requests

            found[part] = Context().run(measure_requests, 3 if quick else 100)
        elif part == "parts":
            from speed.timing import measure_parts

            found[part] = Context().run(measure_parts, 3 if quick else 60)
        elif part == "growth":
            from speed.growth import measure_growth

            found[part] = Context().run(measure_growth, quick)
        elif part == "start":
            from speed.timing import measure_start

            found[part] = measure_start(1 if quick else 7)
    print(json.dumps(found))


if __name__ == "__main__":
    main([word for word in sys.argv[1:] if word != "--quick"], "--quick" in sys.argv)
