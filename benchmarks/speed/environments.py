"""Where is it measured: each Python that is found, each with today's packages and old ones.

Every environment is made anew by uv, and has nothing but what is measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Environment", "environments", "find_pythons", "measure", "measure_here"]

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
