"""Measure in this environment, and print what was found as JSON: for `environments.py`."""

from __future__ import annotations

import json
import platform
import sys
from contextvars import Context
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from speed.kits import Kit, load
from speed.operations import OPERATIONS, Operation
from speed.turns import compare, timer

__all__ = ["main"]

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
            from speed.requests import measure_requests

            found[part] = Context().run(measure_requests, 3 if quick else 100)
        elif part == "parts":
            from speed.parts import measure_parts

            found[part] = Context().run(measure_parts, 3 if quick else 60)
        elif part == "growth":
            from speed.growth import measure_growth

            found[part] = Context().run(measure_growth, quick)
        elif part == "start":
            from speed.start import measure_start

            found[part] = measure_start(1 if quick else 7)
    print(json.dumps(found))


if __name__ == "__main__":
    main([word for word in sys.argv[1:] if word != "--quick"], "--quick" in sys.argv)
