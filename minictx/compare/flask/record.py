"""Record: let real Flasks tell the stories, each in an environment of its own.

``python -m minictx.compare.flask.record`` makes all files of ``golden`` anew; with the names
of versions, only theirs. With ``--check`` it changes nothing, shows what would change, and
exits with 1 if that is anything. It needs uv, which installs the Flasks.
"""

from __future__ import annotations

import argparse
import datetime
import difflib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from minictx.compare.flask.recordings import PINS

__all__ = ["main"]

GOLDEN = Path(__file__).parent / "golden"
ROOT = GOLDEN.parent.parent.parent.parent
PYTHON = "3.11"  # the oldest that minictx runs on: the old Flasks know none that is newer
ABOUT_THE_DAY = {"recorded", "python"}  # these may change, while the stories stay the same

Recording = dict[str, Any]


class RecordError(Exception):
    """Say in one line why nothing can be recorded."""


def main(arguments: list[str] | None = None) -> int:
    """Record, or check; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m minictx.compare.flask.record")
    parser.add_argument("--check", action="store_true", help="change nothing")
    parser.add_argument("versions", metavar="VERSION", nargs="*", help="1.1.4, for instance")
    wish = parser.parse_args(arguments)
    try:
        changed = [update(each, check=wish.check) for each in wish.versions or PINS]
    except RecordError as error:
        parser.error(str(error))
    return 1 if wish.check and any(changed) else 0


def update(version: str, *, check: bool) -> bool:
    """Record a version again, and tell whether that changed; to check, only say how."""
    if version not in PINS:
        raise RecordError(f"Flask {version} is not recorded; there are {', '.join(PINS)}")
    path, recording = GOLDEN / f"{version}.json", ask(version)
    old = what_matters(json.loads(path.read_text("utf-8"))) if path.exists() else {}
    new = what_matters(recording)
    if new == old:
        print(f"Flask {version}: the same")
        return False
    print(f"Flask {version}: changed")
    if check:
        print("\n".join(difflib.unified_diff(lines_of(old), lines_of(new), lineterm="")))
    else:
        path.write_text("\n".join([*lines_of(recording), ""]), "utf-8")
    return True


def ask(version: str) -> Recording:
    """Return what this Flask tells, where nothing is installed but what it needs."""
    uv = shutil.which("uv")
    if uv is None:
        raise RecordError("uv installs the Flasks, and is not here: pip install uv")
    packages = [part for name in PINS[version] for part in ("--with", name)]
    run = subprocess.run(
        [
            *(uv, "run", "--quiet", "--isolated", "--no-project", "--python", PYTHON),
            *(*packages, "--with", "greenlet", "--with", "blinker"),
            *("python", "-m", "minictx.compare.flask.live"),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    if run.returncode:
        raise RecordError(f"Flask {version} cannot be recorded, for the reason above")
    told: Recording = json.loads(run.stdout)
    if told["flask"] != version:  # another one is beside minictx, and was found first
        raise RecordError(f"Flask {told['flask']} answered in the place of {version}")
    return {"recorded": datetime.date.today().isoformat(), **told}


def what_matters(recording: Recording) -> Recording:
    return {key: value for key, value in recording.items() if key not in ABOUT_THE_DAY}


def lines_of(recording: Recording) -> list[str]:
    """Return the lines of a recording's file, one for each step."""
    return json.dumps(recording, indent=1).splitlines()


if __name__ == "__main__":
    sys.exit(main())
