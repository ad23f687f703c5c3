"""The ``minictx examples`` command: list the example scripts, and run one."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from minictx.errors import MinictxError
from minictx.lessons.example import Example, load_all

__all__ = ["LessonError", "list_examples", "run_example", "trace_example"]


class LessonError(MinictxError):
    """Say in one line which examples there are."""


def list_examples(console: Console) -> None:
    """Print number and idea of each example, chapter by chapter."""
    for chapter, examples in groupby(load_all(), attrgetter("chapter")):
        table = Table.grid(padding=(0, 1))
        for example in examples:
            table.add_row(f"{example.number:>4}", example.idea)
        console.print(chapter, style="bold")
        console.print(table)
        console.print()
    console.print("Run one:        minictx examples NUMBER")
    console.print("See each step:  minictx examples NUMBER --trace")


def find(number: int) -> Example:
    """Return the example of this number."""
    examples = {example.number: example for example in load_all()}
    if number not in examples:
        raise LessonError(f"there is no example {number}: choose from {_ranges(examples)}")
    return examples[number]


def run_example(number: int, arguments: list[str], console: Console) -> int:
    """Run an example as ``python FILE`` does, and return its exit code."""
    example = find(number)
    ask(example, console)
    status = subprocess.run([sys.executable, str(example.path), *arguments]).returncode
    say_where_the_answer_is(example, console)
    return status


def trace_example(number: int, arguments: list[str], console: Console) -> int:
    """Run an example under recording; print the transcript, and write the page."""
    from minictx.trace.page import write_page
    from minictx.trace.script import find_script, run
    from minictx.trace.transcript import print_transcript

    example = find(number)
    ask(example, console)
    trace, status = run(find_script(str(example.path)), arguments)
    print_transcript(trace, console)
    page = Path(tempfile.mkdtemp(prefix="minictx-")) / f"{example.path.stem}.html"
    write_page(trace, page)
    console.print(f"\nThe same as a page, to step through: {page}", soft_wrap=True)
    say_where_the_answer_is(example, console)
    return status


def ask(example: Example, console: Console) -> None:
    """Print the idea and the question, for whoever likes to guess before it runs."""
    console.print(example.idea, style="bold", markup=False)
    console.print(f"Question: {example.question}\n", markup=False)
    console.file.flush()  # the script prints next


def say_where_the_answer_is(example: Example, console: Console) -> None:
    """Print which file to open."""
    path = f"The answer is at the end of {example.path}"
    console.print(f"\n{path}", markup=False, soft_wrap=True)


def _ranges(numbers: dict[int, Example]) -> str:
    return f"{min(numbers)} to {max(numbers)}" if numbers else "none"
