"""The page of a check: what its locals, stacks and proxies did, line by line."""

from __future__ import annotations

from pathlib import Path

from minictx.learn.check import Checker, Result
from minictx.learn.course import Exercise

__all__ = ["NO_TRACE", "PAGE", "TraceError", "write_trace"]

PAGE = "trace.html"  # in the workspace
NO_TRACE = "there is no trace: no check was run to its end"


class TraceError(Exception):
    """Say in one line why a page cannot be written."""


def write_trace(checker: Checker, exercise: Exercise, page: Path) -> Result:
    """Run the checks again, and write a page of the last that ran: the one that failed.

    Where no check was run to its end, there is no page afterwards: not an older one either.
    """
    try:
        page.unlink(missing_ok=True)
        return checker.check(exercise, page)
    except OSError as error:
        raise TraceError(f"cannot write {page}: {error.strerror}") from error
