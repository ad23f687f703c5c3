"""Show: all answers as tables, in the terminal or in Markdown; and one behaviour in full."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from minictx.compare.locals.behaviours import BEHAVIOURS, TOPICS, Behaviour, Topic
from minictx.compare.locals.implementations import IMPLEMENTATIONS, Implementation
from minictx.compare.locals.results import NOT_INSTALLED, NOTHING, Results

__all__ = ["make_markdown", "print_behaviour", "print_table"]

LABEL = max(map(len, BEHAVIOURS))  # characters of the first column
CELL = 5  # characters of an answer

# No green and no red: a "yes" may be bad. And the word says it without its colour.
STYLES = {"yes": "cyan", "no": "yellow", NOTHING: "dim"}


def print_table(results: Results, console: Console) -> None:
    """Print a table for each topic; where not all columns fit, one below the other."""
    for topic in TOPICS:
        columns = [each for each in results.columns(topic) if is_there(results, each)]
        for part in in_parts(columns, console.width):
            console.print(make_table(results, topic, part))
            console.print()
    console.print(make_legend(results))
    console.print(
        "\nThe questions:  minictx compare --help"
        "\nOne row:        minictx compare BEHAVIOUR  (its code, all answers, and a trace)"
    )


def is_there(results: Results, implementation: Implementation) -> bool:
    """Return whether an implementation has answers."""
    return results.note(implementation) != NOT_INSTALLED


def in_parts(columns: list[Implementation], width: int) -> Iterator[list[Implementation]]:
    """Yield the columns in parts that fit; a group is not torn apart.

    >>> columns = list(IMPLEMENTATIONS.values())
    >>> [[len(part) for part in in_parts(columns, width)] for width in (100, 95, 80)]
    [[12], [8, 4], [8, 4]]
    """
    most = max((width - LABEL) // (CELL + 1), 4)
    part: list[Implementation] = []
    for _, group in groupby(columns, key=lambda each: each.group):
        members = list(group)
        if part and len(part) + len(members) > most:
            yield part
            part = []
        part += members
    yield part


def make_table(results: Results, topic: Topic, columns: list[Implementation]) -> Table:
    """Return the table of one topic, with these columns."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(Text(topic.title, "bold"), width=LABEL)
    for each in columns:
        table.add_column(Text(each.head, "bold"), width=CELL)
    for behaviour, row in results.rows(topic):
        answers = [row[each.key] for each in columns]
        cells = [Text(shorten(answer), STYLES.get(answer, "")) for answer in answers]
        table.add_row(behaviour.key, *cells)
    return table


def shorten(answer: str) -> str:
    """Return an answer in five characters.

    >>> shorten("yes"), shorten("RecursionError"), shorten("not ** <<")
    ('yes', 'Recu!', 'some')
    """
    if len(answer) <= CELL:
        return answer
    return f"{answer[: CELL - 1]}!" if answer.endswith("Error") else "some"


def make_legend(results: Results) -> Table:
    """Return what the heads of the columns and the short answers stand for."""
    legend = Table.grid(padding=(0, 1))
    for each in IMPLEMENTATIONS.values():
        note = results.note(each)
        title = Text(each.title, "bold").append(f": {note}" if note else "", "not bold")
        legend.add_row(each.head, title)
    legend.add_row()
    legend.add_row(
        "yes", "the answer to the question; what is good for one use is bad for another"
    )
    legend.add_row(
        "same", "it uses what its parent stored; copy: it starts with that; none: empty"
    )
    legend.add_row("all", "of all contexts; here: of the one that runs")
    legend.add_row(NOTHING, "it has no such thing, or there are no greenlets")
    for answer in sorted({each for row in results.answers.values() for each in row.values()}):
        if shorten(answer).endswith("!"):
            legend.add_row(shorten(answer), answer)
    legend.add_row("some", "not all of them: the row itself says which")
    return legend


def print_behaviour(behaviour: Behaviour, results: Results, console: Console) -> None:
    """Print everything about a behaviour but its trace."""
    console.print(Text(behaviour.key, "bold").append(f"  ({behaviour.topic})", "not bold dim"))
    console.print(Text(behaviour.question, "bold"))
    console.print(Text(behaviour.why), "", sep="\n")
    console.print(
        Syntax(behaviour.code, "python", theme="ansi_dark", background_color="default")
    )
    console.print()
    answers = Table.grid(padding=(0, 2))
    for key, answer in results.answers[behaviour.key].items():
        implementation = IMPLEMENTATIONS[key]
        answers.add_row(Text(answer, "bold"), key, implementation.title)
    console.print(answers)


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
