"""The ``minictx compare`` command: all behaviours in a table, or one of them in full."""

from __future__ import annotations

import os

from rich.console import Console

from minictx.compare.behaviours import Behaviour
from minictx.compare.implementations import Implementation
from minictx.compare.names import CompareError, find_behaviour, find_implementation
from minictx.compare.one import choose, print_behaviour, trace_behaviour
from minictx.compare.probe import NOT_INSTALLED, NOTHING
from minictx.compare.results import Results, find_results
from minictx.files import write_output

__all__ = ["compare_all", "compare_one"]


def compare_all(form: str = "table") -> None:
    """Print all answers as a "table", "markdown", "html" or "json"."""
    results = find_results()
    if form == "markdown":
        from minictx.compare.markdown import make_markdown

        print(make_markdown(results), end="")
    elif form == "html":
        from minictx.compare.page import render_page

        print(render_page(results), end="")
    elif form == "json":
        print(results.to_json())
    else:
        from minictx.compare.table import print_table

        print_table(results, Console(highlight=False))


def compare_one(key: str, of: str | None = None, page: str | None = None) -> None:
    """Print one behaviour, and the trace of the implementation that is asked for.

    Without one, it is the first that answers otherwise than minictx. ``page`` is the name
    of a file for the page of the trace.
    """
    behaviour = find_behaviour(key)
    wanted = None if of is None else find_implementation(of)
    results = find_results([behaviour])
    if wanted is not None:
        check_can_run(behaviour, wanted, results)
    console = Console(highlight=False)
    print_behaviour(behaviour, results, console)
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
