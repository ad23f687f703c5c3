"""The commands ``minictx compare`` and ``minictx compare flask``."""

from __future__ import annotations

import json
import os

from rich.console import Console

from minictx.compare import CompareError
from minictx.compare.flask_versions.recordings import VERSIONS, find_scenario, find_version
from minictx.compare.locals import show
from minictx.compare.locals.behaviours import Behaviour
from minictx.compare.locals.implementations import Implementation
from minictx.compare.locals.results import (
    NOT_INSTALLED,
    NOTHING,
    Results,
    find_behaviour,
    find_implementation,
    find_results,
)
from minictx.compare.locals.tracing import choose, trace_behaviour
from minictx.files import write_output

__all__ = ["compare_all", "compare_flask", "compare_one"]

OLDER, NEWER = "1.1.4", "3.1.3"  # which Flasks, by default


def compare_all(form: str = "table") -> None:
    """Print all answers as a "table", "markdown", "html" or "json"."""
    results = find_results()
    if form == "markdown":
        print(show.make_markdown(results), end="")
    elif form == "html":
        from minictx.compare.locals.page import render_page

        print(render_page(results), end="")
    elif form == "json":
        print(results.to_json())
    else:
        show.print_table(results, Console(highlight=False))


def compare_one(key: str, of: str | None = None, page: str | None = None) -> None:
    """Print one behaviour, and the trace of the implementation that is asked for.

    Without one, it is the first that differs from minictx. ``page`` is the name of a file
    for the page of the trace.
    """
    behaviour = find_behaviour(key)
    wanted = None if of is None else find_implementation(of)
    results = find_results([behaviour])
    if wanted is not None:
        check_can_run(behaviour, wanted, results)
    console = Console(highlight=False)
    show.print_behaviour(behaviour, results, console)
    print_trace(behaviour, wanted or choose(behaviour, results), console, page)


def print_trace(
    behaviour: Behaviour, chosen: Implementation | None, console: Console, page: str | None
) -> None:
    """Print the trace, and write its page."""
    from minictx.trace.page import render_page
    from minictx.trace.transcript import print_transcript

    if chosen is None:
        raise CompareError("there is nothing to trace: greenlet is not installed")
    trace = trace_behaviour(behaviour, chosen)
    console.print()
    print_transcript(trace, console)
    if page is not None:
        write_output(page, render_page(trace), "page")
        console.print(f"\nthe trace is in {os.path.abspath(page)}", soft_wrap=True)


def check_can_run(behaviour: Behaviour, wanted: Implementation, results: Results) -> None:
    """Say why there is nothing to trace, if there is nothing."""
    answer = results.answers[behaviour.key][wanted.key]
    if answer == NOT_INSTALLED:
        raise CompareError(
            f"{wanted.package} is not installed: pip install 'minictx[all]' brings it"
        )
    if answer == NOTHING:
        raise CompareError(f"{wanted.title} has no such thing: there is nothing to trace")


def compare_flask(
    scenario: str | None,
    older: str | None,
    newer: str | None,
    page: str | None,
    as_json: bool,
) -> int:
    """Show how a scenario's story differs between two versions; without one, show them all.

    Return the exit code. A CompareError says what is wrong with the arguments.
    """
    key = None if scenario is None else find_scenario(scenario)
    between = find_version(older or OLDER), find_version(newer or NEWER)
    versions = list(between) if older or newer else VERSIONS
    if page is not None:
        from minictx.compare.flask_versions.page import render_page

        write_output(page, render_page(key, *between), "page")
    if as_json:
        _print_json(key, between, versions)
    elif page is None:
        _print(key, between, versions)
    return 0


def _print_json(key: str | None, between: tuple[str, str], versions: list[str]) -> None:
    from minictx.compare.flask_versions.differences import describe_scenario, overview

    print(json.dumps(overview(versions) if key is None else describe_scenario(key, *between)))


def _print(key: str | None, between: tuple[str, str], versions: list[str]) -> None:
    from minictx.compare.flask_versions.show import show_overview, show_scenario

    console = Console(highlight=False)
    if key is None:
        show_overview(versions, console)
    else:
        show_scenario(key, *between, console)
