"""Record what old werkzeugs answer, and what each Flask tells: one environment for each.

python -m minictx.compare.record [NAME ...]            writes the files of ``golden`` anew
python -m minictx.compare.record --check [NAME ...]    says what has changed, and writes nothing

A NAME is werkzeug-1.0 or flask-3.1.3; without one, all are recorded. It needs uv, which
installs them.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from minictx.compare import CompareError
from minictx.compare.flask_versions.recordings import PINS, tell
from minictx.compare.flask_versions.scenarios import SCENARIOS
from minictx.compare.locals.implementations import IMPLEMENTATIONS, PACKAGES
from minictx.compare.locals.results import probe

__all__ = ["lines_of", "main"]

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PYTHON = "3.11"  # the oldest that minictx supports, and the newest that the old Flasks support
WIDTH = 118  # characters of a line in a file

Recording = dict[str, Any]  # {"recorded": day, "versions": ..., "answers" or "stories": ...}


@dataclass(frozen=True)
class Subject:
    """A package that is recorded: what to install for it, and where its recording is."""

    packages: list[str]  # the first one is asked
    folder: str
    file: str

    @property
    def path(self) -> Path:
        """Where its recording is."""
        return HERE / self.folder / "golden" / self.file


SUBJECTS = {
    **{key: Subject(needs, "locals", f"{key}.json") for key, needs in PACKAGES.items()},
    **{
        f"flask-{key}": Subject(
            [*needs, "greenlet", "blinker"], "flask_versions", f"{key}.json"
        )
        for key, needs in PINS.items()
    },
}


def main(arguments: list[str] | None = None) -> int:
    """Record, or check; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m minictx.compare.record")
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--here", choices=["flask", "werkzeug"], help=argparse.SUPPRESS)
    parser.add_argument("names", metavar="NAME", nargs="*", help="flask-1.1.4, for instance")
    wish = parser.parse_args(arguments)
    if wish.here is not None:
        json.dump(look_here(wish.here), sys.stdout)
        return 0
    try:
        changed = [update(name, check=wish.check) for name in wish.names or SUBJECTS]
    except CompareError as error:
        parser.error(str(error))
    return 1 if wish.check and any(changed) else 0


def update(name: str, *, check: bool) -> bool:
    """Record one again, and return whether that changed anything; to check, only say what."""
    if name not in SUBJECTS:
        raise CompareError(f"{name} is not recorded; there are {', '.join(SUBJECTS)}")
    path, found = SUBJECTS[name].path, look_there(SUBJECTS[name])
    old = what_matters(json.loads(path.read_text("utf-8"))) if path.exists() else []
    new = what_matters(found)
    print(f"{name}: {'the same' if new == old else 'changed'}")
    if new != old and check:
        print(*difflib.unified_diff(old, new, lineterm="", n=1), sep="\n")
    elif new != old:
        path.write_text("\n".join(lines_of(found)) + "\n", "utf-8")
    return new != old


def look_there(subject: Subject) -> Recording:
    """Return what `look_here` finds in a new environment that has only the packages."""
    uv = shutil.which("uv")
    if uv is None:
        raise CompareError("uv makes the environments, and is not here: pip install uv")
    package, wanted = subject.packages[0].split("==")
    command = [uv, "run", "--quiet", "--isolated", "--no-project", "--python", PYTHON]
    command += [part for each in subject.packages for part in ("--with", each)]
    command += ["python", "-m", "minictx.compare.record", "--here", package]
    # The environment that this runs in must not interfere.
    environ = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    environ["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise CompareError(f"{package} {wanted} cannot be recorded, for the reason above")
    found: Recording = json.loads(done.stdout)
    answered = found["versions"][package]
    if answered != wanted:  # a different one is beside minictx, and was found first
        raise CompareError(f"{package} {answered} answered in the place of {wanted}")
    return found


def look_here(package: str) -> Recording:
    """Return what the werkzeug, or the Flask, of this environment does."""
    versions = {"Python": platform.python_version()}
    for each in ("flask", "werkzeug", "greenlet"):
        try:
            versions[each] = version(each)
        except PackageNotFoundError:
            continue
    recording: Recording = {"recorded": date.today().isoformat(), "versions": versions}
    if package == "werkzeug":
        answers = probe(implementations=[IMPLEMENTATIONS[package]])
        return recording | {"answers": {key: row[package] for key, row in answers.items()}}
    import flask

    return recording | {"stories": {key: tell(each, flask) for key, each in SCENARIOS.items()}}


def what_matters(recording: Recording) -> list[str]:
    """Return a line for each answer or step, and for each version that was asked for."""
    versions = {"versions": recording["versions"]} | recording
    pinned = {key: versions["versions"].get(key) for key in ("flask", "werkzeug")}
    return [
        *(f"{key} {value}" for key, value in pinned.items()),
        *(f"{key}: {answer}" for key, answer in recording.get("answers", {}).items()),
        *(
            f"{key}: {step}"
            for key, story in recording.get("stories", {}).items()
            for step in story
        ),
    ]


def lines_of(recording: Recording) -> Iterator[str]:
    """Yield the lines of a recording's file: JSON, with as many steps in a line as fit.

    >>> stories = {"404": ["push", "pop"], "ok": ["push", "view", "pop"]}
    >>> print(*lines_of({"recorded": "2026-11-20", "stories": stories}), sep="\\n")
    {
    "recorded": "2026-11-20",
    "stories": {
    "404": [ "push", "pop" ],
    "ok": [ "push", "view", "pop" ]
    }
    }
    """
    *heads, last = recording
    yield "{"
    for key in heads:
        yield f"{json.dumps(key)}: {json.dumps(recording[key])},"
    yield f"{json.dumps(last)}: {{"
    if last == "answers":
        yield from _filled(
            [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in recording[last].items()]
        )
    else:
        for number, (key, story) in enumerate(recording[last].items(), 1):
            end = "]" if number == len(recording[last]) else "],"
            yield from _filled(
                [json.dumps(step) for step in story], f"{json.dumps(key)}: [", end
            )
    yield from "}}"


def _filled(items: list[str], start: str = "", end: str = "") -> Iterator[str]:
    line = start
    for word in [*(f"{item}," for item in items[:-1]), *items[-1:], *filter(None, [end])]:
        if line and len(line) + 1 + len(word) > WIDTH:
            yield line
            line = word
        else:
            line = f"{line} {word}".lstrip()
    yield line


if __name__ == "__main__":
    raise SystemExit(main())
