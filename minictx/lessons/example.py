"""An example script, and what it says about itself: in its docstring and its last comments."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["FOLDER", "Example", "load_all"]

HERE = Path(__file__).parent
# An installed minictx has the scripts beside this file; a checkout has them in its root.
FOLDER = HERE / "examples" if (HERE / "examples").is_dir() else HERE.parent.parent / "examples"


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


@cache
def load_all() -> tuple[Example, ...]:
    """Return all examples, in the order of learning."""
    return tuple(Example.read(path) for path in sorted(FOLDER.glob("[0-9][0-9]_*.py")))


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
