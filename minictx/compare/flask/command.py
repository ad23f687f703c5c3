"""The ``minictx compare flask`` command."""

from __future__ import annotations

import json

from minictx.compare.flask.recordings import (
    VERSIONS,
    FlaskCompareError,
    find_scenario,
    find_version,
)
from minictx.files import write_output

__all__ = ["FlaskCompareError", "compare_flask"]

OLDER, NEWER = "1.1.4", "3.1.3"


def compare_flask(
    scenario: str | None,
    older: str | None,
    newer: str | None,
    page: str | None,
    as_json: bool,
) -> int:
    """Show how a scenario's story differs between two versions; without one, show them all.

    Return the exit code. A FlaskCompareError says what is wrong with the arguments.
    """
    key = None if scenario is None else find_scenario(scenario)
    between = find_version(older or OLDER), find_version(newer or NEWER)
    versions = list(between) if older or newer else VERSIONS
    if page is not None:
        from minictx.compare.flask.page import render_page

        write_output(page, render_page(key, *between), "page")
    if as_json:
        _print_json(key, between, versions)
    elif page is None:
        _print(key, between, versions)
    return 0


def _print_json(key: str | None, between: tuple[str, str], versions: list[str]) -> None:
    from minictx.compare.flask.data import describe_scenario, overview

    print(json.dumps(overview(versions) if key is None else describe_scenario(key, *between)))


def _print(key: str | None, between: tuple[str, str], versions: list[str]) -> None:
    from rich.console import Console

    from minictx.compare.flask.show import show_overview, show_scenario

    console = Console(highlight=False)
    if key is None:
        show_overview(versions, console)
    else:
        show_scenario(key, *between, console)
