"""Run the tests of the extensions on real Flask, of today and of 2021, with minictx below.

python tests/peers/run_extensions.py [--write]
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parent.parent.parent
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


@dataclass
class Report:
    """What came out of one run of all the tests."""

    versions: dict[str, str] = field(default_factory=dict)
    results: dict[str, Counter[str]] = field(default_factory=dict)  # {test file: ...}

    @property
    def passed(self) -> bool:
        """Return whether all the tests of all the files have run, and passed."""
        return self.results.keys() == EXTENSIONS.keys() and all(
            results.keys() == {"passed"} for results in self.results.values()
        )

    def result(self, file: str) -> str:
        """Say how many tests have passed, failed or were skipped."""
        results = self.results.get(file, Counter())
        return ", ".join(f"{n} {how}" for how, n in results.items()) or "did not run"


def run_tests(requirements: str, storage: str) -> Report:
    """Run all tests in an environment of their own."""
    packages = [*requirements.split(), "pytest", "greenlet"]
    uv = ["uv", "run", "--isolated", "--no-project", "--quiet", "--python", "3.11"]
    uv += [option for package in packages for option in ("--with", package)]
    dropin = [] if storage == "werkzeug" else ["-m", "minictx.dropin", "--storage", storage]
    with tempfile.TemporaryDirectory() as folder:
        xml = Path(folder, "junit.xml")
        pytest = ["-m", "pytest", "-o", "addopts=", "-rfEs", "-p", "no:cacheprovider"]
        run = subprocess.run(
            [
                *uv,
                "python",
                *dropin,
                *pytest,
                f"--junit-xml={xml}",
                "--continue-on-collection-errors",
                str(TESTS),
            ],
            env=os.environ | {"PYTHONPATH": str(ROOT), "MINICTX_EXTENSIONS_ON": storage},
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        report = read_report(xml) if xml.exists() else Report()
    if not report.passed:
        print(f"On {storage}:", run.stdout, run.stderr, sep="\n")
    return report


def read_report(xml: Path) -> Report:
    """Read the results, and the versions that `conftest.py` has noted."""
    report = Report()
    for each in ElementTree.parse(xml).iter():
        if each.tag == "property":
            report.versions[each.attrib["name"]] = each.attrib["value"]
        elif each.tag == "testcase":
            file = each.attrib["classname"].rpartition(".")[2]
            report.results.setdefault(file, Counter())[result_of(each)] += 1
    return report


def result_of(test: ElementTree.Element) -> str:
    """Say how one test ended."""
    tags = {child.tag for child in test}
    return "failed" if tags & {"failure", "error"} else "skipped" if tags else "passed"


def versions_of(file: str, report: Report) -> str:
    """Name the packages that a file tests, with their versions."""
    return ", ".join(f"{name} {report.versions.get(name, '?')}" for name in EXTENSIONS[file])


def print_results(reports: dict[str, Report]) -> None:
    """Print a line for each extension, a column for each storage."""
    for file in EXTENSIONS:
        results = "".join(f"{report.result(file):14}" for report in reports.values())
        print(f"{versions_of(file, next(iter(reports.values()))):44}{results}")


def as_markdown(generations: dict[str, dict[str, Report]]) -> str:
    """Return the list for the page: the versions of each generation."""
    reports = [next(iter(reports.values())) for reports in generations.values()]
    titles = [f"Flask {report.versions.get('Flask', '?')}" for report in reports]
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for file in EXTENSIONS:
        lines.append(f"| {' | '.join(versions_of(file, report) for report in reports)} |")
    return "\n".join(lines)


def write_page(table: str, python: str) -> None:
    """Put the list into the page, with the day."""
    text = f"Run on {datetime.now(UTC):%Y-%m-%d}, with Python {python}:\n\n{table}"
    page = re.sub(
        r"(?s)(<!-- list -->\n).*(\n<!-- end -->)",
        lambda match: f"{match[1]}{text}{match[2]}",
        PAGE.read_text(),
    )
    PAGE.write_text(page)


def main() -> int:
    """Run everything; return 1 if anything has failed, or did not run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"rewrite the list in {PAGE.name}")
    wish = parser.parse_args()
    generations = {}
    for name, requirements in GENERATIONS.items():
        reports = {storage: run_tests(requirements, storage) for storage in STORAGES}
        generations[name] = reports
        print(f"{name:44}" + "".join(f"{storage:14}" for storage in STORAGES))
        print_results(reports)
        print(flush=True)
    every = [report for reports in generations.values() for report in reports.values()]
    if not all(report.passed for report in every):
        print("Not all tests have passed.")
        return 1
    table = as_markdown(generations)
    if wish.write:
        write_page(table, every[0].versions["Python"])
    elif table not in PAGE.read_text():
        print(f"{PAGE.name} lists other versions: run this with --write.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
