"""How fast is minictx, side by side with its peers? Measure, and say which goals are met.

uv run benchmarks/run.py [--quick] [--json FILE] [--docs] [--from FILE]

Each Python of 3.11, 3.12 and 3.13 that is found runs all operations on minictx and on its
peers, and once more beside werkzeug 1.0.1 and 2.0.3, in environments that uv makes for it. It
takes some minutes. ``--quick`` takes seconds: it measures roughly, with the Python and the
packages that run it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import date
from pathlib import Path
from typing import Any

from arguments import new_file, write_json
from rich.console import Console
from rich.table import Table
from speed.measure import environments, find_pythons, measure, measure_here
from speed.page import write_page
from speed.results import tables

DOCS = Path(__file__).parent.parent / "docs"


def machine() -> dict[str, str]:
    """Return what to know of this machine."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                processor = line.partition(":")[2].strip()
                break
    return {
        "processor": f"{processor}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.machine()}",
        "date": date.today().isoformat(),
    }


def measure_all(quick: bool) -> dict[str, Any]:
    """Measure in all environments, and say on standard error how far it is."""
    found: dict[str, Any] = {}
    if quick:
        here = measure_here()
        version = ".".join(here["versions"]["Python"].split(".")[:2])
        return _described({version: {"today": here}})
    pythons = find_pythons()
    if not pythons:
        raise SystemExit("no Python 3.11, 3.12 or 3.13 was found: install one of them")
    for environment in environments(pythons):
        print(f"Python {environment.python}, {environment.name} ...", file=sys.stderr)
        measured = measure(environment, pythons[environment.python])
        found.setdefault(environment.python, {})[environment.name] = measured
    return _described(found)


def _described(found: dict[str, Any]) -> dict[str, Any]:
    """Add what to know of the machine and the versions."""
    described = machine()
    for version, measured in found.items():
        versions = dict(measured["today"]["versions"])
        python = versions.pop("Python", version)
        described[f"Python {python}"] = ", ".join(map(" ".join, versions.items()))
    return {"machine": described, "pythons": found}


def show(results: dict[str, Any]) -> None:
    """Print all tables."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    for table in tables(results):
        shown = Table(title=table.heading, caption=table.about, title_justify="left")
        for number, title in enumerate(table.titles):
            shown.add_column(title, justify="right" if number > table.has_code else "left")
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown)
        console.print()
    for key, value in results["machine"].items():
        console.print(f"{key}: {value}")


def read(parser: argparse.ArgumentParser, file: Path) -> dict[str, Any]:
    """Return what was saved by --json; say in one line if it was not."""
    try:
        results: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        list(tables(results))
    except OSError as error:
        parser.error(f"cannot read {file}: {error.strerror}")
    except (ValueError, TypeError, LookupError):
        parser.error(f"{file} was not written by --json")
    return results


def main() -> None:
    """Measure, or read what was measured; show it, and write what the options ask for."""
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0],
        epilog="It takes some minutes, and looks for Python 3.11, 3.12 and 3.13: on the path,"
        " and where pyenv has them. Those that it does not find are left out.",
    )
    parser.add_argument(
        "--quick", action="store_true", help="rough figures, for this Python only"
    )
    parser.add_argument("--json", metavar="FILE", type=new_file, help="save what was measured")
    parser.add_argument("--docs", action="store_true", help="write docs/performance.md anew")
    parser.add_argument(
        "--from", dest="source", metavar="FILE", type=Path, help="measure nothing: show this"
    )
    wish = parser.parse_args()
    if wish.quick and wish.docs:
        parser.error("--quick measures roughly, and for one Python: too little for --docs")
    results = read(parser, wish.source) if wish.source else measure_all(wish.quick)
    show(results)
    if wish.json:
        write_json(results, wish.json)
    if wish.docs:
        write_page(results, DOCS)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)  # what a shell says of a command that Ctrl-C ended
