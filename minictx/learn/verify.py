"""Check many exercises; tell the results to a student or a grader, or step through a check."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from minictx.files import check_output, write_output
from minictx.learn.check import Checker, Result, check
from minictx.learn.course import Course, Exercise

__all__ = ["NO_TRACE", "PAGE", "as_json", "as_junit", "as_lines", "check_all", "write_trace"]

Results = Iterable[tuple[Exercise, Result]]


def check_all(
    course: Course, workspace: Path, exercises: Iterable[Exercise]
) -> Iterator[tuple[Exercise, Result]]:
    """Check exercises, several at a time, and yield each result, in their order."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        exercises = list(exercises)
        results = pool.map(lambda each: check(course, each, workspace), exercises)
        yield from zip(exercises, results, strict=True)


def as_lines(exercise: Exercise, result: Result) -> str:
    """Return a line for an exercise, with what to do about it below.

    >>> from minictx.learn.check import Result
    >>> from minictx.learn.course import OURS, Course
    >>> exercise = Course.load(OURS).find("running-dict")
    >>> print(as_lines(exercise, Result("failed", "T1 read what T2 stored")))
    failed   running-dict
             T1 read what T2 stored
    """
    lines = [f"{result.status:8} {exercise.key}", *result.message.splitlines()]
    return "\n         ".join(lines)


def as_json(course: Course, results: Results) -> str:
    """Return the results as JSON."""
    exercises = [
        {
            "name": exercise.key,
            "chapter": exercise.chapter,
            "status": result.status,
            "message": result.message,
            "place": result.place,
            "check": result.check,
            "seconds": result.seconds,
        }
        for exercise, result in results
    ]
    passed = sum(each["status"] == "passed" for each in exercises)
    table = {"version": 1, "course": course.title, "passed": passed, "exercises": exercises}
    return json.dumps(table, indent=1)


def as_junit(course: Course, results: Results) -> bytes:
    """Return the results as JUnit XML, which most CI systems read."""
    suite = ElementTree.Element("testsuite", name=course.title)
    tags = {"failed": "failure", "error": "error", "timeout": "error"}
    counts = dict.fromkeys(("failure", "error"), 0)
    for exercise, result in results:
        names = {"classname": exercise.chapter, "name": exercise.key}
        case = ElementTree.SubElement(suite, "testcase", names, time=f"{result.seconds:.3f}")
        if tag := tags.get(result.status):
            counts[tag] += 1
            message = _clean(result.message)
            ElementTree.SubElement(case, tag, message=message).text = _clean(result.place or "")
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(counts["failure"]))
    suite.set("errors", str(counts["error"]))
    xml: bytes = ElementTree.tostring(suite, encoding="utf-8")
    # The comment says whose file it is: the next run may overwrite it.
    return b'<?xml version="1.0" encoding="utf-8"?>\n<!-- minictx learn verify -->\n' + xml


def _clean(text: str) -> str:
    """Replace the characters that XML does not allow."""
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)


# Step through a check

PAGE = "trace.html"  # in the workspace
NO_TRACE = "there is no trace: no check was run to its end"


def write_trace(checker: Checker, exercise: Exercise, page: Path) -> tuple[Result, bool]:
    """Run the checks again, and trace the last that ran: the one that failed.

    Return the result, and whether there is a page: there is none if no check ran to its end.
    A page in the workspace from an earlier run would mislead then, so it is removed.
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
