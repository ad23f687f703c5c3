"""Run the tests of the extensions on real Flask, of today and of 2021, with minictx below.

python tests/peers/run_extensions.py [--write]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.peers.environment import ROOT, list_in, python
from tests.peers.suites import Run

TESTS = Path("tests/peers/extensions")
PAGE = ROOT / "docs/extensions.md"

STORAGES = ("ident", "contextvar", "werkzeug")  # the last is werkzeug.local as it is

GENERATIONS = {
    "today": """
        flask==3.1.3 werkzeug==3.1.9 click==8.5.1
        flask-sqlalchemy==3.1.1 sqlalchemy==2.1.9 flask-migrate==4.1.0 alembic==1.20.1
        flask-wtf==1.3.0 wtforms==3.3.2 flask-login==0.6.3
        flask-session==0.8.0 redis==8.1.0 sqlacodegen==4.0.4
    """,
    # Flask 1.1 finds `flask db` with pkg_resources, which setuptools has until 81. An older
    # sqlacodegen does not run on Python 3.11.
    "2021": """
        flask==1.1.4 werkzeug==1.0.1 click<8.1 jinja2<3.1 markupsafe<2.1 itsdangerous<2.1
        flask-sqlalchemy==2.5.1 sqlalchemy==1.4.54 flask-migrate==2.7.0 alembic==1.19.2
        flask-wtf==0.15.1 wtforms==2.3.3 flask-login==0.5.0
        flask-session==0.3.2 redis==4.6.0 sqlacodegen==3.0.0rc2 setuptools<81
    """,
}

# {test file: what it tests, and what that is built on}
EXTENSIONS = {
    "test_sqlalchemy": ["Flask-SQLAlchemy", "SQLAlchemy"],
    "test_wtf": ["Flask-WTF", "WTForms"],
    "test_login": ["Flask-Login"],
    "test_session": ["Flask-Session", "redis"],
    "test_migrate": ["Flask-Migrate", "alembic"],
    "test_command": ["Flask", "Werkzeug", "click"],
    "test_sqlacodegen": ["sqlacodegen", "SQLAlchemy"],
}


def run_tests(requirements: str, storage: str) -> Run:
    """Run all tests in an environment of their own."""
    dropin = [] if storage == "werkzeug" else ["-m", "minictx.dropin", "--storage", storage]
    pytest = ["-m", "pytest", "-o", "addopts=", "-rfEs", "-p", "no:cacheprovider"]
    pytest += ["-p", "tests.peers.plugin", "--continue-on-collection-errors", str(TESTS)]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        done = python(
            [*requirements.split(), "pytest", "greenlet"],
            [*dropin, *pytest],
            cwd=ROOT,
            env={
                "PYTHONPATH": str(ROOT),
                "MINICTX_EXTENSIONS_ON": storage,
                "REPORT_TO": str(report),
            },
        )
        run = Run.read(report) if report.exists() else Run({}, {}, {}, {})
    if not all_passed(run):
        print(f"On {storage}:", done.output, sep="\n")
    return run


def results_of(run: Run) -> dict[str, Counter[str]]:
    """Return ``{test file: how many tests ended how}``."""
    results: dict[str, Counter[str]] = {}
    for test, outcome in run.outcomes.items():
        results.setdefault(Path(test.partition("::")[0]).stem, Counter())[outcome] += 1
    return results


def all_passed(run: Run) -> bool:
    """Tell whether all tests of all files have run, and passed."""
    results = results_of(run)
    return results.keys() == EXTENSIONS.keys() and set(run.outcomes.values()) == {"passed"}


def versions_of(file: str, run: Run) -> str:
    """Name the packages that a file tests, with their versions."""
    return ", ".join(f"{name} {run.versions.get(name, '?')}" for name in EXTENSIONS[file])


def print_results(runs: dict[str, Run]) -> None:
    """Print a line for each extension, a column for each storage."""
    for file in EXTENSIONS:
        print(f"{versions_of(file, next(iter(runs.values()))):44}", end="")
        for run in runs.values():
            counts = results_of(run).get(file, Counter())
            found = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
            print(f"{found or 'did not run':14}", end="")
        print()


def as_markdown(generations: list[Run]) -> str:
    """Return the list for the page: the versions of each generation."""
    titles = [f"Flask {run.versions.get('Flask', '?')}" for run in generations]
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for file in EXTENSIONS:
        lines.append(f"| {' | '.join(versions_of(file, run) for run in generations)} |")
    return "\n".join(lines)


def main() -> int:
    """Run everything; return 1 if anything has failed, or did not run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"rewrite the list in {PAGE.name}")
    wish = parser.parse_args()
    generations: list[dict[str, Run]] = []
    for name, requirements in GENERATIONS.items():
        runs = {storage: run_tests(requirements, storage) for storage in STORAGES}
        generations.append(runs)
        print(f"{name:44}" + "".join(f"{storage:14}" for storage in STORAGES))
        print_results(runs)
        print(flush=True)
    if not all(all_passed(run) for runs in generations for run in runs.values()):
        print("Not all tests have passed.")
        return 1
    firsts = [next(iter(runs.values())) for runs in generations]
    table = as_markdown(firsts)
    if wish.write:
        python_version = firsts[0].versions["Python"]
        table = f"Run on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version}:\n\n{table}"
    if not list_in(PAGE, table, wish.write):
        print(f"{PAGE.name} lists other versions: run this with --write.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
