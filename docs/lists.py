"""Write examples/README.md and docs/topics.md anew: uv run docs/lists.py

With --check, write nothing, and exit with 1 if one of them is not up to date.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from minictx.examples import Example, load_all

ROOT = Path(__file__).parent.parent
TOPICS: dict[str, list[dict[str, Any]]] = tomllib.loads((ROOT / "docs/topics.toml").read_text())
TITLES = {
    kind: {each["number"]: each["title"] for each in entries}
    for kind, entries in TOPICS.items()
}


def row(*cells: object) -> str:
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def link(example: Example, folder: str = "") -> str:
    return f"[{example.path.stem}]({folder}{example.path.name})"


def examples_page() -> str:
    """Return examples/README.md: each example, with its idea, and what it answers."""
    lines = [
        "# Examples",
        "",
        "In the order of learning. Each shows one idea on one screen, and asks a question:",
        "guess before you run it.",
        "The answer and the whole output stand at the end of each file.",
        "",
        "    uv run examples/08_who_is_running.py    # or: uv run minictx examples 8",
        "    uv run minictx examples 8 --trace       # and see every step of it",
    ]
    for chapter, examples in groupby(load_all(), attrgetter("chapter")):
        lines += ["", f"## {chapter}", "", row("example", "idea", "topic", "learners ask")]
        lines += ["|---|---|---|---|"]
        for example in examples:
            topics = ", ".join(TITLES["topic"][number] for number in example.topics)
            asked = "<br>".join(TITLES["question"][number] for number in example.learners_ask)
            lines.append(row(link(example), example.idea, topics, asked))
    return "\n".join([*lines, ""])


def topics_page() -> str:
    """Return docs/topics.md: each topic and question, with what shows it."""
    return "\n".join(
        [
            "# Topics, and what shows them",
            "",
            "Everything that is linked here runs, and is run by the tests.",
            "",
            *table("topic", attrgetter("topics")),
            "",
            "## What learners ask most",
            "",
            *table("question", attrgetter("learners_ask")),
            "",
        ]
    )


def table(kind: str, numbers_of: Any) -> Iterable[str]:
    yield row("", kind, "shown by")
    yield "|---|---|---|"
    for entry in TOPICS[kind]:
        found = [each for each in load_all() if entry["number"] in numbers_of(each)]
        links = [link(example, "../examples/") for example in found]
        links += [f"[`{path}`](../{path})" for path in entry.get("also", ())]
        yield row(entry["number"], entry["title"], ", ".join(links))


def main() -> int:
    stale = 0
    for path, text in (
        (ROOT / "examples/README.md", examples_page()),
        (ROOT / "docs/topics.md", topics_page()),
    ):
        if path.exists() and path.read_text() == text:
            continue
        if "--check" in sys.argv:
            print(f"{path.relative_to(ROOT)} is not up to date: uv run docs/lists.py")
            stale = 1
        else:
            path.write_text(text)
    return stale


if __name__ == "__main__":
    raise SystemExit(main())
