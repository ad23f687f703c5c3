"""The scripts of ``examples/``: find them, run one, and show what each says about itself.

A script says in its docstring what its idea is, and asks a question. The comments at its end
have the answer, the chapter, the topics, and all that it prints.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from minictx.errors import MinictxError

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "FOLDER",
    "Example",
    "NoExampleError",
    "find",
    "list_examples",
    "load_all",
    "run_example",
    "trace_example",
]

HERE = Path(__file__).parent
# An installed minictx has the scripts beside this file; a checkout has them in its root.
FOLDER = HERE / "examples" if (HERE / "examples").is_dir() else HERE.parent / "examples"


@dataclass(frozen=True)
class Example:
    """One script: one idea, and a question that its output answers."""

    path: Path
    idea: str
    question: str
    answer: str
    chapter: str
    topics: tuple[int, ...]  # numbers of docs/topics.toml
    learners_ask: tuple[int, ...]  # the same
    output: str

    @property
    def number(self) -> int:
        """The number that its file name begins with."""
        return int(self.path.name.partition("_")[0])

    @classmethod
    def read(cls, path: Path) -> Example:
        """Read a script, without running it."""
        source = path.read_text(encoding="utf-8")
        docstring = ast.get_docstring(ast.parse(source)) or ""
        notes, _, output = _uncomment(source).partition("\nOutput:\n")
        return cls(
            path,
            idea=_one_line(docstring.partition("\n\n")[0]),
            question=_one_line(docstring.partition("\n\nQuestion: ")[2]),
            answer=_one_line(_note("Answer", notes)),
            chapter=_note("Chapter", notes),
            topics=_numbers(_note("Topics", notes)),
            learners_ask=_numbers(_note("Learners ask", notes)),
            output=output,
        )


class NoExampleError(MinictxError):
    """There is no example of this number."""


@cache
def load_all() -> tuple[Example, ...]:
    """Return all examples, in the order of learning."""
    return tuple(Example.read(path) for path in sorted(FOLDER.glob("[0-9][0-9]_*.py")))


def find(number: int) -> Example:
    """Return the example of this number.

    >>> find(17).path.name
    '17_two_requests.py'
    """
    examples = {example.number: example for example in load_all()}
    if number not in examples:
        there = f"{min(examples)} to {max(examples)}" if examples else "none"
        raise NoExampleError(f"there is no example {number}: choose from {there}")
    return examples[number]


def list_examples(console: Console) -> None:
    """Print the number and the idea of each example, chapter by chapter."""
    from rich.table import Table

    for chapter, examples in groupby(load_all(), attrgetter("chapter")):
        table = Table.grid(padding=(0, 1))
        for example in examples:
            table.add_row(f"{example.number:>4}", example.idea)
        console.print(chapter, style="bold")
        console.print(table)
        console.print()
    console.print("Run one:        minictx examples NUMBER")
    console.print("See each step:  minictx examples NUMBER --trace")


def run_example(number: int, arguments: list[str], console: Console) -> int:
    """Run an example as ``python FILE`` does, and return its exit code."""
    example = find(number)
    _ask(example, console)
    status = subprocess.run([sys.executable, str(example.path), *arguments]).returncode
    _say_where_the_answer_is(example, console)
    return status


def trace_example(number: int, arguments: list[str], console: Console) -> int:
    """Run an example and record it; print the transcript, and write the page."""
    from minictx.trace.page import write_page
    from minictx.trace.script import find_script, run
    from minictx.trace.transcript import print_transcript

    example = find(number)
    _ask(example, console)
    trace, status = run(find_script(str(example.path)), arguments)
    print_transcript(trace, console)
    page = Path(tempfile.mkdtemp(prefix="minictx-")) / f"{example.path.stem}.html"
    write_page(trace, page)
    console.print(f"\nThe same as a page, to step through: {page}", soft_wrap=True)
    _say_where_the_answer_is(example, console)
    return status


def _ask(example: Example, console: Console) -> None:
    """Print the idea and the question, to be guessed before the script runs."""
    console.print(example.idea, style="bold", markup=False)
    console.print(f"Question: {example.question}\n", markup=False)
    console.file.flush()  # the script prints next


def _say_where_the_answer_is(example: Example, console: Console) -> None:
    path = f"The answer is at the end of {example.path}"
    console.print(f"\n{path}", markup=False, soft_wrap=True)


def _uncomment(source: str) -> str:
    """Return what the comments at the end of a script say."""
    lines = source[source.rfind("\n# Answer: ") + 1 :].splitlines()
    return "".join(f"{line.removeprefix('# ').removeprefix('#')}\n" for line in lines)


def _note(name: str, notes: str) -> str:
    found = re.search(rf"^{name}: (.*?)(?:\n\n|\n[A-Z][a-z ]+: |\Z)", notes, re.M | re.S)
    return found[1].strip() if found else ""


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))


def _one_line(text: str) -> str:
    return " ".join(text.split())
