"""Transcript: a trace as a story in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from minictx.trace.lanes import make_drawing
from minictx.trace.rows import Row, make_rows
from minictx.trace.summary import sum_up, title
from minictx.trace.words import clean

if TYPE_CHECKING:
    from minictx.trace.trace import Trace

__all__ = ["print_transcript"]


def print_transcript(
    trace: Trace,
    console: Console,
    *,
    width: int | None = None,
    limit: int | None = 200,
    plain: bool = False,
) -> None:
    """Print what happened: a row for each event, and a column for each context.

    >>> from minictx.trace.trace import Object, Runner, Trace
    >>> trace = Trace("app.py", {1: Runner(1, "thread", "alice")}, {7: Object(7, "Local", "l")})
    >>> event = {"kind": "set", "n": 1, "t": 0.0, "context": 1, "object": 7}
    >>> event |= {"name": "user", "value": "'a'", "file": "app.py", "line": 3}
    >>> left = {**event, "kind": "left", "n": 2, "left": []}
    >>> trace.events = [{**event, "function": "work"}, left]
    >>> print_transcript(trace, Console(), plain=True)
    app.py: 2 events, 1 thread.
    1. alice, app.py line 3: l.user = 'a'. Now l: {'user': 'a'}.
    2. alice: the recording ends.
    Nothing was left behind.

    Where the columns would be too narrow, each row begins with its context's label
    instead. ``limit`` is the number of rows, None for all. ``plain`` writes a sentence a
    line and draws nothing, for a screen reader.
    """
    arrow = "is" if plain else "->" if console.options.ascii_only else "→"
    rows = list(islice(make_rows(trace, arrow), limit))
    ends = sum_up(trace, rows[-1].last if rows else 0)
    if plain:
        lines = [title(trace), *tell(trace, rows), *ends]
        texts = (Text(line.removesuffix(".") + ".") for line in lines)
    else:
        drawing = make_drawing(trace, rows, console, width or console.width)
        texts = (text for text in drawing.draw(title(trace), ends))
    for text in texts:
        if console.options.ascii_only:
            text.plain = text.plain.encode("ascii", "backslashreplace").decode()
        console.print(text, soft_wrap=True, highlight=False)


def tell(trace: Trace, rows: list[Row]) -> Iterator[str]:
    """Yield a sentence for each row, to be heard rather than seen."""
    for row in rows:
        runner = trace.runners.get(row.event["context"])
        place = f", {row.file} line {row.line}" if row.file else ""
        holding = f". Now {row.holding.text()}" if row.holding else ""
        who = clean(runner.label) if runner else "?"
        yield f"{row.event['n']}. {who}{place}: {row.text}{holding}"
