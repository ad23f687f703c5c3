"""Run Python in an environment that has certain packages, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Done", "PeerError", "python"]

TIMEOUT = 300  # seconds, for one run of one suite


class PeerError(Exception):
    """Say why nothing could be compared."""


@dataclass(frozen=True)
class Done:
    """What a program printed, and its exit status."""

    status: int
    output: str


def python(
    packages: Sequence[str],
    arguments: Sequence[str],
    cwd: str | Path,
    env: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Done:
    """Run ``python ARGUMENTS`` where only ``packages``, and what they need, are installed."""
    uv = ["uv", "run", "--quiet", "--isolated", "--no-project", "--python", "3.11"]
    with_packages = [f"--with={package}" for package in packages]
    with subprocess.Popen(
        [*uv, *with_packages, "python", *arguments],
        cwd=cwd,
        env=_environment() | dict(env or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # a group of its own: what it started is ended with it
    ) as process:
        output = _output(process, timeout)
    if output is None:
        raise PeerError(f"{' '.join(arguments)}: not ready after {timeout} seconds")
    return Done(process.returncode, output)


def _output(process: subprocess.Popen[str], timeout: float) -> str | None:
    """Return what it prints until it ends, or None if it does not end in time."""
    try:
        return process.communicate(timeout=timeout)[0]
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def _environment() -> dict[str, str]:
    # What is meant for the Python, or the pytest, around this one.
    ours = ("PYTEST", "PYTHON", "FLASK", "WERKZEUG", "VIRTUAL_ENV", "UV_PROJECT", "COVERAGE")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
