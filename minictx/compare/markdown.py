"""Markdown: all answers as tables, for the documentation and for handouts."""

from __future__ import annotations

from collections.abc import Iterator

from minictx.compare.behaviours import TOPICS, Topic
from minictx.compare.implementations import IMPLEMENTATIONS
from minictx.compare.results import Results

__all__ = ["make_markdown"]


def make_markdown(results: Results) -> str:
    """Return a table of the implementations, and one for each topic."""
    lines = ["| | implementation |", "|---|---|"]
    for each in IMPLEMENTATIONS.values():
        note = results.note(each)
        lines.append(f"| {each.head} | {each.title}{f': {note}' if note else ''} |")
    for topic in TOPICS:
        lines += ["", f"### {topic.title}", "", *topic_lines(results, topic)]
    return "\n".join(lines) + "\n"


def topic_lines(results: Results, topic: Topic) -> Iterator[str]:
    """Yield the lines of one topic's table."""
    columns = results.columns(topic)
    yield f"| | {' | '.join(each.head for each in columns)} |"
    yield f"|---|{'---|' * len(columns)}"
    for behaviour, row in results.rows(topic):
        cells = [_quote(row[each.key]) for each in columns]
        yield f"| `{behaviour.key}` {behaviour.question} | {' | '.join(cells)} |"


def _quote(answer: str) -> str:
    """Return an answer so that Markdown takes no operator in it for its own."""
    if any(char in answer for char in "*|<"):
        return f"`{answer}`".replace("|", "\\|")
    return answer
