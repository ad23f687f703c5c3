"""The page of a check: what its locals, stacks and proxies did, line by line."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from minictx.files import check_output, write_output
from minictx.learn.check import Checker, Result
from minictx.learn.course import Exercise

__all__ = ["NO_TRACE", "PAGE", "write_trace"]

PAGE = "trace.html"  # in the workspace
NO_TRACE = "there is no trace: no check was run to its end"


def write_trace(checker: Checker, exercise: Exercise, page: Path) -> tuple[Result, bool]:
    """Run the checks again; write a page of the last that ran, which is the one that failed.

    Return what came of the checks, and whether there is a page: there is none if no check was
    run to its end. The page in the workspace would then show an earlier one, so it is removed.
    """
    check_output(page, "page")
    with TemporaryDirectory(prefix="minictx-") as folder:
        written = Path(folder) / PAGE
        result = checker.check(exercise, written)
        if written.exists():
            write_output(page, written.read_bytes(), "page")
            return result, True
    if page == checker.workspace / PAGE:
        page.unlink(missing_ok=True)
    return result, False
