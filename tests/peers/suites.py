"""Run the released test suites of werkzeug and Flask on werkzeug itself, and on minictx.

python tests/peers/suites.py [NAME ...]
python tests/peers/suites.py --versions
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

sys.path.insert(0, str(ROOT))

from tests.peers.compare import Run, problems, unequal  # noqa: E402
from tests.peers.process import PeerError, python  # noqa: E402
from tests.peers.releases import PAIRS, SUITES, Suite  # noqa: E402
from tests.peers.sdist import unpack  # noqa: E402

ROW = "{:<16} {:<11} {:>11} {:>10} {:>8}  {}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", metavar="NAME", nargs="*", help="a suite: werkzeug-1.0.1")
    parser.add_argument(
        "--versions", action="store_true", help="try each werkzeug from 1.0 to 3.1 instead"
    )
    wish = parser.parse_args(arguments)
    suites = {suite.name: suite for suite in SUITES}
    if unknown := [name for name in wish.names if name not in suites]:
        print(
            f"there is no suite {unknown[0]!r}: choose of {', '.join(suites)}", file=sys.stderr
        )
        return 2
    if wish.versions:
        return finish(list(try_versions()))
    return finish(list(run_suites([suites[name] for name in wish.names or suites])))


def finish(found: Sequence[str]) -> int:
    """Print what is wrong, and return the exit status."""
    for problem in found:
        print(problem)
    return 1 if found else 0


def run(suite: Suite, storage: str | None, folder: Path) -> Run:
    """Run a suite in a new folder, with minictx's ``storage`` in the place of werkzeug's."""
    top = unpack(suite.package, suite.version, folder / "suite")
    report = folder / "report.json"
    replaced = [] if storage is None else ["-m", "minictx.dropin", "--storage", storage]
    done = python(
        suite.requirements,
        [
            *replaced,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "peer_report",
            suite.tests,
        ],
        cwd=top,
        env={"PYTHONPATH": str(only_minictx(folder)), "REPORT_TO": str(report)},
    )
    if not report.exists():
        raise PeerError(f"pytest did not get to its end:\n{done.output}")
    return Run.read(report)


def only_minictx(folder: Path) -> Path:
    """Return a folder to import minictx and the plugin from, and nothing else of ours.

    Not the whole repository: it has a package ``tests``, as suites have.
    """
    path = folder / "path"
    path.mkdir()
    (path / "minictx").symlink_to(ROOT / "minictx")
    shutil.copy(ROOT / "tests/peers/plugin.py", path / "peer_report.py")
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
