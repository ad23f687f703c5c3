"""Run the released test suites of werkzeug and Flask on werkzeug itself, and on minictx.

python tests/peers/suites.py [NAME ...]
python tests/peers/suites.py --versions
python tests/peers/suites.py --miniflask [--write]
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.peers.environment import ROOT, PeerError, list_in, python, unpack
from tests.peers.releases import MINIFLASK, PAIRS, SUITES, Differences, Suite

PAGE = ROOT / "docs/miniflask.md"
REASON = re.compile(r"([\w.]+) is (left out|a private name) of ")

# {storage: {class: the file that defines it}}
FILES = {
    "ident": {"Local": "local.py", "LocalStack": "stack.py", "LocalProxy": "proxy.py"},
    "contextvar": {
        "Local": "contextual.py",
        "LocalStack": "contextual.py",
        "LocalProxy": "proxy.py",
    },
}

ROW = "{:<16} {:<11} {:>11} {:>10} {:>8}  {}"


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", metavar="NAME", nargs="*", help="a suite: werkzeug-1.0.1")
    parser.add_argument(
        "--versions", action="store_true", help="try each werkzeug from 1.0 to 3.1 instead"
    )
    parser.add_argument(
        "--miniflask", action="store_true", help=f"run Flask's tests on MiniFlask: {PAGE.name}"
    )
    parser.add_argument("--write", action="store_true", help="rewrite the list of that page")
    wish = parser.parse_args(arguments)
    suites = {suite.name: suite for suite in SUITES}
    if unknown := [name for name in wish.names if name not in suites]:
        print(
            f"there is no suite {unknown[0]!r}: choose of {', '.join(suites)}", file=sys.stderr
        )
        return 2
    if wish.versions:
        return finish(list(try_versions()))
    if wish.miniflask:
        return finish(list(try_miniflask(SUITES[-1], wish.write)))
    return finish(list(run_suites([suites[name] for name in wish.names or suites])))


def finish(found: Sequence[str]) -> int:
    """Print what is wrong, and return the exit status."""
    for problem in found:
        print(problem)
    return 1 if found else 0


def run(suite: Suite, storage: str | None, folder: Path) -> Run:
    """Run a suite in a new folder, with minictx's ``storage`` in the place of werkzeug's.

    The storage "miniflask" is that of MiniFlask, which is then in the place of all of Flask.
    """
    top = unpack(suite.package, suite.version, folder / "suite")
    report = folder / "report.json"
    plugins = ["no:cacheprovider", "peer_report"]
    replaced = []
    if storage == "miniflask":
        plugins.append("peer_miniflask")
    elif storage is not None:
        replaced = ["-m", "minictx.dropin", "--storage", storage]
    options = [option for plugin in plugins for option in ("-p", plugin)]
    pytest = ["-m", "pytest", "-q", "--continue-on-collection-errors", *options, suite.tests]
    done = python(
        suite.requirements,
        [*replaced, *pytest],
        cwd=top,
        env={"PYTHONPATH": str(only_minictx(folder)), "REPORT_TO": str(report)},
    )
    if not report.exists():
        raise PeerError(f"pytest did not get to its end:\n{done.output}")
    return Run.read(report)


def only_minictx(folder: Path) -> Path:
    """Return a folder to import minictx and the plugins from, and nothing else of ours.

    Not the whole repository: it has a package ``tests``, as suites have.
    """
    path = folder / "path"
    path.mkdir()
    (path / "minictx").symlink_to(ROOT / "minictx")
    shutil.copy(ROOT / "tests/peers/plugin.py", path / "peer_report.py")
    shutil.copy(ROOT / "tests/peers/miniflask.py", path / "peer_miniflask.py")
    return path


def run_suites(suites: Sequence[Suite]) -> Iterator[str]:
    """Print a table with a row for each suite and storage; yield what is wrong."""
    print(ROW.format("passed", "storage", "on werkzeug", "on minictx", "neither", "differ"))
    for suite in suites:
        try:
            yield from run_suite(suite)
        except PeerError as error:
            yield f"{suite.name}: {error}"


def run_suite(
    suite: Suite, run: Callable[[Suite, str | None, Path], Run] = run
) -> Iterator[str]:
    """Run one suite on werkzeug, and on each storage of minictx; yield what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        werkzeug = run(suite, None, Path(folder, "werkzeug"))
        for storage, known in suite.storages.items():
            minictx = run(suite, storage, Path(folder, storage))
            print_row(suite, storage, werkzeug, minictx)
            for problem in problems(werkzeug, minictx, storage, suite.minimum, known):
                yield f"{suite.name}, {storage}: {problem}"


def print_row(suite: Suite, storage: str, werkzeug: Run, minictx: Run) -> None:
    """Print how many passed where."""
    neither = werkzeug.outcomes.keys() - werkzeug.passed - minictx.passed
    counts = len(werkzeug.passed), len(minictx.passed), len(neither)
    print(ROW.format(suite.name, storage, *counts, len(unequal(werkzeug, minictx))), flush=True)


def try_miniflask(
    suite: Suite, write: bool, run: Callable[[Suite, str | None, Path], Run] = run
) -> Iterator[str]:
    """Run Flask's suite on MiniFlask; write or check the list of what does not pass."""
    with tempfile.TemporaryDirectory() as folder:
        flask = run(suite, None, Path(folder, "flask"))
        mini = run(suite, "miniflask", Path(folder, "miniflask"))
    print(f"{suite.name}: {len(flask.passed)} pass on Flask, {len(mini.passed)} on MiniFlask")
    if len(flask.passed) < suite.minimum:
        yield f"only {len(flask.passed)} tests pass on Flask: at least {suite.minimum} must"
    if str(ROOT / "minictx/proxy.py") not in mini.end["LocalProxy"]:
        yield "MiniFlask was not in the place of Flask"
    reasons = reasons_of(flask, mini, MINIFLASK)
    for test, reason in reasons.items():
        if reason == "wrong":
            yield f"{test}: {mini.messages.get(test, 'was not run').partition(chr(10))[0]}"
    for test in sorted(MINIFLASK.keys() - map(without_parameters, reasons)):
        yield f"{test}: passes, or was not run; take it out of the table"
    if not list_in(PAGE, as_markdown(len(flask.passed), len(mini.passed), reasons), write):
        yield f"{PAGE.name} lists other tests: see what changes, with --write"


def reasons_of(flask: Run, mini: Run, known: Mapping[str, str]) -> dict[str, str]:
    """Return ``{test: reason}`` for each test that passes on Flask, and not on MiniFlask."""
    reasons = {}
    for test in sorted(flask.passed - mini.passed):
        # A file that cannot be imported has failed as a whole.
        message = mini.messages.get(test) or mini.messages.get(test.partition("::")[0], "")
        said = REASON.search(message)
        reasons[test] = known.get(without_parameters(test)) or (
            f"{said[2].removeprefix('a ')}: `{said[1]}`" if said else "wrong"
        )
    return reasons


def without_parameters(test: str) -> str:
    """Return the id of a test function: ``tests/test_it.py::test_in[1]`` without ``[1]``."""
    return test.partition("[")[0]


def as_markdown(on_flask: int, on_miniflask: int, reasons: Mapping[str, str]) -> str:
    """Return what the page says of a run: a row for each file and reason, with its tests."""
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for test, reason in reasons.items():
        file, _, name = without_parameters(test).removeprefix("tests/").partition("::")
        row = rows.setdefault((file, reason), {})
        row[name] = row.get(name, 0) + 1
    lines = [
        f"Of the {on_flask} tests that pass on Flask, {on_miniflask} pass on MiniFlask.",
        "",
        "| file | reason | tests |",
        "|---|---|---|",
    ]
    for (file, reason), tests in sorted(rows.items()):
        names = (name if count == 1 else f"{name} ({count})" for name, count in tests.items())
        lines.append(f"| {file} | {reason} | {', '.join(names)} |")
    return "\n".join(lines)


def try_versions() -> Iterator[str]:
    """Run `smoke.py` on each werkzeug with greenlet, and on the newest without."""
    for storage in ("ident", "contextvar"):
        for version, others in PAIRS.items():
            packages = [f"werkzeug=={version}", *others.split()]
            yield from smoke([*packages, "greenlet"], storage)
        yield from smoke(packages, storage, "--no-greenlet")


def smoke(packages: Sequence[str], storage: str, *options: str) -> Iterator[str]:
    """Run `smoke.py` in an environment of these packages; yield what went wrong."""
    script = str(ROOT / "tests/peers/smoke.py")
    with tempfile.TemporaryDirectory() as folder:
        done = python(
            packages,
            ["-m", "minictx.dropin", "--storage", storage, script, storage, *options],
            cwd=folder,
            env={"PYTHONPATH": str(only_minictx(Path(folder)))},
        )
    if done.status == 0:
        print(done.output, end="", flush=True)
    else:
        yield f"{' '.join(packages)}, {storage}:\n{done.output}"


if __name__ == "__main__":
    sys.exit(main())
