"""Record what old versions of werkzeug answer, each in an environment of its own.

python -m minictx.compare.record            writes recorded.json anew
python -m minictx.compare.record --check    says what has changed, and leaves the file
"""

from __future__ import annotations

import difflib
import json
import os
import platform
import subprocess
import sys
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from minictx.compare.implementations import IMPLEMENTATIONS
from minictx.compare.probe import probe

__all__ = ["PACKAGES", "main"]

FILE = Path(__file__).with_name("recorded.json")
ROOT = Path(__file__).parent.parent.parent

# What the environment of each recorded implementation has, and nothing else.
PACKAGES = {
    "werkzeug-1.0": ["werkzeug==1.0.1", "greenlet"],
    "werkzeug-1.0-threads": ["werkzeug==1.0.1"],
    "werkzeug-2.0": ["werkzeug==2.0.3", "greenlet"],
}

Recording = dict[str, Any]  # {"versions": {...}, "date": ..., "answers": {behaviour: answer}}


def look_here() -> Recording:
    """Return what the werkzeug of this environment answers."""
    versions = {"Python": platform.python_version()}
    for package in ("werkzeug", "greenlet"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    answers = probe(implementations=[IMPLEMENTATIONS["werkzeug"]])
    return {
        "versions": versions,
        "date": date.today().isoformat(),
        "answers": {key: answer["werkzeug"] for key, answer in answers.items()},
    }


def look_there(packages: list[str]) -> Recording:
    """Return what `look_here` finds in a new environment that has these packages."""
    command = ["uv", "run", "--quiet", "--isolated", "--no-project", "--python", "3.11"]
    for package in packages:
        command += ["--with", package]
    command += ["python", "-m", "minictx.compare.record", "--here"]
    # Whatever environment this runs in has nothing to do with it.
    environ = {key: os.environ[key] for key in os.environ if key != "VIRTUAL_ENV"}
    environ["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    recording: Recording = json.loads(done.stdout)
    return recording


def changes(before: dict[str, Recording], after: dict[str, Recording]) -> list[str]:
    """Return the lines that differ between the answers of two recordings.

    >>> old, new = ({"w": {"answers": {"copied": answer}}} for answer in ("yes", "no"))
    >>> print(*changes(old, new)[2:], sep="\\n")
    @@ -1 +1 @@
    -w: copied: yes
    +w: copied: no
    """
    old, new = _lines(before), _lines(after)
    return list(difflib.unified_diff(old, new, "recorded", "found now", n=0, lineterm=""))


def _lines(recordings: dict[str, Recording]) -> list[str]:
    return [
        f"{key}: {behaviour}: {answer}"
        for key, recording in recordings.items()
        for behaviour, answer in recording["answers"].items()
    ]


def main(arguments: list[str]) -> int:
    """Write the file, or with ``--check`` compare it; return the exit code."""
    if arguments == ["--here"]:
        json.dump(look_here(), sys.stdout)
        return 0
    if arguments not in ([], ["--check"]):
        print("usage: python -m minictx.compare.record [--check]", file=sys.stderr)
        return 2
    found = {key: look_there(packages) for key, packages in PACKAGES.items()}
    if arguments:
        different = changes(json.loads(FILE.read_text()), found)
        print(*different or ["the answers are those of the recording"], sep="\n")
        return 1 if different else 0
    FILE.write_text(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
