"""Run the released test suites of werkzeug and Flask on werkzeug itself, and on minictx.

python tests/peers/suites.py [NAME ...]
python tests/peers/suites.py --versions
python tests/peers/suites.py --miniflask [--write]
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

sys.path.insert(0, str(ROOT))

from tests.peers.compare import Run, problems, unequal  # noqa: E402
from tests.peers.process import PeerError, python  # noqa: E402
from tests.peers.releases import MINIFLASK, PAIRS, SUITES, Suite  # noqa: E402
from tests.peers.sdist import unpack  # noqa: E402

PAGE = ROOT / "docs/miniflask.md"
REASON = re.compile(r"([\w.]+) is (left out|a private name) of ")

ROW = "{:<16} {:<11} {:>11} {:>10} {:>8}  {}"


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
    table = as_markdown(len(flask.passed), len(mini.passed), reasons)
    page = PAGE.read_text()
    head, start, rest = page.partition("<!-- suite -->\n")
    _, end, tail = rest.partition("<!-- end -->")
    if write:
        PAGE.write_text(f"{head}{start}{table}{end}{tail}")
    elif table not in page:
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
    return "\n".join([*lines, ""])


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
