"""How long it takes to begin: ``import minictx``, and two of its commands.

What counts is the time that the processor works for the new process, and not the time by the
clock on the wall: other programs run here, too.
"""

from __future__ import annotations

import os
import subprocess
import sys

__all__ = ["measure_start"]

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
